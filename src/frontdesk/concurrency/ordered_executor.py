"""Work in order: one item at a time per key, many keys at once."""

import asyncio
import logging
import math
import signal
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Hashable
from contextlib import contextmanager
from typing import Final, Generic, Protocol, TypeVar, cast

from frontdesk.redaction import log_failure

__all__ = ["OnError", "OrderedExecutor", "as_exception", "is_interrupt", "is_stopped"]

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

logger: logging.Logger = logging.getLogger("frontdesk")

_GRACE: Final = 1.0  # seconds that cancelled work has to end


class OnError(Protocol[T_contra]):
    """What an ``OrderedExecutor`` calls when its work raises an error."""

    def __call__(self, item: T_contra, error: BaseException, attempt: int, /) -> float | None:
        """Return the seconds after which to run the item again, or None to give it up.

        ``attempt`` is 1 the first time that the item fails.
        """
        ...


class OrderedExecutor(Generic[T]):
    """Runs ``work(item)`` for each item: in order per key, concurrently across keys.

    Items of one key run one after another, as submitted; keys take turns, so that a busy one
    does not hold up the others. Belongs to one event loop: call it from that loop's thread only.

    Args:
        work: The coroutine function to run with each item. Nothing that it raises stops the
            executor.
        concurrency: How many items run at once.
        capacity: How many items may be accepted and unfinished before ``full`` is true.
        on_error: Called when ``work`` raises; may have the item run again after a pause. The
            later items of its key wait meanwhile, other keys do not. Defaults to logging the
            error and giving the item up.
    """

    def __init__(
        self,
        work: Callable[[T], Awaitable[object]],
        *,
        concurrency: int,
        capacity: int,
        on_error: OnError[T] | None = None,
    ) -> None:
        self._work = work
        self._concurrency = concurrency
        self._capacity = capacity
        self._on_error: OnError[T] = on_error or _log_error
        self._pending: dict[Hashable, deque[T]] = {}
        self._ready: deque[Hashable] = deque()
        self._paused: dict[Hashable, asyncio.TimerHandle] = {}
        self._attempts: dict[Hashable, int] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._idle: asyncio.Event | None = None
        self._stopping = False
        self.unfinished: int = 0
        self.finished: int = 0

    @property
    def full(self) -> bool:
        """No more items should be submitted for now."""
        return self.unfinished >= self._capacity

    def is_called_here(self) -> bool:
        """Return whether the caller is the work on an item, which cannot wait for its own end."""
        return asyncio.current_task() in self._workers

    @contextmanager
    def room(self) -> Generator[None]:
        """Reserve room for an item while it is decided whether to submit it."""
        self.unfinished += 1
        try:
            yield
        finally:
            self._finished()

    def submit(self, key: Hashable, item: T) -> None:
        """Accept an item, whether there is room or not."""
        self.unfinished += 1
        pending = self._pending.get(key)
        if pending is not None:
            pending.append(item)
            self._start_worker()  # the workers are gone if their event loop ended
            return
        self._pending[key] = deque((item,))
        self._make_ready(key)

    def pending(self) -> list[T]:
        """Return the items that are not finished; those of one key in their order."""
        return [item for pending in self._pending.values() for item in pending]

    async def drain(
        self,
        timeout: float | None,  # noqa: ASYNC109 - returns the rest
        stall_timeout: float | None = None,
    ) -> int:
        """Wait until every item is finished; after one of the times (in seconds) cancel the rest.

        ``stall_timeout`` begins anew whenever an item is finished. Items may be submitted again
        afterwards.

        Returns:
            How many items were not finished.
        """
        if not await self._settles(timeout, stall_timeout):
            await self._stop_workers()
        unfinished = self.unfinished
        self.unfinished -= sum(len(pending) for pending in self._pending.values())
        self._pending.clear()
        self._attempts.clear()
        if self._idle is not None:
            # Somebody else may wait for what was given up.
            self._idle.set()
            self._idle = None
        return unfinished

    async def idle(self, timeout: float | None) -> bool:  # noqa: ASYNC109 - returns the outcome
        """Wait until every item is finished; returns False if ``timeout`` seconds did not do."""
        if not self.unfinished:
            return True
        for _ in range(len(self._ready)):
            self._start_worker()
        idle = self._idle = self._idle or asyncio.Event()
        try:
            async with asyncio.timeout(timeout):
                await idle.wait()
        except TimeoutError:
            return False
        return True

    async def _settles(self, timeout: float | None, stall_timeout: float | None) -> bool:  # noqa: ASYNC109 - returns the outcome
        """Wait as ``drain`` does; returns whether every item is finished."""
        clock = asyncio.get_running_loop().time
        ends_at = math.inf if timeout is None else clock() + timeout
        while stall_timeout is not None and clock() + stall_timeout < ends_at:
            finished = self.finished
            if await self.idle(stall_timeout):
                return True
            if self.finished == finished:
                return False
        return await self.idle(None if math.isinf(ends_at) else max(0.0, ends_at - clock()))

    async def _stop_workers(self) -> None:
        for timer in self._paused.values():
            timer.cancel()
        self._paused.clear()
        workers = tuple(self._workers)
        for worker in workers:
            worker.cancel()
        self._stopping = True
        try:
            # Work that goes on in spite of its cancellation must not keep the caller for ever.
            if workers:
                await asyncio.wait(workers, timeout=_GRACE)
        finally:
            self._stopping = False
        self._ready.clear()
        self._workers.clear()

    def _make_ready(self, key: Hashable) -> None:
        self._paused.pop(key, None)
        self._ready.append(key)
        self._start_worker()

    def _start_worker(self) -> None:
        if self._ready and not self._stopping and len(self._workers) < self._concurrency:
            worker = asyncio.get_running_loop().create_task(self._run())
            self._workers.add(worker)
            worker.add_done_callback(self._worker_ended)

    def _worker_ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)  # it may have been cancelled before it began
        # An exception is seen here, so that asyncio does not log it: `on_error` has had it.
        if not worker.cancelled() and worker.exception() is not None:
            self._start_worker()

    async def _run(self) -> None:
        try:
            while self._ready and not self._stopping:
                await self._run_next()
        finally:
            # At once, not in the callback: what is submitted in between needs a new worker.
            self._workers.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _run_next(self) -> None:
        key = self._ready.popleft()
        item = self._pending[key][0]
        pause = None
        try:
            await self._work(item)
        except BaseException as error:
            if is_stopped(error):
                # The event loop ends, or `drain` gives the item up. Another loop may go on.
                self._ready.appendleft(key)
                raise
            pause = self._failed(key, item, error)
            if is_interrupt(error):
                self._proceed(key, item, pause)
                raise
        self._proceed(key, item, pause)

    def _failed(self, key: Hashable, item: T, error: BaseException) -> float | None:
        attempt = self._attempts[key] = self._attempts.get(key, 0) + 1
        try:
            return self._on_error(item, error, attempt)
        except Exception as failure:  # noqa: BLE001 - it is logged
            log_failure(logger, "`on_error` failed", error=failure)
            return None

    def _proceed(self, key: Hashable, item: T, pause: float | None) -> None:
        """Go on with a key: with its first item again after a pause, or with the next one."""
        pending = self._pending.get(key)
        if pending is None or pending[0] is not item:
            return  # the item was given up by `drain`, and its work went on all the same
        if pause is not None:
            loop = asyncio.get_running_loop()
            self._paused[key] = loop.call_later(pause, self._make_ready, key)
            return
        self._attempts.pop(key, None)
        pending.popleft()
        self.finished += 1
        if pending:
            self._ready.append(key)
        else:
            del self._pending[key]
        self._finished()

    def _finished(self) -> None:
        self.unfinished -= 1
        if not self.unfinished and self._idle is not None:
            self._idle.set()
            self._idle = None


def is_stopped(error: BaseException) -> bool:
    """Tell whether the worker itself was cancelled, rather than something that it awaits."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def is_interrupt(error: BaseException) -> bool:
    """Tell whether an error may be somebody's Ctrl-C, which has to reach the event loop.

    Where somebody else takes care of SIGINT (``asyncio.run`` does, and web servers do), or in
    another thread, Ctrl-C does not show up in the middle of the work.
    """
    return (
        isinstance(error, KeyboardInterrupt)
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )


def as_exception(error: BaseException, function: str = "the handler") -> Exception:
    """Make an ordinary error of one that would end more than the function that raises it."""
    if isinstance(error, Exception):
        return error
    result = RuntimeError(f"{function} {what_it_did(error)}")
    result.__cause__ = error
    return result


def what_it_did(error: BaseException) -> str:
    """Say what a function did that raised this, as the end of a sentence."""
    match error:
        case asyncio.CancelledError():
            return "was cancelled"
        case SystemExit():
            return "called `sys.exit`"
        case _:
            return f"raised {type(error).__name__}: {error}"


def _log_error(item: object, error: BaseException, attempt: int) -> None:  # noqa: ARG001
    log_failure(logger, "work failed", error=error)
