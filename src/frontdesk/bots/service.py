"""A bot at work: its engine, its worker, and what is accepted for them."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from frontdesk.bots.engines.base import Engine
from frontdesk.bots.handlers.routes import RouteTable, Schedule
from frontdesk.bots.identity import Identities
from frontdesk.bots.items import new_item
from frontdesk.bots.states.base import StateStore
from frontdesk.bots.work.schedule import Scheduler, Tick
from frontdesk.bots.work.worker import BotCounts, Worker, WorkerSettings
from frontdesk.errors import ClientClosed
from frontdesk.webhooks.handlers import AnyWebhook

__all__ = ["BotService"]

logger: Final = logging.getLogger("frontdesk.bots")


class BotService:
    """What runs a bot, from ``start`` to ``close``, in one event loop; a receiver can feed it.

    Args:
        declared: Makes the table of the handlers; called by each start, so that whatever is
            declared before it counts.
        engine: What moves the items.
        store: Where the state of chats is kept.
        connect: Makes what says whom the bot acts as; called by each start.
        settings: How its worker works.
        works: Whether handlers run here; false where other processes do the work.
    """

    def __init__(
        self,
        declared: Callable[[], RouteTable],
        engine: Engine,
        store: StateStore,
        connect: Callable[[], Identities],
        settings: WorkerSettings,
        *,
        works: bool = True,
    ) -> None:
        self.engine: Engine = engine
        self.is_shared: bool = engine.is_shared
        self.counts: BotCounts = BotCounts()
        """What the bot has done since it was made."""
        self.table: Callable[[], RouteTable] = declared
        self._store = store
        self._connect = connect
        self._settings = settings
        self._works = works
        self._working: _Working | None = None
        self._started = False

    async def start(self) -> None:
        """Connect to the queue and the state store, and begin to work.

        Raises:
            QueueError: The queue cannot be used.
            StateStoreError: The state store cannot be used.
        """
        if self._started:
            return
        working: _Working | None = None
        if self._works:
            # First, since it tells what the user has forgotten, such as the token.
            identities = self._connect()
            await self._store.start()
            table = self.table()
            worker = Worker(table, self._store, identities, self._settings, self.counts)
            working = _Working(identities, worker, self._scheduler(table, worker, identities))
        await self.engine.start()
        self._started = True
        self._working = working
        if working is not None:
            consuming = asyncio.get_running_loop().create_task(self.engine.consume(working.worker))
            consuming.add_done_callback(_log_end)
            working.consuming = consuming
            working.scheduler.start()

    def _scheduler(self, table: RouteTable, worker: Worker, identities: Identities) -> Scheduler:
        async def call(schedule: Schedule, tick: Tick) -> None:
            await worker.invoke(schedule.plan, tick)

        return Scheduler(table.schedules, self._store, identities, call)

    async def publish(self, webhook: AnyWebhook, digest: str) -> None:
        """Accept a webhook; returns once the engine has stored it.

        Raises:
            QueueError: It is not stored.
        """
        if not self._started:
            raise ClientClosed("the bot has not started, or has ended")
        await self.engine.publish(new_item(webhook, digest=digest))

    async def call_due(self, before: float, now: float) -> None:
        """Call the handlers of ``@bot.every`` one of whose times lies between two times.

        Raises:
            Exception: What one of them has raised.
        """
        if self._working is not None:
            await self._working.scheduler.call_due(before, now)

    async def wait(self) -> None:
        """Wait until the engine gives out no more items; raises what has stopped it."""
        if self._working is not None and self._working.consuming is not None:
            await asyncio.shield(self._working.consuming)

    async def close(self, timeout: float | None = None) -> int:  # noqa: ASYNC109 - returns the rest
        """Finish what is under way, and disconnect; returns how many items were not finished."""
        if not self._started:
            return 0
        self._started = False
        working, self._working = self._working, None
        if working is not None:
            await working.scheduler.close()
        unfinished = await self.engine.close(timeout)
        if working is not None:
            await working.close()
            await self._store.close()
        return unfinished


class _Working(Struct):
    """What there is while a bot works."""

    identities: Identities
    worker: Worker
    scheduler: Scheduler
    consuming: "asyncio.Task[None] | None" = None

    async def close(self) -> None:
        """Stop the rest, and close the connections."""
        if self.consuming is not None:
            self.consuming.cancel()
            await asyncio.gather(self.consuming, return_exceptions=True)
        self.worker.close()
        await self.identities.close()


def _log_end(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("the bot stopped working: %s", task.exception())
