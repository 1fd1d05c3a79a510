"""Threads: the topics that a chat consists of.

Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#thread
"""

from datetime import UTC, datetime
from typing import Any, Self

from msgspec import field

from frontdesk.models.base import Model, Properties, in_utc
from frontdesk.models.chats.access import Access
from frontdesk.models.events.event import Event, RestrictedEvent
from frontdesk.models.fallback import MARK, NO_MOMENT, RELEASES
from frontdesk.models.users.customer import Geolocation

__all__ = [
    "AISummary",
    "CustomerVisit",
    "LastEvent",
    "Queue",
    "Thread",
    "ThreadSummary",
    "UnknownThread",
    "UnknownThreadSummary",
]


def _no_events() -> list[Event]:
    """An empty list that is encoded nevertheless, unlike the default ``list``."""
    return []


class Queue(Model, kw_only=True):
    """The place of a thread in the queue. ``wait_time`` is an estimate in seconds."""

    position: int
    wait_time: int
    queued_at: datetime | None = None

    def __post_init__(self) -> None:
        self.queued_at = in_utc(self.queued_at)


class AISummary(Model, kw_only=True):
    """What was said in a thread; ``status`` is ``ok`` or ``error``."""

    status: str
    text: str | None = None
    updated_at: datetime | None = None

    def __post_init__(self) -> None:
        self.updated_at = in_utc(self.updated_at)


class CustomerVisit(Model, kw_only=True):
    """Where the customer was when the thread was started."""

    ip: str | None = None
    user_agent: str | None = None
    geolocation: Geolocation | None = None


class Thread(Model, kw_only=True):
    """A thread.

    ``events`` are empty when ``restricted_access`` says why they may not be seen. ``active`` is
    false if it is missing. ``queue`` is there only while the thread waits, ``queues_duration`` is
    in seconds, and the accessible ids come from ``list_archives`` only.
    """

    id: str
    active: bool = field(default_factory=bool)
    created_at: datetime
    user_ids: list[str] | None = None
    events: list[Event] = field(default_factory=_no_events)
    restricted_access: str | None = None
    properties: Properties | None = None
    access: Access | None = None
    tags: list[str] | None = None
    queue: Queue | None = None
    queues_duration: int | None = None
    summary: AISummary | None = None
    customer_visit: CustomerVisit | None = None
    previous_thread_id: str | None = None
    next_thread_id: str | None = None
    previous_accessible_thread_id: str | None = None
    next_accessible_thread_id: str | None = None

    def __post_init__(self) -> None:
        if self.created_at.tzinfo is not UTC:
            self.created_at = in_utc(self.created_at)


class UnknownThread(Thread, kw_only=True, tag_field="type", tag=f"{MARK}thread"):
    """A thread without an id or date that can be read, or none at all; ``raw`` is all of it.

    What could be read is in the fields. ``id`` may be empty, and ``created_at`` the year 1.
    ``raw`` is ``None`` where there is no thread.
    """

    id: str = field(default_factory=str)
    created_at: datetime = NO_MOMENT
    raw: Any

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> Any:
        """Give back what came."""
        return wrapped["raw"]

    @classmethod
    def missing(cls) -> Self:
        """Stand for the thread of a chat that has none."""
        return cls(raw=None)


class LastEvent(Model, kw_only=True):
    """The last event of one type, and the thread that it belongs to.

    ``event`` is a ``RestrictedEvent`` if the requester may not see it. ``thread_order`` is a
    leftover of 3.1.
    """

    thread_id: str | None = None
    thread_created_at: datetime | None = None
    thread_order: int | None = None
    event: Event | RestrictedEvent | None = None
    restricted_access: str | None = None

    def __post_init__(self) -> None:
        self.thread_created_at = in_utc(self.thread_created_at)


class ThreadSummary(Model, kw_only=True):
    """The last thread of a chat, without its events. Not the AI summary.

    In 3.7 ``last_event_per_type`` stands here instead of in the chat.
    """

    id: str
    created_at: datetime | None = None
    user_ids: list[str] | None = None
    properties: Properties | None = None
    active: bool | None = None
    access: Access | None = None
    tags: list[str] | None = None
    queue: Queue | None = None
    last_event_per_type: dict[str, LastEvent] | None = None

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)


class UnknownThreadSummary(ThreadSummary, kw_only=True, tag_field="type", tag=f"{MARK}summary"):
    """The last thread of a chat without an id that can be read; ``raw`` is all of it.

    What could be read is in the fields.
    """

    id: str = field(default_factory=str)
    raw: Any

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> Any:
        """Give back what came."""
        return wrapped["raw"]


RELEASES[f"{MARK}thread"] = UnknownThread.release
RELEASES[f"{MARK}summary"] = UnknownThreadSummary.release
