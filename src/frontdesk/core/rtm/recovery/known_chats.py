"""What a session knows of chats: as far as pushes have shown, and as the server shows them.

``KnownChat`` is where the delivered pushes have led; ``ShownChat`` is a chat in a response of the
server. What lies between the two was missed. Only times and ids of the server count.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from frontdesk.models import Chat, ChatSummary, LastEvent, SystemMessageEvent, Thread
from frontdesk.pushes import (
    ChatAccessUpdated,
    ChatDeactivated,
    ChatDeleted,
    ChatTransferred,
    ChatUnfollowed,
    IncomingChat,
    IncomingEvent,
    Push,
    UserAddedToChat,
    UserRemovedFromChat,
)

__all__ = [
    "CUSTOMER",
    "LONG_AGO",
    "TRANSFERRED",
    "KnownChat",
    "KnownChats",
    "ShownChat",
    "Transfer",
    "newest_of",
    "serving",
    "users_present",
]

MOST_AHEAD: Final = 20
"""Comings and goings without an event that are remembered of a chat, the newest."""
LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
TRANSFERRED: Final = "chat_transferred"
CUSTOMER: Final = "customer"
"""Stands where agents have a visibility: customers do not serve chats."""


class Transfer(Struct, frozen=True):
    """A transfer whose consequences may not have been pushed yet; ``before`` served the chat."""

    event: SystemMessageEvent
    before: tuple[str, ...]

    def is_to(self, agent_id: str, present: dict[str, str]) -> bool:
        """Whether it has made an agent serve the chat, who gets it whole as the last of all."""
        return present.get(agent_id) == "all" and agent_id not in self.before


class KnownChat(Struct, kw_only=True):
    """A chat as the delivered pushes have left it.

    ``present`` maps the users in the chat to their visibility; it lacks those who were there before
    the agent when ``complete`` is false. ``met`` are all users who have been in the thread as far
    as is known, whether they are there still or not. ``last_id`` and ``last_at`` are the newest
    event. ``ahead`` are the users whose coming (true) or going was pushed, in order, while the
    event about it was not.
    """

    thread_id: str = ""
    active: bool = False
    present: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    met: set[str] = msgspec.field(default_factory=set[str])
    complete: bool = True
    followed: bool = False
    group_ids: tuple[int, ...] = ()
    last_id: str = ""
    last_at: datetime = LONG_AGO
    doubtful_until: datetime = LONG_AGO
    """Threads that lie before may have ended before the agent was logged in."""
    ahead: list[tuple[str, bool]] = msgspec.field(default_factory=list[tuple[str, bool]])
    transfer: Transfer | None = None

    def add_ahead(self, user_id: str, *, came: bool) -> None:
        """Take note of a coming or going about which an event may follow.

        An event about a coming is pushed before the user goes again: then none follows any more.
        """
        ahead = self.ahead if came else [move for move in self.ahead if move != (user_id, True)]
        self.ahead = [*ahead[1 - MOST_AHEAD :], (user_id, came)]

    def copy(self) -> "KnownChat":
        """Return one that changes by itself."""
        return replace(self, present=dict(self.present), met=set(self.met), ahead=list(self.ahead))


class ShownChat(Struct, frozen=True, kw_only=True):
    """A chat as a response shows it.

    ``last_at`` is the year 1 if it does not show when something was said last.
    """

    id: str
    users: list[Any]
    present: dict[str, str]
    followed: bool
    group_ids: tuple[int, ...]
    thread_id: str
    active: bool
    created_at: datetime | None
    user_ids: tuple[str, ...]
    last_id: str
    last_at: datetime
    settled: bool = True
    """Whether users and following are those of the end of the gap, and not of a later time."""
    properties: Any = None

    @classmethod
    def summary(cls, summary: ChatSummary) -> "ShownChat":
        """Take what a summary shows."""
        thread = summary.last_thread_summary
        last_id, last_at = newest_of(
            summary.last_event_per_type, None if thread is None else thread.created_at
        )
        return cls(
            id=summary.id,
            users=summary.users,
            present=users_present(summary.users),
            followed=summary.is_followed is True,
            group_ids=tuple(summary.access.group_ids) if summary.access else (),
            thread_id=thread.id if thread else "",
            active=thread is not None and thread.active is True,
            created_at=thread.created_at if thread else None,
            user_ids=tuple(thread.user_ids or ()) if thread else (),
            last_id=last_id,
            last_at=last_at,
            properties=summary.properties,
        )

    @classmethod
    def chat(cls, chat: Chat) -> "ShownChat":
        """Take what ``get_chat`` shows."""
        thread = chat.thread if chat.thread.id else None
        # Where nothing has been said yet, what the thread will have is newer.
        last_id, last_at = ("", LONG_AGO) if thread is None else _last_of(thread)
        return cls(
            id=chat.id,
            users=chat.users,
            present=users_present(chat.users),
            followed=chat.is_followed is True,
            group_ids=tuple(chat.access.group_ids) if chat.access else (),
            thread_id=thread.id if thread else "",
            active=thread is not None and thread.active,
            created_at=thread.created_at if thread else None,
            user_ids=tuple(thread.user_ids or ()) if thread else (),
            last_id=last_id,
            last_at=last_at,
            properties=chat.properties,
        )

    def before(self, thread: Thread | None, start: KnownChat) -> "ShownChat":
        """Return the chat as it was after a thread had ended, before the next one began.

        Without any thread it is as at the ``start``. Who was in it then is not shown.
        """
        thread_id, (last_id, last_at) = start.thread_id, (start.last_id, start.last_at)
        user_ids: Iterable[str] = start.present
        if thread is not None:
            thread_id, (last_id, last_at) = thread.id, _last_of(thread)
            user_ids = thread.user_ids or ()
        return replace(
            self,
            present={},
            user_ids=tuple(user_ids),
            thread_id=thread_id,
            active=False,
            created_at=None,
            last_id=last_id,
            last_at=last_at,
            settled=False,
        )

    def as_known(self) -> KnownChat:
        """Return what is known when everything up to here was delivered."""
        return KnownChat(
            thread_id=self.thread_id,
            active=self.active,
            present=dict(self.present),
            met={*self.user_ids, *self.present},
            followed=self.followed,
            group_ids=self.group_ids,
            last_id=self.last_id,
            last_at=max(self.last_at, self.created_at or LONG_AGO),
        )


def newest_of(
    last_events: Mapping[str, LastEvent] | None, created_at: datetime | None
) -> tuple[str, datetime]:
    """Return the id and the time of the newest event that a summary of a chat shows.

    Without any, nothing has been said in the thread that was ``created_at``: what it will have is
    newer.
    """
    last_id, last_at = "", LONG_AGO
    if created_at is not None and not last_events:
        last_at = created_at
    for entry in (last_events or {}).values():
        event = entry.event
        at = getattr(event, "created_at", None)
        if event is not None and at is not None and at > last_at:
            last_id, last_at = getattr(event, "id", ""), at
    return last_id, last_at


def users_present(users: Iterable[Any]) -> dict[str, str]:
    """Map the users who are in the chat to who sees them."""
    return {user.id: _visibility(user) for user in users if user.present is not False}


def _visibility(user: Any) -> str:
    return CUSTOMER if user.type == CUSTOMER else getattr(user, "visibility", None) or "all"


class KnownChats:
    """The chats that pushes were about lately, and what they have shown.

    At most twice ``limit`` of them; the active chats of the agent are forgotten last.
    """

    mine_as: str = "all"
    """Who sees the user whose session it is in a chat."""

    def __init__(self, limit: int) -> None:
        self.me = ""
        self.forgot: bool = False
        """Chats were forgotten: one that is not known may have been so before."""
        self.newest: datetime = LONG_AGO
        """The newest time of the server that a push or a log-in has shown."""
        self.heard: bool = False
        """Whether a push has shown a time since the last log-in."""
        self.logged_in_at: datetime = LONG_AGO
        """A time shortly after the last log-in."""
        self._limit = limit
        self._new: dict[str, KnownChat] = {}
        self._old: dict[str, KnownChat] = {}

    def __len__(self) -> int:
        return len(self._new.keys() | self._old.keys())

    def __contains__(self, chat_id: str) -> bool:
        return chat_id in self._new or chat_id in self._old

    def get(self, chat_id: str) -> KnownChat | None:
        """Return what is known of a chat."""
        known_chat = self._new.get(chat_id)
        if known_chat is None:
            known_chat = self._old.pop(chat_id, None)
            if known_chat is not None:
                self.put(chat_id, known_chat)
        return known_chat

    def put(self, chat_id: str, known_chat: KnownChat) -> None:
        """Know a chat."""
        self._new[chat_id] = known_chat
        if len(self._new) > self._limit:
            self._age()

    def drop(self, chat_id: str) -> None:
        """Know nothing of a chat any more."""
        self._new.pop(chat_id, None)
        self._old.pop(chat_id, None)

    def items(self) -> dict[str, KnownChat]:
        """Return all that is known."""
        return {**self._old, **self._new}

    def settle(self) -> None:
        """Take note that no more pushes come: what is older than the newest was not missed."""
        for known_chat in self.items().values():
            if (self.me, True) in known_chat.ahead:
                known_chat.last_at = max(known_chat.last_at, self.newest)

    def is_mine(self, known_chat: KnownChat) -> bool:
        """Whether the agent gets all pushes of the chat."""
        return known_chat.followed or self.me in known_chat.present

    def _age(self) -> None:
        own = {
            chat_id: known_chat
            for chat_id, known_chat in self._old.items()
            if known_chat.active and self.is_mine(known_chat) and chat_id not in self._new
        }
        self.forgot = self.forgot or len(own) < len(self._old)
        self._old, self._new = self._new, {}
        if len(own) <= self._limit // 2:
            self._new.update(own)
        else:
            self.forgot = True

    def apply(self, push: Push) -> None:  # noqa: C901 - a case for each push
        """Take note of a push that was delivered."""
        match push:
            case IncomingEvent():
                self._event(push)
            case IncomingChat():
                self._chat(push)
            case ChatDeactivated():
                known_chat = self._named(push.chat_id)
                known_chat.thread_id, known_chat.active = push.thread_id, False
            case UserAddedToChat():
                self._added(push)
            case UserRemovedFromChat():
                known_chat = self._named(push.chat_id)
                known_chat.present.pop(push.user_id, None)
                if push.user_id == self.me and not known_chat.followed:
                    # Who comes and goes from here on is not pushed.
                    known_chat.complete = False
                if known_chat.transfer is None:
                    known_chat.add_ahead(push.user_id, came=False)
            case ChatTransferred():
                self._transferred(push)
            case ChatAccessUpdated():
                self._named(push.id).group_ids = tuple(push.access.group_ids)
            case ChatUnfollowed():
                self._named(push.chat_id).followed = False
            case ChatDeleted():
                self.drop(push.chat_id)
            case _:
                """Tells nothing that is needed here."""

    def _named(self, chat_id: str) -> KnownChat:
        known_chat = self.get(chat_id)
        if known_chat is None:
            known_chat = KnownChat(complete=False, last_at=self.newest)
            if not self.heard:
                # The log-in tells no time: what is newer than all chats it has shown may be older.
                known_chat.doubtful_until = self.logged_in_at
            self.put(chat_id, known_chat)
        return known_chat

    def _event(self, push: IncomingEvent) -> None:
        event = push.event
        known_chat = self._new.get(push.chat_id) or self._named(push.chat_id)
        if known_chat.thread_id != push.thread_id:
            if not known_chat.thread_id and not self.is_mine(known_chat):
                # Only users and followers get events, so the agent must be one of them.
                known_chat.present[self.me] = self.mine_as
            known_chat.thread_id, known_chat.active = push.thread_id, True
            known_chat.met = set(known_chat.present)
        created_at = event.created_at
        if created_at > self.newest:  # noqa: PLR1730 - twice as quick, on every event
            self.newest = created_at
        self.heard = True
        known_chat.last_id, known_chat.last_at = event.id, max(created_at, known_chat.last_at)
        if known_chat.ahead:
            known_chat.ahead = []
        known_chat.transfer = None
        if isinstance(event, SystemMessageEvent) and event.system_message_type == TRANSFERRED:
            known_chat.transfer = Transfer(event, serving(known_chat.present))

    def _chat(self, push: IncomingChat) -> None:
        chat = push.chat
        thread = chat.thread if chat.thread.id else None
        before = self.get(chat.id)
        known_chat = KnownChat(present=users_present(chat.users))
        # What comes by the agent's own request, without the agent in it, is followed from now on.
        follows = push.requester_id == self.me and self.me not in known_chat.present
        known_chat.met = set(known_chat.present)
        if chat.access is not None:
            known_chat.group_ids = tuple(chat.access.group_ids)
        if thread is not None:
            known_chat.thread_id, known_chat.active = thread.id, thread.active
            known_chat.met.update(thread.user_ids or ())
            known_chat.last_id, known_chat.last_at = _last_of(thread)
            self.newest = max(self.newest, known_chat.last_at)
            # A chat that the agent begins to follow, or takes over, shows times long past.
            begins = not follows and push.transferred_from is None
            self.heard = self.heard or (
                begins and (before is None or before.thread_id != thread.id)
            )
        same_thread = before is not None and before.thread_id == known_chat.thread_id
        # A chat that is resumed has no followers.
        known_chat.followed = follows or (before is not None and same_thread and before.followed)
        self.put(chat.id, known_chat)

    def _transferred(self, push: ChatTransferred) -> None:
        known_chat = self._named(push.chat_id)
        if push.thread_id is not None and not known_chat.thread_id:
            # The chat came within reach by it: its thread had begun before.
            known_chat.thread_id, known_chat.active = push.thread_id, True
        known_chat.group_ids = tuple(push.transferred_to.group_ids or known_chat.group_ids)
        if known_chat.transfer is not None and not known_chat.transfer.is_to(
            self.me, known_chat.present
        ):
            known_chat.transfer = None

    def _added(self, push: UserAddedToChat) -> None:
        user = push.user
        known_chat = self._named(push.chat_id)
        if user.id == self.me and not self.is_mine(known_chat):
            # Who else has come and gone was not pushed.
            known_chat.present, known_chat.complete = {}, False
            known_chat.last_at = max(known_chat.last_at, self.newest)
        known_chat.present[user.id] = _visibility(user)
        known_chat.met.add(user.id)
        if known_chat.transfer is None:
            known_chat.add_ahead(user.id, came=True)
        if push.thread_id is not None:
            known_chat.thread_id, known_chat.active = push.thread_id, True


def serving(present: dict[str, str]) -> tuple[str, ...]:
    """Return the agents whom the customer sees."""
    return tuple(user_id for user_id, visibility in present.items() if visibility == "all")


def _last_of(thread: Thread) -> tuple[str, datetime]:
    if thread.events:
        return thread.events[-1].id, thread.events[-1].created_at
    return "", thread.created_at
