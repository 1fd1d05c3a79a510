"""What targets do with record batches. Here pyarrow, which has no types, gets some."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, cast

import pyarrow as pa
import pyarrow.compute

from frontdesk.archives.tables import TABLES

__all__ = [
    "day_runs",
    "decoded_rows",
    "encoded_rows",
    "fields_of",
    "newest_users",
    "reader_of",
    "rows_with_columns",
    "texts_of",
    "without_date",
    "without_threads",
]

_arrow: Final[Any] = pa
_compute: Final[Any] = pyarrow.compute


def texts_of(rows: pa.RecordBatch, column: str) -> list[str | None]:
    """Return the texts of a column."""
    return list(_column(rows, column).to_pylist())


def fields_of(table: str) -> list[Any]:
    """Return the Arrow fields of a table."""
    schema: Any = TABLES[table].schema
    return list(schema)


def day_runs(rows: pa.RecordBatch) -> dict[date, list[tuple[int, int]]]:
    """Return where the rows of each day lie: offset and length of each run of them."""
    runs = _compute.run_end_encode(_column(rows, "date"))
    days: dict[date, list[tuple[int, int]]] = {}
    start = 0
    for day, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        days.setdefault(day, []).append((start, end - start))
        start = end
    return days


def without_threads(rows: pa.RecordBatch, thread_ids: Iterable[str]) -> pa.RecordBatch:
    """Return the rows of all other threads."""
    values = _arrow.array(sorted(thread_ids), pa.string())
    is_kept = _compute.invert(_compute.is_in(_column(rows, "thread_id"), value_set=values))
    untyped: Any = rows
    kept: pa.RecordBatch = untyped.filter(is_kept)
    return kept


def newest_users(batches: list[pa.RecordBatch]) -> pa.RecordBatch | None:
    """Return the last row of each user of a day, for the others were read before it."""
    if not batches:
        return None
    rows: pa.RecordBatch = _arrow.concat_batches(batches)
    last = {user: place for place, user in enumerate(texts_of(rows, "user_id"))}
    if len(last) == rows.num_rows:
        return rows
    newest: pa.RecordBatch = rows.take(_arrow.array(sorted(last.values()), pa.int64()))
    return newest


def without_date(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows without their first column, ``date``; as they are if they have none."""
    if rows.schema.names[0] != "date":
        return rows
    untyped: Any = rows
    selected: pa.RecordBatch = untyped.select(rows.schema.names[1:])
    return selected


def rows_with_columns(rows: pa.RecordBatch, fields: Iterable[Any]) -> pa.RecordBatch:
    """Return the rows with all columns of a schema; those that they do not have are null."""
    names = set(rows.schema.names)
    fields = list(fields)
    columns = [
        _column(rows, field.name).cast(field.type)
        if field.name in names
        else _arrow.nulls(rows.num_rows, field.type)
        for field in fields
    ]
    complete: pa.RecordBatch = _arrow.RecordBatch.from_arrays(columns, schema=_arrow.schema(fields))
    return complete


def encoded_rows(rows: pa.RecordBatch) -> memoryview:
    """Return rows as a message of Arrow's, without their schema."""
    untyped: Any = rows
    return memoryview(untyped.serialize())


def decoded_rows(data: bytes | memoryview, table: str) -> pa.RecordBatch:
    """Return the rows of a message."""
    rows: pa.RecordBatch = _arrow.ipc.read_record_batch(
        _arrow.py_buffer(data), TABLES[table].schema
    )
    return rows


def reader_of(table: str, batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader:
    """Return a reader that yields batches of a table as they are asked for."""
    reader: pa.RecordBatchReader = _arrow.RecordBatchReader.from_batches(
        TABLES[table].schema, batches
    )
    return reader


def _column(rows: pa.RecordBatch, name: str) -> Any:
    return cast("Any", rows).column(name)
