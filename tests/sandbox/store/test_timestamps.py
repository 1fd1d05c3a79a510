"""Timestamps as the tables keep them."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.sandbox.store.timestamps import from_micros, to_micros


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back_exactly(time):
    assert from_micros(to_micros(time)) == time


def test_microseconds_count_from_1970_in_utc():
    assert to_micros(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert to_micros(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    in_warsaw = datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert to_micros(in_warsaw) == 0
    assert from_micros(1).tzinfo is UTC
