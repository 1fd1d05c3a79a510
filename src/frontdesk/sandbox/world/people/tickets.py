"""Tickets that customers leave in HelpDesk while nobody is there to chat with."""

from collections.abc import Sequence

from frontdesk.errors import GroupsOffline, NotFound, ValidationError
from frontdesk.models import Ticket
from frontdesk.pushes import TicketCreated, TicketDeleted
from frontdesk.sandbox.store.records import CustomerRecord
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.chats import starting
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.world import World

__all__ = ["delete", "leave"]

INBOX = "inbox"


def leave(world: World, record: CustomerRecord, group_ids: Sequence[int] = (0,)) -> str:
    """Leave a ticket, and return its id.

    Args:
        world: Where it happens.
        record: Who leaves it.
        group_ids: The groups that the website asks; all of them must be offline, as the form for a
            ticket is shown only then (assumed).

    Raises:
        CustomerBanned: The customer is banned.
        ValidationError: Somebody of the groups accepts chats.
    """
    refuse_banned(world, record)
    try:
        starting.require_online_group(world, group_ids, field="group_ids")
    except GroupsOffline:
        pass
    else:
        raise ValidationError("`group_ids`: a group is online; start a chat instead of a ticket")
    now = world.clock.now()
    ticket = Ticket(ticket_id=world.ids.uuid4(), created_at=now)
    record.profile.tickets = [*(record.profile.tickets or ()), ticket]
    customers.count(world, record, tickets_count=1, tickets_inbox_count=1)
    world.push(
        TicketCreated(
            customer_id=record.id,
            ticket_id=ticket.ticket_id,
            silo=INBOX,
            created_at=now,
        ),
        customers.watchers(world, record),
    )
    return ticket.ticket_id


def delete(world: World, record: CustomerRecord, ticket_id: str) -> None:
    """Delete a ticket, as agents do in HelpDesk.

    Raises:
        NotFound: The customer has no such ticket.
    """
    tickets = record.profile.tickets or []
    others = [ticket for ticket in tickets if ticket.ticket_id != ticket_id]
    if len(others) == len(tickets):
        raise NotFound(f"`ticket_id`: the customer `{record.id}` has no ticket `{ticket_id}`")
    record.profile.tickets = others or None
    customers.count(world, record, tickets_count=-1, tickets_inbox_count=-1)
    world.push(
        TicketDeleted(customer_id=record.id, ticket_id=ticket_id),
        customers.watchers(world, record),
    )
