"""Requests that come several at a time, and clients that stop sending."""

import contextlib
import socket
import ssl
from urllib.parse import urlsplit

import pytest

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve import http

HEADERS = b"Host: localhost\r\nAuthorization: Bearer dal:sandbox-owner\r\n"
GET = b"GET /__sandbox__/clock HTTP/1.1\r\nHost: localhost\r\n\r\n"


def start_chat(body=b"{}"):
    size = b"Content-Length: %d\r\n\r\n" % len(body)
    return b"POST /v3.6/agent/action/start_chat HTTP/1.1\r\n" + HEADERS + size + body


@pytest.fixture(scope="module")
def desk():
    with Sandbox("empty", served=True) as desk:
        yield desk


@contextlib.contextmanager
def connected(desk):
    address = urlsplit(desk.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as raw:
        yield raw


def rest(raw):
    """All that comes until the server ends the connection."""
    data = b""
    while chunk := raw.recv(65536):
        data += chunk
    return data


def statuses(data):
    return [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("count", [257, 258, 300, 5000])
def test_of_very_many_requests_the_first_ones_get_their_responses(desk, count, caplog):
    with connected(desk) as raw, contextlib.suppress(ConnectionError):
        raw.sendall(GET * count)
        raw.shutdown(socket.SHUT_WR)
        responses = statuses(rest(raw))
    assert responses == [200] * min(count, http.MAX_PIPELINED + 1)
    assert not caplog.records


def test_none_of_those_without_a_response_is_carried_out(desk, caplog):
    before = len(desk.client().list_chats().chats_summary), len(desk.calls("start_chat"))
    with connected(desk) as raw:
        raw.sendall(start_chat() * 400)
        responses = statuses(rest(raw))
    assert len(responses) == http.MAX_PIPELINED + 1
    assert len(desk.calls("start_chat")) == before[1] + len(responses)
    assert not caplog.records


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_client_that_sends_no_more_gets_its_response(desk, pieces):
    request = start_chat()
    with connected(desk) as raw:
        half = len(request) // pieces
        raw.sendall(request[:half])
        raw.sendall(request[half:])
        raw.shutdown(socket.SHUT_WR)
        response = rest(raw)
    assert statuses(response) == [200]
    assert b'"chat_id"' in response


def test_it_gets_that_of_a_call_that_a_fault_delays(desk):
    desk.fault("latency", "start_chat", seconds=0.2, times=1)
    with connected(desk) as raw:
        raw.sendall(start_chat() + GET)
        raw.shutdown(socket.SHUT_WR)
        assert statuses(rest(raw)) == [200, 200]


@pytest.mark.parametrize("unfinished", [b"GET /", start_chat()[:-1], start_chat()[:40]])
def test_it_gets_those_of_all_that_was_complete(desk, unfinished, caplog):
    calls = len(desk.calls("start_chat"))
    with connected(desk) as raw:
        raw.sendall(start_chat() * 3 + unfinished)
        raw.shutdown(socket.SHUT_WR)
        assert statuses(rest(raw)) == [200] * 3
    assert len(desk.calls("start_chat")) == calls + 3
    assert not caplog.records


@pytest.mark.parametrize("unfinished", [b"", b"GET /", start_chat()[:-1]])
def test_a_client_that_has_not_asked_for_anything_gets_nothing(desk, unfinished):
    with connected(desk) as raw:
        raw.sendall(unfinished)
        raw.shutdown(socket.SHUT_WR)
        assert rest(raw) == b""


def test_after_its_response_too(desk):
    with connected(desk) as raw:
        raw.sendall(GET)
        assert raw.recv(65536).startswith(b"HTTP/1.1 200")
        raw.shutdown(socket.SHUT_WR)
        assert rest(raw) == b""


def test_what_is_no_request_gets_no_response_of_those_before(desk):
    """The responses come in the order of the requests, so the first one is of the first."""
    with connected(desk) as raw:
        raw.sendall(start_chat() + b"nonsense\r\n\r\n")
        assert statuses(rest(raw)) == [200]
    with connected(desk) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        assert statuses(rest(raw)) == [400]


def test_a_client_that_goes_with_many_requests_open_leaves_no_traceback(desk, caplog):
    for _ in range(20):
        with connected(desk) as raw:
            raw.sendall(start_chat() * 50)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    desk.client().list_chats()
    assert not [record for record in caplog.records if record.exc_info]


def test_over_tls_a_client_that_ends_its_side_ends_the_connection(caplog):
    """TLS has no connection of which one side is closed; nothing is logged of it."""
    with Sandbox("empty", served=True, tls=True) as desk:
        address = urlsplit(desk.url)
        context = ssl.create_default_context(cafile=str(desk.ca_path))
        raw = socket.create_connection((address.hostname, address.port), timeout=30)
        with context.wrap_socket(raw, server_hostname=address.hostname) as line:
            line.sendall(start_chat())
            with contextlib.suppress(OSError):
                line.unwrap()
        desk.client().list_chats()
    assert not caplog.records
