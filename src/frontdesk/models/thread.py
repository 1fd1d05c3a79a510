"""Threads: the topics that a chat consists of.

Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#thread
"""

from datetime import datetime

from frontdesk.models._base import Model, Properties
from frontdesk.models.access import Access
from frontdesk.models.customer import Geolocation
from frontdesk.models.event import Event, RestrictedEvent

__all__ = ["AISummary", "CustomerVisit", "LastEvent", "Queue", "Thread", "ThreadSummary"]


class Queue(Model, kw_only=True):
    """The place of a thread in the queue. ``wait_time`` is an estimate in seconds."""

    position: int
    wait_time: int
    queued_at: datetime | None = None


class AISummary(Model, kw_only=True):
    """What was said in a thread; ``status`` is ``ok`` or ``error``."""

    status: str
    text: str | None = None
    updated_at: datetime | None = None


class CustomerVisit(Model, kw_only=True):
    """Where the customer was when the thread was started."""

    ip: str | None = None
    user_agent: str | None = None
    geolocation: Geolocation | None = None


class Thread(Model, kw_only=True):
    """A thread.

    ``events`` are missing when ``restricted_access`` tells why they may not be seen. ``queue`` is
    there only while the thread waits, ``queues_duration`` is in seconds, and the accessible ids
    come from ``list_archives`` only.
    """

    id: str
    active: bool
    created_at: datetime
    user_ids: list[str] | None = None
    events: list[Event] | None = None
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


class LastEvent(Model, kw_only=True):
    """The last event of one type, and the thread that it belongs to.

    ``event`` is a ``RestrictedEvent`` if the requester may not see it.
    """

    thread_id: str | None = None
    thread_created_at: datetime | None = None
    event: Event | RestrictedEvent | None = None
    restricted_access: str | None = None


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
