"""The Configuration API: bans of customers."""

from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from typing import Final

from msgspec import UNSET

from frontdesk.actions import BanCustomerOrIp, ListCustomerBans, UnbanCustomer
from frontdesk.errors import NotFound, ValidationError
from frontdesk.models import CustomerBan
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.world import ban_list, properties
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.people import bans, customers
from frontdesk.sandbox.world.world import World

__all__ = ["ban_customer", "list_customer_bans", "unban_customer"]

_MOST_SECONDS: Final = ban_list.MAX_BAN_DAYS * 86400


@handles(
    ListCustomerBans,
    rules=(
        documented("Bans that are in force; there are no pages."),
        assumed("All of the license, the newest first."),
        assumed("Of a customer: the address of the visit, and the thread that the ban closed."),
    ),
)
def list_customer_bans(world: World, _: Requester, __: ListCustomerBans) -> list[CustomerBan]:
    """List the bans."""
    return [
        CustomerBan(
            agent_id=ban.agent_id,
            created_at=ban.created_at,
            expires_at=ban.expires_at,
            ip=ban.ip,
            customer_id=ban.customer_id,
            thread_id=ban.thread_id,
        )
        for ban in reversed(ban_list.in_force(world))
    ]


@handles(
    UnbanCustomer,
    rules=(
        documented("Exactly one of `ip` and `customer_id`."),
        assumed(
            "An address lifts each ban that has it, those of customers included; a customer each "
            "ban of his or hers."
        ),
        assumed("`not_found` is the error where no ban is in force; nothing is pushed."),
    ),
)
def unban_customer(world: World, _: Requester, action: UnbanCustomer) -> None:
    """End bans; whom they kept out may come back."""
    if action.ip is not UNSET:
        address = ban_list.normal_ip(action.ip)
        if not ban_list.lift(world, lambda ban: ban.ip == address):
            raise NotFound(f"`ip`: no ban of `{action.ip}` is in force")
    elif not ban_list.lift(world, lambda ban: ban.customer_id == action.customer_id):
        raise NotFound(f"`customer_id`: no ban of `{action.customer_id}` is in force")


@handles(
    BanCustomerOrIp,
    rules=(
        documented("At least one of `ip` and `customer_id`; both may be given."),
        documented("`ip` must not match the license property `monitoring.ip_mask`."),
        assumed(
            "The mask holds addresses, networks such as `10.0.0.0/8`, and patterns such as "
            "`10.1.*`, between commas or blanks."
        ),
        assumed(
            "A customer is banned as by the Agent Chat API, with `customer_banned` for the days "
            "rounded up; others who come from a banned address have no push."
        ),
        assumed(
            "Visits from a banned address end, their chats are archived, and new ones are refused."
        ),
        assumed(
            "Calls of customers that come from it are refused, over RTM and over HTTP, whoever "
            "they are of."
        ),
        assumed("`not_found` is the error for a customer who is not there."),
        assumed(
            "`limit_reached` is the error beyond what `limits.banned` says, which "
            "counts bans of both APIs."
        ),
    ),
)
def ban_customer(world: World, requester: Requester, action: BanCustomerOrIp) -> None:
    """Ban a customer, an address, or both."""
    if action.seconds > _MOST_SECONDS:
        raise ValidationError(f"`seconds` must be at most {_MOST_SECONDS}")
    ip = None
    if action.ip is not UNSET:
        ip = _checked_ip(world, action.ip)
    record = None
    if action.customer_id is not UNSET:
        record = customers.find(world, action.customer_id, "customer_id")
    bans.ban_for_seconds(world, action.seconds, requester, record=record, ip=ip)


def _checked_ip(world: World, ip: str) -> str:
    try:
        address = ip_address(ip.strip())
    except ValueError:
        raise ValidationError(f"`ip` must be an IP address, not {ip[:64]!r}") from None
    mask: str = properties.license_value(world, "monitoring", "ip_mask", "")
    for pattern in mask.replace(",", " ").replace(";", " ").split():
        if _matches(str(address), pattern):
            raise ValidationError(f"`ip` matches `{pattern}` of `monitoring.ip_mask`")
    return str(address)


def _matches(address: str, pattern: str) -> bool:
    try:
        return ip_address(address) in ip_network(pattern, strict=False)
    except ValueError:
        return fnmatchcase(address, pattern)
