"""HTTP at its edges: interim responses, deadlines, sizes, encodings, idle connections."""

import asyncio
import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest

from frontdesk import AsyncAgentClient, errors
from frontdesk.core.http_messages import Headers
from frontdesk.models import Message
from frontdesk.transport import Request
from frontdesk.transport.urllib3 import INTERIM_RESPONSES, Urllib3Transport

from ..loopback import Connection, Got, Loopback, Responder, head, raw, reply
from ..web import TOKEN, Kit

LOOK = "so look before you retry"


def send(client: Any, chat_id: str = "C1") -> str:
    event_id: str = client.send_event(chat_id=chat_id, event=Message(text="hi")).event_id
    return event_id


def first(*parts: bytes, then: Responder | None = None) -> Responder:
    """Some bytes of their own, and the chat of the request as the real response."""

    async def respond(connection: Connection, got: Got) -> bool:
        for part in parts:
            connection.send(part)
            await connection.writer.drain()
        if then is not None:
            return await then(connection, got)
        return await reply({"event_id": got.json["chat_id"]})(connection, got)

    return respond


def drips(data: bytes, every: float = 0.02) -> Responder:
    """Bytes that come one at a time, for as long as the client takes them."""

    async def respond(connection: Connection, got: Got) -> bool:
        for byte in data:
            if connection.writer.is_closing() or connection.reader.at_eof():
                break
            connection.send(bytes([byte]))
            await asyncio.sleep(every)
        return False

    return respond


# Interim responses


@pytest.mark.parametrize("status", [100, 102, 103, 110])
def test_interim_responses_are_skipped(kit: Kit, server: Loopback, status: int) -> None:
    interim = head(status, {"Link": "</style.css>; rel=preload"})
    server.default = first(interim, interim, interim)
    client = kit.client(server)
    chats = [f"C{number}" for number in range(5)]
    assert [send(client, chat) for chat in chats] == chats
    assert server.opened == 1


def test_a_stream_of_interim_responses_ends(server: Loopback) -> None:
    server.default = first(head(103, {}) * (INTERIM_RESPONSES + 1))
    kit = Kit("sync")
    with pytest.raises(errors.ConnectionClosed, match=LOOK):
        send(kit.client(server))
    kit.close()


def test_an_upgrade_that_nobody_asked_for_is_no_response(kit: Kit, server: Loopback) -> None:
    server.respond(first(head(101, {"Upgrade": "websocket", "Connection": "Upgrade"})))
    server.default = reply({"event_id": "E"})
    client = kit.client(server, timeout=2, retry=None)
    with pytest.raises((errors.NotTheAPI, errors.TransportError)):
        send(client)
    assert send(client) == "E"


def test_what_a_server_sends_beyond_its_response_is_not_the_next_one(
    kit: Kit, server: Loopback
) -> None:
    body = b'{"event_id":"stale"}'
    extra = head(200, {"Content-Length": str(len(body))}) + body

    async def twice(connection: Connection, got: Got) -> bool:
        data = b'{"event_id":"E1"}'
        connection.send(head(200, {"Content-Length": str(len(data))}) + data + extra)
        return True

    server.respond(twice)
    server.default = reply({"event_id": "E2"})
    client = kit.client(server, retry=None)
    assert [send(client), send(client)] == ["E1", "E2"]


def test_what_comes_while_the_loop_is_busy_is_not_the_next_response(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.transport.aiohttp.HEARD", 0.0)
    body = b'{"event_id":"stale"}'
    extra = head(200, {"Content-Length": str(len(body))}) + body
    connections: list[Connection] = []

    async def kept(connection: Connection, got: Got) -> bool:
        connections.append(connection)
        return await reply({"event_id": "E1"})(connection, got)

    async def send_extra() -> None:
        connections[0].send(extra)

    async def main() -> None:
        async with AsyncAgentClient(TOKEN, base_url=server.url, retry=None) as client:
            message = Message(text="hi")
            assert (await client.send_event(chat_id="C1", event=message)).event_id == "E1"
            # Blocks this loop until the server, in a thread of its own, has sent it.
            server.run(send_extra())
            assert (await client.send_event(chat_id="C1", event=message)).event_id == "E2"

    server.respond(kept)
    server.default = reply({"event_id": "E2"})
    asyncio.run(main())
    assert server.opened == 2


@pytest.mark.parametrize("over", ["server", "secure"])
def test_a_connection_that_ended_while_the_loop_was_busy_costs_no_call(
    over: str, bundle: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr("frontdesk.transport.aiohttp.HEARD", 0.0)
    server: Loopback = request.getfixturevalue(over)
    server.default = reply({"event_id": "E"})
    trusted = ssl.create_default_context(cafile=str(bundle))

    async def main() -> None:
        async with AsyncAgentClient(
            TOKEN, base_url=server.url, retry=None, ssl_context=trusted
        ) as client:
            for _ in range(3):
                sent = await asyncio.gather(
                    *(client.send_event(chat_id="C1", event=Message(text="hi")) for _ in range(3))
                )
                assert [each.event_id for each in sent] == ["E"] * 3
                server.end_connections()  # blocks this loop

    asyncio.run(main())
    assert len(server.requests) == 9


# The deadline

DRIPPING = {
    "the status line": b"HTTP/1.1 200 OK" + b" " * 500,
    "the headers": b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 500,
    "interim responses": head(103, {}) * 50,
    "the body": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b" " * 500,
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 100,
    "a chunk's size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 500,
    "the trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    + b"X: y\r\n" * 99,
    "a body without length": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * 500,
}


@pytest.mark.parametrize("dripping", DRIPPING)
def test_the_time_out_bounds_the_whole_response(kit: Kit, server: Loopback, dripping: str) -> None:
    server.default = drips(DRIPPING[dripping])
    with pytest.raises(errors.RequestTimeout, match=r"within 0\.2 s") as caught:
        send(kit.client(server, timeout=0.2))
    assert caught.value.maybe_sent
    server.wait_until(lambda: server.open == 0)


@contextmanager
def slow_reader() -> Iterator[str]:
    """A server that takes a few bytes from time to time, and never responds."""
    stop = threading.Event()
    with closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def read() -> None:
            connection, _ = listener.accept()
            with closing(connection), suppress(OSError):
                while not stop.wait(0.02) and connection.recv(4096):
                    pass

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stop.set()
        thread.join(10)


class Chunks:
    """A body of many pieces."""

    length = 64 * 1024 * 400

    def chunks(self) -> Iterator[bytes]:
        for _ in range(400):
            yield b"x" * 64 * 1024


@pytest.mark.parametrize("body", [b"x" * Chunks.length, Chunks()], ids=["whole", "in pieces"])
def test_the_time_out_bounds_a_slow_upload(kit: Kit, body: Any) -> None:
    with slow_reader() as url:
        transport = kit.transport(url)
        request = Request(f"{url}/upload", Headers(), body, 0.3)
        with pytest.raises(errors.RequestTimeout, match=r"within 0\.3 s") as caught:
            kit.run(transport.send(request))
        assert caught.value.maybe_sent
        kit.run(transport.close())


def test_a_proxy_that_drips_its_response_is_given_up(kit: Kit, secure: Loopback) -> None:
    class Dripping(Loopback):
        async def _tunnel(self, connection: Connection, target: str) -> bool:
            return await drips(b"HTTP/1.1 200 " + b"a" * 500)(connection, self.last)

    with Dripping() as proxy, pytest.raises(errors.ConnectError) as caught:
        send(kit.client(secure, proxy=proxy.url, timeout=0.3, retry=None))
    assert not caught.value.maybe_sent
    assert secure.requests == []


def test_the_addresses_of_a_name_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    connects: list[float] = []
    found = socket.getaddrinfo

    def four(host: Any, *args: Any, **options: Any) -> Any:
        return found("127.0.0.1", *args, **options) * 4

    class Slow(socket.socket):
        def connect(self, address: Any) -> None:
            timeout = self.gettimeout()
            assert timeout is not None
            connects.append(timeout)
            raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", four)
    monkeypatch.setattr(socket, "socket", Slow)
    transport = Urllib3Transport("http://many.example:81")
    with pytest.raises(errors.ConnectError, match="nothing responded within 2 s"):
        transport.send(Request("http://many.example:81/x", Headers(), b"", 2.0))
    assert len(connects) == 4
    assert sum(connects) <= 2.0


# Sizes and encodings

SIZED: dict[str, Callable[[bytes], Responder]] = {
    "with its length": reply,
    "until the end": lambda body: raw(b"HTTP/1.1 200 OK\r\n\r\n" + body),
    "in chunks": lambda body: raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
        % (len(body), body)
    ),
    "compressed": lambda body: reply(gzip.compress(body), headers={"Content-Encoding": "gzip"}),
    "compressed twice over": lambda body: reply(
        gzip.compress(body[:40]) + gzip.compress(body[40:]), headers={"Content-Encoding": "x-gzip"}
    ),
}
EVENT = b'{"event_id":"%b"}'
LIMIT = 2000


@pytest.mark.parametrize("sized", SIZED)
def test_a_response_may_have_as_many_bytes_as_allowed(
    kit: Kit, server: Loopback, sized: str
) -> None:
    body = EVENT % (b"E" * (LIMIT - len(EVENT) + 2))
    assert len(body) == LIMIT
    server.default = SIZED[sized](body)
    assert send(kit.client(server, max_response_bytes=LIMIT)).startswith("EEE")
    server.default = SIZED[sized](body + b" ")
    client = kit.client(server, max_response_bytes=LIMIT)
    with pytest.raises(errors.ResponseTooLarge, match="more than 2000 bytes") as caught:
        send(client)
    assert caught.value.maybe_sent
    assert client.meter.requests == 1
    assert send(kit.client(server, max_response_bytes=None)).startswith("EEE")


def test_the_connection_of_a_response_that_is_too_large_is_closed(
    kit: Kit, server: Loopback
) -> None:
    server.respond(reply(b"x" * 5_000_000))
    server.default = reply({"event_id": "E"})
    client = kit.client(server, max_response_bytes=LIMIT)
    with pytest.raises(errors.ResponseTooLarge):
        send(client)
    kit.settle()
    server.wait_until(lambda: server.open == 0)
    assert send(client) == "E"


def test_a_small_body_that_unfolds_to_a_large_one_stops_at_the_limit(
    kit: Kit, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    unzip = zlib.decompressobj

    class Spy:
        def __init__(self, *args: Any) -> None:
            self.real = unzip(*args)

        def decompress(self, *args: Any) -> bytes:
            data: bytes = self.real.decompress(*args)
            sizes.append(len(data))
            return data

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

    monkeypatch.setattr("frontdesk.transport.bodies.zlib.decompressobj", Spy)
    server.default = reply(gzip.compress(b" " * 50_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(errors.ResponseTooLarge):
        send(kit.client(server, max_response_bytes=100_000))
    assert sum(sizes) <= 100_001


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_a_gzip_that_is_cut_short_is_a_lost_response(kit: Kit, server: Loopback, cut: int) -> None:
    data = gzip.compress(EVENT % b"E")[:-cut]
    server.default = reply(data, headers={"Content-Encoding": "gzip"})
    with pytest.raises(errors.ConnectionClosed, match="gzip"):
        send(kit.client(server))


def test_padding_behind_gzip_is_ignored(kit: Kit, server: Loopback) -> None:
    data = gzip.compress(EVENT % b"E") + b"\0" * 20
    server.default = reply(data, headers={"Content-Encoding": "GZip"})
    assert send(kit.client(server)) == "E"


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, br"])
def test_an_encoding_that_nobody_asked_for_is_named(
    kit: Kit, server: Loopback, encoding: str
) -> None:
    server.default = reply(b"\x0b\x01", headers={"Content-Encoding": encoding})
    client = kit.client(server)
    with pytest.raises(errors.NotTheAPI, match=f"'{encoding}', which was not asked for"):
        send(client)
    assert client.meter.requests == 1


def test_an_empty_body_needs_no_decoding(kit: Kit, server: Loopback) -> None:
    server.default = reply(b"", headers={"Content-Encoding": "gzip"})
    with pytest.raises(errors.DecodeError, match="the response is empty"):
        send(kit.client(server))


@pytest.mark.parametrize("length", ["99999999999999", "1e3", "-1", "5_0"])
def test_a_length_that_is_a_lie_costs_no_memory(kit: Kit, server: Loopback, length: str) -> None:
    server.default = raw(b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n{}" % length.encode())
    with pytest.raises(errors.FrontdeskError):
        send(kit.client(server, max_response_bytes=None, timeout=5, retry=None))


def test_headers_are_found_in_any_case(kit: Kit, server: Loopback) -> None:
    server.default = reply({}, headers={"X-Debug-Id": "D1"})
    from frontdesk.actions import FollowChat

    headers = kit.client(server).raw(FollowChat(id="C1")).headers
    for name in ("x-debug-id", "X-Debug-Id", "X-DEBUG-ID"):
        assert headers[name] == headers.get(name) == "D1"
        assert name in headers
    assert headers.get("x-other") is None
    assert headers.get("X-Other", "none") == "none"
    with pytest.raises(KeyError):
        headers["X-Other"]


# Idle connections


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ask(transport: Urllib3Transport, url: str) -> int:
    return transport.send(Request(f"{url}/x", Headers(), b"{}", 20.0)).status


def test_a_connection_that_was_idle_for_long_is_not_used_again(server: Loopback) -> None:
    clock = Clock()
    transport = Urllib3Transport(server.url, idle_seconds=30, clock=clock)
    ask(transport, server.url)
    clock.now += 29
    ask(transport, server.url)
    assert server.opened == 1
    clock.now += 31
    ask(transport, server.url)
    assert server.opened == 2
    server.wait_until(lambda: server.open == 1)
    transport.close()


def test_connections_that_one_thread_does_not_need_are_closed_in_time(server: Loopback) -> None:
    clock = Clock()
    together = threading.Barrier(4)
    transport = Urllib3Transport(server.url, idle_seconds=30, clock=clock)

    async def at_once(connection: Connection, got: Got) -> bool:
        await asyncio.to_thread(together.wait, 10)
        return await reply({})(connection, got)

    server.default = at_once
    threads = [threading.Thread(target=ask, args=(transport, server.url)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert server.open == 4
    server.default = reply({})
    for _ in range(4):
        clock.now += 10
        ask(transport, server.url)
    server.wait_until(lambda: server.open == 1)
    assert server.opened == 4, "the connection in use stays"
    transport.close()


def test_an_async_connection_is_closed_when_it_was_idle_for_long(server: Loopback) -> None:
    from frontdesk.transport.aiohttp import AiohttpTransport

    async def main() -> None:
        transport = AiohttpTransport(server.url, idle_seconds=0.05)
        await transport.send(Request(f"{server.url}/x", Headers(), b"{}", 20.0))
        await asyncio.to_thread(server.wait_until, lambda: server.open == 0)
        await transport.close()

    asyncio.run(main())


def test_an_unused_connection_that_breaks_as_it_is_used_costs_no_call(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    from frontdesk.transport.urllib3 import _Connection

    server.default = reply({"event_id": "E"})
    kit = Kit("sync")
    client = kit.client(server, retry=None)
    send(client)
    server.end_connections()
    # The end is not known yet when the connection is looked at.
    monkeypatch.setattr(_Connection, "is_alive", lambda self: True)
    monkeypatch.setattr(_Connection, "_send_first", _fails_once(_Connection._send_first))
    assert send(client) == "E"
    assert client.meter.requests == 2
    assert len(server.requests) == 2
    kit.close()


def _fails_once(real: Any) -> Any:
    broken: list[int] = []

    def send_first(self: Any, data: bytes) -> None:
        if not broken:
            broken.append(1)
            raise BrokenPipeError(32, "Broken pipe")
        real(self, data)

    return send_first


# Requests as they are sent


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 200_000], ids=["empty", "small", "large"])
def test_a_request_arrives_whole(kit: Kit, server: Loopback, body: bytes) -> None:
    transport = kit.transport(server.url)
    headers = Headers({"X-One": "1", "User-Agent": "tester", "Content-Type": "text/plain"})
    kit.run(transport.send(Request(f"{server.url}/v3.6/a?b=c", headers, body, 10.0)))
    kit.run(transport.close())
    got = server.last
    assert (got.method, got.target, got.body) == ("POST", "/v3.6/a?b=c", body)
    assert got.headers["host"] == f"127.0.0.1:{server.port}"
    assert got.headers["x-one"] == "1"
    assert got.headers["user-agent"] == "tester"
    assert got.headers["accept-encoding"] == "identity"
    assert got.headers["content-length"] == str(len(body))


@pytest.mark.parametrize("headers", [{"X-A": "b\r\nX-Evil: 1"}, {"X-A\n": "b"}, {"X-A": "\0"}])
def test_no_header_can_smuggle_another(kit: Kit, server: Loopback, headers: Any) -> None:
    transport = kit.transport(server.url)
    with pytest.raises(errors.InvalidArgument) as caught:
        kit.run(transport.send(Request(f"{server.url}/x", Headers(headers), b"", 10.0)))
    assert getattr(caught.value, "maybe_sent", True) is False
    kit.run(transport.close())
    assert server.requests == []


def test_a_refusal_in_the_middle_of_an_upload_is_read(server: Loopback) -> None:
    """A server that has read enough says so, and ends the connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            connection.recv(1000)
            body = b'{"error":{"type":"entity_too_large","message":"m"}}'
            connection.sendall(
                head(413, {"Content-Length": str(len(body)), "Connection": "close"}) + body
            )
            connection.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                while connection.recv(65536):
                    pass
            connection.close()

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        kit = Kit("sync")
        client = kit.client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(errors.EntityTooLarge):
            client.upload_file(b"x" * 3_000_000, name="a.bin")
        thread.join(10)
        kit.close()


def test_tokens_are_sent_to_the_server_alone(kit: Kit, server: Loopback) -> None:
    server.default = reply({"event_id": "E"})
    send(kit.client(server))
    assert server.last.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    "unasked",
    [
        head(408, {"Content-Length": "0", "Connection": "close"}),
        head(200, {"Content-Length": "18"}) + b'{"event_id":"EVIL"}'[:18],
    ],
    ids=["408", "second response"],
)
def test_what_comes_over_an_idle_connection_is_no_response_to_the_next_call(
    server: Loopback, kind: str, unasked: bytes
) -> None:
    """The loop that waits meanwhile reads it at once, and the thread that does not never."""
    connections: list[Connection] = []

    async def respond(connection: Connection, got: Got) -> bool:
        connections.append(connection)
        body = b'{"event_id":"%d"}' % len(connections)
        connection.send(head(200, {"Content-Length": str(len(body))}) + body)
        return True

    async def send_unasked() -> None:
        connections[-1].send(unasked)
        await connections[-1].writer.drain()

    server.default = respond
    kit = Kit(kind)
    client = kit.client(server, retry=None)
    ids: list[str] = []
    for _ in range(3):
        ids.append(send(client))
        server.run(send_unasked())
        for _ in range(5):
            kit.settle()
    assert ids == ["1", "2", "3"]
    kit.close()
