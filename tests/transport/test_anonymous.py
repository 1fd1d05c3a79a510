"""Requests of which nobody can tell whose they are."""

from frontdesk import ConfigurationClient
from frontdesk.transport.anonymous import UNSENT_TOKEN, AnonymousTransport
from frontdesk.transport.urllib3 import Urllib3Transport

from ..loopback import Loopback, reply


def test_everything_but_the_token_is_sent(server: Loopback) -> None:
    server.default = reply([])
    transport = AnonymousTransport(Urllib3Transport(server.url))
    with ConfigurationClient(
        UNSENT_TOKEN, base_url=server.url, transport=transport, headers={"X-Test": "1"}
    ) as client:
        client.list_webhook_names(version="3.6")
    assert "authorization" not in server.last.headers
    assert server.last.headers["x-test"] == "1"
    assert server.last.json == {"version": "3.6"}
    server.wait_until(lambda: server.open == 0)
