"""The bodies of requests: whose are read at all, how long they may take, and how much is kept."""

import asyncio
import contextlib
import json
import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from frontdesk.errors import ServiceUnavailable
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.calls.web.uploads import MAX_BODY
from frontdesk.sandbox.control.dispatch import MAX_SNAPSHOT
from frontdesk.sandbox.serve import asgi, http
from frontdesk.sandbox.serve.bodies import BodyBudget, Gone, RequestBody

CALL = "/v3.6/agent/action/list_chats"
OWNER = "Authorization: Bearer dal:sandbox-owner\r\n"
LONG = 9_900_000


@pytest.fixture(scope="module")
def desk():
    with Sandbox("demo", served=True) as desk:
        yield desk


@contextlib.contextmanager
def connected(desk):
    address = urlsplit(desk.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as raw:
        yield raw


def head(path=CALL, *, headers=OWNER, length=LONG):
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{size}\r\n\r\n".encode()


def received(raw):
    """The status, and the error's type if there is one, of the response that comes."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while b"\r\n\r\n" not in data and (chunk := raw.recv(65536)):
            data += chunk
        start, _, body = data.partition(b"\r\n\r\n")
        length = int(start.lower().partition(b"content-length: ")[2].split()[0])
        while len(body) < length and (chunk := raw.recv(65536)):
            body += chunk
    content = json.loads(body or b"{}")
    return int(data.split()[1]), content.get("error", {}).get("type")


NOBODYS = {
    "no token": (CALL, "", (401, "authentication")),
    "a token that is none": (CALL, "Authorization: Bearer x\r\n", (401, "authentication")),
    "another region": (CALL, f"{OWNER}X-Region: fra\r\n", (421, "misdirected_request")),
    "no such method": ("/v3.6/agent/action/list_cats", OWNER, (404, "not_found")),
    "no such path": ("/elsewhere", OWNER, (404, "not_found")),
    "a form of nobody": ("/v3.6/agent/action/upload_file", "", (401, "authentication")),
    "another host": (CALL, f"{OWNER}Host: evil.example\r\n", (403, "authorization")),
    "a page": (CALL, f"{OWNER}Origin: https://evil.example\r\n", (403, "authorization")),
    "a page at a control": (
        "/__sandbox__/restore",
        "Origin: https://evil.example\r\n",
        (403, "authorization"),
    ),
}


@pytest.mark.parametrize("length", [LONG, None, 2])
@pytest.mark.parametrize("nobody", NOBODYS)
def test_what_is_refused_anyway_is_refused_without_its_body(desk, monkeypatch, nobody, length):
    monkeypatch.setattr(asgi, "SHORT_SECONDS", 0.05)
    path, headers, expected = NOBODYS[nobody]
    with connected(desk) as raw:
        raw.sendall(head(path, headers=headers, length=length))
        assert received(raw) == expected


def test_its_sender_hears_why_however_much_is_sent(desk):
    with connected(desk) as raw:
        raw.sendall(head(headers=""))
        assert received(raw) == (401, "authentication")
        raw.sendall(b" " * LONG)
        assert raw.recv(1000) == b""


def test_a_short_body_in_another_packet_is_recorded_and_the_connection_goes_on(desk):
    body = b'{"limit": 7}'
    with connected(desk) as raw:
        for _ in range(2):
            raw.sendall(head(headers="", length=len(body)))
            raw.sendall(body)
            assert received(raw) == (401, "authentication")
            call = desk.calls("list_chats")[-1]
            assert (call.request, call.error) == ({"limit": 7}, "authentication")


def test_a_method_that_needs_no_token_is_read(desk):
    with connected(desk) as raw:
        body = b'{"bot_id": "x"}'
        path = "/v3.6/configuration/action/issue_bot_token"
        raw.sendall(head(path, headers="", length=len(body)))
        raw.sendall(body)
        assert received(raw)[0] == 400


def test_uploads_work(desk):
    content = b"x" * 10_000_000
    url = desk.client().upload_file(content, name="a.txt").url
    with connected(desk) as raw:
        raw.sendall(f"GET {urlsplit(url).path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        size = 0
        while size < len(content):
            size += len(raw.recv(2**20))


@pytest.mark.parametrize(("path", "headers"), [(CALL, OWNER), ("/__sandbox__/clock", "")])
@pytest.mark.parametrize("begun", [b"", b"{"])
@pytest.mark.parametrize("length", [LONG, None])
def test_the_time_of_a_body_is_bounded(desk, monkeypatch, path, headers, begun, length):
    monkeypatch.setattr(http, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(http, "BODY_RATE", 2**10)
    if length is None and begun:
        begun = b"%x\r\n%s\r\n" % (len(begun), begun)
    with connected(desk) as raw:
        raw.sendall(head(path, headers=headers, length=min(length or 0, 1000) or length))
        raw.sendall(begun)
        assert received(raw) == (408, "request_timeout")
        assert raw.recv(1000) == b""


def test_a_body_that_drips_is_cut_too(desk, monkeypatch):
    monkeypatch.setattr(http, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(http, "BODY_RATE", 2**20)
    with connected(desk) as raw:
        raw.sendall(head())
        raw.settimeout(0.005)
        data = b""
        while not data:
            with contextlib.suppress(TimeoutError):
                data = raw.recv(1000)
            with contextlib.suppress(ConnectionError):
                raw.sendall(b" ")
        assert data.startswith(b"HTTP/1.1 408")


def test_a_long_body_has_more_time(desk, monkeypatch):
    monkeypatch.setattr(http, "BODY_SECONDS", 0)
    monkeypatch.setattr(http, "BODY_RATE", 10)
    with connected(desk) as raw:
        raw.sendall(head(length=1000) + b"{}")
        assert received(raw)[0] == 408
    with connected(desk) as raw:
        raw.sendall(head(length=2**20) + b" " * 2**19)
        desk.client().list_chats()
        raw.sendall(b" " * (2**19 - 2) + b"{}")
        assert received(raw)[0] == 200


def test_the_bodies_that_wait_are_bounded_together(monkeypatch):
    monkeypatch.setattr(asgi, "BodyBudget", lambda most=10_000_000: BodyBudget(most))
    with Sandbox("demo", served=True) as desk, contextlib.ExitStack() as stack:
        bodies = desk._server.app._bodies
        opened = [stack.enter_context(connected(desk)) for _ in range(4)]
        for raw in opened[:2]:
            raw.sendall(head() + b" " * 4_900_000)
        while bodies.taken < 9_800_000:
            desk.client().list_chats()
        opened[2].sendall(head() + b" " * 1_000_000)
        assert received(opened[2]) == (503, "service_unavailable")
        assert bodies.taken <= 10_000_000
        # Snapshots are restored all the same, and so are calls whose bodies come at once.
        desk.restore(desk.snapshot())
        desk.client().list_chats()
        opened[0].close()
        while bodies.taken > 5_000_000:
            desk.client().list_chats()
        opened[3].sendall(head() + b" " * (LONG // 2))
        opened[1].sendall(b" " * (LONG - 4_900_002) + b"{}")
        assert received(opened[1])[0] in (200, 503)
        for raw in opened:
            raw.close()
        while bodies.taken:
            desk.client().list_chats()


def gather(messages, *, announced=None, limit=100, budget=None):
    left = [{"type": "http.request", "more_body": True, **message} for message in messages]

    async def receive():
        return left.pop(0)

    async def run():
        with RequestBody(receive, announced, limit, budget or BodyBudget()) as body:
            return await body.read()

    return asyncio.run(run())


def test_a_body_gives_back_what_it_took():
    budget = BodyBudget(10)
    parts = [{"body": b"12345"}, {"body": b"67890", "more_body": False}]
    assert gather(parts, budget=budget) == b"1234567890"
    assert budget.taken == 0
    with pytest.raises(ServiceUnavailable):
        gather([*parts[:1], {"body": b"678901", "more_body": False}], budget=budget)
    with pytest.raises(Gone):
        gather([*parts[:1], {"type": "http.disconnect"}], budget=budget)
    assert budget.taken == 0


def test_there_is_room_for_the_longest_snapshot(sandbox):
    asgi.App(sandbox.backend)._snapshots.take(MAX_SNAPSHOT)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("list_chats", "the body must not have more than 10,551,296 bytes"),
        ("upload_file", "Upload limit exceeded (10MB)."),
    ],
)
def test_a_body_that_is_too_long_is_called_a_file_only_if_it_is_one(served, method, message):
    connection = HTTPConnection(urlsplit(served.url).netloc, timeout=20)
    connection.putrequest("POST", f"/v3.6/agent/action/{method}")
    connection.putheader("Authorization", served.tokens["owner"])
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(MAX_BODY + 1))
    connection.endheaders()
    response = connection.getresponse()
    error = json.loads(response.read())["error"]
    connection.close()
    assert (response.status, error["message"]) == (413, message)
