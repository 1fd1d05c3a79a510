"""An installer as an ASGI application, for uvicorn, hypercorn, granian, or to be mounted."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from frontdesk.errors import InvalidArgument
from frontdesk.installations.installer import AsyncInstaller
from frontdesk.installations.pages import InstallResponse

__all__ = ["App", "asgi_app"]

Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
App: TypeAlias = Callable[[Event, Receive, Send], Awaitable[None]]

NOT_FOUND = InstallResponse(404, (("content-type", "text/plain"),), b"not found\n")


def asgi_app(installer: AsyncInstaller, path: str | None = None) -> App:
    """Make an ASGI application of an installer.

    ``path``: the only path to respond at, that of ``redirect_uri`` as the application sees it; any
    path by default.

    Raises:
        InvalidArgument: It is no ``AsyncInstaller``.
    """
    if not isinstance(installer, AsyncInstaller):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("installer", "must be an AsyncInstaller")

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _respond(send, await _http(installer, path, scope))
        elif scope["type"] == "lifespan":
            await _lifespan(receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    return app


async def _http(installer: AsyncInstaller, path: str | None, scope: Event) -> InstallResponse:
    if path is not None and scope["path"] != path:
        return NOT_FOUND
    # HTTP/2 may have a header for each cookie.
    cookies = "; ".join(
        value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"
    )
    query = scope.get("query_string", b"").decode("latin-1")
    return await installer.respond(scope["method"], query, cookies)


async def _respond(send: Send, response: InstallResponse) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers]
    headers.append((b"content-length", str(len(response.body)).encode()))
    start = {"type": "http.response.start", "status": response.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": response.body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        event = await receive()
        kind = event["type"].removeprefix("lifespan.")
        await send({"type": f"lifespan.{kind}.complete"})
        if kind == "shutdown":
            return
