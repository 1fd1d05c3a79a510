"""How fast to send when the server publishes no rate limit.

``Limiter`` learns the rate from the server's refusals, as the adaptive retry mode of the AWS SDKs
does: a token bucket whose rate falls to 70 % of what was really sent when the server refuses for
the rate (``too_many_requests``), and grows again along a cubic curve (RFC 9438): quickly back to
near the rate that was refused, slowly past it, then quickly again.

It has no clock and does not sleep: each call is given the time, and says how long to wait. Those
who wait hold numbered tickets, so that they leave in the order in which they came.
"""

import math
import os
from typing import Final

from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.errors import InvalidArgument

__all__ = ["MIN_RATE", "Limiter"]

MIN_RATE: Final = 0.5
"""Requests per second that are always allowed, so that the limiter can notice an improvement."""

BETA: Final = 0.7
"""What is left of the rate after a refusal."""
RECOVERY: Final = 5.0
"""Seconds in which the rate grows back to the one that was refused. A fixed time instead of the
usual fixed steepness: low limits would be exceeded every second, and refused requests are billed.
"""
HEADROOM: Final = 2.0
"""The rate grows to this multiple of what is really sent at the most: a rate that nobody uses
says nothing about what the server bears."""
WINDOW: Final = 0.5
"""Seconds over which sent requests are counted."""
SMOOTHING: Final = 0.8
"""Weight of the latest window in the measured rate."""
LONGEST_SLEEP: Final = 1.0
"""Seconds until one who waits looks again, because the rate may have grown meanwhile."""


class Limiter:
    """Slows requests down when the server refuses them for their rate, and speeds up again.

    Give the same one to several clients that use one license. Threads, tasks and event loops may
    share it. After a fork, parent and child adapt separately.

    ``max_rate`` is a limit in requests per second that holds from the start; by default there is
    none until the server refuses a request. ``min_rate`` is what the limiter never goes below.
    """

    def __init__(self, *, max_rate: float | None = None, min_rate: float = MIN_RATE) -> None:
        self.min_rate: float = _rate("min_rate", min_rate)
        self.max_rate: float = math.inf if max_rate is None else _rate("max_rate", max_rate)
        if self.max_rate < self.min_rate:
            raise InvalidArgument("max_rate", f"must be at least `min_rate`, {self.min_rate:g}")
        self._lock = ForkSafeLock()
        self._pid = os.getpid()
        self._rate = self.max_rate
        # Tickets handed out, and how many of them may have left by the time of `_filled_at`.
        self._issued = 0
        self._served = 1.0
        self._filled_at = -math.inf
        self._held_until = -math.inf
        self._refused_at = -math.inf
        self._refused_rate = 0.0
        self._sent = _Throughput(idle=2 / self.min_rate)

    @property
    def rate(self) -> float | None:
        """Requests per second that are allowed now; ``None`` as long as there is no limit."""
        return None if self._rate == math.inf else self._rate

    @property
    def active(self) -> bool:
        """Whether requests may have to wait."""
        return self._rate != math.inf

    def enter(self, now: float) -> int:
        """Take a ticket for one request."""
        with self._lock:
            if self._pid != os.getpid():
                # Whoever waited in the parent of the fork does not wait here.
                self._pid = os.getpid()
                self._issued = int(min(self._issued, self._served))
            self._fill(now)
            self._issued += 1
            return self._issued

    def wait(self, ticket: int, now: float) -> float:
        """Return the seconds until the holder of the ticket should ask again; 0 is its turn."""
        if self._rate == math.inf:
            return 0.0
        with self._lock:
            self._fill(now)
            missing = ticket - self._served
            # Less than a millionth of a request is the error of the sums.
            turn = missing / self._rate if missing > 1e-6 else 0.0  # noqa: PLR2004
            return min(max(turn, self._held_until - now, 0.0), LONGEST_SLEEP)

    def leave(self) -> None:
        """Give a ticket back that was not used: those behind it move up."""
        with self._lock:
            self._served += 1

    def accepted(self, now: float) -> None:
        """Take note of a response that is no refusal for the rate."""
        with self._lock:
            self._sent.count(now)
            if self._refused_at == -math.inf:
                return
            distance = (now - self._refused_at) / RECOVERY - 1
            grown = self._refused_rate * (1 + (1 - BETA) * distance**3)
            self._fill(now)
            self._set(min(grown, HEADROOM * self._sent.rate))

    def refused(self, now: float, *, sent_at: float, retry_after: float = 0.0) -> None:
        """Take note of a refusal for the rate; nobody leaves for ``retry_after`` seconds.

        ``sent_at`` is when the request left. Requests that were under way together are refused
        together, and slow the limiter down once.
        """
        with self._lock:
            self._sent.count(now)
            self._held_until = max(self._held_until, now + retry_after)
            if sent_at <= self._refused_at:
                return
            self._fill(now)
            self._refused_at = now
            self._refused_rate = min(self._sent.rate, self._rate)
            self._served = min(self._served, self._issued)
            self._set(self._refused_rate * BETA)

    def _set(self, rate: float) -> None:
        self._rate = min(max(rate, self.min_rate), self.max_rate)

    def _fill(self, now: float) -> None:
        """Let time pass: more tickets are served, but none is saved up while nobody sends."""
        if self._rate == math.inf:
            self._served = self._issued + 1.0
        elif now > self._filled_at > -math.inf:
            served = self._served + (now - self._filled_at) * self._rate
            self._served = min(served, self._issued + 1.0)
        self._filled_at = max(self._filled_at, now)

    def __repr__(self) -> str:
        return f"Limiter(rate={self._rate:g})" if self.active else "Limiter(no limit so far)"


class _Throughput:
    """Measures how many requests are sent per second."""

    __slots__ = ("_count", "_idle", "_last", "_rate", "_start")

    def __init__(self, idle: float) -> None:
        self._idle = idle
        self._rate = 0.0
        self._count = 0
        self._start = self._last = -math.inf

    def count(self, now: float) -> None:
        """Count one request."""
        if now - self._last > self._idle:
            # Whoever had nothing to send was not slow.
            self._start, self._count = now, 0
        self._last = now
        self._count += 1
        elapsed = now - self._start
        if elapsed >= WINDOW:
            measured = self._count / elapsed
            weight = SMOOTHING if self._rate else 1.0
            self._rate = weight * measured + (1 - weight) * self._rate
            self._start, self._count = now, 0

    @property
    def rate(self) -> float:
        """Requests per second; an estimate until the first window has passed."""
        return self._rate or self._count / WINDOW


def _rate(field: str, value: float) -> float:
    if type(value) not in (int, float) or not 0 < value < math.inf:
        raise InvalidArgument(field, "must be a number of requests per second above 0")
    return float(value)
