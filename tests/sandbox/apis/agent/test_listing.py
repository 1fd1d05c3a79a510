"""list_chats and list_threads: what they list, in which order, to whom."""

from datetime import timedelta

import pytest

from frontdesk.actions import DeactivateChat, ListChats, ListThreads, UpdateChatProperties
from frontdesk.codec.decoding import decode, encode
from frontdesk.errors import InvalidArgument, MissingAccess, NotFound, ValidationError
from frontdesk.models import ChatsPage, Custom, PropertyFilter, RestrictedEvent
from frontdesk.sandbox.store.archive import lists
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world.chats import events

from ..._archive import CLIENT, JONES, SMITH, requester


def prop(name, namespace="test", **condition):
    return {namespace: {name: PropertyFilter(**condition)}}


def without_threads(archive, groups=(0,)):
    def make(world):
        chat = ChatRecord(
            num=world.store.chats.next_num(),
            id=world.ids.short(),
            created_at=world.clock.now(),
            customer_id=None,
            group_ids=list(groups),
            users=[],
        )
        world.store.chats.add(chat)
        return chat.id

    return archive.do(make)


@pytest.fixture(params=[lists.SEVERAL, 0], ids=["few", "very many"])
def few_or_very_many(request, monkeypatch):
    """Have conditions of properties looked up each by itself, or all of them at once."""
    monkeypatch.setattr(lists, "SEVERAL", request.param)


class TestListChats:
    def test_newest_first_or_oldest_first(self, archive):
        ids = [archive.start().chat_id for _ in range(3)]
        assert archive.chats() == ids[::-1]
        page = archive.call(ListChats(sort_order="asc"))
        assert [chat.id for chat in page.chats_summary] == ids

    def test_a_chat_is_as_new_as_its_last_thread(self, archive):
        first, second, third = (archive.start().chat_id for _ in range(3))
        archive.resume(second)
        archive.resume(first, active=True)
        archive.resume(second)
        assert archive.chats() == [second, first, third]
        page = archive.call(ListChats(sort_order="asc"))
        assert [chat.id for chat in page.chats_summary] == [third, first, second]

    def test_a_chat_without_threads_is_as_new_as_itself(self, archive):
        old, empty, new = archive.start().chat_id, without_threads(archive), archive.start().chat_id
        assert archive.chats() == [new, empty, old]
        archive.resume(old)
        assert archive.chats() == [old, new, empty]

    @pytest.mark.parametrize("sort_order", ["asc", "desc"])
    def test_a_walk_keeps_the_order_that_it_began_with(self, archive, sort_order):
        ids = [archive.start().chat_id for _ in range(6)]
        page = archive.call(ListChats(sort_order=sort_order, limit=2))
        met = [chat.id for chat in page.chats_summary]
        archive.start()
        for chat_id in (ids[0], ids[3], ids[5], ids[0]):
            archive.resume(chat_id)
            if page.next_page_id:
                page = archive.call(ListChats(page_id=page.next_page_id))
                met += [chat.id for chat in page.chats_summary]
                assert page.found_chats == 6
        assert met == (ids if sort_order == "asc" else ids[::-1])
        back = met[-2:]
        while page.previous_page_id:
            page = archive.call(ListChats(page_id=page.previous_page_id))
            back = [chat.id for chat in page.chats_summary] + back
        assert back == met

    def test_a_walk_through_chats_of_one_time(self, archive):
        """Chats that were imported may share a timestamp."""
        now = archive.now()

        def make(world):
            for number in range(1, 6):
                chat = ChatRecord(
                    num=number,
                    id=f"CHAT{number}",
                    created_at=now,
                    customer_id=None,
                    group_ids=[0],
                    users=[],
                )
                world.store.chats.add(chat)

        archive.do(make)
        page, met = archive.call(ListChats(limit=2)), []
        while True:
            met += [chat.id for chat in page.chats_summary]
            if page.next_page_id is None:
                break
            page = archive.call(ListChats(page_id=page.next_page_id))
        assert met == ["CHAT5", "CHAT4", "CHAT3", "CHAT2", "CHAT1"]

    def test_active_has_three_values(self, archive):
        closed, active = archive.start().chat_id, archive.start(active=True).chat_id
        empty = without_threads(archive)
        assert archive.chats() == archive.chats(active=None) == [empty, active, closed]
        assert archive.chats(active=True) == [active]
        assert archive.chats(active=False) == [empty, closed]
        assert archive.chats(include_active=False) == [empty, closed]
        assert archive.chats(include_active=True) == [empty, active, closed]
        assert archive.chats(include_active=False, active=True) == [active]
        archive.call(DeactivateChat(id=active))
        assert archive.chats(active=True) == []

    def test_chats_without_threads(self, archive):
        chat, empty = archive.start().chat_id, without_threads(archive)
        assert archive.chats(include_chats_without_threads=True) == [empty, chat]
        assert archive.chats(include_chats_without_threads=False) == [chat]
        summary = archive.call(ListChats(limit=1)).chats_summary[0]
        assert summary.last_thread_summary is None
        assert summary.last_event_per_type is None

    def test_group_ids(self, archive):
        everybody, one, both = (
            archive.start(groups=groups).chat_id for groups in ([0], [1], [1, 2])
        )
        assert archive.chats(group_ids=[1]) == [both, one]
        assert archive.chats(group_ids=[0, 2]) == [both, everybody]
        assert archive.chats(group_ids=[]) == []
        with pytest.raises(InvalidArgument, match="group_ids"):
            archive.chats(group_ids=list(range(201)))

    def test_properties(self, archive, few_or_very_many):
        gold = archive.start(chat={"test": {"string_property": "gold", "int_property": 1}}).chat_id
        silver = archive.start(chat={"test": {"string_property": "silver"}}).chat_id
        bare = archive.start(thread={"test": {"string_property": "gold"}}).chat_id
        assert archive.chats(properties=prop("string_property", values=["gold"])) == [gold]
        assert archive.chats(properties=prop("string_property", exclude_values=["gold"])) == [
            bare,
            silver,
        ]
        assert archive.chats(properties=prop("string_property", exists=True)) == [silver, gold]
        assert archive.chats(properties=prop("string_property", exists=False)) == [bare]
        assert archive.chats(properties=prop("int_property", values=["1"])) == []
        assert archive.chats(properties=prop("int_property", values=[1, 2])) == [gold]
        assert archive.chats(properties=prop("unknown", exists=False)) == [bare, silver, gold]

    def test_tokenized_properties(self, archive, few_or_very_many):
        name = "tokenized_string_property"
        chat = archive.start(chat={"test": {name: "Call me on Friday"}}).chat_id
        assert archive.chats(properties=prop(name, values=["friday call"])) == [chat]
        assert archive.chats(properties=prop(name, values=["monday"])) == []
        assert archive.chats(properties=prop(name, exclude_values=["friday"])) == []

    def test_changed_properties(self, archive, few_or_very_many):
        chat = archive.start(chat={"test": {"int_property": 1}}).chat_id
        archive.call(UpdateChatProperties(id=chat, properties={"test": {"int_property": 2}}))
        assert archive.chats(properties=prop("int_property", values=[1])) == []
        assert archive.chats(properties=prop("int_property", values=[2])) == [chat]

    def test_properties_that_may_not_be_read(self, archive, few_or_very_many):
        chat = archive.start(chat={CLIENT: {"secret": "x"}}).chat_id
        stranger = requester(SMITH, "all", "owner", client_id="another")
        wanted = prop("secret", CLIENT, values=["x"])
        assert archive.chats(properties=wanted) == [chat]
        assert archive.chats(stranger, properties=wanted) == []
        assert archive.chats(stranger, properties=prop("secret", CLIENT, exists=False)) == [chat]

    @pytest.mark.parametrize("number", [1, 49, 51, 1100, 20_000])
    def test_any_number_of_properties(self, archive, number):
        gold = archive.start(chat={"test": {"string_property": "gold", "int_property": 1}}).chat_id
        silver = archive.start(chat={"test": {"string_property": "silver"}}).chat_id
        both = {
            "string_property": PropertyFilter(exists=True),
            "int_property": PropertyFilter(values=[1]),
        }
        unset = {f"p{place}": PropertyFilter(exists=False) for place in range(number)}
        others = {f"p{place}": PropertyFilter(exclude_values=["x"]) for place in range(number)}
        never = {f"p{place}": PropertyFilter(exists=True) for place in range(number)}
        never_that = {f"p{place}": PropertyFilter(values=["gold"]) for place in range(number)}
        assert archive.chats(properties={"test": unset}) == [silver, gold]
        assert archive.chats(properties={"test": others | both}) == [gold]
        assert archive.chats(properties={"test": unset | both}) == [gold]
        assert archive.chats(properties={"test": never | both}) == []
        assert archive.chats(properties={"test": never_that}) == []
        string = {"string_property": PropertyFilter(exclude_values=["gold"])}
        assert archive.chats(properties={"test": unset | string}) == [silver]

    def test_access(self, archive):
        everybody, one, two = (archive.start(groups=groups).chat_id for groups in ([0], [1], [2]))
        joined = archive.start(groups=[2], agents=[JONES]).chat_id
        assert archive.chats() == [joined, two, one, everybody]
        assert archive.chats(archive.jones) == [joined, one, everybody]
        assert archive.chats(archive.jones, group_ids=[2]) == [joined]

    def test_what_a_summary_holds(self, archive):
        customer = archive.customer("Ann")
        started = archive.start("first", "second", customer=customer)
        thread = archive.resume(started.chat_id, Custom(content={"a": 1}), groups=[1])
        summary = archive.call(ListChats()).chats_summary[0]
        assert summary.id == started.chat_id
        assert summary.last_thread_summary.id == thread
        assert summary.last_thread_summary.active is False
        assert summary.access.group_ids == [1]
        assert {user.id for user in summary.users} == {SMITH, customer}
        last = summary.last_event_per_type
        assert last["message"].event.text == "second"
        assert last["message"].thread_id == started.thread_id
        assert last["custom"].thread_id == thread

    def test_the_last_event_of_other_groups_is_restricted(self, archive):
        started = archive.start("for group 2", groups=[2], by=archive.khan)
        archive.resume(started.chat_id, Custom(content={"a": 1}), groups=[1], by=archive.khan)
        last = archive.call(ListChats(), archive.jones).chats_summary[0].last_event_per_type
        assert isinstance(last["message"].event, RestrictedEvent)
        assert last["message"].event.restricted_access == (
            "You can't access this event: its thread belongs to other groups"
        )
        assert last["custom"].event.content == {"a": 1}

    def test_the_response_is_what_clients_decode(self, archive):
        archive.start("hello", customer=archive.customer("Ann"))
        page = archive.call(ListChats())
        assert decode(encode(page), ChatsPage) == page


class TestListThreads:
    def test_newest_first_and_three_by_default(self, archive):
        first = archive.start()
        ids = [first.thread_id, *(archive.resume(first.chat_id) for _ in range(4))]
        assert archive.threads(first.chat_id) == ids[:1:-1]
        assert archive.threads(first.chat_id, limit=100) == ids[::-1]
        assert archive.threads(first.chat_id, limit=2, sort_order="asc") == ids[:2]
        page = archive.call(ListThreads(chat_id=first.chat_id))
        assert page.found_threads == 5

    def test_active_threads_are_listed_with_their_events(self, archive):
        started = archive.start("hello", active=True)
        thread = archive.call(ListThreads(chat_id=started.chat_id)).threads[0]
        assert thread.active is True
        assert [event.text for event in thread.events] == ["hello"]

    def test_from_and_to_are_included(self, archive):
        first = archive.start()
        ids = [first.thread_id]
        for _ in range(3):
            archive.advance(seconds=60)
            ids.append(archive.resume(first.chat_id))
        timestamps = [
            thread.created_at
            for thread in archive.call(
                ListThreads(chat_id=first.chat_id, sort_order="asc", limit=4)
            ).threads
        ]
        chat = first.chat_id

        def listed(**span):
            return archive.threads(chat, filters=archive.thread_filters(**span), sort_order="asc")

        assert listed(from_=timestamps[1], to=timestamps[2]) == ids[1:3]
        assert listed(from_=timestamps[3]) == ids[3:]
        assert listed(to=timestamps[0]) == ids[:1]
        assert listed(to=timestamps[0] - timedelta(microseconds=1)) == []
        with pytest.raises(ValidationError, match=r"filters\.to"):
            listed(from_=timestamps[2], to=timestamps[1])

    def test_min_events_count(self, archive):
        first = archive.start("1", "2")
        rest = [archive.resume(first.chat_id, *events) for events in ("a", "bc", "d")]
        ids = [first.thread_id, *rest]

        def listed(least, **arguments):
            return archive.threads(first.chat_id, min_events_count=least, **arguments)

        assert listed(1) == [ids[3]]
        assert listed(2) == [ids[3], ids[2]]
        assert listed(3) == [ids[3], ids[2]]
        assert listed(4) == [ids[3], ids[2], ids[1]]
        assert listed(100) == ids[::-1]
        assert listed(2, sort_order="asc") == [ids[2], ids[3]]

    def test_events_of_restricted_threads_do_not_count(self, archive):
        first = archive.start("1", "2")
        last = archive.resume(first.chat_id, "a", "b")
        archive.change_thread(last, restricted_access="too old")
        listed = archive.threads(first.chat_id, min_events_count=1)
        assert listed == [last, first.thread_id]

    def test_min_events_count_has_pages_too(self, archive):
        first = archive.start("1", "2")
        rest = [archive.resume(first.chat_id, text) for text in "abc"]
        page = archive.call(ListThreads(chat_id=first.chat_id, min_events_count=2))
        assert [thread.id for thread in page.threads] == rest[:0:-1]
        page = archive.call(ListThreads(chat_id=first.chat_id, page_id=page.next_page_id))
        assert [thread.id for thread in page.threads] == [rest[0], first.thread_id]
        assert page.next_page_id is None
        page = archive.call(ListThreads(chat_id=first.chat_id, page_id=page.previous_page_id))
        assert [thread.id for thread in page.threads] == rest[:0:-1]

    def test_min_events_count_leaves_out_limit_and_filters(self, archive):
        for other in ({"limit": 3}, {"filters": archive.thread_filters()}):
            with pytest.raises(InvalidArgument, match=f"`{next(iter(other))}`"):
                ListThreads(chat_id="X", min_events_count=1, **other)
        for least in (0, 101):
            with pytest.raises(InvalidArgument, match="min_events_count"):
                ListThreads(chat_id="X", min_events_count=least)

    def test_only_threads_that_the_requester_reaches(self, archive):
        first = archive.start(groups=[1], by=archive.owner)
        second = archive.resume(first.chat_id, groups=[2], by=archive.owner)
        assert archive.threads(first.chat_id, archive.jones) == [first.thread_id]
        assert archive.threads(first.chat_id, archive.khan) == [second]
        page = archive.call(ListThreads(chat_id=first.chat_id), archive.jones)
        assert page.found_threads == 1

    def test_who_is_in_the_chat_reaches_all_its_threads(self, archive):
        first = archive.start(groups=[2])
        second = archive.resume(first.chat_id, groups=[2], agents=[JONES])
        assert archive.threads(first.chat_id, archive.jones) == [second, first.thread_id]

    def test_a_chat_that_is_not_there(self, archive):
        with pytest.raises(NotFound, match="chat_id"):
            archive.threads("UNKNOWN")

    def test_a_chat_out_of_reach(self, archive):
        chat = archive.start(groups=[2]).chat_id
        with pytest.raises(MissingAccess, match="chat_id"):
            archive.threads(chat, archive.jones)

    def test_a_chat_without_threads(self, archive):
        assert archive.threads(without_threads(archive)) == []

    def test_deleted_events_by_role(self, archive):
        started = archive.start("regret")
        archive.do(
            lambda world: events.delete(
                world,
                world.store.chats.get(started.chat_id),
                world.store.threads.get(started.thread_id),
                f"{started.thread_id}_1",
            )
        )
        ask = ListThreads(chat_id=started.chat_id)
        assert archive.call(ask).threads[0].events[0].text == "regret"
        assert not hasattr(archive.call(ask, archive.jones).threads[0].events[0], "text")
