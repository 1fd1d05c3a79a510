"""Pushes about the queue."""

from typing import ClassVar

from frontdesk.models.base import Model
from frontdesk.pushes.base import Push, PushSpec

__all__ = ["QueuePosition", "QueuePositionsUpdated", "QueueState"]


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
