"""Routing statuses of agents and bots."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from frontdesk.models import AgentStatus, RoutingStatusesFilters
from frontdesk.spec.actions import Action, Spec, all_of, any_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = ["ListRoutingStatuses", "SetRoutingStatus"]


class SetRoutingStatus(Action[None], frozen=True, kw_only=True):
    """Set whether an agent or a bot takes chats, for the time of the session.

    `agents--my:rw` allows the requester, `agents--all:rw` every agent, `agents-bot--my:rw` the
    bots of the token's client id, `agents-bot--all:rw` every bot.
    """

    spec: ClassVar[Spec] = Spec(
        name="set_routing_status",
        errors=("AgentOffline", "NotFound", "RequesterAlreadyOffline"),
        group="status",
        scopes=any_of("agents--my:rw", "agents--all:rw", "agents-bot--my:rw", "agents-bot--all:rw"),
        repeatable=True,
        push=("routing_status_set",),
        webhook=("routing_status_set",),
        since=(3, 2),
    )
    status: Annotated[
        Literal["accepting_chats", "not_accepting_chats", "offline"],
        Meta(description="`accepting_chats`, `not_accepting_chats` or, for bots only, `offline`."),
    ]
    agent_id: Annotated[
        Maybe[Id], Meta(description="The agent or bot; defaults to the requester.")
    ] = NOT_SENT


class ListRoutingStatuses(Action[list[AgentStatus]], frozen=True, kw_only=True):
    """List the routing statuses of agents and bots."""

    spec: ClassVar[Spec] = Spec(
        name="list_routing_statuses",
        group="status",
        returns=list[AgentStatus],
        scopes=all_of("agents--all:ro", "agents-bot--all:ro"),
        repeatable=True,
        since=(3, 4),
    )
    filters: Annotated[
        MaybeFrom[RoutingStatusesFilters, RoutingStatusesFilters | Dict],
        Meta(description="Only members of these groups."),
    ] = NOT_SENT
