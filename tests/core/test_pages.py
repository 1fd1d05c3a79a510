"""Walking pages: full pages, filters once, nothing lost or doubled whatever happens meanwhile."""

import asyncio
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from frontdesk import AsyncPages, Pages, decode, errors
from frontdesk.actions import Action, ListArchives, ListChats, ListThreads
from frontdesk.core.pages import full_pages
from frontdesk.models import (
    ArchivesFilters,
    ArchivesPage,
    Chat,
    ChatsPage,
    ChatSummary,
    Highlights,
    Thread,
    ThreadsFilters,
    ThreadsPage,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def chats(start: int, count: int) -> list[Chat]:
    return [Chat(id=f"C{number}", users=[]) for number in range(start, start + count)]


class Server:
    """Responses list_archives with pages of these sizes; some calls fail."""

    def __init__(self, sizes: list[int], failing: frozenset[int] = frozenset()) -> None:
        self.sizes = sizes
        self.failing = failing
        self.calls = 0
        self.asked: list[dict[str, Any]] = []

    def __call__(self, action: Action[Any]) -> Any:
        self.asked.append(msgspec.json.decode(msgspec.json.encode(action)))
        self.calls += 1
        if self.calls - 1 in self.failing:
            raise errors.ServiceUnavailable("later")
        page_id = getattr(action, "page_id", UNSET)
        number = 0 if page_id is UNSET else int(page_id[1:])
        following = f"P{number + 1}" if number + 1 < len(self.sizes) else None
        rows = chats(sum(self.sizes[:number]), self.sizes[number])
        return ArchivesPage(chats=rows, found_chats=sum(self.sizes), next_page_id=following)

    async def asynchronously(self, action: Action[Any]) -> Any:
        await asyncio.sleep(0)
        return self(action)


class Both:
    """Both kinds of iterators behind one blocking interface."""

    def __init__(self, kind: str) -> None:
        self.is_async = kind == "async"

    def pages(self, server: Server, first: Action[Any]) -> Any:
        if self.is_async:
            return AsyncPages(server.asynchronously, first)
        return Pages(server, first)

    def take(self, pages: Any, count: int = 10**9) -> list[str]:
        """Ids of the next items, until the end or an error."""
        taken: list[str] = []

        async def collect() -> None:
            async for chat in pages:
                taken.append(chat.id)
                if len(taken) == count:
                    break

        try:
            if self.is_async:
                asyncio.run(collect())
            else:
                for chat in pages:
                    taken.append(chat.id)
                    if len(taken) == count:
                        break
        except errors.FrontdeskError as error:
            taken.append(type(error).__name__)
        return taken

    def by_page(self, pages: Any) -> list[list[str]]:
        async def collect() -> list[Any]:
            return [page async for page in pages.pages()]

        found = asyncio.run(collect()) if self.is_async else list(pages.pages())
        return [[chat.id for chat in page] for page in found]


@pytest.fixture(params=["sync", "async"])
def both(request: pytest.FixtureRequest) -> Both:
    return Both(request.param)


def ids(count: int, start: int = 0) -> list[str]:
    return [f"C{number}" for number in range(start, start + count)]


def test_filters_go_with_the_first_request_only(both: Both) -> None:
    server = Server([2, 2, 1])
    first = ListArchives(
        filters=ArchivesFilters(query="refund", from_=NOON), limit=100, sort_order="asc"
    )
    assert both.take(both.pages(server, first)) == ids(5)
    assert server.asked == [
        {
            "filters": {"query": "refund", "from": "2026-01-01T12:00:00Z"},
            "limit": 100,
            "sort_order": "asc",
        },
        {"page_id": "P1"},
        {"page_id": "P2"},
    ]


def test_highlights_go_with_every_page_since_no_page_id_stands_for_them(both: Both) -> None:
    server = Server([1, 1])
    first = ListArchives(filters=ArchivesFilters(query="refund"), highlights=Highlights())
    both.take(both.pages(server, first))
    assert server.asked[1] == {"page_id": "P1", "highlights": {}}


def test_what_a_method_needs_goes_with_every_page() -> None:
    asked: list[Any] = []

    def call(action: Action[Any]) -> Any:
        asked.append(msgspec.json.decode(msgspec.json.encode(action)))
        rows = [Thread(id=str(len(asked)), user_ids=[], active=False, created_at=NOON)]
        return ThreadsPage(threads=rows, next_page_id="P" if len(asked) == 1 else None)

    first = ListThreads(chat_id="C1", filters=ThreadsFilters(to=NOON), limit=100)
    pages: Pages[Thread] = Pages(call, first)
    assert [thread.id for thread in pages] == ["1", "2"]
    assert asked[1] == {"chat_id": "C1", "page_id": "P"}
    assert pages.found is None


def test_summaries_of_chats_are_found_under_the_older_and_the_newer_name() -> None:
    row = ChatSummary(id="C1", users=[])
    for response in (
        ChatsPage(chats_summary=[row], found_chats=1),
        ChatsPage(chats_info=[row], found_chats=1),
    ):
        pages: Pages[ChatSummary] = Pages(lambda action, page=response: page, ListChats())
        assert list(pages) == [row]


def test_an_end_is_an_end(both: Both) -> None:
    server = Server([1])
    pages = both.pages(server, ListArchives())
    assert both.take(pages) == ["C0"]
    assert both.take(pages) == []
    assert server.calls == 1
    assert pages.page_id is None


def test_no_items_at_all(both: Both) -> None:
    pages = both.pages(Server([0]), ListArchives())
    assert both.take(pages) == []
    assert pages.found == 0
    assert both.by_page(both.pages(Server([0]), ListArchives())) == []


def test_empty_pages_between_others_are_passed_over(both: Both) -> None:
    assert both.take(both.pages(Server([0, 2, 0, 0, 1, 0]), ListArchives())) == ids(3)
    assert both.by_page(both.pages(Server([0, 2, 0, 1]), ListArchives())) == [ids(2), ids(1, 2)]


def test_an_empty_next_page_id_is_the_end() -> None:
    response = ArchivesPage(chats=chats(0, 1), found_chats=1, next_page_id="")
    pages: Pages[Chat] = Pages(lambda action: response, ListArchives())
    assert len(list(pages)) == 1


def test_the_estimate_and_the_next_page_are_told(both: Both) -> None:
    pages = both.pages(Server([2, 2, 1]), ListArchives())
    assert (pages.found, pages.page_id) == (None, None)
    both.take(pages, 1)
    assert (pages.found, pages.page_id) == (5, "P1")
    both.take(pages, 2)
    assert pages.page_id == "P2"


def test_a_walk_can_be_taken_up_again_from_its_page_id(both: Both) -> None:
    server = Server([2, 2, 1])
    pages = both.pages(server, ListArchives(limit=2))
    assert both.take(pages, 2) == ids(2)
    later = both.pages(server, ListArchives(page_id=pages.page_id))
    assert both.take(later) == ids(3, 2)
    assert server.asked[1] == {"page_id": "P1"}


def test_after_an_error_the_same_page_is_asked_for_again(both: Both) -> None:
    server = Server([2, 2], failing=frozenset({0, 2}))
    pages = both.pages(server, ListArchives(filters=ArchivesFilters(query="a")))
    assert both.take(pages) == ["ServiceUnavailable"]
    assert both.take(pages) == [*ids(2), "ServiceUnavailable"]
    assert both.take(pages) == ids(2, 2)
    assert server.asked == [
        {"filters": {"query": "a"}},
        {"filters": {"query": "a"}},
        {"page_id": "P1"},
        {"page_id": "P1"},
    ]


def test_items_and_whole_pages_can_be_mixed(both: Both) -> None:
    pages = both.pages(Server([3, 2]), ListArchives())
    assert both.take(pages, 1) == ids(1)
    assert both.by_page(pages) == [ids(2, 1), ids(2, 3)]


@given(
    sizes=st.lists(st.integers(0, 4), min_size=1, max_size=8),
    failing=st.frozensets(st.integers(0, 12)),
    chunk=st.integers(1, 5),
    kind=st.sampled_from(["sync", "async"]),
)
def test_each_item_comes_once_and_in_order(
    sizes: list[int], failing: frozenset[int], chunk: int, kind: str
) -> None:
    both, server = Both(kind), Server(sizes, failing)
    pages = both.pages(server, ListArchives())
    taken: list[str] = []
    failures = 0
    while got := both.take(pages, chunk):
        failures += got[-1] == "ServiceUnavailable"
        taken += [name for name in got if name.startswith("C")]
    assert taken == ids(sum(sizes))
    assert server.calls == len(sizes) + failures, "no page is asked for without need"


# Pages that lead back


def circle(*names: str | None) -> Callable[[Action[Any]], Any]:
    """A server whose pages name each other: the last one leads to the first of that name."""
    following = dict(pairwise(names))

    def call(action: Action[Any]) -> Any:
        page_id = getattr(action, "page_id", UNSET)
        name = None if page_id is UNSET else page_id
        row = Chat(id=f"of {name}", users=[])
        return ArchivesPage(chats=[row], found_chats=1, next_page_id=following[name])

    return call


def test_a_page_that_names_itself_ends_with_an_error_after_its_items() -> None:
    pages: Pages[Chat] = Pages(circle(None, "A", "A"), ListArchives())
    assert [next(pages).id, next(pages).id] == ["of None", "of A"]
    for _ in range(2):
        with pytest.raises(
            errors.DecodeError, match="list_archives: the server names the page 'A'"
        ):
            next(pages)


@given(st.integers(0, 40), st.integers(1, 40))
def test_no_circle_is_walked_for_ever(before: int, length: int) -> None:
    asked: list[str | None] = []

    def call(action: Action[Any]) -> Any:
        page_id = getattr(action, "page_id", UNSET)
        number = 0 if page_id is UNSET else int(page_id)
        asked.append(page_id)
        following = number + 1 if number + 1 <= before + length else before + 1
        return ArchivesPage(chats=[], found_chats=0, next_page_id=str(following))

    with pytest.raises(errors.DecodeError):
        next(iter(Pages(call, ListArchives())))
    assert len(asked) <= 4 * (before + length) + 4


# Sharing, memory


def test_threads_that_share_an_iterator_get_each_item_once() -> None:
    server = Server([7] * 30)
    pages: Pages[Chat] = Pages(server, ListArchives())
    gate = threading.Barrier(8)

    def work(_: int) -> list[str]:
        gate.wait()
        return [chat.id for chat in pages]

    with ThreadPoolExecutor(8) as threads:
        taken = [name for part in threads.map(work, range(8)) for name in part]
    assert sorted(taken) == sorted(ids(210))
    assert server.calls == 30


def test_tasks_that_share_an_iterator_get_each_item_once() -> None:
    server = Server([3] * 20)

    async def main() -> list[str]:
        pages: AsyncPages[Chat] = AsyncPages(server.asynchronously, ListArchives())
        taken: list[str] = []

        async def work() -> None:
            async for chat in pages:
                taken.append(chat.id)
                await asyncio.sleep(0)

        await asyncio.gather(*(work() for _ in range(8)))
        return taken

    assert sorted(asyncio.run(main())) == sorted(ids(60))
    assert server.calls == 20


def test_memory_is_flat_over_many_pages() -> None:
    last = 1000

    def call(action: Action[Any]) -> Any:
        page_id = getattr(action, "page_id", UNSET)
        number = 0 if page_id is UNSET else int(page_id)
        following = f"{number + 1:0200}" if number < last else None
        return ArchivesPage(chats=chats(0, 100), found_chats=0, next_page_id=following)

    pages: Pages[Chat] = Pages(call, ListArchives())
    for _ in range(10_000):
        next(pages)
    tracemalloc.start()
    try:
        assert sum(1 for _ in pages) == (last + 1) * 100 - 10_000
        left, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 30_000
    assert peak < 200_000


# Limits


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, 100),
        ({"limit": None, "page_id": None, "filters": None}, 100),
        ({"limit": 7}, 7),
        ({"page_id": "P"}, UNSET),
        ({"filters": ArchivesFilters(thread_ids=["T"])}, UNSET),
        ({"filters": {"thread_ids": ["T"]}}, UNSET),
        ({"filters": ArchivesFilters(query="a")}, 100),
    ],
)
def test_pages_are_full_where_a_limit_is_allowed(arguments: Any, expected: Any) -> None:
    assert full_pages(ListArchives(**arguments)).limit == expected


def test_full_pages_keep_what_else_is_asked_for() -> None:
    first = ListThreads(chat_id="C", sort_order="asc")
    assert full_pages(first) == ListThreads(chat_id="C", sort_order="asc", limit=100)


def test_an_error_about_the_next_page_names_the_field() -> None:
    data = b'{"chats": [], "found_chats": 0, "next_page_id": 7}'
    pages: Pages[Any] = Pages(lambda action: decode(data, ArchivesPage), ListArchives())
    with pytest.raises(
        errors.DecodeError, match="list_archives: the next page is out of reach"
    ) as caught:
        list(pages)
    assert caught.value.path == "$.next_page_id"
