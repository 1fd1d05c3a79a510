"""Exports made by hand: rows of the tables, written as an export has them."""

import datetime as dt
import itertools
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from frontdesk.archives.pages import Job, Position, State
from frontdesk.archives.tables import TABLES

BOT = "0123456789abcdef0123456789abcdef"


class Export:
    """Rows to be exported."""

    def __init__(self):
        self.rows = {name: [] for name in TABLES}
        self._numbers = itertools.count(1)

    def thread(
        self,
        created_at,
        *events,
        customer="C1",
        agents=None,
        groups=(1,),
        tags=(),
        country=None,
        **columns,
    ):
        """Add a thread with events: (seconds after the start, author, more columns)."""
        number = next(self._numbers)
        thread_id = columns.pop("thread_id", f"T{number:05}")
        ids = {"thread_id": thread_id, "date": created_at.astimezone(dt.UTC).date()}
        authors = {author for _, author, *_ in events if author and author != "customer"}
        users = sorted(authors) if agents is None else list(agents)
        self.rows["threads"].append(
            {
                **ids,
                "chat_id": f"K{number}",
                "created_at": created_at,
                "customer_id": customer,
                "group_ids": list(groups),
                "events_count": len(events),
                **columns,
            }
        )
        for position, (seconds, author, *more) in enumerate(events):
            self.rows["events"].append(
                {
                    **ids,
                    "event_id": f"{thread_id}_{position}",
                    "position": position,
                    "created_at": created_at + dt.timedelta(seconds=seconds),
                    "author_id": customer if author == "customer" else author,
                    "author_type": kind(author),
                    "type": "message" if author else "system_message",
                    "visibility": "all",
                    **(more[0] if more else {}),
                }
            )
        for user in [customer, *users]:
            self.rows["thread_users"].append(
                {**ids, "user_id": user, "type": "customer" if user == customer else kind(user)}
            )
        self.rows["tags"].extend({**ids, "tag": tag} for tag in tags)
        if country:
            self.rows["visits"].append({**ids, "country_code": country, "country": country})
        return thread_id

    def user(self, date, user_id, name, **columns):
        """Add what was known of a user."""
        self.rows["users"].append(
            {"date": date, "user_id": user_id, "name": name, "type": kind(user_id), **columns}
        )

    def write(self, folder, *, since, until, tables=tuple(TABLES), state=True, **position):
        """Write it as a folder of Parquet files by day."""
        folder = Path(folder)
        for name in tables:
            rows = sorted(self.rows[name], key=lambda row: row["date"])
            for date, group in itertools.groupby(rows, key=lambda row: row["date"]):
                target = folder / name / f"date={date}" / "part-0.parquet"
                target.parent.mkdir(parents=True, exist_ok=True)
                table = pa.Table.from_pylist(list(group), schema=TABLES[name].schema)
                pq.write_table(table.drop_columns("date"), target)
        if state:
            job = Job(since=since, tables=tables)
            whole = Position(
                since=since, until=until, window=position.pop("window", until), done=True
            )
            whole = msgspec.structs.replace(whole, **position)
            (folder / "_frontdesk").mkdir(parents=True, exist_ok=True)
            (folder / "_frontdesk" / "state.json").write_bytes(
                msgspec.json.encode(State(job=job, position=whole))
            )
        return folder


def kind(author):
    if author is None:
        return None
    if author == "customer" or author.startswith("C"):
        return "customer"
    return "bot" if len(author) == 32 else "agent"


def system(kind, **columns):
    """The columns of a system message."""
    return {"type": "system_message", "system_message_type": kind, **columns}


def worked_example(export, start):
    """The chat of LiveChat's terms whose figures were worked out by hand."""
    return export.thread(
        start,
        (0, "customer"),
        (31, "ada@example.com", {"properties": '{"lc2":{"welcome_message":true}}'}),
        (50, "ada@example.com"),
        (70, "customer"),
        (90, "customer"),
        (100, "ada@example.com"),
        (120, "customer"),
        (300, None, system("manual_archived_agent")),
        queues_duration=30,
    )
