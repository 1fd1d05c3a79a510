"""A scripted server, both clients, and certificates of an authority of our own."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from ..loopback import Loopback
from ..web import VARIABLES, Kit


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def kit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    kit = Kit(request.param)
    kit.fake_sleep(monkeypatch)
    yield kit
    kit.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture(scope="session")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "bundle.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost", key_type=trustme.KeyType.ECDSA).configure_cert(
        context
    )
    return context


@pytest.fixture
def secure(server_tls: ssl.SSLContext) -> Iterator[Loopback]:
    with Loopback(server_tls) as server:
        yield server
