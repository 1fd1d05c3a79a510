"""Working hours: when they begin and end, and what they do to statuses."""

from datetime import UTC, datetime

import pytest

from frontdesk.actions import SetRoutingStatus, UpdateAgent
from frontdesk.errors import InvalidArgument
from frontdesk.models import NewWorkScheduler, NewWorkShift, WorkScheduler, WorkShift
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import BOT_ID
from frontdesk.sandbox.world.staff import shifts

from ..._desk import JONES, NOWAK

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When the clock of the tests begins."""


def hours(*entries, timezone=""):
    """Working hours of entries such as ``monday 08:00 16:00``; a minus is for a disabled one."""
    return WorkScheduler(
        timezone=timezone,
        schedule=[
            WorkShift(day=day.strip("-"), enabled=not day.startswith("-"), start=start, end=end)
            for day, start, end in (entry.split() for entry in entries)
        ],
    )


def at(day, clock):
    hour, minute = clock.split(":")
    return datetime(2026, 3, day, int(hour), int(minute), tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "working", "change"),
    [
        (hours("monday 08:00 16:00"), True, at(2, "16:00")),
        (hours("monday 09:00 16:00"), True, at(2, "16:00")),
        (hours("monday 08:00 09:00"), False, at(9, "08:00")),
        (hours("tuesday 08:00 16:00"), False, at(3, "08:00")),
        (hours("-monday 08:00 16:00", "friday 10:00 11:00"), False, at(6, "10:00")),
        (hours("monday 08:00 12:00", "monday 11:00 14:00"), True, at(2, "14:00")),
        (hours("monday 08:00 12:00", "monday 12:00 14:00"), True, at(2, "14:00")),
        (hours("monday 08:00 12:00", "monday 13:00 14:00"), True, at(2, "12:00")),
        (hours("sunday 22:00 10:00"), True, at(2, "10:00")),
        (hours("sunday 10:00 10:00"), True, at(2, "10:00")),
        (hours("monday 08:00 24:00"), True, at(3, "00:00")),
        (hours("monday 08:00 24:00", "tuesday 00:00 02:00"), True, at(3, "02:00")),
        (hours("monday 09:30 16:00", timezone="Europe/Warsaw"), True, at(2, "15:00")),
        (hours("monday 10:30 16:00", timezone="Europe/Warsaw"), False, at(2, "09:30")),
        (hours("monday 05:00 07:00", timezone="America/New_York"), False, at(2, "10:00")),
        (hours(*(f"{day} 00:00 24:00" for day in shifts._DAYS)), True, None),
        (hours(), False, None),
        (hours("-monday 08:00 16:00"), False, None),
        (None, False, None),
    ],
)
def test_when_somebody_works(schedule, working, change):
    assert shifts.is_working(schedule, MONDAY) is working
    assert shifts.next_change(schedule, MONDAY) == change


def test_working_hours_follow_the_clocks_of_their_place():
    # On the 29th of March clocks go forward in Warsaw.
    schedule = hours("saturday 09:00 17:00", "sunday 09:00 17:00", timezone="Europe/Warsaw")
    changes, time = [], at(27, "12:00")
    for _ in range(4):
        time = shifts.next_change(schedule, time)
        changes.append(time)
    assert changes == [at(28, "08:00"), at(28, "16:00"), at(29, "07:00"), at(29, "15:00")]


def new_hours(day="monday", start="10:00", end="11:00"):
    shift = NewWorkShift(day=day, enabled=True, start=start, end=end)
    return NewWorkScheduler(timezone="UTC", schedule=[shift])


def status(desk, agent_id):
    return desk.world.store.company.agents[agent_id].status


def follow(desk, *, on=True):
    desk.unit(shifts.follow, on=on)


def test_statuses_follow_the_hours_and_what_is_set_in_between_stays(desk):
    follow(desk)
    for agent_id in (JONES, NOWAK):
        desk.call(UpdateAgent(id=agent_id, work_scheduler=new_hours()))
    desk.forget()
    desk.set_status(JONES, "not_accepting_chats")
    desk.advance(minutes=59)
    assert status(desk, JONES) == "not_accepting_chats"
    desk.forget()
    desk.advance(minutes=1)
    assert status(desk, JONES) == "accepting_chats"
    assert status(desk, NOWAK) == "offline"
    (effect,) = desk.effects("routing_status_set")
    assert (effect.payload.agent_id, effect.payload.status) == (JONES, "accepting_chats")
    assert (effect.webhook, effect.actor) == ("routing_status_set", None)
    desk.set_status(JONES, "not_accepting_chats")
    desk.advance(minutes=30)
    assert status(desk, JONES) == "not_accepting_chats"
    desk.set_status(JONES, "accepting_chats")
    desk.advance(minutes=30)
    assert status(desk, JONES) == "not_accepting_chats"
    desk.advance(days=7)
    assert status(desk, JONES) == "not_accepting_chats"
    desk.advance(days=6, hours=23)
    assert status(desk, JONES) == "accepting_chats"


def test_hours_change_nothing_by_default(desk):
    desk.call(UpdateAgent(id=JONES, work_scheduler=new_hours(start="08:00", end="10:00")))
    desk.forget()
    desk.advance(hours=3)
    assert status(desk, JONES) == "accepting_chats"
    assert "routing_status_set" not in desk.names()
    assert desk.world.store.timers.count(shifts.TIMER_KIND) == 0


def test_other_hours_count_at_once(desk):
    follow(desk)
    desk.call(UpdateAgent(id=JONES, work_scheduler=new_hours(start="08:00", end="10:00")))
    desk.call(UpdateAgent(id=JONES, work_scheduler=new_hours(start="08:00", end="12:00")))
    desk.advance(hours=2)
    assert status(desk, JONES) == "accepting_chats"
    desk.advance(hours=1)
    assert status(desk, JONES) == "not_accepting_chats"
    desk.call(UpdateAgent(id=JONES, work_scheduler=NewWorkScheduler(schedule=[])))
    assert desk.world.store.timers.count(shifts.TIMER_KIND) == 0


def test_hours_can_be_followed_no_longer(desk):
    follow(desk)
    desk.call(UpdateAgent(id=JONES, work_scheduler=new_hours(start="08:00", end="10:00")))
    follow(desk, on=False)
    desk.advance(hours=3)
    assert status(desk, JONES) == "accepting_chats"


def test_bots_that_are_not_offline_have_hours_too(desk):
    bot = desk.world.store.company.agents[BOT_ID]
    bot.work_scheduler = hours("monday 10:00 11:00")
    desk.unit(lambda world: world.store.company.save_agent(bot))
    follow(desk)
    desk.advance(hours=1)
    assert bot.status == "accepting_chats"


def test_an_agent_who_is_gone_has_no_hours(desk):
    follow(desk)
    desk.call(UpdateAgent(id=JONES, work_scheduler=new_hours()))
    desk.unit(lambda world: world.store.company.remove_agent(JONES))
    desk.advance(hours=3)
    assert JONES not in desk.world.store.company.agents


def test_the_sandbox_is_told_to_follow_hours():
    with Sandbox("quiet", start=MONDAY, running=False, work_schedules=True) as sandbox:
        sandbox.configuration_client().update_agent(id=JONES, work_scheduler=new_hours())
        image = sandbox.snapshot()

        def jones():
            statuses = sandbox.client().list_routing_statuses()
            return next(agent.status for agent in statuses if agent.agent_id == JONES)

        sandbox.advance(7200)
        assert jones() == "not_accepting_chats"
        sandbox.client("agent").set_routing_status(status="accepting_chats")
        sandbox.configure(work_schedules=False)
        sandbox.advance(7 * 86400)
        assert jones() == "accepting_chats"
        sandbox.configure(work_schedules=True)
        sandbox.restore(image)
        sandbox.advance(7200)
        assert jones() == "not_accepting_chats"


def test_the_option_is_checked():
    with pytest.raises(InvalidArgument, match="work_schedules"):
        Sandbox("quiet", work_schedules="yes")  # type: ignore[arg-type]


def test_a_status_set_over_the_api_lasts_until_the_next_change(desk):
    follow(desk)
    desk.call(UpdateAgent(id=JONES, work_scheduler=new_hours(start="08:00", end="10:00")))
    desk.advance(hours=1)
    desk.call(SetRoutingStatus(agent_id=JONES, status="accepting_chats"))
    desk.advance(days=2)
    assert status(desk, JONES) == "accepting_chats"


@pytest.mark.parametrize("before", [False, True])
def test_following_that_is_undone_is_as_before(desk, before):
    desk.unit(shifts.follow, on=before)

    def follow_and_fail(world):
        shifts.follow(world, on=not before)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        desk.unit(follow_and_fail)
    assert desk.world.follow_work_schedules is before
