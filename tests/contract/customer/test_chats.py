"""Chats of a customer: started, read, paged, closed and resumed."""

import pytest

from frontdesk import errors
from frontdesk.actions import customer
from frontdesk.models import InitialChat, InitialThread, Message


def texts(thread):
    return [event.text for event in thread.events if event.type == "message"]


def test_a_chat_starts_with_what_it_is_given(window):
    chat = InitialChat(
        properties={"test": {"string_property": "gold"}},
        thread=InitialThread(events=[Message("one"), Message("two")]),
    )
    started = window.start_chat(chat=chat, continuous=True)
    assert len(started.event_ids) == 2
    shown = window.get_chat(chat_id=started.chat_id)
    assert (shown.thread.id, shown.thread.active) == (started.thread_id, True)
    assert texts(shown.thread) == ["one", "two"]
    assert shown.properties["test"]["string_property"] == "gold"
    assert window.customer.id in shown.customers
    assert texts(window.desk.get_chat(chat_id=started.chat_id).thread) == ["one", "two"]


def test_an_action_is_the_call(window, chat):
    assert window(customer.GetChat(chat_id=chat.chat_id)).id == chat.chat_id


def test_nothing_of_agents_alone_is_shown(window, chat):
    window.desk.send_event(chat_id=chat.chat_id, event=Message("aside", visibility="agents"))
    window.desk.send_event(chat_id=chat.chat_id, event=Message("Hello"))
    window.desk.tag_thread(chat_id=chat.chat_id, thread_id=chat.thread_id, tag="support")
    shown = window.get_chat(chat_id=chat.chat_id)
    assert texts(shown.thread) == ["Hello"]
    assert not shown.thread.tags
    assert all("@" not in agent_id for agent_id in shown.agents)
    [listed] = window.list_threads(chat_id=chat.chat_id).threads
    assert texts(listed) == ["Hello"]
    [summary] = window.list_chats().chats_summary
    assert summary.last_event_per_type["message"].event.text == "Hello"


def test_the_list_has_the_last_thread_flat(window, chat):
    page = window.list_chats()
    assert page.total_chats == 1
    [summary] = page.chats_summary
    assert summary.id == chat.chat_id
    assert summary.active is True
    assert summary.last_thread_id == chat.thread_id
    assert summary.last_thread_created_at is not None


def test_a_chat_ends_and_begins_again(window, chat):
    window.send_event(chat_id=chat.chat_id, event=Message("first topic"))
    window.deactivate_chat(id=chat.chat_id)
    assert window.get_chat(chat_id=chat.chat_id).thread.active is False
    resumed = window.resume_chat(chat=InitialChat(id=chat.chat_id), continuous=True)
    assert resumed.thread_id != chat.thread_id
    window.send_event(chat_id=chat.chat_id, event=Message("second topic"))
    threads = window.list_threads(chat_id=chat.chat_id, sort_order="asc").threads
    assert [texts(thread) for thread in threads] == [["first topic"], ["second topic"]]
    assert [thread.active for thread in threads] == [False, True]
    assert threads[1].previous_thread_id == threads[0].id
    old = window.get_chat(chat_id=chat.chat_id, thread_id=chat.thread_id)
    assert texts(old.thread) == ["first topic"]


def test_one_chat_is_active_at_a_time(window, chat):
    with pytest.raises(errors.APIError):
        window.start_chat(continuous=True)
    with pytest.raises(errors.APIError):
        window.resume_chat(chat=InitialChat(id=chat.chat_id), continuous=True)
    window.deactivate_chat(id=chat.chat_id)
    with pytest.raises(errors.ChatInactive):
        window.send_event(chat_id=chat.chat_id, event=Message("late"))


@pytest.fixture
def threads(window, chat):
    """The ids of five threads of the chat, oldest first."""
    ids = [chat.thread_id]
    for number in range(4):
        window.send_event(chat_id=chat.chat_id, event=Message(f"topic {number}"))
        window.deactivate_chat(id=chat.chat_id)
        again = window.resume_chat(chat=InitialChat(id=chat.chat_id), continuous=True)
        ids.append(again.thread_id)
    window.deactivate_chat(id=chat.chat_id)
    return ids


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_thread_comes_once(window, chat, threads, order):
    pages = window.client.iter_threads(chat_id=chat.chat_id, sort_order=order, limit=2)
    expected = threads if order == "asc" else threads[::-1]
    assert [thread.id for thread in window.list(pages)] == expected


def test_pages_lead_forward_and_back(window, chat, threads):
    first = window.list_threads(chat_id=chat.chat_id, limit=2)
    assert (len(first.threads), first.found_threads) == (2, 5)
    assert first.previous_page_id is None
    second = window.list_threads(chat_id=chat.chat_id, page_id=first.next_page_id)
    back = window.list_threads(chat_id=chat.chat_id, page_id=second.previous_page_id)
    assert [thread.id for thread in back.threads] == [thread.id for thread in first.threads]


def test_chats_come_in_pages(window, chat):
    page = window.list_chats(limit=1)
    assert [summary.id for summary in page.chats_summary] == [chat.chat_id]
    assert page.next_page_id is None
    walked = window.list(window.client.iter_chats())
    assert [summary.id for summary in walked] == [chat.chat_id]
    with pytest.raises(errors.InvalidArgument, match="limit"):
        window.list_chats(limit=26)
