"""Iterators over the items of all pages: one for threads, one for tasks."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

from frontdesk.actions import Action
from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.concurrency.reentry import Inside, is_inside
from frontdesk.core.pages import Walk
from frontdesk.errors import InvalidArgument

__all__ = ["AsyncPages", "Pages"]

T = TypeVar("T")


class Pages(Iterator[T]):
    """The items of all pages, one page in memory at a time. Several threads may share it.

    After an error the iteration can go on: the next step asks for the same page again, and no item
    is lost or comes twice. ``page_id`` is the page to be asked for next; give it to the ``iter_…``
    method later (within a month) to go on in another process.
    """

    def __init__(self, call: Callable[[Action[Any]], Any], first: Action[Any]) -> None:
        self._call = call
        self._walk = Walk(first)
        self._items: deque[T] = deque()
        self._lock = ForkSafeLock()

    @property
    def found(self) -> int | None:
        """How many items the server estimates; ``None`` before the first page."""
        return self._walk.found

    @property
    def page_id(self) -> str | None:
        """The page that is asked for next; ``None`` before the first and after the last."""
        return self._walk.page_id

    def __iter__(self) -> "Pages[T]":
        return self

    def __next__(self) -> T:
        _refuse_own_walk(self._lock)
        with self._lock:
            if self._fill():
                return self._items.popleft()
        raise StopIteration

    def pages(self) -> Iterator[list[T]]:
        """Yield the items page by page."""
        while True:
            _refuse_own_walk(self._lock)
            with self._lock:
                if not self._fill():
                    return
                page = list(self._items)
                self._items.clear()
            yield page

    def _fill(self) -> bool:
        """Get items unless there are some; tell whether there are."""
        while not self._items and not self._walk.done:
            action = self._walk.action()
            with Inside(self._lock):
                response = self._call(action)
            self._items.extend(self._walk.take(response))
        return bool(self._items)


class AsyncPages(AsyncIterator[T]):
    """The items of all pages, one page in memory at a time; otherwise as ``Pages``.

    Several tasks may share it.
    """

    def __init__(self, call: Callable[[Action[Any]], Awaitable[Any]], first: Action[Any]) -> None:
        import asyncio  # here, so that sync clients, which use this module too, do without it

        self._call = call
        self._walk = Walk(first)
        self._items: deque[T] = deque()
        self._lock = asyncio.Lock()

    @property
    def found(self) -> int | None:
        """How many items the server estimates; ``None`` before the first page."""
        return self._walk.found

    @property
    def page_id(self) -> str | None:
        """The page that is asked for next; ``None`` before the first and after the last."""
        return self._walk.page_id

    def __aiter__(self) -> "AsyncPages[T]":
        return self

    async def __anext__(self) -> T:
        if self._items or await self._fill():
            return self._items.popleft()
        raise StopAsyncIteration

    async def pages(self) -> AsyncIterator[list[T]]:
        """Yield the items page by page."""
        while self._items or await self._fill():
            page = list(self._items)
            self._items.clear()
            yield page

    async def _fill(self) -> bool:
        """Get items unless there are some; tell whether there are."""
        _refuse_own_walk(self._lock)
        async with self._lock:
            while not self._items and not self._walk.done:
                action = self._walk.action()
                with Inside(self._lock):
                    response = await self._call(action)
                self._items.extend(self._walk.take(response))
            return bool(self._items)


def _refuse_own_walk(lock: object) -> None:
    """Refuse to wait for a page in a function that is called while that page is fetched."""
    if is_inside(lock):
        raise InvalidArgument(
            "",
            "an `on_call` or token function must not advance the pages whose call it belongs to: "
            "they would wait for themselves",
        )
