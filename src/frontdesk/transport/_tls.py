"""Certificates and proxies as the usual environment variables name them."""

import os
import ssl
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from frontdesk._redact import SHORTEST, register
from frontdesk.errors import InvalidArgument

__all__ = ["default_ssl_context", "proxy_for"]

CA_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def default_ssl_context() -> ssl.SSLContext:
    """Build a context that verifies certificates.

    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` (read by OpenSSL), ``REQUESTS_CA_BUNDLE`` and
    ``CURL_CA_BUNDLE`` add certificate authorities.
    """
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


def proxy_for(url: str, proxy: str | None) -> str | None:
    """Return the proxy for an address: the given one, else what the environment says.

    ``proxy=""`` means none, whatever the environment says. A proxy without a scheme speaks HTTP.
    """
    if proxy is not None:
        return _checked(proxy, "proxy") if proxy else None
    parts = urlsplit(url)
    if not parts.hostname or proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    for scheme in (parts.scheme, "all"):
        if proxies.get(scheme):
            return _checked(proxies[scheme], f"{scheme.upper()}_PROXY")
    return None


def _checked(proxy: str, source: str) -> str:
    """Check the address of a proxy; it may hold a password, so no error repeats it."""
    if not isinstance(proxy, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(source, f"must be a text, not {type(proxy).__name__}")
    address = proxy.strip() if "://" in proxy else f"http://{proxy.strip()}"
    _register_account(address)
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
    account, found, _ = address.partition("://")[2].rpartition("@")
    if found:
        password = account.partition(":")[2]
        for text in (account, password):
            register(text, unquote(text), unquote(text, "latin-1"), shortest=SHORTEST)
