"""Routing statuses of agents and groups."""

from frontdesk.actions import (
    ListRoutingStatuses,
)

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
