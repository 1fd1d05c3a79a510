"""Which push is which, and those that were delivered before what was missed of their chat."""

from collections import Counter

from msgspec import Struct, field

from frontdesk.core.rtm.recovery.known_chats import KnownChat
from frontdesk.pushes import (
    ChatAccessUpdated,
    ChatDeactivated,
    IncomingChat,
    IncomingEvent,
    Push,
    UserAddedToChat,
    UserRemovedFromChat,
)

__all__ = ["Keys", "Overtaken", "chat_of", "key_of", "move_of"]


def chat_of(push: Push) -> str | None:
    """Return the chat that a push is about, if it is about one."""
    match push:
        case IncomingChat():
            return push.chat.id
        case ChatAccessUpdated():
            return push.id
        case _:
            chat_id: str | None = getattr(push, "chat_id", None)
            return chat_id


def key_of(push: Push, me: str) -> str | None:
    """Return what tells a push to the agent from all others, as far as anything does."""
    match push:
        case IncomingEvent():
            return push.event.id or None
        case ChatDeactivated():
            return f"end of {push.thread_id}"
        case IncomingChat() if push.chat.thread.id:
            followed = push.requester_id == me and not any(
                user.id == me and user.present for user in push.chat.users
            )
            # A chat comes again when the agent begins to follow it, or takes it over.
            again = followed or push.transferred_from is not None
            return None if again else f"begin of {push.chat.thread.id}"
        case _:
            return None


def move_of(push: Push) -> tuple[str, bool] | None:
    """Return whose coming (true) or going a push is."""
    match push:
        case UserAddedToChat():
            return push.user.id, True
        case UserRemovedFromChat():
            return push.user_id, False
        case _:
            return None


class Keys:
    """The newest keys, at most twice ``limit``."""

    __slots__ = ("_limit", "_new", "_old")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._new: set[str] = set()
        self._old: set[str] = set()

    def add(self, key: str) -> None:
        """Remember a key."""
        self._new.add(key)
        if len(self._new) >= self._limit:
            self._old, self._new = self._new, set()

    def __contains__(self, key: str) -> bool:
        return key in self._new or key in self._old

    def __len__(self) -> int:
        return len(self._new) + len(self._old)


class Overtaken(Struct):
    """A chat of which pushes were delivered though older ones may be missing.

    Args:
        start: what was known before the first of these pushes.
        shown: whether what was known then is what a response has shown.
    """

    start: KnownChat | None
    shown: bool
    moves: Counter[tuple[str, bool]] = field(default_factory=Counter[tuple[str, bool]])
    """Who came and went by these pushes."""
    begun: str = ""
    """The first thread that began by them,"""
    previous: str | None = None
    """and the one before that."""

    @property
    def is_exact(self) -> bool:
        """Whether what is known since depends on nothing that is missing."""
        return self.shown or bool(self.begun)

    def note(self, push: Push, me: str) -> None:
        """Take note of a push."""
        if (repeatable := _repeatable(push, me)) is not None:
            self.moves[repeatable] += 1
        if not self.begun and isinstance(push, IncomingChat) and key_of(push, me) is not None:
            thread = push.chat.thread
            self.begun, self.previous = thread.id, thread.previous_thread_id

    def without_delivered(self, pushes: list[Push], me: str) -> list[Push]:
        """Take out what was delivered and has no key: these are the newest of their kind."""
        delivered = self.moves.copy()
        left: list[Push] = []
        for push in reversed(pushes):
            repeatable = _repeatable(push, me)
            if repeatable is not None and delivered[repeatable] > 0:
                delivered[repeatable] -= 1
            else:
                left.append(push)
        return left[::-1]


def _repeatable(push: Push, me: str) -> tuple[str, bool] | None:
    """Return what a push tells that may happen again: who came or went, or took a chat over."""
    if isinstance(push, IncomingChat) and key_of(push, me) is None:
        return f"again {push.chat.thread.id}", True
    return move_of(push)
