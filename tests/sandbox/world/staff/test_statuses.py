"""Routing statuses of agents and groups."""

from frontdesk.actions import ListRoutingStatuses, SetRoutingStatus
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import GARCIA, JONES, MUELLER, NOWAK, SMITH


def test_statuses_are_listed(desk):
    listed = {one.agent_id: one.status for one in desk.call(ListRoutingStatuses())}
    assert listed[SMITH] == listed[JONES] == "accepting_chats"
    assert listed[GARCIA] == "not_accepting_chats"
    assert listed[NOWAK] == "offline"
    assert desk.bot.id in listed
    assert list(listed) == sorted(listed)


def test_statuses_of_groups(desk):
    from frontdesk.models import RoutingStatusesFilters

    filters = RoutingStatusesFilters(group_ids=[3])
    listed = [one.agent_id for one in desk.call(ListRoutingStatuses(filters=filters))]
    assert listed == [GARCIA, MUELLER]


def test_a_change_names_who_made_it(desk):
    desk.forget()
    desk.call(SetRoutingStatus(agent_id=JONES, status="not_accepting_chats"))
    (effect,) = desk.effects("routing_status_set")
    assert effect.actor == desk.owner
    desk.forget()
    desk.set_status(JONES, "accepting_chats")
    (effect,) = desk.effects("routing_status_set")
    assert effect.actor is None


def test_the_queue_of_a_group_that_goes_offline_ends(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    waits = desk.visitor()
    chat_id = desk.unit(customer_actions.open_chat, waits, group_ids=[1], continuous=False).id
    assert desk.chat(chat_id).thread.queue
    for agent in list(desk.world.store.company.agents):
        desk.set_status(agent, "offline")
    assert not desk.chat(chat_id).thread.active
