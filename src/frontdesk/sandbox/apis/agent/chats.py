"""Chats: read, start, resume, deactivate, follow."""

from msgspec import UNSET

from frontdesk.actions import (
    DeactivateChat,
    FollowChat,
    GetChat,
    ResumeChat,
    StartChat,
    UnfollowChat,
)
from frontdesk.errors import NotFound, ValidationError
from frontdesk.models import Chat, ResumedChat, StartedChat
from frontdesk.pushes import ChatUnfollowed, IncomingChat
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import closing, members, starting, threads, views
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.people import names
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.world import World

__all__ = [
    "deactivate_chat",
    "follow_chat",
    "get_chat",
    "resume_chat",
    "start_chat",
    "unfollow_chat",
]


@handles(
    GetChat,
    fidelity="assumed",
    note="Assumed: `missing_access` without access to the thread, `not_found` for an unknown one.",
)
def get_chat(world: World, requester: Requester, action: GetChat) -> Chat:
    """Read a chat with one thread; access is that of the thread."""
    if action.thread_id is UNSET:
        chat = access.chat(world, requester, action.chat_id, "ro")
        last = chat.thread
        thread = None if last is None else access.thread(world, requester, chat, last.id, "ro")
    else:
        chat = access.any_chat(world, action.chat_id)
        thread = access.thread(world, requester, chat, action.thread_id, "ro")
    return views.chat(world, requester, chat, thread)


@handles(
    StartChat,
    fidelity="assumed",
    note="Assumed: `groups_offline` when nobody of the groups accepts chats and `continuous` is "
    "false (an inactive thread needs nobody), `validation` for a fifth other agent, for an "
    "author of an initial event who is not listed, and for a customer who has an active chat,"
    " `customer_banned` for a banned customer.",
)
def start_chat(world: World, requester: Requester, action: StartChat) -> StartedChat:
    """Start a chat with the requester in it."""
    start = starting.opening(
        world,
        requester,
        starting.Start(
            chat=action.chat,
            active=action.active is not False,
            continuous=action.continuous is True,
        ),
    )
    if start.active and not start.continuous:
        starting.require_online_group(world, start.group_ids)
    chat = starting.create(world, start)
    event_ids = starting.new_thread(world, chat, start, is_new=True)
    starting.push_incoming(world, chat, start)
    return StartedChat(
        chat_id=chat.id, thread_id=threads.last(world, chat).id, event_ids=event_ids or None
    )


@handles(
    ResumeChat,
    fidelity="assumed",
    note="Assumed: `validation` for a chat that is active already. Agents of the thread before who"
    " are not in `chat.users` leave, and nobody follows the chat any more. No group needs to "
    "be online. `validation` as for `start_chat`.",
)
def resume_chat(world: World, requester: Requester, action: ResumeChat) -> ResumedChat:
    """Open another thread in a chat without an active one."""
    chat_id = action.chat.id
    if chat_id is UNSET:
        raise ValidationError("`chat.id` is required")
    chat = access.chat(world, requester, chat_id, "rw", "chat.id")
    if chat.active:
        raise ValidationError(f"`chat.id`: the chat `{chat.id}` is active already")
    start = starting.opening(
        world,
        requester,
        starting.Start(
            chat=action.chat,
            active=action.active is not False,
            continuous=None if action.continuous is UNSET else action.continuous,
            customer_id=chat.customer_id,
        ),
    )
    event_ids = starting.new_thread(world, chat, start, is_new=False)
    starting.push_incoming(world, chat, start)
    return ResumedChat(thread_id=threads.last(world, chat).id, event_ids=event_ids or None)


@handles(
    DeactivateChat,
    fidelity="assumed",
    note="Without an active thread nothing happens. Assumed: `authorization` for a requester "
    "outside the chat. The users stay in the chat.",
)
def deactivate_chat(world: World, requester: Requester, action: DeactivateChat) -> None:
    """Close the active thread."""
    chat = access.chat(world, requester, action.id, "rw", "id")
    if not chat.active:
        return
    members.require(chat, requester, ignore_presence=action.ignore_requester_presence is True)
    closing.close(
        world,
        chat,
        "manual_archived_agent",
        actor=requester,
        agent=names.name_of(world, requester.id),
    )


@handles(FollowChat)
def follow_chat(world: World, requester: Requester, action: FollowChat) -> None:
    """Have the requester get all pushes of a chat."""
    chat = access.chat(world, requester, action.id, "ro", "id")
    if requester.id in chat.followers or chat.present(requester.id) is not None:
        return
    chat.followers.append(requester.id)
    if world.listened:
        last = chat.thread
        thread = None if last is None else threads.last(world, chat)
        incoming = views.chat_for_all(world, chat, thread)
        world.emit(
            Effect(
                payload=IncomingChat(chat=incoming, requester_id=requester.id),
                push=IncomingChat.spec.name,
                recipients=Recipients(agent_ids=(requester.id,)),
                chat_id=chat.id,
                actor=requester,
            )
        )


@handles(
    UnfollowChat,
    fidelity="assumed",
    note="Assumed: `validation` for a user of the chat; nothing happens for one who does not "
    "follow it; the push goes to the requester's own connections. The response is empty, as "
    "the Web docs say.",
)
def unfollow_chat(world: World, requester: Requester, action: UnfollowChat) -> None:
    """Stop the pushes of a chat."""
    chat = world.store.chats.get(action.id)
    if chat is None:
        raise NotFound(f"`id`: there is no chat `{action.id}`")
    if chat.present(requester.id) is not None:
        raise ValidationError("`id`: users of a chat cannot unfollow it")
    if requester.id not in chat.followers:
        return
    chat.followers.remove(requester.id)
    world.push(
        ChatUnfollowed(chat_id=chat.id),
        Recipients(agent_ids=(requester.id,)),
        chat_id=chat.id,
        actor=requester,
    )
