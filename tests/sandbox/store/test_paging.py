"""Pages: limits, page ids, and walks that meet everything once whatever happens meanwhile."""

import base64
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.actions import (
    DeactivateChat,
    ListArchives,
    ListChats,
    ListThreads,
    TagThread,
    UntagThread,
)
from frontdesk.errors import InvalidArgument, ValidationError
from frontdesk.models import ArchivesFilters, ChatsFilters, Highlights, ThreadsFilters, ValueFilter

from .._archive import Archive


def items(page) -> list[str]:
    for name in ("chats_summary", "threads"):
        if hasattr(page, name):
            return [one.id for one in getattr(page, name)]
    return [chat.thread.id for chat in page.chats]


class TestLimits:
    @pytest.mark.parametrize(("action", "default"), [(ListChats, 10), (ListArchives, 10)])
    def test_defaults(self, archive, action, default):
        for _ in range(12):
            archive.start()
        assert len(items(archive.call(action()))) == default
        assert len(items(archive.call(action(limit=12)))) == 12
        assert len(items(archive.call(action(limit=1)))) == 1

    @pytest.mark.parametrize("limit", [0, -1, 101])
    def test_from_1_to_100(self, limit):
        for action, extra in ((ListChats, {}), (ListArchives, {}), (ListThreads, {"chat_id": "X"})):
            with pytest.raises(InvalidArgument, match="limit"):
                action(limit=limit, **extra)

    def test_100_at_once(self, archive):
        for _ in range(101):
            archive.start()
        assert len(items(archive.archives(limit=100))) == 100
        assert len(items(archive.call(ListChats(limit=100)))) == 100


@pytest.fixture
def filled(archive):
    """Seven chats with a thread each; the first chat has seven threads more."""
    starts = [archive.start(f"order {number}") for number in range(7)]
    for number in range(7):
        archive.resume(starts[0].chat_id, f"again {number}")
    archive.first_chat = starts[0].chat_id
    return archive


def lists(archive):
    """Each method, with what it is called with on the first page."""
    return (
        (ListChats, {}, {}),
        (ListThreads, {"chat_id": archive.first_chat}, {"chat_id": archive.first_chat}),
        (ListArchives, {"filters": ArchivesFilters(query="order")}, {}),
    )


class TestWalks:
    @pytest.mark.parametrize("sort_order", ["asc", "desc"])
    def test_forward_and_back(self, filled, sort_order):
        for action, first, following in lists(filled):
            whole = items(filled.call(action(sort_order=sort_order, limit=100, **first)))
            assert len(whole) >= 7
            pages = [filled.call(action(sort_order=sort_order, limit=3, **first))]
            while pages[-1].next_page_id:
                pages.append(filled.call(action(page_id=pages[-1].next_page_id, **following)))
            assert list(chain.from_iterable(map(items, pages))) == whole
            assert pages[0].previous_page_id is None
            back = [pages[-1]]
            while back[-1].previous_page_id:
                back.append(filled.call(action(page_id=back[-1].previous_page_id, **following)))
            assert [items(page) for page in reversed(back)] == [items(page) for page in pages]
            found = {
                getattr(page, "found_chats", None) or page.found_threads for page in pages + back
            }
            assert found == {len(whole)}

    def test_newest_first_is_oldest_first_backwards(self, filled):
        for action, first, _ in lists(filled):
            newest = items(filled.call(action(limit=100, **first)))
            oldest = items(filled.call(action(limit=100, sort_order="asc", **first)))
            assert newest == oldest[::-1]

    def test_a_full_last_page_has_no_next_one(self, archive):
        for _ in range(4):
            archive.start()
        page = archive.archives(limit=2)
        page = archive.archives(page_id=page.next_page_id)
        assert len(page.chats) == 2
        assert page.next_page_id is None
        assert page.previous_page_id is not None

    def test_highlights_are_remembered_and_may_be_changed(self, filled):
        first = filled.archives(
            filters=ArchivesFilters(query="order"), limit=1, highlights=Highlights()
        )
        second = filled.archives(page_id=first.next_page_id)
        assert second.chats[0].thread.events[0].text == "<em>order</em> 5"
        bold = Highlights(pre_tag="<b>", post_tag="</b>")
        again = filled.archives(page_id=first.next_page_id, highlights=bold)
        assert again.chats[0].thread.events[0].text == "<b>order</b> 5"

    def test_what_comes_after_the_first_page_is_on_the_page_before_it(self, filled):
        first = filled.archives(limit=3)
        second = filled.archives(page_id=first.next_page_id)
        new = filled.add("newer")
        back = filled.archives(page_id=second.previous_page_id)
        assert items(back) == items(first)
        assert items(filled.archives(page_id=back.previous_page_id)) == [new]

    def test_a_page_whose_threads_are_gone_leads_back(self, archive):
        started = [archive.start(tags=["vip"]) for _ in range(4)]
        first = archive.archives(filters=ArchivesFilters(tags=ValueFilter(values=["vip"])), limit=2)
        for one in started[:2]:
            archive.call(UntagThread(chat_id=one.chat_id, thread_id=one.thread_id, tag="vip"))
        empty = archive.archives(page_id=first.next_page_id)
        assert (items(empty), empty.next_page_id, empty.found_chats) == ([], None, 2)
        assert items(archive.archives(page_id=empty.previous_page_id)) == items(first)

    @pytest.mark.parametrize("sort_order", ["asc", "desc"])
    def test_a_page_of_a_walk_that_has_nothing_left_leads_nowhere(self, archive, sort_order):
        started = [archive.start(tags=["vip"]) for _ in range(4)]
        vips = ArchivesFilters(tags=ValueFilter(values=["vip"]))
        first = archive.archives(filters=vips, limit=2, sort_order=sort_order)
        second = archive.archives(page_id=first.next_page_id)
        for one in started:
            archive.call(UntagThread(chat_id=one.chat_id, thread_id=one.thread_id, tag="vip"))
        for page_id in (first.next_page_id, second.previous_page_id):
            page = archive.archives(page_id=page_id)
            assert (items(page), page.found_chats) == ([], 0)
            assert (page.next_page_id, page.previous_page_id) == (None, None)

    def test_such_a_page_of_a_walk_from_the_oldest_leads_back_too(self, archive):
        started = [archive.start(tags=["vip"]) for _ in range(4)]
        vips = ArchivesFilters(tags=ValueFilter(values=["vip"]))
        first = archive.archives(filters=vips, limit=2, sort_order="asc")
        for one in started[2:]:
            archive.call(UntagThread(chat_id=one.chat_id, thread_id=one.thread_id, tag="vip"))
        empty = archive.archives(page_id=first.next_page_id)
        assert (items(empty), empty.next_page_id, empty.found_chats) == ([], None, 2)
        assert items(archive.archives(page_id=empty.previous_page_id)) == items(first)


class TestPageIds:
    def test_they_are_opaque_text(self, filled):
        page_id = filled.archives(limit=1).next_page_id
        assert page_id.isascii()
        assert " " not in page_id
        assert "order" not in page_id

    def test_of_another_method(self, filled):
        page_id = filled.call(ListChats(limit=1)).next_page_id
        with pytest.raises(ValidationError, match="`page_id` belongs to `list_chats`"):
            filled.archives(page_id=page_id)

    def test_of_another_chat(self, filled):
        page_id = filled.call(ListThreads(chat_id=filled.first_chat, limit=1)).next_page_id
        other = filled.start().chat_id
        with pytest.raises(ValidationError, match="`page_id` belongs to another `chat_id`"):
            filled.call(ListThreads(chat_id=other, page_id=page_id))

    @pytest.mark.parametrize(
        "page_id", ["x", "====", "MTUxNzM5ODEzMTQ5Ng==", "a" * 400, "Ü", "null", "0", " "]
    )
    def test_invented_ones(self, filled, page_id):
        for action, _, following in lists(filled):
            with pytest.raises(ValidationError, match="`page_id`"):
                filled.call(action(page_id=page_id, **following))

    def test_forged_ones(self, filled):
        page_id = filled.archives(limit=1).next_page_id
        data = bytearray(base64.urlsafe_b64decode(page_id + "=" * (-len(page_id) % 4)))
        for position in range(len(data)):
            forged = bytearray(data)
            forged[position] ^= 1
            with pytest.raises(ValidationError, match="`page_id`"):
                filled.archives(page_id=base64.urlsafe_b64encode(forged).decode())

    @pytest.mark.parametrize("added", ["!", " ", "\n", "+", "/", "é"])
    def test_nothing_is_added_to_them(self, filled, added):
        page_id = filled.archives(limit=1).next_page_id
        # Four characters of Base64 are three bytes: the padding stays what it was.
        for times in (1, 4):
            for position in (0, 7, len(page_id)):
                other = page_id[:position] + added * times + page_id[position:]
                with pytest.raises(ValidationError, match="`page_id`"):
                    filled.archives(page_id=other)

    def test_they_live_a_month(self, filled):
        page_id = filled.archives(limit=1).next_page_id
        filled.advance(days=29)
        following = filled.archives(page_id=page_id)
        assert len(items(following)) == 1
        filled.advance(days=1, seconds=1)
        with pytest.raises(ValidationError, match="`page_id` has expired"):
            filled.archives(page_id=page_id)
        assert len(items(filled.archives(page_id=following.next_page_id))) == 1

    def test_they_survive_a_restore(self, filled):
        page_id = filled.archives(limit=1).next_page_id
        expected = items(filled.archives(page_id=page_id))
        filled.world.store.restore(filled.world.store.snapshot())
        assert items(filled.archives(page_id=page_id)) == expected

    def test_they_exclude_what_they_remember(self):
        for action, extra, filters in (
            (ListChats, {}, ChatsFilters()),
            (ListArchives, {}, ArchivesFilters()),
            (ListThreads, {"chat_id": "X"}, ThreadsFilters()),
        ):
            for name, value in (("filters", filters), ("limit", 5), ("sort_order", "asc")):
                with pytest.raises(InvalidArgument, match=f"`{name}`"):
                    action(page_id="x", **{name: value}, **extra)


class Walk:
    """A walk through a list while things happen to it."""

    def __init__(self, method: str, sort_order: str, limit: int, count: int) -> None:
        self.archive = Archive()
        self.method = method
        self.sort_order = sort_order
        self.limit = limit
        self.starts = [
            self.archive.start(f"text {number}", tags=["vip"]) for number in range(count)
        ]
        self.chat_id = self.starts[0].chat_id if self.starts else ""
        if method == "list_threads":
            for number in range(count):
                self.archive.resume(self.chat_id, f"text {number}")

    def page(self, page_id=None):
        extra = {"chat_id": self.chat_id} if self.method == "list_threads" else {}
        action = {"list_chats": ListChats, "list_threads": ListThreads}.get(
            self.method, ListArchives
        )
        if page_id is not None:
            return self.archive.call(action(page_id=page_id, **extra))
        if action is ListArchives:
            extra["filters"] = ArchivesFilters(tags=ValueFilter(values=["vip"]), query="text")
        return self.archive.call(action(limit=self.limit, sort_order=self.sort_order, **extra))

    def happen(self, what: str) -> None:
        archive = self.archive
        match what:
            case "add":
                archive.start("more text", tags=["vip"])
            case "resume":
                archive.resume(self.chat_id, "text")
            case "change":
                archive.change_thread(self.starts[-1].thread_id, goals=[1])
            case "tag":
                one = self.starts[len(self.starts) // 2]
                archive.call(TagThread(chat_id=one.chat_id, thread_id=one.thread_id, tag="refund"))
            case "close":
                opened = archive.start("text", tags=["vip"], active=True)
                archive.start("text", tags=["vip"])
                archive.call(DeactivateChat(id=opened.chat_id))
            case _:
                pass


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    method=st.sampled_from(["list_chats", "list_threads", "list_archives"]),
    sort_order=st.sampled_from(["asc", "desc"]),
    limit=st.integers(1, 4),
    count=st.integers(1, 8),
    meanwhile=st.lists(
        st.sampled_from(["nothing", "add", "resume", "change", "tag", "close"]), max_size=12
    ),
)
def test_a_walk_meets_everything_once_whatever_happens(method, sort_order, limit, count, meanwhile):
    walk = Walk(method, sort_order, limit, count)
    try:
        page = walk.page()
        there = set(items(page))
        probe = page
        while probe.next_page_id:
            probe = walk.page(probe.next_page_id)
            there |= set(items(probe))
        met = items(page)
        for what in meanwhile:
            walk.happen(what)
            if not page.next_page_id:
                break
            page = walk.page(page.next_page_id)
            met += items(page)
        while page.next_page_id:
            page = walk.page(page.next_page_id)
            met += items(page)
        assert len(met) == len(set(met))
        assert there <= set(met)
        if sort_order == "desc":
            assert set(met) == there or "close" in meanwhile
    finally:
        walk.archive.world.store.close()
