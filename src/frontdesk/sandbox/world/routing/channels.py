"""The channels that chats have come through, each noted with its first chat."""

from datetime import datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from frontdesk.sandbox.store.records import ChannelRecord
from frontdesk.sandbox.world.actor import Actor, CustomerActor
from frontdesk.sandbox.world.world import World

__all__ = ["note"]

CHAT_PAGE_HOST: Final = "direct.lc.chat"
"""Where the page of a license is that is nothing but a chat, for links in e-mails and the like."""

ChannelType = Literal["code", "direct_link", "integration"]


def note(world: World, actor: Actor, now: datetime) -> None:
    """Note that somebody starts a chat, if it is the first of its channel."""
    license = world.store.company.license
    kind, subtype = _channel(world, actor)
    if not any((known.type, known.subtype) == (kind, subtype) for known in license.channels):
        license.channels.append(ChannelRecord(kind, subtype, now))
        world.store.company.save_license(license)


def _channel(world: World, actor: Actor) -> tuple[ChannelType, str]:
    if not isinstance(actor, CustomerActor):
        return "integration", actor.client_id
    customer = world.store.customers.read(actor.id)
    visit = customer.profile.visit if customer else None
    pages = visit.last_pages if visit else None
    if pages and pages[-1].url and _host(pages[-1].url) == CHAT_PAGE_HOST:
        return "direct_link", ""
    return "code", ""


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
