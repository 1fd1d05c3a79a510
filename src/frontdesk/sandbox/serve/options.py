"""Where and to whom a sandbox is served."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import force_setattr

from frontdesk.errors import InvalidArgument
from frontdesk.hosts import is_loopback

__all__ = ["ServerOptions", "host_name", "is_unspecified", "normal_address", "normal_origin"]

_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:/?#@\\\s]+)(?::\d{1,5})?")
_NAME: Final = re.compile(r"(?=.{1,253}$)[\w-]{1,63}(\.[\w-]{1,63})*")
_NUMBER: Final = re.compile(r"(.*\.)?(\d+|0x[\da-f]*)", re.ASCII)
"""What browsers take for an IPv4 address."""
LAST_PORT: Final = 65535
_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class ServerOptions(Struct, frozen=True, kw_only=True):
    """Where and to whom a sandbox is served.

    Args:
        host: the address to listen at; other machines can only reach one that is theirs.
        port: 0 picks a free one.
        tls: serve HTTPS with a certificate of its own; ``Server.authority`` is what clients must
            trust.
        open_control: let callers from other machines use ``/__sandbox__`` too.
        allow_hosts: names that requests may give as ``Host``, besides those of this machine and the
            bound address: names or addresses without a port, or ``.example.com`` for all names
            below one. There is none for every name, which any web page could then use.
        allow_origins: web pages that may call the API, such as ``http://localhost:3000``.
        fixed_tokens: keep the well-known tokens although other machines can reach the sandbox.

    Raises ``InvalidArgument`` for ports, hosts and origins that are none.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    open_control: bool = False
    allow_hosts: Iterable[str] = ()
    allow_origins: Iterable[str] = ()
    fixed_tokens: bool = False

    def __post_init__(self) -> None:
        """Check the port, the hosts and the origins."""
        if type(self.port) is not int or not 0 <= self.port <= LAST_PORT:
            raise InvalidArgument("port", f"must be a number from 0 to {LAST_PORT}")
        force_setattr(self, "allow_hosts", _texts("allow_hosts", self.allow_hosts))
        force_setattr(self, "allow_origins", _texts("allow_origins", self.allow_origins))
        force_setattr(self, "allow_hosts", tuple(map(_allowed_host, self.allow_hosts)))
        for origin in self.allow_origins:
            if normal_origin(origin) is None:
                raise InvalidArgument(
                    "allow_origins",
                    f"must be origins such as http://localhost:3000, not {origin!r}",
                )

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the sandbox."""
        return is_loopback(self.host)


def _texts(field: str, values: Iterable[str]) -> tuple[str, ...]:
    texts = tuple(values)
    if isinstance(values, str) or not all(type(text) is str for text in texts):
        raise InvalidArgument(field, f"must be a list of texts, not {values!r}")
    return texts


def _allowed_host(text: str) -> str:
    """Return a name or an address as ``host_name`` returns it, after a dot if it is a parent."""
    if text == "*":
        # Whoever has a web page can have one of its names lead to this machine (DNS rebinding).
        raise InvalidArgument(
            "allow_hosts",
            "must not be `*`, which lets in every web page that somebody opens; give names, or "
            "`.example.com` for all names below one",
        )
    dot = "." if text.startswith(".") else ""
    name = text[len(dot) :]
    bracketed = name.startswith("[") and name.endswith("]")
    address = normal_address(name[1:-1] if bracketed else name)
    if address is not None and not dot:
        return address
    try:
        # Browsers and programs send the form that name servers take.
        name = name.lower().removesuffix(".").encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if _NAME.fullmatch(name) and not _NUMBER.fullmatch(name):
        return f"{dot}{name}"
    raise InvalidArgument(
        "allow_hosts", f"must be host names or addresses without a port, not {text!r}"
    )


def is_unspecified(host: str) -> bool:
    """Whether an address to listen at stands for all addresses of the machine."""
    try:
        return not host or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def host_name(header: str) -> str | None:
    """The name or address in a ``Host`` header, in lower case; None if it is none."""
    match = _HOST.fullmatch(header)
    if match is None:
        return None
    name = match[1].strip("[]").lower().removesuffix(".")
    return normal_address(name) or name


def normal_address(text: str) -> str | None:
    """An address in the one form in which addresses are compared; None if it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # What listens for IPv6 shows callers over IPv4 so.
    return (getattr(address, "ipv4_mapped", None) or address).compressed


def normal_origin(text: str) -> str | None:
    """An origin as browsers send it, in lower case and with its port; None if it is none."""
    if text == "null":
        return text
    try:
        parts = urlsplit(text)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    host = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc
    rest = parts.path.strip("/") or parts.query or parts.fragment or "@" in host
    if not parts.scheme or not host or rest:
        return None
    return f"{parts.scheme}://{host.lower()}:{port or ''}"
