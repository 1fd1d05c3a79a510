"""The functions that pushes are handled with: concurrently, and in order per chat.

Each subject (a chat, else an agent, a customer …) has a queue of the calls that are due. The
ordered executor runs one call per subject at a time, in turn between subjects.
"""

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from inspect import isawaitable
from typing import Any, Final

from frontdesk.concurrency.ordered_executor import (
    OrderedExecutor,
    as_exception,
    is_interrupt,
    is_stopped,
)
from frontdesk.concurrency.threads import BackgroundLoop, DaemonPool
from frontdesk.core.rtm.filters import Filter
from frontdesk.core.rtm.notices import Notice, PushesLost
from frontdesk.core.rtm.stats import Counters
from frontdesk.core.rtm.subscriptions import Subscriber
from frontdesk.pushes import Push
from frontdesk.pushes.subjects import subject_of
from frontdesk.redaction import log_failure
from frontdesk.spec.arguments import check_count, check_function, check_handler, refuse_awaitable

__all__ = ["ASYNC_HERE", "AsyncHandlers", "PushHandler", "PushHandlers", "SyncHandlers"]

Subject = tuple[str, str]

NOTICES: Final[Subject] = ("notices", "")
"""The subject of what does not come from the server."""
ASYNC_HERE: Final = " here; use AsyncAgentRTM"
UNBOUNDED: Final = 2**62
"""The queues are bounded by the handlers, not by the executor."""

_handling: ContextVar[object] = ContextVar("frontdesk_rtm_handling", default=None)
"""Whose handler runs in this task or thread."""


class Job:
    """One call of a handler that is due."""

    __slots__ = ("handler", "item", "subject")

    def __init__(self, handler: "PushHandler", item: Push | Notice) -> None:
        self.handler: PushHandler = handler
        self.item: Push | Notice = item
        self.subject: tuple[str, str] = NOTICES if isinstance(item, Notice) else subject_of(item)


class PushHandler(Subscriber):
    """A function that is called for the pushes of its kinds."""

    __slots__ = ("_handlers", "_is_lossy", "_loss", "function", "name", "waiting")

    def __init__(
        self,
        handlers: "PushHandlers",
        function: Callable[[Any], object],
        kinds: tuple[type[Any], ...],
        limit: int,
        filter: Filter | None,
    ) -> None:
        super().__init__(kinds, limit, filter)
        self.function: Callable[..., Any] = function
        self.name: str = getattr(function, "__qualname__", None) or repr(function)
        self.waiting: OrderedDict[Job, None] = OrderedDict()
        """The calls that have not begun, oldest first."""
        self._handlers = handlers
        self._loss: Job | None = None
        self._is_lossy = False

    def put(self, item: Push | Notice) -> None:
        """Have the function called; when too many calls wait, drop the oldest one."""
        if self.closed or (self.filter is not None and not self.filter(item)):
            return
        dropped = self._handlers.submit(Job(self, item), self.limit)
        if dropped is None or isinstance(dropped.item, PushesLost):
            return
        loss, first = PushesLost(overflow=1), not self._is_lossy
        self._is_lossy = True
        self.on_loss(self, loss, first)
        if self.takes_losses:
            self.put_loss(loss)

    def put_loss(self, loss: PushesLost) -> None:
        """Have the function called with a loss; several that wait become one."""
        if not self._handlers.add_loss(self._loss, loss):
            self._loss = Job(self, loss)
            self._handlers.submit(self._loss, UNBOUNDED)

    def begins(self) -> None:
        """Take note that a call begins, so that there is room again."""
        self._is_lossy = False

    def close(self, error: Exception | None) -> None:
        """What has come is still handled, and in the next session it goes on."""


class PushHandlers:
    """All handlers of a client, and the calls that are due; safe to share between threads."""

    def __init__(self, log: logging.Logger, counters: Counters, concurrency: int) -> None:
        check_count("concurrency", concurrency)
        self.registered: list[PushHandler] = []
        self.error_hooks: list[Callable[[Exception, Any], object]] = []
        self._log = log
        self._counters = counters
        self._concurrency = concurrency
        self._lock = threading.Condition()
        """Held for a short time only, never while a handler runs; notified when nothing is due."""
        self._due: dict[Subject, OrderedDict[Job, None]] = {}
        """What waits per subject; a subject stays here while one of its calls runs."""

    def register(
        self,
        function: Callable[[Any], object],
        kinds: tuple[type[Any], ...],
        queue: int,
        filter: Filter | None,
    ) -> PushHandler:
        """Add a handler; the caller subscribes it."""
        check_handler("handler", function)
        handler = PushHandler(self, function, kinds, queue, filter)
        self.registered = [*self.registered, handler]
        return handler

    def remove(
        self, function: Callable[[Any], object], kinds: tuple[type[Any], ...]
    ) -> list[PushHandler]:
        """Forget a function, or its registrations for exactly these kinds; return them."""
        removed = [
            handler
            for handler in self.registered
            if handler.function == function and (not kinds or handler.kinds == frozenset(kinds))
        ]
        self.registered = [handler for handler in self.registered if handler not in removed]
        for handler in removed:
            handler.closed = True
            self._forget(handler)
        return removed

    def add_hook(self, hook: Callable[[Exception, Any], object]) -> None:
        """Call a function with each error of a handler."""
        check_handler("hook", hook)
        self.error_hooks.append(hook)

    def is_called_here(self) -> bool:
        """Whether one of these handlers is running in this very task or thread."""
        return _handling.get() is self

    def submit(self, job: Job, limit: int) -> Job | None:
        """Have a handler called; return the call that was dropped to keep to the limit."""
        dropped: Job | None = None
        with self._lock:
            waiting = job.handler.waiting
            if len(waiting) >= limit:
                dropped, _ = waiting.popitem(last=False)
                del self._due[dropped.subject][dropped]
            if limit != UNBOUNDED:
                waiting[job] = None
            due = self._due.get(job.subject)
            is_new = due is None
            if due is None:
                due = self._due[job.subject] = OrderedDict()
            due[job] = None
        if is_new:
            self._start(job.subject)
        return dropped

    def add_loss(self, job: Job | None, loss: PushesLost) -> bool:
        """Add to a loss that is due still; return whether it is."""
        with self._lock:
            if job is None or job not in self._due.get(NOTICES, ()):
                return False
            assert isinstance(job.item, PushesLost)
            job.item += loss
            return True

    def _forget(self, handler: PushHandler | None = None) -> None:
        """Drop the calls that have not begun, of one handler or of all."""
        with self._lock:
            for due in self._due.values():
                for job in [job for job in due if handler is None or job.handler is handler]:
                    del due[job]
                    job.handler.waiting.pop(job, None)

    async def _work(self, subject: Subject) -> None:
        """Call the handler whose turn it is."""
        with self._lock:
            job = self._next(subject)
        if job is None:
            return
        is_ending = False
        try:
            await self._call(job)
        except BaseException as error:
            is_ending = is_stopped(error)
            raise
        finally:
            with self._lock:
                self._counters.handled += 1
                goes_on = bool(self._due.get(subject))
                if not goes_on:
                    self._finished(subject)
            # Whatever was raised: a subject that is due and not started would wait for ever.
            if goes_on and not is_ending:
                self._start(subject)

    def _next(self, subject: Subject) -> Job | None:
        due = self._due.get(subject)
        if not due:
            self._finished(subject)
            return None
        job, _ = due.popitem(last=False)
        job.handler.waiting.pop(job, None)
        job.handler.begins()
        return job

    def _finished(self, subject: Subject) -> None:
        self._due.pop(subject, None)
        if not self._due:
            self._lock.notify_all()

    def _failed(self, job: Job, error: Exception) -> None:
        """Count an error of a handler; log it unless there is a hook for it."""
        with self._lock:
            self._counters.handler_errors += 1
        if not self.error_hooks:
            name, item = job.handler.name, type(job.item).__name__
            log_failure(self._log, "handler %s failed on %s", name, item, error=error)

    def _hook_failed(self, failure: BaseException) -> None:
        log_failure(self._log, "the error hook failed", error=failure)

    def _start(self, subject: Subject) -> None:
        """Have ``_work`` called for a subject, after what is under way for it."""
        raise NotImplementedError

    async def _call(self, job: Job) -> None:
        """Call a handler, and the hooks if it fails.

        Raises nothing but its own cancellation and a Ctrl-C that has to reach the event loop.
        """
        raise NotImplementedError

    def _executor(self) -> OrderedExecutor[Subject]:
        return OrderedExecutor(self._work, concurrency=self._concurrency, capacity=UNBOUNDED)


class AsyncHandlers(PushHandlers):
    """Handlers, async or not, that are called in the session's event loop."""

    _running: OrderedExecutor[Subject] | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run in this loop from now on; an executor belongs to one loop."""
        if self._loop is not loop:
            self._loop = loop
            self._running = self._executor()
            self._forget()
            self._due.clear()

    async def close(self, timeout: float) -> None:  # noqa: ASYNC109 - it cancels what is left
        """Wait for the handlers at work and those that are due; cancel what takes longer."""
        if self._running is None or not self._due:
            return
        if await self._running.drain(max(0.0, timeout)):
            self._log.warning("handlers that took longer than `close_timeout` were cancelled")
        self._forget()
        self._due.clear()

    def _start(self, subject: Subject) -> None:
        assert self._running is not None, "pushes come in a loop"
        self._running.submit(subject, subject)

    async def _call(self, job: Job) -> None:
        _handling.set(self)
        try:
            result = job.handler.function(job.item)
            if isawaitable(result):
                await result
        except BaseException as error:
            if is_stopped(error):
                raise
            await self._report(job, as_exception(error))
            if is_interrupt(error):
                raise

    async def _report(self, job: Job, error: Exception) -> None:
        self._failed(job, error)
        for hook in self.error_hooks:
            try:
                result = hook(error, job.item)
                if isawaitable(result):
                    await result
            except BaseException as failure:
                if is_stopped(failure):
                    raise
                self._hook_failed(failure)
                if is_interrupt(failure):
                    raise


class SyncHandlers(PushHandlers):
    """Handlers that are called in threads of their own."""

    _background: BackgroundLoop | None = None
    _pool: DaemonPool | None = None
    _running: OrderedExecutor[Subject] | None = None

    def register(
        self,
        function: Callable[[Any], object],
        kinds: tuple[type[Any], ...],
        queue: int,
        filter: Filter | None,
    ) -> PushHandler:
        """Add a handler; the caller subscribes it."""
        check_function("handler", function, instead=ASYNC_HERE)
        return super().register(function, kinds, queue, filter)

    def add_hook(self, hook: Callable[[Exception, Any], object]) -> None:
        """Call a function with each error of a handler."""
        check_function("hook", hook, instead=ASYNC_HERE)
        super().add_hook(hook)

    def close(self, timeout: float) -> None:
        """Wait for the handlers at work and those that are due; drop what takes longer.

        A handler that is still at work then goes on in its thread. In a later session the next
        push of its chat waits for it.
        """
        with self._lock:
            is_idle = self._lock.wait_for(lambda: not self._due, max(0.0, timeout))
        if not is_idle:
            self._log.warning("handlers are still at work after `close_timeout`")
            self._forget()
            return
        background, self._background = self._background, None
        if background is not None and self._pool is not None:
            self._pool.close()
            background.stop()

    def _start(self, subject: Subject) -> None:
        if self._background is None:
            self._background = BackgroundLoop("frontdesk-rtm-handlers")
            self._pool = DaemonPool(self._concurrency, "frontdesk-rtm-handler")
            self._running = self._executor()
        assert self._running is not None
        self._background.call(self._running.submit, subject, subject)

    async def _call(self, job: Job) -> None:
        assert self._pool is not None
        await self._pool.call(self._call_here, job)

    def _call_here(self, job: Job) -> None:
        _handling.set(self)
        try:
            refuse_awaitable("handler", job.handler.function(job.item), ASYNC_HERE)
        except BaseException as error:  # noqa: BLE001 - the hooks and the log get it
            self._report(job, as_exception(error))

    def _report(self, job: Job, error: Exception) -> None:
        self._failed(job, error)
        for hook in self.error_hooks:
            try:
                refuse_awaitable("hook", hook(error, job.item), ASYNC_HERE)
            except BaseException as failure:  # noqa: BLE001 - it is logged
                self._hook_failed(failure)
