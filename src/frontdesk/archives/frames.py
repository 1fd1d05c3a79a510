"""Archives as data frames, for notebooks: last month in one line."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc

from frontdesk.archives.plan import utc_now
from frontdesk.archives.reader import read_archives
from frontdesk.archives.tables import TABLES
from frontdesk.clients.sync_web import SyncDriver
from frontdesk.errors import InvalidArgument
from frontdesk.extras import importing_package
from frontdesk.models import ArchivesFilters

__all__ = ["last_month", "to_arrow", "to_pandas", "to_polars"]

Filters = ArchivesFilters | Mapping[str, Any]


def last_month(now: datetime) -> tuple[datetime, datetime]:
    """Return the start and the end of the calendar month before that of ``now``, in UTC."""
    end = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = divmod(end.year * 12 + end.month - 2, 12)
    return end.replace(year=year, month=month + 1), end


def to_arrow(
    client: SyncDriver,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    filters: Filters | None = None,
    tables: Iterable[str] | None = None,
    raw: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> dict[str, pa.Table]:
    """Read archives into Arrow tables in memory, by their names.

    Args:
        client: A sync client of the Agent Chat API; a notebook takes one too.
        since: Threads created at that time or later; defaults to the start of last month in UTC.
        until: Threads created before that time; defaults to now, or without ``since`` to the end of
            last month.
        filters: The filters of ``list_archives``, without ``from``, ``to`` and ``thread_ids``.
        tables: The tables to make; defaults to all.
        raw: Keep the JSON of every chat in ``threads.raw``.
        clock: Returns the time of day.

    Raises:
        InvalidArgument: An argument does not fit.
        BudgetExceeded: The client's budget is spent.
        APIError: The server refuses a call.
        TransportError: There is no response.
    """
    if not isinstance(client, SyncDriver):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("client", "must be a sync client, such as an AgentClient")
    if since is None:
        if until is not None:
            raise InvalidArgument("since", "is required with `until`")
        since, until = last_month(clock())
    names = list(TABLES) if tables is None else list(tables)
    batches: dict[str, list[pa.RecordBatch]] = {name: [] for name in names}
    for page in read_archives(
        client, since=since, until=until, filters=filters, tables=names, raw=raw, clock=clock
    ):
        for name, batch in page.tables.items():
            batches[name].append(batch)
    made: dict[str, pa.Table] = {}
    for name, parts in batches.items():
        table = pa.Table.from_batches(parts, schema=TABLES[name].schema)
        made[name] = _latest(table, TABLES[name].key) if name == "users" else table
    return made


def _latest(table: pa.Table, key: tuple[str, ...]) -> pa.Table:
    """Keep the last row of each key: a user may be on several pages."""
    numbered: Any = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))
    rows = numbered.group_by(list(key)).aggregate([("row", "max")])["row_max"]
    compute: Any = pc
    latest: pa.Table = table.take(rows.take(compute.array_sort_indices(rows)))
    return latest


@overload
def to_pandas(
    client: SyncDriver,
    *,
    table: str = ...,
    tables: None = None,
    since: datetime | None = ...,
    until: datetime | None = ...,
    filters: Filters | None = ...,
    raw: bool = ...,
    clock: Callable[[], datetime] = ...,
) -> Any: ...
@overload
def to_pandas(
    client: SyncDriver,
    *,
    tables: Iterable[str],
    since: datetime | None = ...,
    until: datetime | None = ...,
    filters: Filters | None = ...,
    raw: bool = ...,
    clock: Callable[[], datetime] = ...,
) -> dict[str, Any]: ...
def to_pandas(
    client: SyncDriver,
    *,
    table: str = "threads",
    tables: Iterable[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    filters: Filters | None = None,
    raw: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> Any:
    """Read archives into a pandas ``DataFrame``: ``to_pandas(client)`` has last month's threads.

    Whole numbers and booleans keep their types where values are missing (``Int64``, ``boolean``);
    times are in UTC.

    Args:
        client: A sync client of the Agent Chat API; a notebook takes one too.
        table: The table to make.
        tables: Several tables, in place of ``table``.
        since: Threads created at that time or later; defaults to the start of last month in UTC.
        until: Threads created before that time; defaults to now, or without ``since`` to the end of
            last month.
        filters: The filters of ``list_archives``, without ``from``, ``to`` and ``thread_ids``.
        raw: Keep the JSON of every chat in ``threads.raw``.
        clock: Returns the time of day.

    Returns:
        A frame; with ``tables`` a dict of frames by their names.

    Raises:
        MissingDependency: pandas is not installed.
        InvalidArgument: An argument does not fit.
        BudgetExceeded: The client's budget is spent.
        APIError: The server refuses a call.
        TransportError: There is no response.
    """
    with importing_package("pandas", "to_pandas"):
        import pandas as pd

    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    arrow: dict[str, Any] = to_arrow(
        client,
        since=since,
        until=until,
        filters=filters,
        tables=_named(table, tables),
        raw=raw,
        clock=clock,
    )
    frames: dict[str, Any] = {
        name: made.to_pandas(types_mapper=nullable.get, date_as_object=False)
        for name, made in arrow.items()
    }
    return frames[table] if tables is None else frames


@overload
def to_polars(
    client: SyncDriver,
    *,
    table: str = ...,
    tables: None = None,
    since: datetime | None = ...,
    until: datetime | None = ...,
    filters: Filters | None = ...,
    raw: bool = ...,
    clock: Callable[[], datetime] = ...,
) -> Any: ...
@overload
def to_polars(
    client: SyncDriver,
    *,
    tables: Iterable[str],
    since: datetime | None = ...,
    until: datetime | None = ...,
    filters: Filters | None = ...,
    raw: bool = ...,
    clock: Callable[[], datetime] = ...,
) -> dict[str, Any]: ...
def to_polars(
    client: SyncDriver,
    *,
    table: str = "threads",
    tables: Iterable[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    filters: Filters | None = None,
    raw: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> Any:
    """Read archives into a Polars ``DataFrame``: ``to_polars(client)`` has last month's threads.

    Args:
        client: A sync client of the Agent Chat API; a notebook takes one too.
        table: The table to make.
        tables: Several tables, in place of ``table``.
        since: Threads created at that time or later; defaults to the start of last month in UTC.
        until: Threads created before that time; defaults to now, or without ``since`` to the end of
            last month.
        filters: The filters of ``list_archives``, without ``from``, ``to`` and ``thread_ids``.
        raw: Keep the JSON of every chat in ``threads.raw``.
        clock: Returns the time of day.

    Returns:
        A frame; with ``tables`` a dict of frames by their names.

    Raises:
        MissingDependency: Polars is not installed.
        InvalidArgument: An argument does not fit.
        BudgetExceeded: The client's budget is spent.
        APIError: The server refuses a call.
        TransportError: There is no response.
    """
    with importing_package("polars", "to_polars"):
        import polars as pl

    arrow: dict[str, Any] = to_arrow(
        client,
        since=since,
        until=until,
        filters=filters,
        tables=_named(table, tables),
        raw=raw,
        clock=clock,
    )
    from_arrow: Any = pl.from_arrow  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    frames: dict[str, Any] = {name: from_arrow(made) for name, made in arrow.items()}
    return frames[table] if tables is None else frames


def _named(table: str, tables: Iterable[str] | None) -> list[str]:
    if tables is None:
        return [table]
    return [tables] if isinstance(tables, str) else list(tables)
