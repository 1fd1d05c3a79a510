"""Connections: certificates, proxies, odd servers, odd frames."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import Protocol, Side

from frontdesk import ConnectionLost
from frontdesk.errors import (
    AuthorizationError,
    ConnectError,
    InvalidArgument,
    LicenseNotFound,
    NotTheAPI,
    TooManyRequests,
)
from frontdesk.pushes import ChatDeleted
from frontdesk.transport.websocket import _text_frame

from ._clients import Kit
from ._server import FakeRTM, fake_rtm

KINDS = ("sync", "async")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_messages_are_framed_as_the_library_reads_them(size: int):
    data = bytes(n % 251 for n in range(size))
    server = Protocol(Side.SERVER)
    masks = set()
    for _ in range(3):
        frame = _text_frame(data)
        masks.add(frame[-size - 4 : len(frame) - size])
        server.receive_data(frame)
    read = server.events_received()
    assert [(event.opcode, event.fin) for event in read] == [(Opcode.TEXT, True)] * 3
    assert {bytes(event.data) for event in read} == {data}
    assert len(masks) == 3
    assert server.parser_exc is None


@contextmanager
def kit_for(kind: str, url: str) -> Iterator[Kit]:
    kit = Kit(kind, url)
    try:
        yield kit
    finally:
        kit.stop()


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, and its key, in one file."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = __import__("ipaddress").ip_address("127.0.0.1")
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(address)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(encoding)
    )
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[FakeRTM]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with fake_rtm(context) as server:
        yield server


@pytest.mark.parametrize("kind", KINDS)
def test_certificate_that_nobody_vouches_for_is_refused(kind: str, secure: FakeRTM):
    url = f"https://127.0.0.1:{secure.port}"
    with kit_for(kind, url) as kit, pytest.raises(ConnectError, match="TLS"):
        kit.client(retry=None).connect()
    assert secure.requests == []


@pytest.mark.parametrize("kind", KINDS)
def test_certificate_of_ones_own_authority_is_accepted(
    kind: str, secure: FakeRTM, certificate: Path
):
    context = ssl.create_default_context(cafile=str(certificate))
    url = f"https://127.0.0.1:{secure.port}"
    with kit_for(kind, url) as kit, kit.connected(ssl_context=context) as rtm:
        assert rtm.list_chats().found_chats == 0


@pytest.mark.parametrize("kind", KINDS)
def test_authority_may_come_from_the_environment(
    kind: str, secure: FakeRTM, certificate: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with kit_for(kind, f"https://127.0.0.1:{secure.port}") as kit, kit.connected() as rtm:
        assert rtm.list_chats().found_chats == 0


@pytest.mark.parametrize("kind", KINDS)
def test_certificate_for_another_host_is_refused(kind: str, secure: FakeRTM, certificate: Path):
    context = ssl.create_default_context(cafile=str(certificate))
    url = f"https://localhost:{secure.port}"
    with kit_for(kind, url) as kit, pytest.raises(ConnectError, match="TLS"):
        kit.client(retry=None, ssl_context=context).connect()


# Servers that refuse


def refusing(status: int, body: bytes, **headers: str) -> Callable[[Request], Response]:
    return lambda _: Response(
        status, "No", Headers({"Content-Length": str(len(body)), **headers}), body
    )


@pytest.mark.parametrize(
    ("status", "type", "error"),
    [
        (403, "authorization", AuthorizationError),
        (404, "license_not_found", LicenseNotFound),
        (400, "too_many_requests", TooManyRequests),
    ],
)
def test_refused_handshake_is_the_apis_error(
    server: FakeRTM, kit: Kit, status: int, type: str, error: Any
):
    body = b'{"error": {"type": "%s", "message": "No."}}' % type.encode()
    server.refuse_handshake = refusing(status, body)
    with pytest.raises(error) as caught:
        kit.client(retry=None).connect()
    assert caught.value.status == status


def test_redirect_is_not_followed(server: FakeRTM, kit: Kit):
    with fake_rtm() as other:
        location = f"ws://127.0.0.1:{other.port}/elsewhere"
        server.refuse_handshake = refusing(302, b"", Location=location)
        with pytest.raises(NotTheAPI) as caught:
            kit.client(retry=None).connect()
        assert caught.value.status == 302
        assert other.handshakes == []


def test_gateway_that_is_down_for_a_moment_is_tried_again(server: FakeRTM, kit: Kit):
    left = [1, 2]

    def busy(request: Request) -> Response | None:
        return refusing(502, b"bad gateway")(request) if left and left.pop() else None

    server.refuse_handshake = busy
    with kit.connected() as rtm:
        assert rtm.list_chats().found_chats == 0


@contextmanager
def raw_server(response: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that speaks no HTTP of its own."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    response(connection)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        b"",
    ],
)
def test_server_that_is_something_else(kind: str, said: bytes):
    with (
        raw_server(lambda connection: connection.sendall(said)) as url,
        kit_for(kind, url) as kit,
        pytest.raises((NotTheAPI, ConnectError)),
    ):
        kit.client(retry=None).connect()


@pytest.mark.parametrize("kind", KINDS)
def test_server_that_accepts_and_says_nothing(kind: str):
    silence = threading.Event()
    with raw_server(lambda _: silence.wait(10) and None) as url, kit_for(kind, url) as kit:
        with pytest.raises(ConnectError, match=r"within 0\.2 s"):
            kit.client(retry=None, open_timeout=0.2).connect()
        silence.set()


# Proxies


@contextmanager
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that tunnels, and the targets it was asked for."""
    targets: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def tunnel(client: socket.socket) -> None:
        target = client.recv(65536).split(b" ")[1]
        targets.append(target)
        host, _, port = target.decode().partition(":")
        upstream = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(upstream, client), daemon=True)
        back.start()
        pump(client, upstream)
        back.join(10)
        client.close()
        upstream.close()

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=tunnel, args=(client,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", targets
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def test_proxy_is_used(server: FakeRTM, kit: Kit):
    with proxy() as (url, targets), kit.connected(proxy=url) as rtm:
        assert rtm.list_chats().found_chats == 0
        assert targets == [f"127.0.0.1:{server.port}".encode()]


def test_proxy_of_the_environment_is_used_and_can_be_declined(
    server: FakeRTM, kit: Kit, monkeypatch: pytest.MonkeyPatch
):
    with proxy() as (url, targets):
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with kit.connected():
            assert len(targets) == 1
        with kit.connected(proxy=""):
            assert len(targets) == 1


def test_proxy_that_is_down_is_a_clear_error_without_its_password(kit: Kit):
    with pytest.raises(ConnectError) as caught:
        kit.client(proxy="http://user:pa55@127.0.0.1:1", retry=None).connect()
    assert "pa55" not in str(caught.value)


def test_proxy_that_is_no_address_is_a_clear_error(kit: Kit):
    with pytest.raises((ConnectError, InvalidArgument), match="proxy") as caught:
        kit.client(proxy="gopher://user:pa55@x", retry=None).connect()
    assert "pa55" not in str(caught.value)


# Frames


def test_message_in_fragments_is_put_together(server: FakeRTM, kit: Kit):
    data = b'{"type":"push","action":"chat_deleted","version":"3.6","payload":{"chat_id":"A"}}'

    def send() -> None:
        [connection] = server.live
        protocol = connection.protocol
        protocol.send_text(data[:10], fin=False)
        protocol.send_continuation(data[10:40], fin=False)
        protocol.send_ping(b"between")
        protocol.send_continuation(data[40:], fin=True)
        connection.send_data()

    with kit.connected() as rtm:
        subscription = rtm.pushes(ChatDeleted)
        server.run(send)
        server.run(send)
        assert subscription.get().chat_id == "A"
        assert subscription.get().chat_id == "A"


def test_binary_message_is_read_as_text(server: FakeRTM, kit: Kit):
    def send() -> None:
        [connection] = server.live
        connection.protocol.send_binary(
            b'{"type":"push","action":"chat_deleted","payload":{"chat_id":"A"}}'
        )
        connection.send_data()

    with kit.connected() as rtm:
        subscription = rtm.pushes(ChatDeleted)
        server.run(send)
        assert subscription.get().chat_id == "A"


def test_frame_that_breaks_the_protocol_ends_the_connection_not_the_session(
    server: FakeRTM, kit: Kit
):
    def send() -> None:
        [connection] = server.live
        frame = Frame(Opcode.CONT, b"out of place")
        connection.transport.write(frame.serialize(mask=False))

    with kit.connected() as rtm:
        lost = rtm.pushes(ConnectionLost)
        server.run(send)
        assert lost.get()
        assert rtm.list_chats().found_chats == 0


def test_many_messages_in_one_piece_are_all_read(server: FakeRTM, kit: Kit):
    def send() -> None:
        [connection] = server.live
        for number in range(500):
            connection.protocol.send_text(
                b'{"type":"push","action":"chat_deleted","payload":{"chat_id":"%d"}}' % number
            )
        connection.transport.write(b"".join(connection.protocol.data_to_send()))

    with kit.connected() as rtm:
        subscription = rtm.pushes(ChatDeleted)
        server.run(send)
        assert [subscription.get().chat_id for _ in range(500)] == [str(n) for n in range(500)]


def test_huge_frames_can_be_allowed(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        subscription = rtm.pushes(ChatDeleted)
        server.push("chat_deleted", {"chat_id": "A" * 5_000_000})
        assert len(subscription.get().chat_id) == 5_000_000
