"""The default transport of the async client, on aiohttp."""

import asyncio
import os
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDict, istr
from yarl import URL

from frontdesk.errors import (
    ClientClosed,
    ConnectError,
    ConnectionClosed,
    InvalidArgument,
    RequestTimeout,
    TransportError,
)
from frontdesk.transport._base import Reply, Request, async_chunks
from frontdesk.transport._tls import default_ssl_context, proxy_for

__all__ = ["AiohttpTransport"]

CONNECTIONS = 100
URLS = 256
"""Parsed addresses to keep; an API has fewer methods."""


class AiohttpTransport:
    """Sends requests to one host over a pool of connections.

    Safe to share between the tasks of a loop; another loop, or the child of a fork, gets
    connections of its own.
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
        self._session: aiohttp.ClientSession | None = None
        self._owner: tuple[int, asyncio.AbstractEventLoop] | None = None
        self._closed = False
        self._timeout = aiohttp.ClientTimeout(total=20.0)
        self._urls: dict[str, URL] = {}
        self._headers: tuple[Mapping[str, str], CIMultiDict[str]] = ({}, CIMultiDict())
        self._inherited: list[aiohttp.ClientSession] = []

    async def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole answer."""
        session = self._connected()
        timeout = self._timeout
        if timeout.total != request.timeout:
            timeout = self._timeout = aiohttp.ClientTimeout(total=request.timeout)
        body: Any = request.body
        headers: Any = self._multidict(request.headers)
        if not isinstance(body, bytes):
            headers = {**request.headers, "Content-Length": str(body.length)}
            body = async_chunks(body)
        try:
            # `read` gives the connection back at its end, and closes it when it is cancelled.
            answer = await session.post(
                self._url(request.url),
                data=body,
                headers=headers,
                timeout=timeout,
                proxy=self._proxy,
                allow_redirects=False,
            )
            return Reply(answer.status, answer.headers, await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _transport_error(error, self._base_url, request.timeout) from error
        except ValueError as error:
            raise InvalidArgument("headers", str(error)) from None

    async def close(self) -> None:
        """Close all connections."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None and self._owner == _owner():
            await session.close()

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

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is not None and self._owner == _owner():
            return self._session
        if self._closed:
            raise ClientClosed("the client is closed; make a new one")
        if self._session is not None:
            self._leave(self._session)
        secure = self._base_url.startswith("https:")
        connector = aiohttp.TCPConnector(
            limit=self._connections,
            ssl=(self._ssl_context or default_ssl_context()) if secure else True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._owner = _owner()
        return self._session

    def _leave(self, session: aiohttp.ClientSession) -> None:
        """Give up connections of another loop or, after a fork, of the parent process."""
        if self._owner is not None and self._owner[0] != os.getpid():
            # Closing them here would end the parent's connections too.
            self._inherited.append(session)
        else:
            session.detach()


def _owner() -> tuple[int, asyncio.AbstractEventLoop]:
    return os.getpid(), asyncio.get_running_loop()


def _transport_error(error: Exception, base_url: str, timeout: float) -> TransportError:
    host = urlsplit(base_url).netloc
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return ConnectError(
                f"the TLS connection to {host} failed: {error}; "
                "check the clock, the host name and the certificate authorities"
            )
        case aiohttp.ClientConnectorDNSError():
            return ConnectError(f"the host name {host} cannot be resolved; check `base_url`")
        case aiohttp.ConnectionTimeoutError():
            return ConnectError(f"no connection to {host} within {timeout:g} s")
        case aiohttp.ClientConnectorError() | aiohttp.ClientHttpProxyError():
            return ConnectError(f"no connection to {host}: {error}")
        case TimeoutError():
            return RequestTimeout(
                f"no answer from {host} within {timeout:g} s; the work may have been done"
            )
        case aiohttp.InvalidURL():
            return ConnectError(f"{base_url!r} is not an address; check `base_url` and `proxy`")
        case _:
            return ConnectionClosed(
                f"the connection to {host} ended before the answer did ({type(error).__name__}); "
                "the work may have been done"
            )
