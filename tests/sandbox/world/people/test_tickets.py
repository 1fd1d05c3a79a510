"""Tickets that customers leave while everybody is offline."""

import pytest

from frontdesk.actions import GetCustomer
from frontdesk.errors import NotFound, ValidationError
from frontdesk.sandbox.world.people import customers, tickets

from ..._desk import MUELLER


def leave(desk, customer_id, *group_ids):
    return desk.unit(
        lambda world: tickets.leave(world, customers.find(world, customer_id), group_ids or (0,))
    )


def delete(desk, customer_id, ticket_id):
    desk.unit(lambda world: tickets.delete(world, customers.find(world, customer_id), ticket_id))


def test_a_ticket_is_left_and_deleted(desk):
    desk.only()
    ann = desk.visitor()
    desk.forget()
    ticket_id = leave(desk, ann)
    profile = desk.call(GetCustomer(id=ann))
    assert [ticket.ticket_id for ticket in profile.tickets] == [ticket_id]
    assert (profile.statistics.tickets_count, profile.statistics.tickets_inbox_count) == (1, 1)
    (created,) = desk.pushed("ticket_created")
    assert (created.customer_id, created.ticket_id, created.silo) == (ann, ticket_id, "inbox")
    assert created.created_at == profile.tickets[0].created_at

    delete(desk, ann, ticket_id)
    profile = desk.call(GetCustomer(id=ann))
    assert (profile.tickets, profile.statistics.tickets_count) == (None, 0)
    (deleted,) = desk.pushed("ticket_deleted")
    assert (deleted.customer_id, deleted.ticket_id) == (ann, ticket_id)
    with pytest.raises(NotFound, match=ticket_id):
        delete(desk, ann, ticket_id)


def test_while_somebody_of_the_groups_is_there_no_ticket_is_left(desk):
    desk.only(MUELLER)
    ann = desk.visitor()
    with pytest.raises(ValidationError, match="start a chat"):
        leave(desk, ann, 3)
    assert leave(desk, ann, 1)
    assert len(desk.pushed("ticket_created")) == 1
