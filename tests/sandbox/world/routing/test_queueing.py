"""The queue."""

import pytest

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    GetChat,
)
from frontdesk.errors import GroupUnavailable
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import BROWN, JONES, MUELLER, NOWAK, SMITH


def agents_of(desk, chat_id):
    chat = desk.chat(chat_id)
    return [user.id for user in chat.users if user.present and user.type == "agent"]


def arrive(desk, name="Ann", **kwargs):
    """A new customer writes; the id of the chat."""
    customer = desk.visitor(name)
    desk.say(customer, **kwargs)
    return desk.chat_of(customer)


def test_the_queue_is_served_in_order(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 1)
    first, second, third = (arrive(desk, name) for name in ("Ann", "Bob", "Cid"))
    places = [desk.chat(one).thread.queue for one in (first, second, third)]
    assert places[0] is None
    assert [place.position for place in places[1:]] == [1, 2]
    assert places[1].wait_time < places[2].wait_time
    assert places[1].queued_at == desk.chat(second).thread.queue.queued_at
    desk.forget()
    desk.advance(minutes=1)
    desk.call(DeactivateChat(id=first))
    assert agents_of(desk, second) == [SMITH]
    thread = desk.chat(second).thread
    assert (thread.queue, thread.queues_duration) == (None, 60)
    assert thread.properties["routing"]["unassigned"] is False
    assert desk.chat(third).thread.queue.position == 1
    positions = desk.pushed("queue_positions_updated")[-1]
    assert [(one.chat_id, one.queue.position) for one in positions] == [(third, 1)]
    (push,) = desk.pushed("chat_transferred")
    assert (push.reason, push.transferred_to.agent_ids) == ("assigned", [SMITH])
    (added,) = desk.pushed("user_added_to_chat")
    assert (added.user.id, added.reason, added.requester_id) == (SMITH, "assigned", None)


def test_a_queued_chat_is_unassigned_and_pinned(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    chat = desk.chat(arrive(desk))
    assert chat.thread.properties["routing"]["unassigned"] is True
    assert chat.thread.properties["routing"]["pinned"] is True
    assert chat.properties["routing"]["unassigned"] is True


def test_incoming_chat_tells_the_place_in_the_queue(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    arrive(desk)
    (push,) = desk.pushed("incoming_chat")
    assert push.chat.thread.queue.position == 1
    assert push.requester_id is None


def test_whoever_begins_to_accept_chats_gets_queued_ones(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    chat_id = arrive(desk)
    desk.set_status(JONES, "accepting_chats")
    assert agents_of(desk, chat_id) == [JONES]


def test_queues_of_groups_are_apart(desk):
    desk.only(SMITH, MUELLER)
    desk.set_limit(SMITH, 0)
    desk.set_limit(MUELLER, 0)
    support, german = arrive(desk, group_ids=[1]), arrive(desk, group_ids=[3])
    assert desk.chat(german).thread.queue.position == 1
    desk.set_limit(MUELLER, 5)
    desk.set_status(NOWAK, "accepting_chats")
    assert agents_of(desk, german) == [MUELLER]
    assert agents_of(desk, support) == []


def test_the_priority_of_a_group_goes_before_waiting_time(desk):
    """`queue.routing_priority`: a lower number is served first."""
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    normal = arrive(desk, group_ids=[0])
    group = desk.world.store.company.groups[1]
    group.properties = {"chats": {"queue.routing_priority": 0}}
    desk.unit(lambda world: world.store.company.save_group(group))
    urgent = arrive(desk, group_ids=[1])
    desk.set_limit(SMITH, 1)
    desk.set_status(BROWN, "accepting_chats")
    desk.set_status(BROWN, "not_accepting_chats")
    desk.set_status(NOWAK, "accepting_chats")
    assert agents_of(desk, urgent) == [SMITH]
    assert agents_of(desk, normal) != [SMITH]


def test_taking_a_queued_chat_by_hand(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    chat_id = arrive(desk)
    desk.call(
        AddUserToChat(
            chat_id=chat_id,
            user_id=JONES,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        ),
        desk.agent,
    )
    thread = desk.chat(chat_id).thread
    assert thread.queue is None
    assert thread.properties["routing"]["unassigned"] is False


def test_without_a_queue_a_customer_without_an_agent_is_refused(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    desk.set_license("queue.enabled", value=False)
    before = desk.world.store.chats.count()
    with pytest.raises(GroupUnavailable):
        arrive(desk)
    assert desk.world.store.chats.count() == before


def test_a_full_queue_refuses(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    desk.set_license("queue.limit", 1)
    arrive(desk)
    with pytest.raises(GroupUnavailable):
        arrive(desk)


def test_a_group_may_override_the_queue_of_the_license(desk):
    desk.only(MUELLER)
    desk.set_limit(MUELLER, 0)
    group = desk.world.store.company.groups[3]
    group.properties = {"chats": {"queue.enabled.override": 0}}
    desk.unit(lambda world: world.store.company.save_group(group))
    with pytest.raises(GroupUnavailable):
        arrive(desk, group_ids=[3])
    assert desk.chat(arrive(desk)).thread.queue


def test_queue_and_chat_agree_after_everything(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 1)
    chats = [arrive(desk) for _ in range(5)]
    for chat_id in chats:
        desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))
    assert desk.world.store.queue.count() == 0
    assert desk.world.store.chats.loads()[SMITH] == 0
    assert all(not desk.call(GetChat(chat_id=one)).thread.active for one in chats)


def test_waiting_ends_when_nobody_is_left(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    waiting = arrive(desk, group_ids=[1])
    customer = desk.visitor()
    desk.unit(customer_actions.open_chat, customer, group_ids=[1], continuous=True)
    continuous = desk.chat_of(customer)
    for agent_id in (JONES, BROWN, desk.bot.id):
        desk.set_status(agent_id, "offline")
    assert desk.chat(waiting).thread.active
    desk.set_status(SMITH, "offline")
    thread = desk.chat(waiting).thread
    assert not thread.active
    assert thread.events[-1].text == "Chat archived due to no available agents"
    assert desk.chat(continuous).thread.queue.position == 1


def test_continuous_chats_have_a_queue_of_their_own_length(desk):
    desk.only()
    desk.set_license("queue_continuous.base", 1, "limits")
    people = [desk.visitor() for _ in range(2)]
    for one in people:
        desk.unit(customer_actions.open_chat, one, continuous=True)
    waiting, apart = (desk.chat(desk.chat_of(one)).thread for one in people)
    assert waiting.queue.position == 1
    assert apart.queue is None
    assert apart.properties["routing"]["unassigned"] is True
