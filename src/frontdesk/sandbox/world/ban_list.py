"""Bans: who may not come in, and since when and how long.

The license holds them. What a ban ends is in ``people.bans``.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import Final

from msgspec.structs import replace

from frontdesk.errors import CustomerBanned
from frontdesk.sandbox.store.records import BanRecord, CustomerRecord
from frontdesk.sandbox.world.properties import limits
from frontdesk.sandbox.world.world import World

__all__ = [
    "MAX_BAN_DAYS",
    "add",
    "in_force",
    "lift",
    "normal_ip",
    "refuse_address",
    "refuse_banned",
]

MAX_BAN_DAYS: Final = 36_500
"""The longest ban."""


def refuse_banned(world: World, record: CustomerRecord, *, ip: str | None = None) -> None:
    """Raise ``CustomerBanned`` while a customer, or the address that he or she is at, is banned.

    ``ip`` defaults to the address of the last visit.
    """
    if record.banned_until is not None and record.banned_until > world.clock.now():
        raise CustomerBanned(f"the customer `{record.id}` is banned")
    visit = record.profile.visit
    address = ip or (visit.ip if visit else None)
    if address is not None:
        refuse_address(world, address)


def refuse_address(world: World, address: str) -> None:
    """Raise ``CustomerBanned`` while an IP address is banned, whoever comes from it."""
    bans = in_force(world)
    if any(ban.bans_ip and ban.ip == normal_ip(address) for ban in bans):
        raise CustomerBanned(f"the IP address `{address}` is banned")


def in_force(world: World) -> list[BanRecord]:
    """Return the bans that have not ended, in the order in which they were made."""
    bans = world.store.company.license.bans
    if not bans:
        return []
    now = world.clock.now()
    return [ban for ban in bans if ban.expires_at > now]


def add(world: World, ban: BanRecord) -> None:
    """Keep a ban, in the place of the one that the customer, address or both had.

    Raises:
        LimitReached: The license has no ban left.
    """
    bans = in_force(world)
    others = [other for other in bans if _subject(other) != _subject(ban)]
    if len(others) == len(bans):
        limits.check(world, "banned", len(bans) + 1, "bans")
    _keep(world, [*others, ban], [ban.customer_id])


def lift(world: World, agrees: Callable[[BanRecord], bool]) -> list[BanRecord]:
    """End bans now; return those that were in force."""
    bans = in_force(world)
    lifted = [ban for ban in bans if agrees(ban)]
    kept = [ban for ban in bans if not agrees(ban)]
    _keep(world, kept, [ban.customer_id for ban in lifted])
    return lifted


def normal_ip(ip: str) -> str:
    """Return an address as it is compared: those of version 6 have many spellings."""
    try:
        return str(ip_address(ip.strip()))
    except ValueError:
        # A test may name its visitors' addresses as it likes.
        return ip.strip()


def _subject(ban: BanRecord) -> tuple[str | None, str | None]:
    return ban.customer_id, ban.ip if ban.bans_ip else None


def _keep(world: World, bans: list[BanRecord], customer_ids: Sequence[str | None]) -> None:
    license_record = replace(world.store.company.license, bans=bans)
    world.store.company.save_license(license_record)
    for customer_id in dict.fromkeys(customer_ids):
        record = None if customer_id is None else world.store.customers.get(customer_id)
        if record is not None:
            record.banned_until = _last_end(bans, record.id)


def _last_end(bans: Sequence[BanRecord], customer_id: str) -> datetime | None:
    ends = [ban.expires_at for ban in bans if ban.customer_id == customer_id]
    return max(ends, default=None)
