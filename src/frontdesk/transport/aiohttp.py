"""The default transport of the async client, on aiohttp."""

import asyncio
import math
import os
import ssl
from collections.abc import AsyncGenerator, Mapping

import aiohttp
from multidict import CIMultiDict, istr
from yarl import URL

from frontdesk.errors import ClientClosed, TransportError
from frontdesk.transport._base import Headers, Reading, Reply, Request, not_sent
from frontdesk.transport._failures import Failures, without_library_frames
from frontdesk.transport._tls import default_ssl_context, proxy_for

__all__ = ["AiohttpTransport"]

CONNECTIONS = 100
URLS = 256
"""Parsed addresses to keep; an API has fewer methods."""

CONNECT_SHARE = 0.95
"""How much of the time-out connecting may take; aiohttp tells it from the rest only if less."""


class AiohttpTransport:
    """Sends requests to one host over a pool of connections.

    Safe to share between the tasks of a loop; another loop, or the child of a fork, gets
    connections of its own. A loop that ends closes those that are still open.
    """

    def __init__(
        self,
        base_url: str,
        *,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self._secure = base_url.startswith("https:")
        self._proxy = proxy_for(base_url, proxy)
        self._ssl_context = ssl_context
        self._connections = connections
        self._failures = Failures(base_url)
        self._session: aiohttp.ClientSession | None = None
        self._keeper: AsyncGenerator[None] | None = None
        self._owner: tuple[int, asyncio.AbstractEventLoop] | None = None
        self._closed = False
        self._timeout = _client_timeout(20.0)
        self._urls: dict[str, URL] = {}
        self._headers: tuple[Mapping[str, str], CIMultiDict[str]] = ({}, CIMultiDict())
        self._inherited: list[object] = []

    async def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole answer."""
        session = self._session
        if session is None or self._owner != _owner():
            session = await self._connect()
        timeout = self._timeout
        if timeout.total != request.timeout:
            timeout = self._timeout = _client_timeout(request.timeout)
        headers = request.headers
        reading: Reading | None = None
        if not isinstance(request.body, bytes):
            headers = Headers(headers)
            headers["Content-Length"] = str(request.body.length)
            reading = Reading(request.body)
        try:
            # `read` gives the connection back at its end, and closes it when it is cancelled.
            answer = await session.post(
                self._url(request.url),
                data=reading or request.body,
                headers=self._multidict(headers),
                timeout=timeout,
                proxy=self._proxy,
                allow_redirects=False,
            )
            return Reply(answer.status, answer.headers, await answer.read())
        except BaseException as error:
            without_library_frames(error)
            if reading is not None and reading.error is not None:
                raise reading.error from None
            if isinstance(error, (aiohttp.ClientError, OSError)):
                raise self._explained(error, request.timeout) from error
            raise

    async def close(self) -> None:
        """Close all connections."""
        self._closed = True
        keeper, self._session = self._keeper, None
        if keeper is not None and self._owner == _owner():
            self._keeper = None
            await keeper.aclose()

    async def _connect(self) -> aiohttp.ClientSession:
        if self._closed:
            raise not_sent(ClientClosed("the client is closed; make a new one"))
        if self._owner is not None and self._owner[0] != os.getpid():
            # Dropping what the parent of the fork uses would end its connections too.
            self._inherited += [self._session, self._keeper, self._owner]
        connector = aiohttp.TCPConnector(
            limit=self._connections,
            ssl=(self._ssl_context or default_ssl_context()) if self._secure else True,
        )
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        self._keeper = _closed_with_the_loop(session)
        await anext(self._keeper)
        self._session, self._owner = session, _owner()
        return session

    def _url(self, text: str) -> URL:
        url = self._urls.get(text)
        if url is None:
            if len(self._urls) >= URLS:
                self._urls.clear()
            url = self._urls[text] = URL(text)
        return url

    def _multidict(self, headers: Mapping[str, str]) -> CIMultiDict[str]:
        """Return the headers as aiohttp wants them; most calls send the very same ones."""
        known, made = self._headers
        if headers is not known:
            made = CIMultiDict((istr(name), value) for name, value in headers.items())
            self._headers = (headers, made)
        return made

    def _explained(self, error: Exception, timeout: float) -> TransportError:
        match error:
            case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
                return self._failures.not_trusted(error)
            case aiohttp.ClientConnectorDNSError():
                return self._failures.unknown_host()
            case aiohttp.ConnectionTimeoutError():
                return self._failures.slow_to_connect(timeout)
            case aiohttp.ClientConnectorError() | aiohttp.ClientHttpProxyError():
                return self._failures.unreachable(error)
            case aiohttp.InvalidURL():
                return self._failures.unreachable("its address is not valid")
            case TimeoutError():
                return self._failures.no_answer(timeout)
            case _:
                return self._failures.lost(type(error).__name__)


def _owner() -> tuple[int, asyncio.AbstractEventLoop]:
    return os.getpid(), asyncio.get_running_loop()


def _client_timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=seconds, connect=seconds * CONNECT_SHARE, ceil_threshold=math.inf
    )


async def _closed_with_the_loop(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    """Close the session when the generator is closed, as a loop does with all before it ends."""
    try:
        yield
    finally:
        await session.close()
