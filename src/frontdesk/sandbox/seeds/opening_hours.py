"""When the company works, and when its customers write.

The office is open on weekdays from 9 to 17 o'clock in UTC; outside of that a bot responds.
Customers write most before and after lunch, less in the evening, and least at the week end.
"""

from bisect import bisect
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

__all__ = ["CLOSES", "OPENS", "draw_hour", "draws_day", "is_open", "next_opening"]

OPENS: Final = 9
CLOSES: Final = 17
_SATURDAY: Final = 5

_WEEKDAYS: Final = (12, 11, 11, 10, 10, 2, 2)
"""How many chats begin on which day of a week, Monday first."""
_IN_HOURS: Final = (5, 8, 8, 5, 6, 8, 7, 5)
"""How many begin by the hour while the office is open."""
_CLOSED: Final = (2, 1, 1, 1, 1, 1, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 10, 9, 9, 8, 6, 4, 2)
"""How many begin by the hour of a weekday while it is closed."""
_WEEK_END: Final = (2, 1, 1, 1, 1, 1, 2, 4, 7, 9, 11, 11, 9, 9, 10, 10, 9, 8, 8, 8, 7, 5, 4, 2)
"""How many begin by the hour of a Saturday or Sunday."""


def is_open(time: datetime) -> bool:
    """Return whether people are in the office."""
    return time.weekday() < _SATURDAY and OPENS <= time.hour < CLOSES


def next_opening(time: datetime) -> datetime:
    """Return when the office opens next; a time when it is open is returned as it is."""
    if is_open(time):
        return time
    day = time.replace(hour=OPENS, minute=0, second=0, microsecond=0)
    while day < time or day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day


_OPEN_SHARE: Final = 86
"""Of a hundred chats of a weekday, how many begin while the office is open."""


def _cumulative(shares: tuple[int, ...]) -> list[int]:
    return list(accumulate(shares))


_OPEN_SHARES: Final = _cumulative(_IN_HOURS)
_CLOSED_SHARES: Final = _cumulative(_CLOSED)
_WEEK_END_SHARES: Final = _cumulative(_WEEK_END)


def draws_day(rng: Random, weekday: int) -> bool:
    """Return whether a chat that might begin on a day does; Monday is 0."""
    return rng.random() * max(_WEEKDAYS) < _WEEKDAYS[weekday]


def draw_hour(rng: Random, weekday: int) -> int:
    """Return the hour in which a chat of a day begins; Monday is 0."""
    if weekday >= _SATURDAY:
        return _draw(rng, _WEEK_END_SHARES)
    if rng.random() * 100 < _OPEN_SHARE:
        return OPENS + _draw(rng, _OPEN_SHARES)
    return _draw(rng, _CLOSED_SHARES)


def _draw(rng: Random, shares: list[int]) -> int:
    return bisect(shares, rng.random() * shares[-1])
