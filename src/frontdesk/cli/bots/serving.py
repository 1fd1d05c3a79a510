"""Serving a bot: its webhooks over HTTP, or its RTM session, until the user ends it."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from frontdesk.bots import Bot
from frontdesk.cli.bots.failures import FailureFormatter
from frontdesk.cli.output.terminal import on_end
from frontdesk.errors import FrontdeskError
from frontdesk.webhooks import Receiver

__all__ = ["free_port", "logged_to_terminal", "serve_rtm", "serve_webhooks"]

CLOSE_TIMEOUT: Final = 10.0
"""Seconds to finish what was accepted."""


@contextmanager
def logged_to_terminal() -> Generator[None]:
    """Show warnings and errors on the standard error meanwhile, errors by the user's own lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(FailureFormatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("frontdesk")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        # Whoever runs the command in a program of their own has their logs back.
        logger.removeHandler(handler)
        logger.setLevel(level)


async def serve_webhooks(
    receiver: Receiver,
    *,
    host: str,
    port: int,
    path: str,
    on_ready: Callable[[int], Awaitable[object]],
) -> None:
    """Serve a receiver until the user or the system ends it; what was accepted is finished then.

    Args:
        receiver: What receives the webhooks.
        host: The address to listen at.
        port: The port; 0 picks a free one.
        path: The path of the webhooks.
        on_ready: Called with the port, when requests are accepted.

    Raises:
        FrontdeskError: The port cannot be used, or the bot cannot start.
    """
    from aiohttp import web

    from frontdesk.webhooks.adapters.aiohttp import handler

    ended = asyncio.Event()
    on_end(ended.set)
    app = web.Application()
    app.router.add_post(path or "/", handler(receiver))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_TIMEOUT)
    async with _running(receiver), _set_up(runner):
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise _cannot_listen(host, port, error) from None
        await on_ready(runner.addresses[0][1])
        await ended.wait()


@asynccontextmanager
async def _running(receiver: Receiver) -> AsyncGenerator[None, None]:
    await receiver.start()
    try:
        yield
    finally:
        await receiver.close(CLOSE_TIMEOUT)


@asynccontextmanager
async def _set_up(runner: Any) -> AsyncGenerator[None, None]:
    await runner.setup()
    try:
        yield
    finally:
        await runner.cleanup()


async def serve_rtm(
    bot: Bot, listen_as: Any, options: dict[str, Any], on_ready: Callable[[], object]
) -> None:
    """Run a bot on RTM until the user or the system ends it.

    Args:
        bot: The bot.
        listen_as: The token of the agent that hears for it.
        options: Those of ``Bot.run_rtm``.
        on_ready: Called when the session has begun.

    Raises:
        FrontdeskError: The session or the bot cannot be started, or the session ended.
    """
    ended = asyncio.Event()
    on_end(ended.set)
    running = asyncio.create_task(
        bot.run_rtm(listen_as, close_timeout=CLOSE_TIMEOUT, on_ready=on_ready, **options)
    )
    ending = asyncio.create_task(ended.wait())
    try:
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending.cancel()
        if not running.done():
            running.cancel()
        results = await asyncio.gather(running, ending, return_exceptions=True)
    if isinstance(results[0], Exception):
        raise results[0]


def free_port(host: str) -> int:
    """Return a port that is free at present.

    Raises:
        FrontdeskError: Nothing can listen at that address.
    """
    try:
        with socket.create_server((host, 0)) as probe:
            return int(probe.getsockname()[1])
    except OSError as error:
        raise _cannot_listen(host, 0, error) from None


def _cannot_listen(host: str, port: int, error: OSError) -> FrontdeskError:
    return FrontdeskError(
        f"cannot listen at {host!r}, port {port}: {error.strerror or error}; see --host and --port"
    )
