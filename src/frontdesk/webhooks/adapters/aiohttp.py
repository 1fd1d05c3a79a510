"""A receiver as a route of aiohttp's server.

::

    add_webhooks(app, "/webhooks/…", receiver)
"""

from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from frontdesk.webhooks.receiver import Receiver

__all__ = ["add_webhooks", "handler"]


def add_webhooks(
    app: web.Application, path: str, receiver: Receiver, *, close_timeout: float | None = None
) -> None:
    """Add a receiver to an application: the route, its start, and its orderly end."""

    async def running(_: web.Application) -> AsyncIterator[None]:
        await receiver.start()
        yield
        await receiver.close(close_timeout)

    app.router.add_post(path, handler(receiver))
    app.cleanup_ctx.append(running)


def handler(receiver: Receiver) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a handler of a receiver, for a route with the method POST."""

    async def webhooks(request: web.Request) -> web.Response:
        try:
            response = await receiver.receive(
                request.content.iter_any(),
                content_type=request.headers.get("Content-Type"),
                length=request.content_length,
                headers=request.headers,
            )
        except (ConnectionResetError, web.RequestPayloadError):
            response = receiver.refuse_part()
        return web.Response(body=response.body, status=response.status, headers=response.headers)

    return webhooks
