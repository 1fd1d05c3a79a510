"""A receiver as an endpoint of Starlette or FastAPI.

::

    app = FastAPI(lifespan=lifespan(receiver))
    app.add_route("/webhooks/…", endpoint(receiver), methods=["POST"])
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from frontdesk.extras import importing_package
from frontdesk.webhooks.body_validation import length_of
from frontdesk.webhooks.receiver import Receiver

with importing_package("Starlette", "frontdesk.webhooks.adapters.starlette"):
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import Response

__all__ = ["endpoint", "lifespan"]


def endpoint(receiver: Receiver) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of a receiver, for ``add_route`` with the method POST."""

    async def webhooks(request: Request) -> Response:
        try:
            response = await receiver.receive(
                request.stream(),
                content_type=request.headers.get("content-type"),
                length=length_of(request.headers.get("content-length")),
                headers=request.headers,
            )
        except ClientDisconnect:
            response = receiver.refuse_part()
        return Response(response.body, response.status, headers=response.headers)

    return webhooks


def lifespan(
    receiver: Receiver, *, close_timeout: float | None = None
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Make a lifespan that starts the receiver, and finishes accepted webhooks at the end."""

    @asynccontextmanager
    async def running(_: object) -> AsyncGenerator[None]:
        await receiver.start()
        try:
            yield
        finally:
            await receiver.close(close_timeout)

    return running
