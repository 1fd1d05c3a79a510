"""Responses that do not come, or not whole: each a clear error, and never a second event."""

import os
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import trustme

from frontdesk import Retry, errors
from frontdesk.models import Message
from frontdesk.sandbox import Sandbox
from frontdesk.transport.failures import Failures

from ..loopback import Connection, Got, Loopback, Responder, drip, raw, reply, reset, silence
from ..web import Kit

LOOK = "so look before you retry"


def send(client: Any) -> Any:
    return client.send_event(chat_id="C1", event=Message(text="hi"))


def read(client: Any) -> Any:
    return client.get_customer(id="X")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


BROKEN = {
    "reset before the response": reset(),
    "reset within the response": reset(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"),
    "closed before the response": raw(b""),
    "truncated body": raw(b'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"event'),
    "truncated chunks": raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"eve\r\n'),
    "not HTTP": raw(b"SSH-2.0-OpenSSH_9.7\r\n"),
    "broken gzip": reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_response_is_an_error_and_nothing_is_sent_twice(
    kit: Kit, server: Loopback, broken: str
) -> None:
    server.default = BROKEN[broken]
    with pytest.raises(errors.ConnectionClosed, match=LOOK) as caught:
        send(kit.client(server))
    assert caught.value.maybe_sent
    assert (caught.value.action, caught.value.attempts) == ("send_event", 1)
    assert len(server.requests) == 1


@pytest.mark.parametrize("broken", BROKEN)
def test_a_read_is_retried_after_a_broken_response(kit: Kit, server: Loopback, broken: str) -> None:
    server.respond(BROKEN[broken], reply({"agent_id": "a", "status": "offline"}))
    client = kit.client(server)
    assert client.raw(_read_action()).status == 200
    assert len(server.requests) == 2


def _read_action() -> Any:
    from frontdesk.actions import GetCustomer

    return GetCustomer(id="X")


def test_half_a_head_is_no_response(kit: Kit, server: Loopback) -> None:
    server.default = raw(b"HTTP/1.1 200 OK\r\nContent-Le")
    with pytest.raises((errors.ConnectionClosed, errors.DecodeError)):
        send(kit.client(server))
    assert len(server.requests) == 1


def test_a_connection_that_ends_unused_costs_no_call(kit: Kit, server: Loopback) -> None:
    server.default = reply({"event_id": "E"})
    client = kit.client(server)
    send(client)
    server.end_connections()
    kit.settle()
    assert send(client).event_id == "E"
    assert len(server.requests) == 2
    assert server.opened == 2


def test_a_refused_connection_is_tried_again_for_every_method(kit: Kit) -> None:
    client = kit.client(base_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(errors.ConnectError, match=r"no connection to 127\.0\.0\.1:") as caught:
        send(client)
    assert not caught.value.maybe_sent
    assert caught.value.attempts == 3
    assert len(kit.pauses) == 2
    assert "check `base_url`, the network and the proxy" in str(caught.value)
    assert str(caught.value).startswith("send_event: ")
    assert client.meter.requests == 0, "what did not reach the server costs nothing"


def test_an_unknown_host_is_told(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    client = kit.client(base_url="https://api.livechat.invalid", retry=None)
    with pytest.raises(errors.ConnectError, match=r"api\.livechat\.invalid cannot be resolved"):
        read(client)


def test_a_sandbox_without_a_socket_is_told() -> None:
    with Sandbox("empty") as sandbox:
        message = str(Failures(sandbox.url).unknown_host())
        assert "make it with `served=True`" in message
        assert "served=True" not in str(Failures("http://api.livechat.invalid").unknown_host())


def test_a_proxy_whose_name_is_unknown_is_told(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    proxy = "http://user:pass-word@proxy.invalid:3128"
    client = kit.client(base_url="https://api.livechat.invalid", retry=None, proxy=proxy)
    with pytest.raises(errors.UnknownHost) as caught:
        read(client)
    text = str(caught.value)
    assert "the proxy proxy.invalid:3128 cannot be resolved" in text
    assert "api.livechat.invalid" not in text
    assert "pass-word" not in text


def test_no_response_in_time_is_a_time_out(kit: Kit, server: Loopback) -> None:
    server.default = silence()
    with pytest.raises(errors.RequestTimeout, match=r"within 0\.1 s") as caught:
        send(kit.client(server, timeout=0.1))
    assert caught.value.maybe_sent
    assert LOOK in str(caught.value)
    assert len(server.requests) == 1


def test_a_body_that_drips_is_a_time_out_too(kit: Kit, server: Loopback) -> None:
    server.default = drip(pieces=200, every=0.02)
    with pytest.raises(errors.RequestTimeout):
        send(kit.client(server, timeout=0.2))


def test_after_a_time_out_the_next_call_has_a_connection_of_its_own(
    kit: Kit, server: Loopback
) -> None:
    server.respond(silence(), drip(pieces=200, every=0.02), reply({"event_id": "E3"}))
    client = kit.client(server, timeout=0.2)
    for _ in range(2):
        with pytest.raises(errors.RequestTimeout):
            send(client)
    assert send(client).event_id == "E3"
    server.wait_until(lambda: server.open == 1)


def test_connecting_in_vain_is_not_taken_for_a_lost_response(kit: Kit) -> None:
    with closing(socket.socket()) as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        client = kit.client(base_url=f"http://127.0.0.1:{address[1]}", timeout=0.2, retry=None)
        with pytest.raises(errors.ConnectError, match="nothing responded within") as caught:
            send(client)
        assert not caught.value.maybe_sent
        for each in waiting:
            each.close()


# TLS


def garbage() -> Responder:
    """Bytes that are no TLS, on a connection that has shaken hands."""

    async def respond(connection: Connection, got: Got) -> bool:
        protocol: Any = connection.writer.transport
        protocol._ssl_protocol._transport.write(b"this is not TLS at all, sorry")
        return False

    return respond


def test_a_tls_failure_after_sending_is_never_taken_for_not_sent(
    kit: Kit, secure: Loopback, bundle: Any
) -> None:
    secure.default = garbage()
    trusted = ssl.create_default_context(cafile=str(bundle))
    with pytest.raises(errors.ConnectionClosed) as caught:
        send(kit.client(secure, ssl_context=trusted))
    assert caught.value.maybe_sent
    assert len(secure.requests) == 1


def test_an_unknown_authority_is_refused(kit: Kit, secure: Loopback) -> None:
    with pytest.raises(errors.ConnectError, match=r"the TLS connection to .* failed") as caught:
        send(kit.client(secure, retry=None))
    assert "check the clock, the host name and the certificate authorities" in str(caught.value)
    assert secure.requests == []


def test_a_certificate_of_another_host_is_refused(
    kit: Kit, secure: Loopback, bundle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    found = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *args, **more: found("127.0.0.1", *args, **more)
    )
    client = kit.client(base_url=f"https://other.example:{secure.port}", retry=None)
    with pytest.raises(errors.ConnectError, match="TLS"):
        send(client)


def test_tls_spoken_to_a_plain_server_is_told(kit: Kit, server: Loopback) -> None:
    client = kit.client(base_url=server.url.replace("http:", "https:"), retry=None)
    with pytest.raises(errors.ConnectError, match="TLS"):
        send(client)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_the_environment_is_trusted(
    kit: Kit, secure: Loopback, bundle: Any, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(bundle))
    secure.default = reply({"event_id": "E"})
    assert send(kit.client(secure)).event_id == "E"


def test_a_bundle_that_is_missing_is_named(
    kit: Kit, secure: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    with pytest.raises(errors.InvalidArgument, match="`REQUESTS_CA_BUNDLE` must name a file"):
        send(kit.client(secure))


def test_the_bundle_of_a_later_client_may_be_another_one(
    kit: Kit, secure: Loopback, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or another file of the same name."""
    secure.default = reply({"event_id": "E"})
    path = tmp_path / "bundle.pem"
    trustme.CA().cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(errors.ConnectError, match="TLS"):
        send(kit.client(secure, retry=None))
    before = path.stat()
    path.write_bytes(bundle.read_bytes())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))  # however coarse its clock is
    assert send(kit.client(secure)).event_id == "E"
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(errors.ConnectError, match="TLS"):
        send(kit.client(secure, retry=None))


def test_clients_load_the_authorities_once(
    kit: Kit, secure: Loopback, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That takes as long as tens of calls, and a megabyte."""
    path = tmp_path / "bundle.pem"
    path.write_bytes(bundle.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    make, made = ssl.create_default_context, list[ssl.SSLContext]()
    monkeypatch.setattr(ssl, "create_default_context", lambda: made.append(make()) or made[-1])
    secure.default = reply({"event_id": "E"})
    for _ in range(3):
        assert send(kit.client(secure)).event_id == "E"
    assert len(made) == 1


def test_a_context_of_the_users_own_is_used(kit: Kit, secure: Loopback, bundle: Any) -> None:
    secure.default = reply({"event_id": "E"})
    trusted = ssl.create_default_context(cafile=str(bundle))
    client = kit.client(secure, ssl_context=trusted)
    assert [send(client).event_id for _ in range(3)] == ["E"] * 3
    assert secure.opened == 1


# responses of others


FOREIGN: dict[str, Callable[[], Responder]] = {
    "a page with 200": lambda: reply(b"<html>Log in</html>", headers={"Content-Type": "text/html"}),
    "a page with 404": lambda: reply(
        b"<html>No such page</html>", 404, headers={"Content-Type": "text/html"}
    ),
    "a redirection": lambda: reply(b"", 301, {"Location": "https://elsewhere.example/"}),
    "a JSON error of a gateway": lambda: reply({"message": "no Route matched"}, 404),
}


@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_response_of_something_else_is_told_as_such(
    kit: Kit, server: Loopback, foreign: str
) -> None:
    server.default = FOREIGN[foreign]()
    with pytest.raises(errors.NotTheAPI, match="check `base_url` and the proxy") as caught:
        send(kit.client(server))
    assert str(caught.value).startswith("send_event: ")
    assert len(server.requests) == 1, "a redirection is not followed"


UNFIT = {
    "nothing": (b"", r"the response is empty \(HTTP 200\)"),
    "no JSON": (b'{"event_id": ', "not valid JSON"),
    "another shape": (b'{"event": "E1"}', "event_id"),
    "an array": (b"[]", "send_event"),
    "no text": (b"\xff\xfe\x00", "not valid JSON"),
}


@pytest.mark.parametrize("unfit", UNFIT)
def test_a_response_that_does_not_fit_is_told(kit: Kit, server: Loopback, unfit: str) -> None:
    body, message = UNFIT[unfit]
    server.default = reply(body)
    with pytest.raises(errors.DecodeError, match=message) as caught:
        send(kit.client(server))
    assert str(caught.value).startswith("send_event: ")
    assert len(server.requests) == 1


NO_CONTENT = raw(b"HTTP/1.1 204 No Content\r\n\r\n")


@pytest.mark.parametrize("empty", [reply(b""), reply(b" "), NO_CONTENT])
def test_a_method_without_result_takes_an_empty_response(
    kit: Kit, server: Loopback, empty: Responder
) -> None:
    server.default = empty
    kit.client(server, retry=Retry(attempts=1)).follow_chat(id="C1")
    assert len(server.requests) == 1


def test_no_content_is_no_result(kit: Kit, server: Loopback) -> None:
    server.default = NO_CONTENT
    with pytest.raises(errors.DecodeError, match=r"the response is empty \(HTTP 204\)"):
        send(kit.client(server))
