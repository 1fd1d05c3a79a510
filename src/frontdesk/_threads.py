"""Threads for sync functions that async code calls, and an event loop for callers without one.

The interpreter shuts the thread pools of the standard library down before it runs ``atexit``
functions, and waits for what they run; these threads are plain daemons, which still work at that
time and never keep a process from ending.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from queue import SimpleQueue
from typing import Any, TypeVar

__all__ = ["BackgroundLoop", "DaemonPool"]

T = TypeVar("T")
Job = tuple[Callable[[], object], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class DaemonPool:
    """Up to ``limit`` daemon threads named ``name``, started when they are needed."""

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._started = 0
        self._busy = 0

    async def run(self, call: Callable[[], T]) -> T:
        """Call a function in one of the threads and wait for its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._busy += 1
        if self._busy > self._started < self._limit:
            self._start()
        self._jobs.put((call, loop, future))
        try:
            return await future
        finally:
            self._busy -= 1

    def close(self) -> None:
        """Let the threads end once they have done what they were given."""
        for _ in range(self._started):
            self._jobs.put(None)
        self._started = 0

    def _start(self) -> None:
        thread = threading.Thread(target=_serve, args=(self._jobs,), name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # No new threads while the interpreter ends; the present ones do the rest.
            if not self._started:
                raise
        else:
            self._started += 1


def _serve(jobs: SimpleQueue[Job | None]) -> None:
    while (job := jobs.get()) is not None:
        call, loop, future = job
        try:
            result = call()
        except StopIteration as error:
            # A future takes any error but this one.
            unfit = RuntimeError("the function raised StopIteration")
            unfit.__cause__ = error
            _settle(loop, future, future.set_exception, unfit)
        except BaseException as error:  # noqa: BLE001 - the one who waits gets it
            _settle(loop, future, future.set_exception, error)
        else:
            _settle(loop, future, future.set_result, result)
        del job, call, loop, future


def _settle(
    loop: asyncio.AbstractEventLoop,
    future: "asyncio.Future[Any]",
    setter: Callable[[Any], None],
    outcome: object,
) -> None:
    def now() -> None:
        if not future.done():
            setter(outcome)

    if not loop.is_closed():
        loop.call_soon_threadsafe(now)


class BackgroundLoop:
    """An event loop on a thread of its own, for callers without one."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function on the loop and do not wait for it."""
        self._loop.call_soon_threadsafe(function, *arguments)

    def stop(self) -> None:
        """Stop the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
