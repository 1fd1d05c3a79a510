"""Bans, and what they end: visits and chats. Who is banned is in ``ban_list``."""

from datetime import timedelta
from math import ceil

from frontdesk.pushes import BanLength
from frontdesk.pushes import CustomerBanned as CustomerBannedPush
from frontdesk.sandbox.store.records import BanRecord, CustomerRecord
from frontdesk.sandbox.world import ban_list
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.chats import closing
from frontdesk.sandbox.world.people import customers, names
from frontdesk.sandbox.world.world import World

__all__ = ["ban", "ban_for_seconds"]


def ban(world: World, record: CustomerRecord, days: int, actor: Actor | None) -> None:
    """Ban a customer for some days from now; see ``ban_for_seconds``."""
    _ban(world, timedelta(days=days), actor, record, None)


def ban_for_seconds(
    world: World,
    seconds: int,
    actor: Actor | None,
    *,
    record: CustomerRecord | None = None,
    ip: str | None = None,
) -> None:
    """Ban a customer, whoever comes from an IP address, or both, from now on.

    Visits end, and active chats are archived. The push names the customer and whole days.

    Raises:
        LimitReached: The license has no ban left.
    """
    _ban(world, timedelta(seconds=seconds), actor, record, ip)


def _ban(
    world: World,
    length: timedelta,
    actor: Actor | None,
    record: CustomerRecord | None,
    ip: str | None,
) -> None:
    now = world.clock.now()
    visit = record.profile.visit if record else None
    address = ip or (visit.ip if visit else None)
    ban_list.add(
        world,
        BanRecord(
            agent_id=actor.id if actor else "",
            created_at=now,
            expires_at=now + length,
            customer_id=record.id if record else None,
            ip=ban_list.normal_ip(address) if address else None,
            bans_ip=ip is not None,
            thread_id=_open_thread(world, record) if record else None,
        ),
    )
    days = ceil(length / timedelta(days=1))
    if record is not None:
        push = CustomerBannedPush(customer_id=record.id, ban=BanLength(days=days))
        world.push(push, customers.watchers(world, record), actor=actor)
        _end(world, record, actor, days)
    if ip is not None:
        for visitor in _visitors_from(world, ban_list.normal_ip(ip)):
            _end(world, visitor, actor, days)


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
        if online.profile.visit is not None
        and ban_list.normal_ip(online.profile.visit.ip or "") == ip
    ]
    return [customers.find(world, customer_id) for customer_id in ids]


def _end(world: World, record: CustomerRecord, actor: Actor | None, days: int) -> None:
    customers.leave_site(world, record, "customer_banned")
    for chat in customers.active_chats(world, record.id):
        closing.close(
            world,
            chat,
            "customer_banned",
            actor=actor,
            agent=names.name_of(world, actor.id) if actor else "",
            duration=str(days),
        )
