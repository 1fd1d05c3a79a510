"""Routing statuses of agents and bots."""

from msgspec import UNSET

from frontdesk.actions import ListRoutingStatuses, SetRoutingStatus
from frontdesk.errors import (
    AgentOffline,
    AuthorizationError,
    NotFound,
    RequesterAlreadyOffline,
    ValidationError,
)
from frontdesk.models import AgentStatus
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.store.records import AgentRecord
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import starting
from frontdesk.sandbox.world.staff import seats, statuses
from frontdesk.sandbox.world.world import World

__all__ = ["list_routing_statuses", "set_routing_status"]


@handles(
    SetRoutingStatus,
    rules=(
        documented(
            "`offline` is for bots; own and other agents, own and other bots need their "
            "scopes; an AI agent needs its own client id."
        ),
        assumed(
            "`validation` is the error for `offline` of an agent, "
            "`requester_already_offline` for a requester who is offline, `agent_offline` "
            "for another agent who is, `authorization` without the scope."
        ),
        assumed(
            "The status that is set already pushes nothing; `groups_status_updated` "
            "follows when a group changes."
        ),
        assumed("A bot that goes offline hands its chats over."),
        assumed(
            "A bot that is not offline takes a seat: with none left the error is "
            "`seats_limit_exceeded`."
        ),
    ),
)
def set_routing_status(world: World, requester: Requester, action: SetRoutingStatus) -> None:
    """Set whether an agent or a bot takes chats."""
    agent_id = requester.id if action.agent_id is UNSET else action.agent_id
    agent = world.store.company.agents.get(agent_id)
    if agent is None:
        raise NotFound(f"`agent_id`: there is no agent `{agent_id}`")
    _check_scope(requester, agent)
    if not agent.bot:
        if action.status == "offline":
            raise ValidationError("`status`: only bots can be set `offline`")
        if agent.status == "offline":
            if agent.id == requester.id:
                raise RequesterAlreadyOffline("the requester is offline: log in over RTM first")
            raise AgentOffline(f"`agent_id`: the agent `{agent_id}` is offline")
    elif action.status != "offline":
        seats.take(world, agent.id)
    statuses.change(world, agent, action.status, actor=requester)


def _check_scope(requester: Requester, agent: AgentRecord) -> None:
    if not agent.bot:
        own = agent.id == requester.id and "agents--my:rw" in requester.scopes
        if not own and "agents--all:rw" not in requester.scopes:
            raise AuthorizationError("`agent_id`: other agents need the scope agents--all:rw")
        return
    owned = agent.owner_client_id == requester.client_id
    if agent.bot_type == "ai_agent" and not owned:
        raise AuthorizationError(
            "`agent_id`: an AI agent is set with a token of the client id that owns it"
        )
    if "agents-bot--all:rw" in requester.scopes:
        return
    if not (owned and "agents-bot--my:rw" in requester.scopes):
        raise AuthorizationError(
            "`agent_id`: a bot needs the scope agents-bot--all:rw, or agents-bot--my:rw and the "
            "client id that owns it"
        )


@handles(
    ListRoutingStatuses,
    rules=(
        documented("One scope lists agents, the other bots."),
        assumed("One of the two is enough for its kind."),
        assumed(
            "Statuses come in the order of the ids; group 0 holds everybody; `validation`"
            " is the error for a group that is not there."
        ),
    ),
    scopes_needed=False,
)
def list_routing_statuses(
    world: World, requester: Requester, action: ListRoutingStatuses
) -> list[AgentStatus]:
    """List the statuses of agents and bots."""
    agents = "agents--all:ro" in requester.scopes
    bots = "agents-bot--all:ro" in requester.scopes
    if not agents and not bots:
        raise AuthorizationError(
            "`list_routing_statuses` needs the scope agents--all:ro or agents-bot--all:ro"
        )
    group_ids = None
    if action.filters is not UNSET and action.filters.group_ids:
        starting.check_groups(world, action.filters.group_ids, "filters.group_ids")
        group_ids = set(action.filters.group_ids)
    return [
        AgentStatus(agent_id=agent.id, status=agent.status)
        for agent in sorted(world.store.company.agents.values(), key=lambda agent: agent.id)
        if (bots if agent.bot else agents)
        and (group_ids is None or 0 in group_ids or group_ids & set(agent.groups))
    ]
