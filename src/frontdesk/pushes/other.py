"""Pushes about the session, statuses, indicators, queues and jobs."""

from datetime import datetime
from typing import Any, ClassVar

from frontdesk.models import (
    AISummary,
    SneakPeek,
    TypingIndicator,
)
from frontdesk.models.base import Model, in_utc
from frontdesk.pushes.base import Push, PushSpec

__all__ = [
    "AgentDisconnected",
    "ChatUnfollowed",
    "EventsMarkedAsSeen",
    "IncomingError",
    "IncomingMulticast",
    "IncomingSneakPeek",
    "IncomingThinkingIndicator",
    "IncomingTypingIndicator",
    "QueuePosition",
    "QueuePositionsUpdated",
    "QueueState",
    "Region",
    "RoutingStatusSet",
    "ThreadSummarySet",
]


class RoutingStatusSet(Push, kw_only=True):
    """The routing status of an agent or bot changed.

    ``status`` is ``accepting_chats``, ``not_accepting_chats`` or ``offline``; the docs of the
    webhook write them with spaces.
    """

    spec: ClassVar[PushSpec] = PushSpec("routing_status_set", "status", "agents", webhook=True)
    agent_id: str
    status: str


class Region(Model, kw_only=True):
    """The data centre to connect to, ``dal`` or ``fra``."""

    region: str | None = None


class AgentDisconnected(Push, kw_only=True):
    """The server is about to close this connection; ``data`` tells the region to go to."""

    spec: ClassVar[PushSpec] = PushSpec("agent_disconnected", "status", "session")
    reason: str
    data: Region | None = None


class IncomingThinkingIndicator(Push, kw_only=True):
    """An agent or bot prepares an answer."""

    spec: ClassVar[PushSpec] = PushSpec(
        "incoming_thinking_indicator", "other", "chats", since=(3, 6)
    )
    chat_id: str
    thread_id: str
    author_id: str
    sent_at: datetime
    title: str | None = None
    description: str | None = None
    custom_id: str | None = None

    def __post_init__(self) -> None:
        self.sent_at = in_utc(self.sent_at)


class IncomingTypingIndicator(Push, kw_only=True):
    """An agent or bot types, or stopped typing."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_typing_indicator", "other", "chats")
    chat_id: str
    thread_id: str
    typing_indicator: TypingIndicator


class IncomingSneakPeek(Push, kw_only=True):
    """What a customer is typing, before it is sent."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_sneak_peek", "other", "chats")
    chat_id: str
    thread_id: str
    sneak_peek: SneakPeek


class EventsMarkedAsSeen(Push, kw_only=True):
    """A user has seen the events up to a time."""

    spec: ClassVar[PushSpec] = PushSpec("events_marked_as_seen", "other", "chats", webhook=True)
    user_id: str
    chat_id: str
    seen_up_to: datetime

    def __post_init__(self) -> None:
        self.seen_up_to = in_utc(self.seen_up_to)


class IncomingMulticast(Push, kw_only=True):
    """A multicast; without ``author_id`` the system sent it."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_multicast", "other", "multicast")
    author_id: str | None = None
    content: Any = None
    type: str | None = None


class ChatUnfollowed(Push, kw_only=True):
    """The agent does not follow the chat any more."""

    spec: ClassVar[PushSpec] = PushSpec("chat_unfollowed", "other", "chats", since=(3, 2))
    chat_id: str


class QueueState(Model, kw_only=True):
    """The place of a thread in the queue. ``wait_time`` is an estimate in seconds."""

    position: int
    wait_time: int


class QueuePosition(Model, kw_only=True):
    """Where a chat is in the queue now."""

    chat_id: str
    thread_id: str
    queue: QueueState


class QueuePositionsUpdated(Push, kw_only=True):
    """Positions of queued chats changed."""

    spec: ClassVar[PushSpec] = PushSpec(
        "queue_positions_updated", "other", "chats", since=(3, 2), root="positions"
    )
    positions: list[QueuePosition]


class ThreadSummarySet(Push, kw_only=True):
    """An AI summary of a thread was made."""

    spec: ClassVar[PushSpec] = PushSpec(
        "thread_summary_set", "other", "chats", webhook=True, since=(3, 6)
    )
    chat_id: str
    thread_id: str
    summary: AISummary


class IncomingError(Push, kw_only=True):
    """A job that goes on after its call failed; ``action`` is not always the method called."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_error", "other", "chats", since=(3, 6))
    action: str
    chat_id: str
    thread_id: str
