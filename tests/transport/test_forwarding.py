"""The proxy on this machine: what it passes on, and what it keeps to itself."""

from collections.abc import Iterator

import pytest
import urllib3
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from frontdesk.errors import InvalidArgument, ServerError
from frontdesk.parity.observing import Observations
from frontdesk.transport.forwarding import ForwardingProxy

from ..loopback import Got, Loopback, Responder, chosen, reply


def echo(got: Got) -> Responder:
    """Respond with what came."""
    if got.target == "/away":
        return reply(status=302, headers={"Location": "http://192.0.2.1/elsewhere"})
    return reply(got.body, headers={"X-Kept": "yes"})


@pytest.fixture
def target() -> Iterator[Loopback]:
    with Loopback() as target:
        target.default = chosen(echo)
        yield target


@pytest.fixture
def proxy(target):
    with ForwardingProxy(target.url, Observations()) as proxy:
        yield proxy


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
def test_a_request_passes_as_it_is(proxy, target, verb):
    headers = {"Authorization": "Bearer x", "X-Mine": "1", "Connection": "close"}
    path = "/v3.6/agent/action/x?a=1%202&b=%C3%A9"
    body = b"\x00 body" * 100_000 if verb == "POST" else None
    response = urllib3.request(verb, f"{proxy.url}{path}", headers=headers, body=body)
    assert (response.status, response.headers["X-Kept"]) == (200, "yes")
    assert response.data == (body or b"")
    (got,) = target.requests
    assert (got.method, got.target, got.body) == (verb, path, body or b"")
    assert (got.headers["authorization"], got.headers["x-mine"]) == ("Bearer x", "1")
    assert got.headers["host"] == target.url.removeprefix("http://")


def test_redirects_are_for_the_client_to_follow(proxy):
    response = urllib3.request("POST", f"{proxy.url}/away", redirect=False)
    assert response.status == 302
    assert response.headers["Location"] == "http://192.0.2.1/elsewhere"


def test_webhooks_are_refused_without_a_place_to_go(proxy, target):
    response = urllib3.request("POST", f"{proxy.url}/__record__/webhooks", body=b"{}")
    assert response.status == 404
    assert target.requests == []


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
        ForwardingProxy(target.url, Observations(), port=port)


def test_only_this_machine(target):
    with pytest.raises(InvalidArgument, match="this machine"):
        ForwardingProxy(target.url, Observations(), host="0.0.0.0")


def test_closing_twice_does_no_harm(target):
    proxy = ForwardingProxy(target.url, Observations())
    proxy.close()
    proxy.close()
