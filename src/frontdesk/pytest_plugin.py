"""Fixtures for tests of integrations; pytest finds them wherever frontdesk is installed.

======================== ===========================================================
``sandbox``              a fresh world for each test, in this process
``agent_client``         an ``AgentClient`` of it, with the owner's token
``async_agent_client``   an ``AsyncAgentClient`` of it
``customer``             a customer of it, Ann, to speak as
``refuse_network``       real network calls fail while the test runs
======================== ===========================================================

``@pytest.mark.frontdesk(seed="empty")`` gives a test's sandbox other arguments. In the settings of
pytest, ``frontdesk_seed`` and ``frontdesk_random_seed`` are for all tests, and
``frontdesk_refuse_network = true`` refuses real network calls in all of them but those marked
``@pytest.mark.frontdesk_network``.

Nothing of the sandbox is loaded until a test asks for it.
"""

import ipaddress
import socket
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from frontdesk.clients.agent import AgentClient
    from frontdesk.clients.async_agent import AsyncAgentClient
    from frontdesk.sandbox import Sandbox, SandboxCustomer

__all__ = [
    "RealNetworkRefused",
    "agent_client",
    "async_agent_client",
    "customer",
    "refuse_network",
    "sandbox",
]

_MARK: Final = "frontdesk"
_NETWORK_MARK: Final = "frontdesk_network"


class RealNetworkRefused(RuntimeError):
    """A test tried to reach a real server; nothing was sent."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"this test tried to reach {where}, a real server; use the `agent_client` of the "
            f"`sandbox` fixture, or mark the test with @pytest.mark.{_NETWORK_MARK} to allow it"
        )


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> "Iterator[Sandbox]":
    """A fresh sandbox, embedded in this process."""
    from frontdesk.sandbox import Sandbox

    marks = list(request.node.iter_markers(_MARK))
    options: dict[str, Any] = {
        "seed": request.config.getini("frontdesk_seed"),
        "random_seed": int(request.config.getini("frontdesk_random_seed")),
    }
    for mark in reversed(marks):
        options.update(mark.kwargs)
    with Sandbox(**options) as made:
        yield made


@pytest.fixture
def agent_client(sandbox: "Sandbox") -> "AgentClient":
    """A client of the sandbox, with the owner's token."""
    return sandbox.client()


@pytest.fixture
def async_agent_client(sandbox: "Sandbox") -> "AsyncAgentClient":
    """An async client of the sandbox, with the owner's token."""
    return sandbox.async_client()


@pytest.fixture
def customer(sandbox: "Sandbox") -> "SandboxCustomer":
    """A customer of the sandbox, to speak as."""
    return sandbox.customer("Ann")


@pytest.fixture
def refuse_network() -> Iterator[None]:
    """Refuse real network calls while the test runs; loopback is allowed."""
    with pytest.MonkeyPatch.context() as patch:
        _refuse(patch)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings."""
    parser.addini("frontdesk_seed", "what the `sandbox` fixture begins with", default="demo")
    parser.addini("frontdesk_random_seed", "the random seed of the `sandbox` fixture", default="0")
    parser.addini(
        "frontdesk_refuse_network",
        "refuse real network calls in tests",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks, and begin to refuse if that is set."""
    config.addinivalue_line(
        "markers", f"{_MARK}(seed, random_seed, …): arguments of this test's `sandbox` fixture"
    )
    config.addinivalue_line("markers", f"{_NETWORK_MARK}: real network calls are allowed")
    if config.getini("frontdesk_refuse_network"):
        config.pluginmanager.register(_RefuseInTests(config), "frontdesk-refuse-network")


class _RefuseInTests:
    """Refuses real network calls from now on, except in tests that are marked."""

    def __init__(self, config: pytest.Config) -> None:
        self._patch = pytest.MonkeyPatch()
        _refuse(self._patch)
        config.add_cleanup(self._patch.undo)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if item.get_closest_marker(_NETWORK_MARK) is None:
            return (yield)
        self._patch.undo()
        try:
            return (yield)
        finally:
            _refuse(self._patch)


def _refuse(patch: pytest.MonkeyPatch) -> None:
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    getaddrinfo = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _check(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _check(self, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if name and not _is_address(name) and not _is_local_name(name):
            raise RealNetworkRefused(name)
        return getaddrinfo(host, *args, **options)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)


def _check(connection: socket.socket, address: Any) -> None:
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    if not (_is_loopback(host) or _is_local_name(host)):
        raise RealNetworkRefused(f"{host}:{address[1]}")


def _is_local_name(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or host == socket.gethostname()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if not _is_address(host):
        return False
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)
