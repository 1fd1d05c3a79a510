"""A folder of Parquet files: ``TABLE/date=YYYY-MM-DD/part-0.parquet``."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from functools import cache
from itertools import chain
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from frontdesk.archives.tables import SCHEMA_VERSION
from frontdesk.archives.targets.days import DayChanges
from frontdesk.archives.targets.files import Changes
from frontdesk.archives.targets.folders import FolderTarget
from frontdesk.archives.targets.rows import (
    fields_of,
    newest_users,
    rows_with_columns,
    without_date,
    without_threads,
)
from frontdesk.archives.targets.states import Stored

__all__ = ["ParquetTarget", "write_rows"]

_FILE: Final = "part-0.parquet"
_FOLDER: Final = "date="
_DAYS_AT_ONCE: Final = 32
"""Days whose files are made visible together; more would take disk and memory."""
_ROW_GROUP: Final = 16 * 1024 * 1024
"""Bytes of rows in a row group, before they are compressed."""
_SMALL: Final = 4 * 1024 * 1024
"""Bytes of rows up to which a file is made in memory."""
_ZSTD_FROM: Final = 1024 * 1024
"""Bytes of rows from which on zstd is used: it halves the size of files at the same cost, but takes
0.4 ms more for a small file, whose size hardly matters; snappy is used there."""
_REPETITIVE: Final = {
    "author_id", "author_type", "chat_id", "city", "content_type", "country", "country_code",
    "customer_client_id", "form_id", "form_type", "group_ids", "level", "name", "namespace",
    "referrer", "region", "restricted_access", "source_client_id", "start_url",
    "system_message_type", "tag", "template_id", "thread_id", "timezone", "type", "user_agent",
    "value", "visibility",
}  # fmt: skip
"""Columns of texts that are the same in many rows; a dictionary of others costs time alone."""
_FEW_VALUES: Final = {
    "author_type", "level", "name", "namespace", "system_message_type", "type", "visibility"
}  # fmt: skip
"""Those of them that are worth one in a small file too."""
_SOUGHT: Final = {"created_at", "customer_id", "thread_id", "user_id"}
"""Columns whose least and greatest values are worth writing into a small file, too."""

_open_writer: Final[Any] = pq.ParquetWriter


class ParquetTarget(FolderTarget):
    """A folder of Parquet, one file a table and day, local or behind a URL of fsspec.

    The column ``date`` is in the names of the folders, as Hive has it.
    """

    kind = "parquet"

    def _prepare(self, stored: Stored, before: Stored | None) -> None:
        if before is not None and before.pending is not None and self._root is not None:
            for path in self._root.glob(f"*/{_FOLDER}*/.{_FILE}.tmp"):
                path.unlink()

    def _apply(self, changes: DayChanges, after: Stored) -> None:
        days = [*changes.late, *changes.days]
        for start in range(0, len(days), _DAYS_AT_ONCE):
            self._replace(changes, days[start : start + _DAYS_AT_ONCE], after)
        if after.replaces:
            self._remove_vanished(changes, after)
        self._save(after)

    def _replace(self, changes: DayChanges, days: Sequence[date], after: Stored) -> None:
        files = self._files.changes()
        try:
            for table in after.job.tables:
                for day in days:
                    if day < changes.start:
                        self._merge(files, changes, table, day)
                    elif changes.has_rows(table, day):
                        rows, size = changes.batches(table, day), changes.size(table, day)
                        self._write(files, table, day, rows, size)
                    elif after.replaces:
                        files.remove(_name(table, day))
            files.apply()
        except BaseException:
            files.discard()
            raise

    def _merge(self, files: Changes, changes: DayChanges, table: str, day: date) -> None:
        """Write a day with the rows that it has, and those of threads that came late."""
        if not self._files.exists(_name(table, day)):
            if changes.has_rows(table, day):
                self._write(files, table, day, changes.batches(table, day))
            return
        with self._files.open(_name(table, day)) as file:
            rows = _read(file, _schema(table))
            if table == "users":
                newest = newest_users([*rows, *map(without_date, changes.batches(table, day))])
                merged = iter(() if newest is None else (newest,))
            else:
                merged = _merged(rows, changes.late_threads, changes.batches(table, day))
            self._write(files, table, day, merged)

    def _remove_vanished(self, changes: DayChanges, after: Stored) -> None:
        """Remove the days of an earlier run that hold no threads any more."""
        files = self._files.changes()
        kept = set(changes.days)
        for table in after.job.tables:
            for folder in self._files.names(table):
                day = _day(folder)
                if day and day not in kept and changes.replaces(day):
                    files.remove(_name(table, day))
        files.apply()

    def _write(
        self,
        files: Changes,
        table: str,
        day: date,
        batches: Iterator[pa.RecordBatch],
        size: int = sys.maxsize,
    ) -> None:
        name, schema = _name(table, day), _schema(table)
        first = next(batches, None)
        if first is None:
            files.remove(name)
        elif size < _SMALL:
            # Arrow writes to memory in half of the time that it takes for a file of Python's.
            buffer: Any = pa.BufferOutputStream()
            rows: Any = pa.Table.from_batches([first, *batches])
            if rows.schema.names[0] == "date":
                rows = rows.remove_column(0)
            with _writer(buffer, schema, size) as writer:
                writer.write_table(rows)
            files.put(name, buffer.getvalue())
        else:
            with files.writing(name) as file:
                write_rows(file, schema, first, batches)


def write_rows(
    file: IO[bytes], schema: pa.Schema, first: pa.RecordBatch, others: Iterator[pa.RecordBatch]
) -> None:
    """Write rows as a file of Parquet; without `date`, which its folder tells."""
    gathered = [without_date(first)]
    size = first.nbytes

    with ExitStack() as stack:
        writer: Any = None
        for batch in chain(others, (None,)):
            if batch is None or size >= _ROW_GROUP:
                writer = writer or stack.enter_context(_writer(file, schema, size))
                rows = pa.Table.from_batches(gathered, schema)
                writer.write_table(rows, row_group_size=max(1, rows.num_rows))
                gathered.clear()
                size = 0
            if batch is not None:
                gathered.append(without_date(batch))
                size += batch.nbytes


def _writer(file: Any, schema: pa.Schema, size: int) -> AbstractContextManager[Any]:
    """Open a writer for about so many bytes of rows."""
    is_small = size < _ZSTD_FROM
    repetitive = _FEW_VALUES if is_small else _REPETITIVE
    writer: AbstractContextManager[Any] = _open_writer(
        file,
        schema,
        compression="snappy" if is_small else "zstd",
        use_dictionary=[name for name in schema.names if name in repetitive],
        write_statistics=[name for name in schema.names if name in _SOUGHT] if is_small else True,
        # Arrow's own copy of the schema says nothing that Parquet's does not, and takes more room
        # than the rows of a small file do.
        store_schema=False,
    )
    return writer


def _merged(
    rows: Iterator[pa.RecordBatch], threads: frozenset[str], late: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for batch in rows:
        kept = without_threads(batch, threads)
        if kept.num_rows:
            yield kept
    yield from map(without_date, late)


def _read(file: IO[bytes], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file, with the columns that it does not have yet."""
    parquet: Any = pq.ParquetFile(file)
    fields: Any = schema
    for rows in parquet.iter_batches(use_threads=False):
        yield rows_with_columns(rows, fields)


@cache
def _schema(table: str) -> pa.Schema:
    """Return the schema of the files of a table, with the version of frontdesk's schema."""
    metadata: Any = {"frontdesk.table": table, "frontdesk.schema": str(SCHEMA_VERSION)}
    return pa.schema(fields_of(table)[1:], metadata=metadata)


def _name(table: str, day: date) -> str:
    return f"{table}/{_FOLDER}{day.isoformat()}/{_FILE}"


def _day(folder: str) -> date | None:
    if not folder.startswith(_FOLDER):
        return None
    try:
        return date.fromisoformat(folder.removeprefix(_FOLDER))
    except ValueError:
        return None
