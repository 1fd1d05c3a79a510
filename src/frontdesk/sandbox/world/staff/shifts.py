"""Working hours of agents and bots, and what they do to statuses.

With ``World.follow_work_schedules`` on, whoever is not offline accepts chats from the start of a
shift on, and no more from its end on; in between a status that is set stays. Each agent with
working hours has one timer, for the next start or end. The API does not say what working hours do.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec

from frontdesk.errors import ValidationError
from frontdesk.models import NewWorkScheduler, WorkScheduler, WorkShift
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.records import AgentRecord, TimerRow
from frontdesk.sandbox.world.staff import statuses
from frontdesk.sandbox.world.world import World

__all__ = ["TIMER_KIND", "begin_or_end", "follow", "is_working", "next_change", "plan", "scheduler"]

TIMER_KIND: Final = "shift"
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK: Final = 7
_LOG: Final = logging.getLogger("frontdesk.sandbox")


def scheduler(given: NewWorkScheduler, field: str = "work_scheduler") -> WorkScheduler:
    """Return working hours as they are kept.

    Raises:
        ValidationError: There is no such time zone; the message names the field of the request.
    """
    kept = msgspec.convert(msgspec.to_builtins(given), WorkScheduler)
    try:
        _zone(kept)
    except _NoZone:
        raise ValidationError(
            f"`{field}.timezone`: there is no time zone `{kept.timezone}`; it must be an IANA name "
            "such as Europe/Warsaw"
        ) from None
    return kept


def follow(world: World, *, on: bool) -> None:
    """Have working hours change statuses, or not any more."""
    before = world.follow_work_schedules
    world.follow_work_schedules = on
    world.undo_with(lambda: setattr(world, "follow_work_schedules", before))
    for agent in list(world.store.company.agents.values()):
        plan(world, agent)


def plan(world: World, agent: AgentRecord) -> None:
    """Set the timer for the next start or end of a shift; take it back if there is none."""
    change = next_change(agent.work_scheduler, world.clock.now())
    if world.follow_work_schedules and change is not None:
        world.store.timers.set(TIMER_KIND, agent.id, to_micros(change))
    else:
        world.store.timers.cancel(TIMER_KIND, agent.id)


def begin_or_end(world: World, timer: TimerRow) -> None:
    """Begin or end the shift of an agent who is not offline."""
    agent = world.store.company.agents.get(timer.subject)
    if agent is None or not world.follow_work_schedules:
        return
    now = world.clock.now()
    if agent.status != "offline":
        works = is_working(agent.work_scheduler, now)
        agent.auto_away = False
        statuses.change(world, agent, "accepting_chats" if works else "not_accepting_chats")
    plan(world, agent)


def is_working(hours: WorkScheduler | None, at: datetime) -> bool:
    """Return whether somebody works at a time."""
    return any(start <= at < end for start, end in _shifts(hours, at))


def next_change(hours: WorkScheduler | None, after: datetime) -> datetime | None:
    """Return when somebody next begins or stops working; ``None`` for one who always or never does.

    Shifts that overlap or touch are one.
    """
    latest = after + timedelta(days=_WEEK + 1)
    for start, end in _shifts(hours, after):
        for change in (start, end):
            if after < change <= latest:
                return change
    return None


def _shifts(hours: WorkScheduler | None, around: datetime) -> list[tuple[datetime, datetime]]:
    """Return the shifts from the week before a time to the week after it, in UTC and joined."""
    if hours is None or not hours.schedule:
        return []
    try:
        zone = _zone(hours)
    except _NoZone:
        # The database was made where the time zone was known.
        _LOG.warning("the time zone %s is not known here; UTC is taken", hours.timezone)
        zone = UTC
    today = around.astimezone(zone).date()
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(_each(hours.schedule, today, zone)):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _each(
    schedule: list[WorkShift], today: date, zone: tzinfo
) -> Iterator[tuple[datetime, datetime]]:
    for offset in range(-_WEEK - 2, _WEEK + 3):
        day = today + timedelta(days=offset)
        for shift in schedule:
            if shift.enabled and shift.day == _DAYS[day.weekday()]:
                # A shift that ends before it begins goes on after midnight.
                after_midnight = shift.end <= shift.start
                yield (
                    _at(day, shift.start, zone),
                    _at(day + timedelta(days=1) if after_midnight else day, shift.end, zone),
                )


def _at(day: date, clock: str, zone: tzinfo) -> datetime:
    """Return a time of a day in UTC; ``24:00`` is the midnight at its end."""
    hour, _, minute = clock.partition(":")
    if hour == "24":
        day, hour = day + timedelta(days=1), "00"
    return datetime.combine(day, time(int(hour), int(minute)), zone).astimezone(UTC)


class _NoZone(Exception):
    """There is no time zone of a name."""


def _zone(hours: WorkScheduler) -> tzinfo:
    """Return the time zone of working hours; UTC for an agent's own, which nothing here knows."""
    if not hours.timezone:
        return UTC
    try:
        return ZoneInfo(hours.timezone)
    except ZoneInfoNotFoundError as error:
        # Some systems have no time zones at all: there, nobody can tell which names are wrong.
        if available_timezones():
            raise _NoZone from error
        return UTC
    except (ValueError, OSError) as error:
        # The name of a folder, or of something outside.
        raise _NoZone from error
