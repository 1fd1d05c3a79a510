"""What people call users."""

from frontdesk.sandbox.world.world import World

__all__ = ["name_of"]


def name_of(world: World, user_id: str) -> str:
    """Return the name of an agent, bot or customer; the id of somebody unknown."""
    agent = world.store.company.agents.get(user_id)
    if agent is not None:
        return agent.name
    customer = world.store.customers.read(user_id)
    if customer is None:
        return user_id
    return customer.profile.name or customer.profile.email or "Customer"
