"""What waits: timers and the queue of chats."""

from collections.abc import Callable

from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import QueueRow, TimerRow

__all__ = ["QueueTable", "TimerTable"]


class TimerTable:
    """What is to be done at which time; one timer for each kind and subject."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.load()

    def load(self) -> None:
        """Read again when the next timer is due."""
        row = self._db.row("SELECT min(due) FROM timers")
        self.next_due: int | None = row[0] if row else None

    def set(self, kind: str, subject: str, due: int, data: bytes | None = None) -> None:
        """Set the timer of a kind and subject, or move it."""
        self._db.write(
            "INSERT INTO timers (due, kind, subject, data) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (kind, subject) DO UPDATE SET due = excluded.due, data = excluded.data",
            due,
            kind,
            subject,
            data,
        )
        if self.next_due is None or due < self.next_due:
            self.next_due = due

    def cancel(self, kind: str, subject: str) -> None:
        """Take back a timer, if there is one."""
        self._db.write("DELETE FROM timers WHERE kind = ? AND subject = ?", kind, subject)

    def first(self, until: int) -> TimerRow | None:
        """Return the first timer due by a time."""
        row = self._db.row(
            "SELECT id, due, kind, subject, data FROM timers WHERE due <= ? "
            "ORDER BY due, id LIMIT 1",
            until,
        )
        if row is None:
            self.load()
            return None
        return TimerRow(*row)

    def remove(self, timer: TimerRow) -> None:
        """Take a timer away, unless it was moved meanwhile."""
        self._db.write("DELETE FROM timers WHERE id = ? AND due = ?", timer.id, timer.due)

    def count(self, kind: str | None = None) -> int:
        """Return how many timers wait, in all or of a kind."""
        if kind is None:
            row = self._db.row("SELECT count(*) FROM timers")
        else:
            row = self._db.row("SELECT count(*) FROM timers WHERE kind = ?", kind)
        return int(row[0]) if row else 0


class QueueTable:
    """The chats that wait for an agent, in the order they are served.

    A chat of several groups waits once for each of them.

    Args:
        db: Where the queue is kept.
        flush: Writes the chats and threads that the running unit of work has changed.
    """

    def __init__(self, db: Database, flush: Callable[[], None]) -> None:
        self._db = db
        self._flush = flush

    def add(self, rows: list[QueueRow]) -> None:
        """Queue a chat, one row for each of its groups."""
        self._db.write_many(
            "INSERT OR REPLACE INTO queue (thread, group_id, chat, rank, queued_at) "
            "VALUES (?, ?, ?, ?, ?)",
            [(row.thread, row.group_id, row.chat, row.rank, row.queued_at) for row in rows],
        )

    def remove(self, thread: int) -> None:
        """Take a chat from the queue."""
        self._db.write("DELETE FROM queue WHERE thread = ?", thread)

    def rank(self, group_id: int, rank: int) -> None:
        """Give all chats that wait for a group another rank."""
        self._db.write("UPDATE queue SET rank = ? WHERE group_id = ?", rank, group_id)

    def get(self, thread: int, group_id: int) -> QueueRow | None:
        """Return the place of a thread in the queue of a group."""
        row = self._db.row(
            "SELECT thread, group_id, chat, rank, queued_at FROM queue "
            "WHERE thread = ? AND group_id = ?",
            thread,
            group_id,
        )
        return None if row is None else QueueRow(*row)

    def position(self, row: QueueRow) -> int:
        """Return how many chats of the group are served up to and including this one."""
        counted = self._db.row(
            "SELECT count(*) FROM queue WHERE group_id = ? AND "
            "(rank, queued_at, thread) <= (?, ?, ?)",
            row.group_id,
            row.rank,
            row.queued_at,
            row.thread,
        )
        return int(counted[0]) if counted else 1

    def first(self, group_ids: set[int], without: set[int]) -> QueueRow | None:
        """Return the chat that is served next in any of the groups, without some threads."""
        best: QueueRow | None = None
        for group_id in group_ids:
            for columns in self._db.rows(
                "SELECT thread, group_id, chat, rank, queued_at FROM queue WHERE group_id = ? "
                "ORDER BY rank, queued_at, thread LIMIT ?",
                group_id,
                len(without) + 1,
            ):
                row = QueueRow(*columns)
                if row.thread not in without:
                    if best is None or row.order < best.order:
                        best = row
                    break
        return best

    def places(self, group_id: int) -> list[tuple[str, str]]:
        """Return the ids of the chats and threads queued for a group, in the order of serving."""
        self._flush()
        rows = self._db.rows(
            "SELECT chats.id, threads.id FROM queue JOIN chats ON chats.num = queue.chat "
            "JOIN threads ON threads.num = queue.thread WHERE group_id = ? "
            "ORDER BY rank, queued_at, queue.thread",
            group_id,
        )
        return [(row[0], row[1]) for row in rows]

    def count(self) -> int:
        """Return how many chats wait."""
        row = self._db.row("SELECT count(DISTINCT thread) FROM queue")
        return int(row[0]) if row else 0
