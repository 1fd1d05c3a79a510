"""The places of chats that wait, as their customers get to know of them."""

import pytest

from frontdesk.errors import ValidationError
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import SMITH
from ..._website import visitor


def crowd(desk):
    """Nobody has a place, and one customer after the other comes."""
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    return [visitor(desk, name, f"tab-{name}") for name in ("Ann", "Bob", "Cem")]


def places(tab):
    return [push.queue.position for push in tab.got("queue_position_updated")]


def test_the_place_a_chat_begins_with_comes_with_the_chat(desk):
    ann, bob, _ = crowd(desk)
    desk.say(ann.id)
    desk.say(bob.id)
    assert places(ann) == places(bob) == []


def test_customers_get_their_own_place_when_it_changes(desk):
    ann, bob, cem = crowd(desk)
    for tab in (ann, bob, cem):
        desk.say(tab.id)
    desk.forget()
    desk.unit(customer_actions.close_chat, ann.id)
    assert places(ann) == []
    (push,) = bob.got("queue_position_updated")
    assert push.chat_id == desk.chat_of(bob.id)
    assert (push.queue.position, push.queue.wait_time) == (1, 300)
    assert places(cem) == [2]


def test_a_waiting_time_that_changes_is_pushed_too(desk):
    ann, bob, _ = crowd(desk)
    desk.say(ann.id)
    desk.say(bob.id)
    desk.forget()
    desk.set_license("max_agent_active_chats", 0)
    desk.set_status("brown@example.com", "accepting_chats")
    desk.unit(customer_actions.close_chat, ann.id)
    assert [push.queue.wait_time for push in bob.got("queue_position_updated")] == [150]


def test_a_change_that_is_undone_is_pushed_when_it_happens(desk):
    ann, bob, _ = crowd(desk)
    desk.say(ann.id)
    desk.say(bob.id)
    desk.forget()

    def fail(world):
        customer_actions.close_chat(world, ann.id)
        raise ValidationError("something later in the unit")

    with pytest.raises(ValidationError):
        desk.unit(fail)
    assert places(bob) == []
    desk.unit(customer_actions.close_chat, ann.id)
    assert places(bob) == [1]


def test_customers_who_are_not_connected_cost_nothing(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    for name in ("Ann", "Bob"):
        desk.say(desk.visitor(name))
    assert desk.world.queue_places == {}
    assert not [effect for effect in desk.heard if effect.customer_push]
    assert len(desk.pushed("queue_positions_updated")) == 2


def test_a_chat_that_waits_no_more_is_forgotten(desk):
    ann, *_ = crowd(desk)
    desk.say(ann.id)
    assert len(desk.world.queue_places) == 1
    desk.set_limit(SMITH, 1)
    desk.set_status(SMITH, "not_accepting_chats")
    desk.set_status(SMITH, "accepting_chats")
    assert SMITH in desk.present(desk.chat_of(ann.id))
    assert desk.world.queue_places == {}
