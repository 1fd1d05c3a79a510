"""The router: who takes which chat.

A chat goes to the agent or bot of its groups who accepts chats, has a free place, and has the
fewest chats, bots before agents, those with priority ``first`` before ``normal`` before ``last``;
supervisors get none. Among equals the one who was made first gets it. When nobody has a place the
chat waits, if queues are on. A bot that gave the chat away gets it back only if nobody else of its
groups accepts chats.

The API documents only the effects of routing; these rules are what its properties and system
messages imply.
"""

from collections.abc import Collection, Iterable
from typing import Literal

from frontdesk.errors import GroupUnavailable
from frontdesk.models import TransferTarget
from frontdesk.pushes import ChatTransferred
from frontdesk.sandbox.store.records import AgentRecord, ChatRecord
from frontdesk.sandbox.world import properties, recipients
from frontdesk.sandbox.world.actor import Actor, requester_id
from frontdesk.sandbox.world.chats import chat_users, threads, views
from frontdesk.sandbox.world.routing import queueing
from frontdesk.sandbox.world.world import World

__all__ = [
    "assign",
    "limit_of",
    "pick",
    "pick_for",
    "picks_by_hand",
    "place",
    "push_transferred",
    "serve",
]

Reason = Literal["manual", "inactive", "assigned", "unassigned", "other"]

_RANKS = {"first": 0, "normal": 1, "last": 2}


def limit_of(world: World, agent: AgentRecord) -> int:
    """Return how many chats an agent or bot may have at once."""
    if agent.max_chats is not None:
        return agent.max_chats
    return int(properties.license_value(world, "chats", "max_agent_active_chats", 20))


def _rank(agent: AgentRecord, group_ids: Iterable[int]) -> int | None:
    """Return the best priority of an agent in the groups; supervisors have none."""
    ranks = [
        _RANKS[priority]
        for group_id in group_ids
        if (priority := agent.groups.get(group_id, "normal" if group_id == 0 else None)) in _RANKS
    ]
    return min(ranks, default=None)


def pick(
    world: World,
    group_ids: Collection[int],
    *,
    without: Collection[str] = (),
    bots: bool = True,
    handed_over_by: Collection[str] = (),
    busy: bool = False,
) -> AgentRecord | None:
    """Return who takes the next chat of the groups; None when nobody can.

    Args:
        group_ids: The groups.
        without: Agents and bots who are not asked.
        bots: Whether bots are.
        handed_over_by: Bots that are asked only if nobody else of the groups accepts chats: a chat
            that waits for people is not to go back to the bot that gave it to them.
        busy: Whether those without a free place are asked too.
    """
    loads = world.store.chats.loads()
    candidates = [
        (agent, rank)
        for agent in world.store.company.agents.values()
        if agent.status == "accepting_chats"
        and agent.id not in without
        and (bots or not agent.bot)
        and (rank := _rank(agent, group_ids)) is not None
    ]
    others = [pair for pair in candidates if pair[0].id not in handed_over_by]
    free = [
        (not agent.bot, rank, load, agent.number, agent.id)
        for agent, rank in others or candidates
        if (load := loads.get(agent.id, 0)) < limit_of(world, agent) or busy
    ]
    return world.store.company.agents[min(free)[-1]] if free else None


def pick_for(world: World, chat: ChatRecord, without: Collection[str] = ()) -> AgentRecord | None:
    """Return who takes a chat by the router's rules; ``None`` if people do, or nobody can."""
    routing = chat.properties.get("routing", {})
    if routing.get("ignore_agents_routing") or manual(world, chat):
        return None
    assert chat.last_thread is not None
    bots = not threads.last(world, chat).properties.get("routing", {}).get("ignore_bots", False)
    if properties.license_value(world, "chats", "prefer_recent_agent", default=False):
        recent = _recent(world, chat, without)
        if recent is not None:
            return recent
    return pick(
        world,
        chat.group_ids,
        without=without,
        bots=bots,
        handed_over_by=chat.last_thread.handed_over_by,
    )


def _recent(world: World, chat: ChatRecord, without: Collection[str]) -> AgentRecord | None:
    """Return the last agent of the chat, if free to take it again."""
    for user in reversed(chat.users):
        agent = world.store.company.agents.get(user.id)
        if (
            agent is not None
            and not agent.bot
            and agent.id not in without
            and agent.status == "accepting_chats"
            and _rank(agent, chat.group_ids) is not None
            and world.store.chats.loads().get(agent.id, 0) < limit_of(world, agent)
        ):
            return agent
    return None


def manual(world: World, chat: ChatRecord) -> bool:
    """Return whether agents pick the chats of the group themselves."""
    return picks_by_hand(world, chat.group_ids)


def picks_by_hand(world: World, group_ids: Iterable[int]) -> bool:
    """Return whether agents pick the chats of these groups themselves."""
    override = queueing.group_value(world, group_ids, "manual_routing.override", -1)
    if override != -1:
        return bool(override)
    return bool(properties.license_value(world, "chats", "manual_routing", default=False))


def place(world: World, chat: ChatRecord) -> None:
    """Find somebody for a chat that the customer opened; nothing is pushed of it.

    Raises:
        GroupUnavailable: Nobody has a place, and the chat may not wait.
    """
    agent = pick_for(world, chat)
    if agent is not None:
        assign(world, chat, agent.id, push=False)
    elif queueing.allowed(world, chat):
        queueing.add(world, chat)
    elif chat.continuous:
        queueing.mark_unassigned(world, chat)
    else:
        raise GroupUnavailable("nobody of the group has a place, and the queue takes no more chats")


def assign(
    world: World,
    chat: ChatRecord,
    agent_id: str,
    *,
    actor: Actor | None = None,
    reason: str = "assigned",
    push: bool = True,
) -> None:
    """Give the chat to an agent."""
    queueing.remove(world, chat)
    arrival = chat_users.NewChatUser(user_id=agent_id, reason=reason, actor=actor)
    chat_users.add(world, chat, arrival, push=push)
    threads.set_thread_routing(world, chat, unassigned=False, pinned=False)
    threads.set_chat_routing(world, chat, unassigned=False, pinned=False)


def serve(world: World) -> None:
    """Give queued chats to agents who have a place now."""
    if not world.store.queue.count():
        return
    refused: set[int] = set()
    while True:
        groups = _groups_with_places(world)
        row = world.store.queue.first(groups, refused)
        if row is None:
            return
        chat = world.store.chats.at(row.chat)
        agent = pick_for(world, chat)
        if agent is None:
            refused.add(row.thread)
            continue
        assign(world, chat, agent.id)
        push_transferred(world, chat, "assigned")


def _groups_with_places(world: World) -> set[int]:
    loads = world.store.chats.loads()
    groups: set[int] = set()
    for agent in world.store.company.agents.values():
        if agent.status == "accepting_chats" and loads.get(agent.id, 0) < limit_of(world, agent):
            groups.update(
                group_id for group_id, priority in agent.groups.items() if priority in _RANKS
            )
            if agent.groups.get(0, "normal") in _RANKS:
                groups.add(0)
    return groups


def push_transferred(
    world: World, chat: ChatRecord, reason: Reason, actor: Actor | None = None
) -> None:
    """Push to everybody with access whom the chat belongs to now."""
    if not world.listened or chat.last_thread is None:
        return
    world.push(
        ChatTransferred(
            chat_id=chat.id,
            thread_id=chat.last_thread.id if chat.last_thread.active else None,
            requester_id=requester_id(actor),
            reason=reason,
            transferred_to=TransferTarget(
                group_ids=chat.group_ids,
                agent_ids=[user.id for user in chat_users.visible_agents(chat)],
            ),
            queue=views.show_queue_place(world, chat.last_thread.num, chat.group_ids)
            if chat.last_thread.queued
            else None,
        ),
        recipients.agents_with_access(chat),
        chat_id=chat.id,
        to_customer=True,
        actor=actor,
    )
