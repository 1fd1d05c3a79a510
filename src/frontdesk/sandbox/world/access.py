"""Who may see and change which chat.

By the level of the token's scope: ``all`` reaches every chat, ``access`` those that share a group
with the requester and those the requester is in, ``my`` only the latter. Group 0 of a chat stands
for every agent.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from frontdesk.errors import ChatInactive, MissingAccess, NotFound, ValidationError
from frontdesk.sandbox.store.records import AgentRecord, ChatRecord, LastThread, ThreadRecord
from frontdesk.sandbox.world.actor import CustomerActor, Level, Requester
from frontdesk.sandbox.world.world import World

__all__ = [
    "active_thread",
    "agent_shares",
    "any_chat",
    "chat",
    "level",
    "may_see_chat",
    "may_see_thread",
    "newest_active",
    "own_chat",
    "reaches_group",
    "require_working",
    "shares_group",
    "thread",
    "thread_of",
]

Right = Literal["ro", "rw"]


@lru_cache(maxsize=512)
def _level(scopes: frozenset[str], right: Right) -> Level:
    for name in ("all", "access", "my"):
        if f"chats--{name}:{right}" in scopes:
            return name
    return "access"


def level(requester: Requester, right: Right) -> Level:
    """Return how far the token reaches; ``access`` for methods that ask for no chat scope."""
    return _level(requester.scopes, right)


def agent_shares(agent: AgentRecord | None, group_ids: Iterable[int]) -> bool:
    """Return whether an agent or bot belongs to one of the groups."""
    if agent is None:
        return False
    return any(group_id == 0 or group_id in agent.groups for group_id in group_ids)


def reaches_group(agent: AgentRecord, group_id: int) -> bool:
    """Return whether an agent or bot has access to a group.

    Owners and administrators have access to all groups, others to their own and to group 0.
    """
    return agent.role != "normal" or agent_shares(agent, (group_id,))


def require_working(agent: AgentRecord, field: str) -> None:
    """Refuse to give a chat to an agent who is suspended, or not approved yet.

    Raises:
        ValidationError: The agent is; the message names the field of the request.
    """
    if agent.suspended:
        raise ValidationError(f"`{field}`: the agent `{agent.id}` is suspended")
    if agent.awaiting_approval:
        raise ValidationError(f"`{field}`: the agent `{agent.id}` is not approved yet")


def shares_group(world: World, requester: Requester, group_ids: Iterable[int]) -> bool:
    """Return whether the requester belongs to one of the groups."""
    return agent_shares(world.store.company.agents.get(requester.id), group_ids)


def may_see_chat(world: World, requester: Requester, chat: ChatRecord, right: Right = "ro") -> bool:
    """Return whether the requester reaches the chat."""
    reach = level(requester, right)
    if reach == "all":
        return True
    if reach == "access" and shares_group(world, requester, chat.group_ids):
        return True
    return chat.present_user(requester.id) is not None


def may_see_thread(
    world: World,
    requester: Requester,
    chat: ChatRecord,
    group_ids: Iterable[int],
    right: Right = "ro",
) -> bool:
    """Return whether the requester reaches a thread of groups that may not be the chat's."""
    reach = level(requester, right)
    if reach == "all":
        return True
    if reach == "access" and shares_group(world, requester, group_ids):
        return True
    return chat.present_user(requester.id) is not None


def chat(
    world: World,
    requester: Requester,
    chat_id: str,
    right: Right,
    field: str = "chat_id",
) -> ChatRecord:
    """Return the chat of an id, if the requester reaches it.

    Raises:
        NotFound: There is none; the message names the field of the request.
        MissingAccess: The requester does not reach it.
    """
    record = world.store.chats.get(chat_id)
    if record is None:
        raise NotFound(f"`{field}`: there is no chat `{chat_id}`")
    if not may_see_chat(world, requester, record, right):
        raise MissingAccess(
            f"`{field}`: the chat `{chat_id}` shares no group with the requester, who is not in it"
        )
    return record


def any_chat(world: World, chat_id: str, field: str = "chat_id") -> ChatRecord:
    """Return the chat of an id, for methods that check the access to one of its threads."""
    record = world.store.chats.get(chat_id)
    if record is None:
        raise NotFound(f"`{field}`: there is no chat `{chat_id}`")
    return record


def own_chat(
    world: World, customer: CustomerActor, chat_id: str, field: str = "chat_id"
) -> ChatRecord:
    """Return the chat of an id, if it is the customer's.

    Raises:
        NotFound: It is not, or there is none: customers cannot tell which.
    """
    record = world.store.chats.get(chat_id)
    if record is None or record.customer_id != customer.id:
        raise NotFound(f"`{field}`: there is no chat `{chat_id}`")
    return record


def thread_of(
    world: World, chat: ChatRecord, thread_id: str, field: str = "thread_id"
) -> ThreadRecord:
    """Return the thread of an id in a chat, whoever asks.

    Raises:
        NotFound: There is none.
    """
    record = world.store.threads.get(thread_id)
    if record is None or record.chat != chat.num:
        raise NotFound(f"`{field}`: there is no thread `{thread_id}` in the chat `{chat.id}`")
    return record


def newest_active(world: World, requester: Requester, limit: int) -> list[ChatRecord]:
    """Return the newest active chats that the requester reaches."""
    chats: list[ChatRecord] = []
    for chat_id in world.store.chats.newest_active():
        record = world.store.chats.read(chat_id)
        if record is not None and may_see_chat(world, requester, record):
            chats.append(record)
            if len(chats) == limit:
                break
    return chats


def thread(
    world: World,
    requester: Requester,
    chat: ChatRecord,
    thread_id: str,
    right: Right,
    field: str = "thread_id",
) -> ThreadRecord:
    """Return the thread of an id in a chat, if the requester reaches it.

    Raises:
        NotFound: There is none; the message names the field of the request.
        MissingAccess: The requester does not reach it.
    """
    record = thread_of(world, chat, thread_id, field)
    if not may_see_thread(world, requester, chat, record.group_ids, right):
        raise MissingAccess(
            f"`{field}`: the thread `{thread_id}` shares no group with the requester"
        )
    return record


def active_thread(chat: ChatRecord) -> LastThread:
    """Return the open thread of a chat.

    Raises:
        ChatInactive: There is none.
    """
    last = chat.last_thread
    if last is None or not last.active:
        raise ChatInactive(f"the chat `{chat.id}` has no active thread")
    return last
