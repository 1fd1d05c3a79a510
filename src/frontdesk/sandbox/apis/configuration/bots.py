"""The Configuration API: bots and their tokens."""

from typing import Any, Final

from msgspec import UNSET, UnsetType

from frontdesk.actions import (
    CreateBot,
    DeleteBot,
    GetBot,
    IssueBotToken,
    ListBots,
    ResetBotSecret,
    UpdateBot,
)
from frontdesk.errors import AuthenticationError, AuthorizationError
from frontdesk.models import (
    BotConfig,
    BotSecret,
    CreatedBot,
    IssuedBotToken,
    NewWorkScheduler,
    WorkScheduler,
)
from frontdesk.pushes import BotDeleted
from frontdesk.sandbox.apis.configuration.owners import owner_client_id
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import CHANGELOG, Rule, assumed, documented
from frontdesk.sandbox.store.records import AgentRecord
from frontdesk.sandbox.world.accounts import organizations
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.staff import bots, departures, shifts
from frontdesk.sandbox.world.world import World
from frontdesk.spec.actions import Version

__all__ = [
    "create_bot",
    "delete_bot",
    "get_bot",
    "issue_bot_token",
    "list_bots",
    "reset_bot_secret",
    "update_bot",
]

_TYPES_SINCE: Final[Version] = (3, 6)
"""The first version whose bots have a type, and an ``avatar_path`` in responses."""

_OWN: Final = documented(
    "With `agents-bot--my:rw`, a bot of the token's client id; with `agents-bot--all:rw`, any."
)
_OWN_OF_PAT: Final = assumed(
    "To personal access tokens belong the bots that were made with one. The error for another bot "
    "is `authorization`."
)
_NO_BOT: Final = assumed("`not_found` is the error for a bot that is not there.")
_GROUPS: Final[tuple[Rule, ...]] = (
    assumed(
        "Without `groups` the bot is in every group with `default_group_priority`, also in those "
        "that are made later; with neither it is in group 0 as `normal`."
    ),
    assumed(
        "Every bot is in group 0: with `default_group_priority`, or as `normal`, unless `groups` "
        "says otherwise. A group that `groups` names twice is `validation`."
    ),
)


@handles(
    CreateBot,
    rules=(
        documented("The bot is offline until `set_routing_status` says otherwise.", CHANGELOG),
        documented("The secret is returned here and by `reset_bot_secret` only."),
        documented("A personal access token needs `owner_client_id`."),
        assumed("The error without it is `validation`; any client id counts as one's own."),
        *_GROUPS,
        assumed(
            "`limit_reached` is the error for more agents and bots than `limits.agents` says; "
            "suspended agents and those whom nobody approved do not count. A bot may be in any "
            "number of groups."
        ),
        assumed("A time zone that there is not is a `validation` error."),
        assumed("Working hours do nothing unless the sandbox is to follow them."),
        assumed("`bot_created` carries all fields, empty ones too."),
    ),
)
def create_bot(world: World, requester: Requester, action: CreateBot) -> CreatedBot:
    """Make a bot."""
    owner = owner_client_id(requester, action.owner_client_id)
    default = _or(action.default_group_priority, None)
    bot = AgentRecord(
        id=world.ids.hex32(),
        name=action.name,
        bot=True,
        avatar=_or(action.avatar, ""),
        groups=bots.memberships(world, action.groups, default),
        groups_given=action.groups is not UNSET,
        everybodys_given=bots.names_everybodys(action.groups),
        default_group_priority=default,
        max_chats=_or(action.max_chats_count, bots.MAX_CHATS),
        job_title=_or(action.job_title, ""),
        work_scheduler=_scheduler(action.work_scheduler),
        owner_client_id=owner,
        bot_type=_or(action.type, "chatbot"),
        secret=world.ids.secret(),
        made_with_pat=requester.personal,
    )
    bots.add(world, bot, requester)
    return CreatedBot(id=bot.id, secret=bot.secret)


@handles(
    DeleteBot,
    rules=(
        _OWN,
        _OWN_OF_PAT,
        assumed("Its active chats are handed over as those of a deleted agent."),
        assumed("Its tokens end, although they cannot be revoked otherwise (`authentication`)."),
        assumed("Webhooks of bots go on while another bot of the client id is not offline."),
        _NO_BOT,
    ),
)
def delete_bot(world: World, requester: Requester, action: DeleteBot) -> None:
    """Delete a bot."""
    bot = _writable(world, requester, action.id)
    departures.delete(world, bot, BotDeleted(id=bot.id), actor=requester)


@handles(
    UpdateBot,
    rules=(
        _OWN,
        _OWN_OF_PAT,
        documented("The status is set by `set_routing_status`; the owner stays."),
        *_GROUPS,
        assumed("What is given replaces what was there, `groups` as a whole."),
        _NO_BOT,
        assumed(
            "Chats stay where they are; routing follows with the next one. `bot_updated` carries "
            "what changed; what changes nothing is pushed to nobody."
        ),
    ),
)
def update_bot(world: World, requester: Requester, action: UpdateBot) -> None:
    """Change a bot."""
    bot = _writable(world, requester, action.id)
    values: dict[str, Any] = {
        "name": action.name,
        "avatar": action.avatar,
        "max_chats": action.max_chats_count,
        "default_group_priority": action.default_group_priority,
        "job_title": action.job_title,
        "bot_type": action.type,
    }
    if action.work_scheduler is not UNSET:
        values["work_scheduler"] = _scheduler(action.work_scheduler)
    values = {name: value for name, value in values.items() if value is not UNSET}
    if action.groups is not UNSET:
        default = values.get("default_group_priority", bot.default_group_priority)
        values["groups"] = bots.memberships(world, action.groups, default)
        values["groups_given"] = True
        values["everybodys_given"] = bots.names_everybodys(action.groups)
    elif action.default_group_priority is not UNSET:
        values["groups"] = bots.with_default(world, bot, action.default_group_priority)
    bots.change(world, bot, values, requester)


@handles(
    ListBots,
    rules=(
        documented(
            "Bots that were made through an application are those of all who call through it; "
            "bots that were made with a personal access token are those of all who call with one."
        ),
        documented("`all` true lists every bot of the license."),
        assumed("It takes `agents-bot--all:ro`; the error without it is `authorization`."),
        assumed("In the order in which they were made."),
        assumed("Without the owner and the default priority."),
    ),
)
def list_bots(world: World, requester: Requester, action: ListBots) -> list[BotConfig]:
    """List bots."""
    every = action.all is True
    if every and "agents-bot--all:ro" not in requester.scopes:
        raise AuthorizationError("`all` needs the scope agents-bot--all:ro, which the token lacks")
    records = sorted(
        (
            agent
            for agent in world.store.company.agents.values()
            if agent.bot and (every or bots.is_own(requester, agent))
        ),
        key=lambda bot: bot.number,
    )
    fields = frozenset(_or(action.fields, ()))
    return [_shown(bot, {"type", *fields}, requester.version) for bot in records]


@handles(
    GetBot,
    rules=(
        documented("The secret is not returned."),
        assumed("`groups` and `max_chats_count` are returned whatever `fields` says."),
        assumed("`timezone` is that of the work scheduler."),
        assumed("With `agents-bot--my:ro` other bots are refused with `authorization`."),
        _NO_BOT,
    ),
)
def get_bot(world: World, requester: Requester, action: GetBot) -> BotConfig:
    """Get a bot."""
    bot = bots.find(world, action.id)
    _check_reach(requester, bot, "agents-bot--all:ro")
    always = {"default_group_priority", "owner_client_id", "type", "groups", "max_chats_count"}
    return _shown(bot, {*always, *_or(action.fields, ())}, requester.version)


@handles(
    IssueBotToken,
    rules=(
        documented("The token is valid for 24 hours and cannot be revoked."),
        documented(
            "Its scopes are `chats--access:rw`, `agents-bot--my:rw` and `customers:rw`, whatever "
            "the caller's are."
        ),
        assumed("No token is needed; earlier tokens stay valid."),
        assumed(
            "A wrong secret, client id or organization is an `authentication` error; `not_found` "
            "is the error for a bot that is not there."
        ),
    ),
)
def issue_bot_token(world: World, _: Requester, action: IssueBotToken) -> IssuedBotToken:
    """Make a token of a bot."""
    bot = bots.find(world, action.bot_id, "bot_id")
    if not bots.has_secret(bot, action.bot_secret):
        raise AuthenticationError("`bot_secret` is not the secret of the bot")
    if action.client_id != bot.owner_client_id:
        raise AuthenticationError("`client_id` is not the one that owns the bot")
    if action.organization_id not in organizations.all_ids(world):
        raise AuthenticationError("`organization_id` is not the one of the bot")
    return IssuedBotToken(token=bots.issue_token(world, bot, action.organization_id))


@handles(
    ResetBotSecret,
    rules=(
        documented("A personal access token needs `owner_client_id`."),
        assumed("The error without it is `validation`."),
        assumed("The old secret fails at once; tokens that were issued with it live on."),
        assumed(
            "The bot of another client id is an `authorization` error, one that is not there "
            "`not_found`."
        ),
    ),
)
def reset_bot_secret(world: World, requester: Requester, action: ResetBotSecret) -> BotSecret:
    """Give a bot another secret."""
    owner = owner_client_id(requester, action.owner_client_id)
    bot = bots.find(world, action.id)
    if bot.owner_client_id != owner:
        raise AuthorizationError(f"`id`: the bot `{bot.id}` is not one of the client id `{owner}`")
    bot.secret = world.ids.secret()
    world.store.company.save_agent(bot)
    return BotSecret(secret=bot.secret)


def _writable(world: World, requester: Requester, bot_id: str) -> AgentRecord:
    """Return a bot that the requester may change."""
    bot = bots.find(world, bot_id)
    _check_reach(requester, bot, "agents-bot--all:rw")
    return bot


def _check_reach(requester: Requester, bot: AgentRecord, scope: str) -> None:
    if scope not in requester.scopes and not bots.is_own(requester, bot):
        raise AuthorizationError(
            f"`id`: the bot `{bot.id}` is not yours, and the token lacks `{scope}`"
        )


def _scheduler(scheduler: NewWorkScheduler | UnsetType) -> WorkScheduler | None:
    return None if scheduler is UNSET else shifts.scheduler(scheduler)


def _shown(bot: AgentRecord, fields: set[str], version: Version) -> BotConfig:
    """Return what a response has of a bot: id, name, avatar and the fields asked for."""
    whole = bots.config_of(bot)
    shown = BotConfig(id=bot.id, name=bot.name)
    for name in fields - {"timezone"}:
        setattr(shown, name, getattr(whole, name))
    scheduler = bot.work_scheduler
    if "timezone" in fields and scheduler is not None:
        shown.timezone = scheduler.timezone
    if version < _TYPES_SINCE:
        shown.type = None
        shown.avatar = bot.avatar or None
    else:
        # The API calls it so in responses, unlike in requests and pushes.
        shown.avatar_path = bot.avatar or None
    return shown


def _or(value: Any, default: Any) -> Any:
    return default if value is UNSET else value
