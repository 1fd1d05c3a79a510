"""The network guard: what it refuses, what it lets pass, and whatever library asks."""

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from frontdesk.testing.network_guard import RealNetworkRefused, allow_network, refuse_network

uvloop = pytest.importorskip("uvloop")

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("small_heap")

FAR = "192.0.2.1"
LOOPS = [
    pytest.param(asyncio.new_event_loop, id="asyncio"),
    pytest.param(uvloop.new_event_loop, id="uvloop"),
]


@pytest.fixture
def guarded() -> Iterator[None]:
    with refuse_network():
        yield


@pytest.fixture
def port() -> Iterator[int]:
    """A port that listens on every address of this machine, IPv4 and IPv6."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        yield server.getsockname()[1]


def run(main: Callable[[], Awaitable[Any]], loop: Any) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(20):
            return await main()

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(limited())


def udp(family: int = socket.AF_INET) -> socket.socket:
    return socket.socket(family, socket.SOCK_DGRAM)


def on(
    address: Any, method: str, *arguments: Any, family: Any = socket.AF_INET
) -> Callable[[], None]:
    def reach() -> None:
        kind = socket.SOCK_STREAM if method.startswith("connect") else socket.SOCK_DGRAM
        with socket.socket(family, kind) as made:
            getattr(made, method)(*arguments, address)

    return reach


def connect_datagrams() -> None:
    with udp() as made:
        made.connect((FAR, 53))


WAYS_OUT: dict[str, Callable[[], object]] = {
    "connect": on((FAR, 443), "connect"),
    "connect_ex": on((FAR, 443), "connect_ex"),
    "connect, IPv6": on(("2001:db8::1", 443), "connect", family=socket.AF_INET6),
    "connect, mapped": on((f"::ffff:{FAR}", 443), "connect", family=socket.AF_INET6),
    "connect by name": on(("example.com", 443), "connect"),
    "connect_ex by name": on(("example.com", 443), "connect_ex"),
    "bind by name": on(("example.com", 0), "bind"),
    "create_connection": lambda: socket.create_connection((FAR, 443)),
    "datagram": on((FAR, 53), "sendto", b"x"),
    "datagram with flags": on((FAR, 53), "sendto", b"x", 0),
    "datagram by name": on(("example.com", 53), "sendto", b"x"),
    "pieces of a datagram by name": on(("example.com", 53), "sendmsg", [b"x"], [], 0),
    "datagram by sendmsg": on((FAR, 53), "sendmsg", [b"x"], [], 0),
    "datagram, connected": connect_datagrams,
    "datagram, multicast": on(("224.0.0.251", 5353), "sendto", b"x"),
    "datagram, broadcast": on(("255.255.255.255", 9), "sendto", b"x"),
    "getaddrinfo": lambda: socket.getaddrinfo("no-such-name.invalid", 80),
    "getaddrinfo, bytes": lambda: socket.getaddrinfo(b"no-such-name.invalid", 80),
    "gethostbyname": lambda: socket.gethostbyname("no-such-name.invalid"),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex("no-such-name.invalid"),
    "gethostbyaddr": lambda: socket.gethostbyaddr(FAR),
    "getnameinfo": lambda: socket.getnameinfo((FAR, 80), 0),
    "looks like loopback": lambda: socket.getaddrinfo("127.0.0.1.example.com", 80),
    "looks like localhost": lambda: socket.getaddrinfo("localhost.example.com", 80),
    "ends like localhost": lambda: socket.getaddrinfo("notlocalhost", 80),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_way_out_is_closed(way: str, guarded: None) -> None:
    with pytest.raises(RealNetworkRefused, match="frontdesk_client"):
        WAYS_OUT[way]()


def test_names_imported_before_are_guarded_too(guarded: None) -> None:
    import _socket

    with pytest.raises(RealNetworkRefused):
        _socket.getaddrinfo("no-such-name.invalid", 80)
    made = _socket.socket()
    with pytest.raises(RealNetworkRefused):
        made.connect((FAR, 443))
    made.close()


async def sock_connect(loop: asyncio.AbstractEventLoop) -> None:
    with socket.socket() as connection:
        connection.setblocking(False)
        await loop.sock_connect(connection, (FAR, 443))


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(
    "way",
    [
        lambda loop: asyncio.open_connection(FAR, 443),
        lambda loop: asyncio.open_connection("no-such-name.invalid", 443),
        lambda loop: loop.getaddrinfo("no-such-name.invalid", 443),
        lambda loop: loop.getaddrinfo(host="no-such-name.invalid", port=443),
        lambda loop: loop.getnameinfo((FAR, 443)),
        lambda loop: loop.create_server(asyncio.Protocol, "no-such-name.invalid", 0),
        lambda loop: loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(FAR, 53)),
        sock_connect,
    ],
    ids=[
        "address",
        "name",
        "look-up",
        "look-up by keywords",
        "reverse look-up",
        "name to listen at",
        "datagrams",
        "sock_connect",
    ],
)
def test_event_loops_are_guarded(loop: Any, way: Any, guarded: None) -> None:
    async def main() -> None:
        with pytest.raises(RealNetworkRefused):
            await way(asyncio.get_running_loop())

    run(main, loop)


@pytest.mark.parametrize("loop", LOOPS)
def test_datagrams_of_event_loops(loop: Any, guarded: None) -> None:
    class Notes(asyncio.DatagramProtocol):
        def __init__(self) -> None:
            self.transport: Any = None
            self.got: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue()
            self.ended = asyncio.Event()

        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            self.got.put_nowait((data, addr))

        def connection_lost(self, exc: Exception | None) -> None:
            self.ended.set()

    async def main() -> None:
        running = asyncio.get_running_loop()
        transport, one = await running.create_datagram_endpoint(Notes, local_addr=("127.0.0.1", 0))
        _, two = await running.create_datagram_endpoint(Notes, local_addr=("127.0.0.1", 0))
        assert isinstance(one, Notes)
        address = two.transport.get_extra_info("sockname")
        transport.sendto(b"returned", address)
        assert (await two.got.get())[0] == b"returned"
        one.transport.sendto(b"handed over", address)
        assert (await two.got.get())[0] == b"handed over"
        # uvloop raises; asyncio reports it to the protocol or raises.
        for sender in (transport, one.transport):
            with pytest.raises(RealNetworkRefused):
                sender.sendto(b"x", (FAR, 53))
        for protocol in (one, two):
            protocol.transport.close()
            await protocol.ended.wait()
            assert protocol.transport.is_closing()

    run(main, loop)


SPELLINGS = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "0.0.0.0",
    "",
    "localhost",
    "LOCALHOST",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:127.0.0.9",
    "::ffff:7f00:1",
    "0:0:0:0:0:0:0:1",
    b"127.0.0.1",
    bytearray(b"127.0.0.1"),
    b"localhost",
]


@pytest.mark.parametrize("host", SPELLINGS, ids=repr)
def test_every_spelling_of_loopback_passes(host: Any, port: int, guarded: None) -> None:
    family = socket.AF_INET6 if ":" in str(host) else socket.AF_INET
    with socket.socket(family) as connection:
        connection.connect((host, port))
    with udp(family) as sender:
        sender.sendto(b"x", (host, port))
    text = bytes(host).decode() if isinstance(host, (bytes, bytearray)) else host
    socket.getaddrinfo(text or None, port)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1", "0.0.0.0"])
def test_loopback_passes_in_event_loops(loop: Any, host: str, port: int, guarded: None) -> None:
    async def main() -> None:
        _, writer = await asyncio.open_connection(host, port)
        writer.close()
        await writer.wait_closed()

    run(main, loop)


@pytest.mark.parametrize(
    "name",
    [
        "ip6-localhost",
        "ip6-loopback",
        "localhost.",
        "localhost.localdomain",
        "app.localhost",
        "App.LOCALHOST",
        socket.gethostname(),
    ],
)
def test_local_names_may_be_looked_up(name: str, guarded: None) -> None:
    with contextlib.suppress(socket.gaierror):  # whether this machine knows them is another matter
        socket.getaddrinfo(name, 80)


def test_what_servers_do_passes(guarded: None) -> None:
    import http.server

    http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler).server_close()
    socket.getaddrinfo(None, 80, flags=socket.AI_PASSIVE)
    socket.getfqdn("127.0.0.1")
    socket.getaddrinfo(FAR, 80)  # an address needs no look-up
    socket.create_server(("0.0.0.0", 0)).close()


def test_unix_sockets_pass(guarded: None, tmp_path: Any) -> None:
    path = str(tmp_path / "s")
    for address in (path, "\0frontdesk-test"):
        with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as connection:
            server.bind(address)
            server.listen()
            connection.connect(address)
    one, two = socket.socketpair()
    one.send(b"x")
    one.close()
    two.close()


@pytest.mark.parametrize("loop", LOOPS)
def test_unix_sockets_pass_in_event_loops(loop: Any, guarded: None, tmp_path: Any) -> None:
    async def main() -> None:
        path = str(tmp_path / "s")
        ended = asyncio.Event()

        class Closing(asyncio.Protocol):
            def connection_made(self, transport: Any) -> None:
                transport.close()

            def connection_lost(self, exc: Exception | None) -> None:
                ended.set()

        server = await asyncio.get_running_loop().create_unix_server(Closing, path)
        reader, writer = await asyncio.open_unix_connection(path)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        await ended.wait()
        server.close()
        await server.wait_closed()

    run(main, loop)


def test_it_ends_with_its_block() -> None:
    before = dict(vars(uvloop.Loop))
    with refuse_network(), refuse_network():
        assert dict(vars(uvloop.Loop)) != before
        with pytest.raises(RealNetworkRefused):
            connect_datagrams()
    assert dict(vars(uvloop.Loop)) == before
    with contextlib.suppress(OSError):
        connect_datagrams()  # sends nothing


def test_inner_blocks_leave_the_outer_one_on() -> None:
    with refuse_network():
        with refuse_network():
            pass
        for loop in (asyncio.new_event_loop, uvloop.new_event_loop):
            with pytest.raises(RealNetworkRefused):
                run(lambda: asyncio.open_connection(FAR, 443), loop)


def test_it_can_be_lifted_for_a_while() -> None:
    async def connect() -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=(FAR, 53)
        )
        transport.close()

    with refuse_network():
        with allow_network():
            run(connect, asyncio.new_event_loop)
            run(connect, uvloop.new_event_loop)
        for loop in (asyncio.new_event_loop, uvloop.new_event_loop):
            with pytest.raises(RealNetworkRefused):
                run(connect, loop)


def test_an_event_loop_made_before_is_guarded() -> None:
    for factory in (asyncio.new_event_loop, uvloop.new_event_loop):
        loop = factory()
        with refuse_network(), pytest.raises(RealNetworkRefused):
            loop.run_until_complete(asyncio.wait_for(asyncio.open_connection(FAR, 443), 5))
        loop.close()


def test_it_works_where_uvloop_is_missing() -> None:
    program = (
        "import sys\nsys.modules['uvloop'] = None\n"
        "import importlib.util\nreal = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *a: None if name == 'uvloop' else real(name, *a)\n"
        "from frontdesk.testing.network_guard import *\nimport socket\n"
        "with refuse_network():\n"
        "    try:\n        socket.create_connection(('192.0.2.1', 1))\n"
        "    except RealNetworkRefused:\n        print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "refused\n"


@pytest.fixture
def users(pytester: Any) -> Any:
    """A project of a user."""
    return pytester


def run_tests(users: Any) -> Any:
    return users.runpytest_inprocess("-p", "no:randomly", "-p", "no:asyncio")


REACHES_OUT = """
    import asyncio
    import socket
    import urllib.request

    import pytest
    from frontdesk import AgentClient, AsyncAgentClient, ConnectError
    from frontdesk.testing.plugin import RealNetworkRefused

    def test_sync_client(%(fixture)s):
        with pytest.raises((RealNetworkRefused, ConnectError), match="tried to reach api.live"):
            AgentClient("dal:x", proxy="").start_chat()

    def test_async_client(%(fixture)s):
        async def call():
            async with AsyncAgentClient("dal:x", proxy="") as client:
                await client.start_chat()
        with pytest.raises((RealNetworkRefused, ConnectError), match="tried to reach api.live"):
            asyncio.run(call())

    def test_addresses(%(fixture)s):
        for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
            with socket.socket(family) as connection:
                with pytest.raises(RealNetworkRefused, match="frontdesk_client"):
                    connection.connect((address, 443))
                with pytest.raises(RealNetworkRefused):
                    connection.connect_ex((address, 443))

    def test_other_libraries(%(fixture)s):
        with pytest.raises(RealNetworkRefused):
            urllib.request.urlopen("http://example.com/")

    def test_loopback(%(fixture)s):
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(("localhost", server.getsockname()[1])).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 1))
"""


@pytest.mark.parametrize("fixture", ["frontdesk_refuse_network", "refuse_network"])
def test_the_guard_of_one_test(users, fixture):
    users.makepyfile(REACHES_OUT % {"fixture": fixture})
    run_tests(users).assert_outcomes(passed=5)


def test_the_guard_of_all_tests(users):
    users.makeini("[pytest]\nfrontdesk_refuse_network = true\n")
    users.makepyfile(
        REACHES_OUT % {"fixture": ""}
        + """
    @pytest.mark.frontdesk_network
    def test_allowed():
        with socket.socket() as connection:
            connection.settimeout(0.01)
            with pytest.raises(OSError):
                connection.connect(("192.0.2.1", 443))
        """
    )
    run_tests(users).assert_outcomes(passed=6)
