"""The default transport of the sync client: connections of urllib3, a pool of our own.

urllib3 makes the connections (TCP, TLS, tunnels of proxies). What goes over them is written and
read here: one ``send`` for a whole request, one deadline for all of it, and the exact point from
which on the server may have seen it, none of which urllib3's pools offer.
"""

import contextlib
import io
import os
import socket
import ssl
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.client import HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection, ProxyConfig
from urllib3.util import parse_url, wait_for_read

from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.core.http_messages import Headers, Reply, ReplyHeaders, Request
from frontdesk.errors import ClientClosed, FrontdeskError, InvalidArgument
from frontdesk.redaction import likeness, without_secrets
from frontdesk.transport.base import BodyReading, not_sent
from frontdesk.transport.bodies import decoded
from frontdesk.transport.failures import LIBRARIES, Failures
from frontdesk.transport.tls import default_ssl_context, proxy_for, without_account

__all__ = ["Urllib3Transport"]

CONNECTIONS: Final = 32
"""Unused connections to keep; more threads than that open further ones for their calls."""
IDLE_SECONDS: Final = 30.0
"""How long an unused connection is kept; many servers and gateways end it after 60 s."""
URLS: Final = 256
"""Addresses to keep in their final form; an API has fewer methods."""
CHUNK: Final = 256 * 1024
JOINED: Final = 64 * 1024
"""Up to which size head and body are sent together."""
BUFFER: Final = 16 * 1024
INTERIM_RESPONSES: Final = 100
"""How many responses of status 1xx may come before the real one."""
SLACK: Final = 0.01
"""Seconds by which the deadline may be missed, so that not every step sets the socket's time."""
FINAL: Final = 200
SWITCHING_PROTOCOLS: Final = 101


class Urllib3Transport:
    """Sends requests to one host over a pool of connections.

    Safe to share between threads; after a fork the child makes connections of its own.
    A connection that was unused for ``IDLE_SECONDS`` is closed by the next call.
    """

    def __init__(
        self,
        base_url: str,
        *,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        connections: int = CONNECTIONS,
        idle_seconds: float = IDLE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._proxy = proxy_for(base_url, proxy)
        self._ssl_context = ssl_context
        self._connections = connections
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._lock = ForkSafeLock()
        self._pid = os.getpid()
        self._closed = False
        self._idle: deque[_Connection] = deque()
        self._failures = Failures(base_url, self._proxy)
        self._dialer: _Dialer | None = None
        self._lines: dict[str, bytes] = {}
        self._head: tuple[Mapping[str, str] | None, bytes] = (None, b"")
        # What is forgotten without being closed must not wait for the garbage collector.
        weakref.finalize(self, _close_all, self._idle)

    def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        try:
            return self._send(request)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it must hold no secrets
            failure = self._failure(error, request)
        # Outside of the clause, or the library's exception would be the context of ours.
        raise failure

    def close(self) -> None:
        """Close the unused connections at once; one that another thread uses, after its request."""
        self._closed = True
        if self._pid == os.getpid():
            _close_all(self._idle)

    def _send(self, request: Request) -> Reply:
        if self._closed:
            raise not_sent(ClientClosed("the client is closed; make a new one"))
        if self._pid != os.getpid():
            self._start_over()
        if request.verb == "POST":
            line = self._lines.get(request.url) or self._line(request.url)
        else:
            line = self._request_line(request.verb, request.url)
        last, head = self._head
        if last is not request.headers:
            head = self._make_head(request.headers)
        deadline = self._clock() + request.timeout
        while True:
            connection = self._unused() or self._open(deadline)
            try:
                response, data = self._exchanged(connection, request, line + head, deadline)
                break
            except _GoneError:
                continue
        if response.will_close or response.status < FINAL or connection.has_more():
            connection.close()
        else:
            self._keep(connection)
        headers = ReplyHeaders.of(response.headers.raw_items())
        encoding = headers.get("content-encoding")
        if encoding is not None:
            data = decoded(data, encoding, request.max_response_bytes, self._failures)
        return Reply(response.status, headers, data)

    def _exchanged(
        self, connection: "_Connection", request: Request, head: bytes, deadline: float
    ) -> tuple[HTTPResponse, bytes]:
        """Send the request and read the response; close the connection when that fails."""
        body = request.body
        try:
            if isinstance(body, bytes):
                connection.send(b"%b%d\r\n\r\n" % (head, len(body)), body, deadline)
            else:
                start = b"%b%d\r\n\r\n" % (head, body.length)
                connection.send_all(start, iter(BodyReading(body)), deadline)
            response = connection.receive()
            return response, _read(response, request.max_response_bytes, self._failures)
        except BaseException as error:
            connection.close()
            if not connection.maybe_sent:
                if connection.used and isinstance(error, OSError) and isinstance(body, bytes):
                    raise _GoneError from None
                not_sent(error)
            raise

    def _unused(self) -> "_Connection | None":
        """Take the connection that was used last, and close those that nobody needs."""
        idle = self._idle
        oldest = self._clock() - self._idle_seconds
        while idle:
            try:
                if idle[0].used < oldest:
                    connection = idle.popleft()
                    if connection.used < oldest:
                        connection.close()
                        continue
                    idle.appendleft(connection)
                connection = idle.pop()
            except IndexError:  # another thread took it
                break
            if connection.is_alive():
                return connection
            connection.close()
        return None

    def _keep(self, connection: "_Connection") -> None:
        connection.used = self._clock()
        self._idle.append(connection)
        if self._closed or len(self._idle) > self._connections:
            with contextlib.suppress(IndexError):
                self._idle.popleft().close()

    def _open(self, deadline: float) -> "_Connection":
        try:
            with self._lock:
                if self._dialer is None:
                    self._dialer = _Dialer(self._base_url, self._proxy, self._ssl_context)
                dialer = self._dialer
            return _Connection(dialer.connected(deadline, self._clock), self._clock)
        except Exception as error:
            if not isinstance(error, FrontdeskError):
                raise _UnconnectedError(error) from None
            not_sent(error)
            raise
        except BaseException as error:
            not_sent(error)
            raise

    def _start_over(self) -> None:
        """Leave the connections to the parent of a fork."""
        with self._lock:
            if self._pid != os.getpid():
                # Closing them here ends them for this process alone.
                _close_all(self._idle)
                self._pid = os.getpid()

    def _line(self, url: str) -> bytes:
        """Make the request line of a POST, and keep it."""
        line = self._request_line("POST", url)
        if len(self._lines) >= URLS:
            self._lines.clear()
        self._lines[url] = line
        return line

    def _request_line(self, verb: str, url: str) -> bytes:
        if not url.startswith(self._base_url):
            rule = f"must be the transport's own, {self._base_url}"
            raise not_sent(InvalidArgument("base_url", rule))
        forwarded = self._proxy is not None and self._base_url.startswith("http:")
        target = url if forwarded else urlsplit(self._base_url).path + url[len(self._base_url) :]
        if not target.isascii() or not target.isprintable() or " " in target:
            raise not_sent(InvalidArgument("url", "must be printable ASCII"))
        if not (verb.isascii() and verb.isalpha()):
            raise not_sent(InvalidArgument("verb", "must be a method of HTTP, such as `POST`"))
        return f"{verb} {target or '/'} HTTP/1.1\r\n".encode("ascii")

    def _make_head(self, headers: Mapping[str, str]) -> bytes:
        """Return the header lines up to the length; most requests send the very same ones."""
        sent = {"Host": urlsplit(self._base_url).netloc, "Accept-Encoding": "identity"}
        if self._proxy is not None and self._base_url.startswith("http:"):
            sent |= without_account(self._proxy)[1]
        names = {name.lower(): name for name in sent}
        for name, value in headers.items():
            sent.pop(names.get(name.lower(), ""), None)
            sent[name] = value
        sent.pop("Content-Length", None)
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        if lines.count("\n") != len(sent) or lines.count("\r") != len(sent) or "\0" in lines:
            raise not_sent(InvalidArgument("headers", "must be one line each"))
        try:
            head = f"{lines}Content-Length: ".encode("latin-1")
        except UnicodeError:
            head = b""
        if not head:
            raise not_sent(InvalidArgument("headers", "must be Latin-1"))
        self._head = (headers, head)
        return head

    def _failure(self, error: BaseException, request: Request) -> BaseException:
        """Return the error to raise: one of ours, or the caller's own, without what is secret."""
        cause: BaseException = error.cause if isinstance(error, _UnconnectedError) else error
        without_secrets(cause, *LIBRARIES, __name__)
        if isinstance(error, _UnconnectedError):
            return self._failures.unconnected(cause, request.timeout)
        if isinstance(error, _BodyError):
            return error.cause if error.maybe_sent else not_sent(error.cause)
        failure: FrontdeskError
        match error:
            case FrontdeskError():
                return error
            case _ if not getattr(error, "maybe_sent", True):
                if not isinstance(error, OSError):
                    return error
                failure = self._failures.unsent(type(error).__name__)
            case TimeoutError():
                failure = self._failures.no_answer(request.timeout)
            case HTTPException() | OSError() | ValueError():
                failure = self._failures.lost(type(error).__name__)
            case _:
                return error
        failure.__cause__ = likeness(error, *LIBRARIES)
        return failure


class _UnconnectedError(Exception):
    """Nothing was sent yet."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


class _GoneError(Exception):
    """The server ended an unused connection, and nothing was sent over it."""


class _BodyError(Exception):
    """The request's body could not be read; unlike an ``OSError`` of the connection."""

    maybe_sent = True

    def __init__(self, cause: BaseException) -> None:
        super().__init__()
        self.cause = cause


class _Dialer:
    """Makes connections to one host, if need be through a proxy."""

    def __init__(
        self, base_url: str, proxy: str | None, ssl_context: ssl.SSLContext | None
    ) -> None:
        parts = urlsplit(base_url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        self._context = (ssl_context or default_ssl_context()) if self._secure else None
        self._proxy: str | None = None
        self._proxy_headers = Headers()
        if proxy is not None:
            self._proxy, self._proxy_headers = without_account(proxy)

    def connected(self, deadline: float, clock: Callable[[], float]) -> HTTPConnection:
        """Connect before the deadline: resolve the name, connect, open the tunnel, secure it."""
        made = self._made()
        # Each address of the name gets its share of the time, since urllib3 tries one by one.
        addresses = socket.getaddrinfo(made.host, made.port, type=socket.SOCK_STREAM)
        left = deadline - clock()
        if left <= 0:
            raise TimeoutError
        made.timeout = left / (len(addresses) or 1)
        # The proxy's response is read through this, so that it cannot drip beyond the deadline.
        made.response_class = partial(_TunnelResponse, deadline, clock)  # type: ignore[assignment]
        try:
            made.connect()
        except BaseException:
            made.close()
            raise
        return made

    def _made(self) -> HTTPConnection:
        if self._proxy is None:
            if self._context is None:
                return HTTPConnection(self._host, self._port)
            return HTTPSConnection(self._host, self._port, ssl_context=self._context)
        url = parse_url(self._proxy)
        host, secure_proxy = (url.host or "").strip("[]"), url.scheme == "https"
        port = url.port or (443 if secure_proxy else 80)
        if self._context is None:
            if not secure_proxy:
                return HTTPConnection(host, port)
            return HTTPSConnection(host, port, ssl_context=default_ssl_context())
        config = None
        if secure_proxy:
            config = ProxyConfig(self._context, False, None, None)
        made = HTTPSConnection(
            host, port, proxy=url, proxy_config=config, ssl_context=self._context
        )
        made.set_tunnel(self._host, self._port, self._proxy_headers, scheme=url.scheme or "http")
        return made


class _Connection:
    """An open connection, used by one request at a time."""

    __slots__ = ("_made", "_sock", "_wire", "maybe_sent", "used")

    def __init__(self, made: HTTPConnection, clock: Callable[[], float]) -> None:
        assert made.sock is not None
        self._made = made
        self._sock = made.sock
        self._wire = _Wire(made.sock, clock)
        self.maybe_sent = False
        """Whether anything of the present request may have reached the server."""
        self.used = 0.0

    def send(self, head: bytes, body: bytes, deadline: float) -> None:
        """Send a whole request."""
        self.maybe_sent = False
        self._wire.start(deadline)
        if len(body) <= JOINED:
            self._send_first(head + body)
        else:
            self._send_first(head)
            self._send_rest(body)

    def send_all(self, head: bytes, chunks: Iterator[bytes], deadline: float) -> None:
        """Send a request whose body comes in pieces; nothing before the first one is there."""
        self.maybe_sent = False
        self._wire.start(deadline)
        first = self._next(chunks)
        try:
            self._send_first(head)
            while first is not None:
                self._send_rest(first)
                first = self._next(chunks)
        except (BrokenPipeError, ConnectionResetError):
            # A server that takes no more may have said why before it ended the connection.
            if not self.maybe_sent:
                raise

    def _next(self, chunks: Iterator[bytes]) -> bytes | None:
        try:
            return next(chunks, None)
        except Exception as error:  # noqa: BLE001 - a body of the user's may raise anything
            raised = _BodyError(error)
            raised.maybe_sent = self.maybe_sent
        raise raised

    def _send_first(self, data: bytes) -> None:
        """Send; only ``send`` tells that not a byte was taken, which ``sendall`` leaves open."""
        sent = self._sock.send(data)
        self.maybe_sent = True
        if sent < len(data):
            self._send_rest(data[sent:])

    def _send_rest(self, data: bytes) -> None:
        view = memoryview(data)
        for start in range(0, len(view), JOINED):
            # A TLS socket starts its time anew with each record, so each piece is given the rest.
            self._wire.limit()
            self._sock.sendall(view[start : start + JOINED])

    def receive(self) -> HTTPResponse:
        """Read the head of the response; those of status 1xx before it are skipped."""
        for _ in range(INTERIM_RESPONSES + 1):
            response = HTTPResponse(self._wire, method="POST")  # type: ignore[arg-type]
            response.begin()
            if response.status >= FINAL or response.status == SWITCHING_PROTOCOLS:
                return response
        raise HTTPException("too many interim responses")

    def has_more(self) -> bool:
        """Whether the server sent more than its response, which the next one must not be."""
        return self._wire.has_more()

    def is_alive(self) -> bool:
        """Whether the server has neither ended the connection nor sent anything unasked."""
        try:
            return not wait_for_read(self._sock, timeout=0.0)
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        self._wire.close()
        self._made.close()


class _Wire(io.RawIOBase):
    """Reads from a socket as long as the deadline allows, whoever asks for how many pieces."""

    def __init__(self, sock: Any, clock: Callable[[], float]) -> None:
        self._sock = sock
        self._clock = clock
        self._deadline = self._set = 0.0
        self._resting = False
        self._file = _OpenFile(self, BUFFER)

    def start(self, deadline: float) -> None:
        """Begin a request."""
        self._deadline = deadline
        self._set = -SLACK
        self.limit()

    def limit(self) -> None:
        """Let the next step on the socket take what is left of the time."""
        now = self._clock()
        if now - self._set > SLACK:
            left = self._deadline - now
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left)
            self._set = now

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._resting:
            return None
        self.limit()
        received: int = self._sock.recv_into(buffer)
        return received

    def has_more(self) -> bool:
        """Whether something was read that nobody asked for."""
        self._resting = True
        try:
            return bool(self._file.peek(1))
        finally:
            self._resting = False

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return the one buffer of the connection, as ``HTTPResponse`` asks its socket for."""
        return self._file


class _OpenFile(io.BufferedReader):
    """Stays open when the response is read: the next one comes from it, too."""

    def close(self) -> None: ...


class _TunnelResponse(HTTPResponse):
    """The response of a proxy to ``CONNECT``."""

    def __init__(
        self, deadline: float, clock: Callable[[], float], sock: Any, **options: Any
    ) -> None:
        wire = _Wire(sock, clock)
        wire.start(deadline)
        super().__init__(wire, **options)  # type: ignore[arg-type]


def _read(response: HTTPResponse, limit: int | None, failures: Failures) -> bytes:
    """Read the whole body, and not much more than it may have."""
    length = response.length
    if length is not None:
        if limit is not None and length > limit:
            raise failures.too_large(limit)
        if length <= CHUNK:
            return response.read()
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read(CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if limit is not None and size > limit:
            raise failures.too_large(limit)
    if length is not None and size < length:
        raise HTTPException("the body was cut short")
    return b"".join(chunks)


def _close_all(connections: "deque[_Connection]") -> None:
    while connections:
        with contextlib.suppress(IndexError):
            connections.pop().close()
