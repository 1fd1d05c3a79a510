"""Reports over exports made by hand."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from frontdesk.archives.query import open_source
from frontdesk.archives.report import load_queries
from frontdesk.archives.report.figures import extent_of, make_report
from frontdesk.archives.report.period import choose_period

from ._exports import Export


@pytest.fixture
def export():
    return Export()


@pytest.fixture
def report_of(tmp_path):
    """Write an export that holds two years, and report on a period of it."""

    def report(
        export,
        since=dt.datetime(2026, 5, 1, tzinfo=dt.UTC),
        until=dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
        *,
        zone="UTC",
        queries=None,
        groups=(),
        names=False,
        path="chats",
        held=None,
        **written,
    ):
        held = held or {
            "since": dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
            "until": dt.datetime(2027, 1, 1, tzinfo=dt.UTC),
        }
        folder = export.write(tmp_path / path, **held, **written)
        source = open_source(folder)
        zone = ZoneInfo(zone)
        try:
            period = choose_period(
                extent_of(source),
                zone,
                since=since and since.astimezone(zone),
                until=until and until.astimezone(zone),
            )
            return make_report(
                source, "chats", queries or load_queries(), period, zone, groups=groups, names=names
            )
        finally:
            source.connection.close()

    return report
