"""A target in memory that keeps what a process that was killed would have kept."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from frontdesk.archives.pages import ArchivePage, Job, Position, State
from frontdesk.archives.tables import TABLES

Row = dict[str, Any]


class Killed(BaseException):
    """The process was killed."""


@dataclass
class Disk:
    """What survives of a target."""

    state: State | None = None
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def table(self, name: str) -> list[Row]:
        """Return the rows of a table, each once, in an order of their own."""
        rows = self.rows[name]
        if name == "users":
            rows = list({(row["date"], row["user_id"]): row for row in rows}.values())
        return sorted(rows, key=repr)

    def tables(self) -> dict[str, list[Row]]:
        return {name: self.table(name) for name in TABLES}


class MemoryTarget:
    """Stores pages on a ``Disk``; ``killed_at`` calls of ``write`` it kills the process."""

    can_resume = True
    can_update = True
    address = "-"

    def __init__(self, disk: Disk | None = None, *, killed_at: int | None = None) -> None:
        self.disk = disk or Disk()
        self.killed_at = killed_at
        self.calls: list[str] = []

    def open(self) -> State | None:
        self.calls.append("open")
        return self.disk.state

    def begin(self, job: Job, position: Position) -> None:
        self.calls.append("begin")
        since: date = position.since.date()
        if position.is_update:
            for name, rows in self.disk.rows.items():
                self.disk.rows[name] = [row for row in rows if row["date"] < since]
        self.disk.state = State(job=job, position=position)

    def write(self, page: ArchivePage) -> None:
        self.calls.append("write")
        if self.killed_at is not None:
            self.killed_at -= 1
            if self.killed_at < 0:
                raise Killed
        assert self.disk.state is not None
        for name, batch in page.tables.items():
            batch.validate(full=True)
            self.disk.rows[name] += batch.to_pylist()
        self.disk.state = State(job=self.disk.state.job, position=page.position)

    def finish(self, position: Position) -> None:
        self.calls.append("finish")
        assert self.disk.state is not None
        self.disk.state = State(job=self.disk.state.job, position=position)

    def close(self) -> None:
        self.calls.append("close")


LASTING = {
    "users": {"date", "user_id", "type"},
    "thread_users": {"date", "thread_id", "user_id", "type"},
}
AS_READ = {"next_thread_id", "rating_score", "rating_comment", "customer_client_id"}


def lasting(tables: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Return what belongs to the threads themselves.

    The rest is what the API knows of chats and customers as they are read, however old the thread
    is; an update does not read that again.
    """
    return {
        name: [
            {
                column: value
                for column, value in row.items()
                if column in LASTING.get(name, row) and column not in AS_READ
            }
            for row in rows
            if row.get("level") != "chat"
        ]
        for name, rows in tables.items()
    }
