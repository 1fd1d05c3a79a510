"""A proxy on this machine that forwards to one service, and shows somebody what passes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import urlsplit

import aiohttp
import msgspec
from multidict import CIMultiDict

from frontdesk.core.http_messages import Reply
from frontdesk.redaction import redacted
from frontdesk.transport.loopback import LoopbackServer, ServedRequest, ServedSocket
from frontdesk.transport.tls import default_ssl_context, proxy_for

__all__ = ["WEBHOOK_PATH", "ForwardingProxy", "Observer"]

WEBHOOK_PATH: Final = "/__record__/webhooks"
"""Where the proxy takes webhooks, which go to the application."""
TIMEOUT: Final = 60.0
HOP_BY_HOP: Final = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding "  # noqa: SIM905 - a list of words
    "upgrade host content-length content-encoding accept-encoding expect".split()
)
"""Headers of one connection, and those that the other one has of its own."""


class Observer(Protocol):
    """What is shown what passes."""

    def request(self, verb: str, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """See a request over HTTP; returns what the response is shown with."""
        ...

    def response(
        self, number: int | None, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """See the response to a request."""
        ...

    def failed(self, number: int | None, error: BaseException) -> None:
        """See that a request got no complete response."""
        ...

    def connected(self, url: str) -> int | None:
        """See a new WebSocket connection; returns what its messages are shown with."""
        ...

    def frame(self, connection: int | None, data: bytes, *, is_client: bool) -> None:
        """See a message of the client or of the server."""
        ...

    def disconnected(
        self, connection: int | None, code: int | None = None, *, by_client: bool = True
    ) -> None:
        """See the end of a WebSocket connection, and who ended it."""
        ...

    def webhook(self, body: bytes, status: int | None) -> None:
        """See a webhook, and the status that the application responded with."""
        ...


class ForwardingProxy(LoopbackServer):
    """Forwards HTTP and WebSocket connections to one service.

    Args:
        target: The base URL of the service.
        observer: What is shown what passes; it is called in the thread of the proxy.
        webhooks: Where webhooks that come to ``WEBHOOK_PATH`` go; they are refused by default.
        host: The address to listen at, one of this machine.
        port: The port; 0 picks a free one.

    Raises:
        InvalidArgument: The host is not one of this machine alone.
        ServerError: The port cannot be listened at.
    """

    def __init__(
        self,
        target: str,
        observer: Observer,
        *,
        webhooks: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        app = _Forwarding(target.rstrip("/"), observer, webhooks)
        super().__init__(app, host=host, port=port)


class _Forwarding:
    def __init__(self, target: str, observer: Observer, webhooks: str | None) -> None:
        self._target = target
        self._observer = observer
        self._webhooks = webhooks
        self._session: aiohttp.ClientSession | None = None

    async def respond(self, request: ServedRequest) -> Reply:
        if urlsplit(request.target).path == WEBHOOK_PATH:
            return await self._webhook(request)
        url = f"{self._target}{request.target}"
        number = self._observer.request(request.verb, url, request.headers, request.body)
        try:
            reply = await self._send(request.verb, url, request)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._observer.failed(number, error)
            return _unreachable(self._target, error)
        self._observer.response(number, reply.status, reply.headers, reply.body)
        return reply

    async def connect(
        self, request: ServedRequest, accept: Callable[[], Awaitable[ServedSocket]]
    ) -> Reply | None:
        url = f"{self._target}{request.target}"
        headers = {
            name: value
            for name, value in _kept(request.headers).items()
            if not name.lower().startswith("sec-websocket-")
        }
        try:
            upstream = await self._open().ws_connect(
                url, headers=headers, max_msg_size=0, proxy=proxy_for(self._target, None)
            )
        except aiohttp.WSServerHandshakeError as error:
            return Reply(error.status, {}, b"")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return _unreachable(self._target, error)
        client = await accept()
        connection = self._observer.connected(url)
        from_client = asyncio.create_task(self._to_service(client, upstream, connection))
        from_service = asyncio.create_task(self._to_client(client, upstream, connection))
        try:
            await asyncio.wait((from_client, from_service), return_when=asyncio.FIRST_COMPLETED)
        finally:
            by_client = from_client.done() and not from_service.done()
            code = client.close_code if by_client else upstream.close_code
            from_client.cancel()
            from_service.cancel()
            await asyncio.gather(from_client, from_service, return_exceptions=True)
            with suppress(Exception):
                await upstream.close()
            with suppress(Exception):
                await client.close(code if code and code in _SENDABLE else 1000)
            self._observer.disconnected(connection, code, by_client=by_client)
        return None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _to_service(
        self,
        client: ServedSocket,
        upstream: aiohttp.ClientWebSocketResponse,
        connection: int | None,
    ) -> None:
        while (data := await client.receive()) is not None:
            self._observer.frame(connection, data, is_client=True)
            await upstream.send_str(data.decode("utf-8", "replace"))

    async def _to_client(
        self,
        client: ServedSocket,
        upstream: aiohttp.ClientWebSocketResponse,
        connection: int | None,
    ) -> None:
        async for message in upstream:
            if message.type is aiohttp.WSMsgType.TEXT:
                data: bytes = message.data.encode("utf-8", "surrogatepass")
            elif message.type is aiohttp.WSMsgType.BINARY:
                data = message.data
            else:
                continue
            self._observer.frame(connection, data, is_client=False)
            await client.send(data)

    async def _webhook(self, request: ServedRequest) -> Reply:
        if self._webhooks is None:
            return Reply(HTTPStatus.NOT_FOUND, {}, b"this proxy was not told where webhooks go\n")
        try:
            reply = await self._send(request.verb, self._webhooks, request)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._observer.webhook(request.body, None)
            return _unreachable(self._webhooks, error)
        self._observer.webhook(request.body, reply.status)
        return reply

    async def _send(self, verb: str, url: str, request: ServedRequest) -> Reply:
        # Where a redirect leads is for the client to decide: its token is meant for one server.
        async with self._open().request(
            verb,
            url,
            headers=_kept(request.headers),
            data=request.body or None,
            allow_redirects=False,
            proxy=proxy_for(url, None),
        ) as response:
            body = await response.read()
            return Reply(response.status, _kept(response.headers), body)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            secure = urlsplit(self._target).scheme == "https"
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=default_ssl_context() if secure else True),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                skip_auto_headers=("User-Agent", "Content-Type"),
                trust_env=False,
            )
        return self._session


_SENDABLE: Final = frozenset((1000, 1001, 1003, 1007, 1008, 1009, 1010, 1011, *range(3000, 5000)))
"""Codes that a server may end a connection with."""


def _kept(headers: Mapping[str, str]) -> "CIMultiDict[str]":
    kept: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        if name.lower() not in HOP_BY_HOP:
            kept.add(name, value)
    return kept


def _unreachable(url: str, error: BaseException) -> Reply:
    """Respond in the envelope of the API, so that clients can read it."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    message = redacted(f"the proxy got no response of {host}: {type(error).__name__}")
    body = msgspec.json.encode({"error": {"type": "service_unavailable", "message": message}})
    return Reply(HTTPStatus.BAD_GATEWAY, {"Content-Type": "application/json"}, body)
