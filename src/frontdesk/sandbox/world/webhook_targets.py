"""Where webhooks may be sent."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from frontdesk.errors import InvalidArgument, ValidationError

__all__ = ["Targets"]

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?=.{1,253}$)[^\s./:?#@\\*\[\]]{1,63}(\.[^\s./:?#@\\*\[\]]{1,63})*\.?")
"""A host name: labels of at most 63 characters that could be looked up."""


class Targets:
    """Where webhooks may be sent: to this machine, and to whatever else is allowed.

    ``allowed``: host names, addresses, networks such as ``10.0.0.0/8``, or ``*`` for everything.
    Without a rule like this, whoever reaches a sandbox could have it call the network around it.
    So a sandbox that other machines reach needs leave for its own machine too, and none of them
    ever calls itself.

    Raises:
        InvalidArgument: Something else is allowed.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._all = False
        self._loopback = True
        self._own: tuple[str, int] | None = None
        self._is_own_address: Callable[[str], bool] = _is_nobodys
        for entry in allowed:
            if entry == "*":
                self._all = True
                continue
            try:
                self._networks.append(ipaddress.ip_network(entry))
            except ValueError:
                if not _HOST.fullmatch(entry):
                    raise InvalidArgument(
                        "webhook_hosts",
                        f"must be host names, addresses, networks or `*`, not {entry!r}",
                    ) from None
                self._names.add(entry.lower())
        if "localhost" in self._names:
            self._networks += [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1")]

    def serve_at(
        self,
        host: str,
        port: int,
        *,
        local: bool,
        is_own_address: Callable[[str], bool] | None = None,
    ) -> None:
        """Take note of where the sandbox itself is.

        Args:
            host: The name or address it listens at.
            port: Its port.
            local: Only this machine can reach it.
            is_own_address: Tells which addresses, besides loopback, it is reached at.
        """
        self._own = host.lower(), port
        self._is_own_address = is_own_address or _is_nobodys
        self._loopback = local

    def check(self, url: str, field: str = "url") -> None:
        """Raise ``ValidationError`` if a webhook must not be sent to the URL of a field."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        try:
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            raise ValidationError(f"`{field}` must have a port from 1 to 65535") from None
        if self._is_own(host, host, port):
            raise ValidationError(f"`{field}`: webhooks are not sent to the sandbox itself")
        try:
            allowed = self.permits(host, host, port)
        except ValueError:
            # A name that may turn out to be allowed is looked up when something is sent.
            allowed = self.permits_name(host) or bool(self._networks)
        if not allowed:
            where = "to its own machine only" if self._loopback else "where it has leave only"
            raise ValidationError(
                f"`{field}`: this sandbox sends webhooks {where}, not to `{host}`; "
                "its operator can allow more (`--webhook-host`, `webhook_hosts`)"
            )

    def permits_name(self, host: str) -> bool:
        """Return whether webhooks may be sent to a host whatever its address is."""
        return self._all or (self._loopback and _is_local(host)) or host in self._names

    def permits(self, host: str, address: str, port: int = 0) -> bool:
        """Return whether webhooks may be sent to a port of a host that has this address.

        Raises:
            ValueError: That is no address.
        """
        parsed = ipaddress.ip_address(address)
        inner = getattr(parsed, "ipv4_mapped", None) or parsed
        if self._is_own(host, str(inner), port):
            return False
        return (
            self._all
            or host in self._names
            or (self._loopback and inner.is_loopback)
            or any(inner in network for network in self._networks)
        )

    def _is_own(self, host: str, address: str, port: int) -> bool:
        """Return whether a place is the sandbox itself."""
        if self._own is None or port != self._own[1]:
            return False
        if _is_local(host) or self._own[0] in (host, address):
            return True
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        inner = getattr(parsed, "ipv4_mapped", None) or parsed
        return inner.is_loopback or inner.is_unspecified or self._is_own_address(str(inner))


def _is_nobodys(_: str) -> bool:
    return False


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")
