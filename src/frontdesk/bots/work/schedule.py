"""What is called at fixed intervals, by one process of all that share a state store."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from frontdesk.bots.handlers.routes import Schedule
from frontdesk.bots.identity import Identities
from frontdesk.bots.states.base import StateStore
from frontdesk.errors import StateConflict
from frontdesk.redaction import log_failure
from frontdesk.rendered.async_agent import AsyncAgentClient

__all__ = ["Scheduler", "Tick"]

logger: Final = logging.getLogger("frontdesk.bots")


class Tick(Struct, frozen=True):
    """A time at which a handler of ``@bot.every`` is called."""

    at: datetime
    """The time, a whole multiple of the interval since 1970."""
    identities: Identities
    """Whom the bot acts as."""

    async def client(self, organization_id: str = "") -> AsyncAgentClient:
        """Return a client that acts as the bot, of that organization where it serves many."""
        return (await self.identities.of(organization_id)).client


class _Slot(Struct):
    slot: int


class Scheduler:
    """Calls handlers at their times, if no other process does.

    Args:
        schedules: The handlers and their intervals.
        store: Where the last time is kept.
        identities: Whom the bot acts as.
        call: Calls a handler.
    """

    def __init__(
        self,
        schedules: tuple[Schedule, ...],
        store: StateStore,
        identities: Identities,
        call: Callable[[Schedule, Tick], Awaitable[None]],
    ) -> None:
        self._schedules = schedules
        self._store = store
        self._identities = identities
        self._call = call
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to wait for the times, in tasks of the running loop."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._run(schedule)) for schedule in self._schedules]

    async def close(self) -> None:
        """Stop, also handlers that run."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, schedule: Schedule) -> None:
        while True:
            now = time.time()
            slot = int(now // schedule.seconds) + 1
            await asyncio.sleep(slot * schedule.seconds - now)
            # A process that was paused is late, and does not call for times that are over.
            slot = int(time.time() // schedule.seconds)
            try:
                if not await self.claim(schedule, slot):
                    continue
                await self._call(schedule, self._tick(schedule, slot))
            except Exception as error:  # noqa: BLE001 - it is logged, and the next time comes
                log_failure(logger, "`%s` failed", schedule.plan.name, error=error)

    async def call_due(self, before: float, now: float) -> None:
        """Call each handler one of whose times lies between two times, in seconds since 1970.

        Raises:
            Exception: What one of them has raised.
        """
        for schedule in self._schedules:
            slot = int(now // schedule.seconds)
            if slot > int(before // schedule.seconds) and await self.claim(schedule, slot):
                await self._call(schedule, self._tick(schedule, slot))

    def _tick(self, schedule: Schedule, slot: int) -> Tick:
        at = datetime.fromtimestamp(slot * schedule.seconds, UTC)
        return Tick(at, self._identities)

    async def claim(self, schedule: Schedule, slot: int) -> bool:
        """Tell whether this process is the first to take a time."""
        key = f"every/{schedule.plan.name}"
        stored = await self._store.load(key)
        if stored is not None and msgspec.json.decode(stored.data, type=_Slot).slot >= slot:
            return False
        try:
            data = msgspec.json.encode(_Slot(slot))
            await self._store.save(key, data, 0 if stored is None else stored.revision)
        except StateConflict:
            return False
        return True
