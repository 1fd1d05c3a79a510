"""The Configuration API: agents."""

from collections.abc import Collection
from typing import Any, Final

from msgspec import UNSET, UnsetType

from frontdesk.actions import (
    ApproveAgent,
    CreateAgent,
    DeleteAgent,
    GetAgent,
    ListAgents,
    RequestAgentUnsuspension,
    SuspendAgent,
    UnsuspendAgent,
    UpdateAgent,
)
from frontdesk.errors import AuthorizationError
from frontdesk.models import AgentConfig, CreatedAgent
from frontdesk.pushes import AgentApproved, AgentDeleted, AgentUnsuspended
from frontdesk.sandbox.apis.handler import handles, require_extra
from frontdesk.sandbox.apis.rules import SYSTEM_MESSAGES, Rule, assumed, documented
from frontdesk.sandbox.store.records import AgentRecord, RoutingStatus
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.recipients import EVERYBODY
from frontdesk.sandbox.world.staff import agents, departures, groups, roles, seats, shifts
from frontdesk.sandbox.world.world import World

__all__ = [
    "approve_agent",
    "create_agent",
    "delete_agent",
    "get_agent",
    "list_agents",
    "request_agent_unsuspension",
    "suspend_agent",
    "unsuspend_agent",
    "update_agent",
]

_WITHOUT_APPROVAL, _ABOVE_NORMAL = CreateAgent.spec.extra_scopes
(_CHANGES_ROLE,) = UpdateAgent.spec.extra_scopes
(_DELETES_ANOTHER,) = DeleteAgent.spec.extra_scopes

_ALWAYS: Final = ("id", "account_id", "name", "role", "login_status")
"""What every response has of an agent."""

_NO_BOT: Final = (
    assumed("`not_found` is the error for an agent that is not there, and for a bot."),
    assumed("The case of the e-mail address does not count."),
)
_RANKS: Final = assumed(
    "Nobody but the owner changes the owner, only the owner and vice owners a vice owner, and "
    "nobody gives a role above the own one: the error is `authorization`."
)
_GROUPS: Final[tuple[Rule, ...]] = (
    assumed(
        "Everybody is in group 0: as `normal`, unless `groups` says otherwise. "
        "`group_not_found` is the error for a group that is not there, `validation` for one that "
        "is given twice."
    ),
    assumed(
        "`limit_reached` is the error for more groups than `limits.groups_per_agent` says, group "
        "0 not included."
    ),
)


@handles(
    CreateAgent,
    rules=(
        documented(
            "`awaiting_approval` false and a role above `normal` need further scopes, which the "
            "error `authorization` names."
        ),
        assumed("`awaiting_approval` defaults to false with the scopes for it, and else to true."),
        documented("`login_status` defaults to `not accepting chats`, `max_chats_count` to 6."),
        assumed(
            "The id must be an e-mail address (`validation`) that no agent has, whatever the case "
            "of its letters (`already_exists`)."
        ),
        assumed(
            "`limit_reached` is the error for more agents and bots than `limits.agents` says; "
            "suspended agents and those who wait for approval do not count."
        ),
        *_GROUPS,
        _RANKS,
        assumed(
            "The agent is offline and has no token until the sandbox issues one. "
            "`agent_created` carries all fields, empty ones too."
        ),
    ),
)
def create_agent(world: World, requester: Requester, action: CreateAgent) -> CreatedAgent:
    """Make an agent."""
    agents.check_new_id(world, action.id)
    role = "normal" if action.role is UNSET else action.role
    if role != "normal":
        require_extra(requester, CreateAgent, _ABOVE_NORMAL, "role")
        roles.check_may_give(requester, role)
    awaits = action.awaiting_approval
    if awaits is UNSET:
        awaits = not requester.scopes.issuperset(_WITHOUT_APPROVAL.names)
    elif not awaits:
        require_extra(requester, CreateAgent, _WITHOUT_APPROVAL, "awaiting_approval")
    agent = AgentRecord(
        id=action.id,
        name=action.name,
        account_id=world.ids.uuid4(),
        role=role,
        default_status="not_accepting_chats",
        max_chats=agents.MAX_CHATS,
        awaiting_approval=awaits,
    )
    agent.groups = agents.memberships_given(world, (), agent)
    for name, value in _settings(world, agent, action).items():
        setattr(agent, name, value)
    agents.add(world, agent, requester)
    return CreatedAgent(id=agent.id)


@handles(
    UpdateAgent,
    rules=(
        documented("With `agents--my:rw`, oneself; the role needs a further scope."),
        *_NO_BOT,
        _RANKS,
        assumed("The role of the owner cannot be changed, not even by the owner."),
        assumed(
            "What is given replaces what was there, `groups` and `work_scheduler` as a whole; "
            "nobody leaves group 0. `null` is `validation`, not a way to empty a field."
        ),
        *_GROUPS,
        assumed(
            "`agent_updated` has the id and what changed; what changes nothing is pushed to "
            "nobody. `groups_status_updated` follows when the status of a group changes."
        ),
        assumed(
            "Running chats stay with the agent; who waits goes to the agent's new groups at once."
        ),
        assumed("`login_status` counts at the next log-in that does not reconnect."),
        assumed(
            "Another role ends the agent's RTM connections (`role_permissions_changed`), and "
            "tokens lose the scopes that the new role may not have."
        ),
        assumed(
            "`work_scheduler` changes statuses only if the sandbox is told to follow it: then who "
            "is not offline accepts chats from the start of a shift on and no more from its end "
            "on, and keeps what `set_routing_status` sets until the next of them. A shift that "
            "ends before it begins ends on the next day."
        ),
    ),
)
def update_agent(world: World, requester: Requester, action: UpdateAgent) -> None:
    """Change an agent."""
    agent = agents.find(world, action.id)
    if agent.id != requester.id and "agents--all:rw" not in requester.scopes:
        raise AuthorizationError("`id`: other agents need the scope agents--all:rw")
    roles.check_may_change(requester, agent)
    values = _settings(world, agent, action)
    if action.role is not UNSET and action.role != agent.role:
        require_extra(requester, UpdateAgent, _CHANGES_ROLE, "role")
        if agent.role == "owner":
            raise AuthorizationError("`role`: the owner's ownership cannot be changed here")
        roles.check_may_give(requester, action.role)
        values["role"] = action.role
    agents.change(world, agent, values, requester)


@handles(
    DeleteAgent,
    rules=(
        documented("Another agent than oneself needs further scopes."),
        *_NO_BOT,
        _RANKS,
        assumed("The owner cannot be deleted: the error is `authorization`."),
        documented(
            "Active chats go to another agent, to the queue, or are closed, with "
            "`routing.assigned_deleted`, `routing.unassigned_deleted` or "
            "`routing.archived_deleted`.",
            SYSTEM_MESSAGES,
        ),
        assumed(
            "First the chats are handed over, then comes `agent_deleted`, then "
            "`groups_status_updated`."
        ),
        assumed(
            "RTM connections end (`access_token_revoked`), and all tokens (`authentication`); in "
            "old threads the id stays."
        ),
    ),
)
def delete_agent(world: World, requester: Requester, action: DeleteAgent) -> None:
    """Delete an agent."""
    agent = agents.find(world, action.id)
    if agent.id != requester.id:
        require_extra(requester, DeleteAgent, _DELETES_ANOTHER, "id")
    _check_may_go(requester, agent, "deleted")
    departures.delete(world, agent, AgentDeleted(id=agent.id), actor=requester)


@handles(
    SuspendAgent,
    rules=(
        *_NO_BOT,
        _RANKS,
        assumed("The owner cannot be suspended: the error is `authorization`."),
        assumed(
            "RTM connections end (`access_token_revoked`), and the agent goes offline; chats are "
            "handed over as after `routing.assigned_remotely_signed_out` and its siblings."
        ),
        documented("The error of a log-in is `requester_suspended`, and the seat is free."),
        assumed(
            "That of calls over the Web API is `authorization`. A suspended agent can be given no "
            "chat (`validation`)."
        ),
        assumed("An agent who is suspended already stays so; nothing is pushed."),
    ),
)
def suspend_agent(world: World, requester: Requester, action: SuspendAgent) -> None:
    """Suspend an agent."""
    agent = agents.find(world, action.id)
    _check_may_go(requester, agent, "suspended")
    departures.suspend(world, agent, actor=requester)


@handles(
    UnsuspendAgent,
    rules=(
        *_NO_BOT,
        _RANKS,
        assumed("`limit_reached` is the error when there are as many agents as there may be."),
        assumed("The agent is offline until the next log-in."),
        assumed("One who is not suspended stays so; nothing is pushed."),
    ),
)
def unsuspend_agent(world: World, requester: Requester, action: UnsuspendAgent) -> None:
    """End the suspension of an agent."""
    agent = agents.find(world, action.id)
    roles.check_may_change(requester, agent)
    if not agent.suspended:
        return
    if not agent.awaiting_approval:
        seats.check_room(world)
    agent.suspended, agent.unsuspension_requested_at = False, None
    world.store.company.save_agent(agent)
    world.push(AgentUnsuspended(id=agent.id), EVERYBODY, actor=requester)


@handles(
    ApproveAgent,
    rules=(
        *_NO_BOT,
        assumed("`limit_reached` is the error when there are as many agents as there may be."),
        assumed("The agent may log in from then on; before, the error is "
                "`requester_awaiting_approval`, over the Web API `authorization`."),
        assumed("One who does not wait for approval stays as before; nothing is pushed."),
    ),
)  # fmt: skip
def approve_agent(world: World, requester: Requester, action: ApproveAgent) -> None:
    """Approve an agent."""
    agent = agents.find(world, action.id)
    if not agent.awaiting_approval:
        return
    if not agent.suspended:
        seats.check_room(world)
    agent.awaiting_approval = False
    world.store.company.save_agent(agent)
    world.push(AgentApproved(id=agent.id), EVERYBODY, actor=requester)


@handles(
    RequestAgentUnsuspension,
    rules=(
        documented("For suspended agents; it is the one call that they can make."),
        assumed("The error for others is `authorization`."),
        assumed("The sandbox keeps that it was asked, and sends no e-mails."),
    ),
)
def request_agent_unsuspension(
    world: World, requester: Requester, _: RequestAgentUnsuspension
) -> None:
    """Note that a suspended agent asks to be let in again."""
    agent = world.store.company.agents.get(requester.id)
    if agent is None or not agent.suspended:
        raise AuthorizationError("you are not suspended")
    agent.unsuspension_requested_at = world.clock.now()
    world.store.company.save_agent(agent)


@handles(
    GetAgent,
    rules=(
        documented("Bots are no agents; fields besides the usual ones are returned on request."),
        assumed("With `agents--my:ro`, oneself; the error for others is `authorization`."),
        *_NO_BOT,
        assumed("`avatar` is an address; `max_chats_count` is the number that routing obeys."),
    ),
)
def get_agent(world: World, requester: Requester, action: GetAgent) -> AgentConfig:
    """Return an agent."""
    agent = agents.find(world, action.id)
    if agent.id != requester.id and "agents--all:ro" not in requester.scopes:
        raise AuthorizationError("`id`: other agents need the scope agents--all:ro")
    shown = _shown(world, agent, _asked(action.fields))
    shown.avatar = agent.avatar or None
    return shown


@handles(
    ListAgents,
    rules=(
        documented("Without bots; all at once."),
        assumed("In the order of the names, those who wait for approval and suspended ones too."),
        assumed("Agents of any of `filters.group_ids`; a group that is not there has none."),
        assumed("Avatars come as `avatar_path`, without a scheme, as in the sample."),
    ),
)
def list_agents(world: World, _: Requester, action: ListAgents) -> list[AgentConfig]:
    """List agents."""
    listed = [agent for agent in world.store.company.agents.values() if not agent.bot]
    filters = action.filters
    if filters is not UNSET and filters.group_ids is not UNSET:
        present = world.store.company.groups.keys() & set(filters.group_ids)
        listed = [agent for agent in listed if present & groups.memberships(agent).keys()]
    if filters is not UNSET and filters.suspended is not UNSET:
        listed = [agent for agent in listed if agent.suspended is filters.suspended]
    fields = _asked(action.fields)
    shown: list[AgentConfig] = []
    for agent in sorted(listed, key=lambda agent: (agent.name.casefold(), agent.id)):
        config = _shown(world, agent, fields)
        # After the constructor, which takes the one spelling for the other.
        config.avatar_path = agent.avatar.partition("://")[2] or agent.avatar or None
        shown.append(config)
    return shown


def _settings(
    world: World, agent: AgentRecord, action: CreateAgent | UpdateAgent
) -> dict[str, Any]:
    """Return the fields of a record that a request sets."""
    values: dict[str, Any] = {}
    for name in ("job_title", "mobile"):
        if (text := getattr(action, name)) is not UNSET:
            values[name] = text
    for name in ("notifications", "email_subscriptions"):
        if (names := getattr(action, name)) is not UNSET:
            values[name] = list(dict.fromkeys(names))
    if action.login_status is not UNSET:
        status: RoutingStatus = (
            "accepting_chats" if action.login_status == "accepting chats" else "not_accepting_chats"
        )
        values["default_status"] = status
    if action.max_chats_count is not UNSET:
        values["max_chats"] = action.max_chats_count
    if action.groups is not UNSET:
        values["groups"] = agents.memberships_given(world, action.groups, agent)
    if action.work_scheduler is not UNSET:
        values["work_scheduler"] = shifts.scheduler(action.work_scheduler)
    return values


def _check_may_go(requester: Requester, agent: AgentRecord, what: str) -> None:
    if agent.role == "owner":
        raise AuthorizationError(f"`id`: `{agent.id}` is the owner, who cannot be {what}")
    roles.check_may_change(requester, agent)


def _asked(fields: Collection[str] | UnsetType) -> set[str]:
    return set(_ALWAYS) if fields is UNSET else {*_ALWAYS, *fields}


def _shown(world: World, agent: AgentRecord, fields: set[str]) -> AgentConfig:
    config = agents.config_of(world, agent)
    return AgentConfig(**{name: getattr(config, name) for name in fields})
