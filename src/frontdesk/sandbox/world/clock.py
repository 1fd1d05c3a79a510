"""The sandbox's clock: runs with the real one, and can be moved forward or stopped."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from frontdesk.sandbox.store import from_micros, to_micros

__all__ = ["Clock", "from_micros", "to_micros"]


_NEVER: Final = -(2**62)
"""Before all times: the history of a company that is met in 1970 is of the years before."""


class Clock:
    """The sandbox's time; no two readings are the same, so events never share a timestamp.

    ``start`` is where it begins and defaults to the real time; ``running=False`` makes a clock that
    only moves when it is moved, so that every timestamp is reproducible.
    """

    def __init__(self, start: datetime | None = None, *, running: bool = True) -> None:
        self.running = running
        self._offset = 0
        self._last = _NEVER
        self._lead = self._real() - self._steady()
        self._stopped_at = self._flowing()
        if start is not None:
            self._offset = to_micros(start.astimezone(UTC)) - self._stopped_at

    @property
    def is_real(self) -> bool:
        """Whether it shows the real time: it runs, and was not moved."""
        return self.running and self._offset == 0

    @staticmethod
    def _real() -> int:
        return time.time_ns() // 1000

    @staticmethod
    def _steady() -> int:
        return time.monotonic_ns() // 1000

    def _flowing(self) -> int:
        """The real time, except that it goes on when the machine's clock is set back.

        It follows that clock forward, as after the sleep of a machine, and never back: until it
        has caught up, time passes as a stopwatch has it.
        """
        steady = self._steady()
        self._lead = max(self._lead, self._real() - steady)
        return steady + self._lead

    def micros(self) -> int:
        """Return the time now, in microseconds since 1970; each reading is later than the last."""
        now = (self._flowing() if self.running else self._stopped_at) + self._offset
        if now <= self._last:
            now = self._last + 1
        self._last = now
        return now

    def peek(self) -> int:
        """Return the time now without making it pass."""
        now = (self._flowing() if self.running else self._stopped_at) + self._offset
        return max(now, self._last)

    def now(self) -> datetime:
        """Return the time now in UTC; each reading is later than the last."""
        return from_micros(self.micros())

    def following(self) -> datetime:
        """Return the time right after the last reading, for what belongs to it and comes next."""
        self._last += 1
        return from_micros(self._last)

    @property
    def position(self) -> tuple[int, int]:
        """Where the clock stands, for ``return_to``."""
        return self._offset, self._last

    def return_to(self, position: tuple[int, int]) -> None:
        """Take back moves and readings since a position, of which nothing was kept."""
        self._offset, self._last = position

    def move_to(self, micros: int) -> None:
        """Go forward to a time; one that has passed changes nothing."""
        ahead = micros - self.peek()
        if ahead > 0:
            self._offset += ahead
            self._last = micros

    @property
    def ahead(self) -> int:
        """How far the clock is before the real time, in microseconds."""
        return self._offset

    def stay_ahead(self, micros: int) -> None:
        """Be at least so far before the real time, as in an earlier run; a stopped clock stays."""
        if self.running:
            self.move_to(self._flowing() + micros)

    def go_on_after(self, micros: int) -> None:
        """Show only later times than one, which an earlier run of the same world has shown.

        The clock of the machine may have been set back between the two: then time passes as a
        stopwatch has it until that clock has caught up.
        """
        behind = micros - self.peek()
        if behind > 0:
            self._lead += behind
            self._stopped_at += behind
        self._last = max(self._last, micros)

    def after(self, seconds: float) -> int:
        """Return the time some seconds from now, in microseconds since 1970."""
        return self.peek() + int(timedelta(seconds=seconds).total_seconds() * 1_000_000)
