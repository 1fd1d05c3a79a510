"""In-process transports: they call an ASGI app without a socket."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from frontdesk.errors import ClientClosed, ConnectionClosed, RequestTimeout
from frontdesk.transport._base import Reply, Request

__all__ = ["AsgiApp", "AsgiTransport", "AsyncAsgiTransport"]

Message: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


class AsyncAsgiTransport:
    """Calls an ASGI app in the running loop."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def send(self, request: Request) -> Reply:
        """Run the app for one request."""
        try:
            async with asyncio.timeout(request.timeout):
                return await _call(self._app, request)
        except TimeoutError:
            raise RequestTimeout(f"no answer within {request.timeout:g} s") from None

    async def close(self) -> None:
        """Do nothing: there are no connections."""


class AsgiTransport:
    """Calls an ASGI app from sync code, in a loop of its own on a background thread."""

    def __init__(self, app: AsgiApp) -> None:
        self._inner = AsyncAsgiTransport(app)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._closed = False

    def send(self, request: Request) -> Reply:
        """Run the app for one request and wait for the answer."""
        return asyncio.run_coroutine_threadsafe(self._inner.send(request), self._running()).result()

    def close(self) -> None:
        """Stop the loop."""
        with self._lock:
            self._closed = True
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise ClientClosed("the client is closed; make a new one")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=_run, args=(self._loop,), name="frontdesk-asgi", daemon=True
                ).start()
            return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _call(app: AsgiApp, request: Request) -> Reply:
    body = request.body if isinstance(request.body, bytes) else b"".join(request.body.chunks())
    parts = urlsplit(request.url)
    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode("ascii"),
        "query_string": parts.query.encode("ascii"),
        "root_path": "",
        "headers": [
            (b"host", parts.netloc.encode("ascii")),
            (b"content-length", str(len(body)).encode("ascii")),
            *(
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in request.headers.items()
            ),
        ],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname, parts.port or 80),
    }
    answered = asyncio.Event()
    unread = [body]
    status = 0
    headers: dict[str, str] = {}
    chunks: list[bytes] = []

    async def receive() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            for name, value in message.get("headers", ()):
                headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                answered.set()

    await app(scope, receive, send)
    if not answered.is_set():
        raise ConnectionClosed("the app ended before its answer did")
    return Reply(status, headers, b"".join(chunks))
