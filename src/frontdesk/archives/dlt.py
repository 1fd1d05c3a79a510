"""Archives as a source of dlt, for BigQuery, Snowflake, Postgres and its other destinations.

    import dlt
    from frontdesk.archives.dlt import archives_source

    pipeline = dlt.pipeline("chats", destination="duckdb", dataset_name="livechat")
    pipeline.run(archives_source("dal:…", since=datetime(2026, 1, 1, tzinfo=UTC)))

Each table is a resource. The first run loads everything from ``since`` on. Where it ended is kept
in dlt's own state, with the load: a run that fails before its load is complete changes nothing, and
the next one begins where it did. Later runs read again from the day on which the oldest thread was
created that was open at the last run, and at least from the day before that run on (30 days where
it is unknown what was open), and replace these days: changed threads, and rows and threads that are
no longer there.

Days are replaced with dlt's merge, by the key ``date``. Every table has a column ``removed`` for
it, which is always empty at the destination: a row with it stands for a day that is to be emptied.

To load a long time in portions, give ``months``: each run loads that many calendar months, and the
next one goes on. A budget that is spent ends a run in the same way, after the last whole month.

dlt sends anonymous usage data to its makers unless ``dlthub_telemetry=false`` stands under
``[runtime]`` in ``~/.dlt/config.toml``, or ``RUNTIME__DLTHUB_TELEMETRY=false`` in the environment.
``erase_customer`` erases from exports; at dlt's destinations rows are deleted with their own means,
and come back if their days are read again.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute
from msgspec.structs import replace

from frontdesk.archives.calls import Caller
from frontdesk.archives.pages import ArchivePage, Job, Position, State
from frontdesk.archives.plan import make_job, start_position, utc_now, windows
from frontdesk.archives.reader import oldest_open, pages, reading
from frontdesk.archives.run import update_position
from frontdesk.archives.tables import TABLES
from frontdesk.clients.sync_web import SyncDriver
from frontdesk.errors import BudgetExceeded, ExportError, InvalidArgument
from frontdesk.extras import importing_extra
from frontdesk.models import ArchivesFilters

with importing_extra("dlt", "frontdesk.archives.dlt"):
    import dlt

__all__ = ["REMOVED", "archives_source"]

REMOVED: Final = "removed"
"""The column that marks a day to be emptied; empty in every row that is loaded."""
SOURCE: Final = "livechat"
STATE: Final = "frontdesk"
KEYS: Final = {"users": ("date", "user_id")}
"""Tables of which a row may come more than once, with what tells them apart."""
DAY: Final = timedelta(days=1)

_dlt: Final[Any] = dlt
_arrow: Final[Any] = pa
_compute: Final[Any] = pyarrow.compute

Rows = dict[str, pa.RecordBatch]


def archives_source(
    client: SyncDriver | str,
    *,
    since: datetime,
    until: datetime | None = None,
    filters: ArchivesFilters | Mapping[str, Any] | None = None,
    tables: Iterable[str] | None = None,
    raw: bool = False,
    months: int | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Any:
    """Return a dlt source with a resource per table.

    Args:
        client: A client of the Agent Chat API, or a token to make one with.
        since: Threads created at that time or later; with a time zone.
        until: Threads created before that time; defaults to when each run begins.
        filters: The filters of ``list_archives``, without ``from``, ``to`` and ``thread_ids``.
        tables: The tables to load; defaults to all. Choose them here rather than with dlt's
            ``with_resources``: a table that is added later lacks what was read before.
        raw: Load the JSON of every chat in ``threads.raw``.
        months: Calendar months that a run loads at most; defaults to no limit.
        clock: Returns the time of day.

    Returns:
        A ``DltSource`` named ``livechat``, to be given to ``pipeline.run``.

    Raises:
        InvalidArgument: An argument does not fit.
        MissingDependency: dlt is not installed.
    """
    if months is not None and months < 1:
        raise InvalidArgument("months", "must be at least 1")
    job = make_job(since=since, until=until, filters=filters, tables=tables, raw=raw)
    reader = _Reader(_client(client), job, months, clock)

    def archive_pages() -> Generator[Rows]:
        yield from reader.batches()

    def resources() -> list[Any]:
        parent = _dlt.resource(archive_pages, selected=False)
        return [_resource(name, parent) for name in job.tables]

    return _dlt.source(resources, name=SOURCE)()


def _client(client: SyncDriver | str) -> SyncDriver:
    if isinstance(client, str):
        from frontdesk import AgentClient

        return AgentClient(client)
    if not isinstance(client, SyncDriver):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("client", "must be a sync client, or a token")
    return client


def _resource(table: str, parent: Any) -> Any:
    def rows(batches: Rows) -> Iterator[pa.RecordBatch]:
        batch = batches.get(table)
        if batch is not None and batch.num_rows:
            yield batch

    return _dlt.transformer(
        rows,
        data_from=parent,
        name=table,
        write_disposition="merge",
        merge_key="date",
        primary_key=KEYS.get(table),
        columns={REMOVED: {"name": REMOVED, "data_type": "bool", "hard_delete": True}},
    )


class _Reader:
    """Reads what a run of a pipeline loads, and keeps in dlt's state where the next one begins."""

    def __init__(
        self, client: SyncDriver, job: Job, months: int | None, clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._job = job
        self._months = months
        self._clock = clock

    def batches(self) -> Generator[Rows]:
        """Yield the rows of a page, and of days that are to be emptied, by table."""
        kept: dict[str, Any] = _dlt.current.source_state()
        call = Caller(self._client, self._clock)
        position = self._start(kept.get(STATE), call)
        start = position.window
        for count, (window, end) in enumerate(windows(position.window, position.until)):
            if self._months is not None and count >= self._months:
                break
            try:
                yield self._emptied(window, end)
                yield from self._window(call, position, window, end)
            except BudgetExceeded:
                if position.window == start:
                    raise  # or every run would end here, and load nothing
                break
            position = replace(position, window=end)
        position = replace(position, done=position.window >= position.until)
        kept[STATE] = msgspec.json.encode(State(job=self._job, position=position)).decode()

    def _start(self, stored: str | None, call: Caller) -> Position:
        """Return where this run begins: a new one, an update, or one that goes on."""
        now = self._clock()
        if stored is None:
            return self._asked(start_position(self._job, now), call)
        state = msgspec.json.decode(stored, type=State)
        before = replace(state.job, until=None)
        if before != replace(self._job, until=None):
            raise ExportError(
                "this pipeline has loaded other archives before: `since`, `filters`, `tables` and "
                "`raw` must stay the same; give the pipeline another name and dataset, or run it "
                'once with `refresh="drop_sources"`'
            )
        if not state.position.done:
            return state.position
        return self._asked(update_position(self._job, state.position, now), call)

    def _asked(self, position: Position, call: Caller) -> Position:
        """Find out how far back the next run has to read."""
        asking = oldest_open()
        try:
            asking.send(call(next(asking)))
        except StopIteration as end:
            return replace(position, open_since=end.value)
        return position

    def _window(
        self, call: Caller, position: Position, window: datetime, end: datetime
    ) -> Iterator[Rows]:
        start = replace(position, window=window, until=end)
        steps = reading(self._job, start, call.reports, self._clock())
        first, last = _days(window, end)[0], _days(window, end)[-1]
        users: list[pa.RecordBatch] = []
        for page in pages(call, steps):
            tables = {name: _within(rows, first, last) for name, rows in page.tables.items()}
            if "users" in tables:
                # Threads come in order: no more users of a day come once the next has begun.
                users = [*users, tables["users"]]
                tables["users"], rest = _divided(users, _first_open_day(page, first))
                users = [rest]
            yield {name: _marked(name, rows) for name, rows in tables.items()}
        if users:
            yield {"users": _marked("users", _newest(users))}

    def _emptied(self, window: datetime, end: datetime) -> Rows:
        """Return a row for each day of a window, which removes what is there of it."""
        days = _days(window, end)
        marks: Rows = {}
        for name in self._job.tables:
            row = {key: "" for key in KEYS.get(name, ()) if key != "date"} | {REMOVED: True}
            rows = [{"date": day, **row} for day in days]
            marks[name] = _arrow.RecordBatch.from_pylist(rows, schema=_schema(name))
        return marks


def _days(start: datetime, end: datetime) -> list[date]:
    """Return the days of a window, whose end is not part of it."""
    first = start.astimezone(UTC).date()
    last = (end - timedelta(microseconds=1)).astimezone(UTC).date()
    return [first + DAY * number for number in range((last - first).days + 1)]


def _first_open_day(page: ArchivePage, first: date) -> date:
    position = page.position
    if position.last_created_at is None or not position.ordered:
        return first
    return position.last_created_at.astimezone(UTC).date()


def _divided(users: list[pa.RecordBatch], day: date) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Return the users of the days before one, and those from it on; of each the latest row."""
    newest: Any = _newest(users)
    is_before = _compute.less(newest.column("date"), _arrow.scalar(day, pa.date32()))
    return newest.filter(is_before), newest.filter(_compute.invert(is_before))


def _newest(users: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Return the last row of each user of a day, for the others were read before it."""
    rows: Any = _arrow.concat_batches(users)
    keys = zip(*(rows.column(name).to_pylist() for name in KEYS["users"]), strict=True)
    latest = {key: place for place, key in enumerate(keys)}
    newest: pa.RecordBatch = rows.take(_arrow.array(sorted(latest.values()), pa.int64()))
    return newest


def _within(rows: pa.RecordBatch, first: date, last: date) -> pa.RecordBatch:
    """Return rows whose days are those of the window.

    A thread whose own date cannot be read has that of its first event; were it another month's, the
    rows that are loaded of that day would be replaced by this one.
    """
    batch: Any = rows
    if not batch.num_rows:
        return rows
    days = batch.column("date")
    low, high = (_arrow.scalar(day, pa.date32()) for day in (first, last))
    clamped = _compute.min_element_wise(_compute.max_element_wise(days, low), high)
    within: pa.RecordBatch = batch.set_column(0, batch.schema.field(0), clamped)
    return within


def _marked(table: str, rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows with the column that removes days, which is empty."""
    batch: Any = rows
    columns = [*batch.columns, _arrow.nulls(batch.num_rows, pa.bool_())]
    marked: pa.RecordBatch = _arrow.RecordBatch.from_arrays(columns, schema=_schema(table))
    return marked


def _schema(table: str) -> Any:
    required = {"date", *KEYS.get(table, ())}
    fields: list[Any] = list(TABLES[table].schema)
    fields = [field.with_nullable(field.name not in required) for field in fields]
    return _arrow.schema([*fields, _arrow.field(REMOVED, pa.bool_())])
