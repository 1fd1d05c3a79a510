"""A report in one call."""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime

from frontdesk.archives.query import open_source
from frontdesk.archives.report.figures import Report, extent_of, make_report
from frontdesk.archives.report.period import choose_period, in_zone, machine_zone, zone_of
from frontdesk.archives.report.queries import Query, load_queries

__all__ = ["report_on"]


def report_on(
    path: str | os.PathLike[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    timezone: str | None = None,
    groups: Iterable[int] = (),
    names: bool = False,
    queries: Mapping[str, Query] | None = None,
) -> Report:
    """Make a report on an export.

    Args:
        path: What was exported to: a folder of Parquet or Delta, a URL or a ``.duckdb`` file.
        since: Where the period begins, in the report's time zone unless it has one; defaults to the
            last calendar month that the export holds.
        until: Where it ends; defaults to the end of that month, or, with ``since``, of the export.
        timezone: The time zone of days and hours, such as ``Europe/Berlin``; defaults to the
            machine's.
        groups: Only chats of these groups; defaults to all.
        names: Name and quote customers.
        queries: The queries; defaults to the report's own, see ``load_queries``.

    Raises:
        InvalidArgument: An argument does not fit.
        ExportError: There is no export at the path, or it is not complete.
        ForeignTarget: It has a schema that this version does not know.
    """
    zone = zone_of(machine_zone() if timezone is None else timezone)
    address = os.fspath(path)
    source = open_source(address)
    try:
        begin, end = (each and in_zone(each, zone) for each in (since, until))
        period = choose_period(extent_of(source), zone, since=begin, until=end)
        return make_report(
            source,
            address,
            dict(load_queries(None) if queries is None else queries),
            period,
            zone,
            groups=list(groups),
            names=names,
            timezone_is_machines=timezone is None,
        )
    finally:
        source.connection.close()
