"""Walking the pages of list_chats, list_threads and list_archives.

``Walk`` knows what to ask next and nothing of how: the first request carries the filters, every
following one only the page id (the API remembers the filters, and refuses them a second time).
``Pages`` and ``AsyncPages`` are the iterators around it.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from frontdesk.actions import Action
from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.concurrency.reentry import Inside, is_inside
from frontdesk.errors import DecodeError, InvalidArgument
from frontdesk.models import ArchivesFilters

__all__ = ["AsyncPages", "Pages", "Walk", "full_pages"]

T = TypeVar("T")
A = TypeVar("A", bound=Action[Any])

SENT_WITH_EVERY_PAGE = ("highlights",)
"""What a page id does not stand for, unlike filters, limit and order."""


def full_pages(first: A) -> A:
    """Return the first request of an iterator: it asks for full pages unless it has a limit.

    Where the API allows no limit, with a page id or a list of threads, the request stays as it is.
    """
    page = first.spec.page
    assert page is not None, f"{first.spec.name} has no pages"
    request: Any = first
    filters = getattr(request, "filters", UNSET)
    lists_threads = isinstance(filters, ArchivesFilters) and filters.thread_ids is not UNSET
    if request.limit is not UNSET or request.page_id is not UNSET or lists_threads:
        return first
    return msgspec.structs.replace(first, limit=page.maximum)


class Walk:
    """Which page to ask for next."""

    def __init__(self, first: Action[Any]) -> None:
        page = first.spec.page
        assert page is not None, f"{first.spec.name} has no pages"
        self._items = page.items
        self._found = page.found
        self._first = first
        self._kept = {
            field.name: getattr(first, field.name)
            for field in msgspec.structs.fields(type(first))
            if field.required or field.name in SENT_WITH_EVERY_PAGE
        }
        page_id = getattr(first, "page_id", UNSET)
        self.page_id: str | None = None if page_id is UNSET else page_id
        self.found: int | None = None
        self.done: bool = False
        self._pages = 0
        self._landmark: str | None = None
        self._circular = False
        self._astray = False

    def action(self) -> Action[Any]:
        """Return the request for the next page."""
        if self._circular:
            name = self._first.spec.name
            raise DecodeError(f"{name}: the server names the page {self.page_id!r} once more")
        if self._astray:
            name = self._first.spec.name
            raise DecodeError(
                f"{name}: the next page is out of reach, since its id cannot be read",
                path="$.next_page_id",
            )
        if self.page_id is None:
            return self._first
        following: type[Any] = type(self._first)
        action: Action[Any] = following(**self._kept, page_id=self.page_id)
        return action

    def take(self, response: Any) -> list[Any]:
        """Take the response and return its items."""
        following: str | None = response.next_page_id or None
        # Pages that lead back to an earlier one would never end, and each costs a request. One page
        # in 1, 2, 4, 8, … is remembered, so that any circle is seen and memory stays flat.
        self._circular = following is not None and following in (self.page_id, self._landmark)
        self._pages += 1
        if self._pages.bit_count() == 1:
            self._landmark = self.page_id
        self.found = getattr(response, self._found)
        # A page that does not say where to go on must not look like the last one.
        self._astray = any(damage.path == "$.next_page_id" for damage in response.damage)
        self.done = following is None and not self._astray
        if not self._astray:
            self.page_id = following
        items: list[Any] = getattr(response, self._items)
        return items


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
        import asyncio

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
