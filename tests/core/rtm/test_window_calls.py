"""Calls over one session: the window of ten, fairness, matching, time-outs, further tries."""

import random

import pytest

from frontdesk import Limiter
from frontdesk.actions import GetCustomer, ListAgentsForTransfer, SendEvent, TagThread
from frontdesk.core.retry import Retry
from frontdesk.errors import (
    BudgetExceeded,
    ChatInactive,
    ConnectError,
    ConnectionClosed,
    DecodeError,
    InternalError,
    PendingRequestsLimitReached,
    RequestTimeout,
    TooManyRequests,
    UnknownAPIError,
)
from frontdesk.models import Message

from ._play import Play

SEND = SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi"))
READ = GetCustomer(id="b7eff798")
TAG = TagThread(chat_id="PJ0MRSHTDG", thread_id="K600PKZON8", tag="sales")
CUSTOMER = {"id": "b7eff798", "type": "customer"}


def frames(play: Play, action: str = "send_event"):
    return [step for step in play.steps() if isinstance(step, dict) and step["action"] == action]


# The window


def test_at_most_ten_requests_are_pending():
    play = Play().ready()
    calls = [play.call(SEND) for _ in range(25)]
    sent = frames(play)
    assert len(sent) == 10
    for request in sent[:3]:
        play.response(request, {"event_id": "1"})
    assert len(frames(play)) == 3
    assert sum(call.done for call in calls) == 3


def test_calls_of_one_lane_keep_their_order():
    play = Play().ready()
    for number in range(30):
        play.call(SendEvent(chat_id=f"C{number}", event=Message(text="hi")))
    sent: list[str] = []
    while requests := frames(play):
        for request in requests:
            sent.append(request["payload"]["chat_id"])
            play.response(request, {"event_id": "1"})
    assert sent == [f"C{number}" for number in range(30)]


def test_a_thousand_calls_of_one_lane_delay_another_lane_by_one_call_each():
    play = Play().ready()
    for _ in range(1000):
        play.call(SEND, lane="export")
    sent = frames(play)
    for _ in range(5):
        play.call(READ, lane="user")
    order: list[str] = []
    for request in sent:
        play.response(request, {"event_id": "1"})
        order += [step["action"] for step in play.steps()]
    assert order == ["send_event", "get_customer"] * 5


def test_abandoned_call_that_waits_is_never_sent():
    play = Play().ready()
    calls = [play.call(SEND) for _ in range(11)]
    sent = frames(play)
    play.session.abandon(calls[10])
    play.response(sent[0], {"event_id": "1"})
    assert frames(play) == []


def test_abandoned_call_on_the_wire_keeps_its_place_until_it_gets_a_response():
    play = Play().ready()
    calls = [play.call(SEND) for _ in range(11)]
    sent = frames(play)
    play.session.abandon(calls[0])
    assert frames(play) == []
    play.response(sent[0], {"event_id": "1"})
    assert len(frames(play)) == 1
    assert calls[0].response is None


# Matching


def test_responses_are_matched_by_request_id_in_any_order():
    play = Play().ready()
    calls = [play.call(SEND) for _ in range(3)]
    sent = frames(play)
    for number in (2, 0, 1):
        play.response(sent[number], {"event_id": f"E{number}"})
    assert [call.response.event_id for call in calls] == ["E0", "E1", "E2"]


def test_push_with_the_request_id_of_a_call_is_not_its_response():
    play = Play().ready()
    call = play.call(TAG)
    [request] = frames(play, "tag_thread")
    push = play.receive(
        type="push", action="thread_tagged", request_id=request["request_id"], payload={}
    )
    assert push.action == "thread_tagged"
    assert not call.done
    play.response(request)
    assert call.done
    assert call.error is None


def test_response_that_comes_twice_counts_once(caplog):
    play = Play().ready()
    call = play.call(SEND)
    [request] = frames(play)
    play.response(request, {"event_id": "first"})
    play.response(request, {"event_id": "second"})
    assert call.response.event_id == "first"
    assert "unknown request" in caplog.text


def test_request_ids_are_never_used_twice_not_even_after_a_reconnect():
    play = Play().ready()
    for _ in range(5):
        play.call(SEND, timeout=1000)
    play.session.closed()
    play.back()
    for _ in range(5):
        play.call(SEND, timeout=1000)
    play.steps()
    ids = [frame["request_id"] for frame in play.frames if frame["action"] != "ping"]
    assert len(ids) == len(set(ids))


def test_response_may_be_a_list():
    play = Play().ready()
    call = play.call(ListAgentsForTransfer(chat_id="PJ0MRSHTDG"))
    [request] = frames(play, "list_agents_for_transfer")
    play.response(request, [{"agent_id": "smith@example.com", "active_chats": 2}])
    assert call.response[0].agent_id == "smith@example.com"


# Errors


def test_refusal_becomes_the_error_of_its_type():
    play = Play().ready()
    call = play.call(SEND)
    [request] = frames(play)
    play.refuse(request, "chat_inactive", "Chat is inactive")
    assert isinstance(call.error, ChatInactive)
    assert call.error.action == "send_event"
    assert call.error.request_id == request["request_id"]
    assert "resume_chat" in str(call.error)


def test_error_payload_counts_although_success_is_claimed():
    play = Play().ready()
    call = play.call(SEND)
    [request] = frames(play)
    play.response(request, {"error": {"type": "chat_inactive", "message": "Chat is inactive"}})
    assert isinstance(call.error, ChatInactive)


def test_error_of_a_new_type_is_an_api_error():
    play = Play().ready()
    call = play.call(SEND)
    play.refuse(frames(play)[0], "brand_new", "No idea", {"x": 1})
    assert isinstance(call.error, UnknownAPIError)
    assert (call.error.type, call.error.data) == ("brand_new", {"x": 1})


def test_refusal_without_a_reason_is_an_api_error():
    play = Play().ready()
    call = play.call(SEND)
    play.response(frames(play)[0], {"oops": True}, success=False)
    assert isinstance(call.error, UnknownAPIError)


def test_response_that_is_not_what_the_api_promises_is_a_decode_error():
    play = Play().ready()
    call = play.call(SEND)
    play.response(frames(play)[0], {"event_id": 17})
    assert isinstance(call.error, DecodeError)
    assert "event_id" in call.error.path


def test_response_without_a_payload_is_a_decode_error_where_one_is_due():
    play = Play().ready()
    with_result, without = play.call(SEND), play.call(TAG)
    send, tag = play.steps()
    for request in (send, tag):
        play.receive(type="response", request_id=request["request_id"], action="x", success=True)
    assert isinstance(with_result.error, DecodeError)
    assert without.error is None


# Time-outs


def test_call_that_nobody_responds_to_times_out():
    play = Play().ready()
    call = play.call(SEND, timeout=5)
    play.wait(4.9)
    assert not call.done
    play.wait(0.2)
    assert isinstance(call.error, RequestTimeout)
    assert call.error.maybe_sent
    assert call.error.action == "send_event"


def test_call_that_waits_too_long_for_its_turn_times_out_unsent():
    play = Play().ready()
    for _ in range(10):
        play.call(SEND, timeout=100)
    late = play.call(SEND, timeout=5)
    play.wait(6)
    assert isinstance(late.error, RequestTimeout)
    assert not late.error.maybe_sent


def test_call_made_while_the_connection_is_down_times_out_unsent():
    play = Play().ready()
    play.session.closed()
    call = play.call(SEND, timeout=5)
    play.wait(6)
    assert isinstance(call.error, RequestTimeout)
    assert not call.error.maybe_sent


def test_time_outs_are_kept_to_for_each_call_on_its_own():
    play = Play().ready()
    calls = {seconds: play.call(SEND, timeout=seconds) for seconds in (9, 3, 14, 1, 6)}
    for second in range(1, 15):
        play.wait(1)
        assert {s for s, call in calls.items() if call.done} == {s for s in calls if s <= second}


@pytest.mark.parametrize("given_up", ["timed out", "abandoned"])
def test_request_keeps_its_place_for_15_seconds_after_it_was_sent(given_up):
    play = Play().ready()
    play.wait(4)
    calls = [play.call(SEND, timeout=2 if given_up == "timed out" else 100) for _ in range(10)]
    [first, *_] = frames(play)
    play.wait(3)
    if given_up == "abandoned":
        for call in calls:
            play.session.abandon(call)
    waiting = [play.call(READ, timeout=100) for _ in range(3)]
    assert frames(play, "get_customer") == []
    play.response(first, {"event_id": "late"})
    assert len(frames(play, "get_customer")) == 1
    assert [s for s in play.wait(11.9) if isinstance(s, dict) and s["action"] != "ping"] == []
    sent = [s["action"] for s in play.wait(0.2) if isinstance(s, dict)]
    assert sent == ["get_customer"] * 2
    assert not any(call.done for call in waiting)


def test_place_is_free_again_though_the_call_still_waits_for_its_response():
    play = Play().ready()
    calls = [play.call(SEND, timeout=20) for _ in range(10)]
    sent = frames(play)
    play.wait(15)
    play.call(READ, timeout=20)
    assert len(frames(play, "get_customer")) == 1
    play.response(sent[0], {"event_id": "late, but in time"})
    assert calls[0].response.event_id == "late, but in time"


def test_ping_without_a_response_takes_a_place():
    play = Play(ping_interval=15, ping_timeout=100).ready()
    play.wait(15, pong=False)
    calls = [play.call(SEND, timeout=100) for _ in range(10)]
    assert len(frames(play)) == 9
    play.receive(request_id="ping", action="ping", type="response", success=True)
    assert len(frames(play)) == 1
    assert not any(call.done for call in calls)


def test_response_to_a_ping_need_not_name_it():
    play = Play(ping_timeout=100).ready()
    play.wait(15, pong=False)
    for _ in range(10):
        play.call(SEND, timeout=100)
    assert len(frames(play)) == 9
    play.receive(action="ping", type="response", success=True)
    assert len(frames(play)) == 1


def test_there_is_one_ping_at_a_time():
    """A WebSocket ping instead would be responded by a server whose API is stuck."""
    play = Play(ping_interval=3, ping_timeout=100).ready()
    assert [step["action"] for step in play.wait(17, pong=False)] == ["ping"]
    assert [step["action"] for step in play.wait(2, pong=False)] == ["ping"]


def test_places_of_a_lost_connection_are_free():
    play = Play(retry=Retry(attempts=1)).ready()
    for _ in range(10):
        play.call(SEND, timeout=100)
    play.session.closed()
    for _ in range(10):
        play.call(READ, timeout=100)
    play.steps()
    play.back()
    assert [frame["action"] for frame in play.frames[-10:]] == ["get_customer"] * 10


def test_never_more_than_ten_places_are_taken_whatever_happens():
    rng = random.Random(3)
    play = Play(ping_interval=7, ping_timeout=1000).ready()
    places: dict[str, float] = {}
    most = 0
    for _ in range(3000):
        if rng.random() < 0.6:
            call = play.call(SEND, timeout=rng.uniform(1, 40))
            if rng.random() < 0.2:
                play.session.abandon(call)
        play.steps()
        if rng.random() < 0.5:
            play.wait(rng.expovariate(1.0), pong=False)
        for frame, sent in zip(play.frames, play.times, strict=True):
            places[frame["request_id"]] = sent
            held = [name for name, since in places.items() if since > sent - 15]
            most = max(most, len(held))
        play.frames.clear()
        play.times.clear()
        if places and rng.random() < 0.5:
            request_id = rng.choice(sorted(places))
            del places[request_id]
            action = "ping" if request_id == "ping" else "send_event"
            play.response({"request_id": request_id, "action": action}, {"event_id": "1"})
    assert most == 10


# Further tries


def test_call_that_was_not_done_is_sent_again_after_a_pause():
    play = Play(retry=Retry(attempts=3, first_pause=1.0)).ready()
    call = play.call(SEND)
    play.refuse(frames(play)[0], "too_many_requests")
    assert frames(play) == []
    [again] = [s for s in play.wait(1.01) if isinstance(s, dict)]
    assert again["payload"]["chat_id"] == "PJ0MRSHTDG"
    play.response(again, {"event_id": "1"})
    assert call.response.event_id == "1"
    assert call.attempts == 2
    assert play.meter.reading().by_action["send_event"] == 2


def test_further_tries_end_with_the_last_error():
    play = Play(retry=Retry(attempts=3, first_pause=1.0)).ready()
    call = play.call(SEND)
    for _ in range(3):
        [request] = [s for s in play.steps() + play.wait(3) if isinstance(s, dict)]
        play.refuse(request, "too_many_requests")
    assert isinstance(call.error, TooManyRequests)
    assert call.error.attempts == 3


def test_call_that_may_have_been_done_is_sent_again_only_if_a_repeat_does_no_harm():
    play = Play(retry=Retry(attempts=2, first_pause=1.0)).ready()
    send, read = play.call(SEND), play.call(READ)
    for request in play.steps():
        play.refuse(request, "internal")
    assert isinstance(send.error, InternalError)
    assert not read.done
    [again] = [s for s in play.wait(2) if isinstance(s, dict)]
    play.response(again, CUSTOMER)
    assert read.response.id == "b7eff798"


def test_request_refused_because_too_many_are_pending_is_sent_again():
    play = Play(retry=Retry(attempts=2, first_pause=1.0)).ready()
    call = play.call(SEND)
    play.refuse(frames(play)[0], "pending_requests_limit_reached")
    [again] = [s for s in play.wait(2) if isinstance(s, dict)]
    play.refuse(again, "pending_requests_limit_reached")
    assert isinstance(call.error, PendingRequestsLimitReached)


def test_no_further_try_beyond_the_deadline():
    play = Play(retry=Retry(attempts=9, first_pause=10.0, longest_pause=10.0)).ready()
    call = play.call(SEND, timeout=4)
    play.refuse(frames(play)[0], "too_many_requests")
    assert isinstance(call.error, TooManyRequests)


def test_lost_call_is_sent_again_over_the_new_connection_if_a_repeat_does_no_harm():
    play = Play(retry=Retry(attempts=2)).ready()
    send, read = play.call(SEND, timeout=1000), play.call(READ, timeout=1000)
    play.steps()
    play.session.closed()
    assert isinstance(send.error, ConnectionClosed)
    assert send.error.maybe_sent
    assert not read.done
    play.back()
    again = play.frames[-1]
    play.response(again, CUSTOMER)
    assert read.response.id == "b7eff798"


def test_lost_calls_are_not_sent_again_for_ever():
    play = Play(retry=Retry(attempts=2)).ready()
    read = play.call(READ, timeout=1000)
    play.session.closed()
    play.back()
    play.session.closed()
    assert isinstance(read.error, ConnectionClosed)
    assert read.error.attempts == 2


def test_calls_that_wait_through_an_outage_are_kept():
    play = Play().ready()
    calls = [play.call(SEND, timeout=500) for _ in range(12)]
    play.session.closed()
    assert [call.done for call in calls] == [True] * 10 + [False] * 2
    calls.append(play.call(SEND, timeout=500))
    for _ in range(3):
        play.wait(60)
        play.session.open_failed(ConnectError("no"))
    assert [call.done for call in calls[10:]] == [False] * 3
    play.steps()
    play.back()
    for request in play.frames[-3:]:
        play.response(request, {"event_id": "1"})
    assert [call.response.event_id for call in calls[10:]] == ["1"] * 3


def test_call_whose_pause_falls_into_an_outage_is_kept():
    play = Play(retry=Retry(attempts=2, first_pause=1.0)).ready()
    call = play.call(SEND, timeout=500)
    play.refuse(frames(play)[0], "too_many_requests")
    play.session.closed()
    play.back()
    [again] = [frame for frame in play.frames if frame["action"] == "send_event"][1:]
    play.response(again, {"event_id": "1"})
    assert call.response.event_id == "1"


def test_call_for_one_connection_is_not_sent_again():
    play = Play(retry=Retry(attempts=2)).ready()
    on_wire = [play.call(READ, same_connection=True) for _ in range(11)]
    play.session.closed()
    assert all(isinstance(call.error, ConnectionClosed) for call in on_wire)


def test_budget_is_kept_to():
    play = Play(budget=3).ready()
    calls = [play.call(SEND) for _ in range(4)]
    assert len(frames(play)) == 2
    assert [isinstance(call.error, BudgetExceeded) for call in calls] == [False, False, True, True]


def test_a_spent_budget_names_the_failure_that_was_to_be_retried():
    play = Play(budget=2, retry=Retry(attempts=3, first_pause=1.0)).ready()
    call = play.call(SEND)
    play.refuse(frames(play)[0], "too_many_requests")
    play.wait(5)
    assert isinstance(call.error, BudgetExceeded)
    assert isinstance(call.error.failure, TooManyRequests)
    assert call.error.__cause__ is call.error.failure
    assert "too_many_requests" in str(call.error)


def test_a_refusal_for_the_rate_teaches_the_limiter():
    play = Play(retry=Retry(attempts=2, first_pause=0.1)).ready()
    limiter = Limiter(min_rate=0.25)
    call = play.call(SEND, limiter=limiter, paced=True, timeout=60)
    play.refuse(frames(play)[0], "too_many_requests")
    assert limiter.active
    assert play.meter.reading().throttled == 1
    # The retry waits for its turn as well: longer than the pause of the policy.
    assert not [step for step in play.wait(0.2) if isinstance(step, dict)]
    [again] = [step for step in play.wait(2) if isinstance(step, dict)]
    rate = limiter.rate
    play.response(again, {"event_id": "1"})
    assert call.response.event_id == "1"
    assert limiter.rate > rate


@pytest.mark.parametrize("paced", [False, True])
def test_calls_that_went_well_set_no_limit(paced: bool):
    play = Play().ready()
    limiter = Limiter()
    for _ in range(3):
        play.call(SEND, limiter=limiter, paced=paced)
    for request in frames(play):
        play.response(request, {"event_id": "1"})
    assert not limiter.active
    assert play.meter.reading().throttled == 0


@pytest.mark.parametrize("ending", ["closed", "dismissed", "silent", "close"])
def test_no_call_hangs_however_the_session_ends(ending):
    play = Play(reconnect=False).ready()
    calls = [play.call(SEND, timeout=500) for _ in range(15)]
    match ending:
        case "closed":
            play.session.closed()
        case "dismissed":
            play.dismiss("connection_evicted")
        case "silent":
            play.wait(40, pong=False)
        case "close":
            play.session.close()
            play.wait(10)
    assert all(call.done and call.error for call in calls)
