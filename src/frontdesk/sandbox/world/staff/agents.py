"""Agents: what the API shows of them, and how they are made and changed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from frontdesk.errors import AlreadyExists, NotFound, ValidationError
from frontdesk.models import AgentConfig, GroupMembership, GroupPriority, WorkScheduler
from frontdesk.pushes import AgentCreated, AgentUpdated
from frontdesk.sandbox.store.records import AgentRecord, Priority
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.recipients import EVERYBODY
from frontdesk.sandbox.world.routing import assignment
from frontdesk.sandbox.world.staff import groups, roles, seats, sessions, shifts, statuses
from frontdesk.sandbox.world.world import World

__all__ = ["MAX_CHATS", "add", "change", "check_new_id", "config_of", "find", "login_status"]

MAX_CHATS: Final = 6
"""How many chats at a time an agent takes by default."""
MOST_CHATS: Final = 20
"""How many chats at a time an agent may take at most."""
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")

_UPDATED: Final = tuple(
    name for name in AgentConfig.__struct_fields__ if name in AgentUpdated.__struct_fields__
)
"""What ``agent_updated`` can have."""

LoginStatus = Literal["accepting chats", "not accepting chats"]


def find(world: World, agent_id: str, field: str = "id") -> AgentRecord:
    """Return the agent of an id, which is an e-mail address: case does not count.

    Raises:
        NotFound: There is none, or it is a bot; the message names the field of the request.
    """
    agent = groups.same_address(world, agent_id)
    if agent is None or agent.bot:
        raise NotFound(f"`{field}`: there is no agent `{agent_id}`")
    return agent


def check_new_id(world: World, agent_id: str) -> None:
    """Check that an agent can be made with an id.

    Raises:
        ValidationError: It is no e-mail address.
        AlreadyExists: There is an agent of this address, whatever the case of its letters.
    """
    if not _ADDRESS.fullmatch(agent_id):
        raise ValidationError(f"`id` must be an e-mail address, not `{agent_id}`")
    same = groups.same_address(world, agent_id)
    if same is not None:
        raise AlreadyExists(f"`id`: there is an agent `{same.id}`")


def memberships_given(
    world: World, given: Sequence[GroupMembership], agent: AgentRecord
) -> dict[int, Priority]:
    """Return the groups that an agent is to be in: those given and the group of everybody.

    Raises:
        ValidationError: A group is given twice.
        GroupNotFound: There is no such group.
        LimitReached: They are more than an agent may be in.
    """
    groups.check_named_once(given)
    members: dict[int, Priority] = {0: agent.groups.get(0, "normal")}
    for position, membership in enumerate(given):
        groups.find(world, membership.id, f"groups[{position}].id")
        members[membership.id] = membership.priority
    groups.check_room(world, agent, set(members))
    return members


def login_status(agent: AgentRecord) -> LoginStatus:
    """Return what an agent does right after logging in, as this API says it: with blanks."""
    return "accepting chats" if agent.default_status == "accepting_chats" else "not accepting chats"


def config_of(world: World, agent: AgentRecord) -> AgentConfig:
    """Return everything that the API shows of an agent; what is empty is there, too."""
    config = AgentConfig(
        id=agent.id,
        account_id=agent.account_id,
        name=agent.name,
        role=agent.role,
        login_status=login_status(agent),
        job_title=agent.job_title,
        mobile=agent.mobile,
        max_chats_count=min(MOST_CHATS, assignment.limit_of(world, agent)),
        groups=[
            GroupPriority(id=group_id, priority=priority)
            for group_id, priority in groups.memberships(agent).items()
        ],
        work_scheduler=agent.work_scheduler or WorkScheduler(timezone="", schedule=[]),
        notifications=list(agent.notifications),
        email_subscriptions=list(agent.email_subscriptions),
        suspended=agent.suspended,
        awaiting_approval=agent.awaiting_approval,
        last_logout=agent.last_logout,
    )
    # The constructor takes an empty address for none.
    config.avatar = agent.avatar
    return config


def add(world: World, agent: AgentRecord, requester: Requester) -> None:
    """Make an agent, who is offline; ``agent_created`` is pushed.

    Raises:
        LimitReached: The agent need not be approved, and all seats are taken.
    """
    if not agent.awaiting_approval:
        seats.check_room(world)
    before = statuses.statuses_of(world, groups.memberships(agent))
    world.store.company.save_agent(agent)
    shifts.plan(world, agent)
    world.push(AgentCreated(agent=config_of(world, agent)), EVERYBODY, actor=requester)
    statuses.settle(world, before)


def change(
    world: World, agent: AgentRecord, values: Mapping[str, Any], requester: Requester
) -> None:
    """Give fields of an agent's record other values; ``agent_updated`` is pushed of what changed.

    Routing follows at once: another group may have another status, and a queued chat a place.
    Another role ends the RTM connections, whose tokens may do something else from now on.
    """
    before = _shown(world, agent)
    group_ids = {*groups.memberships(agent), *values.get("groups", ())}
    statuses_before = statuses.statuses_of(world, group_ids)
    for name, value in values.items():
        setattr(agent, name, value)
    after = _shown(world, agent)
    changed = {name: value for name, value in after.items() if value != before[name]}
    if not changed:
        return
    world.store.company.save_agent(agent)
    if "work_scheduler" in changed:
        shifts.plan(world, agent)
    world.push(AgentUpdated(id=agent.id, **changed), EVERYBODY, actor=requester)
    if "role" in changed:
        roles.limit_tokens(world, agent)
        sessions.disconnect(world, agent.id, "role_permissions_changed")
    statuses.settle(world, statuses_before)


def _shown(world: World, agent: AgentRecord) -> dict[str, Any]:
    config = config_of(world, agent)
    return {name: getattr(config, name) for name in _UPDATED}
