"""Chats over the Customer Chat API: list, read, start, resume, deactivate."""

import pytest

from frontdesk.actions import BanCustomer
from frontdesk.actions import DeactivateChat as CloseAsAgent
from frontdesk.actions import ListChats as ListAsAgent
from frontdesk.actions import SendEvent as SendAsAgent
from frontdesk.actions import customer as actions
from frontdesk.errors import (
    AuthorizationError,
    ChatAlreadyActive,
    ChatInactive,
    CustomerBanned,
    GroupsOffline,
    LimitReached,
    NotFound,
    ValidationError,
)
from frontdesk.models import Access, Ban, InitialChat, InitialThread, InitialUser, Message
from frontdesk.sandbox.world.chats import outside_api
from frontdesk.sandbox.world.people import customers, greetings

from ..._desk import JONES
from ._window import Window

NOWHERE = "PJ0MRSHTDG"


def ban(desk, window):
    desk.call(BanCustomer(id=window.id, ban=Ban(days=1)))


# start


def test_a_chat_starts_and_everybody_concerned_learns_of_it(desk, ann):
    started = ann.start("hello")
    assert started.event_ids == [f"{started.thread_id}_1"]
    (incoming,) = ann.got("incoming_chat")
    assert incoming["chat"]["id"] == started.chat_id
    assert incoming["chat"]["thread"]["events"][0]["text"] == "hello"
    assert "requester_id" not in incoming
    (effect,) = desk.effects("incoming_chat")
    assert (effect.webhook, effect.actor) == ("incoming_chat", ann.actor)
    assert ann.id in desk.present(started.chat_id)
    assert JONES in desk.present(started.chat_id)


def test_an_empty_request_starts_a_chat(ann):
    started = ann.call(actions.StartChat())
    assert started.event_ids is None
    assert ann.got("incoming_chat")[0]["chat"]["thread"]["events"] == []
    assert ann.chat(started.chat_id).access.group_ids == [0]


def test_starting_counts_as_seeing(ann):
    started = ann.start("hello")
    me = ann.chat(started.chat_id).users[0]
    assert me.events_seen_up_to >= ann.chat(started.chat_id).thread.events[0].created_at


def test_one_chat_is_active_at_a_time(ann):
    started = ann.start("hello")
    with pytest.raises(ChatAlreadyActive, match=started.chat_id) as refused:
        ann.start("again")
    assert refused.value.type == "chat_already_active"
    with pytest.raises(ChatAlreadyActive):
        ann.call(actions.ResumeChat(chat=InitialChat(id=started.chat_id)))
    ann.call(actions.DeactivateChat(id=started.chat_id))
    assert ann.start("another").chat_id != started.chat_id
    with pytest.raises(ChatAlreadyActive):
        ann.call(actions.ResumeChat(chat=InitialChat(id=started.chat_id)))


def test_a_group_has_to_be_online_unless_the_chat_is_continuous(desk, ann):
    desk.only()
    with pytest.raises(GroupsOffline):
        ann.start("hello")
    assert ann.call(actions.ListChats()).total_chats == 0
    started = ann.start("hello", continuous=True)
    thread = ann.chat(started.chat_id).thread
    assert thread.properties["routing"]["continuous"] is True
    ann.call(actions.DeactivateChat(id=started.chat_id))
    resume = {"chat": InitialChat(id=started.chat_id)}
    with pytest.raises(GroupsOffline):
        ann.call(actions.ResumeChat(**resume, continuous=False))
    assert ann.call(actions.ResumeChat(**resume)).thread_id != thread.id


def test_the_groups_that_are_asked_are_those_of_the_access(desk, ann):
    with pytest.raises(GroupsOffline, match=r"chat\.access\.group_ids"):
        ann.start(chat={"access": Access(group_ids=[2])})
    with pytest.raises(ValidationError, match="no group 99"):
        ann.start(chat={"access": Access(group_ids=[99])})
    started = ann.start(chat={"access": Access(group_ids=[1])})
    assert ann.chat(started.chat_id).access.group_ids == [1]


def test_a_connection_of_a_group_asks_that_group(desk, ann):
    desk.world.customer_sessions[ann.actor.connection_id].group_id = 1
    assert ann.chat(ann.start().chat_id).access.group_ids == [1]


def test_an_inactive_thread_needs_nobody(desk, ann):
    desk.only()
    started = ann.start("note", active=False)
    chat = ann.chat(started.chat_id)
    assert not chat.thread.active
    assert chat.agents == {}
    assert ann.start("more", active=False).chat_id != started.chat_id


def test_without_a_place_the_chat_waits(desk, ann, bob):
    desk.set_limit(JONES, 1)
    bob.start("first")
    started = ann.start("second")
    thread = ann.chat(started.chat_id).thread
    assert thread.queue.position == 1
    assert ann.got("incoming_chat")[0]["chat"]["thread"]["queue"]["position"] == 1
    bob.call(actions.DeactivateChat(id=desk.chat_of(bob.id)))
    assert ann.chat(started.chat_id).thread.queue is None
    assert "user_added_to_chat" in ann.names()
    (transferred,) = ann.got("chat_transferred")
    assert "@" not in str(transferred)


def test_a_queue_that_takes_no_more_is_a_limit(desk, ann, bob):
    desk.set_limit(JONES, 1)
    desk.set_license("queue.enabled", False)
    bob.start("first")
    with pytest.raises(LimitReached):
        ann.start("second")
    assert ann.call(actions.ListChats()).total_chats == 0


def test_banned_customers_start_nothing(desk, ann):
    started = ann.start("hello")
    ban(desk, ann)
    with pytest.raises(CustomerBanned):
        ann.start()
    with pytest.raises(CustomerBanned):
        ann.call(actions.ResumeChat(chat=InitialChat(id=started.chat_id)))
    assert ann.chat(started.chat_id).thread.active is False


@pytest.mark.parametrize("user", ["nobody", "bob"])
def test_nobody_else_comes_along(ann, bob, user):
    user_id = bob.id if user == "bob" else "d17cd570-11a9-45c0-45c0-1b020b7586dc"
    users = [InitialUser(id=user_id, type="customer")]
    with pytest.raises(ValidationError) as refused:
        ann.call(actions.StartChat(chat=InitialChat(users=users)))
    assert refused.value.message == "`chat.users` may hold the customer only"
    own = InitialChat(users=[InitialUser(id=ann.id, type="customer")])
    assert ann.call(actions.StartChat(chat=own)).chat_id


def test_properties_that_customers_may_write_come_along(ann):
    greeting = {"lc2": {"greeting_id": 7, "greeting_unique_id": "Q10O0N5B5D"}}
    started = ann.start(
        chat={
            "properties": {"routing": {"email_follow_up": True}},
            "thread": InitialThread(properties=greeting),
        }
    )
    chat = ann.chat(started.chat_id)
    assert chat.properties["routing"]["email_follow_up"] is True
    assert chat.thread.properties["lc2"] == greeting["lc2"]
    assert "customer_client_id" in chat.properties["source"]
    with pytest.raises(AuthorizationError, match="by customers"):
        Window(ann.desk, "Cid").start(chat={"properties": {"routing": {"pinned": True}}})


def show_greeting(desk, window):
    def show(world):
        return greetings.show(world, customers.find(world, window.id), 1)

    return desk.unit(show)


def test_a_chat_comes_from_the_greeting_that_is_shown(desk, ann):
    unique_id = show_greeting(desk, ann)
    other = {"lc2": {"greeting_id": 99, "greeting_unique_id": "other"}}
    started = ann.start(chat={"thread": InitialThread(properties=other)})
    assert ann.chat(started.chat_id).thread.properties["lc2"] == other["lc2"]
    ann.call(actions.DeactivateChat(id=started.chat_id))
    resumed = ann.call(actions.ResumeChat(chat=InitialChat(id=started.chat_id)))
    shown = ann.chat(started.chat_id, thread_id=resumed.thread_id).thread.properties["lc2"]
    assert shown == {"greeting_id": 1, "greeting_unique_id": unique_id}


# resume and deactivate


def test_a_chat_goes_on_with_another_thread(desk, ann):
    started = ann.start("hello")
    ann.call(actions.DeactivateChat(id=started.chat_id))
    ann.forget()
    thread = InitialThread(events=[Message(text="back")])
    resumed = ann.call(actions.ResumeChat(chat=InitialChat(id=started.chat_id, thread=thread)))
    assert resumed.event_ids == [f"{resumed.thread_id}_1"]
    (incoming,) = ann.got("incoming_chat")
    assert incoming["chat"]["thread"]["previous_thread_id"] == started.thread_id
    assert ann.texts(started.chat_id) == ["back"]
    assert desk.effects("incoming_chat")[0].webhook == "incoming_chat"


def test_closing_is_told_to_both_sides(desk, ann):
    started = ann.start("hello")
    ann.forget()
    ann.call(actions.DeactivateChat(id=started.chat_id))
    (event,) = ann.got("incoming_event")
    assert event["event"]["system_message_type"] == "manual_archived_customer"
    (closed,) = ann.got("chat_deactivated")
    assert closed["user_id"] == ann.id
    assert [effect.webhook for effect in desk.effects("chat_deactivated")] == ["chat_deactivated"]
    with pytest.raises(ChatInactive):
        ann.call(actions.DeactivateChat(id=started.chat_id))


def test_an_agent_who_closes_has_no_address(desk, ann):
    started = ann.start("hello")
    ann.forget()
    desk.call(CloseAsAgent(id=started.chat_id), desk.agent)
    (closed,) = ann.got("chat_deactivated")
    assert len(closed["user_id"]) == 32


# read


def test_chats_of_others_are_as_if_they_were_not(ann, bob):
    started = bob.start("mine")
    for chat_id in (started.chat_id, NOWHERE):
        attempts = [
            actions.GetChat(chat_id=chat_id),
            actions.GetChat(chat_id=chat_id, thread_id=started.thread_id),
            actions.ListThreads(chat_id=chat_id),
            actions.ResumeChat(chat=InitialChat(id=chat_id)),
            actions.DeactivateChat(id=chat_id),
        ]
        for action in attempts:
            with pytest.raises(NotFound) as refused:
                ann.call(action)
            assert refused.value.message.endswith(f"there is no chat `{chat_id}`")
    assert ann.call(actions.ListChats()).chats_summary == []


def test_threads_of_others_are_as_if_they_were_not(ann, bob):
    own, other = ann.start("own"), bob.start("other")
    for thread_id in (other.thread_id, NOWHERE):
        with pytest.raises(NotFound, match=f"no thread `{thread_id}`"):
            ann.chat(own.chat_id, thread_id=thread_id)


def test_a_chat_is_read_with_one_of_its_threads(ann):
    started = ann.start("one")
    ann.call(actions.DeactivateChat(id=started.chat_id))
    ann.call(actions.ResumeChat(chat=InitialChat(id=started.chat_id)))
    assert ann.chat(started.chat_id).thread.previous_thread_id == started.thread_id
    first = ann.chat(started.chat_id, thread_id=started.thread_id)
    assert first.thread.events[0].text == "one"
    assert first.is_followed is None


def test_summaries_have_what_the_docs_list(desk, ann):
    started = ann.start("one")
    secret = Message(text="secret", visibility="agents")
    desk.call(SendAsAgent(chat_id=started.chat_id, event=secret), desk.agent)
    (summary,) = ann.call(actions.ListChats()).chats_summary
    assert (summary.id, summary.active) == (started.chat_id, True)
    assert summary.last_thread_id == started.thread_id
    assert summary.last_thread_created_at == ann.chat(started.chat_id).thread.created_at
    last = summary.last_event_per_type["message"]
    assert (last.thread_id, last.event.text) == (started.thread_id, "one")


def closed_chats(ann, count):
    chats = []
    for number in range(count):
        started = ann.start(f"chat {number}")
        ann.call(actions.DeactivateChat(id=started.chat_id))
        ann.desk.advance(seconds=1)
        chats.append(started.chat_id)
    return chats


def test_chats_come_in_pages(ann, bob):
    bob.start("other")
    chats = closed_chats(ann, 5)
    first = ann.call(actions.ListChats(limit=2))
    assert ([chat.id for chat in first.chats_summary], first.total_chats) == (chats[:2:-1], 5)
    second = ann.call(actions.ListChats(page_id=first.next_page_id))
    assert [chat.id for chat in second.chats_summary] == chats[2:0:-1]
    back = ann.call(actions.ListChats(page_id=second.previous_page_id))
    assert [chat.id for chat in back.chats_summary] == chats[:2:-1]
    oldest = ann.call(actions.ListChats(sort_order="asc", limit=1))
    assert oldest.chats_summary[0].id == chats[0]


def test_a_page_id_of_somebody_else_shows_ones_own_chats(ann, bob):
    closed_chats(ann, 3)
    page_id = ann.call(actions.ListChats(limit=1)).next_page_id
    assert bob.call(actions.ListChats(page_id=page_id)).chats_summary == []


def test_page_ids_of_agents_and_customers_are_apart(desk, ann):
    closed_chats(ann, 3)
    of_agents = desk.call(ListAsAgent(limit=1)).next_page_id
    of_customers = ann.call(actions.ListChats(limit=1)).next_page_id
    with pytest.raises(ValidationError, match="page_id"):
        ann.call(actions.ListChats(page_id=of_agents))
    with pytest.raises(ValidationError, match="page_id"):
        desk.call(ListAsAgent(page_id=of_customers))


def threads(ann, count):
    chat_id = ann.start("thread 0").chat_id
    for number in range(1, count):
        ann.call(actions.DeactivateChat(id=chat_id))
        thread = InitialThread(events=[Message(text=f"thread {number}")])
        ann.call(actions.ResumeChat(chat=InitialChat(id=chat_id, thread=thread)))
    return chat_id


def first_texts(page):
    return [thread.events[0].text for thread in page.threads]


def test_threads_come_in_pages(ann, bob):
    chat_id = threads(ann, 4)
    first = ann.call(actions.ListThreads(chat_id=chat_id))
    assert (first_texts(first), first.found_threads) == (["thread 3", "thread 2", "thread 1"], 4)
    second = ann.call(actions.ListThreads(chat_id=chat_id, page_id=first.next_page_id))
    assert first_texts(second) == ["thread 0"]
    other = bob.start("other").chat_id
    with pytest.raises(ValidationError, match="another `chat_id`"):
        bob.call(actions.ListThreads(chat_id=other, page_id=first.next_page_id))
    oldest = ann.call(actions.ListThreads(chat_id=chat_id, sort_order="asc", limit=1))
    assert first_texts(oldest) == ["thread 0"]


def test_only_events_that_are_seen_count(desk, ann):
    chat_id = threads(ann, 3)
    secret = Message(text="secret", visibility="agents")
    for _ in range(5):
        desk.call(SendAsAgent(chat_id=chat_id, event=secret), desk.agent)
    asked = {"chat_id": chat_id, "min_events_count": 3}
    assert first_texts(ann.call(actions.ListThreads(**asked))) == ["thread 2", "thread 1"]
    asc = ann.call(actions.ListThreads(**asked, sort_order="asc"))
    assert first_texts(asc) == ["thread 1", "thread 2"]


def test_a_restricted_thread_shows_nothing(desk, ann):
    started = ann.start("hello")
    desk.unit(outside_api.restrict_thread, started.thread_id, "pay more")
    assert b"pay more" not in ann.raw(actions.ListThreads(chat_id=started.chat_id))
    assert ann.chat(started.chat_id).thread.events == []
    (summary,) = ann.call(actions.ListChats()).chats_summary
    assert summary.last_event_per_type is None


# welcome messages


def test_a_welcome_message_is_kept_as_the_first_event(desk, ann):
    welcome = ann.call(actions.RequestWelcomeMessage())
    (shown,) = ann.got("incoming_welcome_message")
    thread = InitialThread(events=[Message(text="hi")])
    chat = InitialChat(thread=thread)
    started = ann.call(actions.StartChat(chat=chat, welcome_message_id=welcome.id))
    assert started.event_ids == [f"{started.thread_id}_2"]
    first, second = ann.chat(started.chat_id).thread.events
    assert (first.text, first.author_id) == (shown["event"]["text"], shown["event"]["author_id"])
    assert first.properties["lc2"] == {"welcome_message": True}
    assert first.properties["chats"] == {"welcome_message_source": "welcome_phrase"}
    assert second.text == "hi"
    assert ann.got("incoming_chat")[0]["chat"]["thread"]["events"][0]["text"] == first.text
    # It is no response: the customer still waits for one.
    of_agents = desk.chat(started.chat_id).thread
    assert of_agents.properties["routing"]["unreplied"] is True
    ann.call(actions.DeactivateChat(id=started.chat_id))
    with pytest.raises(NotFound, match="welcome_message_id"):
        ann.call(actions.StartChat(welcome_message_id=welcome.id))


def test_a_chat_that_begins_with_a_welcome_alone_is_seen(ann):
    welcome = ann.call(actions.RequestWelcomeMessage())
    started = ann.call(actions.StartChat(welcome_message_id=welcome.id))
    chat = ann.chat(started.chat_id)
    assert chat.users[0].events_seen_up_to == chat.thread.events[0].created_at


def test_welcome_messages_of_others_are_as_if_they_were_not(ann, bob):
    of_bob = bob.call(actions.RequestWelcomeMessage()).id
    for message_id in (of_bob, "none"):
        with pytest.raises(NotFound) as refused:
            ann.call(actions.StartChat(welcome_message_id=message_id))
        assert refused.value.message == (
            f"`welcome_message_id`: the customer has no welcome message `{message_id}`"
        )
    assert ann.call(actions.ListChats()).total_chats == 0
    assert bob.call(actions.StartChat(welcome_message_id=of_bob)).chat_id
