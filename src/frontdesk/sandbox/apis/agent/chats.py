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
from frontdesk.sandbox.apis.rules import GO_SDK, assumed, documented
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import chat_users, closing, starting, threads, views
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
    rules=(
        documented(
            "The thread is the last one unless another is named; access is that of the thread."
        ),
        assumed(
            "`missing_access` is the error without access to it, `not_found` for one that"
            " is not there."
        ),
    ),
)
def get_chat(world: World, requester: Requester, action: GetChat) -> Chat:
    """Read a chat with one thread; access is that of the thread."""
    if action.thread_id is UNSET:
        chat = access.chat(world, requester, action.chat_id, "ro")
        last = chat.last_thread
        thread = None if last is None else access.thread(world, requester, chat, last.id, "ro")
    else:
        chat = access.any_chat(world, action.chat_id)
        thread = access.thread(world, requester, chat, action.thread_id, "ro")
    return views.show_chat(world, requester, chat, thread)


@handles(
    StartChat,
    rules=(
        documented(
            "Up to 4 further agents and 1 customer, who exist; events and users are "
            "visible to all; everything counts as seen by the requester."
        ),
        documented("A group must be online unless `continuous` is true."),
        assumed(
            "`groups_offline` is the error when nobody of the groups accepts chats; an "
            "inactive thread needs nobody."
        ),
        documented("Authors of events other than the requester must be listed in `chat.users`."),
        assumed(
            "`validation` is the error for other authors, and for a fifth further agent; "
            "`customer_banned` for a customer who is banned."
        ),
        assumed(
            "A customer has one active chat at most, whoever starts it: `validation`, and"
            " the message names that chat."
        ),
        assumed(
            "A form that the customer is said to have filled in counts as pre-chat and "
            "gives name and e-mail address."
        ),
    ),
)
def start_chat(world: World, requester: Requester, action: StartChat) -> StartedChat:
    """Start a chat with the requester in it."""
    start = starting.check_start(
        world,
        requester,
        starting.StartRequest(
            chat=action.chat,
            active=action.active is not False,
            continuous=action.continuous is True,
        ),
    )
    if start.active and not start.continuous:
        starting.require_online_group(world, start.group_ids)
    chat = starting.new_chat(world, start)
    event_ids = starting.start_thread(world, chat, start, is_new=True)
    starting.push_incoming(world, chat, start)
    return StartedChat(
        chat_id=chat.id, thread_id=threads.last(world, chat).id, event_ids=event_ids or None
    )


@handles(
    ResumeChat,
    rules=(
        documented(
            "A new thread begins in a chat without an active one; `chat.access` defaults "
            "to group 0; the mode stays as it was unless `continuous` is sent."
        ),
        assumed("`validation` is the error for a chat that is active already."),
        documented(
            "Users, authors and events are as for `start_chat`; nobody follows the chat any more."
        ),
        assumed(
            "`validation` is the error for further agents, authors and a customer with "
            "another active chat, as for `start_chat`."
        ),
        assumed("Agents of the thread before who are not in `chat.users` leave."),
        assumed("No group needs to be online."),
    ),
)
def resume_chat(world: World, requester: Requester, action: ResumeChat) -> ResumedChat:
    """Open another thread in a chat without an active one."""
    chat_id = action.chat.id
    if chat_id is UNSET:
        raise ValidationError("`chat.id` is required")
    chat = access.chat(world, requester, chat_id, "rw", "chat.id")
    if chat.active:
        raise ValidationError(f"`chat.id`: the chat `{chat.id}` is active already")
    start = starting.check_start(
        world,
        requester,
        starting.StartRequest(
            chat=action.chat,
            active=action.active is not False,
            continuous=None if action.continuous is UNSET else action.continuous,
            customer_id=chat.customer_id,
        ),
    )
    event_ids = starting.start_thread(world, chat, start, is_new=False)
    starting.push_incoming(world, chat, start)
    return ResumedChat(thread_id=threads.last(world, chat).id, event_ids=event_ids or None)


@handles(
    DeactivateChat,
    rules=(
        documented(
            "The requester must be in the chat unless `ignore_requester_presence` is "
            "true; the system message is `manual_archived_agent`."
        ),
        assumed("`authorization` is the error for a requester who is not in the chat."),
        documented(
            "Without an active thread nothing happens.",
            GO_SDK,
        ),
        assumed("The users stay in the chat."),
    ),
)
def deactivate_chat(world: World, requester: Requester, action: DeactivateChat) -> None:
    """Close the active thread."""
    chat = access.chat(world, requester, action.id, "rw", "id")
    if not chat.active:
        return
    chat_users.require_present(
        chat, requester, ignore_presence=action.ignore_requester_presence is True
    )
    closing.close(
        world,
        chat,
        "manual_archived_agent",
        actor=requester,
        agent=names.name_of(world, requester.id),
    )


@handles(
    FollowChat,
    rules=(
        documented(
            "`incoming_chat` comes to the requester, unless in the chat or following it "
            "already; following ends when the chat is resumed."
        ),
    ),
)
def follow_chat(world: World, requester: Requester, action: FollowChat) -> None:
    """Have the requester get all pushes of a chat."""
    chat = access.chat(world, requester, action.id, "ro", "id")
    if requester.id in chat.followers or chat.present_user(requester.id) is not None:
        return
    chat.followers.append(requester.id)
    if world.listened:
        last = chat.last_thread
        thread = None if last is None else threads.last(world, chat)
        incoming = views.show_chat_to_all(world, chat, thread)
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
    rules=(
        documented(
            "Users of a chat cannot unfollow it; afterwards only its key changes are pushed."
        ),
        assumed(
            "`validation` is the error for a user of the chat; nothing happens for one "
            "who does not follow it."
        ),
        assumed(
            "The push goes to the requester's own connections; the response is empty, as "
            "on the Web page (a sample of RTM has `chat_id`)."
        ),
    ),
)
def unfollow_chat(world: World, requester: Requester, action: UnfollowChat) -> None:
    """Stop the pushes of a chat."""
    chat = world.store.chats.get(action.id)
    if chat is None:
        raise NotFound(f"`id`: there is no chat `{action.id}`")
    if chat.present_user(requester.id) is not None:
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
