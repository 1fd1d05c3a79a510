"""The event loop that async code runs in."""

import asyncio

from frontdesk.errors import NoEventLoop

__all__ = ["running_loop"]


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the running loop of asyncio; raises ``NoEventLoop`` elsewhere, such as in trio."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    raise NoEventLoop(
        "no event loop of asyncio is running here. The async clients need asyncio, uvloop, or "
        "anyio on its asyncio backend; in trio, call the sync client with `trio.to_thread.run_sync`"
    )
