"""Pushes for one reader, in the order in which they come: sync and async."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from math import inf
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from frontdesk.core.rtm.filters import Filter
from frontdesk.core.rtm.subscriptions import Mailbox
from frontdesk.errors import ClientClosed, InvalidArgument
from frontdesk.spec.arguments import check_function, check_wait

__all__ = ["AsyncSubscription", "Subscription", "check_match"]

P_co = TypeVar("P_co", covariant=True)

LONGEST_WAIT: Final = threading.TIMEOUT_MAX
ONE_READER: Final = "has one reader; subscribe again for another one"


class SubscribedLine(Protocol):
    """What a subscription needs of the connection that it reads from."""

    def subscribe(
        self,
        kinds: tuple[type[Any], ...],
        queue: int,
        wake: Callable[[], None],
        filter: Filter | None,
    ) -> Mailbox:
        """Open a mailbox for one reader, who is woken when there is something in it."""
        ...

    def unsubscribe(self, box: Mailbox) -> None:
        """End a subscription; its reader gets what is left."""
        ...

    def check_process(self) -> None:
        """Refuse to wait for what a fork has left behind in the parent process."""
        ...


class SharedLine(SubscribedLine, Protocol):
    """A connection that threads share."""

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held while its state is looked at."""
        ...


class Subscription(Iterator[P_co], Generic[P_co]):
    """Pushes for one reader, in the order in which they came; made by ``AgentRTM.pushes``.

    Iterate it, or call ``get``. It ends when the session is closed, and raises the error that
    ended the session otherwise. When the reader is too slow for the queue, the oldest pushes are
    dropped; a ``PushesLost`` takes their place if it is among the kinds subscribed to. One thread
    reads at a time. Leave it with ``close``, a ``with`` block, or by dropping it.

    It keeps the session of a client that is dropped; when both are gone, the session ends.
    """

    def __init__(
        self,
        line: SharedLine,
        owner: object,
        kinds: tuple[type[Any], ...],
        queue: int,
        filter: Filter | None = None,
    ) -> None:
        self._line = line
        self._owner = owner  # the client may be dropped while it is read
        self._news = threading.Event()
        self._reading = threading.Lock()
        self._box: Mailbox = line.subscribe(kinds, queue, self._news.set, filter)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> P_co:
        item = self._next(inf)
        if item is None:
            raise StopIteration
        return item

    def get(self, timeout: float | None = None) -> P_co | None:
        """Wait for the next push, at most ``timeout`` seconds.

        Returns:
            The push, or None when the session was closed.

        Raises:
            TimeoutError: No push came in time.
            ConnectionClosed: The session has ended; ``Disconnected`` if the server says why.
        """
        if timeout is None:
            return self._next(inf)
        check_wait("timeout", timeout)
        return self._next(time.monotonic() + timeout)

    def close(self) -> None:
        """Get no more pushes."""
        self._line.unsubscribe(self._box)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_box"):
            self._box.abandon()

    def _next(self, until: float) -> P_co | None:
        self._line.check_process()
        if not self._reading.acquire(blocking=False):
            raise InvalidArgument("subscription", ONE_READER)
        try:
            while True:
                self._news.clear()
                with self._line.lock:
                    item: P_co | None = self._box.take()
                    over = self._box.closed
                if item is not None:
                    return item
                if over:
                    if self._box.error is not None:
                        raise self._box.error.with_traceback(None)
                    return None
                if not self._news.wait(min(until - time.monotonic(), LONGEST_WAIT)):
                    raise TimeoutError
        finally:
            self._reading.release()


class AsyncSubscription(AsyncIterator[P_co], Generic[P_co]):
    """Pushes for one reader, in the order in which they came; made by ``AsyncAgentRTM.pushes``.

    Iterate it, or await ``get``. It ends when the session is closed, and raises the error that
    ended the session otherwise. When the reader is too slow for the queue, the oldest pushes are
    dropped; a ``PushesLost`` takes their place if it is among the kinds subscribed to. One task
    reads at a time. Leave it with ``close``, an ``async with`` block, or by dropping it.

    It keeps the session of a client that is dropped; when both are gone, the session ends.
    """

    def __init__(
        self,
        line: SubscribedLine,
        owner: object,
        kinds: tuple[type[Any], ...],
        queue: int,
        filter: Filter | None = None,
    ) -> None:
        self._line = line
        self._owner = owner  # the client may be dropped while it is read
        self._alarm = _Alarm()
        self._box: Mailbox = line.subscribe(kinds, queue, self._alarm.ring, filter)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> P_co:
        box = self._box
        while True:
            item: P_co | None = box.take()
            if item is not None:
                return item
            if box.closed:
                if box.error is not None:
                    raise box.error.with_traceback(None)
                raise StopAsyncIteration
            self._line.check_process()
            await self._alarm.wait()

    async def get(self, timeout: float | None = None) -> P_co | None:  # noqa: ASYNC109 - as in sync
        """Wait for the next push, at most ``timeout`` seconds.

        No push is lost when it is cancelled.

        Returns:
            The push, or None when the session was closed.

        Raises:
            TimeoutError: No push came in time.
            ConnectionClosed: The session has ended; ``Disconnected`` if the server says why.
        """
        check_wait("timeout", timeout)
        try:
            if timeout is None:
                return await anext(self)
            async with asyncio.timeout(timeout):
                return await anext(self)
        except StopAsyncIteration:
            return None

    def close(self) -> None:
        """Get no more pushes."""
        self._line.unsubscribe(self._box)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_box"):
            self._box.abandon()


class _Alarm:
    """Wakes the one task that waits."""

    __slots__ = ("_waiter",)

    def __init__(self) -> None:
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done() and not waiter.get_loop().is_closed():
                waiter.set_result(None)

    async def wait(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            raise InvalidArgument("subscription", ONE_READER)
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        try:
            await waiter
        finally:
            # A reader that was cancelled may end after the next one has begun to wait.
            if self._waiter is waiter:
                self._waiter = None


def check_match(check: object, timeout: object) -> None:
    """Check the arguments of ``wait_for``; raises ``InvalidArgument``."""
    check_wait("timeout", timeout)
    if check is not None:
        check_function("check", check, instead=": what it returns would count as true")


def first_match(
    subscription: Subscription[Any], check: Callable[[Any], object] | None, timeout: float | None
) -> Any:
    """Return the first push that passes the check; raises ``TimeoutError`` without one in time."""
    until = None if timeout is None else time.monotonic() + timeout
    with subscription:
        while True:
            item = subscription.get(None if until is None else until - time.monotonic())
            if item is None:
                raise ended()
            if check is None or check(item):
                return item


async def first_match_async(
    subscription: AsyncSubscription[Any],
    check: Callable[[Any], object] | None,
    timeout: float | None,  # noqa: ASYNC109 - as in sync
) -> Any:
    """Return the first push that passes the check; raises ``TimeoutError`` without one in time."""
    async with asyncio.timeout(timeout), subscription:
        async for item in subscription:
            if check is None or check(item):
                return item
    raise ended()


def ended() -> ClientClosed:
    """Return the error of waiting for a push that cannot come any more."""
    return ClientClosed("the session was closed before such a push came")
