"""The limiter against servers that refuse what comes too fast, on a clock of the test's own."""

import os
import threading
from collections import deque
from typing import Any

import pytest

from frontdesk import InvalidArgument, Limiter


class Server:
    """Accepts ``rate`` requests in any second; knows what came when."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.recent: deque[float] = deque()
        self.accepted: list[float] = []
        self.refused: list[float] = []

    def takes(self, now: float) -> bool:
        while self.recent and self.recent[0] <= now - 1:
            self.recent.popleft()
        if len(self.recent) >= self.rate:
            self.refused.append(now)
            return False
        self.recent.append(now)
        self.accepted.append(now)
        return True


class Sender:
    """Sends one request after the other through a limiter, each taking ``latency`` seconds."""

    def __init__(self, limiter: Limiter, server: Server, latency: float = 0.01) -> None:
        self.limiter, self.server, self.latency = limiter, server, latency
        self.now = 1000.0
        self.sent: list[float] = []

    def until(self, end: float) -> "Sender":
        while self.now < end:
            ticket = self.limiter.enter(self.now)
            while wait := self.limiter.wait(ticket, self.now):
                self.now += wait
            left = self.now
            self.sent.append(left)
            self.now += self.latency
            if self.server.takes(left):
                self.limiter.accepted(self.now)
            else:
                self.limiter.refused(self.now, sent_at=left)
        return self


def between(times: list[float], start: float, end: float) -> int:
    return sum(start <= time < end for time in times)


def test_without_a_refusal_nothing_waits() -> None:
    limiter = Limiter()
    sender = Sender(limiter, Server(1e9)).until(1010)
    assert len(sender.sent) == pytest.approx(1000, abs=2)
    assert limiter.rate is None
    assert not limiter.active


@pytest.mark.parametrize("rate", [2, 10, 50])
def test_it_settles_near_the_rate_that_the_server_bears(rate: int) -> None:
    server = Server(rate)
    Sender(Limiter(), server).until(1120)
    accepted, refused = (between(x, 1060, 1120) for x in (server.accepted, server.refused))
    assert accepted >= 0.6 * rate * 60
    assert refused <= 0.12 * accepted


def test_a_refusal_leaves_seven_tenths_of_the_measured_rate() -> None:
    limiter = Limiter()
    sender = Sender(limiter, Server(1e9), latency=0.1).until(1005)
    limiter.refused(sender.now, sent_at=sender.now)
    assert limiter.rate == pytest.approx(7, rel=0.02)


def test_it_speeds_up_again_when_the_server_bears_more() -> None:
    server = Server(4)
    sender = Sender(Limiter(), server, latency=0.05).until(1030)
    assert between(sender.sent, 1020, 1030) <= 60
    server.rate = 1e9
    sender.until(1060)
    assert between(sender.sent, 1050, 1060) >= 190, "as fast as the latency allows"


def test_the_rate_follows_the_cubic_curve() -> None:
    limiter = Limiter()
    sender = Sender(limiter, Server(1e9), latency=0.1).until(1005)
    limiter.refused(sender.now, sent_at=sender.now)
    start, rates = sender.now, {}
    for step in range(1, 101):
        now = start + step / 10
        limiter.accepted(now)
        rates[step / 10] = limiter.rate
    # 10 requests a second were refused: after 5 s the rate is there again, and the curve is flat.
    assert rates[0.1] == pytest.approx(7.2, abs=0.1)
    assert rates[2.5] == pytest.approx(9.6, abs=0.1)
    assert rates[5.0] == pytest.approx(10.0, abs=0.1)
    assert rates[7.5] == pytest.approx(10.4, abs=0.1)
    assert rates[10.0] == pytest.approx(13.0, abs=0.2)


def test_a_rate_that_nobody_uses_is_not_raised_beyond_twice_what_is_sent() -> None:
    limiter = Limiter()
    sender = Sender(limiter, Server(1e9), latency=0.1).until(1005)
    limiter.refused(sender.now, sent_at=sender.now)
    now = sender.now
    for _ in range(100):
        now += 1
        limiter.accepted(now)
    assert limiter.rate == pytest.approx(2.0, rel=0.05)


def test_a_pause_is_not_taken_for_slowness() -> None:
    limiter = Limiter()
    sender = Sender(limiter, Server(1e9), latency=0.1).until(1005)
    limiter.refused(sender.now, sent_at=sender.now)
    sender.until(1015)
    before = limiter.rate
    sender.now += 3600
    limiter.accepted(sender.now)
    assert limiter.rate is not None
    assert before is not None
    assert limiter.rate >= before


def test_the_first_request_may_be_the_one_refused() -> None:
    limiter = Limiter()
    limiter.refused(1000.0, sent_at=999.9)
    assert limiter.rate == pytest.approx(1.4)


def test_requests_under_way_together_slow_it_down_once() -> None:
    limiter = Limiter()
    sender = Sender(limiter, Server(1e9), latency=0.1).until(1005)
    for _ in range(50):
        limiter.refused(sender.now, sent_at=sender.now - 0.1)
    assert limiter.rate == pytest.approx(7, rel=0.02)
    limiter.refused(sender.now + 1, sent_at=sender.now + 0.5)
    assert limiter.rate is not None
    assert limiter.rate < 5, "one that left afterwards counts"


def test_a_request_that_left_as_another_was_refused_was_under_way_with_it() -> None:
    limiter = Limiter()
    for second in range(10):
        limiter.accepted(float(second))
    limiter.refused(10.0, sent_at=9.5)
    rate = limiter.rate
    limiter.refused(10.5, sent_at=10.0)
    assert limiter.rate == rate
    limiter.refused(11.0, sent_at=10.1)
    assert limiter.rate != rate


def test_it_never_goes_below_its_slowest_rate() -> None:
    limiter = Limiter(min_rate=2)
    for second in range(1000, 1100):
        limiter.refused(second, sent_at=second - 0.1)
    assert limiter.rate == 2
    assert Limiter().min_rate == 0.5


def test_the_server_may_hold_everybody_back() -> None:
    limiter = Limiter()
    limiter.refused(1000.0, sent_at=999.9, retry_after=30)
    limiter.refused(1001.0, sent_at=999.9, retry_after=5)
    ticket = limiter.enter(1001.0)
    assert limiter.wait(ticket, 1001.0) == 1.0, "it looks again every second"
    assert limiter.wait(ticket, 1029.5) == pytest.approx(0.5)
    assert limiter.wait(ticket, 1030.0) == 0


def waits(limiter: Limiter, tickets: list[int], now: float) -> list[bool]:
    return [limiter.wait(ticket, now) > 0 for ticket in tickets]


def test_those_who_wait_leave_in_the_order_in_which_they_came() -> None:
    limiter = Limiter(max_rate=10)
    tickets = [limiter.enter(1000.0) for _ in range(4)]
    assert waits(limiter, tickets, 1000.0) == [False, True, True, True]
    assert limiter.wait(tickets[2], 1000.0) == pytest.approx(0.2)
    assert waits(limiter, tickets, 1000.1) == [False, False, True, True]
    assert waits(limiter, tickets, 1000.3) == [False] * 4


def test_a_turn_that_is_given_back_goes_to_those_behind() -> None:
    limiter = Limiter(max_rate=10)
    tickets = [limiter.enter(1000.0) for _ in range(3)]
    limiter.leave()
    assert waits(limiter, [tickets[0], tickets[2]], 1000.1) == [False, False]


def test_time_without_requests_is_not_saved_up() -> None:
    limiter = Limiter(max_rate=10)
    limiter.enter(1000.0)
    tickets = [limiter.enter(1500.0) for _ in range(3)]
    assert waits(limiter, tickets, 1500.0) == [False, True, True]
    assert limiter.wait(tickets[2], 1500.0) == pytest.approx(0.2)


def test_a_rate_of_the_users_own_holds_from_the_start() -> None:
    limiter = Limiter(max_rate=5)
    sender = Sender(limiter, Server(1e9)).until(1010)
    assert len(sender.sent) == pytest.approx(50, abs=1)
    assert limiter.rate == 5
    assert repr(limiter) == "Limiter(rate=5)"
    assert repr(Limiter()) == "Limiter(no limit so far)"


def test_the_rate_never_exceeds_the_users_own() -> None:
    server = Server(3)
    limiter = Limiter(max_rate=20)
    sender = Sender(limiter, server).until(1020)
    assert limiter.rate is not None
    assert limiter.rate < 20
    server.rate = 1e9
    sender.until(1100)
    assert limiter.rate == 20


@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan"), "5", True, [1]])
@pytest.mark.parametrize("name", ["max_rate", "min_rate"])
def test_a_rate_is_a_number_above_zero(name: str, value: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Limiter(**{name: value})
    assert caught.value.field == name


def test_the_highest_rate_is_not_below_the_lowest() -> None:
    with pytest.raises(InvalidArgument, match="at least `min_rate`, 3"):
        Limiter(max_rate=2, min_rate=3)
    assert Limiter(max_rate=2, min_rate=2).rate == 2


def test_time_that_another_thread_read_earlier_does_no_harm() -> None:
    limiter = Limiter(max_rate=10)
    limiter.enter(1000.0)
    late, early = limiter.enter(1000.0), limiter.enter(999.0)
    assert limiter.wait(early, 999.0) == pytest.approx(0.2)
    assert limiter.wait(late, 1000.0) == pytest.approx(0.1)


def test_threads_get_different_turns() -> None:
    limiter = Limiter(max_rate=10)
    tickets: list[int] = []
    threads = [
        threading.Thread(target=lambda: tickets.extend(limiter.enter(1000.0) for _ in range(200)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(tickets) == list(range(1, 1601))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_the_child_of_a_fork_does_not_queue_behind_the_parents_threads() -> None:
    limiter = Limiter(max_rate=10)
    for _ in range(100):
        limiter.enter(1000.0)
    with limiter._lock:
        pid = os.fork()
        if pid == 0:
            ok = limiter.wait(limiter.enter(1000.1), 1000.1) < 0.2
            os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert limiter.wait(100, 1000.1) == 1.0, "the parent's queue is as it was"


def test_the_rate_is_smoothed_over_the_windows() -> None:
    limiter = Limiter()
    for n in range(101):
        limiter.accepted(1000 + n * 0.005)
    for n in range(1, 11):
        limiter.accepted(1000.5 + n * 0.05)
    limiter.refused(1001.01, sent_at=1001)
    # 202 a second, then 20: four fifths of the latest, of which 70 % are left.
    assert limiter.rate == pytest.approx((0.8 * 20 + 0.2 * 202) * 0.7)


@pytest.mark.parametrize(("pause", "rate"), [(1.9, 1.0), (2.1, 0.7 * 4)])
def test_a_pause_of_two_requests_at_the_lowest_rate_is_not_slowness(
    pause: float, rate: float
) -> None:
    limiter = Limiter(min_rate=1)
    limiter.accepted(1000)
    limiter.accepted(1000 + pause)
    limiter.refused(1000.1 + pause, sent_at=1000 + pause)
    assert limiter.rate == pytest.approx(rate)
