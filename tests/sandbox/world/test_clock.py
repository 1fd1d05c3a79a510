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


@pytest.fixture
def set_back(monkeypatch):
    """Set the clock of the machine back by some seconds, while a stopwatch goes on."""

    def set_back(seconds):
        real = Clock._real
        monkeypatch.setattr(Clock, "_real", staticmethod(lambda: real() - int(seconds * 1e6)))

    return set_back


@pytest.fixture
def pass_time(monkeypatch):
    """Have a stopwatch and the clock of the machine go on by some seconds."""

    def pass_time(seconds):
        for name in ("_real", "_steady"):
            before = getattr(Clock, name)
            later = staticmethod(lambda before=before: before() + int(seconds * 1e6))
            monkeypatch.setattr(Clock, name, later)

    return pass_time


@pytest.mark.parametrize("seconds", [0.5, 3600, 10 * 365 * 86400])
def test_it_goes_on_when_the_clock_of_the_machine_is_set_back(set_back, pass_time, seconds):
    clock = Clock()
    before = clock.now()
    set_back(seconds)
    assert timedelta(0) < clock.now() - before < timedelta(seconds=5)
    pass_time(100)
    assert timedelta(seconds=100) <= clock.now() - before < timedelta(seconds=110)
    assert clock.peek() <= clock.micros()


def test_it_follows_the_clock_of_the_machine_forward(set_back):
    clock = Clock()
    before = clock.now()
    set_back(-3600)
    assert timedelta(hours=1) <= clock.now() - before < timedelta(hours=1, seconds=10)


def test_rate_limits_and_timers_pass_when_the_clock_of_the_machine_is_set_back(
    sandbox, set_back, pass_time
):
    sandbox.limit(1, seconds=60, method="list_chats")
    client = sandbox.client(retry=None)
    client.list_chats()
    set_back(3600)
    pass_time(61)
    client.list_chats()
