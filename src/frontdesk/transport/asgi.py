"""In-process transports: they call an ASGI app without a socket."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import CancelledError
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.core.http_messages import Reply, Request
from frontdesk.errors import ClientClosed, ConnectionClosed, RequestTimeout
from frontdesk.transport.base import not_sent

__all__ = ["AsgiApp", "AsgiTransport", "AsyncAsgiTransport"]

Message: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


class AsyncAsgiTransport:
    """Calls an ASGI app in the running loop. Errors of the app come out as they are."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._closed = False

    async def send(self, request: Request) -> Reply:
        """Run the app for one request."""
        if self._closed:
            raise not_sent(ClientClosed("the client is closed; make a new one"))
        limit = asyncio.timeout(request.timeout)
        try:
            async with limit:
                return await _call(self._app, request)
        except TimeoutError:
            if not limit.expired():
                raise
            raise RequestTimeout(f"no response within {request.timeout:g} s") from None

    async def close(self) -> None:
        """Refuse further requests: there are no connections."""
        self._closed = True


class AsgiTransport:
    """Calls an ASGI app from sync code, in a loop of its own on a background thread.

    Errors of the app come out as they are. After a fork the child has a loop of its own.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._inner = AsyncAsgiTransport(app)
        self._lock = ForkSafeLock()
        self._thread: _LoopThread | None = None
        self._closed = False

    def send(self, request: Request) -> Reply:
        """Run the app for one request and wait for the response."""
        loop = self._loop()
        reply = asyncio.run_coroutine_threadsafe(self._inner.send(request), loop)
        try:
            return reply.result()
        except CancelledError:
            raise ClientClosed(
                "the client was closed while the request was under way; the work may have been "
                "done, so look before you retry"
            ) from None
        finally:
            reply.cancel()

    def close(self) -> None:
        """Stop the loop; requests under way end with ``ClientClosed``."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None and thread.pid == os.getpid():
            thread.stop()

    def _loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise not_sent(ClientClosed("the client is closed; make a new one"))
            if self._thread is None or self._thread.pid != os.getpid():
                self._thread = _LoopThread()
            return self._thread.loop


class _LoopThread:
    """An event loop on a thread, which ends its tasks when it is stopped."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="frontdesk-asgi", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the tasks and the loop."""
        self.loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        await self._stopped.wait()


async def _call(app: AsgiApp, request: Request) -> Reply:
    body = request.body if isinstance(request.body, bytes) else b"".join(request.body.chunks())
    parts = urlsplit(request.url)
    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.verb,
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
    responded = asyncio.Event()
    unread = [body]
    status = 0
    headers: dict[str, str] = {}
    chunks: list[bytes] = []

    async def receive() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        await responded.wait()
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
                responded.set()

    await app(scope, receive, send)
    if not responded.is_set():
        raise ConnectionClosed("the app ended before its response did")
    return Reply(status, headers, b"".join(chunks))
