"""What reached the server counts, whatever the call failed with; what did not is free."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from frontdesk import AgentClient, AsyncAgentClient, AsyncAgentRTM, Retry, errors
from frontdesk.models import Message

from ..loopback import Loopback, Responder, drip, head, raw, reply, reset, silence
from ..web import TOKEN, Kit


def send(client: Any) -> str:
    event_id: str = client.send_event(chat_id="C1", event=Message(text="hi")).event_id
    return event_id


async def asend(client: AsyncAgentClient) -> str:
    return (await client.send_event(chat_id="C1", event=Message(text="hi"))).event_id


REACHED: dict[str, Callable[[], Responder]] = {
    "reset": reset,
    "reset within the head": lambda: reset(b"HTTP/1.1 20"),
    "reset within the body": lambda: reset(head(200, {"Content-Length": "50"}) + b"{"),
    "closed": lambda: raw(b""),
    "silence": silence,
    "drip": lambda: drip(pieces=500, every=0.02),
    "not HTTP": lambda: raw(b"SSH-2.0-OpenSSH_9.7\r\n"),
    "bad chunk": lambda: raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"),
    "bad gzip": lambda: reply(b"no", headers={"Content-Encoding": "gzip"}),
    "another encoding": lambda: reply(b"no", headers={"Content-Encoding": "br"}),
    "too large": lambda: reply(b"x" * 5000),
    "huge header": lambda: raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"),
    "many headers": lambda: raw(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 20_000 + b"\r\n"),
    "another version": lambda: raw(b"HTTP/3.0 200 OK\r\n\r\n"),
    "bad status": lambda: raw(b"HTTP/1.1 two hundred\r\n\r\n"),
}


@pytest.mark.parametrize("reached", REACHED)
def test_a_request_that_reached_the_server_counts_once(
    kit: Kit, server: Loopback, reached: str
) -> None:
    server.default = REACHED[reached]()
    client = kit.client(server, timeout=0.5, max_response_bytes=2000, retry=Retry(attempts=2))
    with pytest.raises(errors.FrontdeskError) as caught:
        send(client)
    assert getattr(caught.value, "maybe_sent", True)
    assert client.meter.requests == len(server.requests) == 1


def full_backlog() -> Iterator[str]:
    """An address that takes no further connection."""
    with closing(socket.socket()) as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}"
        for each in waiting:
            each.close()


@pytest.fixture
def backlog() -> Iterator[str]:
    yield from full_backlog()


def test_a_connection_that_is_not_made_in_time_counts_nothing(kit: Kit, backlog: str) -> None:
    client = kit.client(base_url=backlog, timeout=0.2, retry=None)
    with pytest.raises(errors.ConnectError, match="nothing responded within"):
        send(client)
    assert client.meter.requests == 0


def test_cancelled_while_connecting_counts_nothing(backlog: str) -> None:
    async def main() -> None:
        async with AsyncAgentClient(TOKEN, base_url=backlog) as client:
            task = asyncio.ensure_future(asend(client))
            for _ in range(10):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert client.meter.requests == 0

    asyncio.run(main())


def test_cancelled_while_waiting_for_a_response_counts(server: Loopback) -> None:
    server.default = silence()

    async def main() -> None:
        async with AsyncAgentClient(TOKEN, base_url=server.url) as client:
            task = asyncio.ensure_future(asend(client))
            await asyncio.to_thread(server.wait_until, lambda: len(server.requests) == 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert client.meter.requests == 1

    asyncio.run(main())


def test_cancelled_while_waiting_for_a_connection_counts_nothing(server: Loopback) -> None:
    server.default = silence()

    async def main() -> None:
        async with AsyncAgentClient(TOKEN, base_url=server.url) as client:
            tasks = [asyncio.ensure_future(asend(client)) for _ in range(130)]
            await asyncio.to_thread(server.wait_until, lambda: len(server.requests) == 100)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert client.meter.requests == 100

    asyncio.run(main())


def test_a_full_pool_says_so_and_counts_nothing(server: Loopback) -> None:
    server.default = silence()

    async def main() -> None:
        async with AsyncAgentClient(TOKEN, base_url=server.url, retry=None) as client:
            tasks = [asyncio.ensure_future(asend(client)) for _ in range(100)]
            await asyncio.to_thread(server.wait_until, lambda: len(server.requests) == 100)
            with pytest.raises(errors.PoolTimeout, match="all 100 connections") as caught:
                await asend(client.with_options(timeout=0.1, retry=3))
            assert not caught.value.maybe_sent
            assert caught.value.attempts == 1, "waiting longer would help, another try does not"
            assert client.meter.requests == 100
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(main())


def test_an_interrupt_while_connecting_counts_nothing(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    with AgentClient(TOKEN, base_url=server.url) as client:
        monkeypatch.setattr(socket, "getaddrinfo", interrupted)
        with pytest.raises(KeyboardInterrupt):
            send(client)
        assert client.meter.requests == 0


class Stopped(Exception):
    """The user's own error."""


def stops_after(bytes_sent: int) -> Callable[[int, int], None]:
    def progress(sent: int, size: int) -> None:
        if sent > bytes_sent:
            raise Stopped

    return progress


def test_an_upload_that_fails_in_the_middle_counts(kit: Kit, server: Loopback) -> None:
    client = kit.client(server)
    with pytest.raises(Stopped):
        client.upload_file(b"x" * 3_000_000, on_progress=stops_after(500_000))
    assert client.meter.requests == 1


def test_an_upload_that_cannot_begin_counts_nothing(kit: Kit, server: Loopback) -> None:
    class Unreadable:
        length = 100

        def chunks(self) -> Iterator[bytes]:
            raise Stopped
            yield b""

    from frontdesk.core.http_messages import Headers
    from frontdesk.transport import Request

    transport = kit.transport(server.url)
    with pytest.raises(Stopped) as caught:
        kit.run(transport.send(Request(f"{server.url}/x", Headers(), Unreadable(), 5.0)))
    assert caught.value.maybe_sent is False  # type: ignore[attr-defined]
    kit.run(transport.close())
    assert server.requests == []


# Failures that would come again


def test_an_unknown_host_is_tried_once(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    client = kit.client(base_url="https://api.livechat.invalid")
    with pytest.raises(errors.UnknownHost) as caught:
        send(client)
    assert (caught.value.retryable, caught.value.maybe_sent) == (False, False)
    assert caught.value.attempts == 1
    assert isinstance(caught.value.__cause__, OSError)


def test_a_certificate_that_is_not_trusted_is_tried_once(kit: Kit, secure: Loopback) -> None:
    client = kit.client(secure)
    with pytest.raises(errors.CertificateError, match="certificate") as caught:
        send(client)
    assert (caught.value.retryable, caught.value.maybe_sent) == (False, False)
    assert caught.value.attempts == 1
    assert isinstance(caught.value.__cause__, ssl.SSLError)
    assert client.meter.requests == 0


def test_tls_that_is_not_understood_is_tried_once(kit: Kit, server: Loopback) -> None:
    client = kit.client(base_url=server.url.replace("http:", "https:"))
    with pytest.raises(errors.ConnectError, match="TLS") as caught:
        send(client)
    assert caught.value.attempts == 1


def test_a_proxy_that_wants_another_account_is_asked_once(kit: Kit, secure: Loopback) -> None:
    from .test_proxies import Refusing

    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with Refusing(refusal) as proxy, pytest.raises(errors.ConnectError, match="407") as caught:
        send(kit.client(secure, proxy=proxy.url))
    assert caught.value.attempts == 1


def test_a_proxy_that_fails_for_a_while_is_asked_again(kit: Kit, secure: Loopback) -> None:
    from .test_proxies import Refusing

    refusal = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    with Refusing(refusal) as proxy, pytest.raises(errors.ConnectError, match="503") as caught:
        send(kit.client(secure, proxy=proxy.url))
    assert caught.value.attempts == 3


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_refused_connection_to_this_machine_asks_for_the_sandbox(kit: Kit, host: str) -> None:
    client = kit.client(base_url=f"http://{host}:{free_port()}", retry=None)
    with pytest.raises(errors.ConnectError, match="refused the connection") as caught:
        send(client)
    assert "`frontdesk sandbox`" in str(caught.value)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_a_refused_connection_elsewhere_asks_for_no_sandbox(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *args, **more: found("127.0.0.1", *args, **more)
    )
    client = kit.client(base_url=f"http://api.example:{free_port()}", retry=None)
    with pytest.raises(errors.ConnectError, match="it refused the connection") as caught:
        send(client)
    assert "sandbox" not in str(caught.value)


def test_a_refused_connection_of_a_proxy_names_the_proxy(kit: Kit) -> None:
    proxy = f"http://127.0.0.1:{free_port()}"
    client = kit.client(base_url="https://api.example", proxy=proxy, retry=None)
    with pytest.raises(errors.ConnectError, match="the proxy refused the connection"):
        send(client)


# Loops


def test_two_loops_at_once_share_a_client(server: Loopback) -> None:
    client = AsyncAgentClient(TOKEN, base_url=server.url, retry=None, timeout=5)
    together = threading.Barrier(2)
    outcomes: list[str] = []

    async def work() -> None:
        together.wait(10)
        outcomes.extend([await asend(client) for _ in range(20)])

    server.default = reply({"event_id": "E"})
    threads = [threading.Thread(target=asyncio.run, args=(work(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert outcomes == ["E"] * 40
    assert server.opened == 2
    server.wait_until(lambda: server.open == 0)


def test_a_loop_that_ends_or_closes_the_client_ends_no_request_of_another(
    server: Loopback,
) -> None:
    client = AsyncAgentClient(TOKEN, base_url=server.url, retry=None, timeout=20)
    response_now = threading.Event()

    async def held(connection: Any, got: Any) -> bool:
        await asyncio.to_thread(response_now.wait, 10)
        return await reply({"event_id": "late"})(connection, got)

    server.respond(held)
    outcomes: list[str] = []

    async def long() -> None:
        outcomes.append(await asend(client))

    async def short() -> None:
        async with client:
            outcomes.append(await asend(client))

    server.default = reply({"event_id": "E"})
    thread = threading.Thread(target=asyncio.run, args=(long(),))
    thread.start()
    server.wait_until(lambda: len(server.requests) == 1)
    asyncio.run(short())
    response_now.set()
    thread.join(20)
    assert outcomes == ["E", "late"]
    server.wait_until(lambda: server.open == 0)


def test_outside_of_asyncio_the_error_says_what_to_do() -> None:
    """As in trio, where a coroutine of ours is driven by something else than asyncio."""
    client = AsyncAgentClient(TOKEN, base_url="http://127.0.0.1:9")

    def drive(coroutine: Any) -> None:
        try:
            coroutine.send(None)
        finally:
            coroutine.close()

    for _ in range(2):
        with pytest.raises(errors.NoEventLoop, match="in trio, call the sync client") as caught:
            drive(asend(client))
        assert isinstance(caught.value, RuntimeError)
        assert caught.value.__context__ is None
    with pytest.raises(StopIteration):
        drive(client.close())
    assert client.meter.requests == 0


def test_a_transport_outside_of_asyncio_says_so_too(server: Loopback) -> None:
    client = AsyncAgentClient(TOKEN, base_url=server.url)
    server.default = reply({"event_id": "E"})
    asyncio.run(asend(client))
    coroutine = asend(client)
    with pytest.raises(errors.NoEventLoop):
        coroutine.send(None)
    assert client.meter.requests == 1


def test_an_rtm_session_outside_of_asyncio_says_so_too() -> None:
    rtm = AsyncAgentRTM(TOKEN, organization_id="o", base_url="http://127.0.0.1:9")
    with pytest.raises(errors.NoEventLoop):
        rtm.connect().send(None)
