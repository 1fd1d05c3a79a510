"""Which time a report is about."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.archives.report.period import (
    Extent,
    Period,
    choose_period,
    machine_zone,
    parse_time,
    zone_of,
)
from frontdesk.errors import ExportError, InvalidArgument

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


def at(year, month, day, hour=0, zone=UTC):
    return dt.datetime(year, month, day, hour, tzinfo=zone)


def chosen(begin, end, zone=UTC, /, **asked):
    period = choose_period(Extent(begin, end), zone, **asked)
    return period.since, period.until


@pytest.mark.parametrize(
    ("since", "until", "month"),
    [
        (at(2026, 1, 1), at(2026, 4, 1), (at(2026, 3, 1), at(2026, 4, 1))),
        (at(2026, 1, 1), at(2026, 4, 17, 9), (at(2026, 3, 1), at(2026, 4, 1))),
        (at(2025, 1, 1), at(2026, 1, 1, 0), (at(2025, 12, 1), at(2026, 1, 1))),
        (at(2026, 2, 1), at(2026, 3, 1), (at(2026, 2, 1), at(2026, 3, 1))),
    ],
)
def test_a_report_is_about_the_last_whole_month(since, until, month):
    assert chosen(since, until) == month


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland"])
def test_a_month_by_days_of_utc_is_whole_in_other_zones_too(zone):
    zone = ZoneInfo(zone)
    since, until = chosen(at(2026, 3, 1), at(2026, 4, 1), zone)
    assert (since, until) == (at(2026, 3, 1, zone=zone), at(2026, 4, 1, zone=zone))


def test_a_month_that_lacks_its_last_evening_is_not_whole():
    since, until = chosen(at(2026, 1, 1), at(2026, 3, 31, 20))
    assert (since, until) == (at(2026, 2, 1), at(2026, 3, 1))


def test_an_export_without_a_whole_month_is_reported_on_as_a_whole():
    since, until = at(2026, 3, 5), at(2026, 3, 25)
    period = choose_period(Extent(since, until), UTC)
    assert (period.since, period.until) == (since, until)
    assert "no whole calendar month" in period.reason


def test_a_beginning_alone_goes_on_to_the_end_and_an_end_alone_begins_with_its_month():
    export = at(2026, 1, 1), at(2026, 4, 17, 9)
    assert chosen(*export, since=at(2026, 2, 5)) == (at(2026, 2, 5), at(2026, 4, 17, 9))
    assert chosen(*export, until=at(2026, 2, 5)) == (at(2026, 2, 1), at(2026, 2, 5))
    assert chosen(*export, until=at(2026, 3, 1)) == (at(2026, 2, 1), at(2026, 3, 1))


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": at(2026, 3, 1), "until": at(2026, 3, 1)}, "since"),
        ({"since": at(2026, 3, 2), "until": at(2026, 3, 1)}, "since"),
        ({"since": at(2025, 12, 1)}, "since"),
        ({"since": at(2026, 5, 1)}, "since"),
        ({"until": at(2025, 5, 1)}, "until"),
        ({"until": at(2026, 1, 1)}, "until"),
        ({"since": at(2025, 1, 1), "until": at(2025, 5, 1)}, "until"),
        ({"since": at(2026, 3, 1), "until": at(2026, 5, 1)}, "until"),
    ],
)
def test_a_period_that_the_export_does_not_hold_is_refused(asked, field):
    with pytest.raises(InvalidArgument) as raised:
        chosen(at(2026, 1, 1), at(2026, 4, 17, 9), **asked)
    assert raised.value.field == field


def test_an_export_under_way_is_reported_on_only_as_far_as_it_is_whole():
    extent = Extent(at(2026, 1, 1), at(2026, 3, 4), is_complete=False)
    with pytest.raises(ExportError, match=r"not complete: it was read up to 2026-03-04 00:00 UTC"):
        choose_period(extent, UTC)
    with pytest.raises(ExportError, match="not complete"):
        choose_period(extent, UTC, since=at(2026, 2, 1), until=at(2026, 4, 1))
    period = choose_period(extent, UTC, since=at(2026, 2, 1), until=at(2026, 3, 1))
    assert period.label == "February 2026"


@pytest.mark.parametrize(
    ("since", "until", "label"),
    [
        (at(2026, 3, 1), at(2026, 4, 1), "March 2026"),
        (at(2026, 12, 1), at(2027, 1, 1), "December 2026"),
        (at(2026, 1, 1), at(2027, 1, 1), "2026"),
        (at(2026, 1, 1), at(2028, 1, 1), "1 January 2026 to 31 December 2027"),
        (at(2026, 3, 4), at(2026, 3, 5), "4 March 2026"),
        (at(2026, 3, 4), at(2026, 3, 11), "4 March 2026 to 10 March 2026"),
        (at(2026, 3, 4, 8), at(2026, 3, 5), "4 March 2026, 08:00 to 5 March 2026, 00:00"),
    ],
)
def test_a_period_is_called_as_people_call_it(since, until, label):
    assert choose_period(Extent(at(2020, 1, 1), at(2030, 1, 1)), UTC, since=since,
                         until=until).label == label  # fmt: skip


days = st.dates(dt.date(2020, 1, 1), dt.date(2029, 1, 1))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])


@given(day=days, length=st.integers(1, 400), zone=zones)
def test_the_period_before_has_as_many_days_and_ends_where_the_period_begins(day, length, zone):
    zone = ZoneInfo(zone)
    since = dt.datetime.combine(day, dt.time(), tzinfo=zone)
    until = dt.datetime.combine(day + dt.timedelta(days=length), dt.time(), tzinfo=zone)
    before = Period(since, until).before()
    assert before.until == since
    assert before.since.date() == day - dt.timedelta(days=length)
    assert before.since.time() == dt.time()


def test_days_are_of_the_reports_zone_and_times_may_have_their_own():
    assert parse_time("2026-03-01", BERLIN, "since") == at(2026, 3, 1, zone=BERLIN)
    assert parse_time("2026-03-01T08:00", BERLIN, "since") == at(2026, 3, 1, 8, BERLIN)
    read = parse_time("2026-03-01T08:00Z", BERLIN, "since")
    assert read == at(2026, 3, 1, 8)
    assert read.tzinfo is BERLIN


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "2026-3", "01.03.2026"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(InvalidArgument, match="must be a day such as 2026-03-31"):
        parse_time(text, UTC, "until")


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"])
def test_times_beyond_the_calendar_are_refused(text):
    with pytest.raises(InvalidArgument):
        parse_time(text, BERLIN, "until")


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "localtime", "Europe/"]
)
def test_an_unknown_time_zone_is_refused(name):
    with pytest.raises(InvalidArgument, match="must be an IANA time zone"):
        zone_of(name)


def test_the_zone_that_may_be_meant_is_named():
    with pytest.raises(InvalidArgument, match="Europe/Berlin"):
        zone_of("Europe/Brelin")


def test_the_machine_names_its_zone(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert machine_zone() == "Asia/Tokyo"


def test_every_zone_is_one_of_duckdb_too():
    import zoneinfo

    import duckdb

    connection = duckdb.connect()
    summer = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    winter = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    for name in sorted(zoneinfo.available_timezones() - {"localtime"}):
        zone = zone_of(name)
        row = connection.execute(
            "SELECT timezone(?, CAST(? AS TIMESTAMPTZ)), timezone(?, CAST(? AS TIMESTAMPTZ))",
            [name, summer, name, winter],
        ).fetchone()
        local = [each.astimezone(zone).replace(tzinfo=None) for each in (summer, winter)]
        assert list(row) == local, name


def test_a_report_takes_times_of_any_zone_or_none(tmp_path):
    from frontdesk.archives.report import report_on

    from ._exports import Export

    export = Export()
    export.thread(at(2026, 5, 4, 10))
    folder = export.write(tmp_path / "chats", since=at(2026, 1, 1), until=at(2026, 6, 1))
    day = dt.datetime(2026, 5, 1), dt.datetime(2026, 5, 9)
    naive = report_on(folder, since=day[0], until=day[1], timezone="Europe/Berlin")
    aware = report_on(
        folder, since=at(2026, 4, 30, 22), until=at(2026, 5, 8, 22), timezone="Europe/Berlin"
    )
    assert naive.period == aware.period
    assert naive.period.label == "1 May 2026 to 8 May 2026"
