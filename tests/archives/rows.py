"""Pages of an export made of a few rows, for tests of what comes after the reader."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from frontdesk.archives.pages import ArchivePage, Job, Position
from frontdesk.archives.tables import TABLES

Rows = dict[str, list[dict[str, Any]]]

START = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2026, 4, 1, tzinfo=UTC)
ANNA = "b7eff798-f8df-4364-8059-649c35c9ed0c"
AGENT = "ada@example.com"


def job(**options: Any) -> Job:
    return Job(since=START, until=END, **options)


def position(**fields: Any) -> Position:
    return Position(**({"since": START, "until": END, "window": START} | fields))


def thread(number: int, customer_id: str = ANNA, *, day: int = 1, **more: Any) -> Rows:
    """The rows of a thread with two messages; ``more`` are further rows or fields of the thread."""
    created_at = datetime(2026, 3, day, 9, number % 60, tzinfo=UTC)
    common = {"date": created_at.date(), "thread_id": f"T{number}"}
    chat = common | {"chat_id": f"C{number}"}
    name = more.pop("name", "Anna Nowak")
    rows: Rows = {
        "threads": [
            chat
            | {
                "created_at": created_at,
                "customer_id": customer_id,
                "group_ids": [0, number],
                "events_count": 2,
            }
        ],
        "events": [
            chat
            | {
                "event_id": f"T{number}_{place}",
                "position": place,
                "created_at": created_at + timedelta(seconds=place),
                "type": "message",
                "author_id": author,
                "author_type": kind,
                "visibility": "all",
                "text": text,
            }
            for place, (author, kind, text) in enumerate(
                [(customer_id, "customer", f"Hello {number}"), (AGENT, "agent", 'Hi!\r\n"there"')]
            )
        ],
        "users": [
            {
                "date": created_at.date(),
                "user_id": customer_id,
                "type": "customer",
                "name": name,
                "email": f"{customer_id[:4]}@example.org",
            },
            {"date": created_at.date(), "user_id": AGENT, "type": "agent", "name": "Ada"},
        ],
        "thread_users": [
            common | {"user_id": customer_id, "type": "customer"},
            common | {"user_id": AGENT, "type": "agent", "visibility": "all"},
        ],
        "tags": [common | {"tag": "sales"}, common | {"tag": "vip"}],
        "properties": [
            chat
            | {
                "level": "thread",
                "namespace": "rating",
                "name": "score",
                "value": "1",
                "type": "int",
            }
        ],
        "visits": [common | {"customer_id": customer_id, "country": "Poland", "latitude": -3.5}],
        "files": [],
    }
    for table, extra in more.items():
        if table in TABLES:
            rows[table] = [(common | row) for row in extra]
        else:
            rows["threads"][0][table] = extra
    return rows


def batches(*threads: Rows, tables: tuple[str, ...] = tuple(TABLES)) -> dict[str, pa.RecordBatch]:
    """The record batches of threads; a user of a day has one row, as the reader makes it."""
    made = {}
    for name in tables:
        rows = [row for rows in threads for row in rows[name]]
        if name == "users":
            rows = list({(row["date"], row["user_id"]): row for row in rows}.values())
        made[name] = pa.RecordBatch.from_pylist(rows, schema=TABLES[name].schema)
    return made


def page(*threads: Rows, tables: tuple[str, ...] = tuple(TABLES), **fields: Any) -> ArchivePage:
    return ArchivePage(tables=batches(*threads, tables=tables), position=position(**fields))
