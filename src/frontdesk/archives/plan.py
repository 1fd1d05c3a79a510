"""The windows of time that an export reads, and what its arguments mean."""

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from frontdesk.actions import ListArchives
from frontdesk.archives.calls import AsyncCaller, Caller, Response
from frontdesk.archives.pages import Job, Position
from frontdesk.archives.tables import TABLES
from frontdesk.clients.async_web import AsyncDriver
from frontdesk.clients.sync_web import SyncDriver
from frontdesk.codec.decoding import to_dict
from frontdesk.errors import InvalidArgument
from frontdesk.grammar import listed
from frontdesk.models import ArchivesFilters
from frontdesk.models.base import in_utc
from frontdesk.suggestions import did_you_mean

__all__ = [
    "PAGE",
    "TICK",
    "Plan",
    "PlannedWindow",
    "checked_job",
    "first_page",
    "make_job",
    "plan",
    "plan_async",
    "start_position",
    "utc_now",
    "window_end",
    "windows",
]

PAGE: Final = 100
"""Threads a page, the most that the API gives."""
TICK: Final = timedelta(microseconds=1)
"""The API includes both ends of a period: the last time of a window is a tick before its end."""
NOT_FILTERS: Final = {
    "from": "use `since`",
    "from_": "use `since`",
    "to": "use `until`",
    "thread_ids": "an export reads whole periods; call `list_archives` with it",
}
"""Filters that an export sets itself, or that exclude those it needs."""


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


def make_job(
    *,
    since: datetime,
    until: datetime | None = None,
    filters: ArchivesFilters | Mapping[str, Any] | None = None,
    tables: Iterable[str] | None = None,
    raw: bool = False,
    files: bool = False,
    pseudonyms: str | None = None,
) -> Job:
    """Check what is to be exported, and put it together.

    Args:
        since: Threads created at that time or later; with a time zone.
        until: Threads created before that time, with a time zone; ``None``: until each run begins.
        filters: The filters of ``list_archives``, as ``ArchivesFilters`` or as JSON has them;
            without ``from``, ``to`` and ``thread_ids``.
        tables: The names of the tables; defaults to all of them.
        raw: Keep the JSON of every chat in ``threads.raw``, not of damaged ones alone.
        files: Download attachments.
        pseudonyms: The fingerprint of the key that names are replaced with.

    Raises:
        InvalidArgument: An argument does not fit.
    """
    start = aware("since", since)
    end = None if until is None else aware("until", until)
    if end is not None and end < start:
        raise InvalidArgument("until", f"must not be before `since`, {start.isoformat()}")
    if files and pseudonyms is not None:
        raise InvalidArgument("files", "cannot be given with pseudonyms: attachments show names")
    return Job(
        since=start,
        until=end,
        filters=_filters(filters),
        tables=_tables(tables),
        raw=raw,
        files=files,
        pseudonyms=pseudonyms,
    )


def checked_job(job: Job) -> Job:
    """Return a job as ``make_job`` makes it; raises ``InvalidArgument`` if it does not fit."""
    fields: dict[str, Any] = {name: getattr(job, name) for name in job.__struct_fields__}
    return make_job(**fields)


def aware(field: str, value: datetime) -> datetime:
    """Return a time in UTC; raises ``InvalidArgument`` if it has no zone."""
    if not isinstance(value, datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(
            field, f"must be a datetime with a time zone, not {type(value).__name__}"
        )
    if value.utcoffset() is None:
        raise InvalidArgument(
            field, "must have a time zone, such as datetime(2026, 1, 1, tzinfo=UTC)"
        )
    try:
        return in_utc(value)
    except ValueError as error:
        raise InvalidArgument(field, f"cannot be read: {error}") from None


def _filters(filters: ArchivesFilters | Mapping[str, Any] | None) -> dict[str, Any]:
    if filters is None:
        return {}
    if not isinstance(filters, (ArchivesFilters, Mapping)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("filters", f"must be ArchivesFilters or a dict, not {filters!r}")
    given: dict[str, Any] = (
        to_dict(filters) if isinstance(filters, ArchivesFilters) else dict(filters)
    )
    for name, reason in NOT_FILTERS.items():
        if name in given:
            raise InvalidArgument(f"filters.{name.rstrip('_')}", f"cannot be given; {reason}")
    checked = ListArchives(filters=given).filters
    return {} if checked is UNSET else dict(to_dict(checked))


def _tables(tables: Iterable[str] | None) -> tuple[str, ...]:
    if tables is None:
        return tuple(TABLES)
    if isinstance(tables, str):
        tables = (tables,)
    names = list(dict.fromkeys(tables))
    if not names:
        raise InvalidArgument("tables", f"must name at least one of {listed(list(TABLES), 'or')}")
    for name in names:
        if name not in TABLES:
            hint = did_you_mean(name, TABLES) or f"; there are {', '.join(TABLES)}"
            raise InvalidArgument("tables", f"must not hold {name!r}, which is no table{hint}")
    return tuple(name for name in TABLES if name in names)


def window_end(start: datetime, until: datetime) -> datetime:
    """Return where the window of time ends that begins at ``start``: with its month in UTC."""
    year, month = divmod(start.year * 12 + start.month, 12)
    if year > MAXYEAR:
        return until
    return min(datetime(year, month + 1, 1, tzinfo=UTC), until)


def windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the windows of a period; they are its months in UTC.

    Page ids live for a month, and the last page of each window is half empty but paid for as well:
    more windows would cost more, and fewer might outlive their page ids.
    """
    while since < until:
        end = window_end(since, until)
        yield since, end
        since = end


def first_page(job: Job, start: datetime, end: datetime, *, limit: int = PAGE) -> ListArchives:
    """Return the request for the threads of a window from ``start`` on, oldest first."""
    filters = msgspec.convert({**job.filters, "from": start, "to": end - TICK}, ArchivesFilters)
    return ListArchives(filters=filters, limit=limit, sort_order="asc")


def start_position(job: Job, now: datetime) -> Position:
    """Return where a run of a job begins; its end is fixed by it.

    Raises:
        InvalidArgument: The period begins in the future.
    """
    if job.since > now:
        raise InvalidArgument("since", f"must not be in the future; it is {now.isoformat()} now")
    until = now if job.until is None else min(job.until, now)
    return Position(since=job.since, until=until, window=job.since)


class PlannedWindow(Struct, frozen=True, kw_only=True):
    """A window of time that an export reads."""

    since: datetime
    until: datetime
    threads: int | None = None
    """How many threads it holds, as the API estimates it; ``None``: not asked."""

    @property
    def requests(self) -> int | None:
        """Requests that reading it costs; an empty window costs one."""
        return None if self.threads is None else max(1, math.ceil(self.threads / PAGE))


class Plan(Struct, frozen=True, kw_only=True):
    """What an export will read, and what it will cost."""

    windows: list[PlannedWindow]
    asked: int = 0
    """Requests that the plan itself has cost."""

    @property
    def threads(self) -> int | None:
        """Threads of all windows, as the API estimates them; ``None``: not asked."""
        return _sum([window.threads for window in self.windows])

    @property
    def requests(self) -> int | None:
        """Requests that the export will cost; ``None``: not asked.

        One more than its windows: it asks for the oldest open chat, unless its target cannot be
        updated. Retries come on top.
        """
        total = _sum([window.requests for window in self.windows])
        return None if total is None else total + 1


def plan(
    client: SyncDriver | None,
    job: Job,
    *,
    position: Position | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Plan:
    """Tell the windows of time of an export, and what it will cost.

    It costs a request a window, with which the API counts the threads; nothing without a client.

    Args:
        client: A client of the Agent Chat API; ``None`` asks nothing.
        job: What is to be exported.
        position: Where the export goes on, or its update begins; defaults to its beginning.
        clock: Returns the time of day.

    Raises:
        InvalidArgument: The job does not fit.
        APIError: The server refuses a call.
        TransportError: There is no response.
        BudgetExceeded: The budget is spent.
    """
    steps = _planning(checked_job(job), position, clock(), ask=client is not None)
    call = None if client is None else Caller(client, clock)
    try:
        action = next(steps)
        while call is not None:
            action = steps.send(call(action))
    except StopIteration as end:
        made: Plan = end.value
        return made
    raise AssertionError("nothing is asked without a client")


async def plan_async(
    client: AsyncDriver | None,
    job: Job,
    *,
    position: Position | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Plan:
    """Tell the windows of time of an export with an async client; otherwise as ``plan``.

    Raises:
        InvalidArgument: The job does not fit.
        APIError: The server refuses a call.
        TransportError: There is no response.
        BudgetExceeded: The budget is spent.
    """
    steps = _planning(checked_job(job), position, clock(), ask=client is not None)
    call = None if client is None else AsyncCaller(client, clock)
    try:
        action = next(steps)
        while call is not None:
            action = steps.send(await call(action))
    except StopIteration as end:
        made: Plan = end.value
        return made
    raise AssertionError("nothing is asked without a client")


def _planning(
    job: Job, position: Position | None, now: datetime, *, ask: bool
) -> Generator[ListArchives, Response, Plan]:
    start = start_position(job, now) if position is None else position
    planned: list[PlannedWindow] = []
    asked = 0
    for since, until in windows(start.window, start.until):
        threads: int | None = None
        if ask:
            response = yield first_page(job, since, until, limit=1)
            asked += response.requests
            if response.error is not None:
                raise response.error
            threads = response.result.found_chats
        planned.append(PlannedWindow(since=since, until=until, threads=threads))
    return Plan(windows=planned, asked=asked)


def _sum(numbers: list[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
