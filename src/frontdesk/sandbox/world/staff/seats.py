"""How many agents and bots the license has room for, and how many of them may work at once.

Bots count like agents: each is one of those that the license may have, and one that is not offline
takes a seat, as an agent who is logged in does.
"""

from frontdesk.errors import SeatsLimitExceeded
from frontdesk.sandbox.world.properties import limits
from frontdesk.sandbox.world.world import World

__all__ = ["check_room", "take"]


def check_room(world: World) -> None:
    """Check that one more agent or bot may be made.

    Suspended agents, and those whom nobody has approved yet, do not count.

    Raises:
        LimitReached: The license has as many as it may have.
    """
    active = [
        agent
        for agent in world.store.company.agents.values()
        if not (agent.suspended or agent.awaiting_approval)
    ]
    limits.check(world, "agents", len(active) + 1, "agents and bots")


def take(world: World, agent_id: str) -> None:
    """Check that an agent or bot may begin to work, or works already.

    Raises:
        SeatsLimitExceeded: All seats of the license are taken.
    """
    taken = {session.requester.id for session in world.sessions.values()}
    taken.update(
        agent.id
        for agent in world.store.company.agents.values()
        if agent.bot and agent.status != "offline"
    )
    seats = limits.limit_of(world, "agents")
    if seats != limits.UNLIMITED and agent_id not in taken and len(taken) >= seats:
        raise SeatsLimitExceeded(f"all {seats} seats of the license are taken")
