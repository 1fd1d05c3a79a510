"""Alarms on the sandbox's clock, which can be moved at any time."""

import asyncio
import heapq
from collections.abc import Callable
from typing import Any, Final

__all__ = ["TICK", "Alarm", "Alarms"]

TICK: Final = 0.02
"""Seconds between looks at the sandbox's clock while somebody waits for it."""


class Alarm:
    """Something to do at a time of the sandbox's clock, in microseconds."""

    __slots__ = ("call", "due", "rang")

    def __init__(self, due: int, call: Callable[[], object]) -> None:
        self.due: int = due
        self.call: Callable[..., Any] = call
        self.rang: bool = False

    def __lt__(self, other: "Alarm") -> bool:
        return self.due < other.due


class Alarms:
    """Alarms on a clock that can be moved at any time, so it is looked at every now and then."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._set: list[Alarm] = []
        self._dropped = 0
        self._ticking: asyncio.TimerHandle | None = None

    @property
    def due(self) -> bool:
        """Whether an alarm is about to ring."""
        return bool(self._set) and self._set[0].due <= self._now()

    def set(self, due: int, call: Callable[[], object]) -> Alarm:
        """Have a function called at a time."""
        alarm = Alarm(due, call)
        heapq.heappush(self._set, alarm)
        if self._ticking is None:
            self._ticking = asyncio.get_running_loop().call_later(TICK, self._tick)
        return alarm

    def drop(self, alarm: Alarm) -> None:
        """Take back an alarm, which may have rung."""
        if alarm.rang:
            return
        alarm.rang = True
        self._dropped += 1
        if self._dropped * 2 > len(self._set):
            self._set = [alarm for alarm in self._set if not alarm.rang]
            heapq.heapify(self._set)
            self._dropped = 0

    async def wait(self, due: int) -> None:
        """Wait for a time."""
        reached = asyncio.get_running_loop().create_future()

        def reach() -> None:
            if not reached.done():
                reached.set_result(None)

        alarm = self.set(due, reach)
        try:
            await reached
        finally:
            self.drop(alarm)

    def close(self) -> None:
        """Drop all alarms."""
        self._set.clear()
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None

    def _tick(self) -> None:
        self._ticking = None
        now = self._now()
        while self._set and self._set[0].due <= now:
            alarm = heapq.heappop(self._set)
            if alarm.rang:
                self._dropped -= 1
                continue
            alarm.rang = True
            alarm.call()
        if self._set:
            self._ticking = asyncio.get_running_loop().call_later(TICK, self._tick)
