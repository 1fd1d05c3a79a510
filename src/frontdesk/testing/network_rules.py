"""Which addresses and names of hosts a test may reach, and whether that is checked now."""

import ipaddress
import socket
import sys
from typing import Any, Final

__all__ = [
    "GUARD",
    "INTERNET",
    "RealNetworkRefused",
    "check_address",
    "check_look_up",
    "check_reverse_look_up",
    "check_target",
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
INTERNET: Final = (socket.AF_INET, socket.AF_INET6)


class RealNetworkRefused(RuntimeError):
    """A test tried to reach a real server; nothing was sent."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"this test tried to reach {where}, a real server; use the `frontdesk_client` of the "
            "`frontdesk_sandbox` fixture, or mark the test with "
            "@pytest.mark.frontdesk_network to allow it"
        )


class Guard:
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
                if address is not None and sock.family in INTERNET:
                    check_address(address)
            case (("socket.getaddrinfo" | "socket.gethostbyname"), (host, *_)):
                check_look_up(host)
            case "socket.gethostbyaddr", (host,):
                check_reverse_look_up(host)
            case "socket.getnameinfo", (address, *_):
                check_reverse_look_up(address[0])
            case _:
                pass


GUARD: Final = Guard()


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


def check_target(host: Any, port: Any) -> None:
    """Raise ``RealNetworkRefused`` for the name or the address of another machine."""
    if _address(_text(host)) is None:
        check_look_up(host)
    else:
        check_address((host, port))
