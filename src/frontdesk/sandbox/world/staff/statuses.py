"""Routing statuses of agents and bots, and what follows from a change."""

from collections.abc import Iterable, Mapping

from frontdesk.pushes import GroupsStatusUpdated, GroupStatus, RoutingStatusSet
from frontdesk.sandbox.store.records import AgentRecord, RoutingStatus
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.chats import closing
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.recipients import EVERYBODY, Recipients
from frontdesk.sandbox.world.routing import assignment, reassignment
from frontdesk.sandbox.world.routing.reassignment import Cause
from frontdesk.sandbox.world.world import World

__all__ = ["change", "end_waiting", "group_status", "push_group_changes", "settle", "statuses_of"]


def group_status(world: World, group_id: int) -> RoutingStatus:
    """Return the status of a group: the best of its members'."""
    statuses = {
        agent.status
        for agent in world.store.company.agents.values()
        if group_id == 0 or group_id in agent.groups
    }
    if "accepting_chats" in statuses:
        return "accepting_chats"
    return "not_accepting_chats" if "not_accepting_chats" in statuses else "offline"


def statuses_of(world: World, group_ids: Iterable[int]) -> dict[int, RoutingStatus]:
    """Return the statuses of groups, to compare with ``push_group_changes`` later on."""
    return {group_id: group_status(world, group_id) for group_id in group_ids}


def change(
    world: World,
    agent: AgentRecord,
    status: RoutingStatus,
    *,
    actor: Actor | None = None,
    cause: Cause = "other",
) -> None:
    """Give an agent or bot another routing status.

    Whoever goes offline loses the active chats, and ``cause`` is reported as the reason; whoever
    accepts chats gets queued ones. A status that is set already changes nothing.
    """
    if agent.status == status:
        return
    group_ids = {0, *agent.groups}
    before = statuses_of(world, group_ids)
    agent.status = status
    world.store.company.save_agent(agent)
    # Not `world.push`: the structure of the push has no name of a webhook.
    world.emit(
        Effect(
            payload=RoutingStatusSet(agent_id=agent.id, status=status),
            push="routing_status_set",
            webhook="routing_status_set",
            recipients=EVERYBODY,
            actor=actor,
        )
    )
    push_group_changes(world, before)
    if status == "offline":
        reassignment.hand_over_all(world, agent, cause, actor)
        end_waiting(world, group_ids)
    elif status == "accepting_chats":
        assignment.serve(world)


def end_waiting(world: World, group_ids: Iterable[int]) -> None:
    """Close chats that wait for groups where nobody is left; continuous ones go on waiting."""
    for group_id in sorted(group_ids):
        for chat_id, _ in world.store.queue.places(group_id):
            chat = world.store.chats.get(chat_id)
            if (
                chat is not None
                and not chat.continuous
                and all(group_status(world, of_chat) == "offline" for of_chat in chat.group_ids)
            ):
                closing.close(world, chat, "routing.archived_offline")


def settle(world: World, before: Mapping[int, RoutingStatus | None]) -> None:
    """Do what follows when groups have other members than before.

    The statuses that changed are pushed, those who wait for a group where nobody is left wait no
    more, and agents who have a place get who waits for their new groups.

    Args:
        world: Where it happens.
        before: The statuses that the groups had, see ``statuses_of``; ``None`` for a new group.
    """
    push_group_changes(world, before)
    end_waiting(
        world,
        [
            group_id
            for group_id, old in before.items()
            if old not in (None, "offline") and group_status(world, group_id) == "offline"
        ],
    )
    assignment.serve(world)


def push_group_changes(world: World, before: Mapping[int, RoutingStatus | None]) -> None:
    """Push which groups have another status than before, to the agents with access to them.

    Each agent gets one push, of all the groups that changed and that the agent has access to.
    """
    if not world.listened:
        return
    changed = {
        group_id: new
        for group_id, old in sorted(before.items())
        if (new := group_status(world, group_id)) != old
    }
    readers: dict[tuple[int, ...], list[str]] = {}
    for agent in world.store.company.agents.values():
        reached = tuple(group_id for group_id in changed if access.reaches_group(agent, group_id))
        if reached:
            readers.setdefault(reached, []).append(agent.id)
    for group_ids, agent_ids in readers.items():
        world.push(
            GroupsStatusUpdated(
                groups=[
                    GroupStatus(id=group_id, status=changed[group_id]) for group_id in group_ids
                ]
            ),
            Recipients(agent_ids=tuple(agent_ids)),
        )
