"""Units of work, subscribers, and timers that run as time passes."""

from datetime import timedelta

import pytest

from frontdesk.actions import GetChat, StartChat
from frontdesk.sandbox import apis
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.world import Clock

from .._desk import Desk
from ..conftest import START


def test_timers_that_are_due_run_before_the_next_call():
    clock = Clock()
    world = new_world(clock=clock)
    desk = Desk(world)
    chat_id = desk.start()
    clock.move_to(clock.after(60 * 60))
    assert not apis.call(world, desk.owner, GetChat(chat_id=chat_id)).thread.active


@pytest.mark.parametrize("running", [True, False])
def test_a_world_that_is_opened_again_has_no_time_twice(tmp_path, running):
    """Not even one that nobody closed; a running clock is a second ahead at most."""
    path = tmp_path / "desk.db"
    world = new_world("empty", path=path, clock=Clock(START, running=running))
    for _ in range(3):
        world.unit(world.store.company.save_setting, "x", b"")
        last = world.clock.now()
        world.commit()
    world.store.close()
    again = new_world("empty", path=path, clock=Clock(START, running=running))
    ahead = again.clock.now() - last
    assert timedelta(0) < ahead < timedelta(seconds=60 if running else 0.001)
    again.store.close()


def test_timers_run_in_the_order_of_their_times(desk):
    first = desk.start()
    desk.advance(minutes=1)
    second = desk.start()
    desk.forget()
    desk.advance(hours=3)
    closed = [push.chat_id for push in desk.pushed("chat_deactivated")]
    assert closed == [first, second]


def test_what_timers_do_is_pushed_once_it_is_durable(desk):
    desk.start()
    desk.forget()
    writing = []
    desk.world.subscribe(lambda _: writing.append(desk.world.writing))
    desk.world.advance(3600)
    assert "chat_deactivated" in desk.names()
    assert writing == [False]


def test_a_timer_that_fails_does_not_stop_the_others(desk, caplog):
    from frontdesk.sandbox.world.timers import TIMERS

    chat_id = desk.start()
    desk.unit(lambda world: world.store.timers.set("broken", "x", world.clock.after(60)))

    def broken(world, timer):
        world.store.company.remove_tag("support")
        raise RuntimeError("a defect")

    TIMERS["broken"] = broken
    try:
        desk.advance(hours=1)
    finally:
        del TIMERS["broken"]
    assert "the timer broken failed" in caplog.text
    assert "a defect" in caplog.text
    assert not desk.chat(chat_id).thread.active
    assert "support" in desk.world.store.company.tags


def test_nobody_hears_of_what_was_undone(desk):
    desk.start()
    desk.forget()

    def work():
        apis.call(desk.world, desk.owner, StartChat())

    def failing(world):
        world.outbox.append("something")
        raise RuntimeError("no")

    work()
    with pytest.raises(RuntimeError):
        desk.world.unit(failing, desk.world)
    desk.world.commit()
    assert desk.names() == ["incoming_chat"]


def test_subscribers_hear_after_the_commit_and_can_stop(desk):
    heard = []
    stop = desk.world.subscribe(heard.extend)
    apis.call(desk.world, desk.owner, StartChat())
    assert heard == []
    desk.world.commit()
    assert len(heard) == 1
    stop()
    desk.start()
    assert len(heard) == 1


def test_units_do_not_nest(desk):
    with pytest.raises(RuntimeError, match="nest"):
        desk.world.unit(lambda: desk.world.unit(lambda: None))
