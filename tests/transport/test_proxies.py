"""Proxies, given or from the environment, for plain and for TLS addresses."""

import base64
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk import errors
from frontdesk.models import Message

from ..loopback import Loopback, raw, reply
from ..web import TOKEN, Kit

SECRET = "p%40ss:word"
ACCOUNT = base64.b64encode(b"ann:p@ss:word").decode()


@pytest.fixture
def proxy() -> Iterator[Loopback]:
    with Loopback() as proxy:
        yield proxy


def send(client: Any) -> str:
    event_id: str = client.send_event(chat_id="C1", event=Message(text="hi")).event_id
    return event_id


def trusting(bundle: Any) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(bundle))


def test_a_plain_request_goes_to_the_proxy_with_its_whole_address(
    kit: Kit, proxy: Loopback
) -> None:
    proxy.default = reply({"event_id": "E"})
    client = kit.client(base_url="http://api.example:81", proxy=proxy.url)
    assert [send(client), send(client)] == ["E", "E"]
    assert proxy.last.target == "http://api.example:81/v3.6/agent/action/send_event"
    assert proxy.last.headers["host"] == "api.example:81"
    assert proxy.opened == 1


def test_a_tls_request_goes_through_a_tunnel_that_hides_the_token(
    kit: Kit, proxy: Loopback, secure: Loopback, bundle: Any
) -> None:
    secure.default = reply({"event_id": "E"})
    client = kit.client(secure, proxy=proxy.url, ssl_context=trusting(bundle))
    assert [send(client), send(client)] == ["E", "E"]
    assert [got.method for got in proxy.requests] == ["CONNECT"]
    assert proxy.last.target == f"127.0.0.1:{secure.port}"
    assert "authorization" not in proxy.last.headers
    assert secure.last.headers["authorization"] == f"Bearer {TOKEN}"
    assert secure.opened == 1


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_environment_names_the_proxy_of_tls(
    kit: Kit,
    proxy: Loopback,
    secure: Loopback,
    bundle: Any,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, proxy.url)
    secure.default = reply({"event_id": "E"})
    assert send(kit.client(secure, ssl_context=trusting(bundle))) == "E"
    assert [got.method for got in proxy.requests] == ["CONNECT"]


@pytest.mark.parametrize("value", ["{url}", "{bare}", " {url} ", "{url}/"])
def test_the_environment_names_the_proxy_of_plain_requests(
    kit: Kit, proxy: Loopback, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    bare = f"127.0.0.1:{proxy.port}"
    monkeypatch.setenv("http_proxy", value.format(url=proxy.url, bare=bare))
    proxy.default = reply({"event_id": "E"})
    assert send(kit.client(base_url="http://api.example")) == "E"
    assert proxy.last.target == "http://api.example/v3.6/agent/action/send_event"


@pytest.mark.parametrize("exception", ["127.0.0.1", "*", "other.example,127.0.0.1"])
def test_exceptions_are_called_directly(
    kit: Kit,
    proxy: Loopback,
    server: Loopback,
    monkeypatch: pytest.MonkeyPatch,
    exception: str,
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", exception)
    server.default = reply({"event_id": "E"})
    assert send(kit.client(server)) == "E"
    assert proxy.requests == []


def test_an_empty_text_switches_the_environment_off(
    kit: Kit, proxy: Loopback, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    server.default = reply({"event_id": "E"})
    assert send(kit.client(server, proxy="")) == "E"
    assert proxy.requests == []


def test_a_given_proxy_wins_over_the_environment(
    kit: Kit, proxy: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    proxy.default = reply({"event_id": "E"})
    assert send(kit.client(base_url="http://api.example", proxy=proxy.url)) == "E"


def test_the_proxys_account_is_sent_as_it_is_meant(kit: Kit, proxy: Loopback) -> None:
    proxy.default = reply({"event_id": "E"})
    address = f"http://ann:{SECRET}@127.0.0.1:{proxy.port}"
    assert send(kit.client(base_url="http://api.example", proxy=address)) == "E"
    assert proxy.last.headers["proxy-authorization"] == f"Basic {ACCOUNT}"


def test_the_proxys_account_opens_the_tunnel_and_goes_no_further(
    kit: Kit, proxy: Loopback, secure: Loopback, bundle: Any
) -> None:
    secure.default = reply({"event_id": "E"})
    address = f"http://ann:{SECRET}@127.0.0.1:{proxy.port}"
    assert send(kit.client(secure, proxy=address, ssl_context=trusting(bundle))) == "E"
    assert proxy.last.headers["proxy-authorization"] == f"Basic {ACCOUNT}"
    assert "proxy-authorization" not in secure.last.headers


def test_a_proxy_that_refuses_is_told_and_nothing_was_sent(kit: Kit, secure: Loopback) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with Refusing(refusal) as proxy, pytest.raises(errors.ConnectError, match="407") as caught:
        send(kit.client(secure, proxy=proxy.url, retry=None))
    assert not caught.value.maybe_sent
    assert secure.opened == 0


class Refusing(Loopback):
    """A proxy that responds to every CONNECT like this."""

    def __init__(self, response: bytes) -> None:
        self.refusal = response
        super().__init__()

    async def _tunnel(self, connection: Any, target: str) -> bool:
        return await raw(self.refusal)(connection, self.last)


def test_a_proxy_that_is_down_is_told(kit: Kit, secure: Loopback) -> None:
    with pytest.raises(errors.ConnectError, match="the network and the proxy"):
        send(kit.client(secure, proxy="http://ann:geheim@127.0.0.1:9", retry=None))


@pytest.mark.parametrize(
    "proxy",
    ["socks5://ann:geheim@127.0.0.1:1080", "ftp://x", "http://", "http://x:99999", "http://[::1"],
)
def test_an_impossible_proxy_is_refused_at_once_and_its_password_not_told(
    kit: Kit, proxy: str
) -> None:
    with pytest.raises(errors.InvalidArgument, match="`proxy` must be an HTTP proxy") as caught:
        kit.client(proxy=proxy)
    assert "geheim" not in str(caught.value)


def test_an_impossible_proxy_of_the_environment_is_named(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(errors.InvalidArgument, match="`ALL_PROXY` must be an HTTP proxy"):
        kit.client()
