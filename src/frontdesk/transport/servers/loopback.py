"""Serving an ASGI application to this machine alone."""

import socket
from collections.abc import Callable
from typing import Any, Final

__all__ = ["HOST", "serve_asgi"]

HOST: Final = "127.0.0.1"
BACKLOG: Final = 64


async def serve_asgi(
    app: Any, port: int = 0, *, on_ready: Callable[[str], object] | None = None
) -> None:
    """Serve an ASGI application over HTTP on 127.0.0.1, until it is cancelled or interrupted.

    Args:
        app: The application; it is told when it starts and ends.
        port: The port; 0 takes a free one.
        on_ready: Called with the URL, without a path, once requests can be sent.

    Raises:
        OSError: The port is taken.
    """
    import uvicorn

    with socket.create_server((HOST, port), backlog=BACKLOG) as listener:
        # Whoever connects from here on waits for the server in the system's queue.
        if on_ready is not None:
            on_ready(f"http://{HOST}:{listener.getsockname()[1]}")
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on")
        await uvicorn.Server(config).serve(sockets=[listener])
