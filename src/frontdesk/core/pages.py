"""Walking the pages of list_chats, list_threads and list_archives.

``Walk`` knows what to ask next and nothing of how: the first request carries the filters, every
following one only the page id (the API remembers the filters, and refuses them a second time).
``clients.pages`` has the iterators around it.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from frontdesk.actions import Action
from frontdesk.errors import DecodeError
from frontdesk.models import ArchivesFilters

__all__ = ["Walk", "full_pages"]

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

    @property
    def lost(self) -> bool:
        """Whether the next page is out of reach; ``action`` raises why."""
        return self._circular or self._astray

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
