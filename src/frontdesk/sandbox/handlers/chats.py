"""Chats: read, start, resume, deactivate, follow."""

from msgspec import UNSET

from frontdesk.actions import GetChat, StartChat
from frontdesk.models import Chat, StartedChat
from frontdesk.sandbox.world import access, chats, views
from frontdesk.sandbox.world.handling import handles
from frontdesk.sandbox.world.requester import Requester
from frontdesk.sandbox.world.world import World


@handles(GetChat)
def get_chat(world: World, requester: Requester, action: GetChat) -> Chat:
    """Read a chat with one thread."""
    chat = world.store.chats.get(action.chat_id)
    if action.thread_id is UNSET or chat is None:
        chat = access.chat(world, requester, action.chat_id, "ro")
        last = chat.thread
        thread = None if last is None else access.thread(world, requester, chat, last.id, "ro")
    else:
        thread = access.thread(world, requester, chat, action.thread_id, "ro")
    return views.chat(world, requester, chat, thread)


@handles(
    StartChat,
    fidelity="assumed",
    note="Assumed: the error `groups_offline` when no group is online and `continuous` is false.",
)
def start_chat(world: World, requester: Requester, action: StartChat) -> StartedChat:
    """Start a chat with the requester in it."""
    start = chats.opening(
        world,
        chats.Author.of(requester),
        action.chat,
        active=action.active is not False,
        continuous=action.continuous is True,
    )
    if start.active and not start.continuous:
        chats.require_online_group(world, start.group_ids)
    chat = chats.create(world, start)
    event_ids = chats.new_thread(world, chat, start, is_new=True)
    chats.tell_incoming(world, chat, start)
    assert chat.thread is not None
    return StartedChat(chat_id=chat.id, thread_id=chat.thread.id, event_ids=event_ids or None)
