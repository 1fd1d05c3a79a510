"""What becomes of the chats of an agent who is gone, or does not respond."""

from typing import Literal

from frontdesk.sandbox.store.records import AgentRecord, ChatRecord, ChatUser
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.chats import chat_users, closing, system_messages
from frontdesk.sandbox.world.people import names
from frontdesk.sandbox.world.routing import assignment, queueing
from frontdesk.sandbox.world.world import World

__all__ = ["Cause", "forget", "hand_over", "hand_over_all", "replace_silent", "reroute"]

Cause = Literal["deleted", "disconnected", "other", "remotely_signed_out", "signed_out"]


def hand_over(
    world: World,
    chat: ChatRecord,
    user: ChatUser,
    cause: Cause,
    actor: Actor | None = None,
) -> None:
    """Take a chat from an agent who is gone: to another agent, to the queue, or to an end.

    A chat that no customer has come to yet is no exception: nobody else would ever end it.
    """
    agent = names.name_of(world, user.id)
    chat_users.remove(world, chat, user, reason="other", actor=actor)
    if not chat.active or chat_users.visible_agents(chat):
        return
    other = assignment.pick_for(world, chat, without=(user.id,))
    if other is not None:
        assignment.assign(world, chat, other.id)
        system_messages.write(
            world,
            chat,
            f"routing.assigned_{cause}",
            agent_added=other.name,
            agent_removed=agent,
        )
        assignment.push_transferred(world, chat, "assigned")
    elif queueing.allowed(world, chat):
        queueing.add(world, chat)
        system_messages.write(world, chat, f"routing.unassigned_{cause}", agent=agent)
        assignment.push_transferred(world, chat, "unassigned")
    else:
        closing.close(world, chat, f"routing.archived_{cause}", agent=agent)


def hand_over_all(
    world: World, agent: AgentRecord, cause: Cause, actor: Actor | None = None
) -> None:
    """Take all active chats from an agent or bot who is gone.

    Each goes to another agent, to the queue, or to an end; the system message
    (``routing.assigned_…``, ``routing.unassigned_…`` or ``routing.archived_…``) says why. Whoever
    calls it has set the agent ``offline`` before: a place that gets free in one chat is given away
    at once, and must not go to the agent who leaves.
    """
    for chat_id in world.store.chats.active_of_agent(agent.id):
        chat = world.store.chats.get(chat_id)
        user = chat.present_user(agent.id) if chat else None
        if chat is not None and user is not None:
            hand_over(world, chat, user, cause, actor)


def forget(world: World, agent_id: str) -> None:
    """Let no chat have somebody as present or as a follower who is no longer of the company.

    Active chats are handed over before. In closed ones the user stays, as somebody who left.
    """
    for chat_id in world.store.chats.of_agent(agent_id):
        chat = world.store.chats.get(chat_id)
        user = chat.present_user(agent_id) if chat else None
        if user is not None:
            user.present = False
    for chat_id in world.store.chats.followed_by(agent_id):
        chat = world.store.chats.get(chat_id)
        if chat is not None:
            chat.followers = [follower for follower in chat.followers if follower != agent_id]


def reroute(world: World, chat: ChatRecord) -> None:
    """Find somebody, or another place to wait, for a chat that waited for groups it had before."""
    agent = assignment.pick_for(world, chat)
    if agent is not None:
        assignment.assign(world, chat, agent.id)
        assignment.push_transferred(world, chat, "assigned")
    elif queueing.allowed(world, chat):
        queueing.add(world, chat)
    else:
        closing.close(world, chat, "routing.archived_other")


def replace_silent(world: World, chat: ChatRecord, minutes: int) -> bool:
    """Give a chat whose agent has not responded for some minutes to another, if there is one."""
    silent = chat_users.visible_agents(chat)
    other = assignment.pick_for(world, chat, without={user.id for user in silent})
    if other is None or not silent:
        return False
    for user in silent:
        chat_users.remove(world, chat, user, reason="other")
    assignment.assign(world, chat, other.id)
    system_messages.write(
        world,
        chat,
        "routing.assigned_inactive",
        agent_added=other.name,
        agent_removed=", ".join(names.name_of(world, user.id) for user in silent),
        duration=str(minutes),
    )
    assignment.push_transferred(world, chat, "inactive")
    return True
