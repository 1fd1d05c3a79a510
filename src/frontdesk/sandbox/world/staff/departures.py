"""Agents and bots who leave: deleted ones for good, suspended ones until further notice."""

from frontdesk.pushes import AgentSuspended, Push
from frontdesk.sandbox.store.records import AgentRecord
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.recipients import EVERYBODY
from frontdesk.sandbox.world.routing import reassignment
from frontdesk.sandbox.world.staff import sessions, statuses
from frontdesk.sandbox.world.world import World

__all__ = ["delete", "suspend"]


def delete(world: World, agent: AgentRecord, deleted: Push, *, actor: Actor | None = None) -> None:
    """Delete an agent or a bot.

    The active chats are handed over first (``routing.assigned_deleted`` and its siblings); then
    ``deleted`` is pushed, and the new statuses of groups. All tokens and RTM connections of an
    agent end. In old threads the id stays, as an author and a user.

    Args:
        world: Where it happens.
        agent: The agent or bot; whether it may be deleted is checked before.
        deleted: What is pushed of it: ``AgentDeleted`` or ``BotDeleted``.
        actor: Who does it.
    """
    group_ids = {0, *agent.groups}
    before = statuses.statuses_of(world, group_ids)
    # A place that gets free on the way is given away at once, and not to who leaves.
    agent.status = "offline"
    world.store.company.save_agent(agent)
    reassignment.hand_over_all(world, agent, "deleted", actor)
    reassignment.forget(world, agent.id)
    sessions.end_all(world, agent.id, "access_token_revoked")
    world.store.company.remove_agent(agent.id)
    world.store.accounts.remove_agent(agent.id)
    world.push(deleted, EVERYBODY, actor=actor)
    statuses.push_group_changes(world, before)
    statuses.end_waiting(world, group_ids)


def suspend(world: World, agent: AgentRecord, *, actor: Actor | None = None) -> None:
    """Suspend an agent: sessions end, chats are handed over, and the seat gets free.

    One who is suspended already stays so, and nothing is pushed.
    """
    if agent.suspended:
        return
    agent.suspended = True
    world.store.company.save_agent(agent)
    sessions.end_all(world, agent.id, "access_token_revoked")
    sessions.end_work(world, agent)
    statuses.change(world, agent, "offline", actor=actor, cause="remotely_signed_out")
    # Somebody offline can be in chats too: put there by others.
    reassignment.hand_over_all(world, agent, "remotely_signed_out", actor)
    world.push(AgentSuspended(id=agent.id), EVERYBODY, actor=actor)
