"""A receiver as an ASGI application, for uvicorn, hypercorn, granian, or to be mounted."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from frontdesk.webhooks._checks import length_of
from frontdesk.webhooks._receiver import Answer, Receiver

__all__ = ["asgi_app"]

Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
App: TypeAlias = Callable[[Event, Receive, Send], Awaitable[None]]

NOT_FOUND = Answer(404, "not found\n")


def asgi_app(
    receiver: Receiver, path: str | None = None, *, close_timeout: float | None = None
) -> App:
    """Make an ASGI application of a receiver.

    - ``path``: the only path to answer at, such as ``/webhooks/`` and a long random text; any path
      by default.
    - ``close_timeout``: seconds to finish accepted webhooks when the server stops; without a limit
      by default.
    """

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _answer(send, await _http(receiver, path, scope, receive))
        elif scope["type"] == "lifespan":
            await _lifespan(receiver, close_timeout, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    return app


async def _http(receiver: Receiver, path: str | None, scope: Event, receive: Receive) -> Answer:
    if path is not None and scope["path"] != path:
        return NOT_FOUND
    if scope["method"] != "POST":
        return receiver.refuse_method()
    content_type: str | None = None
    length: int | None = None
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value.decode("latin-1")
        elif name == b"content-length":
            length = length_of(value.decode("latin-1"))
    return await receiver.receive(_chunks(receive), content_type=content_type, length=length)


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        yield event.get("body", b"")
        if not event.get("more_body", False):
            return


async def _answer(send: Send, answer: Answer) -> None:
    body = answer.body
    headers = [
        *((name.encode(), value.encode()) for name, value in answer.headers.items()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


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
