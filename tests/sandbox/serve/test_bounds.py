"""What clients send and do not read: bounded in bytes and in time."""

import contextlib
import socket
from urllib.parse import urlsplit

import pytest

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve import asgi, http
from frontdesk.sandbox.serve.rtm import connection, protocol

from .._rtm_line import Line

GET = b"GET /__sandbox__/clock HTTP/1.1\r\nHost: localhost\r\n"
POST = (
    b"POST /v3.6/agent/action/list_chats HTTP/1.1\r\nHost: localhost\r\n"
    b"Authorization: Bearer dal:sandbox-owner\r\n"
)


@pytest.fixture(scope="module")
def desk():
    with Sandbox("demo", served=True) as desk:
        yield desk


@contextlib.contextmanager
def connected(desk):
    address = urlsplit(desk.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as raw:
        yield raw


def ask(desk, data):
    """Send bytes, and return all that comes until the server ends the connection."""
    with connected(desk) as raw, contextlib.suppress(ConnectionError):
        with contextlib.suppress(ConnectionError):
            raw.sendall(data)
        received = b""
        while chunk := raw.recv(65536):
            received += chunk
            if received.count(b"\r\n\r\n") and b"connection: close" not in received:
                break
        return received
    return b""


def alive(desk):
    assert ask(desk, GET + b"\r\n").startswith(b"HTTP/1.1 200")


LONG_HEADS = {
    "one header": GET + b"X: " + b"y" * 2**17 + b"\r\n\r\n",
    "very many headers": GET + b"X: y\r\n" * 20_000 + b"\r\n",
    "very many empty headers": GET + b"X:\r\n" * 3000 + b"\r\n",
    "one name": GET + b"x" * 2**17 + b": y\r\n\r\n",
    "the address": b"GET /" + b"a" * 2**17 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "the query": b"GET /__sandbox__/calls?" + b"a=1&" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a header without end": GET + b"X: " + b"y" * 2**22,
    "headers without end": GET + b"X: y\r\n" * 2**20,
    "a trailer without end": POST
    + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: "
    + b"y" * 2**22,
    "trailers without end": POST
    + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    + b"X: y\r\n" * 2**20,
}


@pytest.mark.parametrize("head", LONG_HEADS)
def test_heads_are_bounded(desk, head):
    response = ask(desk, LONG_HEADS[head])
    # Who goes on sending may get a reset instead of what was said.
    assert not response or b" 431 " in response.split(b"\r\n")[0] + b" "
    alive(desk)


def test_heads_within_the_bounds_are_fine(desk):
    response = ask(desk, GET + b"X: y\r\n" * 500 + b"Y: " + b"z" * 30_000 + b"\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 200")
    trailed = b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nHost: evil\r\n\r\n"
    assert ask(desk, POST + trailed).startswith(b"HTTP/1.1 200")


def test_a_long_body_in_very_many_chunks_is_no_head(desk):
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    body = b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 40 + b"2\r\n{}\r\n0\r\n\r\n"
    assert ask(desk, POST + body).startswith(b"HTTP/1.1 200")


def was_cut(raw):
    with contextlib.suppress(ConnectionError):
        return raw.recv(1000) == b""
    return True


def test_the_time_of_a_head_is_bounded(desk, monkeypatch):
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.05)
    for begun in (b"G", b"GET / HTTP/1.1\r\n", GET + b"X: ", GET):
        with connected(desk) as raw:
            raw.sendall(begun)
            assert was_cut(raw)
    alive(desk)


def test_the_time_of_the_next_head_is_bounded_too(desk, monkeypatch):
    with connected(desk) as raw:
        raw.sendall(GET + b"\r\n")
        assert raw.recv(10_000).startswith(b"HTTP/1.1 200")
        monkeypatch.setattr(http, "HEAD_SECONDS", 0.05)
        raw.sendall(b"GET /slow")
        assert was_cut(raw)


def test_a_connection_that_says_nothing_ends(monkeypatch):
    monkeypatch.setattr("frontdesk.sandbox.serve.server.KEEP_ALIVE", 0)
    with Sandbox("empty", served=True) as desk, connected(desk) as raw:
        assert raw.recv(1000) == b""


def test_requests_ahead_of_their_responses_are_bounded(desk):
    """Each is parsed and kept until its turn comes; who does not read never gets one."""
    response = ask(desk, (GET + b"\r\n") * 5000)
    assert response.count(b"HTTP/1.1 200") < 5000
    alive(desk)


@pytest.fixture(scope="module")
def long(desk):
    """A request whose response is longer than what the system keeps for a connection."""
    url = desk.client().upload_file(b"x" * 10_000_000, name="a.txt").url
    return f"GET {urlsplit(url).path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def unread(desk, request, count, stack):
    """Open connections that ask for a long response each, and read nothing of it."""
    opened = []
    for _ in range(count):
        raw = stack.enter_context(connected(desk))
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        raw.sendall(request)
        opened.append(raw)
    return opened


def ended(raw):
    """Read what came before the server ended the connection; whether all of it was there."""
    size = 0
    with contextlib.suppress(ConnectionError):
        while size < 10_000_000 and (chunk := raw.recv(2**20)):
            size += len(chunk)
    return size >= 10_000_000


def test_who_reads_nothing_is_cut_after_a_while(desk, long, monkeypatch):
    monkeypatch.setattr(http, "UNREAD_SECONDS", 0.05)
    with contextlib.ExitStack() as stack:
        (raw,) = unread(desk, long, 1, stack)
        server = desk._server._uvicorn
        while not any(one.unsent() for one in server._connections):
            alive(desk)
        while any(one.unsent() for one in server._connections):
            alive(desk)
        assert not ended(raw)


def test_what_waits_to_be_read_is_bounded_in_all(desk, long, monkeypatch):
    monkeypatch.setattr(http, "MAX_STALLED", 10_000)
    with contextlib.ExitStack() as stack:
        opened = unread(desk, long, 3, stack)
        server = desk._server._uvicorn
        while not any(one.unsent() for one in server._connections):
            alive(desk)
        while sum(one.unsent() for one in server._connections) > 10_000:
            alive(desk)
        assert not all(ended(raw) for raw in opened)


def test_long_responses_are_refused_while_too_much_waits(desk, long, monkeypatch):
    monkeypatch.setattr(asgi, "MAX_UNSENT", 100_000)
    with contextlib.ExitStack() as stack:
        unread(desk, long, 1, stack)
        server = desk._server._uvicorn
        while sum(one.unsent() for one in server._connections) <= 100_000:
            alive(desk)
        refused = ask(desk, long)
        assert refused.startswith(b"HTTP/1.1 503")
        alive(desk)


def test_who_reads_slowly_gets_everything(desk, long):
    with contextlib.ExitStack() as stack:
        (raw,) = unread(desk, long, 1, stack)
        alive(desk)
        assert ended(raw)


def test_fragments_of_a_message_are_bounded(desk, monkeypatch):
    monkeypatch.setattr(protocol, "MAX_FRAGMENTS", 50)
    line = Line(desk, "owner")
    with pytest.raises(Exception, match="close"):
        line.socket.send("x" for _ in range(1000))
        line.frame()
    other = Line(desk, "owner")
    other.socket.send(['{"action": "ping", ', "", "", "", '"request_id": "1"}'])
    assert other.response("1") == {}
    other.close()


def test_pings_of_a_client_that_reads_nothing_are_bounded(desk, monkeypatch):
    monkeypatch.setattr(protocol, "MAX_UNSENT", 20_000)
    line = Line(desk, "owner")
    raw = line.socket.socket
    line.socket.close_timeout = 0
    ping = b"\x89\xfd\0\0\0\0" + b"x" * 125
    with pytest.raises(OSError):
        while True:
            raw.sendall(ping * 1000)
    alive(desk)


def test_what_waits_for_a_frozen_connection_is_bounded(desk, monkeypatch):
    monkeypatch.setattr(connection, "MAX_HELD", 100_000)
    line = Line(desk, "owner")
    desk.rtm.freeze(60)
    for _ in range(20):
        desk.rtm.push("x", {"text": "y" * 10_000})
    assert not desk.rtm.connections()
    with contextlib.suppress(Exception):
        line.close()
