"""Transferring chats by hand."""

from collections.abc import Collection, Sequence

from msgspec import UNSET, UnsetType

from frontdesk.errors import AgentOffline, NotFound, ValidationError
from frontdesk.models import Access, Target, TransferTarget
from frontdesk.pushes import ChatAccessUpdated, IncomingChat
from frontdesk.sandbox.store.records import AgentRecord, ChatRecord
from frontdesk.sandbox.world import access, recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import chat_users, starting, system_messages, threads, views
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.people import names
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.routing import assignment, queueing
from frontdesk.sandbox.world.world import World

__all__ = ["transfer"]


def transfer(
    world: World,
    requester: Requester,
    chat: ChatRecord,
    target: Target | UnsetType,
    *,
    may_queue: bool,
) -> None:
    """Transfer an active chat to groups, to agents, or to somebody else in its groups.

    A transfer to where the chat is already changes nothing: to the agent who serves it, to its
    groups (unless the bot that serves it gives it away), or into the queue that it waits in.

    Args:
        target: Groups or agents; ``UNSET`` for another agent of the chat's groups.
        may_queue: Let the chat wait when nobody can take it at once, instead of failing.

    Raises:
        NotFound: There is no such agent.
        ValidationError: There is no such group, or an agent has no access to the chat.
        AgentOffline: Nobody can take it.
    """
    before = TransferTarget(
        group_ids=list(chat.group_ids),
        agent_ids=[user.id for user in chat_users.visible_agents(chat)],
    )
    _note_hand_over(chat, requester)
    group_ids = chat.group_ids
    if target is UNSET:
        agent, targets = _another(world, chat), "another agent"
    elif target.type == "group":
        group_ids = _groups(world, target)
        if _is_there(chat, group_ids, requester):
            return
        agent = _member(world, chat, group_ids)
        targets = _group_names(world, group_ids)
    else:
        agent, targets = _agent(world, chat, target)
    if set(group_ids) == set(chat.group_ids) and _has(chat, agent):
        return
    if agent is None and not may_queue:
        raise AgentOffline(
            "nobody of the target can take the chat at once; send "
            "`ignore_agents_availability` true to let it wait"
        )
    _move(world, chat, group_ids, requester)
    system_messages.write(
        world,
        chat,
        "chat_transferred",
        actor=requester,
        initiator=names.name_of(world, requester.id),
        targets=targets,
    )
    _change_agents(world, chat, agent, requester)
    stamp = int(world.clock.now().timestamp())
    threads.set_thread_routing(world, chat, last_transfer_timestamp=stamp)
    assignment.push_transferred(world, chat, "manual", requester)
    if agent is not None and agent.id not in (before.agent_ids or ()):
        _push_to_new_agent(world, chat, agent, before, requester)
    assignment.serve(world)


def _note_hand_over(chat: ChatRecord, requester: Requester) -> None:
    """Remember the bot that gives the chat away, so that the router does not give it back."""
    last = chat.last_thread
    assert last is not None
    if requester.bot and requester.id not in last.handed_over_by:
        last.handed_over_by = (*last.handed_over_by, requester.id)


def _is_there(chat: ChatRecord, group_ids: Sequence[int], requester: Requester) -> bool:
    """Return whether groups have the chat already, and it is not a bot that gives it away."""
    serving = {user.id for user in chat_users.visible_agents(chat)}
    waits = chat.last_thread is not None and chat.last_thread.queued
    if set(group_ids) != set(chat.group_ids) or not (serving or waits):
        return False
    return not (requester.bot and requester.id in serving)


def _has(chat: ChatRecord, agent: AgentRecord | None) -> bool:
    """Return whether the chat is with an agent, or waits for anybody, already."""
    serving = {user.id for user in chat_users.visible_agents(chat)}
    if agent is None:
        return not serving and chat.last_thread is not None and chat.last_thread.queued
    return agent.id in serving


def _another(world: World, chat: ChatRecord) -> AgentRecord | None:
    present = {user.id for user in chat.present_agents()}
    return _picked(world, chat, chat.group_ids, present)


def _member(world: World, chat: ChatRecord, group_ids: Sequence[int]) -> AgentRecord | None:
    """Return who of some groups takes the chat: somebody new, if that is possible."""
    serving = [user.id for user in chat_users.visible_agents(chat)]
    return _picked(world, chat, group_ids, serving) or _picked(world, chat, group_ids, ())


def _picked(
    world: World, chat: ChatRecord, group_ids: Sequence[int], without: Collection[str]
) -> AgentRecord | None:
    last = chat.last_thread
    assert last is not None
    return assignment.pick(world, group_ids, without=without, handed_over_by=last.handed_over_by)


def _groups(world: World, target: Target) -> list[int]:
    group_ids = [group_id for group_id in dict.fromkeys(target.ids) if isinstance(group_id, int)]
    starting.check_groups(world, group_ids, "target.ids")
    return group_ids


def _group_names(world: World, group_ids: Sequence[int]) -> str:
    groups = world.store.company.groups
    return ", ".join(
        groups[group_id].name if group_id in groups else str(group_id) for group_id in group_ids
    )


def _agent(world: World, chat: ChatRecord, target: Target) -> tuple[AgentRecord | None, str]:
    """Return the agent of the target who is there with the fewest chats, and all names.

    One who serves the chat keeps it.
    """
    targets: list[AgentRecord] = []
    for agent_id in dict.fromkeys(target.ids):
        agent = world.store.company.agents.get(str(agent_id))
        if agent is None:
            raise NotFound(f"`target.ids`: there is no agent `{agent_id}`")
        access.require_working(agent, "target.ids")
        if not access.agent_shares(agent, chat.group_ids):
            raise ValidationError(f"`target.ids`: the agent `{agent_id}` has no access to the chat")
        targets.append(agent)
    loads = world.store.chats.loads()
    there = sorted(
        (agent for agent in targets if agent.status != "offline" or _has(chat, agent)),
        key=lambda agent: (
            not _has(chat, agent),
            agent.status != "accepting_chats",
            loads.get(agent.id, 0),
            agent.id,
        ),
    )
    return (there[0] if there else None), ", ".join(agent.name for agent in targets)


def _move(world: World, chat: ChatRecord, group_ids: list[int], requester: Requester) -> None:
    """Give the chat and its thread other groups."""
    if set(group_ids) == set(chat.group_ids):
        return
    queueing.remove(world, chat)
    before = chat.group_ids
    chat.group_ids = group_ids
    thread = threads.last(world, chat)
    thread.group_ids = list(group_ids)
    now_reached = recipients.agents_with_access(chat)
    world.push(
        ChatAccessUpdated(id=chat.id, access=Access(group_ids=group_ids)),
        Recipients(
            agent_ids=now_reached.agent_ids,
            group_ids=tuple(dict.fromkeys((*now_reached.group_ids, *before))),
        ),
        chat_id=chat.id,
        actor=requester,
    )


def _change_agents(
    world: World, chat: ChatRecord, agent: AgentRecord | None, requester: Requester
) -> None:
    for user in chat_users.visible_agents(chat):
        if agent is None or user.id != agent.id:
            chat_users.remove(world, chat, user, reason="manual", actor=requester)
    if agent is None:
        if not (chat.last_thread and chat.last_thread.queued):
            queueing.add(world, chat)
    elif chat.present_user(agent.id) is None or agent.id not in {
        user.id for user in chat_users.visible_agents(chat)
    }:
        assignment.assign(world, chat, agent.id, actor=requester, reason="manual")


def _push_to_new_agent(
    world: World,
    chat: ChatRecord,
    agent: AgentRecord,
    before: TransferTarget,
    requester: Requester,
) -> None:
    if world.listened:
        # Not a webhook: that one is for chats with a new thread.
        incoming = IncomingChat(
            chat=views.show_chat_to_all(world, chat, threads.last(world, chat)),
            requester_id=requester.id,
            transferred_from=before,
        )
        world.emit(
            Effect(
                payload=incoming,
                push=IncomingChat.spec.name,
                recipients=Recipients(agent_ids=(agent.id,)),
                chat_id=chat.id,
                actor=requester,
            )
        )
