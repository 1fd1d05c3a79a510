"""The default transport of the async client, on aiohttp."""

import asyncio
import contextlib
import math
import os
import select
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

import aiohttp
from multidict import CIMultiDict, istr
from yarl import URL

from frontdesk.concurrency.event_loops import running_loop
from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.core.http_messages import Headers, Reply, Request
from frontdesk.errors import ClientClosed, FrontdeskError, InvalidArgument
from frontdesk.redaction import likeness, without_secrets
from frontdesk.transport.base import BodyReading, Pieces, not_sent
from frontdesk.transport.bodies import decoded
from frontdesk.transport.failures import LIBRARIES, Failures, causes
from frontdesk.transport.tls import default_ssl_context, proxy_for, without_account

__all__ = ["AiohttpTransport"]

CONNECTIONS: Final = 100
IDLE_SECONDS: Final = 30.0
"""How long an unused connection is kept; many servers and gateways end it after 60 s."""
LARGE: Final = 512 * 1024
"""From which size on a body is sent in pieces, since aiohttp would keep the loop with it."""
LEAST_SHARE: Final = 0.05
"""How much of its time a request needs when it gets a connection; with less, it is not sent."""
HEARD: Final = 0.005
"""Seconds after a response in which the loop counts as awake, so that it has seen what came in."""
URLS: Final = 256
"""Parsed addresses to keep; an API has fewer methods."""


class AiohttpTransport:
    """Sends requests to one host over a pool of connections for each event loop.

    Safe to share between tasks, event loops and threads; the child of a fork gets connections of
    its own. A loop that ends closes its connections, and nothing that happens in one loop ends
    the requests of another.
    """

    def __init__(
        self,
        base_url: str,
        *,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        connections: int = CONNECTIONS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._secure = base_url.startswith("https:")
        proxy = proxy_for(base_url, proxy)
        account = Headers()
        self._proxy: str | None = None
        if proxy is not None:
            self._proxy, account = without_account(proxy)
        # A tunnel takes the account with its CONNECT, a plain request with its own headers.
        self._proxy_headers = account if account and self._secure else None
        self._more_headers = Headers() if self._secure else account
        self._ssl_context = ssl_context
        self._connections = connections
        self._idle_seconds = idle_seconds
        self._failures = Failures(base_url, proxy)
        self._lock = ForkSafeLock()
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pool] = WeakKeyDictionary()
        self._last: tuple[asyncio.AbstractEventLoop, _Pool] | None = None
        self._pid = os.getpid()
        self._closed = False
        self._timeout = _client_timeout(20.0)
        self._urls: dict[str, URL] = {}
        self._headers: tuple[Mapping[str, str], CIMultiDict[str]] = ({}, CIMultiDict())
        self._inherited: list[object] = []

    async def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        reading: BodyReading | None = None
        try:
            if not isinstance(request.body, bytes):
                reading = BodyReading(request.body)
            elif len(request.body) > LARGE:
                reading = BodyReading(Pieces(request.body))
            return await self._send(request, reading)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it must hold no secrets
            failure = self._failure(error, request, reading)
        # Outside of the clause, or the library's exception would be the context of ours.
        raise failure

    async def close(self) -> None:
        """Close all connections: those of the running loop at once, other loops' when unused."""
        self._closed = True
        if self._pid != os.getpid():
            return
        with self._lock:
            pools = list(self._pools.items())
            self._pools = WeakKeyDictionary()
            self._last = None
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        for loop, pool in pools:
            if loop is here:
                await pool.close()
            else:
                with contextlib.suppress(RuntimeError):  # that loop has ended, and closed its own
                    loop.call_soon_threadsafe(pool.retire)

    async def _send(self, request: Request, reading: BodyReading | None) -> Reply:
        loop = running_loop()
        last = self._last
        if last is None or last[0] is not loop or self._pid != os.getpid():
            pool = await self._pool(loop)
        else:
            pool = last[1]
        timeout = self._timeout
        if timeout.total != request.timeout:
            timeout = self._timeout = _client_timeout(request.timeout)
        known_headers, headers = self._headers
        if request.headers is not known_headers:
            headers = self._multidict(request.headers)
        if reading is not None:
            headers = headers.copy()
            headers["Content-Length"] = str(reading.length)
            reading.open()
        if pool.free:
            pool.free -= 1
        else:
            timeout = _client_timeout(await self._wait(pool, request.timeout))
        try:
            # BodyReading gives the connection back at its end, and closes it when it is cancelled.
            response = await pool.session.request(
                request.verb,
                self._urls.get(request.url) or self._url(request.url),
                data=reading or request.body,
                headers=headers,
                timeout=timeout,
                proxy=self._proxy,
                proxy_headers=self._proxy_headers,
                allow_redirects=False,
            )
            limit = request.max_response_bytes
            length = response.content_length
            if limit is None or (length is not None and length <= limit):
                data = await response.read()
            else:
                data = await self._read(response, length or 0, limit)
            pool.connector.heard_at = loop.time()
            encoding = response.headers.get("Content-Encoding")
            if encoding is not None:
                data = decoded(data, encoding, limit, self._failures)
            return Reply(response.status, response.headers, data)
        finally:
            pool.leave()

    async def _read(self, response: aiohttp.ClientResponse, length: int, limit: int) -> bytes:
        """Read a body that has more than the limit, or does not say how much."""
        chunks: list[bytes] = []
        size = 0
        try:
            if length <= limit:
                async for chunk in response.content.iter_any():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > limit:
                        break
                else:
                    return b"".join(chunks)
        except BaseException:
            response.close()
            raise
        response.close()
        raise self._failures.too_large(limit)

    async def _wait(self, pool: "_Pool", seconds: float) -> float:
        """Wait for a free connection; return how many seconds are left."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with asyncio.timeout(seconds):
                await pool.place()
        except TimeoutError:
            raise self._failures.pool_full(self._connections, seconds) from None
        except BaseException as error:
            not_sent(error)
            raise
        left = seconds - (loop.time() - started)
        if left < seconds * LEAST_SHARE:
            pool.leave()
            raise self._failures.pool_full(self._connections, seconds)
        return left

    async def _pool(self, loop: asyncio.AbstractEventLoop) -> "_Pool":
        """Return the pool of a loop; make it if there is none yet."""
        if self._closed:
            raise not_sent(ClientClosed("the client is closed; make a new one"))
        with self._lock:
            if self._pid != os.getpid():
                # Dropping what the parent of the fork uses would end its connections too.
                self._inherited += [self._last, *self._pools.items()]
                self._pools = WeakKeyDictionary()
                self._pid = os.getpid()
            pool = self._pools.get(loop)
            if pool is None:
                pool = self._pools[loop] = self._new_pool(loop)
            self._last = (loop, pool)
        if pool.starts:
            pool.starts = False
            await anext(pool.keeper)
        return pool

    def _new_pool(self, loop: asyncio.AbstractEventLoop) -> "_Pool":
        try:
            context = (self._ssl_context or default_ssl_context()) if self._secure else True
        except FrontdeskError as error:
            not_sent(error)
            raise
        connector = _Connector(
            # The pool's places are what limits them.
            limit=0,
            keepalive_timeout=self._idle_seconds,
            ssl=context,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            # Decompressed here, where the size is limited.
            auto_decompress=False,
        )
        return _Pool(loop, session, connector, self._connections)

    def _url(self, text: str) -> URL:
        """Parse an address, and keep it."""
        if len(self._urls) >= URLS:
            self._urls.clear()
        url = self._urls[text] = URL(text)
        return url

    def _multidict(self, headers: Mapping[str, str]) -> CIMultiDict[str]:
        """Make of headers what aiohttp takes, and keep it; most calls send the very same ones."""
        made = CIMultiDict((istr(name), value) for name, value in headers.items())
        made.setdefault(istr("Accept-Encoding"), "identity")
        made.update(self._more_headers)
        text = "".join(f"{name}{value}" for name, value in made.items())
        if any(sign in text for sign in "\r\n\0"):
            raise not_sent(InvalidArgument("headers", "must be one line each"))
        self._headers = (headers, made)
        return made

    def _failure(
        self, error: BaseException, request: Request, reading: BodyReading | None
    ) -> BaseException:
        """Return the error to raise: one of ours, or the caller's own, without what is secret."""
        sent = all(getattr(link, "maybe_sent", True) for link in causes(error))
        without_secrets(error, *LIBRARIES, __name__)
        if reading is not None and reading.error is not None:
            return reading.error
        failure: FrontdeskError
        match error:
            case FrontdeskError():
                return error
            case aiohttp.ClientHttpProxyError():
                failure = self._failures.proxy_refused(error.status, error.message)
            case aiohttp.ClientConnectorDNSError():
                failure = self._failures.unknown_host()
            case aiohttp.InvalidURL():
                failure = self._failures.unreachable("its address is not valid")
            case aiohttp.ClientError() | OSError() if not sent:
                return self._failures.unconnected(error, request.timeout)
            case TimeoutError():
                failure = self._failures.no_answer(request.timeout)
            case aiohttp.ClientError() | OSError() | RuntimeError() if self._closed:
                failure = ClientClosed(
                    "the client was closed while the request was under way; the work may have been "
                    "done, so look before you retry"
                )
            case aiohttp.ClientError() | OSError():
                failure = self._failures.lost(type(error).__name__)
            case _:
                return error if sent else not_sent(error)
        failure.__cause__ = likeness(error, *LIBRARIES)
        return failure if sent else not_sent(failure)


class _Connector(aiohttp.TCPConnector):
    """Gives out connections that nothing has come over while they were idle.

    Servers close idle connections, and send what nobody asked for over them, such as a 408. The
    request would be lost, or get that response. A loop that was busy has not seen it yet; one that
    was idle has handed it to aiohttp, which keeps it for the next request.
    What goes wrong before there is a connection is marked, whatever aiohttp makes of it.

    ``connect`` is the documented method of a connector, and all that is overridden.
    """

    heard_at = -math.inf
    """When the loop last delivered a response."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType]
        self._used: WeakSet[object] = WeakSet()
        """Of the connections, those that have served a request. A new one may have something
        unread: TLS 1.3 sends its tickets after the handshake."""

    async def connect(self, *args: Any, **options: Any) -> Any:
        try:
            while True:
                connection = await super().connect(*args, **options)
                if connection.protocol not in self._used:
                    self._used.add(connection.protocol)
                    return connection
                if not self._is_tainted(connection):
                    return connection
                connection.close()
        except BaseException as error:
            not_sent(error)
            raise

    def _is_tainted(self, connection: Any) -> bool:
        """Whether something came over a connection that nobody waits for."""
        if connection.protocol.should_close:  # the loop has read it, and aiohttp keeps it
            return True
        now = asyncio.get_running_loop().time()
        return now - self.heard_at >= HEARD and _has_unread(connection)


def _has_unread(connection: Any) -> bool:
    transport = connection.transport
    sock = None if transport is None else transport.get_extra_info("socket")
    if sock is None:
        return False
    try:
        if not hasattr(select, "poll"):  # Windows
            return bool(select.select([sock], [], [], 0)[0])
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):  # closed by now
        return True


class _Pool:
    """The connections of one event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        session: aiohttp.ClientSession,
        connector: _Connector,
        connections: int,
    ) -> None:
        self.session = session
        self.connector = connector
        self.keeper = _closed_with_the_loop(session)
        self.starts = True
        self.free = connections
        """How many requests more may be under way."""
        self._loop = loop
        self._connections = connections
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._retiring = False
        self._closing: asyncio.Task[None] | None = None

    async def place(self) -> None:
        """Wait for the place of another request, in turn."""
        waiter = self._loop.create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self.leave()  # it was given a place just now
            raise

    def leave(self) -> None:
        """Take note that a request is over: its place goes to whoever waits."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self.free += 1
        if self._retiring:
            self.retire()

    def retire(self) -> None:
        """Close, once no request is under way; in the loop of the pool."""
        self._retiring = True
        if self.free == self._connections and self._closing is None:
            self._closing = self._loop.create_task(self.close())

    async def close(self) -> None:
        await self.keeper.aclose()


def _client_timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, ceil_threshold=math.inf)


async def _closed_with_the_loop(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    """Close the session when the generator is closed, as a loop does with all before it ends."""
    try:
        yield
    finally:
        await session.close()
