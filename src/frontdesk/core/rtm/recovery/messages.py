"""What the system messages of a thread tell: how it ended, who came and who went."""

from datetime import datetime, timedelta
from typing import Any, Final

from frontdesk.core.rtm.recovery.known_chats import LONG_AGO
from frontdesk.models import SystemMessageEvent, Thread

__all__ = [
    "ARCHIVED_BY_ROUTER",
    "JOINED",
    "LEFT",
    "SAME_TIME",
    "UNKNOWN_REQUESTER",
    "closing_of",
    "kind_of",
    "times_of",
    "variables_of",
    "was_unassigned",
]

SAME_TIME: Final = timedelta(microseconds=1)
"""How far apart the creation of a thread and the events that it begins with are made."""
ARCHIVED: Final = frozenset(
    {
        "archived_customer_disconnected",
        "customer_banned",
        "manual_archived_agent",
        "manual_archived_customer",
        "system_archived",
    }
)
ARCHIVED_BY_ROUTER: Final = "routing.archived_"
AFTER_THE_END: Final = "transcript_sent"
"""A system message that is written between that of the end and the end."""
JOINED: Final = {"agent_joined": "agent", "agent_added": "agent", "customer_added": "customer"}
UNKNOWN_REQUESTER: Final = frozenset({"other", "remotely_signed_out"})
"""Why an agent lost a chat because of somebody whom the message does not name."""
LEFT: Final = frozenset({"agent_left", "agent_removed"})


def closing_of(events: list[Any]) -> tuple[int, int] | tuple[None, None]:
    """Return how many events a thread has before the message about its end, and with it."""
    for position in range(len(events) - 1, -1, -1):
        event = events[position]
        if not isinstance(event, SystemMessageEvent):
            continue
        kind = event.system_message_type
        if kind in ARCHIVED or kind.startswith(ARCHIVED_BY_ROUTER):
            after = position + 1
            following = events[after] if after < len(events) else None
            sent = (
                isinstance(following, SystemMessageEvent)
                and following.system_message_type == AFTER_THE_END
            )
            return position, after + sent
    return None, None


def was_unassigned(thread: Thread, *, left: bool = False) -> bool:
    """Whether nobody served a thread at some time: its agents may have come without a trace.

    ``left``: a message tells why it was so without having waited.
    """
    if thread.queue is not None or thread.queues_duration is not None:
        return True
    return not left and "pinned" in (thread.properties or {}).get("routing", {})


def kind_of(event: Any) -> str | None:
    """Return the type of a system message, ``None`` for other events."""
    return event.system_message_type if isinstance(event, SystemMessageEvent) else None


def variables_of(event: SystemMessageEvent) -> dict[str, str]:
    """Return the names that a system message tells, by what they stand for."""
    return event.text_vars or {}


def times_of(events: list[Any]) -> list[datetime]:
    """Return when the events were made, after a time before all of them."""
    return [LONG_AGO, *(event.created_at for event in events)]
