"""Bans: who may not come in."""

from datetime import timedelta

from frontdesk.errors import CustomerBanned, LimitReached
from frontdesk.pushes import BanLength
from frontdesk.pushes import CustomerBanned as CustomerBannedPush
from frontdesk.sandbox.store.records import CustomerRecord
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.world import World

__all__ = ["ban", "refuse_banned"]


def refuse_banned(world: World, record: CustomerRecord) -> None:
    """Raise ``CustomerBanned`` while a customer is banned."""
    if record.banned_until is not None and record.banned_until > world.clock.now():
        raise CustomerBanned(f"the customer `{record.id}` is banned")


def ban(world: World, record: CustomerRecord, days: int, actor: Actor | None) -> None:
    """Ban a customer for some days from now; the caller ends visits and chats.

    Raises:
        LimitReached: The license has no ban left.
    """
    now = world.clock.now()
    limit = int(properties.license_value(world, "limits", "banned.base", 100))
    already = record.banned_until is not None and record.banned_until > now
    if not already and world.store.customers.banned(world.clock.peek()) >= limit:
        raise LimitReached(f"the license allows {limit} banned customers")
    record.banned_until = now + timedelta(days=days)
    world.push(
        CustomerBannedPush(customer_id=record.id, ban=BanLength(days=days)),
        Recipients(customer_id=record.id),
        actor=actor,
    )
