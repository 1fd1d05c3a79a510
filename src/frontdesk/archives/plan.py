"""The windows of time that an export reads, and what its arguments mean."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import UNSET

from frontdesk.actions import ListArchives
from frontdesk.archives.pages import Job
from frontdesk.archives.tables import TABLES
from frontdesk.codec.decoding import to_dict
from frontdesk.errors import InvalidArgument
from frontdesk.models import ArchivesFilters
from frontdesk.models.base import in_utc
from frontdesk.suggestions import did_you_mean

__all__ = [
    "PAGE",
    "TICK",
    "checked_job",
    "first_page",
    "make_job",
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
        raise InvalidArgument("tables", f"must name at least one of {', '.join(TABLES)}")
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
