"""What LiveChat's own application does to chats: updates and deletions, and their pushes."""

from datetime import timedelta

import pytest

from frontdesk.actions import (
    DeactivateChat,
    GetChat,
    ListArchives,
    ListChats,
    ListThreads,
    ResumeChat,
    SendEvent,
    TagThread,
)
from frontdesk.errors import NotFound, ValidationError
from frontdesk.models import ArchivesFilters, Custom, InitialChat
from frontdesk.sandbox.world.chats import outside_api

from ..._desk import JONES


def threads_of(desk, chat_id):
    return [thread.id for thread in desk.call(ListThreads(chat_id=chat_id, limit=100)).threads]


def archived(desk, **filters):
    page = desk.call(ListArchives(filters=ArchivesFilters(**filters), limit=100))
    return [chat.thread.id for chat in page.chats]


@pytest.fixture
def closed(desk):
    """A chat with three closed threads; the ids of chat and threads, newest first."""
    chat_id = desk.start()
    for number in range(3):
        if number:
            desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
        desk.write(chat_id, f"line {number} of Zanzibar")
        desk.call(DeactivateChat(id=chat_id))
        desk.advance(minutes=1)
    desk.forget()
    return chat_id, threads_of(desk, chat_id)


def test_a_chat_is_listed_by_the_last_thread_that_is_left(closed, desk):
    chat_id, _ = closed
    later = desk.start()
    desk.advance(minutes=1)
    desk.call(DeactivateChat(id=later))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    desk.call(DeactivateChat(id=chat_id))

    def listed():
        ids = [chat.id for chat in desk.call(ListChats(limit=100)).chats_summary]
        return [chat for chat in ids if chat in (chat_id, later)]

    assert listed() == [chat_id, later]
    newest = threads_of(desk, chat_id)[0]
    desk.unit(outside_api.delete_thread, newest)
    assert listed() == [later, chat_id]


def test_a_message_gets_another_text(desk):
    chat_id = desk.start()
    event_id = desk.write(chat_id, "first")
    desk.unit(outside_api.update_event, event_id, "second")
    assert desk.texts(chat_id) == ["second"]
    (push,) = desk.pushed("event_updated")
    assert (push.chat_id, push.event.id, push.event.text) == (chat_id, event_id, "second")


def test_the_archives_find_the_new_text(desk):
    chat_id = desk.start()
    event_id = desk.write(chat_id, "a walrus")
    desk.call(DeactivateChat(id=chat_id))
    assert len(archived(desk, query="walrus")) == 1
    desk.unit(outside_api.update_event, event_id, "a penguin")
    assert archived(desk, query="walrus") == []
    assert len(archived(desk, query="penguin")) == 1


def test_only_messages_that_are_there_can_be_updated(desk):
    chat_id = desk.start()
    custom = desk.call(SendEvent(chat_id=chat_id, event=Custom(content={"a": 1}))).event_id
    with pytest.raises(ValidationError, match="no message"):
        desk.unit(outside_api.update_event, custom, "x")
    deleted = desk.write(chat_id)
    desk.unit(outside_api.delete_event, deleted)
    with pytest.raises(ValidationError, match="deleted"):
        desk.unit(outside_api.update_event, deleted, "x")
    with pytest.raises(NotFound, match="no event"):
        desk.unit(outside_api.update_event, "T1_1", "x")


@pytest.mark.parametrize("index", [0, 1, 2], ids=["newest", "middle", "oldest"])
def test_a_thread_is_gone_and_its_neighbours_know_each_other(desk, closed, index):
    chat_id, threads = closed
    desk.unit(outside_api.delete_thread, threads[index])
    left = [thread for thread in threads if thread != threads[index]]
    assert threads_of(desk, chat_id) == left
    newest, oldest = (desk.chat(chat_id, thread).thread for thread in left)
    assert (newest.previous_thread_id, newest.next_thread_id) == (oldest.id, None)
    assert (oldest.previous_thread_id, oldest.next_thread_id) == (None, newest.id)
    with pytest.raises(NotFound):
        desk.chat(chat_id, threads[index])
    assert sorted(archived(desk, query="zanzibar")) == sorted(left)
    (push,) = desk.pushed("thread_deleted")
    assert (push.chat_id, push.thread_id) == (chat_id, threads[index])


def test_the_archives_are_searched_by_time_around_a_thread_that_is_gone(desk, closed):
    chat_id, threads = closed
    newest, middle, oldest = threads
    begun = {each: desk.chat(chat_id, each).thread.created_at for each in threads}
    desk.unit(outside_api.delete_thread, middle)
    span = {"from_": begun[oldest], "to": begun[newest]}
    assert archived(desk, **span) == [newest, oldest]
    assert archived(desk, **span | {"to": begun[middle]}) == [oldest]
    assert archived(desk, from_=begun[middle], to=begun[middle]) == []


def test_the_chat_shows_the_thread_before_the_one_deleted(desk, closed):
    chat_id, threads = closed
    desk.unit(outside_api.delete_thread, threads[0])
    assert desk.chat(chat_id).thread.id == threads[1]
    (summary,) = [
        chat for chat in desk.call(ListChats(limit=100)).chats_summary if chat.id == chat_id
    ]
    assert summary.last_thread_summary.id == threads[1]
    assert summary.last_event_per_type["message"].event.text == "line 1 of Zanzibar"


def test_a_chat_goes_on_after_its_last_thread_was_deleted(desk, closed):
    chat_id, threads = closed
    desk.unit(outside_api.delete_thread, threads[0])
    resumed = desk.call(ResumeChat(chat=InitialChat(id=chat_id))).thread_id
    assert resumed not in threads
    thread = desk.chat(chat_id).thread
    assert (thread.id, thread.previous_thread_id) == (resumed, threads[1])
    assert desk.write(chat_id, "again") == f"{resumed}_1"


def test_a_chat_goes_with_its_only_thread(desk):
    chat_id = desk.start()
    thread_id = desk.chat(chat_id).thread.id
    desk.call(DeactivateChat(id=chat_id))
    desk.unit(outside_api.delete_thread, thread_id)
    with pytest.raises(NotFound):
        desk.call(GetChat(chat_id=chat_id))


def test_a_chat_is_deleted_with_all_its_threads(desk, closed):
    chat_id, threads = closed
    others = desk.call(ListChats()).found_chats - 1
    desk.unit(outside_api.delete_chat, chat_id)
    with pytest.raises(NotFound):
        desk.call(GetChat(chat_id=chat_id))
    assert desk.call(ListChats()).found_chats == others
    assert archived(desk, query="zanzibar") == []
    (push,) = desk.pushed("chat_deleted")
    assert push.chat_id == chat_id
    assert not any(desk.world.store.threads.get(thread) for thread in threads)


@pytest.mark.parametrize(
    ("work", "arguments", "text"),
    [
        (outside_api.delete_thread, ["X"], "`thread_id`: there is no thread `X`"),
        (outside_api.restrict_thread, ["X"], "`thread_id`: there is no thread `X`"),
        (outside_api.delete_chat, ["X"], "`chat_id`: there is no chat `X`"),
        (outside_api.delete_event, ["X_1"], "`event_id`: there is no event `X_1`"),
        (outside_api.delete_event, ["X"], "`event_id`: there is no event `X`"),
        (outside_api.update_event, ["X_1", "text"], "`event_id`: there is no event `X_1`"),
    ],
)
def test_what_is_not_there_is_named(desk, work, arguments, text):
    with pytest.raises(NotFound) as refused:
        desk.unit(work, *arguments)
    assert refused.value.message == text


def test_what_is_active_stays(desk):
    chat_id = desk.start()
    thread_id = desk.chat(chat_id).thread.id
    for work, field, name in (
        (outside_api.delete_thread, "thread_id", thread_id),
        (outside_api.delete_chat, "chat_id", chat_id),
    ):
        with pytest.raises(ValidationError) as refused:
            desk.unit(work, name)
        text = f"`{field}`: `{name}` is active; deactivate the chat first"
        assert refused.value.message == text
    assert desk.chat(chat_id).thread.id == thread_id
    assert desk.pushed("thread_deleted") == desk.pushed("chat_deleted") == []


def test_many_threads_are_deleted_by_date_with_one_push(desk, closed):
    chat_id, threads = closed
    middle = desk.chat(chat_id, threads[1]).thread.created_at
    number = desk.unit(
        lambda world: outside_api.delete_threads(
            world, date_from=middle, date_to=middle + timedelta(seconds=1)
        )
    )
    assert number == 1
    assert threads_of(desk, chat_id) == [threads[0], threads[2]]
    (push,) = desk.pushed("threads_deleted")
    assert (push.date_from, push.tag) == (middle, None)
    assert desk.pushed("thread_deleted") == []


def test_many_threads_are_deleted_by_tag(desk, closed):
    chat_id, threads = closed
    desk.call(TagThread(chat_id=chat_id, thread_id=threads[2], tag="sales"))
    number = desk.unit(lambda world: outside_api.delete_threads(world, tag="sales"))
    assert number >= 1
    assert threads_of(desk, chat_id) == threads[:2]
    (push,) = desk.pushed("threads_deleted")
    assert (push.tag, push.date_from, push.date_to) == ("sales", None, None)


def test_the_threads_that_are_left_of_many_know_each_other(desk):
    chat_id = desk.start()
    for number in range(6):
        if number:
            desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
        desk.write(chat_id, f"line {number}")
        thread_id = desk.chat(chat_id).thread.id
        if number in (0, 2, 3, 5):
            desk.call(TagThread(chat_id=chat_id, thread_id=thread_id, tag="spam"))
        desk.call(DeactivateChat(id=chat_id))
    fourth, second = (threads_of(desk, chat_id)[position] for position in (1, 4))
    desk.unit(lambda world: outside_api.delete_threads(world, tag="spam"))
    assert threads_of(desk, chat_id) == [fourth, second]
    newest, oldest = (desk.chat(chat_id, thread_id).thread for thread_id in (fourth, second))
    assert (newest.previous_thread_id, newest.next_thread_id) == (second, None)
    assert (oldest.previous_thread_id, oldest.next_thread_id) == (None, fourth)
    assert desk.chat(chat_id).thread.id == fourth
    (summary,) = [
        chat for chat in desk.call(ListChats(limit=100)).chats_summary if chat.id == chat_id
    ]
    assert summary.last_event_per_type["message"].event.text == "line 4"


def test_to_delete_many_threads_reads_those_that_stay_once(desk, closed, monkeypatch):
    """A chat of a thousand threads would take a million readings otherwise."""
    chat_id, threads = closed
    for thread_id in threads[1:]:
        desk.call(TagThread(chat_id=chat_id, thread_id=thread_id, tag="spam"))
    events, read = desk.world.store.events, []
    of_thread = events.of_thread
    monkeypatch.setattr(events, "of_thread", lambda num: read.append(num) or of_thread(num))
    desk.unit(lambda world: outside_api.delete_threads(world, tag="spam"))
    assert len(read) == len(set(read))
    assert threads_of(desk, chat_id) == threads[:1]


def test_nothing_is_deleted_without_a_condition(desk):
    with pytest.raises(ValidationError, match="date_from"):
        desk.unit(outside_api.delete_threads)


def test_those_with_access_hear_of_a_deletion_and_others_do_not(desk, closed):
    chat_id, threads = closed
    desk.unit(outside_api.delete_thread, threads[0])
    (effect,) = desk.effects("thread_deleted")
    assert effect.recipients.group_ids == tuple(desk.chat(chat_id).access.group_ids)
    assert JONES not in effect.recipients.agent_ids
