"""Statuses of groups, as customers ask for them and get to know of changes."""

import pytest

from frontdesk.actions import SendEvent
from frontdesk.actions.customer import ListGroupStatuses
from frontdesk.errors import ValidationError
from frontdesk.models import Message

from ..._desk import MUELLER, SMITH
from ..._website import visitor


def statuses(tab, **which):
    return tab.call(ListGroupStatuses(**(which or {"all": True}))).groups_status


def changes(tab):
    return [
        {group.id: group.status for group in push.groups}
        for push in tab.got("groups_status_updated")
    ]


def test_groups_are_online_busy_or_offline(desk):
    desk.only(SMITH)
    ann = visitor(desk)
    assert statuses(ann) == {"0": "online", "1": "online", "2": "offline", "3": "offline"}
    desk.set_limit(SMITH, 0)
    assert statuses(ann, group_ids=[1]) == {"1": "online_for_queue"}
    desk.set_license("queue.enabled", value=False)
    assert statuses(ann, group_ids=[1]) == {"1": "offline"}


def test_where_agents_pick_chats_themselves_a_chat_would_wait(desk):
    desk.set_license("manual_routing", value=True)
    assert statuses(visitor(desk), group_ids=[0]) == {"0": "online_for_queue"}


def test_groups_that_are_not_there_are_left_out(desk):
    assert list(statuses(visitor(desk), group_ids=[99, 1, 1])) == ["1"]


def test_all_counts_more_than_some(desk):
    assert len(statuses(visitor(desk), all=True, group_ids=[1])) == 4


def test_neither_all_nor_some_is_refused(desk):
    with pytest.raises(ValidationError, match="`all`"):
        visitor(desk).call(ListGroupStatuses(all=False))


def test_changes_are_pushed_to_all_customers_at_once(desk):
    desk.only(SMITH)
    ann, bob = visitor(desk), visitor(desk, "Bob", "tab-2")
    desk.set_status(MUELLER, "accepting_chats")
    assert changes(ann) == changes(bob) == [{3: "online"}]
    desk.forget()
    desk.set_status(SMITH, "not_accepting_chats")
    assert changes(ann) == [{1: "offline"}]


def test_the_last_free_place_that_is_taken_is_a_change(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 1)
    ann, bob = visitor(desk), visitor(desk, "Bob", "tab-2")
    desk.say(ann.id)
    assert changes(bob) == [{0: "online_for_queue", 1: "online_for_queue"}]


def test_what_changes_no_status_pushes_nothing(desk):
    desk.only(SMITH)
    ann = visitor(desk)
    desk.say(ann.id)
    desk.call(SendEvent(chat_id=desk.chat_of(ann.id), event=Message(text="hello")))
    assert changes(ann) == []


def test_nothing_is_pushed_while_nobody_is_connected(desk):
    desk.only(SMITH)
    ann = visitor(desk)
    ann.close()
    desk.forget()
    desk.only()
    assert changes(ann) == []
    ann.log_in()
    desk.set_status(SMITH, "accepting_chats")
    assert changes(ann) == [{0: "online", 1: "online"}]


def test_a_change_that_is_undone_is_pushed_when_it_happens_again(desk):
    desk.only(SMITH)
    ann = visitor(desk)

    def fail(world):
        from frontdesk.sandbox.world.staff import statuses as of_staff

        of_staff.change(world, world.store.company.agents[MUELLER], "accepting_chats")
        raise ValidationError("something later in the unit")

    with pytest.raises(ValidationError):
        desk.unit(fail)
    assert changes(ann) == []
    desk.set_status(MUELLER, "accepting_chats")
    assert changes(ann) == [{3: "online"}]
