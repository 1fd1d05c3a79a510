"""An event loop whose time is simulated: it never waits, it jumps to the next timer."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

START = 1_767_603_600_000_000
"""Microseconds since 1970 at which every simulation begins: 2026-01-05 09:00 UTC."""
MOST_TURNS = 20_000
"""Turns of the loop within one moment after which it is taken to go round in circles."""
RESOLUTION = 1e-9


class Stalled(Exception):
    """Nothing is left to happen, yet somebody waits; or time does not pass any more."""


class NumberedTask(asyncio.Task[Any]):
    """A task whose hash is its number, so that sets of tasks have the same order in every run."""

    def __init__(self, coro: Coroutine[Any, Any, Any], *, number: int, **options: Any) -> None:
        self._number = number
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs callbacks in a fixed order; ``time()`` begins at 0 and jumps from timer to timer.

    There is no selector and there are no threads: what needs either fails, and what is given to an
    executor runs at once. ``connect`` stands for the network, see ``network.Network.connect``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._turns = 0
        self._clock_resolution = RESOLUTION
        self._selector = self
        self._numbers = count(1)
        self.on_time: list[Callable[[float], object]] = []
        """Called when time has passed, before what is due happens."""
        self.ignored: tuple[type[BaseException], ...] = ()
        """Errors that are no complaint."""
        self.complaints: list[str] = []
        """Errors that nobody caught, and other things the loop was told of."""
        self.on_task: Callable[[asyncio.Task[Any]], object] = lambda task: None
        """Called with each new task, in the context of whoever started it."""
        self.connect: Callable[..., Coroutine[Any, Any, Any]] | None = None
        self.set_task_factory(self._numbered)
        self.set_exception_handler(self._complain)

    def time(self) -> float:
        """Simulated seconds since the beginning."""
        return self._now

    def select(self, timeout: float | None) -> tuple[()]:
        """Let time pass instead of waiting for sockets."""
        self._turns += 1
        if timeout is None:
            raise Stalled("nothing is left to happen")
        if self._turns > MOST_TURNS:
            self._turns = 0
            raise Stalled(f"{MOST_TURNS} turns of the loop at {self._now:.6f} s, and no end")
        if timeout > 0:
            self._turns = 0
            self._now += timeout
            for tell in self.on_time:
                tell(self._now)
        return ()

    def _process_events(self, event_list: object) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody else has to be woken."""

    def call_soon_threadsafe(  # type: ignore[override]
        self, *arguments: Any, **options: Any
    ) -> asyncio.Handle:
        """There is one thread only."""
        return self.call_soon(*arguments, **options)

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Run it here and now; who waits for it goes on in the next turn."""
        future = self.create_future()
        try:
            result = func(*args)
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)
        return future

    async def create_connection(
        self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
    ) -> Any:
        """Connect over the simulated network."""
        assert self.connect is not None, "the simulation has a network"
        return await self.connect(protocol_factory, host)

    def _numbered(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> NumberedTask:
        task = NumberedTask(coro, number=next(self._numbers), loop=self, **options)
        self.on_task(task)
        return task

    def _complain(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, self.ignored):
            return
        detail = f": {error!r}" if error is not None else ""
        task = context.get("future") or context.get("task")
        name = (
            getattr(task.get_coro(), "__qualname__", "") if isinstance(task, asyncio.Task) else ""
        )
        self.complaints.append(f"{context.get('message')} ({name}){detail}")


def micros(now: float) -> int:
    """The simulated moment of the loop's time, in microseconds since 1970."""
    return START + round(now * 1_000_000)
