"""The Configuration API: bots and their tokens."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType

from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    BotConfig,
    BotSecret,
    CreatedBot,
    GroupMembership,
    GroupPriority,
    IssuedBotToken,
    NewWorkScheduler,
    Priority,
    WorkScheduler,
)
from frontdesk.spec.actions import Action, DiscreetAction, Spec, any_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = [
    "CreateBot",
    "DeleteBot",
    "GetBot",
    "IssueBotToken",
    "ListBots",
    "ResetBotSecret",
    "UpdateBot",
]

BotField: TypeAlias = Literal[
    "groups", "work_scheduler", "job_title", "max_chats_count", "timezone"
]
MaxChats: TypeAlias = Annotated[int, Meta(ge=0, le=500)]
WRITE = any_of("agents-bot--my:rw", "agents-bot--all:rw")
READ = any_of("agents-bot--my:ro", "agents-bot--all:ro")

Avatar = Annotated[Maybe[Id], Meta(description="The address of a picture.")]
JobTitle = Annotated[Maybe[str], Meta(description="What customers read below the name.")]
DefaultPriority = Annotated[
    Maybe[Priority], Meta(description="The priority in groups for which none is given.")
]
Scheduler = Annotated[
    MaybeFrom[NewWorkScheduler, NewWorkScheduler | WorkScheduler | Dict],
    Meta(description="When the bot works; `timezone` is required."),
]
Fields = Annotated[
    MaybeFrom[list[BotField], Sequence[BotField]],
    Meta(description="What to return besides what always is; defaults to nothing more."),
]
OwnerClientId = Annotated[
    Maybe[Id],
    Meta(
        description="The client id that owns the bot, one of your organization's. Required with a "
        "personal access token; defaults to that of a bearer token."
    ),
]
TYPE = "A word to sort bots by, such as `ai_agent`."


class CreateBot(Action[CreatedBot], frozen=True, kw_only=True):
    """Make a bot, which is offline until `set_routing_status` says otherwise.

    The secret that is returned is shown only here: `issue_bot_token` takes it. Without `groups`
    the bot is in every group with `default_group_priority`, and without that in group 0.
    """

    spec: ClassVar[Spec] = Spec(
        name="create_bot",
        errors=("LimitReached", "GroupNotFound", "AuthorizationError", "ValidationError"),
        api="configuration",
        group="bots",
        returns=CreatedBot,
        scopes=any_of("agents-bot--my:rw"),
        transports=("web",),
        push=("bot_created",),
        webhook=("bot_created",),
        since=(3, 2),
    )
    name: Annotated[Id, Meta(description="The name that customers see.")]
    avatar: Avatar = NOT_SENT
    max_chats_count: Annotated[
        Maybe[MaxChats], Meta(description="Chats at a time, 0 to 500; defaults to 6.")
    ] = NOT_SENT
    default_group_priority: DefaultPriority = NOT_SENT
    job_title: JobTitle = NOT_SENT
    groups: Annotated[
        MaybeFrom[list[GroupMembership], Sequence[GroupMembership | GroupPriority | Dict]],
        Meta(description="The groups to be in, each with a priority."),
    ] = NOT_SENT
    type: Annotated[Maybe[Id], Meta(description=f"{TYPE} Defaults to `chatbot`.")] = NOT_SENT
    work_scheduler: Scheduler = NOT_SENT
    owner_client_id: OwnerClientId = NOT_SENT

    def _rules(self) -> None:
        check_scheduler(self.work_scheduler)


class DeleteBot(Action[None], frozen=True, kw_only=True):
    """Delete a bot; its active chats go to others, or are closed.

    `agents-bot--my:rw` is for bots of the token's client id.
    """

    spec: ClassVar[Spec] = Spec(
        name="delete_bot",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="bots",
        scopes=WRITE,
        transports=("web",),
        push=("bot_deleted",),
        webhook=("bot_deleted",),
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The bot to delete.")]


class UpdateBot(Action[None], frozen=True, kw_only=True):
    """Change a bot: what is given replaces what was there, lists as a whole.

    The status is set by `set_routing_status`; the owner stays. `agents-bot--my:rw` is for bots of
    the token's client id.
    """

    spec: ClassVar[Spec] = Spec(
        name="update_bot",
        errors=("NotFound", "GroupNotFound", "AuthorizationError", "ValidationError"),
        api="configuration",
        group="bots",
        scopes=WRITE,
        transports=("web",),
        push=("bot_updated",),
        webhook=("bot_updated",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The bot to change.")]
    name: Annotated[Maybe[Id], Meta(description="The name that customers see.")] = NOT_SENT
    avatar: Avatar = NOT_SENT
    max_chats_count: Annotated[Maybe[MaxChats], Meta(description="Chats at a time, 0 to 500.")] = (
        NOT_SENT
    )
    groups: Annotated[
        MaybeFrom[list[GroupMembership], Sequence[GroupMembership | GroupPriority | Dict]],
        Meta(description="All groups to be in from now on."),
    ] = NOT_SENT
    default_group_priority: DefaultPriority = NOT_SENT
    job_title: JobTitle = NOT_SENT
    type: Annotated[Maybe[Id], Meta(description=TYPE)] = NOT_SENT
    work_scheduler: Scheduler = NOT_SENT

    def _rules(self) -> None:
        check_scheduler(self.work_scheduler)


class ListBots(Action[list[BotConfig]], frozen=True, kw_only=True):
    """List bots: the requester's, or all of the license.

    The requester's are those made through the app of the token, or with any personal access token
    where that is what calls.
    """

    spec: ClassVar[Spec] = Spec(
        name="list_bots",
        errors=("AuthorizationError",),
        api="configuration",
        group="bots",
        returns=list[BotConfig],
        scopes=READ,
        transports=("web",),
        repeatable=True,
        since=(3, 2),
    )
    all: Annotated[
        Maybe[bool],
        Meta(description="True: every bot of the license, which takes `agents-bot--all:ro`."),
    ] = NOT_SENT
    fields: Fields = NOT_SENT


class GetBot(Action[BotConfig], frozen=True, kw_only=True):
    """Get a bot, without its secret."""

    spec: ClassVar[Spec] = Spec(
        name="get_bot",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="bots",
        returns=BotConfig,
        scopes=READ,
        transports=("web",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The bot.")]
    fields: Fields = NOT_SENT


class IssueBotToken(DiscreetAction[IssuedBotToken], frozen=True, kw_only=True):
    """Get a bearer token of a bot, valid for 24 hours; it cannot be revoked.

    Its scopes are `chats--access:rw`, `agents-bot--my:rw` and `customers:rw`.
    """

    not_shown: ClassVar[frozenset[str]] = frozenset({"bot_secret"})
    spec: ClassVar[Spec] = Spec(
        name="issue_bot_token",
        errors=("AuthenticationError", "NotFound"),
        api="configuration",
        group="bots",
        returns=IssuedBotToken,
        transports=("web",),
        needs_token=False,
        since=(3, 5),
    )
    bot_id: Annotated[Id, Meta(description="The bot.")]
    client_id: Annotated[Id, Meta(description="The client id that owns it.")]
    bot_secret: Annotated[Id, Meta(description="What `create_bot` or `reset_bot_secret` returned.")]
    organization_id: Annotated[Id, Meta(description="Your organization.")]


class ResetBotSecret(Action[BotSecret], frozen=True, kw_only=True):
    """Replace the secret of a bot; tokens that were issued with the old one stay valid."""

    spec: ClassVar[Spec] = Spec(
        name="reset_bot_secret",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="bots",
        returns=BotSecret,
        scopes=any_of("agents-bot--my:rw"),
        transports=("web",),
        since=(3, 5),
    )
    id: Annotated[Id, Meta(description="The bot.")]
    owner_client_id: OwnerClientId = NOT_SENT


def check_scheduler(scheduler: NewWorkScheduler | UnsetType) -> None:
    """Refuse a scheduler without a time zone: unlike an agent, a bot has none of its own."""
    if scheduler is not UNSET and (scheduler.timezone is UNSET or not scheduler.timezone):
        raise InvalidArgument("work_scheduler.timezone", "is required for a bot")
