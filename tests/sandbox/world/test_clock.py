"""The clock of the sandbox."""

from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds import new_world
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


@pytest.mark.parametrize("moved", [0, 7200])
@pytest.mark.parametrize("seconds", [0.5, 3600, 60 * 365 * 86400])
def test_it_goes_on_when_that_clock_is_set_back_between_two_runs(
    tmp_path, set_back, pass_time, seconds, moved
):
    path = tmp_path / "desk.db"
    with Sandbox("empty", db=path) as sandbox:
        sandbox.advance(moved)
        sandbox.customer("Ann").say("first")
        before = sandbox.now
    set_back(seconds)
    with Sandbox(db=path) as sandbox:
        ann = sandbox.customer("Ann")
        ann.say("second")
        first, second = [event.created_at for event in ann.transcript() if event.type == "message"]
        assert first <= before < second
        assert second - before < timedelta(seconds=60)
        pass_time(100)
        assert timedelta(seconds=100) <= sandbox.now - before < timedelta(seconds=160)


@pytest.mark.parametrize("running", [True, False])
def test_it_goes_on_after_a_run_that_was_killed(tmp_path, set_back, running):
    """What is committed has times that the next run does not show again."""
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    path = tmp_path / "desk.db"
    killed = new_world("empty", path=path, clock=Clock(start, running=running))
    killed.unit(killed.store.company.save_setting, "x", b"")
    last = killed.clock.micros()
    killed.commit()
    killed.store.db._connection.close()
    killed.store.close()
    set_back(3600)
    again = new_world(path=path, clock=Clock(start, running=running))
    assert last < again.clock.micros() < last + 60_000_000
    again.store.close()


def test_a_stopped_clock_stands_where_it_stood(tmp_path):
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    path = tmp_path / "desk.db"
    with Sandbox("empty", db=path, start=start, running=False) as sandbox:
        sandbox.customer("Ann").say("first")
        before = sandbox.now
    with Sandbox(db=path, start=start, running=False) as sandbox:
        assert sandbox.now == before


def test_a_reset_takes_the_clock_back_for_the_next_run_too(tmp_path):
    path = tmp_path / "desk.db"
    with Sandbox("empty", db=path) as sandbox:
        snapshot = sandbox.snapshot()
        sandbox.advance(86400)
        sandbox.restore(snapshot)
        before = sandbox.now
    with Sandbox(db=path) as sandbox:
        assert before <= sandbox.now < before + timedelta(hours=1)


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
