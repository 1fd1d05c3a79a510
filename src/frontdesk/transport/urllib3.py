"""The default transport of the sync client, on urllib3."""

import os
import ssl
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import make_headers

from frontdesk.errors import (
    ClientClosed,
    ConnectError,
    ConnectionClosed,
    InvalidArgument,
    RequestTimeout,
    TransportError,
)
from frontdesk.transport._base import Reply, Request
from frontdesk.transport._tls import default_ssl_context, proxy_for

__all__ = ["Urllib3Transport"]

CONNECTIONS = 32


class Urllib3Transport:
    """Sends requests to one host over a pool of connections.

    Safe to share between threads; after a fork the child makes connections of its own.
    """

    def __init__(
        self,
        base_url: str,
        *,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self._base_url = base_url
        self._proxy = proxy_for(base_url, proxy)
        self._ssl_context = ssl_context
        self._connections = connections
        self._lock = threading.Lock()
        self._pid = 0
        self._closed = False
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._timeout = urllib3.Timeout(total=20.0)
        self._prefix = len(base_url)
        self._path = urlsplit(base_url).path.rstrip("/")

    def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole answer."""
        pool = self._pool
        if pool is None or self._pid != os.getpid():
            pool = self._connect()
        timeout = self._timeout
        if timeout.total != request.timeout:
            timeout = self._timeout = urllib3.Timeout(total=request.timeout)
        body: Any = request.body
        headers: Mapping[str, str] = request.headers
        if not isinstance(body, bytes):
            headers = {**headers, "Content-Length": str(body.length)}
            body = body.chunks()
        try:
            answer = pool.urlopen(
                "POST",
                self._target(request.url),
                body,
                headers,
                retries=False,
                redirect=False,
                timeout=timeout,
            )
            return Reply(answer.status, answer.headers, answer.data)
        except HTTPError as error:
            raise _transport_error(error, self._base_url, request.timeout) from error

    def close(self) -> None:
        """Close all connections."""
        self._closed = True
        if self._pool is not None and self._pid == os.getpid():
            self._pool.close()
        self._pool = None

    def _target(self, url: str) -> str:
        if self._proxy and url.startswith("http:"):
            return url
        return self._path + url[self._prefix :]

    def _connect(self) -> urllib3.HTTPConnectionPool:
        with self._lock:
            if self._closed:
                raise ClientClosed("the client is closed; make a new one")
            if self._pool is None or self._pid != os.getpid():
                self._pool = self._make_pool()
                self._pid = os.getpid()
            return self._pool

    def _make_pool(self) -> urllib3.HTTPConnectionPool:
        options: dict[str, Any] = {"maxsize": self._connections}
        if self._base_url.startswith("https:"):
            options["ssl_context"] = self._ssl_context or default_ssl_context()
        try:
            if self._proxy is None:
                return urllib3.connection_from_url(self._base_url, **options)
            account = urlsplit(self._proxy)
            proxy_headers = None
            if account.username:
                proxy_headers = make_headers(
                    proxy_basic_auth=f"{account.username}:{account.password or ''}"
                )
            manager = urllib3.ProxyManager(
                self._proxy, proxy_headers=proxy_headers, num_pools=1, **options
            )
            return manager.connection_from_url(self._base_url)
        except (LocationParseError, ValueError) as error:
            raise InvalidArgument("proxy" if self._proxy else "base_url", str(error)) from None


def _transport_error(error: HTTPError, base_url: str, timeout: float) -> TransportError:
    host = urlsplit(base_url).netloc
    match error:
        case SSLError():
            return ConnectError(
                f"the TLS connection to {host} failed: {error}; "
                "check the clock, the host name and the certificate authorities"
            )
        case NameResolutionError():
            return ConnectError(f"the host name {host} cannot be resolved; check `base_url`")
        case ProxyError() | NewConnectionError():
            return ConnectError(f"no connection to {host}: {error.args[-1]}")
        case ConnectTimeoutError():
            return ConnectError(f"no connection to {host} within {timeout:g} s")
        case ReadTimeoutError():
            return RequestTimeout(
                f"no answer from {host} within {timeout:g} s; the work may have been done"
            )
        case _:
            return ConnectionClosed(
                f"the connection to {host} ended before the answer did ({type(error).__name__}); "
                "the work may have been done"
            )
