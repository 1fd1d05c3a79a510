"""Timestamps without a time in UTC are refused wherever they come in."""

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from frontdesk.actions import ListArchives, MarkEventsAsSeen
from frontdesk.actions.configuration.greetings import CreateGreeting
from frontdesk.errors import InvalidArgument
from frontdesk.spec.checks import read
from frontdesk.spec.timestamps import as_utc

WEST = timezone(-timedelta(hours=23, minutes=59))
EAST = timezone(timedelta(hours=23, minutes=59))
BEYOND = [
    pytest.param(datetime.max.replace(tzinfo=WEST), id="after-the-last-year"),
    pytest.param(datetime.min.replace(tzinfo=EAST), id="before-the-first-year"),
]


def structures(timestamp):
    """Structures to send, the type of each and the path of the timestamp in it."""
    return [
        (MarkEventsAsSeen, {"chat_id": "A", "seen_up_to": timestamp}, "seen_up_to"),
        (ListArchives, {"filters": {"from": timestamp}}, "filters.from"),
        (ListArchives, {"filters": {"greetings": {"to": timestamp}}}, "filters.greetings.to"),
        (
            CreateGreeting,
            {
                "type": "ai",
                "active": True,
                "active_from": timestamp,
                "group": 0,
                "name": "A",
                "rich_message": {},
                "rules": [],
            },
            "active_from",
        ),
    ]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("beyond", BEYOND)
def test_structures_refuse_timestamps_beyond_the_calendar_of_utc(beyond, number):
    type_, values, field = structures(beyond)[number]
    with pytest.raises(InvalidArgument, match="years 1 to 9999 of UTC") as caught:
        type_(**values)
    assert caught.value.field == field


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("beyond", BEYOND)
def test_json_with_timestamps_beyond_the_calendar_of_utc_is_refused(beyond, number):
    type_, values, _ = structures(beyond.isoformat())[number]
    decode = msgspec.json.Decoder(type_).decode
    with pytest.raises(msgspec.ValidationError, match="years 1 to 9999 of UTC"):
        read(decode, json.dumps(values).encode())


def test_the_first_and_the_last_time_of_utc_are_taken():
    for timestamp in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert MarkEventsAsSeen(chat_id="A", seen_up_to=timestamp).seen_up_to == timestamp
    late = datetime.max.replace(tzinfo=EAST)
    assert as_utc("to", late) == late
    assert as_utc("to", late).tzinfo is UTC


def test_a_timestamp_without_a_time_zone_has_no_time_in_utc():
    with pytest.raises(InvalidArgument, match="must have a time zone") as caught:
        as_utc("to", datetime(2026, 1, 1))
    assert caught.value.field == "to"
