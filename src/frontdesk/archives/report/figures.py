"""The figures of a report: what the queries return, and what belongs to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.archives.query import Source, empty_table
from frontdesk.archives.report.assumptions import variables
from frontdesk.archives.report.period import Extent, Period
from frontdesk.archives.report.queries import NAMES, PREPARE, Query
from frontdesk.archives.tables import TABLES
from frontdesk.errors import ExportError
from frontdesk.grammar import counted, listed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["Figure", "Report", "Row", "extent_of", "make_report"]

PERIOD: Final = "period"
"""The column of every query that says which period a row is of."""
THIS: Final = "this"
BEFORE: Final = "before"
_LONGEST_TEXT: Final = 300

Row = dict[str, Any]


class Figure(Struct, frozen=True, kw_only=True):
    """What a query returned."""

    name: str
    title: str
    text: str
    """Its definition."""
    source: str
    readings: tuple[str, ...]
    """The assumptions that it relies on."""
    columns: tuple[str, ...]
    rows: list[Row]
    """Those of the period."""
    before: list[Row] | None
    """Those of the period before; ``None`` where the export does not hold it."""
    missing: tuple[str, ...] = ()
    """The tables it needs that were not exported; it has no rows then."""
    is_custom: bool = False
    """Whether it comes from a file that the user added."""

    @property
    def this(self) -> Row:
        """The first row of the period, or an empty one."""
        return self.rows[0] if self.rows else {}

    @property
    def earlier(self) -> Row:
        """The first row of the period before, or an empty one."""
        return self.before[0] if self.before else {}


class Report(Struct, frozen=True, kw_only=True):
    """The figures over an export, for a period and the one before it."""

    export: str
    """Where the export lies."""
    timezone: str
    timezone_is_machines: bool
    """Whether the time zone is the machine's, since nobody gave another."""
    period: Period
    before: Period
    has_before: bool
    """Whether the export holds the period before."""
    groups: tuple[int, ...]
    """The groups whose chats count; all where it is empty."""
    notes: tuple[str, ...]
    """What readers have to know of the data."""
    figures: dict[str, Figure]

    @property
    def shows_names(self) -> bool:
        """Whether customers are named."""
        return any(name.startswith(f"{NAMES}/") for name in self.figures)


def extent_of(source: Source) -> Extent:
    """Return what an export holds."""
    state = source.state
    if state is not None:
        position, job = state.position, state.job
        if position.done:
            return Extent(job.since, position.until)
        # Windows and days are read in order: those before this one are whole.
        end = position.window
        if state.frontier is not None:
            end = datetime.combine(state.frontier, time(), tzinfo=UTC)
        return Extent(job.since, max(end, job.since), is_complete=False)
    row = _rows(source.connection, "SELECT min(created_at), max(created_at) FROM threads")[0]
    first, last = row
    if first is None:
        raise ExportError("the export holds no chats")
    day = timedelta(days=1)
    begin, end = (
        datetime.combine(each.astimezone(UTC).date(), time(), tzinfo=UTC) for each in (first, last)
    )
    return Extent(begin, end + day)


def make_report(
    source: Source,
    export: str,
    queries: Mapping[str, Query],
    period: Period,
    zone: ZoneInfo,
    *,
    groups: Sequence[int] = (),
    names: bool = False,
    timezone_is_machines: bool = False,
) -> Report:
    """Run the queries over an export.

    Args:
        source: the export.
        export: where it lies, as the report names it.
        queries: what ``load_queries`` returned.
        period: what the report is about.
        zone: the time zone of days and hours.
        groups: the groups whose chats count; defaults to all.
        names: whether customers are named and quoted.
        timezone_is_machines: whether the user did not give the time zone.

    Raises:
        ExportError: There are no chats in the period, the export has no threads, or a query fails.
    """
    if "threads" not in source.tables:
        raise ExportError(f"the export {export} has no table `threads`; export that one, too")
    connection = source.connection
    extent = extent_of(source)
    before = period.before()
    has_before = extent.holds(before)
    _set_variables(connection, period, before if has_before else None, zone, groups)
    _stand_in(connection, source.tables)
    for query in queries.values():
        if query.name.startswith(f"{PREPARE}/"):
            _run(connection, query)
    if not _rows(connection, "SELECT 1 FROM started WHERE period = 'this' LIMIT 1"):
        of_groups = f" in {'group' if len(groups) == 1 else 'groups'} " if groups else ""
        raise ExportError(
            f"there are no chats{of_groups}{listed([str(group) for group in groups])} "
            f"in the period {period.label} ({zone.key}) in {export}"
        )
    figures = {
        query.name: _figure(connection, query, source.tables, has_before=has_before)
        for query in queries.values()
        if not query.name.startswith(f"{PREPARE}/")
        and (names or not query.name.startswith(f"{NAMES}/"))
    }
    return Report(
        export=export,
        timezone=zone.key,
        timezone_is_machines=timezone_is_machines,
        period=period,
        before=before,
        has_before=has_before,
        groups=tuple(groups),
        notes=tuple(_notes(source, extent, period, before, has_before=has_before)),
        figures=figures,
    )


def _set_variables(
    connection: "DuckDBPyConnection",
    period: Period,
    before: Period | None,
    zone: ZoneInfo,
    groups: Sequence[int],
) -> None:
    first = before.since if before else period.since
    last = period.until - timedelta(microseconds=1)
    values: list[tuple[str, str, Any]] = [
        ("since", "TIMESTAMPTZ", period.since),
        ("until", "TIMESTAMPTZ", period.until),
        ("before", "TIMESTAMPTZ", before.since if before else None),
        ("first_date", "DATE", first.astimezone(UTC).date()),
        ("last_date", "DATE", last.astimezone(UTC).date()),
        ("zone", "VARCHAR", zone.key),
        ("groups", "BIGINT[]", list(groups) or None),
    ]
    for name, kind, value in values:
        connection.execute(f"SET VARIABLE {name} = CAST(? AS {kind})", [value])
    for name, value in variables().items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])


def _stand_in(connection: "DuckDBPyConnection", exported: Iterable[str]) -> None:
    """Make empty tables for those that were not exported, for the queries that join them."""
    for name in TABLES.keys() - set(exported):
        connection.execute(f'CREATE VIEW "{name}" AS {empty_table(name)}')


def _figure(
    connection: "DuckDBPyConnection",
    query: Query,
    exported: frozenset[str],
    *,
    has_before: bool,
) -> Figure:
    missing = tuple(name for name in query.needs if name in TABLES and name not in exported)
    cursor = _run(connection, query)
    columns = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    if PERIOD not in columns:
        raise ExportError(f"{query.origin} must return a column `{PERIOD}`")
    if missing:
        rows = []

    def of(period: str) -> list[Row]:
        return [
            {name: value for name, value in row.items() if name != PERIOD}
            for row in rows
            if row[PERIOD] == period
        ]

    return Figure(
        name=query.name,
        title=query.title,
        text=query.text,
        source=query.source,
        readings=query.readings,
        columns=tuple(name for name in columns if name != PERIOD),
        rows=of(THIS),
        before=of(BEFORE) if has_before else None,
        missing=missing,
    )


def _run(connection: "DuckDBPyConnection", query: Query) -> "DuckDBPyConnection":
    import duckdb

    try:
        return connection.execute(query.sql)
    except (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException) as error:
        raise _unreadable(error) from None
    except duckdb.Error as error:
        raise ExportError(f"{query.origin} fails: {_first_line(error)}") from None


def _rows(connection: "DuckDBPyConnection", sql: str) -> list[tuple[Any, ...]]:
    import duckdb

    try:
        return connection.execute(sql).fetchall()
    except duckdb.Error as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> ExportError:
    return ExportError(
        f"the export changed while it was read, or cannot be read ({_first_line(error)}); "
        "run the report again"
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:_LONGEST_TEXT]


def _notes(
    source: Source, extent: Extent, period: Period, before: Period, *, has_before: bool
) -> Iterable[str]:
    """Say what readers have to know of the data."""
    state = source.state
    if state is None:
        yield "Nothing says how these tables were exported; the report takes them as whole."
    elif state.job.filters:
        names = listed([f"`{name}`" for name in state.job.filters])
        yield f"The export holds only chats that match its filters ({names})."
    if state is not None and state.job.pseudonyms:
        yield "Names and addresses were replaced by tokens when the chats were exported."
    if not extent.is_complete:
        yield "The export is not complete, but holds this period."
    for each, name in ((period, "this period"), (before, "the period before")):
        if (has_before or each is period) and (missing := extent.missing(each)):
            hours = missing / timedelta(hours=1)
            yield f"{hours:.1f} hours at the ends of {name} are not in the export.".replace(
                ".0 ", " "
            )
    damaged, hidden = _rows(
        source.connection,
        "SELECT count(*) FILTER (damage IS NOT NULL), count(*) FILTER (restricted_access <> '') "
        "FROM threads JOIN started USING (thread_id) WHERE period = 'this' "
        "AND threads.date BETWEEN getvariable('first_date') AND getvariable('last_date')",
    )[0]
    if damaged:
        yield f"{counted(damaged, 'chat')} could not be read whole; they count as far as possible."
    if hidden:
        yield (
            f"The events of {counted(hidden, 'chat')} are hidden by LiveChat's plan: these have "
            "no times, and count as LiveChat says otherwise."
        )
