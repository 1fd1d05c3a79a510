"""What list_archives shows of the threads it finds, and to whom."""

import pytest

from frontdesk.actions import DeactivateChat, RemoveUserFromChat
from frontdesk.codec.decoding import decode, encode
from frontdesk.models import (
    ArchivesPage,
    Custom,
    DeletedEvent,
    FilledForm,
    FilledFormField,
    MessageEvent,
    RichMessage,
    RichMessageElement,
)
from frontdesk.sandbox.world.chats import events

from ..._archive import JONES, SMITH


def texts(page):
    return [[getattr(event, "text", None) for event in chat.thread.events] for chat in page.chats]


class TestAccess:
    def test_all_reaches_every_group(self, archive):
        threads = {archive.add(groups=groups) for groups in ([0], [1], [2], [1, 2])}
        assert archive.found() == threads

    def test_access_reaches_shared_groups_and_everybodys(self, archive):
        everybody, one, two, both = (
            archive.add(groups=groups) for groups in ([0], [1], [2], [1, 2])
        )
        assert archive.found(archive.jones) == {everybody, one, both}
        assert archive.found(archive.khan) == {everybody, two, both}
        assert archive.found(archive.bot) == {everybody}

    def test_access_also_reaches_chats_that_one_is_in(self, archive):
        started = archive.start("from Khan's group", groups=[2], agents=[JONES])
        assert archive.found(archive.jones) == {started.thread_id}

    def test_who_left_the_chat_reaches_it_no_longer(self, archive):
        started = archive.start(groups=[2], agents=[JONES], active=True)
        archive.call(DeactivateChat(id=started.chat_id))
        assert archive.found(archive.jones) == {started.thread_id}
        archive.resume(started.chat_id, groups=[2])
        assert archive.found(archive.jones) == set()

    def test_who_is_removed_from_the_chat_reaches_it_no_longer(self, archive):
        first = archive.start(groups=[2])
        archive.resume(first.chat_id, groups=[2], agents=[JONES], active=True)
        assert archive.found(archive.jones) == {first.thread_id}
        archive.call(RemoveUserFromChat(chat_id=first.chat_id, user_id=JONES, user_type="agent"))
        assert archive.found(archive.jones) == set()

    def test_the_groups_of_the_thread_count_not_those_of_the_chat(self, archive):
        first = archive.start(groups=[1])
        second = archive.resume(first.chat_id, groups=[2])
        assert archive.found(archive.jones) == {first.thread_id}
        assert archive.found(archive.khan) == {second}


class TestNeighbours:
    @pytest.fixture
    def chat(self, archive):
        """Five threads of groups 1, 2, 1, 2, 1; the last one is active."""
        first = archive.start(groups=[1])
        rest = [archive.resume(first.chat_id, groups=[group]) for group in (2, 1, 2)]
        last = archive.resume(first.chat_id, groups=[1], active=True)
        return [first.thread_id, *rest, last]

    @staticmethod
    def neighbours(archive, by=None):
        page = archive.archives(by, limit=100, sort_order="asc")
        return [
            (
                chat.thread.previous_accessible_thread_id,
                chat.thread.id,
                chat.thread.next_accessible_thread_id,
            )
            for chat in page.chats
        ]

    def test_of_somebody_who_reaches_all(self, archive, chat):
        assert self.neighbours(archive) == [
            (None, chat[0], chat[1]),
            (chat[0], chat[1], chat[2]),
            (chat[1], chat[2], chat[3]),
            (chat[2], chat[3], chat[4]),
        ]

    def test_of_somebody_who_reaches_some(self, archive, chat):
        archive.call(
            RemoveUserFromChat(
                chat_id=archive.archives(limit=1).chats[0].id, user_id=SMITH, user_type="agent"
            )
        )
        assert self.neighbours(archive, archive.jones) == [
            (None, chat[0], chat[2]),
            (chat[0], chat[2], chat[4]),
        ]
        assert self.neighbours(archive, archive.khan) == [
            (None, chat[1], chat[3]),
            (chat[1], chat[3], None),
        ]

    def test_previous_and_next_name_any_thread(self, archive, chat):
        thread = archive.archives(archive.khan, limit=1).chats[0].thread
        assert (thread.previous_thread_id, thread.next_thread_id) == (chat[2], chat[4])


class TestShown:
    def test_each_entry_is_the_whole_chat_with_one_thread(self, archive):
        customer = archive.customer("Ann", "ann@example.com", "PL")
        started = archive.start(
            "hello",
            customer=customer,
            tags=["vip"],
            groups=[1],
            chat={"test": {"int_property": 1}},
            thread={"test": {"int_property": 2}},
        )
        archive.resume(started.chat_id, "again")
        again, first = archive.archives().chats
        assert again.id == first.id == started.chat_id
        assert first.thread.id == started.thread_id
        assert first.thread.active is False
        assert first.thread.tags == ["vip"]
        assert first.thread.access.group_ids == [1]
        assert first.thread.customer_visit.geolocation.country_code == "PL"
        assert set(first.thread.user_ids) == {customer, SMITH}
        assert first.properties["test"] == {"int_property": 1}
        assert first.thread.properties["test"] == {"int_property": 2}
        assert first.is_followed is False
        assert first.customers[customer].name == "Ann"
        assert SMITH in first.agents
        assert texts(archive.archives()) == [["again"], ["hello"]]

    def test_restricted_threads_tell_why_and_show_no_events(self, archive):
        thread = archive.add("hidden")
        archive.change_thread(thread, restricted_access="older than 60 days")
        shown = archive.archives().chats[0].thread
        assert shown.restricted_access == "older than 60 days"
        assert not shown.events

    def test_deleted_events_by_role(self, archive):
        started = archive.start("regret", "stays")
        archive.do(
            lambda world: events.delete(
                world,
                world.store.chats.get(started.chat_id),
                world.store.threads.get(started.thread_id),
                f"{started.thread_id}_1",
            )
        )
        full = archive.archives().chats[0].thread.events
        bare = archive.archives(archive.jones).chats[0].thread.events
        assert isinstance(full[0], MessageEvent)
        assert (full[0].text, full[0].deleted) == ("regret", True)
        assert isinstance(bare[0], DeletedEvent)
        assert bare[0].original_type == "message"
        assert bare[1].text == full[1].text == "stays"

    def test_the_response_is_what_clients_decode(self, archive):
        archive.add("hello", Custom(content={"a": [1]}), customer=archive.customer("Ann"))
        page = archive.archives()
        assert decode(encode(page), ArchivesPage) == page

    def test_an_empty_archive(self, archive):
        page = archive.archives()
        assert (page.chats, page.found_chats) == ([], 0)
        assert page.next_page_id is page.previous_page_id is None


class TestQuery:
    @pytest.mark.parametrize(
        ("text", "query"),
        [
            ("My ORDER is late", "order"),
            ("My order is late", "LATE order"),
            ("Déjà vu à Łódź", "deja lodz"),
            ("Straße", "STRASSE"),
            ("write to ann.b@example.com!", "ann.b@example.com"),
            ("write to ann.b@example.com!", "example"),
            ("注文番号はこちらです", "注文番号"),
            ("注文番号はこちらです", "番"),
            ("สวัสดีครับ", "สวัสดี"),
            ("order #4711-B", "4711"),
            ("don't", "don't"),
            ("e\u0301te\u0301", "été"),
        ],
    )
    def test_finds_words(self, archive, text, query):
        thread = archive.add(text)
        archive.add("something else")
        assert archive.found(query=query) == {thread}

    @pytest.mark.parametrize(
        ("text", "query"),
        [
            ("reorder", "order"),
            ("orders", "order"),
            ("order", "order late"),
            ("ann@example.org", "ann@example.com"),
            ("番号", "号番"),
            ("anything", "!!!"),
        ],
    )
    def test_does_not_find_other_words(self, archive, text, query):
        archive.add(text)
        assert archive.found(query=query) == set()

    def test_words_may_stand_in_several_places(self, archive):
        thread = archive.add("one", "two", customer=archive.customer("Zoë", "zoe@example.com"))
        assert archive.found(query="two one zoe") == {thread}
        assert archive.found(query="zoe@example.com one") == {thread}

    def test_what_is_searched(self, archive):
        card = RichMessage(
            template_id="cards", elements=[RichMessageElement(title="Armchair", subtitle="Velvet")]
        )
        comment = FilledForm(
            form_id="f",
            fields=[FilledFormField(type="textarea", id="0", label="Comment", answer="Splendid")],
        )
        rich, filled = archive.add(card), archive.add(comment)
        choice = archive.add(archive.form("x"))
        archive.add(Custom(content={"text": "invisible"}))
        assert archive.found(query="armchair velvet") == {rich}
        assert archive.found(query="splendid") == {filled}
        assert archive.found(query="label x") == {choice}
        assert archive.found(query="invisible") == set()
        assert archive.found(query="comment") == set()

    def test_an_empty_query_is_no_filter(self, archive):
        thread = archive.add("anything")
        assert archive.found(query="") == {thread}
