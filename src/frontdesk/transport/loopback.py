"""A small server on this machine, in a thread: for proxies and for recordings that are replayed."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

from aiohttp import WSCloseCode, WSMsgType, web
from msgspec import Struct

from frontdesk.core.http_messages import Reply
from frontdesk.errors import InvalidArgument, ServerError
from frontdesk.hosts import is_loopback

__all__ = ["LoopbackApp", "LoopbackServer", "ServedRequest", "ServedSocket"]

T = TypeVar("T")

MAX_BODY: Final = 64 * 1024 * 1024
"""Bytes; the longest file of the API has 10 MB, and a page of archives about one."""
STOP_SECONDS: Final = 0.5
"""Seconds that requests under way get to end."""


class ServedRequest(Struct, frozen=True):
    """A request over HTTP; ``target`` is the path with its query, as it was sent."""

    verb: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"ServedRequest({self.verb}, {len(self.body)} bytes)"


class ServedSocket:
    """A WebSocket connection that a client has made."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def receive(self) -> bytes | None:
        """Return the next message; None at the end of the connection."""
        message = await self._socket.receive()
        if message.type is WSMsgType.TEXT:
            text: str = message.data
            return text.encode("utf-8", "surrogatepass")
        return bytes(message.data) if message.type is WSMsgType.BINARY else None

    async def send(self, data: bytes) -> None:
        """Send a message; nothing happens when the connection has ended."""
        if not self._socket.closed:
            await self._socket.send_str(data.decode("utf-8", "replace"))

    async def close(self, code: int = WSCloseCode.OK) -> None:
        """End the connection."""
        await self._socket.close(code=code)

    @property
    def close_code(self) -> int | None:
        """The code that the connection ended with."""
        return self._socket.close_code


class LoopbackApp(Protocol):
    """What responds."""

    async def respond(self, request: ServedRequest) -> Reply:
        """Respond to a request over HTTP; a response of the status 0 cuts the connection."""
        ...

    async def connect(
        self, request: ServedRequest, accept: Callable[[], Awaitable[ServedSocket]]
    ) -> Reply | None:
        """Carry on a WebSocket connection, or return a response that refuses it."""
        ...

    async def close(self) -> None:
        """Close what is open; called in the loop of the server."""
        ...


class LoopbackServer:
    """Serves an app on this machine, on a thread with an event loop of its own.

    Args:
        app: What responds.
        host: The address to listen at; only those of this machine itself are allowed.
        port: The port; 0 picks a free one.

    Raises:
        InvalidArgument: The host is not one of this machine alone.
        ServerError: The port cannot be listened at.
    """

    def __init__(self, app: LoopbackApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        if not is_loopback(host):
            raise InvalidArgument("host", f"must be an address of this machine, not {host!r}")
        self._app = app
        self._sockets: set[web.WebSocketResponse] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="frontdesk-loopback", daemon=True
        )
        self._thread.start()
        self._closed = False
        try:
            bound = self.run(self._start(host, port))
        except OSError as error:
            self.close()
            raise ServerError(
                f"cannot listen at {host}:{port}: {error.strerror or error}; choose another port "
                "(0 picks a free one)"
            ) from None
        self.url: str = f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the loop of the server, from another thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """End all connections and the thread."""
        if self._closed:
            return
        self._closed = True
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def _start(self, host: str, port: int) -> int:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound: int = self._runner.addresses[0][1]
        return bound

    async def _stop(self) -> None:
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)
        await self._runner.cleanup()
        await self._app.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        served = ServedRequest(
            request.method, request.raw_path, request.headers, await request.read()
        )
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._connect(request, served)
        reply = await self._app.respond(served)
        if not reply.status and request.transport is not None:
            request.transport.abort()
        return _response(reply)

    async def _connect(self, request: web.Request, served: ServedRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=0, compress=False)

        async def accept() -> ServedSocket:
            await socket.prepare(request)
            self._sockets.add(socket)
            return ServedSocket(socket)

        try:
            refusal = await self._app.connect(served, accept)
        finally:
            self._sockets.discard(socket)
        return socket if refusal is None else _response(refusal)


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status or 502, headers=reply.headers, body=reply.body)
