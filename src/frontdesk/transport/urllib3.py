"""The default transport of the sync client, on urllib3."""

import os
import ssl
import time
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.util import make_headers

from frontdesk._forks import ForkSafeLock
from frontdesk.errors import ClientClosed, FrontdeskError, InvalidArgument, TransportError
from frontdesk.transport._base import Headers, Reading, Reply, Request, not_sent
from frontdesk.transport._failures import Failures, without_library_frames
from frontdesk.transport._tls import default_ssl_context, proxy_for

__all__ = ["Urllib3Transport"]

CONNECTIONS = 32
CHUNK = 128 * 1024


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
        self._base_url = base_url.rstrip("/")
        self._proxy = proxy_for(base_url, proxy)
        self._ssl_context = ssl_context
        self._connections = connections
        self._lock = ForkSafeLock()
        self._pid = 0
        self._closed = False
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._timeout = urllib3.Timeout(total=20.0)
        self._failures = Failures(base_url)
        self._sends_whole_url = self._proxy is not None and base_url.startswith("http:")
        self._path = urlsplit(self._base_url).path

    def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole answer."""
        pool = self._pool
        if pool is None or self._pid != os.getpid():
            pool = self._connect()
        timeout = self._timeout
        if timeout.total != request.timeout:
            timeout = self._timeout = urllib3.Timeout(total=request.timeout)
        headers = request.headers
        reading: Reading | None = None
        if not isinstance(request.body, bytes):
            headers = Headers(headers)
            headers["Content-Length"] = str(request.body.length)
            reading = Reading(request.body)
        deadline = time.monotonic() + request.timeout
        try:
            answer = pool.urlopen(
                "POST",
                self._target(request.url),
                reading or request.body,  # type: ignore[arg-type]
                headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=timeout,
                preload_content=False,
            )
            return Reply(answer.status, answer.headers, _read(answer, deadline))
        except BaseException as error:
            without_library_frames(error)
            if reading is not None and reading.error is not None:
                raise reading.error from None
            if isinstance(error, _NotConnectedError):
                raise self._unconnected(error.cause, request.timeout) from error.cause
            if isinstance(error, (HTTPError, TimeoutError)):
                raise self._explained(error, request.timeout) from error
            raise

    def close(self) -> None:
        """Close all connections."""
        self._closed = True
        if self._pool is not None and self._pid == os.getpid():
            self._pool.close()
        self._pool = None

    def _target(self, url: str) -> str:
        if not url.startswith(self._base_url):
            rule = f"must be the transport's own, {self._base_url}"
            raise not_sent(InvalidArgument("base_url", rule))
        if self._sends_whole_url:
            return url
        return self._path + url[len(self._base_url) :]

    def _connect(self) -> urllib3.HTTPConnectionPool:
        with self._lock:
            if self._closed:
                raise not_sent(ClientClosed("the client is closed; make a new one"))
            if self._pool is None or self._pid != os.getpid():
                self._pool = self._make_pool()
                self._pid = os.getpid()
            return self._pool

    def _make_pool(self) -> urllib3.HTTPConnectionPool:
        options: dict[str, Any] = {"num_pools": 1, "maxsize": self._connections}
        if self._base_url.startswith("https:"):
            options["ssl_context"] = self._ssl_context or default_ssl_context()
        manager = urllib3.PoolManager(**options) if self._proxy is None else self._proxied(options)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager.connection_from_url(self._base_url)

    def _proxied(self, options: dict[str, Any]) -> urllib3.ProxyManager:
        assert self._proxy is not None
        parts = urlsplit(self._proxy)
        if parts.username:
            account = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            options["proxy_headers"] = make_headers(proxy_basic_auth=account)
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        return urllib3.ProxyManager(address, **options)

    def _explained(self, error: Exception, timeout: float) -> FrontdeskError:
        match error:
            case ClosedPoolError():
                return ClientClosed("the client was closed while the request was under way")
            case TimeoutError() | ReadTimeoutError() | ProtocolError(args=[_, TimeoutError()]):
                return self._failures.no_answer(timeout)
            case _:
                return self._failures.lost(type(error).__name__)

    def _unconnected(self, cause: Exception, timeout: float) -> TransportError:
        match cause:
            case ssl.SSLError():
                return self._failures.not_trusted(cause)
            case NameResolutionError():
                return self._failures.unknown_host()
            case ConnectTimeoutError() | TimeoutError():
                return self._failures.slow_to_connect(timeout)
            case NewConnectionError():
                return self._failures.unreachable(cause.__cause__ or cause)
            case _:
                return self._failures.unreachable(cause)


def _read(answer: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """Read the whole body; a slow one only until the deadline, beyond what its socket allows."""
    chunks: list[bytes] = []
    while chunk := answer.read1(CHUNK):
        chunks.append(chunk)
        if time.monotonic() > deadline:
            answer.close()
            raise TimeoutError
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


class _NotConnectedError(Exception):
    """Nothing was sent yet; unlike urllib3's own errors, which leave open what was."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


class _Connection(HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing was sent
            raise _NotConnectedError(error) from None


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing was sent
            raise _NotConnectedError(error) from None


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType]


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection  # pyright: ignore[reportAssignmentType]
