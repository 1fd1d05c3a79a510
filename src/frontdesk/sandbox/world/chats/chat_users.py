"""Users of chats: who is in, who comes, who leaves."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from frontdesk.errors import AuthorizationError
from frontdesk.pushes import EventsMarkedAsSeen, UserAddedToChat, UserRemovedFromChat
from frontdesk.sandbox.store.records import ChatRecord, ChatUser
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.actor import Actor, Requester, requester_id
from frontdesk.sandbox.world.chats import threads, views
from frontdesk.sandbox.world.world import World

__all__ = ["NewChatUser", "add", "mark_seen", "remove", "require_present", "visible_agents"]

Visibility = Literal["all", "agents"]


def require_present(
    chat: ChatRecord, requester: Requester, *, ignore_presence: bool = False
) -> ChatUser:
    """Return the requester as a user of the chat, or a stranger when the presence rule is lifted.

    Raises:
        AuthorizationError: The requester is not in the chat now.
    """
    user = chat.present_user(requester.id)
    if user is not None:
        return user
    if ignore_presence:
        return ChatUser(id=requester.id, type="agent", present=False)
    raise AuthorizationError(
        f"the requester is not a user of the chat `{chat.id}`; add_user_to_chat makes it one"
    )


def visible_agents(chat: ChatRecord) -> list[ChatUser]:
    """Return the agents in the chat whom the customer can see: those who serve it."""
    return [user for user in chat.present_agents() if user.visibility == "all"]


class NewChatUser(Struct, kw_only=True, frozen=True):
    """Somebody who is put into a chat.

    ``reason`` is what the push says, ``actor`` who did it.
    """

    user_id: str
    type: Literal["agent", "customer"] = "agent"
    reason: str
    visibility: Visibility = "all"
    actor: Actor | None = None


def add(world: World, chat: ChatRecord, new_user: NewChatUser, *, push: bool = True) -> None:
    """Put a user into the chat and its active thread.

    ``push`` is false for whoever comes with ``incoming_chat``.
    """
    user = chat.user(new_user.user_id)
    if user is None:
        user = ChatUser(id=new_user.user_id, type=new_user.type, visibility=new_user.visibility)
        chat.users.append(user)
    else:
        user.present = True
        user.visibility = new_user.visibility
    if new_user.type == "customer":
        chat.customer_id = new_user.user_id
    if chat.active:
        thread = threads.last(world, chat)
        if new_user.user_id not in thread.user_ids:
            thread.user_ids.append(new_user.user_id)
    if push and world.listened:
        world.push(
            UserAddedToChat(
                chat_id=chat.id,
                thread_id=_active_id(chat),
                user=views.show_user(world, chat, user),
                reason=new_user.reason,
                requester_id=requester_id(new_user.actor),
            ),
            recipients.agents_watching(chat),
            chat_id=chat.id,
            to_customer=new_user.visibility == "all",
            actor=new_user.actor,
        )


def remove(
    world: World,
    chat: ChatRecord,
    user: ChatUser,
    *,
    reason: str,
    actor: Actor | None = None,
) -> None:
    """Take a user out of the chat."""
    world.push(
        UserRemovedFromChat(
            chat_id=chat.id,
            thread_id=_active_id(chat),
            user_id=user.id,
            reason=reason,
            requester_id=requester_id(actor),
        ),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        to_customer=user.visibility == "all",
        actor=actor,
    )
    user.present = False


def mark_seen(
    world: World, chat: ChatRecord, user: ChatUser, seen_up_to: datetime, actor: Actor
) -> None:
    """Move up to where a user has seen the chat; an earlier time is pushed, and changes nothing."""
    user.see(seen_up_to)
    world.push(
        EventsMarkedAsSeen(user_id=user.id, chat_id=chat.id, seen_up_to=seen_up_to),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        to_customer=user.visibility == "all",
        actor=actor,
    )


def _active_id(chat: ChatRecord) -> str | None:
    return chat.last_thread.id if chat.last_thread is not None and chat.last_thread.active else None
