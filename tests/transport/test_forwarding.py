"""The proxy on this machine: what it passes on, and what it keeps to itself."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
import urllib3
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from frontdesk.errors import InvalidArgument, ServerError
from frontdesk.parity.observing import Observations
from frontdesk.transport.forwarding import ForwardingProxy


class Echo(BaseHTTPRequestHandler):
    """Responds with what it got."""

    protocol_version = "HTTP/1.1"
    got: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    def respond(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.got.append((self.command, self.path, dict(self.headers.items()), data))
        status = 302 if self.path == "/away" else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://192.0.2.1/elsewhere")
        self.send_header("X-Kept", "yes")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET = do_DELETE = respond

    def log_message(self, format, *args):
        pass


@pytest.fixture
def target():
    Echo.got.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxy(target):
    with ForwardingProxy(target, Observations()) as proxy:
        yield proxy


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
def test_a_request_passes_as_it_is(proxy, target, verb):
    headers = {"Authorization": "Bearer x", "X-Mine": "1", "Connection": "close"}
    path = "/v3.6/agent/action/x?a=1%202&b=%C3%A9"
    body = b"\x00 body" * 100_000 if verb == "POST" else None
    response = urllib3.request(verb, f"{proxy.url}{path}", headers=headers, body=body)
    assert (response.status, response.headers["X-Kept"]) == (200, "yes")
    assert response.data == (body or b"")
    ((got_verb, got_path, got_headers, got_body),) = Echo.got
    assert (got_verb, got_path, got_body) == (verb, path, body or b"")
    assert (got_headers["Authorization"], got_headers["X-Mine"]) == ("Bearer x", "1")
    assert got_headers["Host"] == target.removeprefix("http://")


def test_redirects_are_for_the_client_to_follow(proxy):
    response = urllib3.request("POST", f"{proxy.url}/away", redirect=False)
    assert response.status == 302
    assert response.headers["Location"] == "http://192.0.2.1/elsewhere"


def test_webhooks_are_refused_without_a_place_to_go(proxy):
    response = urllib3.request("POST", f"{proxy.url}/__record__/webhooks", body=b"{}")
    assert response.status == 404
    assert Echo.got == []


def test_a_refused_connection_is_refused_to_the_client_too(served):
    with (
        ForwardingProxy(served.url, Observations()) as proxy,
        pytest.raises(InvalidStatus) as refused,
    ):
        connect(f"ws{proxy.url.removeprefix('http')}/nowhere", proxy=None)
    assert refused.value.response.status_code == 404


def test_a_port_that_is_taken(proxy, target):
    port = int(proxy.url.rpartition(":")[2])
    with pytest.raises(ServerError, match="choose another port"):
        ForwardingProxy(target, Observations(), port=port)


def test_only_this_machine(target):
    with pytest.raises(InvalidArgument, match="this machine"):
        ForwardingProxy(target, Observations(), host="0.0.0.0")


def test_closing_twice_does_no_harm(target):
    proxy = ForwardingProxy(target, Observations())
    proxy.close()
    proxy.close()
