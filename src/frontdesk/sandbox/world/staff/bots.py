"""Bots: what the API shows of them, whose they are, and how they are made, changed and deleted.

A bot is an ``AgentRecord`` with ``bot`` true. It is made by ``create_bot``, or for a template,
whose id it has then.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.errors import NotFound
from frontdesk.models import BotConfig, GroupMembership, GroupPriority, WorkScheduler
from frontdesk.pushes import BotCreated, BotUpdated
from frontdesk.sandbox.store import from_micros
from frontdesk.sandbox.store.records import AgentRecord, Priority, TokenRecord
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.recipients import EVERYBODY
from frontdesk.sandbox.world.staff import groups, seats, shifts, statuses
from frontdesk.sandbox.world.world import World

__all__ = [
    "MAX_CHATS",
    "TOKEN_SCOPES",
    "TOKEN_SECONDS",
    "add",
    "change",
    "config_of",
    "enter_group",
    "find",
    "has_secret",
    "is_own",
    "issue_token",
    "memberships",
    "names_everybodys",
    "with_default",
]

MAX_CHATS: Final = 6
"""How many chats at a time a bot takes by default."""

TOKEN_SECONDS: Final = 24 * 60 * 60
"""How long the token of a bot lives."""

TOKEN_SCOPES: Final = ("chats--access:rw", "agents-bot--my:rw", "customers:rw")
"""What every bot token has.

Source: https://platform.text.com/docs/management/configuration-api#issue-bot-token
"""


def find(world: World, bot_id: str, field: str = "id") -> AgentRecord:
    """Return the bot of an id.

    Raises:
        NotFound: There is none; the message names the field of the request.
    """
    bot = world.store.company.agents.get(bot_id)
    if bot is None or not bot.bot:
        raise NotFound(f"`{field}`: there is no bot `{bot_id}`")
    return bot


def is_own(requester: Requester, bot: AgentRecord) -> bool:
    """Return whether a bot is the requester's.

    The bots of an application are those of everybody who calls through it; all that were made with
    personal access tokens are those of everybody who calls with one, since such a token belongs to
    no application. Bots have no such tokens: theirs are of the client id, however they were made.
    """
    if requester.personal:
        return bot.made_with_pat
    if bot.made_with_pat and not requester.bot:
        return False
    return bot.owner_client_id == requester.client_id


def memberships(
    world: World,
    named: Sequence[GroupMembership] | UnsetType,
    default: Priority | None,
) -> dict[int, Priority]:
    """Return the groups of a bot, with its priority in each.

    Args:
        world: Where the groups are.
        named: Those that are given; ``UNSET`` for every group, or for group 0 if there is no
            default.
        default: The priority where none is given. Everybody is in group 0, given or not.

    Raises:
        ValidationError: A group is named twice.
        GroupNotFound: There is no such group.
    """
    if named is UNSET:
        everywhere = sorted(world.store.company.groups)
        return {0: "normal"} if default is None else dict.fromkeys(everywhere, default)
    groups.check_named_once(named)
    given: dict[int, Priority] = {0: default or "normal"}
    for position, membership in enumerate(named):
        group = groups.find(world, membership.id, f"groups[{position}].id")
        given[group.id] = membership.priority
    return dict(sorted(given.items()))


def with_default(world: World, bot: AgentRecord, default: Priority) -> dict[int, Priority]:
    """Return the groups of a bot once it has another default priority.

    Where its groups were named, only that of everybody follows, unless it was named too.
    Priorities that a group gave it stay, and a group that it was taken from is not entered again.
    """
    if bot.groups_given:
        priority = bot.groups.get(groups.EVERYBODYS, "normal")
        if bot.everybodys_given or priority != (bot.default_group_priority or "normal"):
            return dict(bot.groups)
        return {**bot.groups, groups.EVERYBODYS: default}
    if bot.default_group_priority is None:
        return {**memberships(world, UNSET, default), **bot.groups, 0: default}
    return {
        group_id: default if priority == bot.default_group_priority else priority
        for group_id, priority in bot.groups.items()
    }


def names_everybodys(named: Sequence[GroupMembership] | UnsetType) -> bool:
    """Return whether the group of everybody is among groups that a request names."""
    return named is not UNSET and any(given.id == groups.EVERYBODYS for given in named)


def config_of(bot: AgentRecord) -> BotConfig:
    """Return everything that the API shows of a bot; what is empty is there, too."""
    config = BotConfig(
        id=bot.id,
        name=bot.name,
        default_group_priority=bot.default_group_priority or "normal",
        groups=[
            GroupPriority(id=group_id, priority=priority)
            for group_id, priority in groups.memberships(bot).items()
        ],
        max_chats_count=MAX_CHATS if bot.max_chats is None else bot.max_chats,
        job_title=bot.job_title,
        work_scheduler=bot.work_scheduler or WorkScheduler(timezone="", schedule=[]),
        owner_client_id=bot.owner_client_id,
        type=bot.bot_type,
    )
    # The constructor takes an empty address for none.
    config.avatar = bot.avatar
    return config


def add(world: World, bot: AgentRecord, requester: Requester) -> None:
    """Make a bot, which is offline; ``bot_created`` is pushed.

    Raises:
        LimitReached: The license has as many agents and bots as it may have.
    """
    seats.check_room(world)
    world.store.company.save_agent(bot)
    shifts.plan(world, bot)
    world.push(BotCreated(bot=config_of(bot)), EVERYBODY, actor=requester)


def change(world: World, bot: AgentRecord, values: Mapping[str, Any], requester: Requester) -> None:
    """Give fields of a bot's record other values; ``bot_updated`` is pushed of what changed.

    Routing follows at once: another group may have another status, and a queued chat a place.
    """
    before = _shown(bot)
    group_ids = {0, *bot.groups, *values.get("groups", ())}
    statuses_before = statuses.statuses_of(world, group_ids)
    for name, value in values.items():
        setattr(bot, name, value)
    after = _shown(bot)
    world.store.company.save_agent(bot)
    changed = {name: value for name, value in after.items() if value != before[name]}
    if not changed:
        return
    if "work_scheduler" in changed:
        shifts.plan(world, bot)
    world.push(BotUpdated(id=bot.id, **changed), EVERYBODY, actor=requester)
    statuses.settle(world, statuses_before)


def enter_group(world: World, group_id: int) -> None:
    """Have the bots that are in every group enter a new one; nothing is pushed of them.

    One that is in it already keeps its priority.
    """
    for bot in list(world.store.company.agents.values()):
        if group_id in bot.groups:
            continue
        if bot.bot and not bot.groups_given and bot.default_group_priority is not None:
            bot.groups[group_id] = bot.default_group_priority
            world.store.company.save_agent(bot)


def _shown(bot: AgentRecord) -> dict[str, Any]:
    config = config_of(bot)
    return {name: getattr(config, name) for name in config.__struct_fields__}


def has_secret(bot: AgentRecord, secret: str) -> bool:
    """Return whether a secret is that of a bot."""
    return bool(bot.secret) and compare_digest(bot.secret.encode(), secret.encode())


def issue_token(world: World, bot: AgentRecord, organization_id: str) -> str:
    """Make a token of a bot in an organization; those that were made before stay valid.

    It looks like those of the API, a JWT with its claims, but nothing checks the signature: the
    sandbox knows its tokens by heart.
    """
    company = world.store.company
    expires_at = from_micros(world.clock.after(TOKEN_SECONDS))
    claims = {
        "sub": bot.id,
        "client_id": bot.owner_client_id,
        "organization_id": organization_id,
        "scope": " ".join(TOKEN_SCOPES),
        "iat": int(world.clock.now().timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": world.ids.hex32(),
    }
    signature = bytes.fromhex(world.ids.secret() + world.ids.secret())
    parts = (msgspec.json.encode({"alg": "HS256", "typ": "JWT"}), msgspec.json.encode(claims))
    token_id = ".".join(map(_in_base64, (*parts, signature)))
    company.save_token(
        TokenRecord(
            id=token_id,
            kind="bot",
            user_id=bot.id,
            client_id=bot.owner_client_id,
            scopes=list(TOKEN_SCOPES),
            region=company.license.region,
            expires_at=expires_at,
            name="issued",
            organization_id=organization_id,
        )
    )
    return token_id


def _in_base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
