"""Threads for sync functions that async code calls, and an event loop for callers without one.

The interpreter shuts the thread pools of the standard library down before it runs ``atexit``
functions, and waits for what they run; these threads are plain daemons, which still work at that
time and never keep a process from ending.
"""

import asyncio
import os
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from inspect import isawaitable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

__all__ = ["BackgroundLoop", "DaemonPool", "run_in_thread", "start_in_thread"]

T = TypeVar("T")
Job = tuple[Callable[[], object], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class DaemonPool:
    """Up to ``limit`` daemon threads named ``name``, started when they are needed."""

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self.renew()
        _pools.add(self)

    def renew(self) -> None:
        """Start over with new threads; the old ones end after what was given to them."""
        self._team = _Team()

    async def run(self, call: Callable[[], T]) -> T:
        """Call a function in one of the threads and wait for its result.

        When the caller is cancelled before the function has begun, it is not called any more; one
        that has begun cannot be stopped, and its result is dropped.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        team = self._team
        team.jobs.put((call, loop, future))
        if not team.idle.acquire(blocking=False) and team.threads < self._limit:
            self._start(team)
        return await future

    async def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call a user's function with the caller's context variables; returns its result.

        What it returns is awaited if it can be: a function that is not async may return a
        coroutine.
        """
        result = await self.run(partial(copy_context().run, function, *arguments, **named))
        return await result if isawaitable(result) else result

    def close(self) -> None:
        """Let the threads end once they have done what they were given."""
        for _ in range(self._team.threads):
            self._team.jobs.put(None)
        self.renew()

    def _start(self, team: "_Team") -> None:
        thread = threading.Thread(target=_serve, args=(team,), name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # No new threads while the interpreter ends; the present ones do the rest.
            if not team.threads:
                raise
        else:
            team.threads += 1


async def run_in_thread(call: Callable[[], T], name: str) -> T:
    """Call a function in a daemon thread of its own, with the caller's context variables.

    When the caller is cancelled, the function goes on and its result is dropped.
    """
    pool = DaemonPool(1, name)
    try:
        return await pool.run(partial(copy_context().run, call))
    finally:
        pool.close()


def start_in_thread(call: Callable[[], T], name: str) -> "Future[T]":
    """Call a function in a thread of its own, and return what its result can be waited for with.

    Nothing stops it: neither a cancellation of whoever waits, nor the end of a loop, nor that of
    the program, which waits for it.
    """
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - the one who waits gets it
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, name=name).start()
    return future


class _Team:
    """Threads that take jobs from one queue; ``idle`` counts those that wait for one."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.idle = threading.Semaphore(0)
        self.threads = 0


_pools: "weakref.WeakSet[DaemonPool]" = weakref.WeakSet()


def _renew_pools() -> None:
    # The threads of the parent are not there in a forked child.
    for pool in tuple(_pools):
        pool.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_pools)


def _serve(team: _Team) -> None:
    while (job := _next_job(team)) is not None:
        call, loop, future = job
        if future.cancelled():
            continue
        try:
            result = call()
        except (StopIteration, GeneratorExit) as error:
            # These two mean something to whoever drives a coroutine.
            unfit = RuntimeError(f"the function raised {type(error).__name__}")
            unfit.__cause__ = error
            _settle(loop, future, future.set_exception, unfit)
        except BaseException as error:  # noqa: BLE001 - the one who waits gets it
            _settle(loop, future, future.set_exception, error)
        else:
            _settle(loop, future, future.set_result, result)
        del job, call, loop, future


def _next_job(team: _Team) -> Job | None:
    try:
        return team.jobs.get_nowait()
    except Empty:
        team.idle.release()
        return team.jobs.get()


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
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for its result."""
        return self.run_soon(work).result()

    def run_soon(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run a coroutine on the loop; returns what its result can be waited for with.

        It can be cancelled until the coroutine has begun. The result is there at once, before
        anything runs that the coroutine has started.
        """
        future: Future[T] = Future()
        self._loop.call_soon_threadsafe(self._start, work, future)
        return future

    def _start(self, work: Coroutine[Any, Any, T], future: "Future[T]") -> None:
        if not future.set_running_or_notify_cancel():
            work.close()
            return
        task = self._loop.create_task(_settle_with(work, future))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function on the loop and do not wait for it."""
        self._loop.call_soon_threadsafe(function, *arguments)

    def stop(self) -> None:
        """Stop the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _settle_with(work: Coroutine[Any, Any, T], future: "Future[T]") -> None:
    try:
        result = await work
    except BaseException as error:  # noqa: BLE001 - the one who waits gets it
        future.set_exception(error)
    else:
        future.set_result(result)
