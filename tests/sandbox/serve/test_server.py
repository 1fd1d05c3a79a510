"""Stopping a served sandbox: it takes no time to speak of, whatever its clients do."""

import contextlib
import json
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from frontdesk.errors import FrontdeskError, RequestTimeout
from frontdesk.sandbox import Sandbox

from .._rtm_line import Line
from .test_disk import Served

PATIENCE = 5
"""Far more than it takes, and less than the ten seconds that a slow client would get to end."""
HEAD = (
    "POST /v3.6/agent/action/{} HTTP/1.1\r\nHost: localhost\r\n"
    "Authorization: Bearer dal:sandbox-owner\r\n"
)


@pytest.fixture
def desk():
    desk = Sandbox("demo", served=True)
    yield desk
    desk.close()


def stop(desk):
    began = time.monotonic()
    desk.close()
    assert time.monotonic() - began < PATIENCE


@contextlib.contextmanager
def connected(desk):
    address = urlsplit(desk.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as raw:
        yield raw


def send(raw, name, body=b"{}", *, length=None):
    head = HEAD.format(name) + f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    raw.sendall(head.encode() + body)


def carried_out(desk, name):
    deadline = time.monotonic() + 20
    while not desk.calls(name):
        assert time.monotonic() < deadline


def everything(raw):
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := raw.recv(65536):
            received += chunk
    return received


@pytest.mark.parametrize("kind", ["latency", "slow_body"])
def test_a_call_that_a_fault_delays_gets_its_response_at_once(desk, kind):
    desk.fault(kind, "list_chats", seconds=3600)
    with connected(desk) as raw:
        send(raw, "list_chats")
        carried_out(desk, "list_chats")
        stop(desk)
        response = everything(raw)
    assert response.startswith(b"HTTP/1.1 200")
    assert "found_chats" in json.loads(response.partition(b"\r\n\r\n")[2])


def test_a_call_over_rtm_that_a_fault_delays_gets_its_response_at_once(desk):
    line = Line(desk, "owner")
    desk.fault("latency", "list_chats", seconds=10)
    line.send("list_chats", request_id="1")
    carried_out(desk, "list_chats")
    stop(desk)
    assert "chats_summary" in line.response("1")
    line.close()


def test_a_client_that_has_gone_holds_nothing_up(desk):
    desk.fault("latency", "list_chats", seconds=3600)
    with pytest.raises(RequestTimeout):
        desk.client(timeout=0.2, retry=None).list_chats()
    stop(desk)


def test_a_client_that_sends_slowly_is_cut(desk):
    with connected(desk) as body, connected(desk) as head, connected(desk) as silent:
        send(body, "start_chat", b'{"cont', length=100)
        head.sendall(b"POST /v3.6/agent/action/list_chats HTTP/1.1\r\nHost: loc")
        desk.client().list_chats()
        stop(desk)
        assert b"chat_id" not in everything(body)
        assert everything(head) == everything(silent) == b""


def test_a_client_that_does_not_read_is_cut(desk):
    with connected(desk) as raw, connected(desk) as rest:
        request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        raw.sendall(request * 200)
        rest.sendall(request)
        assert rest.recv(100)
        stop(desk)


def test_an_rtm_client_that_does_not_read_is_cut(desk):
    line = Line(desk, "owner")
    line.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(8):
        desk.rtm.push("x", {"text": "y" * 2**20})
    stop(desk)
    with contextlib.suppress(Exception):
        line.close()


def test_sigterm_ends_the_process_in_good_order(tmp_path):
    served = Served(tmp_path / "desk.db")
    try:
        fault = {"kind": "latency", "seconds": 3600, "methods": ["start_chat"]}
        assert served.post("/__sandbox__/faults", **fault)[0] == 200
        results = []
        caller = threading.Thread(target=lambda: results.append(served.call("start_chat")))
        caller.start()
        deadline = time.monotonic() + 20
        while not served.post_bytes("/__sandbox__/calls", b"", verb="GET")[1]["total"]:
            assert time.monotonic() < deadline
        began = time.monotonic()
        assert served.stop() == (0, "")
        assert time.monotonic() - began < PATIENCE
        caller.join()
    finally:
        served.process.kill()
        served.process.communicate()
    assert results[0][0] == 200


@pytest.mark.soak
@pytest.mark.parametrize("round_", range(10))
def test_it_stops_under_every_kind_of_client(round_):
    desk = Sandbox("demo", served=True, tls=bool(round_ % 2))
    desk.fault("latency", rate=0.3, seconds=3600)
    desk.fault("slow_body", rate=0.3, seconds=3600)
    with contextlib.ExitStack() as stack:
        for number in range(60):
            raw = stack.enter_context(connected(desk))
            if number % 3 == 0:
                raw.sendall(b"POST / HTTP/1.1\r\n")
            elif number % 3 == 1:
                send(raw, "list_chats", length=50)
            else:
                send(raw, "list_chats")
        with contextlib.suppress(FrontdeskError):
            desk.client(timeout=0.2, retry=None).list_chats()
        stop(desk)
