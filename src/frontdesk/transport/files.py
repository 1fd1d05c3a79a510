"""Files from anywhere on the web: plain GET requests, without any token of the API."""

import contextlib
import ipaddress
import re
import ssl
import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final, Protocol
from urllib.parse import urljoin, urlsplit

import urllib3
from msgspec import Struct

from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.errors import FrontdeskError
from frontdesk.errors.base import shown
from frontdesk.hosts import is_loopback
from frontdesk.redaction import redacted
from frontdesk.transport.tls import default_ssl_context, proxy_for, without_account

__all__ = ["FileReply", "FileSource", "TransferFailed", "WebFiles"]

PIECE: Final = 64 * 1024
REDIRECTS: Final = 5
REDIRECTING: Final = frozenset({301, 302, 303, 307, 308})
SCHEMES: Final = ("http", "https")
NOT_PLAIN: Final = re.compile(r"[\x00-\x20\x7f]")


class TransferFailed(FrontdeskError):
    """A file could not be fetched; the message is why.

    ``may_pass``: whether another try has a chance to go on.
    """

    def __init__(self, reason: str, *, may_pass: bool = False) -> None:
        self.may_pass = may_pass
        super().__init__(shown(redacted(reason)))


class FileReply(Struct):
    """The head of a response, and its body piece by piece."""

    status: int
    headers: Mapping[str, str]
    """Names are found in any case."""
    pieces: Iterator[bytes]


class FileSource(Protocol):
    """Where files come from."""

    def get(
        self, url: str, headers: Mapping[str, str], deadline: float
    ) -> contextlib.AbstractContextManager[FileReply]:
        """Request a file; raises ``TransferFailed``, as reading its pieces does.

        ``deadline`` is a time of ``time.monotonic``.
        """
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class WebFiles:
    """Files over HTTP and HTTPS.

    Redirects are followed up to five times; not from https to http, and not from elsewhere to this
    machine or into a private network, where a foreign server has no business. No cookies, no
    tokens. Proxies and certificate authorities are those of the environment, unless they are given.

    Args:
        timeout: seconds without any byte after which a transfer has failed.
        connections: how many files are fetched at once.
        proxy: the proxy; defaults to what the environment says.
        ssl_context: defaults to one that verifies certificates.
    """

    def __init__(
        self,
        *,
        timeout: float,
        connections: int,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._timeout = timeout
        self._connections = connections
        self._proxy = proxy
        self._ssl_context = ssl_context
        self._lock = ForkSafeLock()
        self._pools: dict[str | None, urllib3.PoolManager] = {}

    @contextlib.contextmanager
    def get(
        self, url: str, headers: Mapping[str, str], deadline: float
    ) -> Generator[FileReply, None, None]:
        """Request a file, wherever redirects lead."""
        response = self._followed(url, headers, deadline)
        try:
            yield FileReply(
                status=response.status,
                headers=response.headers,
                pieces=self._pieces(response, deadline),
            )
        finally:
            # What was not read whole cannot serve another request.
            response.close()
            response.release_conn()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.clear()

    def _followed(
        self, url: str, headers: Mapping[str, str], deadline: float
    ) -> urllib3.BaseHTTPResponse:
        for _ in range(REDIRECTS + 1):
            response = self._requested(url, headers, deadline)
            location = response.headers.get("Location")
            if response.status not in REDIRECTING or not location:
                return response
            response.close()
            response.release_conn()
            url = _redirected(url, location)
        raise TransferFailed(f"more than {REDIRECTS} redirects")

    def _requested(
        self, url: str, headers: Mapping[str, str], deadline: float
    ) -> urllib3.BaseHTTPResponse:
        _check(url)
        left = deadline - time.monotonic()
        if left <= 0:
            raise TransferFailed("it took too long", may_pass=True)
        failure: TransferFailed
        try:
            return self._pool(url).request(
                "GET",
                url,
                headers={"Accept-Encoding": "identity", "User-Agent": "frontdesk", **headers},
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(connect=min(self._timeout, left), read=self._timeout),
            )
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            failure = self._failure(error, url)
        raise failure

    def _pieces(self, response: urllib3.BaseHTTPResponse, deadline: float) -> Iterator[bytes]:
        url = response.url or ""
        while True:
            try:
                # Not ``read``, which waits for the whole piece, however slowly it drips.
                piece: bytes = response.read1(PIECE, decode_content=False)
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                failure = self._failure(error, url)
            else:
                if not piece:
                    return
                if time.monotonic() > deadline:
                    raise TransferFailed("it took too long", may_pass=False)
                yield piece
                continue
            raise failure

    def _pool(self, url: str) -> urllib3.PoolManager:
        proxy = proxy_for(url, self._proxy)
        with self._lock:
            pool = self._pools.get(proxy)
            if pool is None:
                context = self._ssl_context or default_ssl_context()
                options: dict[str, Any] = {
                    "ssl_context": context,
                    "maxsize": self._connections,
                    "block": False,
                }
                if proxy is None:
                    pool = urllib3.PoolManager(**options)
                else:
                    address, account = without_account(proxy)
                    pool = urllib3.ProxyManager(address, proxy_headers=account, **options)
                self._pools[proxy] = pool
            return pool

    def _failure(self, error: BaseException, url: str) -> TransferFailed:
        host = urlsplit(url).hostname or "the server"
        match error:
            case urllib3.exceptions.NameResolutionError():
                return TransferFailed(f"the host name {host} cannot be resolved", may_pass=True)
            case urllib3.exceptions.SSLError():
                return TransferFailed(f"the TLS connection to {host} failed")
            case urllib3.exceptions.NewConnectionError() | urllib3.exceptions.ProxyError():
                return TransferFailed(f"no connection to {host}", may_pass=True)
            case urllib3.exceptions.TimeoutError():
                reason = f"{host} sent nothing for {self._timeout:g} s"
                return TransferFailed(reason, may_pass=True)
            case urllib3.exceptions.LocationValueError() | ValueError():
                return TransferFailed("its address is not valid")
            case _:
                reason = f"the connection to {host} ended before the file did"
                return TransferFailed(reason, may_pass=True)


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise TransferFailed("its address is not valid") from None
    if parts.scheme.lower() not in SCHEMES:
        raise TransferFailed("its address begins with neither https:// nor http://")
    if not usable or NOT_PLAIN.search(url):
        raise TransferFailed("its address is not valid")


def _redirected(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        before, after = urlsplit(url), urlsplit(target)
    except ValueError:
        raise TransferFailed("a redirect leads to an address that is not valid") from None
    if before.scheme == "https" and after.scheme == "http":
        raise TransferFailed("a redirect leads from https to http")
    if _is_private(after.hostname) and not _is_private(before.hostname):
        raise TransferFailed("a redirect leads into a private network")
    return target


def _is_private(host: str | None) -> bool:
    if not host:
        return False
    if is_loopback(host):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return not address.is_global
