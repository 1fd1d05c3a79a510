"""The Configuration API: agents."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta

from frontdesk.models import (
    AgentConfig,
    AgentsFilters,
    CreatedAgent,
    GroupMembership,
    GroupPriority,
    LoginStatus,
    NewWorkScheduler,
    NotificationType,
    WorkScheduler,
)
from frontdesk.spec.actions import Action, ExtraScopes, Spec, all_of, any_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = [
    "ApproveAgent",
    "CreateAgent",
    "DeleteAgent",
    "GetAgent",
    "ListAgents",
    "RequestAgentUnsuspension",
    "SuspendAgent",
    "UnsuspendAgent",
    "UpdateAgent",
]

Role: TypeAlias = Literal["viceowner", "administrator", "normal"]
EmailSubscription: TypeAlias = Literal["daily_summary", "weekly_summary"]
AgentField: TypeAlias = Literal[
    "work_scheduler",
    "groups",
    "email_subscriptions",
    "notifications",
    "job_title",
    "mobile",
    "max_chats_count",
    "suspended",
    "awaiting_approval",
    "last_logout",
]
MaxChats: TypeAlias = Annotated[int, Meta(ge=0, le=20)]

CHANGES_ROLE = ExtraScopes(("accounts.roles.lc--all:rw",), "another role")
JobTitle = Annotated[Maybe[str], Meta(description="What the agent does in the company.")]
Mobile = Annotated[Maybe[str], Meta(description="A phone number.")]
Notifications = Annotated[
    MaybeFrom[list[NotificationType], Sequence[NotificationType | str]],
    Meta(description="What LiveChat's application notifies the agent of."),
]
Subscriptions = Annotated[
    MaybeFrom[list[EmailSubscription], Sequence[EmailSubscription | str]],
    Meta(description="Which summaries the agent gets by e-mail."),
]
Scheduler = Annotated[
    MaybeFrom[NewWorkScheduler, NewWorkScheduler | WorkScheduler | Dict],
    Meta(description="When the agent works."),
]
Fields = Annotated[
    MaybeFrom[list[AgentField], Sequence[AgentField]],
    Meta(
        description="What to return besides the id, account, name, avatar, role and log-in "
        "status; defaults to nothing more."
    ),
]


class CreateAgent(Action[CreatedAgent], frozen=True, kw_only=True):
    """Make an agent, who has to be approved unless `awaiting_approval` is false.

    A new agent is offline, and in group 0 besides the groups given.
    """

    spec: ClassVar[Spec] = Spec(
        name="create_agent",
        errors=(
            "AlreadyExists",
            "LimitReached",
            "GroupNotFound",
            "AuthorizationError",
            "ValidationError",
        ),
        api="configuration",
        group="agents",
        returns=CreatedAgent,
        scopes=all_of("accounts--all:rc"),
        extra_scopes=(
            ExtraScopes(("accounts--all:rw", "subscription.lc:rw"), "`awaiting_approval` false"),
            ExtraScopes(("accounts.roles.lc--all:rw",), "a role above `normal`"),
        ),
        transports=("web",),
        push=("agent_created",),
        webhook=("agent_created",),
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The e-mail address, which is the agent's id.")]
    name: Annotated[Id, Meta(description="The name that customers see.")]
    role: Annotated[Maybe[Role], Meta(description="Defaults to `normal`.")] = NOT_SENT
    login_status: Annotated[
        Maybe[LoginStatus],
        Meta(description="The status after logging in; defaults to `not accepting chats`."),
    ] = NOT_SENT
    job_title: JobTitle = NOT_SENT
    mobile: Mobile = NOT_SENT
    max_chats_count: Annotated[
        Maybe[MaxChats],
        Meta(description="Chats at a time, 0 to 20; defaults to 6."),
    ] = NOT_SENT
    awaiting_approval: Annotated[
        Maybe[bool],
        Meta(description="False makes an agent who need not be approved; needs further scopes."),
    ] = NOT_SENT
    groups: Annotated[
        MaybeFrom[list[GroupMembership], Sequence[GroupMembership | GroupPriority | Dict]],
        Meta(description="The groups to be in, each with a priority."),
    ] = NOT_SENT
    notifications: Notifications = NOT_SENT
    email_subscriptions: Subscriptions = NOT_SENT
    work_scheduler: Scheduler = NOT_SENT


class GetAgent(Action[AgentConfig], frozen=True, kw_only=True):
    """Get an agent; a bot is not one. With `agents--my:ro`, oneself."""

    spec: ClassVar[Spec] = Spec(
        name="get_agent",
        errors=("NotFound", "ValidationError"),
        api="configuration",
        group="agents",
        returns=AgentConfig,
        scopes=any_of("agents--my:ro", "agents--all:ro"),
        transports=("web",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The agent's id, an e-mail address.")]
    fields: Fields = NOT_SENT


class ListAgents(Action[list[AgentConfig]], frozen=True, kw_only=True):
    """List the agents of the license, without bots; all at once."""

    spec: ClassVar[Spec] = Spec(
        name="list_agents",
        errors=("ValidationError",),
        api="configuration",
        group="agents",
        returns=list[AgentConfig],
        scopes=any_of("agents--all:ro"),
        transports=("web",),
        repeatable=True,
        since=(3, 2),
    )
    filters: Annotated[
        MaybeFrom[AgentsFilters, AgentsFilters | Dict],
        Meta(description="By group, and by whether they are suspended; defaults to all agents."),
    ] = NOT_SENT
    fields: Fields = NOT_SENT


class UpdateAgent(Action[None], frozen=True, kw_only=True):
    """Change an agent: what is given replaces what was there, lists as a whole.

    The name and avatar belong to LiveChat's Accounts service. A change of groups counts for chats
    to come; running ones stay. `agents--my:rw` is for oneself.
    """

    spec: ClassVar[Spec] = Spec(
        name="update_agent",
        errors=(
            "NotFound",
            "GroupNotFound",
            "LimitReached",
            "AuthorizationError",
            "ValidationError",
        ),
        api="configuration",
        group="agents",
        scopes=any_of("agents--my:rw", "agents--all:rw"),
        extra_scopes=(CHANGES_ROLE,),
        transports=("web",),
        push=("agent_updated",),
        webhook=("agent_updated",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The agent's id, an e-mail address.")]
    role: Annotated[Maybe[Role], Meta(description="Ownership cannot be given here.")] = NOT_SENT
    login_status: Annotated[
        Maybe[LoginStatus], Meta(description="The status after logging in.")
    ] = NOT_SENT
    job_title: JobTitle = NOT_SENT
    mobile: Mobile = NOT_SENT
    max_chats_count: Annotated[Maybe[MaxChats], Meta(description="Chats at a time, 0 to 20.")] = (
        NOT_SENT
    )
    groups: Annotated[
        MaybeFrom[list[GroupMembership], Sequence[GroupMembership | GroupPriority | Dict]],
        Meta(description="All groups to be in from now on; everybody stays in group 0."),
    ] = NOT_SENT
    notifications: Notifications = NOT_SENT
    email_subscriptions: Subscriptions = NOT_SENT
    work_scheduler: Scheduler = NOT_SENT


class DeleteAgent(Action[None], frozen=True, kw_only=True):
    """Delete an agent; active chats go to others, or are closed. The owner cannot be deleted."""

    spec: ClassVar[Spec] = Spec(
        name="delete_agent",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="agents",
        scopes=all_of("agents--my:rw", "accounts--my:rw"),
        extra_scopes=(ExtraScopes(("agents--all:rw", "accounts--all:rw"), "another agent"),),
        transports=("web",),
        push=("agent_deleted",),
        webhook=("agent_deleted",),
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The agent to delete.")]


class SuspendAgent(Action[None], frozen=True, kw_only=True):
    """Suspend an agent, who can log in no more; the seat becomes free.

    LiveChat gives `sessions--all:rw` to its own application only.
    """

    spec: ClassVar[Spec] = Spec(
        name="suspend_agent",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="agents",
        scopes=all_of("agents--all:rw", "sessions--all:rw"),
        transports=("web",),
        push=("agent_suspended",),
        webhook=("agent_suspended",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The agent to suspend.")]


class UnsuspendAgent(Action[None], frozen=True, kw_only=True):
    """End the suspension of an agent, who is offline until the next log-in.

    LiveChat gives `subscription.lc:rw` to its own application only.
    """

    spec: ClassVar[Spec] = Spec(
        name="unsuspend_agent",
        errors=("NotFound", "LimitReached"),
        api="configuration",
        group="agents",
        scopes=all_of("agents--all:rw", "accounts--all:rw", "subscription.lc:rw"),
        transports=("web",),
        push=("agent_unsuspended",),
        webhook=("agent_unsuspended",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The suspended agent.")]


class RequestAgentUnsuspension(Action[None], frozen=True, kw_only=True):
    """Ask the owner and the vice owners, by e-mail, to end one's own suspension."""

    spec: ClassVar[Spec] = Spec(
        name="request_agent_unsuspension",
        errors=("AuthorizationError",),
        api="configuration",
        group="agents",
        transports=("web",),
        since=(3, 2),
    )


class ApproveAgent(Action[None], frozen=True, kw_only=True):
    """Approve an agent who waits for it, and can log in from then on.

    LiveChat gives `subscription.lc:rw` to its own application only.
    """

    spec: ClassVar[Spec] = Spec(
        name="approve_agent",
        errors=("NotFound", "LimitReached"),
        api="configuration",
        group="agents",
        scopes=all_of("agents--all:rw", "accounts--all:rw", "subscription.lc:rw"),
        transports=("web",),
        push=("agent_approved",),
        webhook=("agent_approved",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The agent who waits for approval.")]
