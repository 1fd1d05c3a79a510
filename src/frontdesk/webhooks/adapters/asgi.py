"""A receiver as an ASGI application, for uvicorn, hypercorn, granian, or to be mounted."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any, TypeAlias

from frontdesk.webhooks.body_validation import length_of
from frontdesk.webhooks.receiver import Receiver
from frontdesk.webhooks.responses import WebhookResponse

__all__ = ["App", "asgi_app"]

Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
App: TypeAlias = Callable[[Event, Receive, Send], Awaitable[None]]

TRACE = frozenset({b"traceparent", b"tracestate"})
"""The headers that name a trace."""
NOT_FOUND = WebhookResponse(404, "not found\n")


def asgi_app(
    receiver: Receiver, path: str | None = None, *, close_timeout: float | None = None
) -> App:
    """Make an ASGI application of a receiver.

    - ``path``: the only path to respond at, such as ``/webhooks/`` and a long random text; any path
      by default.
    - ``close_timeout``: seconds to finish accepted webhooks when the server stops; without a limit
      by default.
    """

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _respond(send, await _http(receiver, path, scope, receive))
        elif scope["type"] == "lifespan":
            await _lifespan(receiver, close_timeout, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    return app


async def _http(
    receiver: Receiver, path: str | None, scope: Event, receive: Receive
) -> WebhookResponse:
    if path is not None and scope["path"] != path:
        return NOT_FOUND
    if scope["method"] != "POST":
        return receiver.refuse_method()
    content_type: str | None = None
    length: int | None = None
    trace: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value.decode("latin-1")
        elif name == b"content-length":
            length = length_of(value.decode("latin-1"))
        elif name in TRACE:
            trace[name.decode()] = value.decode("latin-1")
    if length is not None and length > receiver.max_body:
        return receiver.refuse_size()
    try:
        async with asyncio.timeout(receiver.body_timeout):
            body = await _read(receive, receiver.max_body)
    except TimeoutError:
        return receiver.refuse_pace()
    return await receiver.handle(body, content_type=content_type, headers=trace)


async def _read(receive: Receive, limit: int) -> bytes:
    """Read a body, and no more than it takes to see that it is too long."""
    event = await receive()
    body: bytes = event.get("body", b"")
    if not event.get("more_body"):
        return body
    chunks = [body]
    size = len(body)
    while event.get("more_body") and size <= limit:
        event = await receive()
        chunks.append(event.get("body", b""))
        size += len(chunks[-1])
    return b"".join(chunks)


async def _respond(send: Send, response: WebhookResponse) -> None:
    start, body = _messages(response)
    await send(dict(start))
    await send(dict(body))


@lru_cache(maxsize=64)
def _messages(response: WebhookResponse) -> tuple[Event, Event]:
    body = response.body
    headers = [
        *((name.encode(), value.encode()) for name, value in response.headers.items()),
        (b"content-length", str(len(body)).encode()),
    ]
    return (
        {"type": "http.response.start", "status": response.status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


async def _lifespan(
    receiver: Receiver, close_timeout: float | None, receive: Receive, send: Send
) -> None:
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            try:
                await receiver.start()
            except Exception as error:  # noqa: BLE001 - the server reports it and stops
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
        else:
            await receiver.close(close_timeout)
            await send({"type": "lifespan.shutdown.complete"})
            return
