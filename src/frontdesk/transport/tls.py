"""Certificates and proxies as the usual environment variables name them."""

import ipaddress
import os
import ssl
from base64 import b64encode
from contextlib import suppress
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from frontdesk.core.http_messages import Headers
from frontdesk.errors import InvalidArgument
from frontdesk.redaction import SHORTEST, register
from frontdesk.spec.arguments import check_text

__all__ = ["default_ssl_context", "proxy_for", "without_account"]

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
CA_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def default_ssl_context() -> ssl.SSLContext:
    """Return the context that verifies certificates; do not change it, the process shares it.

    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` (read by OpenSSL), ``REQUESTS_CA_BUNDLE`` and
    ``CURL_CA_BUNDLE`` add certificate authorities. A new one is made when these, or the files that
    they name, have changed.
    """
    system = ssl.get_default_verify_paths()
    bundles = [os.environ.get(variable) for variable in CA_BUNDLE_VARIABLES]
    paths = (system.cafile, system.capath, *bundles)
    return _shared_context(tuple((path, _changed_at(path)) for path in paths))


@lru_cache(maxsize=4)
def _shared_context(_authorities: tuple[tuple[str | None, int], ...]) -> ssl.SSLContext:
    """Build a context; that takes as long as tens of calls, and a megabyte."""
    context = ssl.create_default_context()
    for variable in CA_BUNDLE_VARIABLES:
        path = os.environ.get(variable)
        if not path:
            continue
        try:
            if os.path.isdir(path):  # noqa: PTH112 - keeps pathlib out of the import
                context.load_verify_locations(capath=path)
            else:
                context.load_verify_locations(cafile=path)
        except (OSError, ssl.SSLError) as error:
            raise InvalidArgument(
                variable, f"must name a file or folder of certificates: {error}"
            ) from None
    return context


def _changed_at(path: str | None) -> int:
    """Return when a file was changed; 0 where there is none."""
    if path:
        with suppress(OSError):
            return os.stat(path).st_mtime_ns  # noqa: PTH116 - as above
    return 0


def proxy_for(url: str, proxy: str | None) -> str | None:
    """Return the proxy for an address: the given one, else what the environment says.

    ``proxy=""`` means none, whatever the environment says. A proxy without a scheme speaks HTTP.
    ``NO_PROXY`` is read as ``requests`` reads it: hosts by their endings, addresses of IPv4 and
    IPv6, networks such as ``10.0.0.0/8`` or ``fd00::/8``, ``*`` for all, each with or without a
    port, which may be the default one of the scheme. ``*.example.com`` is ``.example.com``.
    """
    if proxy is not None:
        return _checked(proxy, "proxy") if proxy else None
    parts = urlsplit(url)
    if not parts.hostname or _is_exception(parts):
        return None
    proxies = getproxies()
    for scheme in (parts.scheme, "all"):
        if proxies.get(scheme):
            return _checked(proxies[scheme], f"{scheme.upper()}_PROXY")
    return None


def without_account(proxy: str) -> tuple[str, Headers]:
    """Return the address of a proxy without its account, and the header that tells the account."""
    account, separator, place = proxy.partition("://")[2].rpartition("@")
    if not separator:
        return proxy, Headers()
    scheme = proxy.partition("://")[0]
    name, _, password = account.partition(":")
    text = f"{unquote(name)}:{unquote(password)}"
    try:
        encoded = text.encode("latin-1")  # what proxies expect, as long as it is possible
    except UnicodeEncodeError:
        encoded = text.encode()
    pair = b64encode(encoded).decode("ascii")
    return f"{scheme}://{place}", Headers({"Proxy-Authorization": f"Basic {pair}"})


def _is_exception(parts: SplitResult) -> bool:
    """Tell whether ``NO_PROXY``, or the system's settings, name this host."""
    host = (parts.hostname or "").lower()
    port = f":{parts.port or DEFAULT_PORTS.get(parts.scheme)}"
    text = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    entries = [entry.lower() for entry in text.replace(" ", "").split(",") if entry]
    address = _address(host)
    if address is not None:
        spellings = (host, host + port, f"[{host}]", f"[{host}]{port}")
        if any(entry in spellings or _holds(entry, address) for entry in entries):
            return True
    else:
        dotted = (f".{host}", f".{host}{port}")
        if any(
            name.endswith(f".{entry.removeprefix('*').lstrip('.')}")
            for entry in entries
            for name in dotted
        ):
            return True
    try:
        return bool(proxy_bypass(host))
    except (TypeError, OSError):
        return False


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> Address | None:
    with suppress(ValueError):
        address = ipaddress.ip_address(text.partition("%")[0])
        return getattr(address, "ipv4_mapped", None) or address
    return None


def _holds(entry: str, address: Address) -> bool:
    """Tell whether an entry is the address in another spelling, or a network with it."""
    plain = entry[1:-1] if entry.startswith("[") and entry.endswith("]") else entry
    with suppress(ValueError):
        return address in ipaddress.ip_network(plain, strict=False)
    return False


def _checked(proxy: str, source: str) -> str:
    """Check the address of a proxy; it may hold a password, so no error shows it."""
    if not isinstance(proxy, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(source, f"must be a text, not {type(proxy).__name__}")
    address = proxy.strip() if "://" in proxy else f"http://{proxy.strip()}"
    _register_account(address)
    check_text(source, address)
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InvalidArgument(source, "must be an HTTP proxy, such as http://host:port")
    return address


def _register_account(address: str) -> None:
    """Keep the account of a proxy out of all texts, as it is written and as it is sent."""
    account, separator, _ = address.partition("://")[2].rpartition("@")
    if separator:
        password = account.partition(":")[2]
        for text in (account, password):
            register(text, unquote(text), unquote(text, "latin-1"), shortest=SHORTEST)
