"""Days and times on the command line."""

from datetime import UTC, datetime

import pytest

from frontdesk.cli.arguments.dates import read_time
from frontdesk.errors import InvalidArgument


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T09:30Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30+01:00", datetime(2026, 1, 31, 8, 30, tzinfo=UTC)),
    ],
)
def test_days_and_times_are_read_in_utc(text: str, time: datetime) -> None:
    assert read_time("--since", text) == time


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "2026-02-30", "31.1.2026", "2026-01-31T09:30"),
        *("0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        read_time("--since", text)
    assert refused.value.field == "--since"
