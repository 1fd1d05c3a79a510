"""Users of chats: who is in, who comes, who leaves."""

from typing import Literal

from frontdesk.errors import AuthorizationError
from frontdesk.sandbox.store.records import ChatRecord, Member
from frontdesk.sandbox.world import audience, views
from frontdesk.sandbox.world.requester import Requester
from frontdesk.sandbox.world.world import World

__all__ = ["enter", "leave", "name_of", "require"]

Visibility = Literal["all", "agents"]


def require(chat: ChatRecord, requester: Requester) -> Member:
    """The requester as a user of the chat; raises ``AuthorizationError`` when not in it now."""
    member = chat.present(requester.id)
    if member is None:
        raise AuthorizationError(
            f"the requester is not a user of the chat `{chat.id}`; add_user_to_chat makes it one"
        )
    return member


def name_of(world: World, user_id: str) -> str:
    """What people call a user: the name, or the id of somebody without."""
    agent = world.store.company.agents.get(user_id)
    if agent is not None:
        return agent.name
    customer = world.store.customers.get(user_id)
    if customer is None:
        return user_id
    return customer.profile.name or customer.profile.email or "Customer"


def enter(
    world: World,
    chat: ChatRecord,
    user_id: str,
    kind: Literal["agent", "customer"],
    *,
    reason: str,
    visibility: Visibility = "all",
    requester: Requester | None = None,
) -> Member:
    """Put a user into the chat and its active thread; the caller saves the chat's state."""
    member = chat.member(user_id)
    if member is None:
        member = Member(id=user_id, type=kind, visibility=visibility)
        chat.members.append(member)
    else:
        member.present = True
        member.visibility = visibility
    if kind == "customer":
        chat.customer_id = user_id
    last = chat.thread
    active = last is not None and last.active
    if last is not None and active:
        thread = world.store.threads.get(last.id)
        if thread is not None and user_id not in thread.user_ids:
            thread.user_ids.append(user_id)
            world.store.threads.save(thread)
    if world.listened:
        payload = {"chat_id": chat.id, "user": views.user(world, chat, member), "reason": reason}
        _tell(world, chat, "user_added_to_chat", payload, requester)
    return member


def leave(
    world: World,
    chat: ChatRecord,
    member: Member,
    *,
    reason: str,
    requester: Requester | None = None,
) -> None:
    """Take a user out of the chat; the caller saves the chat's state."""
    payload = {"chat_id": chat.id, "user_id": member.id, "reason": reason}
    _tell(world, chat, "user_removed_from_chat", payload, requester)
    member.present = False


def _tell(
    world: World,
    chat: ChatRecord,
    what: str,
    payload: dict[str, object],
    requester: Requester | None,
) -> None:
    if chat.thread is not None and chat.thread.active:
        payload["thread_id"] = chat.thread.id
    if requester is not None:
        payload["requester_id"] = requester.id
    world.happened(
        push=what,
        webhook=what,
        customer_push=what,
        payload=payload,
        receivers=audience.members(chat),
        chat_id=chat.id,
        requester=requester,
    )
