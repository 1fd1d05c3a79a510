"""Which time a report is about, and which one it is compared with."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from msgspec import Struct

from frontdesk.errors import ExportError, InvalidArgument
from frontdesk.suggestions import did_you_mean

__all__ = [
    "Extent",
    "Period",
    "choose_period",
    "in_zone",
    "machine_zone",
    "parse_time",
    "zone_of",
]

EDGE: Final = timedelta(hours=14)
"""How much of a period may be missing at its ends, since days of UTC are no days of other zones."""
_LONGEST_NAME: Final = 60


class Extent(Struct, frozen=True):
    """What an export holds: the chats that started from ``since`` to before ``until``."""

    since: datetime
    until: datetime
    is_complete: bool = True
    """Whether the run that wrote it came to its end; ``until`` is how far it came."""

    @property
    def earliest(self) -> datetime:
        """The earliest time that a period may begin at."""
        return self.since - _slack(self.since)

    @property
    def latest(self) -> datetime:
        """The latest time that a period may end at."""
        return self.until + _slack(self.until)

    def holds(self, period: "Period") -> bool:
        """Tell whether a period lies in the export."""
        return self.earliest <= period.since and period.until <= self.latest

    def missing(self, period: "Period") -> timedelta:
        """Return how much of a period that lies in the export is not in it, at its ends."""
        none = timedelta()
        return max(self.since - period.since, none) + max(period.until - self.until, none)


class Period(Struct, frozen=True):
    """A time with a beginning and an end, which does not belong to it."""

    since: datetime
    until: datetime
    label: str = ""
    """What people call it, such as ``June 2026``."""
    reason: str = ""
    """Why it was chosen, where nobody asked for it."""

    @property
    def length(self) -> timedelta:
        """Its length on the clock of its time zone: a day is a day when clocks change."""
        return self.until.replace(tzinfo=None) - self.since.replace(tzinfo=None)

    def before(self) -> "Period":
        """Return the period of the same length before it."""
        since = self.since.replace(tzinfo=None) - self.length
        return _period(since.replace(tzinfo=self.since.tzinfo), self.since)


def machine_zone() -> str:
    """Return the IANA name of the machine's time zone.

    Raises ``InvalidArgument`` where the system does not tell.
    """
    import warnings

    import tzlocal

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            name = tzlocal.get_localzone_name()
    except (LookupError, OSError, ValueError):
        name = ""
    if not name or name not in available_timezones():
        raise InvalidArgument("timezone", "is required: this machine does not say its own")
    return name


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; raises ``InvalidArgument`` where there is none."""
    names = available_timezones()
    try:
        # Names that lead to other files, and zones of this machine alone, are none.
        if name in names and name != "localtime":
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    shown = " ".join(name.split())[:_LONGEST_NAME]
    raise InvalidArgument(
        "timezone",
        f"must be an IANA time zone such as Europe/Berlin, not `{shown}`"
        f"{did_you_mean(name, sorted(names))}",
    )


def parse_time(text: str, zone: ZoneInfo, argument: str) -> datetime:
    """Read a day or a time, which is one of the report's time zone unless it has an offset.

    Raises ``InvalidArgument`` for what is neither.
    """
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        shown = " ".join(text.split())[:_LONGEST_NAME]
        raise InvalidArgument(
            argument, f"must be a day such as 2026-03-31, or a time, not `{shown}`"
        ) from None
    try:
        return in_zone(value, zone)
    except OverflowError:
        raise InvalidArgument(argument, "must be a day of this age") from None


def in_zone(value: datetime, zone: ZoneInfo) -> datetime:
    """Return a time in a time zone, which it is taken to be of if it has none."""
    return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)


def choose_period(
    extent: Extent, zone: ZoneInfo, *, since: datetime | None = None, until: datetime | None = None
) -> Period:
    """Return the time that a report is about.

    What nobody asked for is the last calendar month that the export holds as a whole, or all that
    it holds where there is none. A period with a beginning alone goes on to the end of the export,
    one with an end alone begins with the month of its last day.

    Args:
        extent: what the export holds.
        zone: the time zone of the report.
        since: the beginning that was asked for.
        until: the end that was asked for.

    Raises:
        InvalidArgument: The end is not after the beginning, or the export does not hold the period.
        ExportError: The export is not complete, and the period ends later than it came.
    """
    if not extent.is_complete and extent.until <= extent.since:
        raise ExportError(
            "the export is not complete, and nothing can be reported on yet: it holds no whole "
            "day; run the same `frontdesk export` again, which completes it"
        )
    if since is None and until is None:
        return _default(extent, zone)
    if since is not None and until is not None and since >= until:
        raise InvalidArgument("since", "must be before the end of the period, `until`")
    reason = ""
    if until is None:
        until = extent.until.astimezone(zone)
        reason = "It goes on to the end of the export."
    if since is None:
        last = until - timedelta(microseconds=1)
        since = _midnight(last.replace(day=1), zone)
        if since < extent.since:
            since = extent.since.astimezone(zone)
        reason = "It begins with the month of its last day, or with the export."
    _check_held(extent, since, until)
    return _period(since, until, reason)


def _slack(end: datetime) -> timedelta:
    """Return how far a period may reach over an end of the export.

    One that was exported by days of UTC holds the days of another zone but for some hours.
    """
    return EDGE if end.astimezone(UTC).time() == time() else timedelta()


def _default(extent: Extent, zone: ZoneInfo) -> Period:
    if not extent.is_complete:
        raise ExportError(_incomplete(extent))
    end = _month(extent.latest.astimezone(zone), zone)
    begin = _month(end - timedelta(days=1), zone)
    month = _period(begin, end, "It is the last calendar month that the export holds as a whole.")
    if extent.holds(month):
        return month
    return _period(
        extent.since.astimezone(zone),
        extent.until.astimezone(zone),
        "It is all that the export holds, which has no whole calendar month.",
    )


def _check_held(extent: Extent, since: datetime, until: datetime) -> None:
    if until > extent.latest and not extent.is_complete:
        raise ExportError(_incomplete(extent))
    held = f"must lie in what the export holds: {_shown(extent.since, extent.until)}"
    if until <= extent.since:
        raise InvalidArgument("until", held)
    if until > extent.latest:
        raise InvalidArgument(
            "until", f"{held}; bring it up to date with `frontdesk export --update`"
        )
    if since < extent.earliest or since >= extent.until:
        raise InvalidArgument("since", held)


def _incomplete(extent: Extent) -> str:
    return (
        f"the export is not complete: it was read up to {extent.until:%Y-%m-%d %H:%M} UTC; run the "
        "same `frontdesk export` again, or report on a time before that with `--since` and "
        "`--until`"
    )


def _shown(since: datetime, until: datetime) -> str:
    return f"{since.astimezone(UTC):%Y-%m-%d %H:%M} to {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _midnight(day: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(day.date(), time(), tzinfo=zone)


def _month(day: datetime, zone: ZoneInfo) -> datetime:
    """Return the beginning of the month."""
    return _midnight(day.replace(day=1), zone)


def _period(since: datetime, until: datetime, reason: str = "") -> Period:
    return Period(since, until, _label(since, until), reason)


def _label(since: datetime, until: datetime) -> str:
    if since.time() == until.time() == time():
        last = until - timedelta(days=1)
        if since.day == 1 and until.day == 1:
            if (since.year, since.month) == (last.year, last.month):
                return f"{since:%B %Y}"
            if since.month == until.month == 1 and since.year == last.year:
                return f"{since:%Y}"
        if since.date() == last.date():
            return _day(since)
        return f"{_day(since)} to {_day(last)}"
    return f"{_day(since)}, {since:%H:%M} to {_day(until)}, {until:%H:%M}"


def _day(day: datetime) -> str:
    return f"{day.day} {day:%B %Y}"
