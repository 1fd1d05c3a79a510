"""Users of chats: who is in, who comes, who leaves."""

from typing import Literal

from msgspec import Struct

from frontdesk.errors import AuthorizationError
from frontdesk.pushes import UserAddedToChat, UserRemovedFromChat
from frontdesk.sandbox.store.records import ChatRecord, Member
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.actor import Actor, Requester, requester_id
from frontdesk.sandbox.world.chats import threads, views
from frontdesk.sandbox.world.world import World

__all__ = ["Arrival", "enter", "leave", "require", "visible_agents"]

Visibility = Literal["all", "agents"]


def require(chat: ChatRecord, requester: Requester, *, ignore_presence: bool = False) -> Member:
    """Return the requester as a user of the chat, or a stranger when the presence rule is lifted.

    Raises:
        AuthorizationError: The requester is not in the chat now.
    """
    member = chat.present(requester.id)
    if member is not None:
        return member
    if ignore_presence:
        return Member(id=requester.id, type="agent", present=False)
    raise AuthorizationError(
        f"the requester is not a user of the chat `{chat.id}`; add_user_to_chat makes it one"
    )


def visible_agents(chat: ChatRecord) -> list[Member]:
    """Return the agents in the chat whom the customer can see: those who serve it."""
    return [member for member in chat.agents() if member.visibility == "all"]


class Arrival(Struct, kw_only=True, frozen=True):
    """Somebody who is put into a chat.

    ``reason`` is what the push says, ``actor`` who did it.
    """

    user_id: str
    type: Literal["agent", "customer"] = "agent"
    reason: str
    visibility: Visibility = "all"
    actor: Actor | None = None


def enter(world: World, chat: ChatRecord, arrival: Arrival, *, push: bool = True) -> None:
    """Put a user into the chat and its active thread.

    ``push`` is false for whoever comes with ``incoming_chat``.
    """
    member = chat.member(arrival.user_id)
    if member is None:
        member = Member(id=arrival.user_id, type=arrival.type, visibility=arrival.visibility)
        chat.members.append(member)
    else:
        member.present = True
        member.visibility = arrival.visibility
    if arrival.type == "customer":
        chat.customer_id = arrival.user_id
    if chat.active:
        thread = threads.last(world, chat)
        if arrival.user_id not in thread.user_ids:
            thread.user_ids.append(arrival.user_id)
    if push and world.listened:
        world.push(
            UserAddedToChat(
                chat_id=chat.id,
                thread_id=_active_id(chat),
                user=views.user(world, chat, member),
                reason=arrival.reason,
                requester_id=requester_id(arrival.actor),
            ),
            recipients.members(chat),
            chat_id=chat.id,
            to_customer=arrival.visibility == "all",
            actor=arrival.actor,
        )


def leave(
    world: World,
    chat: ChatRecord,
    member: Member,
    *,
    reason: str,
    actor: Actor | None = None,
) -> None:
    """Take a user out of the chat."""
    world.push(
        UserRemovedFromChat(
            chat_id=chat.id,
            thread_id=_active_id(chat),
            user_id=member.id,
            reason=reason,
            requester_id=requester_id(actor),
        ),
        recipients.members(chat),
        chat_id=chat.id,
        to_customer=member.visibility == "all",
        actor=actor,
    )
    member.present = False


def _active_id(chat: ChatRecord) -> str | None:
    return chat.last_thread.id if chat.last_thread is not None and chat.last_thread.active else None
