"""Pages of archives that nobody sent: threads with rows in every table, made of a few words."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from frontdesk.archives.pages import ArchivePage, Job, Position
from frontdesk.archives.tables import TABLES

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 2, 1, tzinfo=UTC)
JOB = Job(since=START)


class Thread(NamedTuple):
    """A thread: when it was created, and a word that its rows show."""

    id: str
    created_at: datetime
    word: str = "first"
    events: int = 2
    tags: tuple[str, ...] = ("sales",)
    customer: str = "ann"


def thread(number: int, day: int, **details: Any) -> Thread:
    """Return the thread of a number, on a day of January."""
    created_at = START + timedelta(days=day - 1, minutes=number)
    return Thread(f"T{number:05}", created_at, **details)


def position(since: datetime = START, until: datetime = END, **details: Any) -> Position:
    return Position(since=since, until=until, window=since, **details)


def rows_of(table: str, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, TABLES[table].schema)


def page(
    threads: list[Thread],
    start: Position,
    *,
    tables: tuple[str, ...] = tuple(TABLES),
    newest: datetime | None = None,
    **details: Any,
) -> ArchivePage:
    """Return the page of some threads, after a position."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables}
    users: dict[tuple[date, str], dict[str, Any]] = {}

    def add(table: str, row: dict[str, Any]) -> None:
        if table in rows:
            rows[table].append(row)

    for each in threads:
        day = each.created_at.date()
        ids = {"date": day, "thread_id": each.id}
        chat = {**ids, "chat_id": f"C{each.id}"}
        add(
            "threads",
            {**chat, "created_at": each.created_at, "summary": each.word, "group_ids": [0, 1]},
        )
        for place in range(each.events):
            text = f"{each.word} {place}"
            add("events", {**chat, "position": place, "type": "message", "text": text})
        users[day, each.customer] = {
            "date": day,
            "user_id": each.customer,
            "type": "customer",
            "name": each.word,
        }
        add("thread_users", {**ids, "user_id": each.customer, "type": "customer"})
        for tag in each.tags:
            add("tags", {**ids, "tag": tag})
        add("properties", {**chat, "level": "chat", "name": "word", "value": each.word})
        add("visits", {**ids, "ip": "192.0.2.1", "latitude": 1.5})
    if "users" in rows:
        rows["users"] = list(users.values())
    if newest is None:
        newest = max((each.created_at for each in threads), default=start.last_created_at)
    after = msgspec.structs.replace(
        start,
        last_created_at=newest,
        page_id=f"page after {threads[-1].id}" if threads else start.page_id,
        threads=start.threads + len(threads),
        requests=start.requests + 1,
        **details,
    )
    return ArchivePage(
        tables={name: rows_of(name, content) for name, content in rows.items()}, position=after
    )


def pages_of(
    threads: list[Thread], start: Position, *, size: int = 3, **details: Any
) -> list[ArchivePage]:
    """Return the pages of threads, from a position on."""
    pages: list[ArchivePage] = []
    for first in range(0, len(threads), size):
        pages.append(page(threads[first : first + size], start, **details))
        start = pages[-1].position
    return pages


def done(after: Position) -> Position:
    return msgspec.structs.replace(after, done=True)


def day_of(number: int) -> date:
    return START.date() + timedelta(days=number - 1)


def midnight(day: int) -> datetime:
    return datetime.combine(day_of(day), time(), UTC)
