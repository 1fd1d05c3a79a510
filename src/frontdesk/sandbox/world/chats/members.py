"""Users of chats: who is in, who comes, who leaves."""

from typing import Literal

from frontdesk.errors import AuthorizationError
from frontdesk.pushes import UserAddedToChat, UserRemovedFromChat
from frontdesk.sandbox.store.records import ChatRecord, Member
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import threads, views
from frontdesk.sandbox.world.world import World

__all__ = ["enter", "leave", "require", "visible_agents"]

Visibility = Literal["all", "agents"]


def require(chat: ChatRecord, requester: Requester, *, ignore_presence: bool = False) -> Member:
    """The requester as a user of the chat, or a stranger when the presence rule is lifted.

    Raises ``AuthorizationError`` when the requester is not in the chat now.
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
    """The agents in the chat whom the customer can see: those who serve it."""
    return [member for member in chat.agents() if member.visibility == "all"]


def enter(
    world: World,
    chat: ChatRecord,
    user_id: str,
    kind: Literal["agent", "customer"],
    *,
    reason: str,
    visibility: Visibility = "all",
    requester: Requester | None = None,
    tell: bool = True,
) -> Member:
    """Put a user into the chat and its active thread."""
    member = chat.member(user_id)
    if member is None:
        member = Member(id=user_id, type=kind, visibility=visibility)
        chat.members.append(member)
    else:
        member.present = True
        member.visibility = visibility
    if kind == "customer":
        chat.customer_id = user_id
    if chat.active:
        thread = threads.last(world, chat)
        if user_id not in thread.user_ids:
            thread.user_ids.append(user_id)
    if tell and world.listened:
        world.tell(
            UserAddedToChat(
                chat_id=chat.id,
                thread_id=_active_id(chat),
                user=views.user(world, chat, member),
                reason=reason,
                requester_id=requester.id if requester else None,
            ),
            recipients.members(chat),
            chat_id=chat.id,
            to_customer=visibility == "all",
            requester=requester,
        )
    return member


def leave(
    world: World,
    chat: ChatRecord,
    member: Member,
    *,
    reason: str,
    requester: Requester | None = None,
) -> None:
    """Take a user out of the chat."""
    world.tell(
        UserRemovedFromChat(
            chat_id=chat.id,
            thread_id=_active_id(chat),
            user_id=member.id,
            reason=reason,
            requester_id=requester.id if requester else None,
        ),
        recipients.members(chat),
        chat_id=chat.id,
        to_customer=member.visibility == "all",
        requester=requester,
    )
    member.present = False


def _active_id(chat: ChatRecord) -> str | None:
    return chat.thread.id if chat.thread is not None and chat.thread.active else None
