"""A dashboard of the queue and of who is there, for a screen on the wall."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from frontdesk import AgentClient


@dataclass(frozen=True)
class Board:
    """What the screen shows."""

    active: int
    queued: int
    longest_wait: timedelta
    statuses: dict[str, int]

    def lines(self) -> list[str]:
        """Return the lines of the screen."""
        people = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        return [
            f"{self.active} chats, {self.queued} of them waiting",
            f"longest wait: {self.longest_wait}",
            people or "nobody is here",
        ]


def read(client: AgentClient, group_id: int | None = None) -> Board:
    """Read a group, or the whole company."""
    groups = None if group_id is None else {"group_ids": [group_id]}
    active = queued = 0
    longest = timedelta()
    chats_of_group = {"active": True, **(groups or {})}
    for chat in client.iter_chats(filters=chats_of_group):
        active += 1
        thread = chat.last_thread_summary
        if thread is not None and thread.queue is not None:
            queued += 1
            longest = max(longest, timedelta(seconds=thread.queue.wait_time))
    statuses = Counter(each.status for each in client.list_routing_statuses(filters=groups))
    return Board(active, queued, longest, dict(statuses))
