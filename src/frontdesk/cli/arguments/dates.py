"""Days and times on the command line."""

import re
from datetime import UTC, datetime
from typing import Final

from frontdesk.errors import InvalidArgument

__all__ = ["read_time"]

DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LONGEST: Final = 60


def read_time(option: str, text: str) -> datetime:
    """Return the start of a day in UTC, or a time that says its zone.

    Raises:
        InvalidArgument: It is neither; ``field`` is the option.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidArgument(
            option,
            "must be a day such as 2026-01-31, or a time such as 2026-01-31T09:00Z, "
            f"not {text[:LONGEST]!r}",
        ) from None
    if time.tzinfo is not None:
        try:
            return time.astimezone(UTC)
        except OverflowError:
            raise InvalidArgument(option, "must be a day of this age") from None
    if DAY.fullmatch(text):
        return time.replace(tzinfo=UTC)
    raise InvalidArgument(
        option, f"must have a time zone, such as {text[:LONGEST]}Z or {text[:LONGEST]}+01:00"
    )
