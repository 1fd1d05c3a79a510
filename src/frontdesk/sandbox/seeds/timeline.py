"""What happens side by side, one step after another in the order of time."""

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush
from typing import Final

from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.world import World

__all__ = ["Timeline"]

_STEPS: Final = 24
"""Steps of a unit of work: in a long one, each query writes again all that was read before it."""


class Timeline:
    """Plays stories on a world's clock.

    A story is an iterator that does something at each step, and yields how many seconds pass until
    the next. Of two steps at the same time, that of the story which was added first comes first.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._due: list[tuple[int, int, Iterator[float]]] = []
        self._added = 0

    def add(self, begins: datetime, story: Iterator[float]) -> None:
        """Have a story begin at a time."""
        self._added += 1
        heappush(self._due, (to_micros(begins), self._added, story))

    def play(self) -> None:
        """Play all stories to their ends. Timers of the world rest meanwhile."""
        while self._due:
            self._world.unit(self._play_some)

    def _play_some(self) -> None:
        clock = self._world.clock
        for _ in range(min(_STEPS, len(self._due))):
            due, order, story = heappop(self._due)
            clock.move_to(due)
            seconds = next(story, None)
            if seconds is not None:
                heappush(self._due, (clock.after(seconds), order, story))
