"""Refusing the real network in tests.

Python tells its audit hooks of every connection, datagram and name look-up, whichever library
makes it and whichever name it imported the function by; a hook that raises prevents it. A few
methods are guarded besides: uvloop has sockets of its own, of which Python does not know.
"""

import ipaddress
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, cast

__all__ = [
    "RealNetworkRefused",
    "allow_network",
    "check_address",
    "check_look_up",
    "check_reverse_look_up",
    "check_target",
    "is_refused",
    "refuse_network",
]

_LOCAL_NAMES: Final = frozenset(
    {
        "localhost",
        "localhost4",
        "localhost6",
        "localhost.localdomain",
        "localhost4.localdomain4",
        "localhost6.localdomain6",
        "ip6-localhost",
        "ip6-loopback",
    }
)
_MISSING: Final = object()
_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)


class RealNetworkRefused(RuntimeError):
    """A test tried to reach a real server; nothing was sent."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"this test tried to reach {where}, a real server; use the `frontdesk_client` of the "
            "`frontdesk_sandbox` fixture, or mark the test with "
            "@pytest.mark.frontdesk_network to allow it"
        )


class _Guard:
    """Whether the network is refused now. Threads share it, as they share the network."""

    def __init__(self) -> None:
        self.refusing = 0
        self.allowing = 0
        self._is_hooked = False

    def install(self) -> None:
        if not self._is_hooked:
            # A hook stays for good; it does nothing while nobody refuses.
            sys.addaudithook(self._hear)
            self._is_hooked = True

    @property
    def is_on(self) -> bool:
        return self.refusing > 0 and not self.allowing

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not event.startswith("socket.") or not self.is_on:
            return
        match event, arguments:
            case (("socket.connect" | "socket.sendto" | "socket.sendmsg"), (sock, address)):
                if address is not None and sock.family in _INTERNET:
                    check_address(address)
            case (("socket.getaddrinfo" | "socket.gethostbyname"), (host, *_)):
                check_look_up(host)
            case "socket.gethostbyaddr", (host,):
                check_reverse_look_up(host)
            case "socket.getnameinfo", (address, *_):
                check_reverse_look_up(address[0])
            case _:
                pass


_guard: Final = _Guard()


@contextmanager
def refuse_network() -> Generator[None]:
    """Refuse the real network within the block, and let loopback pass."""
    _guard.install()
    _guard.refusing += 1
    restore = _patch()
    try:
        yield
    finally:
        restore()
        _guard.refusing -= 1


@contextmanager
def allow_network() -> Generator[None]:
    """Let everything pass within the block, though the network is refused around it."""
    _guard.allowing += 1
    try:
        yield
    finally:
        _guard.allowing -= 1


def check_address(address: Any) -> None:
    """Raise ``RealNetworkRefused`` for an address (host, port, ...) of another machine."""
    host = _text(address[0])
    if not (_is_local_name(host) or _is_loopback(host)):
        raise RealNetworkRefused(f"{host}:{address[1]}")


def check_look_up(host: Any) -> None:
    """Raise ``RealNetworkRefused`` for a name that a server of names would be asked for."""
    name = _text(host)
    if not (_is_local_name(name) or _is_own_name(name) or _address(name)):
        raise RealNetworkRefused(name)


def check_reverse_look_up(host: Any) -> None:
    """Raise ``RealNetworkRefused`` if a server of names would be asked for this address."""
    name = _text(host)
    if not (_is_local_name(name) or _is_own_name(name) or _is_loopback(name)):
        raise RealNetworkRefused(name)


def _text(host: Any) -> str:
    if isinstance(host, (bytes, bytearray)):
        return bytes(host).decode("ascii", "replace")
    return "" if host is None else str(host)


def _is_local_name(host: str) -> bool:
    name = host.lower().removesuffix(".")
    return not name or name in _LOCAL_NAMES or name.endswith(".localhost")


def _is_own_name(host: str) -> bool:
    return host.lower() == socket.gethostname().lower()


def _is_loopback(host: str) -> bool:
    address = _address(host)
    if address is None:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    # Connecting to the unspecified address reaches this machine.
    return bool(mapped.is_loopback or mapped.is_unspecified)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        # The spellings that the C library knows besides, such as 127.1 and 0x7f000001.
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _patch() -> Callable[[], None]:
    """Guard what audit hooks do not hear of in time; returns what takes that back."""
    if _guard.refusing > 1:
        return _nothing
    from frontdesk import _network_guard_loops

    patches: list[tuple[Any, str, Any]] = [
        # It would leave a socket open that could not connect.
        (socket, "create_connection", _check_target_first(socket.create_connection)),
        # They look a name up before Python tells anybody.
        (socket.socket, "bind", _check_name_first(socket.socket.bind)),
        (socket.socket, "connect", _check_name_first(socket.socket.connect)),
        (socket.socket, "connect_ex", _check_name_first(socket.socket.connect_ex)),
        (socket.socket, "sendto", _check_name_first(socket.socket.sendto)),
        *_network_guard_loops.patches(),
    ]
    # A method may be the class's own, or one that it inherits.
    before: list[tuple[Any, str, Any]] = [
        (owner, name, cast("dict[str, Any]", vars(owner)).get(name, _MISSING))
        for owner, name, _ in patches
    ]
    for owner, name, method in patches:
        setattr(owner, name, method)

    def restore() -> None:
        for owner, name, method in before:
            if method is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, method)

    return restore


def _nothing() -> None:
    pass


def _check_name_first(method: Any) -> Any:
    @wraps(method)
    def checked(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1] if arguments else None
        if _guard.is_on and self.family in _INTERNET and isinstance(address, tuple):
            check_look_up(address[0])
        return method(self, *arguments)

    return checked


def _check_target_first(function: Any) -> Any:
    @wraps(function)
    def checked(address: Any, *arguments: Any, **options: Any) -> Any:
        if is_refused():
            check_target(*address)
        return function(address, *arguments, **options)

    return checked


def check_target(host: Any, port: Any) -> None:
    """Raise ``RealNetworkRefused`` for the name or the address of another machine."""
    if _address(_text(host)) is None:
        check_look_up(host)
    else:
        check_address((host, port))


def is_refused() -> bool:
    """Tell whether the network is refused now."""
    return _guard.is_on
