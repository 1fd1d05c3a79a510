"""What a chat, its users and its threads look like to whoever asks."""

from dataclasses import dataclass
from typing import Any

import pytest

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    FollowChat,
    ListChats,
    ResumeChat,
    TagThread,
    UpdateChatProperties,
    UpdateThreadProperties,
)
from frontdesk.models import Access, InitialChat, InitialUser
from frontdesk.sandbox.seeds.company import BOT_ID

from ..._desk import BROWN, GARCIA, JONES, SMITH


@dataclass
class Shown:
    """A chat in both of its forms: by ``get_chat``, and in the list."""

    chat: Any
    summary: Any


def shown(desk, chat_id, by=None):
    page = desk.call(ListChats(limit=100), by)
    (summary,) = [chat for chat in page.chats_summary if chat.id == chat_id]
    return Shown(desk.chat(chat_id, by=by), summary)


def user(desk, chat_id, user_id):
    (shown,) = [user for user in desk.chat(chat_id).users if user.id == user_id]
    return shown


def add(desk, chat_id, user_id, visibility="all"):
    desk.call(
        AddUserToChat(
            chat_id=chat_id,
            user_id=user_id,
            user_type="agent",
            visibility=visibility,
            ignore_requester_presence=True,
        )
    )


def test_an_agent(desk):
    chat_id = desk.start()
    agent = user(desk, chat_id, SMITH)
    assert (agent.type, agent.id, agent.email) == ("agent", SMITH, SMITH)
    assert (agent.name, agent.present, agent.visibility) == ("Agent Smith", True, "all")
    assert agent.avatar == desk.world.store.company.agents[SMITH].avatar
    assert agent.events_seen_up_to is not None


def test_a_bot_is_an_agent_without_an_address(desk):
    chat_id = desk.start()
    add(desk, chat_id, BOT_ID, "agents")
    bot = user(desk, chat_id, BOT_ID)
    assert (bot.type, bot.name, bot.email) == ("agent", "Helper Bot", None)
    assert (bot.present, bot.visibility) == (True, "agents")


def test_an_agent_without_a_picture_has_no_avatar(desk):
    desk.world.store.company.agents[JONES].avatar = ""
    chat_id = desk.start()
    add(desk, chat_id, JONES)
    assert user(desk, chat_id, JONES).avatar is None


def test_an_agent_whom_the_company_has_no_more_is_shown_by_the_id(desk):
    chat_id = desk.start()
    add(desk, chat_id, BROWN)
    desk.unit(lambda world: world.store.company.remove_agent(BROWN))
    gone = user(desk, chat_id, BROWN)
    assert (gone.name, gone.email, gone.avatar) == (BROWN, None, None)


def test_a_customer(desk):
    ann = desk.customer("Ann", email="ann@example.com")
    chat_id = desk.start_with(ann, text="hello")
    customer = user(desk, chat_id, ann)
    assert (customer.type, customer.name, customer.email) == ("customer", "Ann", "ann@example.com")
    assert (customer.present, customer.online, customer.group_ids) == (True, False, [0])
    assert customer.agent_last_event_created_at is not None
    assert customer.customer_last_event_created_at is None
    desk.say(ann, "hi")
    customer = user(desk, chat_id, ann)
    assert customer.customer_last_event_created_at > customer.agent_last_event_created_at


def test_a_customer_chats_browses_or_is_gone(desk):
    ann = desk.visitor("Ann")
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    assert (user(desk, chat_id, ann).state, user(desk, chat_id, ann).online) == ("chatting", True)
    desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))
    assert (user(desk, chat_id, ann).state, user(desk, chat_id, ann).online) == ("browsing", True)
    desk.leave_site(ann)
    assert (user(desk, chat_id, ann).state, user(desk, chat_id, ann).online) == (None, False)


def test_the_customer_comes_first(desk):
    chat_id = desk.start()
    add(desk, chat_id, JONES)
    ann = desk.customer("Ann")
    desk.call(AddUserToChat(chat_id=chat_id, user_id=ann, user_type="customer", visibility="all"))
    assert [user.id for user in desk.chat(chat_id).users] == [ann, SMITH, JONES]


def test_who_follows_a_chat_sees_that_in_both_forms(desk):
    chat_id = desk.start()
    brown = desk.requester(BROWN, "chats--all:ro")
    desk.call(FollowChat(id=chat_id), brown)
    followed, own = shown(desk, chat_id, brown), shown(desk, chat_id)
    assert (followed.chat.is_followed, followed.summary.is_followed) == (True, True)
    assert (own.chat.is_followed, own.summary.is_followed) == (False, False)


def test_both_forms_have_the_same_chat(desk):
    ann = desk.customer("Ann")
    chat_id = desk.start_with(ann, text="hello", access=Access(group_ids=[1]))
    thread_id = desk.chat(chat_id).thread.id
    desk.call(UpdateChatProperties(id=chat_id, properties={"test": {"int_property": 1}}))
    desk.call(
        UpdateThreadProperties(
            chat_id=chat_id, thread_id=thread_id, properties={"test": {"int_property": 2}}
        )
    )
    desk.call(TagThread(chat_id=chat_id, thread_id=thread_id, tag="sales"))
    both = shown(desk, chat_id)
    chat, summary = both.chat, both.summary
    thread, last = chat.thread, summary.last_thread_summary
    assert chat.properties["test"] == summary.properties["test"] == {"int_property": 1}
    assert thread.properties["test"] == last.properties["test"] == {"int_property": 2}
    assert chat.users == summary.users
    assert chat.access.group_ids == summary.access.group_ids == [1]
    assert thread.access.group_ids == last.access.group_ids == [1]
    assert (thread.id, thread.active, thread.tags) == (thread_id, True, ["sales"])
    assert (last.id, last.active, last.tags) == (thread_id, True, ["sales"])
    assert thread.created_at == last.created_at
    assert set(thread.user_ids) == set(last.user_ids) == {ann, SMITH}
    event = summary.last_event_per_type["message"]
    assert (event.thread_id, event.thread_created_at) == (thread_id, thread.created_at)
    assert event.event == thread.events[0]


def test_a_thread_knows_those_before_and_after_it(desk):
    chat_id = desk.start()
    threads = [desk.chat(chat_id).thread.id]
    for _ in range(2):
        desk.call(DeactivateChat(id=chat_id))
        threads.append(desk.call(ResumeChat(chat=InitialChat(id=chat_id))).thread_id)
    neighbours = [
        (thread.previous_thread_id, thread.next_thread_id)
        for thread in (desk.chat(chat_id, thread_id).thread for thread_id in threads)
    ]
    assert neighbours == [(None, threads[1]), (threads[0], threads[2]), (threads[1], None)]


@pytest.mark.parametrize("serving", [1, 2])
def test_a_chat_that_waits_has_its_place_in_both_forms(desk, serving):
    """A place takes 300 seconds, shared by those who serve the group."""
    agents = (SMITH, GARCIA)[:serving]
    desk.only(*agents)
    for agent in agents:
        desk.set_limit(agent, 0)
    chats = []
    for name in ("Ann", "Bob"):
        customer = desk.visitor(name)
        desk.say(customer)
        chats.append(desk.chat_of(customer))
        desk.advance(seconds=10)
    for position, chat_id in enumerate(chats, 1):
        both = shown(desk, chat_id)
        queue = both.chat.thread.queue
        assert both.summary.last_thread_summary.queue == queue
        assert queue.position == position
        group_ids = both.chat.thread.access.group_ids
        company = desk.world.store.company
        sharing = [agent for agent in agents if company.agents[agent].groups.keys() & group_ids]
        assert queue.wait_time == position * (300 // max(1, len(sharing)))
        assert (desk.world.clock.now() - queue.queued_at).total_seconds() < 60
    started = desk.start(chat=InitialChat(users=[InitialUser(id=JONES, type="agent")]))
    assert desk.chat(started).thread.queue is None


def test_what_everybody_gets_depends_on_nobody(desk):
    """A push has no `is_followed`, whoever caused it."""
    ann = desk.visitor("Ann")
    desk.forget()
    desk.say(ann, "hello")
    (push,) = desk.pushed("incoming_chat")
    chat = desk.chat(desk.chat_of(ann))
    assert push.chat.is_followed in (None, False)
    assert push.chat.id == chat.id
    assert push.chat.access == chat.access
    assert push.chat.thread.id == chat.thread.id
    assert [user.id for user in push.chat.users] == [user.id for user in chat.users]
    assert push.chat.properties["source"] == chat.properties["source"]


def test_the_last_event_of_other_groups_says_why_it_is_not_shown(desk):
    access = Access(group_ids=[2])
    chat_id = desk.start(chat=InitialChat(access=access), continuous=True)
    desk.write(chat_id)
    desk.call(DeactivateChat(id=chat_id))
    chat = InitialChat(id=chat_id, access=Access(group_ids=[1]))
    desk.call(ResumeChat(chat=chat, continuous=True))
    last = shown(desk, chat_id).summary.last_event_per_type["message"].event
    assert last.text == "hello"
    (summary,) = [
        one for one in desk.call(ListChats(), desk.agent).chats_summary if one.id == chat_id
    ]
    event = summary.last_event_per_type["message"].event
    assert event.restricted_access == (
        "You can't access this event: its thread belongs to other groups"
    )
