"""How the API shows chats: what a log-in tells, what there is to list, and how a chat looks.

Agents and customers are pushed the same things, and read them back in different ways.
"""

from typing import Any, Final, Protocol

from frontdesk.actions import Action, GetChat, ListChats, ListThreads
from frontdesk.core.pages import Walk
from frontdesk.core.rtm.recovery.known_chats import ShownChat
from frontdesk.models import ChatsFilters, LoginResponse
from frontdesk.pushes import (
    ChatDeactivated,
    IncomingChat,
    IncomingEvent,
    Push,
    UserAddedToChat,
    UserRemovedFromChat,
)

__all__ = [
    "AGENT_VIEW",
    "KEY_CHANGES",
    "RECOVERABLE",
    "THREADS_A_PAGE",
    "WATCHED",
    "View",
    "Walking",
]

RECOVERABLE: Final[tuple[type[Push], ...]] = (
    IncomingEvent,
    IncomingChat,
    ChatDeactivated,
    UserAddedToChat,
    UserRemovedFromChat,
)
"""The pushes that are delivered after an interruption as if there had been none."""
KEY_CHANGES: Final = (IncomingChat, ChatDeactivated)
"""Those that agents get who merely have access to a chat."""
WATCHED: Final = frozenset(
    {
        "incoming_event",
        "incoming_chat",
        "chat_deactivated",
        "user_added_to_chat",
        "user_removed_from_chat",
        "chat_transferred",
        "chat_access_updated",
        "chat_unfollowed",
        "chat_deleted",
    }
)
"""The pushes that must be seen here although nobody has subscribed to them."""
CHATS_A_PAGE: Final = 100
THREADS_A_PAGE: Final = 20
LISTED: Final = 100
"""Chats that a log-in shows to an agent at most: fewer are all that are active."""


class Walking:
    """A list of chats to be gone through; ``active`` is whether all of them are, if known."""

    __slots__ = ("active", "walk")

    def __init__(self, action: Action[Any], *, active: bool | None) -> None:
        self.walk: Walk = Walk(action)
        self.active: bool | None = active


class View(Protocol):
    """How the chats of a session are read."""

    @property
    def read_back(self) -> tuple[type[Push], ...]:
        """The pushes that another log-in finds again, so that they need not be held back."""
        ...

    @property
    def watched(self) -> frozenset[str]:
        """The pushes that must be seen by recovery although nobody has subscribed to them."""
        ...

    @property
    def can_lose_chats(self) -> bool:
        """Whether the server takes chats from whoever is away for long."""
        ...

    @property
    def reads_whole(self) -> bool:
        """Whether a chat is read as it is now, whatever a list has shown of it."""
        ...

    def user(self, login: Any) -> Any:
        """Return whose session it is."""
        ...

    def shown(self, login: Any) -> list[ShownChat]:
        """Return the chats that a log-in shows."""
        ...

    def shows_all(self, login: Any) -> bool:
        """Whether these are all that are active."""
        ...

    def lists(self, *, all_active_shown: bool) -> list[Walking]:
        """Return the lists of chats to go through."""
        ...

    def summary(self, summary: Any) -> ShownChat:
        """Return a chat of such a list."""
        ...

    def get_chat(self, chat_id: str, thread_id: str | None = None) -> Action[Any]:
        """Return the request that reads a chat with one thread, the newest by default."""
        ...

    def list_threads(self, chat_id: str) -> Action[Any]:
        """Return the request that reads the first page of threads, newest first."""
        ...


class _AgentView:
    read_back: tuple[type[Push], ...] = RECOVERABLE
    watched: frozenset[str] = WATCHED
    can_lose_chats: bool = True
    reads_whole: bool = False

    def user(self, login: LoginResponse) -> Any:
        return login.my_profile

    def shown(self, login: LoginResponse) -> list[ShownChat]:
        return [ShownChat.summary(summary) for summary in login.chats_summary]

    def shows_all(self, login: LoginResponse) -> bool:
        return len(login.chats_summary) < LISTED

    def lists(self, *, all_active_shown: bool) -> list[Walking]:
        return [
            Walking(
                ListChats(filters=ChatsFilters(active=active), limit=CHATS_A_PAGE), active=active
            )
            for active in ((False,) if all_active_shown else (True, False))
        ]

    def summary(self, summary: Any) -> ShownChat:
        return ShownChat.summary(summary)

    def get_chat(self, chat_id: str, thread_id: str | None = None) -> Action[Any]:
        if thread_id is None:
            return GetChat(chat_id=chat_id)
        return GetChat(chat_id=chat_id, thread_id=thread_id)

    def list_threads(self, chat_id: str) -> Action[Any]:
        return ListThreads(chat_id=chat_id, limit=THREADS_A_PAGE)


AGENT_VIEW: Final[View] = _AgentView()
