"""How many agents and bots the license has room for, and how many of them may work at once.

Bots count like agents: each is one of those that the license may have, and one that is not offline
takes a seat, as an agent who is logged in does.
"""

from frontdesk.errors import LimitReached, SeatsLimitExceeded
from frontdesk.sandbox.world import properties
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
    limit = _limit(world)
    if len(active) >= limit:
        raise LimitReached(f"the license allows {limit} agents and bots")


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
    seats = _limit(world)
    if agent_id not in taken and len(taken) >= seats:
        raise SeatsLimitExceeded(f"all {seats} seats of the license are taken")


def _limit(world: World) -> int:
    return int(properties.license_value(world, "limits", "agents.base", 400))
