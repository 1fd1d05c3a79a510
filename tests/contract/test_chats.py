"""Chats and threads: started, read, closed, resumed, followed, transferred."""

import pytest

from frontdesk import errors
from frontdesk.actions import GetChat
from frontdesk.models import (
    Access,
    ChatsFilters,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    Target,
)

OWNER, AGENT = "smith@example.com", "jones@example.com"


def texts(thread):
    return [event.text for event in thread.events if event.type == "message"]


def test_a_chat_starts_with_what_it_is_given(desk):
    started = desk.start_chat(
        chat=InitialChat(
            access=Access(group_ids=[1]),
            properties={"test": {"string_property": "gold"}},
            users=[InitialUser(id=AGENT, type="agent")],
            thread=InitialThread(events=[Message(text="one"), Message(text="two")]),
        ),
        continuous=True,
    )
    chat = desk.get_chat(chat_id=started.chat_id)
    assert len(started.event_ids) == 2
    assert (chat.thread.id, chat.thread.active) == (started.thread_id, True)
    assert texts(chat.thread) == ["one", "two"]
    assert chat.access.group_ids == [1]
    assert chat.properties["test"]["string_property"] == "gold"
    assert {OWNER, AGENT} <= set(chat.agents)


def test_an_action_is_the_call(desk, chat):
    assert desk(GetChat(chat_id=chat.chat_id)).id == chat.chat_id


def test_a_chat_ends_and_begins_again(desk, chat):
    desk.send_event(chat_id=chat.chat_id, event=Message(text="first topic"))
    desk.deactivate_chat(id=chat.chat_id)
    assert desk.get_chat(chat_id=chat.chat_id).thread.active is False
    resumed = desk.resume_chat(chat=InitialChat(id=chat.chat_id))
    assert resumed.thread_id != chat.thread_id
    desk.send_event(chat_id=chat.chat_id, event=Message(text="second topic"))
    threads = desk.list_threads(chat_id=chat.chat_id, sort_order="asc").threads
    assert [texts(thread) for thread in threads] == [["first topic"], ["second topic"]]
    assert [thread.active for thread in threads] == [False, True]
    assert threads[1].previous_thread_id == threads[0].id
    old = desk.get_chat(chat_id=chat.chat_id, thread_id=chat.thread_id)
    assert texts(old.thread) == ["first topic"]


def test_one_thread_is_active_at_a_time(desk, chat):
    with pytest.raises(errors.APIError):
        desk.resume_chat(chat=InitialChat(id=chat.chat_id))
    desk.deactivate_chat(id=chat.chat_id)
    desk.deactivate_chat(id=chat.chat_id)
    with pytest.raises(errors.ChatInactive):
        desk.send_event(chat_id=chat.chat_id, event=Message(text="late"))


def test_summaries_show_the_last_event_of_each_type(desk, chat):
    desk.send_event(chat_id=chat.chat_id, event=Message(text="older"))
    desk.send_event(chat_id=chat.chat_id, event=Message(text="newest"))
    page = desk.list_chats(filters=ChatsFilters(active=True), limit=100)
    (summary,) = [summary for summary in page.chats_summary if summary.id == chat.chat_id]
    assert summary.last_event_per_type["message"].event.text == "newest"
    assert summary.last_thread_summary.id == chat.thread_id
    inactive = desk.list_chats(filters=ChatsFilters(active=False), limit=100)
    assert chat.chat_id not in [summary.id for summary in inactive.chats_summary]


def test_followers_are_no_members(desk):
    customer = desk.sandbox.customer("Ann")
    customer.say("hello")
    chat_id = customer.chat_id
    if OWNER in desk.get_chat(chat_id=chat_id).agents:
        desk.remove_user_from_chat(chat_id=chat_id, user_id=OWNER, user_type="agent")
    desk.follow_chat(id=chat_id)
    assert desk.get_chat(chat_id=chat_id).is_followed
    with pytest.raises(errors.APIError):
        desk.send_event(chat_id=chat_id, event=Message(text="not in it"))
    desk.unfollow_chat(id=chat_id)
    assert not desk.get_chat(chat_id=chat_id).is_followed


def test_users_come_and_go(desk, chat):
    desk.add_user_to_chat(
        chat_id=chat.chat_id, user_id=AGENT, user_type="agent", visibility="agents"
    )
    agent = desk.get_chat(chat_id=chat.chat_id).agents[AGENT]
    assert (agent.present, agent.visibility) == (True, "agents")
    desk.remove_user_from_chat(chat_id=chat.chat_id, user_id=AGENT, user_type="agent")
    assert not desk.get_chat(chat_id=chat.chat_id).agents[AGENT].present


def test_a_chat_is_transferred_to_a_group_and_an_agent(desk, ann):
    desk.transfer_chat(
        id=ann.chat_id, target=Target(type="group", ids=[1]), ignore_agents_availability=True
    )
    assert desk.get_chat(chat_id=ann.chat_id).access.group_ids == [1]
    candidates = desk.list_agents_for_transfer(chat_id=ann.chat_id)
    assert [one.total_active_chats for one in candidates] == sorted(
        one.total_active_chats for one in candidates
    )
    desk.transfer_chat(
        id=ann.chat_id,
        target=Target(type="agent", ids=[AGENT]),
        ignore_agents_availability=True,
        ignore_requester_presence=True,
    )
    assert desk.get_chat(chat_id=ann.chat_id).agents[AGENT].present


def test_access_depends_on_groups(desk):
    customer = desk.sandbox.customer("Ann")
    customer.start_chat(Message(text="hallo"), group_ids=(3,), continuous=True)
    assert desk.get_chat(chat_id=customer.chat_id)
    with pytest.raises(errors.MissingAccess):
        desk.as_("agent").get_chat(chat_id=customer.chat_id)
