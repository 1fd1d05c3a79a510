"""Threads as CSV: a file for spreadsheets, or a folder with a file per table.

The file has one row per thread, with the columns of ``COLUMNS``. The folder has the tables as they
are, `threads.csv`, `events.csv` and so on, whose columns ``frontdesk.archives.tables`` describes.

Both are as RFC 4180 has it, in UTF-8: a row of names first, commas, lines that end with CR LF,
quotes where they are needed. Times are in UTC (`2026-01-31T09:30:00.250000Z`), booleans `true` and
`false`, lists of numbers `[0, 1]`; what is not there is empty, as is an empty text.

Spreadsheets take a text that begins with `=`, `+`, `-`, `@`, a tab or the end of a line for a
formula, and customers choose what they write: such a text gets a `'` in front, which spreadsheets
show or hide, and never run. Phone numbers such as `+48 600 000 000` get one too. Programs that read
the file rather want the texts as they are: ``neutralize_formulas=False``.
"""

import csv
import io
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa

from frontdesk.archives.pages import ArchivePage, Job, Position, State
from frontdesk.archives.tables import TABLES
from frontdesk.archives.targets.appended import (
    REWRITTEN,
    AppendedTarget,
    Sidecar,
    flush_to_disk,
    rewritten_of,
    settle,
    write_sidecar,
)
from frontdesk.archives.targets.failures import writing_to
from frontdesk.archives.targets.lines import SIDECAR, check_unused
from frontdesk.archives.targets.states import STATE_NAME
from frontdesk.errors import ExportError, ForeignTarget

__all__ = [
    "COLUMNS",
    "CsvFile",
    "CsvFolder",
    "FlatColumn",
    "csv_reader",
    "csv_row",
    "csv_target",
]

Row = dict[str, Any]

BYTE_ORDER_MARK: Final = "\ufeff"
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
SUFFIX: Final = ".csv"
SEPARATOR: Final = "; "
"""Between names in one cell."""
MESSAGES: Final = frozenset({"message", "rich_message", "file"})
"""The types of events that count as messages."""
FIELD_LIMIT: Final = 2**31 - 1
"""Characters of a cell; Python's own limit is 131,072, less than a raw chat may have."""


class FlatColumn(NamedTuple):
    """A column of the file with one row per thread."""

    name: str
    text: str


_OF_THREADS: Final = {column.name: column.text for column in TABLES["threads"].columns}


def _of_thread(*names: str) -> tuple[FlatColumn, ...]:
    return tuple(FlatColumn(name, _OF_THREADS[name]) for name in names)


COLUMNS: Final = (
    *_of_thread("date", "created_at", "thread_id", "chat_id", "customer_id"),
    FlatColumn("customer_name", "The customer's name."),
    FlatColumn("customer_email", "The customer's e-mail address."),
    FlatColumn("country", "The country of the customer's visit."),
    FlatColumn("city", "The city of the customer's visit."),
    FlatColumn("agents", "The agents of the thread, by their names; `; ` between them."),
    FlatColumn("bots", "The bots of the thread, by their names; `; ` between them."),
    *_of_thread("group_ids"),
    FlatColumn("tags", "The tags; `; ` between them."),
    FlatColumn("first_message_at", "When the first message was sent that the customer saw."),
    FlatColumn("first_agent_message_at", "When an agent sent the first one."),
    FlatColumn("last_message_at", "When the last message was sent that the customer saw."),
    FlatColumn("customer_messages", "How many messages the customer sent."),
    FlatColumn("agent_messages", "How many messages agents sent that the customer saw."),
    FlatColumn("bot_messages", "How many messages bots sent that the customer saw."),
    FlatColumn("files", "How many files were sent."),
    *_of_thread(
        "last_event_at", "events_count", "queues_duration", "rating_score", "rating_comment",
        "continuous", "idle", "unassigned", "unreplied", "has_sale", "greeting_id", "start_url",
        "referrer", "source_client_id", "customer_client_id", "summary", "restricted_access",
        "previous_thread_id", "next_thread_id",
    ),
)  # fmt: skip
"""The columns of the file with one row per thread. Messages are events of the types `message`,
`rich_message` and `file`. Columns of tables that are not exported are empty."""


class _RowsTarget(AppendedTarget):
    format: str = "csv"

    def __init__(
        self,
        place: Path,
        folder: Path,
        sidecar: Path,
        *,
        neutralize_formulas: bool,
        byte_order_mark: bool,
    ) -> None:
        super().__init__(place, folder, sidecar)
        self._text: Callable[[str], str] = neutralized if neutralize_formulas else str
        self._start_of_file = BYTE_ORDER_MARK if byte_order_mark else ""

    def _names(self, file: Path) -> list[str]:
        """The names of the columns of a file."""
        raise NotImplementedError

    def _start(self, file: Path) -> bytes:
        return (self._start_of_file + csv_row(self._names(file))).encode()

    def _append_rows(self, path: Path, rows: Iterable[Iterable[Any]]) -> None:
        data = "".join(csv_row(_cell(value, self._text) for value in row) for row in rows)
        with path.open("ab") as file:
            file.write(data.encode())


class CsvFile(_RowsTarget):
    """A file with a row per thread, for spreadsheets.

    Args:
        path: the file; its state lies beside it, in ``NAME.frontdesk.json``.
        neutralize_formulas: put a ``'`` before texts that spreadsheets take for formulas.
        byte_order_mark: begin the file with one, by which old versions of Excel know UTF-8.
    """

    kind: str = "a CSV file"

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        neutralize_formulas: bool = True,
        byte_order_mark: bool = False,
    ) -> None:
        path = Path(path)
        super().__init__(
            path,
            path.parent,
            path.with_name(f"{path.name}{SIDECAR}"),
            neutralize_formulas=neutralize_formulas,
            byte_order_mark=byte_order_mark,
        )
        self._path = path

    def _check_unused(self) -> None:
        check_unused(self._path)

    def _check(self, job: Job) -> None:
        if "threads" not in job.tables:
            raise ExportError(
                "`tables` must have `threads`, whose rows are those of a CSV file; "
                "add it, or export to a folder of CSV, one file per table"
            )

    def _files(self, job: Job) -> list[Path]:
        return [self._path]

    def _names(self, file: Path) -> list[str]:
        return [column.name for column in COLUMNS]

    def _append(self, page: ArchivePage, job: Job) -> None:
        rows = ([row[column.name] for column in COLUMNS] for row in flat_rows(page.tables))
        self._append_rows(self._path, rows)


class CsvFolder(_RowsTarget):
    """A folder with a file per table.

    ``users.csv`` has one row for a user of a day once the run has finished; until then it has one
    for each page.

    Args:
        path: the folder; its state lies in ``_frontdesk/state.json``.
        neutralize_formulas: put a ``'`` before texts that spreadsheets take for formulas.
        byte_order_mark: begin the files with one, by which old versions of Excel know UTF-8.
    """

    kind: str = "a folder of CSV"

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        neutralize_formulas: bool = True,
        byte_order_mark: bool = False,
    ) -> None:
        path = Path(path)
        super().__init__(
            path,
            path,
            path / STATE_NAME,
            neutralize_formulas=neutralize_formulas,
            byte_order_mark=byte_order_mark,
        )
        self._path = path

    def finish(self, position: Position) -> None:
        """Complete the run: of each user of a day, the row that was read last stays."""
        state = self._begun()
        if "users" not in state.job.tables:
            super().finish(position)
            return
        state = State(job=state.job, position=position)
        users = self._path / "users.csv"
        with writing_to(str(users)):
            length = _with_latest_rows(users, TABLES["users"].key)
            lengths = {file.name: file.stat().st_size for file in self._files(state.job)}
            sidecar = Sidecar.of(self.format, state, lengths, {users.name: length})
            write_sidecar(self._sidecar, sidecar)
            settle(sidecar, self._path)
        self._store(state)

    def _check_unused(self) -> None:
        others = [
            file
            for file in sorted(self._path.iterdir())
            if file != self._sidecar.parent and not file.name.endswith(f".csv{REWRITTEN}")
        ]
        if others:
            raise ForeignTarget(
                f"{self._path} is no export, and not empty ({others[0].name}); "
                "export to another path, or empty it"
            )

    def _files(self, job: Job) -> list[Path]:
        return [self._path / f"{name}.csv" for name in TABLES if name in job.tables]

    def _names(self, file: Path) -> list[str]:
        return TABLES[file.stem].schema.names

    def _append(self, page: ArchivePage, job: Job) -> None:
        for name, batch in page.tables.items():
            self._append_rows(self._path / f"{name}.csv", (row.values() for row in _rows(batch)))


def csv_target(
    path: str | os.PathLike[str],
    *,
    neutralize_formulas: bool = True,
    byte_order_mark: bool = False,
) -> CsvFile | CsvFolder:
    """Return the target for a CSV file, or for a folder of CSV if the name has no ``.csv``.

    Args:
        path: the file or folder.
        neutralize_formulas: put a ``'`` before texts that spreadsheets take for formulas.
        byte_order_mark: begin files with one, by which old versions of Excel know UTF-8.
    """
    path = Path(path)
    is_file = path.suffix.lower() == SUFFIX and not path.is_dir()
    return (CsvFile if is_file else CsvFolder)(
        path, neutralize_formulas=neutralize_formulas, byte_order_mark=byte_order_mark
    )


def flat_rows(tables: Mapping[str, pa.RecordBatch]) -> Iterator[Row]:
    """Yield the threads of a page, each with what the other tables say of it."""
    children = {
        name: _by_thread(batch)
        for name, batch in tables.items()
        if name not in ("threads", "users")
    }
    users = {(row["date"], row["user_id"]): row for row in _rows(tables.get("users"))}
    for thread in _rows(tables["threads"]):

        def rows_of(table: str, thread_id: str | None = thread["thread_id"]) -> list[Row]:
            return children.get(table, {}).get(thread_id, [])

        customer = users.get((thread["date"], thread["customer_id"])) or {}
        visits = rows_of("visits")
        visit = visits[0] if visits else {}
        people = [
            (row["type"], users.get((row["date"], row["user_id"]), {}).get("name"), row["user_id"])
            for row in rows_of("thread_users")
        ]
        yield thread | {
            "customer_name": customer.get("name"),
            "customer_email": customer.get("email"),
            "country": visit.get("country"),
            "city": visit.get("city"),
            "agents": _names(people, "agent"),
            "bots": _names(people, "bot"),
            "tags": SEPARATOR.join(row["tag"] for row in rows_of("tags") if row["tag"]),
            "files": len(rows_of("files")) if "files" in tables else None,
            **_of_messages(rows_of("events") if "events" in tables else None),
        }


def _of_messages(events: list[Row] | None) -> Row:
    if events is None:
        names = (column.name for column in COLUMNS if "message" in column.name)
        return dict.fromkeys(names)
    messages = [
        event for event in events if event["type"] in MESSAGES and event["visibility"] != "agents"
    ]
    by_author = {
        author: [event for event in messages if event["author_type"] == author]
        for author in ("customer", "agent", "bot")
    }
    times = [event["created_at"] for event in messages if event["created_at"]]
    by_agents = [event["created_at"] for event in by_author["agent"] if event["created_at"]]
    return {
        "first_message_at": min(times, default=None),
        "first_agent_message_at": min(by_agents, default=None),
        "last_message_at": max(times, default=None),
        **{f"{author}_messages": len(rows) for author, rows in by_author.items()},
    }


def _names(people: Iterable[tuple[str | None, str | None, str]], type: str) -> str:
    return SEPARATOR.join(name or user_id for kind, name, user_id in people if kind == type)


def _rows(batch: pa.RecordBatch | None) -> list[Row]:
    return [] if batch is None else batch.to_pylist()


def _by_thread(batch: pa.RecordBatch) -> Mapping[str | None, list[Row]]:
    groups: defaultdict[str | None, list[Row]] = defaultdict(list)
    for row in _rows(batch):
        groups[row["thread_id"]].append(row)
    return groups


def neutralized(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _cell(value: object, text: Callable[[str], str]) -> str:
    match value:
        case None:
            return ""
        case str():
            return text(value)
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case list():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)


def csv_row(cells: Iterable[str]) -> str:
    """Return a row as RFC 4180 has it."""
    row = io.StringIO()
    csv.writer(row, lineterminator="\r\n").writerow(cells)
    return row.getvalue()


def csv_reader(file: Iterable[str]) -> Iterator[list[str]]:
    """Yield the rows of a file that was opened with ``newline=""``, however long their cells."""
    csv.field_size_limit(FIELD_LIMIT)
    return csv.reader(file, strict=True)


def _with_latest_rows(path: Path, key: tuple[str, ...]) -> int:
    """Rewrite a file with the last row of each key; return its new length."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv_reader(file)
        names = next(rows)
        places = [names.index(name) for name in key]
        latest = {tuple(row[place] for place in places): number for number, row in enumerate(rows)}
    kept = set(latest.values())
    rewritten = rewritten_of(path)
    with (
        path.open(encoding="utf-8", newline="") as file,
        rewritten.open("w", encoding="utf-8", newline="") as target,
    ):
        rows = csv_reader(file)
        target.write(csv_row(next(rows)))
        for number, row in enumerate(rows):
            if number in kept:
                target.write(csv_row(row))
    flush_to_disk(rewritten)
    return rewritten.stat().st_size
