"""The window of ten to the second: places, time-outs, retries, and what an outage does to them."""

import json
from typing import Any

import pytest

from frontdesk.actions import GetCustomer, ListChats, SendEvent
from frontdesk.core.retry import Retry
from frontdesk.core.rtm.queue import FairQueue
from frontdesk.core.rtm.settings import Cut, Ping
from frontdesk.errors import (
    BudgetExceeded,
    ClientClosed,
    ConnectionClosed,
    PendingRequestsLimitReached,
    RequestTimeout,
    TooManyRequests,
)
from frontdesk.models import Message

from ._play import LOGIN, Play

SEND = SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi"))
READ = GetCustomer(id="b7eff798")
CUSTOMER = {"id": "b7eff798", "type": "customer"}


def say(chat_id: str) -> SendEvent:
    return SendEvent(chat_id=chat_id, event=Message(text="hi"))


def requests(steps: list[Any]) -> list[dict[str, Any]]:
    return [step for step in steps if isinstance(step, dict) and step["action"] != "ping"]


def chats(steps: list[Any]) -> list[str]:
    return [step["payload"]["chat_id"] for step in requests(steps)]


def wire(request: dict[str, Any]) -> bytes:
    return json.dumps(request, separators=(",", ":")).encode()


def patient(**options: Any) -> Play:
    """A session that is ready and does not ping."""
    return Play(ping_interval=10_000, **options).ready()


# What is on the wire


def test_request_as_it_is_sent():
    play = patient()
    play.session.submit(play.call(READ))
    frame = play.session.steps[0]
    assert frame == b'{"request_id":"2","action":"get_customer","payload":{"id":"b7eff798"}}'


def test_place_is_free_to_the_second_fifteen_seconds_after_the_request():
    play = patient()
    for number in range(10):
        play.call(say(f"C{number}"), timeout=500)
        play.wait(1)
    play.call(say("first"), timeout=500)
    play.call(say("second"), timeout=500)
    play.steps()
    assert chats(play.wait(4.99)) == []
    assert chats(play.wait(0.01)) == ["first"]
    assert chats(play.wait(0.99)) == []
    assert chats(play.wait(0.01)) == ["second"]


def test_new_call_does_not_overtake_one_that_waits():
    play = patient()
    for number in range(11):
        play.call(say(f"C{number}"), timeout=500)
    play.steps()
    play.now += 15  # the places are free, but nothing has looked at them yet
    play.call(say("new"), timeout=500)
    assert chats(play.steps()) == ["C10", "new"]


def test_ping_keeps_its_place_for_fifteen_seconds():
    play = Play(ping_interval=15, ping_timeout=100).ready()
    play.wait(15, pong=False)
    for number in range(10):
        play.call(say(f"C{number}"), timeout=500)
    assert len(chats(play.steps())) == 9
    assert chats(play.wait(14.99, pong=False)) == []
    assert len(chats(play.wait(0.01, pong=False))) == 1


def test_full_window_is_pinged_by_frame_until_a_place_is_free():
    play = Play(ping_interval=4, ping_timeout=100).ready()
    for _ in range(10):
        play.call(SEND, timeout=500)
    play.steps()
    assert play.wait(12, pong=False) == [Ping(), Ping(), Ping()]
    [step] = play.wait(4, pong=False)
    assert step["action"] == "ping"


# Time-outs


def test_call_times_out_when_its_time_is_over_and_not_before():
    play = patient()
    call = play.call(SEND, timeout=5)
    assert play.session.wakeup == play.now + 5
    play.now += 4.999
    play.session.tick()
    assert not call.done
    play.now = 1005.0
    play.session.tick()
    assert isinstance(call.error, RequestTimeout)


def test_wakeup_is_that_of_the_first_deadline():
    play = patient()
    for timeout in (9, 3, 6):
        play.call(SEND, timeout=timeout)
    assert play.session.wakeup == play.now + 3
    play.wait(3)
    assert play.session.wakeup == play.now + 3


def test_response_in_time_leaves_nothing_to_wake_up_for():
    play = patient()
    call = play.call(SEND, timeout=5)
    play.response(play.step(), {"event_id": "1"})
    play.wait(5)
    assert call.error is None
    assert play.session.wakeup == 1000.0 + 10_000


@pytest.mark.parametrize("how", ["timed out", "abandoned"])
@pytest.mark.parametrize(("after", "lines"), [(29.9, 0), (30.0, 1)])
def test_late_response_is_expected_for_thirty_seconds(how: str, after: float, lines: int, caplog):
    play = patient()
    call = play.call(SEND, timeout=2 if how == "timed out" else 500)
    request = play.step()
    if how == "abandoned":
        play.session.abandon(call)
    else:
        play.wait(2)
    play.wait(after)
    play.session.tick()
    play.response(request, {"event_id": "1"})
    assert len(caplog.records) == lines
    assert call.response is None


def test_abandoned_call_is_over_at_its_deadline_at_the_latest(caplog):
    play = patient()
    call = play.call(SEND, timeout=5)
    request = play.step()
    play.session.abandon(call)
    assert call.done
    play.wait(5)
    play.session.tick()
    play.response(request, {"event_id": "1"})
    assert call.error is None
    assert len(caplog.records) == 1


def test_abandoned_calls_that_wait_leave_no_trace():
    play = patient()
    calls = [play.call(say(f"C{n}"), timeout=500, lane=n % 3) for n in range(14)]
    sent = requests(play.steps())
    for call in calls[10:13]:
        play.session.abandon(call)
    play.wait(1)
    play.response(sent[0], {"event_id": "1"})
    assert chats(play.steps()) == ["C13"]
    play.response(sent[1], {"event_id": "1"})
    assert play.steps() == []


# Retries


def test_call_is_retried_when_its_pause_is_over_and_not_before():
    play = patient(retry=Retry(attempts=2, first_pause=8.0, longest_pause=8.0))
    call = play.call(SEND, timeout=500)
    play.refuse(play.step(), "too_many_requests")
    due = play.session.wakeup
    assert play.now + 4 <= due <= play.now + 8
    assert play.wait(due - play.now - 0.01) == []
    [again] = play.wait(0.02)
    assert again["request_id"] == "3"
    play.response(again, {"event_id": "1"})
    assert call.response.event_id == "1"


def test_retry_that_would_come_after_the_deadline_is_not_made():
    play = patient(retry=Retry(attempts=2, first_pause=0.0, longest_pause=0.0))
    call = play.call(SEND, timeout=5)
    request = play.step()
    play.now += 5
    play.refuse(request, "too_many_requests")
    assert isinstance(call.error, TooManyRequests)


@pytest.mark.parametrize("attempts", [1, 3])
def test_refusal_for_a_full_window_is_retried_as_often_as_the_policy_says(attempts: int):
    play = patient(retry=Retry(attempts=attempts, first_pause=1.0))
    call = play.call(SEND, timeout=500)
    count = 0
    while fresh := requests(play.steps() + play.wait(5)):
        count += 1
        play.refuse(fresh[0], "pending_requests_limit_reached")
    assert isinstance(call.error, PendingRequestsLimitReached)
    assert count == call.error.attempts == attempts


def test_retries_wait_for_their_turn_in_their_lane():
    play = patient(retry=Retry(attempts=2, first_pause=0.0, longest_pause=0.0))
    play.call(say("again"), timeout=500)
    for number in range(11):
        play.call(say(f"C{number}"), timeout=500)
    sent = requests(play.steps())
    play.refuse(sent[0], "too_many_requests")
    assert chats(play.steps()) == ["C9"]
    play.wait(0)
    for request in sent[1:4]:
        play.response(request, {"event_id": "1"})
    assert chats(play.steps()) == ["C10", "again"]


def test_refused_call_is_retried_while_the_session_leaves():
    play = patient(retry=Retry(attempts=2, first_pause=1.0), logout=False, close_timeout=60)
    call = play.call(SEND, timeout=500)
    request = play.step()
    play.session.close()
    play.refuse(request, "too_many_requests")
    assert not call.done
    [again] = requests(play.wait(1))
    assert play.cuts() == []
    play.response(again, {"event_id": "1"})
    assert call.response.event_id == "1"
    assert play.steps() == [Cut(at_once=False)]


def test_budget_that_is_spent_fails_the_retry():
    play = patient(retry=Retry(attempts=2, first_pause=1.0), budget=2)
    call = play.call(SEND, timeout=500)
    play.refuse(play.step(), "too_many_requests")
    play.wait(1)
    assert isinstance(call.error, BudgetExceeded)
    assert call.attempts == 1


# Outages


def test_what_was_on_the_wire_goes_before_what_waited():
    play = patient(retry=Retry(attempts=2))
    reads = [play.call(GetCustomer(id=f"R{n}"), timeout=500) for n in range(10)]
    for number in range(3):
        play.call(say(f"C{number}"), timeout=500, lane=number)
    play.steps()
    play.session.closed()
    assert not any(call.done for call in reads)
    play.back()
    again = [frame for frame in play.frames if frame["action"] != "login"][10:]
    assert [frame["payload"]["id"] for frame in again] == [f"R{n}" for n in range(10)]
    for frame in again[:3]:
        play.response(frame, CUSTOMER)
    assert chats(play.steps()) == ["C0", "C1", "C2"]


def test_abandoned_call_is_not_sent_again_after_an_outage():
    play = patient(retry=Retry(attempts=2))
    call = play.call(READ, timeout=500)
    play.session.abandon(call)
    play.steps()
    play.session.closed()
    play.back()
    assert [frame["action"] for frame in play.frames] == ["login", "get_customer", "login"]
    assert call.error is None


def test_call_of_one_connection_that_waits_for_a_retry_may_have_been_done():
    play = patient(retry=Retry(attempts=2, first_pause=8.0))
    call = play.call(READ, timeout=500, same_connection=True)
    play.refuse(play.step(), "too_many_requests")
    play.session.closed()
    assert isinstance(call.error, ConnectionClosed)
    assert call.error.maybe_sent
    assert call.error.message == "the connection ended"


def test_no_call_is_sent_while_there_is_no_session():
    play = patient(retry=Retry(attempts=3, first_pause=1.0))
    retried = play.call(SEND, timeout=500)
    play.refuse(play.step(), "too_many_requests")
    play.session.closed()
    waiting = play.call(SEND, timeout=500)
    play.session._window.tick(play.now + 100)
    assert requests(play.steps()) == []
    assert not retried.done
    assert not waiting.done


# The queue


def test_queue_counts_what_waits_in_every_lane_and_before_them():
    play = patient()
    calls = [play.call(say(f"C{n}"), timeout=500, lane=n % 2) for n in range(6)]
    queue = FairQueue()
    for call in calls[:4]:
        queue.add(call)
    for call in calls[4:]:
        queue.add_first(call)
    assert queue.size == 6
    assert list(queue) == [*calls[4:], calls[0], calls[2], calls[1], calls[3]]
    calls[5].done = calls[2].done = True
    assert [queue.pop(), queue.size] == [calls[4], 5]
    assert [queue.pop(), queue.size] == [calls[0], 3]
    assert [queue.pop(), queue.size] == [calls[1], 2]
    queue.discard_done()
    assert (queue.size, list(queue)) == (1, [calls[3]])
    assert [queue.pop(), queue.size] == [calls[3], 0]
    assert [queue.pop(), queue.size] == [None, 0]


# Requests that the connection did not take


def test_unsent_requests_are_known_by_their_id():
    play = patient(retry=Retry(attempts=1))
    first, second, third = (play.call(READ, timeout=500, same_connection=True) for _ in range(3))
    before = play.meter.requests
    frames = play.steps()
    play.session.unsent(wire(frames[1]))
    assert play.meter.requests == before - 1
    assert play.meter.reading().by_action["get_customer"] == 2
    assert [call.attempts for call in (first, second, third)] == [1, 0, 1]
    play.session.closed()
    assert [call.error.maybe_sent for call in (first, second, third)] == [True, False, True]


def test_unsent_ping_concerns_no_call():
    play = Play().ready()
    [ping] = play.wait(15, pong=False)
    before = play.meter.requests
    play.session.unsent(wire(ping))
    assert play.meter.requests == before


def test_unsent_request_whose_response_came_after_all_is_over():
    play = patient(retry=Retry(attempts=1))
    call = play.call(READ, timeout=500)
    request = play.step()
    play.response(request, CUSTOMER)
    play.session.unsent(wire(request))
    assert call.attempts == 1
    play.session.closed()
    assert call.response.id == "b7eff798"


def test_unsent_is_forgotten_with_its_connection():
    play = patient(retry=Retry(attempts=1))
    call = play.call(READ, timeout=500)
    play.session.unsent(wire(play.step()))
    play.session.closed()
    play.back()
    assert play.frames[-1]["request_id"] == "4"
    play.session.closed()
    assert call.error.maybe_sent
    assert call.attempts == 1


def test_unsent_call_was_certainly_not_sent_when_the_server_ends_the_session():
    play = patient()
    sent, unsent = play.call(SEND, timeout=500), play.call(SEND, timeout=500)
    play.session.unsent(wire(requests(play.steps())[1]))
    play.dismiss("connection_evicted")
    assert (sent.error.maybe_sent, unsent.error.maybe_sent) == (True, False)


def test_call_that_was_unsent_in_its_second_try_may_have_been_done_in_its_first():
    play = patient(retry=Retry(attempts=3, first_pause=1.0))
    call = play.call(READ, timeout=500)
    play.refuse(play.step(), "too_many_requests")
    [again] = play.wait(1)
    play.session.unsent(wire(again))
    play.dismiss("connection_evicted")
    assert call.attempts == 1
    assert call.error.maybe_sent


# Leaving


def test_session_leaves_when_the_last_response_has_come():
    play = patient(logout=False, close_timeout=60)
    calls = [play.call(SEND, timeout=500) for _ in range(3)]
    sent = play.steps()
    play.session.close()
    for request in sent[:2]:
        play.response(request, {"event_id": "1"})
    assert play.steps() == []
    play.response(sent[2], {"event_id": "1"})
    assert play.steps() == [Cut(at_once=False)]
    assert all(call.response for call in calls)


def test_session_leaves_at_the_end_of_its_time_whatever_is_due():
    play = patient(close_timeout=5)
    call = play.call(SEND, timeout=500)
    play.steps()
    play.session.close()
    [logout] = play.steps()
    assert (logout["action"], logout["payload"]) == ("logout", {})
    assert play.wait(4.99) == []
    play.wait(0.01)
    assert play.cuts() == [Cut(at_once=True)]
    assert play.ended is None
    assert isinstance(call.error, ClientClosed)
    assert call.error.args == ("the session is closed",)


def test_session_with_nothing_due_leaves_at_once():
    play = patient(logout=False)
    play.session.close()
    assert play.steps() == [Cut(at_once=False)]
    play.session.tick()
    assert play.steps() == []


def test_log_out_goes_before_everything_that_waits():
    play = patient()
    waiting = [play.call(SEND, timeout=500) for _ in range(12)]
    sent = play.steps()
    play.session.close()
    assert [call.done for call in waiting[10:]] == [True, True]
    play.response(sent[0], {"event_id": "1"})
    assert play.step()["action"] == "logout"


def test_calls_before_the_log_in_go_out_after_it_up_to_ten():
    play = Play()
    login = play.start()
    for number in range(12):
        play.call(ListChats(), timeout=500, lane=number)
    assert play.steps() == []
    play.response(login, LOGIN)
    assert len(requests(play.steps())) == 10
