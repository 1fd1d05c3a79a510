"""What happens in a chat, one thing after the other."""

from typing import Any

from msgspec import Struct

from frontdesk.models import Thread

__all__ = ["Came", "Closed", "Fact", "Followed", "Handed", "Opened", "Said", "Went"]


class Said(Struct):
    """An event was added to a thread."""

    event: Any
    thread: Thread


class Came(Struct):
    """A user came into the chat."""

    user_id: str
    visibility: str
    reason: str
    requester_id: str | None
    thread_id: str | None
    certain: bool = True
    placed: bool = True
    """Whether its place among the other facts is known."""


class Went(Struct):
    """A user left the chat."""

    user_id: str
    reason: str
    requester_id: str | None
    thread_id: str | None
    certain: bool
    placed: bool = True
    """Whether its place among the other facts is known."""


class Opened(Struct):
    """A thread began."""

    thread: Thread
    events: list[Any]
    present: dict[str, str]
    starts_active: bool
    certain: bool = True
    """Whether these and no others were in the chat then."""


class Closed(Struct):
    """A thread ended."""

    thread: Thread
    user_id: str | None
    certain: bool = True
    """Whether it is known who ended it."""


class Handed(Struct):
    """A transfer has made an agent serve the chat, who gets it whole."""

    to: str
    before: tuple[str, ...] | None
    """Who served it until then, ``None`` if that is not known."""
    events: list[Any]
    thread: Thread
    requester_id: str | None


class Followed(Struct):
    """The agent began to follow the chat."""

    thread: Thread | None


Fact = Said | Came | Went | Opened | Closed | Handed | Followed
