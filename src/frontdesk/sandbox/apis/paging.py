"""Pages of the methods that list chats and threads, for agents and for customers alike.

::

    asked, cursor = resumed(world, action)
    row_page = page(rows, place_of(cursor), sort_order_of(asked), limit_of(asked))
    response = ...
    add_page_ids(world, asked, row_page, response, cursor)
"""

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET

from frontdesk.actions import ListArchives, ListChats, ListThreads, customer
from frontdesk.sandbox.store.archive.lists import ListedThreads
from frontdesk.sandbox.store.paging import Cursor, PageIds, Place, RowPage, SortOrder, page
from frontdesk.sandbox.world import World

__all__ = [
    "ListAction",
    "PageWithIds",
    "add_page_ids",
    "limit_of",
    "page_of_events",
    "place_of",
    "resumed",
    "sort_order_of",
]

_MOST_THREADS: Final = 1000
"""How many threads a page has at the most when it is their events that are counted."""


ListAction: TypeAlias = (
    ListChats | ListThreads | ListArchives | customer.ListChats | customer.ListThreads
)
"""What a method that lists is asked for."""

A = TypeVar("A", ListChats, ListThreads, ListArchives, customer.ListChats, customer.ListThreads)


class PageWithIds(Protocol):
    """A page of a response, which names those beside it."""

    next_page_id: str | None
    previous_page_id: str | None


def resumed(world: World, action: A) -> tuple[A, Cursor | None]:
    """Return what was asked for: now, or by the first request of the walk of the page id.

    Raises:
        ValidationError: The page id is of another method or license, or has expired.
    """
    if action.page_id is UNSET:
        return action, None
    cursor = _page_ids(world).read(action.page_id, _method(action), world.clock.peek())
    return msgspec.json.decode(cursor.request, type=type(action)), cursor


def place_of(cursor: Cursor | None) -> Place | None:
    """Return where the page is; the first one has no place."""
    return None if cursor is None else cursor.place


def sort_order_of(asked: ListAction) -> SortOrder:
    """Return the order that was asked for, the newest first by default."""
    return "desc" if asked.sort_order is UNSET else asked.sort_order


def limit_of(asked: ListAction) -> int:
    """Return how many items a page has, as many as the method says by default."""
    assert asked.spec.page is not None
    return asked.spec.page.default if asked.limit is UNSET else asked.limit


def add_page_ids(
    world: World,
    asked: ListAction,
    row_page: RowPage[Any],
    response: PageWithIds,
    cursor: Cursor | None,
) -> None:
    """Name the pages beside a page in its response."""
    if row_page.following is None and row_page.preceding is None:
        return
    # A reading that passes: whatever happens next is later than the beginning of the walk.
    now = world.clock.micros()
    ids, request = _page_ids(world), msgspec.json.encode(asked)
    began_at = now if cursor is None else cursor.began_at

    def page_id(place: Place | None) -> str | None:
        if place is None:
            return None
        return ids.write(Cursor(_method(asked), now, request, place, began_at))

    response.next_page_id = page_id(row_page.following)
    response.previous_page_id = page_id(row_page.preceding)


def page_of_events(
    rows: ListedThreads, place: Place | None, min_events: int, count: Callable[[int], int]
) -> RowPage[int]:
    """Return as many of the latest threads as it takes to have so many events.

    ``count`` returns how many events the thread of a number has.
    """

    def enough(numbers: list[int]) -> int:
        events = 0
        for position, num in enumerate(numbers, start=1):
            events += count(num)
            if events >= min_events:
                return position
        return len(numbers)

    return page(rows, place, "desc", _MOST_THREADS, enough)


def _page_ids(world: World) -> PageIds:
    return PageIds(world.store.company.license.organization_id)


def _method(asked: ListAction) -> str:
    """Return which method a page id is of: agents and customers have some of the same name."""
    spec = asked.spec
    return spec.name if spec.api == "agent" else f"{spec.api}.{spec.name}"
