"""Starting and resuming chats."""

import re

import pytest

from frontdesk.actions import (
    DeactivateChat,
    FollowChat,
    RemoveUserFromChat,
    ResumeChat,
    StartChat,
)
from frontdesk.errors import (
    CustomerBanned,
    GroupsOffline,
    NotFound,
    UsersLimitReached,
    ValidationError,
)
from frontdesk.models import (
    Access,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    SystemMessage,
)
from frontdesk.sandbox.world.people import bans, customers

from ..._desk import BROWN, GARCIA, JONES, MUELLER, NOWAK, SMITH

SHORT_ID = re.compile(r"[0-9A-Z]{10}")


def agents(*ids):
    return [InitialUser(id=one, type="agent") for one in ids]


def test_an_empty_request_starts_a_chat_with_the_requester(desk):
    started = desk.call(StartChat())
    chat = desk.chat(started.chat_id)
    assert SHORT_ID.fullmatch(started.chat_id)
    assert SHORT_ID.fullmatch(started.thread_id)
    assert started.event_ids is None
    assert [(user.id, user.present) for user in chat.users] == [(SMITH, True)]
    assert chat.access.group_ids == [0]
    assert chat.thread.active
    assert chat.thread.user_ids == [SMITH]
    assert chat.thread.events == []


def test_everything_that_is_sent_along_is_there(desk):
    customer = desk.customer()
    chat_id = desk.start(
        chat=InitialChat(
            access=Access(group_ids=[1, 2]),
            properties={"test": {"int_property": 3}},
            users=[*agents(JONES), InitialUser(id=customer, type="customer")],
            thread=InitialThread(
                events=[Message(text="one"), Message(text="two", visibility="agents")],
                properties={"test": {"bool_property": True}},
            ),
        )
    )
    chat = desk.chat(chat_id)
    assert [user.id for user in chat.users] == [customer, SMITH, JONES]
    assert chat.properties["test"] == {"int_property": 3}
    assert chat.thread.properties["test"] == {"bool_property": True}
    assert [event.text for event in chat.thread.events] == ["one", "two"]
    assert chat.thread.access.group_ids == [1, 2]


def test_initial_events_become_visible_to_all_and_count_from_one(desk):
    events = [Message(text="one", visibility="agents"), Message(text="two")]
    started = desk.call(StartChat(chat=InitialChat(thread=InitialThread(events=events))))
    assert started.event_ids == [f"{started.thread_id}_1", f"{started.thread_id}_2"]
    shown = desk.chat(started.chat_id).thread.events
    assert [event.visibility for event in shown] == ["all", "all"]
    assert [event.author_id for event in shown] == [SMITH, SMITH]


def test_the_requester_has_seen_what_was_sent_along(desk):
    started = desk.start(chat=InitialChat(thread=InitialThread(events=[Message(text="one")])))
    chat = desk.chat(started)
    assert chat.users[0].events_seen_up_to == chat.thread.events[-1].created_at


def test_incoming_chat_carries_the_events_which_do_not_come_again(desk):
    desk.call(StartChat(chat=InitialChat(thread=InitialThread(events=[Message(text="one")]))))
    (push,) = desk.pushed("incoming_chat")
    assert push.requester_id == SMITH
    assert push.chat.thread.events[0].text == "one"
    assert desk.pushed("incoming_event") == []
    (effect,) = desk.effects("incoming_chat")
    assert effect.recipients.group_ids == (0,)
    assert effect.webhook == "incoming_chat"


def test_an_inactive_chat_can_be_started(desk):
    chat_id = desk.start(
        active=False, chat=InitialChat(thread=InitialThread(events=[Message(text="x")]))
    )
    assert not desk.chat(chat_id).thread.active
    assert desk.texts(chat_id) == ["x"]


def test_four_other_agents_are_the_most(desk):
    desk.start(chat=InitialChat(users=agents(JONES, BROWN, MUELLER, GARCIA)))
    with pytest.raises(UsersLimitReached, match="at most 4 agents"):
        desk.start(chat=InitialChat(users=agents(JONES, BROWN, MUELLER, GARCIA, NOWAK)))


def test_the_requester_may_be_listed(desk):
    chat_id = desk.start(chat=InitialChat(users=agents(SMITH, JONES)))
    assert desk.present(chat_id) == {SMITH, JONES}


@pytest.mark.parametrize("kind", ["agent", "customer"])
def test_users_must_exist(desk, kind):
    with pytest.raises(NotFound, match=r"`chat.users`.*nobody"):
        desk.start(chat=InitialChat(users=[InitialUser(id="nobody", type=kind)]))


def test_groups_must_exist(desk):
    with pytest.raises(ValidationError, match=r"`chat.access.group_ids`: there is no group 77"):
        desk.start(chat=InitialChat(access=Access(group_ids=[77])))


def test_a_banned_customer_cannot_be_brought_in(desk):
    customer = desk.customer()
    desk.unit(lambda world: bans.ban(world, customers.find(world, customer), 1, None))
    with pytest.raises(CustomerBanned):
        desk.start_with(customer)


def test_an_online_group_is_needed_unless_the_chat_is_continuous(desk):
    desk.only()
    with pytest.raises(GroupsOffline, match="continuous"):
        desk.start()
    chat = desk.chat(desk.start(continuous=True))
    assert chat.properties["routing"]["continuous"] is True
    assert chat.thread.properties["routing"]["continuous"] is True


def test_the_online_group_must_be_one_of_the_chat(desk):
    desk.only(JONES)
    with pytest.raises(GroupsOffline):
        desk.start(chat=InitialChat(access=Access(group_ids=[3])))
    assert desk.start(chat=InitialChat(access=Access(group_ids=[3, 1])))


def test_a_failed_start_leaves_nothing(desk):
    before = desk.world.store.chats.count(), desk.world.store.events.count()
    bad = {"nowhere": {"name": "x"}}
    with pytest.raises(ValidationError, match=r"event.properties.nowhere.name"):
        desk.start(
            chat=InitialChat(thread=InitialThread(events=[Message(text="x", properties=bad)]))
        )
    assert (desk.world.store.chats.count(), desk.world.store.events.count()) == before
    assert desk.heard == []


def test_resuming_adds_a_thread_with_neighbours(desk):
    chat_id = desk.start()
    first = desk.chat(chat_id).thread.id
    desk.call(DeactivateChat(id=chat_id))
    resumed = desk.call(
        ResumeChat(
            chat=InitialChat(id=chat_id, thread=InitialThread(events=[Message(text="back")]))
        )
    )
    chat = desk.chat(chat_id)
    assert chat.thread.id == resumed.thread_id != first
    assert resumed.event_ids == [f"{resumed.thread_id}_1"]
    assert chat.thread.previous_thread_id == first
    assert desk.chat(chat_id, first).thread.next_thread_id == resumed.thread_id


def test_an_active_chat_cannot_be_resumed(desk):
    with pytest.raises(ValidationError, match=r"`chat.id`.*active already"):
        desk.call(ResumeChat(chat=InitialChat(id=desk.start())))


def test_resuming_opens_the_chat_to_all_agents_by_default(desk):
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[1])))
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    assert desk.chat(chat_id).access.group_ids == [0]


def test_resuming_ends_following_and_lets_old_agents_go(desk):
    chat_id = desk.start(chat=InitialChat(users=agents(JONES)))
    mueller = desk.requester(MUELLER, "chats--access:rw")
    desk.call(FollowChat(id=chat_id), mueller)
    assert desk.chat(chat_id, by=mueller).is_followed
    desk.call(DeactivateChat(id=chat_id))
    assert desk.present(chat_id) == {SMITH, JONES}
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    assert not desk.chat(chat_id, by=mueller).is_followed
    assert desk.present(chat_id) == {SMITH}


def test_resuming_keeps_the_customer_and_the_mode(desk):
    customer = desk.customer()
    chat_id = desk.start(
        continuous=True, chat=InitialChat(users=[InitialUser(id=customer, type="customer")])
    )
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    chat = desk.chat(chat_id)
    assert customer in desk.present(chat_id)
    assert chat.properties["routing"]["continuous"] is True
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id), continuous=False))
    assert desk.chat(chat_id).properties["routing"]["continuous"] is False


def test_resuming_cannot_change_the_customer(desk):
    chat_id = desk.start_with(desk.customer())
    desk.call(DeactivateChat(id=chat_id))
    other = [InitialUser(id=desk.customer("Bob"), type="customer")]
    with pytest.raises(ValidationError, match="another customer"):
        desk.call(ResumeChat(chat=InitialChat(id=chat_id, users=other)))


def test_closing_writes_who_did_it_and_needs_presence(desk):
    from frontdesk.errors import AuthorizationError, ChatInactive

    chat_id = desk.start()
    with pytest.raises(AuthorizationError, match="not a user of the chat"):
        desk.call(DeactivateChat(id=chat_id), desk.agent)
    desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True), desk.agent)
    thread = desk.chat(chat_id).thread
    assert not thread.active
    assert thread.events[-1].text == "Agent Jones archived the chat"
    assert thread.events[-1].text_vars == {"agent": "Agent Jones"}
    (push,) = desk.pushed("chat_deactivated")
    assert (push.chat_id, push.thread_id, push.user_id) == (chat_id, thread.id, JONES)
    with pytest.raises(ChatInactive):
        desk.call(DeactivateChat(id=chat_id))


def test_statistics_of_the_customer_count_chats_and_threads(desk):
    from frontdesk.actions import GetCustomer

    customer = desk.customer()
    chat_id = desk.start_with(customer)
    desk.call(DeactivateChat(id=chat_id))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    shown = desk.call(GetCustomer(id=customer))
    assert (shown.statistics.chats_count, shown.statistics.threads_count) == (1, 2)
    assert shown.chat_ids == [chat_id]


def test_tags_of_the_first_thread_are_checked(desk):
    chat_id = desk.start(chat=InitialChat(thread=InitialThread(tags=["support"])))
    assert desk.chat(chat_id).thread.tags == ["support"]
    with pytest.raises(NotFound, match=r"`chat.thread.tags`"):
        desk.start(chat=InitialChat(thread=InitialThread(tags=["Support"])))


def test_system_messages_can_be_sent_along(desk):
    event = SystemMessage(system_message_type="mine", text="hi %you%", text_vars={"you": "Ann"})
    chat_id = desk.start(chat=InitialChat(thread=InitialThread(events=[event])))
    (shown,) = desk.chat(chat_id).thread.events
    assert (shown.text, shown.author_id) == ("hi %you%", None)


def test_removing_the_customer_is_not_possible(desk):
    from frontdesk.errors import InvalidArgument

    with pytest.raises(InvalidArgument):
        RemoveUserFromChat(chat_id="x", user_id="y", user_type="customer")


def test_an_inactive_thread_needs_nobody(desk):
    desk.only()
    assert not desk.chat(desk.start(active=False)).thread.active
