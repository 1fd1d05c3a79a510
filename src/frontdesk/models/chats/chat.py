"""Chats: received, summarised, and to be started.

Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#chats
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, field

from frontdesk.errors import InvalidArgument
from frontdesk.models.base import Model, Properties, Result
from frontdesk.models.chats.access import Access, TransferTarget
from frontdesk.models.chats.thread import LastEvent, Thread, ThreadSummary, UnknownThread
from frontdesk.models.events.new_event import NewEvent, validate_event
from frontdesk.models.fallback import MARK, RELEASES
from frontdesk.models.requests import NewProperties
from frontdesk.models.users.user import Agent, Customer, User
from frontdesk.spec.checks import Checked, Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = [
    "Chat",
    "ChatSummary",
    "InitialChat",
    "InitialThread",
    "InitialUser",
    "UnknownChat",
    "UnknownChatSummary",
]

MAX_AGENTS = 5
"""Agents that a chat may be started with, the requester among them."""
MAX_CUSTOMERS = 1
EVENT_OF_THREAD = re.compile(r"(.+)_\d+", re.ASCII | re.DOTALL)
"""The id of an event that names its thread. Older events have other ids."""


def _no_users() -> list[User]:
    """An empty list that is encoded nevertheless, unlike the default ``list``."""
    return []


class Chat(Result, kw_only=True):
    """A chat with one of its threads.

    ``thread`` is empty, with no id, for a chat that has none. Older versions send ``threads``;
    ``thread`` is the newest of them then. ``transferred_from`` is here in the push that a customer
    gets.
    """

    id: str
    users: list[User]
    thread: Thread = field(default_factory=UnknownThread.missing)
    threads: list[Thread] | None = None
    properties: Properties | None = None
    access: Access | None = None
    is_followed: bool | None = None
    transferred_from: TransferTarget | None = None

    def __post_init__(self) -> None:
        if self.threads and isinstance(self.thread, UnknownThread):
            self.thread = max(self.threads, key=lambda thread: (thread.active, thread.created_at))

    @property
    def agents(self) -> dict[str, Agent]:
        """The agents and bots among the users, by id."""
        return {user.id: user for user in self.users if isinstance(user, Agent)}

    @property
    def customers(self) -> dict[str, Customer]:
        """The customers among the users, by id."""
        return {user.id: user for user in self.users if isinstance(user, Customer)}


class UnknownChat(Chat, kw_only=True, tag_field="type", tag=f"{MARK}chat"):
    """A chat without an id that can be read, or no chat at all; ``raw`` is all of it.

    What could be read is in the fields.
    """

    id: str = field(default_factory=str)
    users: list[User] = field(default_factory=_no_users)
    raw: Any

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> Any:
        """Give back what came."""
        return wrapped["raw"]


class ChatSummary(Model, kw_only=True):
    """A chat without its threads: its users and the last event of each type.

    3.7 calls ``last_thread_summary`` ``last_thread_info`` and keeps the events in it; the names of
    3.6 are filled from there.
    """

    id: str
    users: list[User]
    last_thread_summary: ThreadSummary | None = None
    last_thread_info: ThreadSummary | None = None
    last_event_per_type: dict[str, LastEvent] | None = None
    properties: Properties | None = None
    access: Access | None = None
    is_followed: bool | None = None

    def __post_init__(self) -> None:
        info = self.last_thread_info
        if info is None or self.last_thread_summary is not None:
            return
        self.last_thread_summary = info
        self.last_event_per_type = self.last_event_per_type or info.last_event_per_type
        for last in (info.last_event_per_type or {}).values():
            # The last event of a type may belong to an earlier thread; only its id says to which.
            named = EVENT_OF_THREAD.fullmatch(getattr(last.event, "id", ""))
            last.thread_id = last.thread_id or (named[1] if named else None)
            if last.thread_id == info.id:
                last.thread_created_at = last.thread_created_at or info.created_at


class UnknownChatSummary(ChatSummary, kw_only=True, tag_field="type", tag=f"{MARK}chat_summary"):
    """A summary without an id that can be read, or none at all; ``raw`` is all of it.

    What could be read is in the fields.
    """

    id: str = field(default_factory=str)
    users: list[User] = field(default_factory=_no_users)
    raw: Any

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> Any:
        """Give back what came."""
        return wrapped["raw"]


RELEASES[f"{MARK}chat"] = UnknownChat.release
RELEASES[f"{MARK}chat_summary"] = UnknownChatSummary.release


class InitialUser(Checked, frozen=True, kw_only=True):
    """An existing user to start or resume a chat with."""

    id: Id
    type: Literal["agent", "customer"]


class InitialThread(Checked, frozen=True, kw_only=True):
    """The first thread of a chat to be started or resumed. Events become visible to all.

    The ``author_id`` of an event is the requester, or a user of ``InitialChat.users``; it defaults
    to the requester.
    ``tags`` are not documented for 3.6.
    """

    events: MaybeFrom[list[NewEvent], Sequence[NewEvent | Dict]] = NOT_SENT
    properties: MaybeFrom[NewProperties, Mapping[str, Mapping[str, str | int | bool]]] = NOT_SENT
    tags: MaybeFrom[list[Id], Sequence[str]] = NOT_SENT


class InitialChat(Checked, frozen=True, kw_only=True):
    """A chat to be started, or to be resumed (then with its ``id``).

    ``users`` are at most 4 agents besides the requester, and 1 customer.
    """

    id: Maybe[Id] = NOT_SENT
    access: MaybeFrom[Access, Access | Dict] = NOT_SENT
    properties: MaybeFrom[NewProperties, Mapping[str, Mapping[str, str | int | bool]]] = NOT_SENT
    thread: MaybeFrom[InitialThread, InitialThread | Dict] = NOT_SENT
    users: MaybeFrom[
        Annotated[list[InitialUser], Meta(max_length=MAX_AGENTS + MAX_CUSTOMERS)],
        Sequence[InitialUser | Dict],
    ] = NOT_SENT

    def _rules(self) -> None:
        types = [] if self.users is UNSET else [user.type for user in self.users]
        if types.count("customer") > MAX_CUSTOMERS:
            raise InvalidArgument("users", f"must hold at most {MAX_CUSTOMERS} customer")
        if types.count("agent") > MAX_AGENTS:
            raise InvalidArgument("users", f"must hold at most {MAX_AGENTS - 1} other agents")

    def validate(self) -> None:
        """Raise ``InvalidArgument`` if an event of the thread cannot be sent."""
        self.__post_init__()
        if self.thread is not UNSET and self.thread.events is not UNSET:
            for position, event in enumerate(self.thread.events):
                validate_event(event, f"thread.events[{position}]")
