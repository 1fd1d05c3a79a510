"""Groups, and who of the agents and bots is in which.

Everybody is in group 0, with the priority ``normal`` unless another is set.
"""

from collections.abc import Iterable, Mapping

from frontdesk.errors import GroupNotFound, NotFound, ValidationError
from frontdesk.models import GroupMembership
from frontdesk.sandbox.store.records import AgentRecord, GroupRecord, Priority
from frontdesk.sandbox.world.properties import limits
from frontdesk.sandbox.world.world import World

__all__ = [
    "EVERYBODYS",
    "check_named_once",
    "check_room",
    "find",
    "memberships",
    "new_id",
    "priorities_of",
    "resolve",
    "retire",
    "same_address",
    "set_members",
]

EVERYBODYS = 0
"""The group that everybody is in."""


def find(world: World, group_id: int, field: str = "id") -> GroupRecord:
    """Return the group of an id.

    Raises:
        GroupNotFound: There is none; the message names the field of the request.
    """
    group = world.store.company.groups.get(group_id)
    if group is None:
        raise GroupNotFound(f"`{field}`: there is no group {group_id}")
    return group


def new_id(world: World) -> int:
    """Return the id of the next group; ids count up, and none is used again."""
    company = world.store.company
    license = company.license
    license.last_group_id = max(license.last_group_id, *company.groups) + 1
    company.save_license(license)
    return license.last_group_id


def retire(world: World, group: GroupRecord) -> None:
    """Forget a group; its id is not used again."""
    company = world.store.company
    company.license.last_group_id = max(company.license.last_group_id, group.id)
    company.save_license(company.license)
    company.remove_group(group.id)


def priorities_of(world: World, group_id: int) -> dict[str, str]:
    """Return the priorities of the agents and bots of a group, in the order they were made."""
    members = sorted(world.store.company.agents.values(), key=lambda agent: agent.number)
    return {
        agent.id: priority
        for agent in members
        if (priority := memberships(agent).get(group_id)) is not None
    }


def resolve(world: World, priorities: Mapping[str, Priority]) -> dict[str, Priority]:
    """Return priorities by the ids as the agents have them; e-mail addresses ignore case.

    Raises:
        NotFound: One of them is no agent or bot.
        ValidationError: Two of them are the same one.
    """
    members: dict[str, Priority] = {}
    for agent_id, priority in priorities.items():
        member = _member(world, agent_id)
        if member.id in members:
            raise ValidationError(f"`agent_priorities` must not name `{member.id}` twice")
        members[member.id] = priority
    return members


def check_named_once(named: Iterable[GroupMembership]) -> None:
    """Check that no group is named twice: the priority would be anybody's guess.

    Raises:
        ValidationError: One is.
    """
    seen: set[int] = set()
    for position, membership in enumerate(named):
        if membership.id in seen:
            raise ValidationError(f"`groups[{position}].id` must not be {membership.id} again")
        seen.add(membership.id)


def _member(world: World, agent_id: str) -> AgentRecord:
    agent = same_address(world, agent_id)
    if agent is None:
        raise NotFound(f"`agent_priorities`: there is no agent or bot `{agent_id}`")
    return agent


def same_address(world: World, agent_id: str) -> AgentRecord | None:
    """Return the agent or bot of an id; the case of an e-mail address does not count."""
    agents = world.store.company.agents
    agent = agents.get(agent_id)
    if agent is None and "@" in agent_id:
        folded = agent_id.casefold()
        agent = next((agent for agent in agents.values() if agent.id.casefold() == folded), None)
    return agent


def memberships(agent: AgentRecord) -> dict[int, Priority]:
    """Return the groups of an agent or bot with the priorities, in the order of the ids."""
    priorities: dict[int, Priority] = {EVERYBODYS: "normal", **agent.groups}
    return dict(sorted(priorities.items()))


def check_room(world: World, agent: AgentRecord, group_ids: set[int]) -> None:
    """Check that an agent may be in so many groups.

    Group 0 does not count, nor do bots: both would be over the limit of the smallest plan anyway.

    Raises:
        LimitReached: They are too many.
    """
    if not agent.bot:
        count = len(group_ids - {EVERYBODYS})
        limits.check(world, "groups_per_agent", count, "groups for each agent")


def set_members(world: World, group_id: int, priorities: Mapping[str, Priority]) -> None:
    """Give a group these members and no others; nobody leaves the group of everybody.

    Raises:
        LimitReached: One of them would be in too many groups.
    """
    company = world.store.company
    for agent in list(company.agents.values()):
        priority = priorities.get(agent.id)
        if priority == agent.groups.get(group_id):
            continue
        if priority is not None:
            if group_id not in agent.groups:
                check_room(world, agent, {*agent.groups, group_id})
            agent.groups[group_id] = priority
        elif group_id != EVERYBODYS:
            del agent.groups[group_id]
        else:
            continue
        company.save_agent(agent)
