"""What a call does with the limiter: waits for its turn, learns from refusals, shows both."""

from typing import Any

import pytest

from frontdesk import Limiter, errors
from frontdesk.core.call_cycle import exchange
from frontdesk.core.retry import Meter, Retry
from frontdesk.transport import Reply, Request

from .test_call_cycle import FIRST, OK, failed, kinds, outgoing, play, settings


def paced(limiter: Limiter, **changes: Any) -> Any:
    own = settings(limiter=limiter, paced=True, **changes)
    own.shared.token = FIRST
    own.meter.watch(limiter)
    return own


def test_calls_leave_at_the_rate_of_the_limiter() -> None:
    own = paced(Limiter(max_rate=4))
    times = []
    for _ in range(5):
        play([OK], settings=own)
        times.append(own.clock.now)
    assert times == pytest.approx([100, 100.25, 100.5, 100.75, 101])
    reading = own.meter.reading()
    assert reading.waited == pytest.approx(1.0)
    assert reading.rate == 4
    assert (reading.requests, reading.throttled) == (5, 0)


def test_a_refusal_slows_the_next_calls_down_and_is_shown() -> None:
    own = paced(Limiter())
    play([failed("too_many_requests"), OK], settings=own)
    reading = own.meter.reading()
    assert reading.throttled == 1
    assert reading.rate is not None
    assert reading.waited > 0
    before = own.clock.now
    taken, _ = play([OK], settings=own)
    assert kinds(taken).startswith("Sleep")
    assert own.clock.now - before == pytest.approx(1 / reading.rate, rel=0.5)


def test_a_gateways_429_slows_down_too() -> None:
    own = paced(Limiter())
    play([Reply(429, {"content-type": "text/html"}, b"<html>slow down"), OK], settings=own)
    assert own.limiter.active
    assert own.meter.reading().throttled == 1


@pytest.mark.parametrize("type", ["service_unavailable", "internal", "chat_inactive"])
def test_other_errors_do_not_slow_down(type: str) -> None:
    own = paced(Limiter())
    play([failed(type), OK], settings=own)
    assert not own.limiter.active
    assert own.meter.reading().throttled == 0
    assert own.meter.reading().waited == 0


def test_a_call_that_is_not_paced_teaches_the_limiter_and_does_not_wait() -> None:
    limiter = Limiter()
    own = settings(limiter=limiter, retry=Retry(attempts=1))
    own.shared.token = FIRST
    play([failed("too_many_requests")], settings=own)
    assert limiter.active
    for _ in range(3):
        assert kinds(play([OK], settings=own)[0]) == "Request"
    assert kinds(play([OK], settings=paced(limiter, clock=own.clock))[0]) == "Sleep Request"


def test_calls_that_are_not_paced_let_it_speed_up() -> None:
    limiter = Limiter()
    own = settings(limiter=limiter, retry=Retry(attempts=1))
    play([failed("too_many_requests")], settings=own)
    before = limiter.rate
    for _ in range(200):
        own.clock.now += 0.1
        play([OK], settings=own)
    assert limiter.rate > before * 3


def test_without_a_limiter_refusals_are_still_counted() -> None:
    own = settings(limiter=None, paced=True)
    taken, _ = play([failed("too_many_requests"), OK], settings=own)
    assert kinds(taken) == "NeedToken Request Sleep Request"
    reading = own.meter.reading()
    assert reading.throttled == 1
    assert reading.waited == pytest.approx(taken[2].seconds)
    assert reading.rate is None


def test_a_retry_waits_for_its_turn_as_well() -> None:
    own = paced(Limiter(max_rate=0.5), retry=Retry(first_pause=0))
    taken, _ = play([failed("service_unavailable"), OK], settings=own)
    assert kinds(taken) == "Request Sleep Sleep Sleep Request"
    assert own.clock.now == pytest.approx(102)


def test_what_the_server_asks_for_holds_other_calls_back_too() -> None:
    own = paced(Limiter())
    steps = exchange(outgoing(), own, lambda response: response)
    next(steps)
    steps.send(failed("too_many_requests", headers={"retry-after": "20"}))
    play([OK], settings=own)
    assert own.clock.now == pytest.approx(120)
    steps.close()


def test_a_pause_beyond_the_longest_one_does_not_hold_the_next_call_back() -> None:
    own = paced(Limiter())
    play([failed("too_many_requests", headers={"retry-after": "3600"})], settings=own)
    play([OK], settings=own)
    assert own.clock.now < 110


def test_a_call_that_is_abandoned_while_it_waits_is_not_counted_and_gives_its_turn_back() -> None:
    own = paced(Limiter(max_rate=1))
    play([OK], settings=own)
    steps = exchange(outgoing(), own, lambda response: response)
    next(steps)
    own.clock.now += 0.25
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt())
    assert own.meter.reading().requests == 1
    assert own.meter.reading().waited == pytest.approx(0.25)
    play([OK], settings=own)
    assert own.clock.now == pytest.approx(101), "it leaves in the turn that was given back"


def test_a_call_without_budget_does_not_wait_to_be_refused() -> None:
    own = paced(Limiter(max_rate=1), meter=Meter(1))
    play([OK], settings=own)
    taken, error = play([OK], settings=own)
    assert kinds(taken) == ""
    assert isinstance(error, errors.BudgetExceeded)


def test_a_meter_of_several_clients_shows_the_lowest_rate() -> None:
    meter, slow, fast = Meter(), Limiter(max_rate=2), Limiter(max_rate=7)
    for limiter in (fast, slow, Limiter(), None):
        meter.watch(limiter)
    assert meter.reading().rate == 2


def test_a_meter_keeps_no_limiter_alive() -> None:
    meter = Meter()
    meter.watch(Limiter(max_rate=2))
    assert meter.reading().rate is None


def test_lost_connections_teach_it_nothing() -> None:
    own = paced(Limiter())
    play([errors.ConnectionClosed("gone")], settings=own)
    assert not own.limiter.active


def test_many_calls_at_once_stay_in_order_and_within_the_rate() -> None:
    own = paced(Limiter(max_rate=10))
    calls = [exchange(outgoing(), own, lambda response: response) for _ in range(30)]
    steps = {number: next(call) for number, call in enumerate(calls)}
    left: dict[int, float] = {}
    while steps:
        for number, step in list(steps.items()):
            if isinstance(step, Request):
                left[number] = own.clock.now
                calls[number].close()
                del steps[number]
        if steps:
            pause = min(step.seconds for step in steps.values())
            own.clock.now += pause
            woken = [number for number, step in steps.items() if step.seconds == pause]
            for number, step in steps.items():
                steps[number] = type(step)(step.seconds - pause)
            for number in woken:
                steps[number] = calls[number].send(None)
    assert list(left) == list(range(30)), "in the order in which they came"
    assert list(left.values()) == pytest.approx([100 + number / 10 for number in range(30)])
