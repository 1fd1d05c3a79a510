"""Serving over HTTP to this machine alone."""

from collections.abc import Callable
from typing import Any, Final

from mcp.server.lowlevel import Server

from frontdesk.transport.servers.loopback import HOST, serve_asgi

__all__ = ["serve_http"]

PATH: Final = "/mcp"


async def serve_http(
    server: Server[Any], port: int = 0, *, on_ready: Callable[[str], object] | None = None
) -> None:
    """Serve a server over streamable HTTP on 127.0.0.1, until it is interrupted.

    Requests of web pages from elsewhere are refused. Every program on this machine can call the
    tools while it runs.

    Args:
        server: What to serve.
        port: The port; 0 takes a free one.
        on_ready: Called with the URL once requests can be sent.

    Raises:
        OSError: The port is taken.
    """

    def ready(url: str) -> None:
        if on_ready is not None:
            on_ready(url + PATH)

    app = server.streamable_http_app(streamable_http_path=PATH, host=HOST)
    await serve_asgi(app, port, on_ready=ready)
