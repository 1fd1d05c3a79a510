"""Timestamps that come in: each has a time in UTC, where everything is compared and kept."""

from datetime import UTC, datetime

from frontdesk.errors import InvalidArgument

__all__ = ["as_utc", "check_range"]


def as_utc(place: str, timestamp: datetime) -> datetime:
    """Return a timestamp in UTC.

    Raises ``InvalidArgument`` for one without a time zone, and for one that is out of range: the
    offset of ``9999-12-31T23:59:59-01:00`` leads beyond the last year that a date can have.
    """
    if timestamp.utcoffset() is None:
        raise InvalidArgument(place, "must have a time zone")
    try:
        return timestamp.astimezone(UTC)
    except OverflowError:
        raise InvalidArgument(place, "must be in the years 1 to 9999 of UTC") from None


def check_range(place: str, timestamp: datetime) -> datetime:
    """Return a timestamp as it is; raise ``InvalidArgument`` if there is no such time in UTC."""
    if timestamp.tzinfo is not None and timestamp.tzinfo is not UTC:
        as_utc(place, timestamp)
    return timestamp
