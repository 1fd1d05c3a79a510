"""The clock of the sandbox."""

from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.sandbox.world import Clock


def test_a_clock_only_moves_forward(desk):
    with pytest.raises(ValueError, match="forward"):
        desk.world.advance(-1)


def test_readings_of_a_stopped_clock_still_differ():
    clock = Clock(running=False)
    readings = [clock.now() for _ in range(5)]
    assert readings == sorted(set(readings))
    assert readings[-1] - readings[0] < timedelta(milliseconds=1)


def test_moving_the_clock_moves_now():
    clock = Clock(running=False)
    before = clock.now()
    clock.move_to(clock.after(90))
    assert timedelta(seconds=90) <= clock.now() - before < timedelta(seconds=91)


def test_a_running_clock_starts_at_its_start():
    start = datetime(2030, 1, 1, tzinfo=UTC)
    assert timedelta(0) <= Clock(start).now() - start < timedelta(seconds=10)
