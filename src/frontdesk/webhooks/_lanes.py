"""Work in order: one thing at a time in a lane, many lanes at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Hashable
from contextlib import contextmanager
from typing import Generic, TypeVar

__all__ = ["Lanes"]

T = TypeVar("T")


class Lanes(Generic[T]):
    """Runs ``work`` for each item: in order within a lane, in turn between lanes.

    ``concurrency``: how many items are worked on at once. ``capacity``: how many may be accepted
    and unfinished. Belongs to one event loop.
    """

    def __init__(
        self, work: Callable[[T], Awaitable[None]], *, concurrency: int, capacity: int
    ) -> None:
        self._work = work
        self._concurrency = concurrency
        self._capacity = capacity
        self._lanes: dict[Hashable, deque[T]] = {}
        self._ready: deque[Hashable] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._running = 0
        self._idle: asyncio.Event | None = None
        self.unfinished = 0

    @property
    def full(self) -> bool:
        """No more may be accepted for now."""
        return self.unfinished >= self._capacity

    @contextmanager
    def room(self) -> Generator[None]:
        """Keep room for an item while it is decided whether to put it."""
        self.unfinished += 1
        try:
            yield
        finally:
            self._finished()

    def put(self, lane: Hashable, item: T) -> None:
        """Accept an item, whether there is room or not."""
        self.unfinished += 1
        waiting = self._lanes.get(lane)
        if waiting is not None:
            waiting.append(item)
            return
        self._lanes[lane] = deque((item,))
        self._ready.append(lane)
        if self._running < self._concurrency:
            self._running += 1
            worker = asyncio.get_running_loop().create_task(self._run())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def drain(self, timeout: float | None) -> int:  # noqa: ASYNC109 - it returns the rest
        """Wait until everything is finished; after ``timeout`` seconds stop what is left.

        Returns how many items were not finished.
        """
        if self.unfinished:
            self._idle = asyncio.Event()
            try:
                async with asyncio.timeout(timeout):
                    await self._idle.wait()
            except TimeoutError:
                pass
        left = self.unfinished
        self._ready.clear()
        workers = tuple(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        self.unfinished -= sum(len(waiting) for waiting in self._lanes.values())
        self._lanes.clear()
        return left

    async def _run(self) -> None:
        try:
            while self._ready:
                await self._next()
        finally:
            self._running -= 1

    async def _next(self) -> None:
        lane = self._ready.popleft()
        waiting = self._lanes[lane]
        await self._work(waiting[0])
        waiting.popleft()
        if waiting:
            self._ready.append(lane)
        else:
            del self._lanes[lane]
        self._finished()

    def _finished(self) -> None:
        self.unfinished -= 1
        if not self.unfinished and self._idle is not None:
            self._idle.set()
