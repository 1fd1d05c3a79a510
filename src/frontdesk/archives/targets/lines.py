"""Threads as lines of JSON: `.jsonl` and `.jsonl.gz`.

A line is one thread with all that belongs to it, so that a single file holds the whole export. Its
keys always come in the same order:

- the columns of `threads`, in their order;
- `events`: a list of the rows of `events`;
- `users`: a list of the users of the thread, each with the columns of `thread_users`, then those of
  `users` (all of them `null` for a user of whom nothing is known);
- `tags`: a list of texts;
- `properties`: a list of the rows of `properties`;
- `visit`: the row of `visits`, or `null`;
- `files`: a list of the rows of `files`.

Users of a chat who took part in other threads of it alone are in the lines of those threads. Only
tables that are exported have a key. Nested rows go without `date`, `thread_id` and `chat_id`,
which stand in the line itself. Columns whose text is JSON (`raw`, `damage`, `content`,
`session_fields`, and `properties` of events) are JSON here, no text with JSON in it. Times are in
UTC (`2026-01-31T09:30:00.25Z`), dates `2026-01-31`, what is not there is `null`.

In `.jsonl.gz` each page is a gzip member of its own: a file that was cut short is whole up to its
last member, and every tool that reads gzip reads members as one file.
"""

import gzip
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from frontdesk.archives.pages import ArchivePage, Job
from frontdesk.archives.tables import TABLES
from frontdesk.archives.targets.appended import AppendedTarget
from frontdesk.errors import ExportError, ForeignTarget

__all__ = [
    "COMPRESSED",
    "LEVEL",
    "SIDECAR",
    "LinesTarget",
    "check_lines",
    "check_unused",
    "lines_of",
]

Row = dict[str, Any]

SIDECAR: Final = ".frontdesk.json"
"""What the name of a file's sidecar ends with."""
COMPRESSED: Final = ".gz"
LEVEL: Final = 6
"""Of gzip; more takes twice the time for a few percent."""
JSON_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "threads": ("damage", "raw"),
    "events": ("content", "properties"),
    "users": ("session_fields",),
}
"""The columns whose texts are JSON."""
OF_THE_LINE: Final = frozenset({"date", "thread_id", "chat_id"})
"""What nested rows go without."""


class LinesTarget(AppendedTarget):
    """A file with a line of JSON per thread; compressed if its name ends with ``.gz``.

    Args:
        path: the file; its state lies beside it, in ``NAME.frontdesk.json``.
    """

    format: str = "jsonl"
    kind: str = "a file of JSON lines"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        path = Path(path)
        super().__init__(path, path.parent, path.with_name(f"{path.name}{SIDECAR}"))
        self._path = path
        self._compressed = path.suffix.lower() == COMPRESSED

    def _check_unused(self) -> None:
        check_unused(self._path)

    def _check(self, job: Job) -> None:
        check_lines(job)

    def _files(self, job: Job) -> list[Path]:
        return [self._path]

    def _start(self, file: Path) -> bytes:
        return b""

    def _append(self, page: ArchivePage, job: Job) -> None:
        data = b"".join(lines_of(page.tables))
        if self._compressed and data:
            # The same rows make the same bytes: no name and no time in the header.
            data = gzip.compress(data, LEVEL, mtime=0)
        with self._path.open("ab") as file:
            file.write(data)


def check_unused(path: Path) -> None:
    """Raise ``ForeignTarget`` if a file is there that no export wrote."""
    if path.is_dir():
        raise ForeignTarget(f"{path} is a folder; export to another path")
    if path.exists() and path.stat().st_size:
        raise ForeignTarget(
            f"{path} is no export: nothing beside it says how far it is. "
            "Export to another path, or delete it"
        )


def check_lines(job: Job) -> None:
    """Raise ``ExportError`` if lines have no place for a table of a job."""
    if "users" in job.tables and "thread_users" not in job.tables:
        raise ExportError(
            "`tables` must have `thread_users` where `users` are exported as JSON lines, which "
            "hold the users of each thread; add it, or export to another kind of target"
        )


def lines_of(tables: Mapping[str, pa.RecordBatch]) -> Iterator[bytes]:
    """Yield the threads of a page as lines of JSON."""
    children = {
        name: _by_thread(_rows(name, batch))
        for name, batch in tables.items()
        if name not in ("threads", "users")
    }
    users = {(row["date"], row["user_id"]): row for row in _rows("users", tables.get("users"))}
    for row in _threads(tables, children):
        yield msgspec.json.encode(_line(row, children, users, tables)) + b"\n"


def _line(
    line: Row,
    children: Mapping[str, Mapping[str | None, list[Row]]],
    users: Mapping[tuple[Any, Any], Row],
    tables: Mapping[str, pa.RecordBatch],
) -> Row:
    thread_id = line["thread_id"]
    if "events" in tables:
        line["events"] = [_nested(row) for row in children["events"].get(thread_id, ())]
    if "thread_users" in tables:
        rows = children["thread_users"].get(thread_id, ())
        if "users" in tables:
            line["users"] = [
                _nested(row) | _known(users.get((row["date"], row["user_id"])), row) for row in rows
            ]
        else:
            line["users"] = [_nested(row) for row in rows]
    if "tags" in tables:
        line["tags"] = [row["tag"] for row in children["tags"].get(thread_id, ())]
    if "properties" in tables:
        line["properties"] = [_nested(row) for row in children["properties"].get(thread_id, ())]
    if "visits" in tables:
        line["visit"] = next(map(_nested, children["visits"].get(thread_id, ())), None)
    if "files" in tables:
        line["files"] = [_nested(row) for row in children["files"].get(thread_id, ())]
    return line


def _threads(
    tables: Mapping[str, pa.RecordBatch], children: Mapping[str, Mapping[str | None, list[Row]]]
) -> Iterator[Row]:
    """Yield the rows of the threads; what can be said of them where that table is not exported."""
    if "threads" in tables:
        yield from _rows("threads", tables["threads"])
        return
    seen: dict[str | None, Row] = {}
    for groups in children.values():
        for thread_id, rows in groups.items():
            seen.setdefault(thread_id, {"date": rows[0]["date"], "thread_id": thread_id})
    yield from seen.values()


def _known(user: Row | None, row: Row) -> Row:
    """Return what is known of a user beyond their row of the thread."""
    columns = (column.name for column in TABLES["users"].columns)
    return {
        name: None if user is None else user[name]
        for name in columns
        if name not in OF_THE_LINE and name not in row
    }


def _rows(table: str, batch: pa.RecordBatch | None) -> list[Row]:
    if batch is None:
        return []
    rows: list[Row] = batch.to_pylist()
    for name in JSON_COLUMNS.get(table, ()):
        for row in rows:
            text = row.get(name)
            if text is not None:
                row[name] = _embedded(text)
    return rows


def _by_thread(rows: list[Row]) -> Mapping[str | None, list[Row]]:
    groups: defaultdict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["thread_id"]].append(row)
    return groups


def _nested(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in OF_THE_LINE}


def _embedded(text: str) -> msgspec.Raw | str:
    """Return a text that is JSON as JSON on one line, its numbers as they are written."""
    try:
        raw = msgspec.json.decode(text, type=msgspec.Raw)
        if "\n" in text or "\r" in text:
            raw = msgspec.Raw(msgspec.json.format(bytes(raw), indent=-1))
    except msgspec.DecodeError:
        return text
    return raw
