"""Where webhooks may be sent."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from frontdesk.errors import InvalidArgument, ValidationError

__all__ = ["Targets"]


class Targets:
    """Where webhooks may be sent: to this machine, and to whatever else is allowed.

    ``allowed``: host names, addresses, networks such as ``10.0.0.0/8``, or ``*`` for everything.
    Without a rule like this, whoever reaches a sandbox could have it call the network around it.

    Raises:
        InvalidArgument: Something else is allowed.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._all = False
        for entry in allowed:
            if entry == "*":
                self._all = True
                continue
            try:
                self._networks.append(ipaddress.ip_network(entry))
            except ValueError:
                if not entry or "/" in entry or ":" in entry:
                    raise InvalidArgument(
                        "webhook_hosts",
                        f"must be host names, addresses, networks or `*`, not {entry!r}",
                    ) from None
                self._names.add(entry.lower())

    def check(self, url: str) -> None:
        """Raise ``ValidationError`` if a webhook must not be sent to a URL."""
        host = (urlsplit(url).hostname or "").lower()
        try:
            allowed = self.permits(host, host)
        except ValueError:
            # A name that may turn out to be allowed is looked up when something is sent.
            allowed = self.permits_name(host) or bool(self._networks)
        if not allowed:
            raise ValidationError(
                f"`url`: this sandbox sends webhooks to its own machine only, not to `{host}`; "
                "its operator can allow more (`--webhook-host`, `webhook_hosts`)"
            )

    def permits_name(self, host: str) -> bool:
        """Return whether webhooks may be sent to a host whatever its address is."""
        local = host == "localhost" or host.endswith(".localhost")
        return self._all or local or host in self._names

    def permits(self, host: str, address: str) -> bool:
        """Return whether webhooks may be sent to a host that has this address.

        Raises:
            ValueError: That is no address.
        """
        parsed = ipaddress.ip_address(address)
        inner = getattr(parsed, "ipv4_mapped", None) or parsed
        return (
            self._all
            or host in self._names
            or inner.is_loopback
            or any(inner in network for network in self._networks)
        )
