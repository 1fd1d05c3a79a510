"""Who calls: the region to call at, and bots that an agent's token acts as."""

from typing import Final

from msgspec.structs import replace

from frontdesk.errors import MisdirectedRequest, ValidationError
from frontdesk.sandbox.world import Requester, World
from frontdesk.sandbox.world.actor import Actor

__all__ = ["NOBODY", "REGIONS", "acting_as", "check_region"]

REGIONS: Final = ("dal", "fra")
NOBODY: Final = Requester(id="")
"""Whoever calls a method that needs no token, without one."""
_SHOWN: Final = 64


def check_region(world: World, requester: Actor, asked: str | None) -> None:
    """Check that the license lives in the region that a call asks for.

    Args:
        world: whose license it is.
        requester: whose token names a region too, which counts when nothing is asked for.
        asked: the region that the caller names, if any.

    Raises ``MisdirectedRequest`` with the right region, and ``ValidationError`` for one that does
    not exist.
    """
    home = world.store.company.license.region
    region = asked or requester.region
    if region == home:
        return
    if region not in REGIONS:
        raise ValidationError("`X-Region` must be `dal` or `fra`")
    raise MisdirectedRequest("Wrong region", data={"region": home})


def acting_as(world: World, requester: Requester, field: str, bot_id: str) -> Requester:
    """The requester acting as the bot that a field names; raises ``ValidationError``."""
    bot = world.store.company.agents.get(bot_id)
    if bot is None or not bot.bot:
        raise ValidationError(f"`{field}`: there is no bot `{bot_id[:_SHOWN]}`")
    return replace(requester, id=bot.id, account_id=bot.account_id, bot=True, role="normal")
