"""Agents as the Configuration API names them."""

from frontdesk.errors import NotFound
from frontdesk.sandbox.store.records import AgentRecord, Priority
from frontdesk.sandbox.world.world import World

__all__ = ["find", "find_anybody", "memberships", "same_address"]


def find(world: World, agent_id: str, field: str = "id") -> AgentRecord:
    """Return the agent of an id, which is an e-mail address: case does not count.

    Raises:
        NotFound: There is none, or it is a bot; the message names the field of the request.
    """
    agent = same_address(world, agent_id)
    if agent is None or agent.bot:
        raise NotFound(f"`{field}`: there is no agent `{agent_id}`")
    return agent


def find_anybody(world: World, agent_id: str, field: str = "id") -> AgentRecord:
    """Return the agent or bot of an id.

    Raises:
        NotFound: There is none.
    """
    agent = same_address(world, agent_id)
    if agent is None:
        raise NotFound(f"`{field}`: there is no agent or bot `{agent_id}`")
    return agent


def same_address(world: World, agent_id: str) -> AgentRecord | None:
    """Return the agent or bot whose id is this one, whatever the case of its letters."""
    agents = world.store.company.agents
    agent = agents.get(agent_id)
    if agent is None and "@" in agent_id:
        folded = agent_id.casefold()
        agent = next((agent for agent in agents.values() if agent.id.casefold() == folded), None)
    return agent


def memberships(agent: AgentRecord) -> dict[int, Priority]:
    """Return the groups of an agent or bot with the priorities, the group of everybody first."""
    return {0: "normal", **agent.groups}
