"""License and group properties set through the API: what they steer follows at once."""

import pytest

from frontdesk.actions import (
    DeleteGroupProperties,
    DeleteLicenseProperties,
    UpdateGroupProperties,
    UpdateLicenseProperties,
)
from frontdesk.errors import GroupUnavailable
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import JONES, SMITH


def set_license(desk, **values):
    """Set properties of the namespace `chats`; `queue_enabled` is `queue.enabled`."""
    named = {name.replace("queue_", "queue."): value for name, value in values.items()}
    desk.call(UpdateLicenseProperties(properties={"chats": named}))


def set_group(desk, group_id, name, value):
    desk.call(UpdateGroupProperties(group_id=group_id, properties={"chats": {name: value}}))


def started(desk, *group_ids):
    """A new customer's chat."""
    customer_id = desk.visitor()
    desk.say(customer_id, group_ids=group_ids or (0,))
    return desk.chat_of(customer_id)


def queued(desk, chat_id):
    return desk.chat(chat_id).thread.queue is not None


def agents_in(desk, chat_id):
    return {user.id for user in desk.chat(chat_id).users if user.present and user.type == "agent"}


def end(desk, chat_id):
    desk.unit(customer_actions.close_chat, desk.world.store.chats.read(chat_id).customer_id)


def active(desk, chat_id):
    return desk.chat(chat_id).thread.active


@pytest.fixture
def full(desk):
    """One agent, whose only place is taken."""
    desk.only(SMITH)
    agent = desk.world.store.company.agents[SMITH]
    agent.max_chats = None
    desk.unit(lambda world: world.store.company.save_agent(agent))
    set_license(desk, max_agent_active_chats=1)
    return started(desk)


def test_queue_enabled(desk, full):
    waiting = started(desk)
    set_license(desk, queue_enabled=False)
    with pytest.raises(GroupUnavailable):
        started(desk)
    assert queued(desk, waiting)
    set_license(desk, queue_enabled=True)
    assert queued(desk, started(desk))


def test_queue_enabled_of_a_group(desk, full):
    set_group(desk, 1, "queue.enabled.override", 0)
    with pytest.raises(GroupUnavailable):
        started(desk, 1)
    assert queued(desk, started(desk, 0))
    desk.call(DeleteGroupProperties(id=1, properties={"chats": ["queue.enabled.override"]}))
    assert queued(desk, started(desk, 1))


def test_max_agent_active_chats(desk, full):
    waiting = started(desk)
    assert queued(desk, waiting)
    set_license(desk, max_agent_active_chats=2)
    assert not queued(desk, waiting)
    assert agents_in(desk, waiting) == {SMITH}


def test_deleting_a_value_has_the_default_count_again(desk, full):
    waiting = started(desk)
    desk.call(DeleteLicenseProperties(properties={"chats": ["max_agent_active_chats"]}))
    assert agents_in(desk, waiting) == {SMITH}


def test_manual_routing(desk):
    desk.only(SMITH)
    set_license(desk, manual_routing=True)
    waiting = started(desk)
    assert queued(desk, waiting)
    assert agents_in(desk, waiting) == set()
    set_license(desk, manual_routing=False)
    assert agents_in(desk, waiting) == {SMITH}


def test_manual_routing_of_a_group(desk):
    desk.only(SMITH)
    set_group(desk, 1, "manual_routing.override", 1)
    waiting = started(desk, 1)
    assert queued(desk, waiting)
    assert agents_in(desk, started(desk, 0)) == {SMITH}
    set_group(desk, 1, "manual_routing.override", 0)
    assert agents_in(desk, waiting) == {SMITH}
    # -1 leaves it to the license.
    set_license(desk, manual_routing=True)
    assert agents_in(desk, started(desk, 1)) == {SMITH}
    set_group(desk, 1, "manual_routing.override", -1)
    assert queued(desk, started(desk, 1))


def test_queue_routing_priority(desk, full):
    first, second = started(desk, 1), started(desk, 0)
    assert [desk.chat(chat).thread.queue.position for chat in (first, second)] == [1, 1]
    desk.forget()
    set_group(desk, 1, "queue.routing_priority", 5)
    assert desk.pushed("queue_positions_updated")
    end(desk, full)
    assert agents_in(desk, second) == {SMITH}
    assert queued(desk, first)


@pytest.mark.parametrize("prefer", [False, True])
def test_prefer_recent_agent(desk, prefer):
    desk.only(JONES)
    customer_id = desk.visitor()
    desk.say(customer_id)
    chat_id = desk.chat_of(customer_id)
    end(desk, chat_id)
    desk.only(SMITH, JONES)
    set_license(desk, prefer_recent_agent=prefer)
    desk.say(customer_id)
    assert agents_in(desk, chat_id) == {JONES if prefer else SMITH}


def test_chat_inactive_after_min(desk):
    desk.only(SMITH)
    chat_id = started(desk)
    set_license(desk, chat_inactive_after_min=3, archive_chat_after_min=0)
    desk.advance(minutes=4)
    assert "routing.idle" in desk.system_messages(chat_id)
    assert desk.chat(chat_id).thread.properties["routing"]["idle"] is True


def test_archive_chat_after_min(desk):
    desk.only(SMITH)
    chat_id = started(desk)
    desk.advance(minutes=2)
    set_license(desk, archive_chat_after_min=5)
    desk.advance(minutes=2)
    assert active(desk, chat_id)
    desk.advance(minutes=2)
    assert not active(desk, chat_id)


def test_a_time_that_has_passed_already_is_due_at_once(desk):
    desk.only(SMITH)
    chat_id = started(desk)
    desk.advance(minutes=9)
    set_license(desk, archive_chat_after_min=5)
    assert not active(desk, chat_id)


def test_a_time_that_was_never_comes(desk):
    desk.only(SMITH)
    set_license(desk, archive_chat_after_min=0, chat_inactive_after_min=0)
    chat_id = started(desk)
    desk.advance(hours=5)
    assert active(desk, chat_id)
    set_license(desk, archive_chat_after_min=360)
    desk.advance(hours=2)
    assert not active(desk, chat_id)


def test_archive_offline_chat_after_min(desk):
    desk.only(SMITH)
    customer_id = desk.visitor()
    chat = desk.unit(customer_actions.open_chat, customer_id, continuous=True)
    other = started(desk)
    set_license(desk, archive_offline_chat_after_min=2)
    desk.advance(minutes=3)
    assert not active(desk, chat.id)
    assert active(desk, other)


def test_transfer_chat_after_min(desk):
    desk.only(SMITH)
    chat_id = started(desk)
    desk.set_status(JONES, "accepting_chats")
    set_license(desk, transfer_chat_after_min=2)
    desk.advance(minutes=3)
    assert agents_in(desk, chat_id) == {JONES}


def test_customer_timeout_after_min(desk):
    customer_id = desk.visitor()
    set_license(desk, customer_timeout_after_min=7)
    desk.advance(minutes=6)
    assert desk.world.store.customers.read(customer_id).online
    desk.advance(minutes=2)
    assert not desk.world.store.customers.read(customer_id).online
    assert [left.id for left in desk.pushed("customer_left")] == [customer_id]


def test_auto_summary_enabled(desk):
    desk.only(SMITH)
    set_license(desk, auto_summary_enabled=True)
    chat_id = started(desk)
    end(desk, chat_id)
    desk.advance(minutes=5)
    assert desk.pushed("thread_summary_set")


def test_a_value_that_is_refused_changes_nothing(desk, full):
    waiting = started(desk)
    desk.forget()
    with pytest.raises(Exception, match=r"queue\.enabled"):
        desk.call(
            UpdateLicenseProperties(
                properties={"chats": {"max_agent_active_chats": 5, "queue.enabled": 1}}
            )
        )
    assert queued(desk, waiting)
    assert desk.names() == []
