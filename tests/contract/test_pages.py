"""Pages: walked once, in order, whatever happens meanwhile."""

import pytest

from frontdesk import errors
from frontdesk.models import ArchivesFilters, InitialChat, Message, ThreadsFilters


@pytest.fixture
def threads(desk, chat):
    """The ids of a chat's five threads, oldest first."""
    ids = [chat.thread_id]
    for number in range(4):
        desk.send_event(chat_id=chat.chat_id, event=Message(text=f"topic {number}"))
        desk.deactivate_chat(id=chat.chat_id)
        ids.append(desk.resume_chat(chat=InitialChat(id=chat.chat_id)).thread_id)
    desk.deactivate_chat(id=chat.chat_id)
    return ids


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_thread_comes_once(desk, chat, threads, order):
    walked = desk.list(desk.iter_threads(chat_id=chat.chat_id, sort_order=order, limit=2))
    expected = threads if order == "asc" else threads[::-1]
    assert [thread.id for thread in walked] == expected


def test_pages_lead_forward_and_back(desk, chat, threads):
    first = desk.list_threads(chat_id=chat.chat_id, limit=2)
    assert (len(first.threads), first.found_threads) == (2, 5)
    assert first.previous_page_id is None
    second = desk.list_threads(chat_id=chat.chat_id, page_id=first.next_page_id)
    back = desk.list_threads(chat_id=chat.chat_id, page_id=second.previous_page_id)
    assert [thread.id for thread in back.threads] == [thread.id for thread in first.threads]
    last = desk.list_threads(chat_id=chat.chat_id, page_id=second.next_page_id)
    assert (len(last.threads), last.next_page_id) == (1, None)


def test_threads_of_a_time(desk, chat, threads):
    created = [thread.created_at for thread in desk.list(desk.iter_threads(chat_id=chat.chat_id))]
    filters = ThreadsFilters(from_=created[3], to=created[1])
    found = desk.list(desk.iter_threads(chat_id=chat.chat_id, filters=filters))
    assert [thread.created_at for thread in found] == created[1:4]


def test_as_many_threads_as_hold_some_events(desk, chat, threads):
    some = desk.list_threads(chat_id=chat.chat_id, min_events_count=1)
    every = desk.list_threads(chat_id=chat.chat_id, min_events_count=100)
    assert 1 <= len(some.threads) <= len(every.threads) == 5


def test_every_chat_comes_once_while_others_begin(desk):
    before = {desk.start_chat(continuous=True).chat_id for _ in range(7)}
    first = desk.list_chats(limit=3)
    desk.start_chat(continuous=True)
    ids = [summary.id for summary in first.chats_summary]
    page = first
    while page.next_page_id:
        page = desk.list_chats(page_id=page.next_page_id)
        ids += [summary.id for summary in page.chats_summary]
    assert len(set(ids)) == len(ids)
    assert before <= set(ids)


def test_archives_hold_what_ended(desk, chat, threads):
    filters = ArchivesFilters(chat_ids=[chat.chat_id])
    found = desk.list(desk.iter_archives(filters=filters, limit=2))
    assert [one.thread.id for one in found] == threads[::-1]
    assert {one.id for one in found} == {chat.chat_id}
    page = desk.list_archives(filters=filters, limit=1)
    assert (page.found_chats, len(page.chats)) == (5, 1)


def test_archives_are_searched(desk, chat, threads):
    found = desk.list_archives(filters=ArchivesFilters(query="topic", chat_ids=[chat.chat_id]))
    assert found.found_chats == 4
    by_id = desk.list_archives(filters=ArchivesFilters(thread_ids=threads[:2]))
    assert {one.thread.id for one in by_id.chats} == set(threads[:2])


@pytest.mark.parametrize("page_id", ["nonsense", "QUJD", "é"])
def test_page_ids_are_the_server_s(desk, page_id):
    with pytest.raises(errors.ValidationError, match="page_id"):
        desk.list_chats(page_id=page_id)
