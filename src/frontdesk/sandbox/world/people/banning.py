"""What a ban ends: visits and chats."""

from datetime import timedelta
from math import ceil

from frontdesk.pushes import BanLength
from frontdesk.pushes import CustomerBanned as CustomerBannedPush
from frontdesk.sandbox.store.records import BanRecord, CustomerRecord
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import closing
from frontdesk.sandbox.world.people import bans, customers, names
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.world import World

__all__ = ["ban"]


def ban(
    world: World,
    requester: Requester,
    length: timedelta,
    *,
    record: CustomerRecord | None = None,
    ip: str | None = None,
) -> None:
    """Ban a customer, whoever comes from an IP address, or both, from now on.

    Visits end, and active chats are archived. The push names the customer and whole days.

    Raises:
        LimitReached: The license has no ban left.
    """
    now = world.clock.now()
    visit = record.profile.visit if record else None
    address = ip or (visit.ip if visit else None)
    bans.add(
        world,
        BanRecord(
            agent_id=requester.id,
            created_at=now,
            expires_at=now + length,
            customer_id=record.id if record else None,
            ip=bans.normal_ip(address) if address else None,
            bans_ip=ip is not None,
            thread_id=_open_thread(world, record) if record else None,
        ),
    )
    days = ceil(length / timedelta(days=1))
    if record is not None:
        push = CustomerBannedPush(customer_id=record.id, ban=BanLength(days=days))
        world.push(push, Recipients(customer_id=record.id), actor=requester)
        _end(world, record, requester, days)
    if ip is not None:
        for visitor in _visitors_from(world, bans.normal_ip(ip)):
            _end(world, visitor, requester, days)


def _open_thread(world: World, record: CustomerRecord) -> str | None:
    for chat in customers.active_chats(world, record.id):
        if chat.last_thread is not None:
            return chat.last_thread.id
    return None


def _visitors_from(world: World, ip: str) -> list[CustomerRecord]:
    """Return the customers on the website who came from an address."""
    ids = [
        online.id
        for online in world.store.customers.online(limit=-1)
        if online.profile.visit is not None and bans.normal_ip(online.profile.visit.ip or "") == ip
    ]
    return [customers.find(world, customer_id) for customer_id in ids]


def _end(world: World, record: CustomerRecord, requester: Requester, days: int) -> None:
    customers.leave_site(world, record)
    for chat in customers.active_chats(world, record.id):
        closing.close(
            world,
            chat,
            "customer_banned",
            actor=requester,
            agent=names.name_of(world, requester.id),
            duration=str(days),
        )
