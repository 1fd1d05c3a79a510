"""Defaults, messages and corner cases of a session, each of which somebody relies on."""

import logging
from typing import Any

import pytest

from frontdesk.actions import GetCustomer, SendEvent
from frontdesk.auth import BearerToken
from frontdesk.core.retry import Retry
from frontdesk.core.rtm.notices import ConnectionLost, PushesLost, Reconnected
from frontdesk.core.rtm.session import State
from frontdesk.core.rtm.settings import (
    AskToken,
    Backoff,
    Cut,
    Ended,
    LoginOptions,
    Lost,
    Open,
    SessionSettings,
)
from frontdesk.errors import (
    ClientClosed,
    ConnectionClosed,
    RequestTimeout,
    UnknownAPIError,
)
from frontdesk.models import Message
from frontdesk.pushes import ChatDeleted

from ._play import LOGIN, TOKEN, Play

SEND = SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi"))
READ = GetCustomer(id="b7eff798")


def sent(steps: list[Any]) -> list[str]:
    return [step["action"] for step in steps if isinstance(step, dict)]


def test_defaults_of_the_notices():
    assert PushesLost() == PushesLost(overflow=0, interruption=False)
    assert Reconnected(seconds=1.0) == Reconnected(
        seconds=1.0, recovered=0, requests=0, complete=True
    )
    assert PushesLost(overflow=1) + PushesLost(overflow=2, interruption=True) == PushesLost(
        overflow=3, interruption=True
    )


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Backoff, (1.0,)),
        (LoginOptions, ("Europe/Warsaw",)),
        (SessionSettings, (1.0,)),
        (PushesLost, (1,)),
        (ConnectionLost, (ConnectionClosed("x"), 1.0)),
        (Reconnected, (1.0,)),
    ],
)
def test_options_and_notices_take_names_only(kind: Any, values: tuple[Any, ...]):
    with pytest.raises(TypeError):
        kind(*values)


@pytest.mark.parametrize(
    "step",
    [
        AskToken(), Open("dal"), Cut(True), Lost(ValueError(), 1.0), Ended(None), PushesLost(),
        Reconnected(seconds=1.0), Backoff(), LoginOptions(), SessionSettings(),
    ],
)  # fmt: skip
def test_steps_notices_and_settings_do_not_change(step: Any):
    name = step.__struct_fields__[0]
    with pytest.raises(AttributeError):
        setattr(step, name, None)


def test_calls_made_before_the_log_in_wait_for_it():
    play = Play()
    login = play.start()
    call = play.call(READ, timeout=50)
    assert play.steps() == []
    play.response(login, LOGIN)
    assert sent(play.steps()) == ["get_customer"]
    assert not call.done


@pytest.mark.parametrize("state", [State.OPENING, State.LOGIN])
def test_close_while_connecting_cuts_at_once(state: State):
    play = Play()
    play.session.start()
    play.session.token_given(TOKEN)
    if state is State.LOGIN:
        play.session.opened()
    play.steps()
    assert play.session.state is state
    play.session.close()
    assert play.steps() == [Cut(at_once=True), Ended(None)]


def test_token_function_that_returns_nothing_at_first_is_not_tried_again():
    play = Play(token_timeout=1, retry=Retry(attempts=3))
    play.session.start()
    play.steps()
    play.wait(1.1)
    assert isinstance(play.ended, RequestTimeout)
    assert not play.ended.maybe_sent


def test_giving_up_ends_everything_once():
    play = Play().ready()
    call = play.call(SEND)
    play.steps()
    for _ in range(2):
        play.session.give_up()
    assert play.ended is None
    assert isinstance(call.error, ClientClosed)
    with pytest.raises(ClientClosed):
        play.call(READ)


def test_call_refused_after_the_end_was_certainly_not_sent():
    play = Play().ready()
    play.dismiss("connection_evicted")
    with pytest.raises(ConnectionClosed, match="the session has ended: ") as caught:
        play.call(SEND)
    assert caught.value.maybe_sent is False
    assert caught.value.__cause__ is play.ended


def test_calls_of_one_connection_say_whether_they_were_sent():
    play = Play().ready()
    calls = [play.call(SEND, timeout=500, same_connection=True) for _ in range(11)]
    play.session.closed()
    assert [call.error.maybe_sent for call in calls] == [True] * 10 + [False]
    assert calls[0].error.message == (
        "the connection ended before the response came; the work may have been done"
    )
    assert calls[10].error.message == "the connection ended"


def test_retries_that_are_due_at_one_time_keep_their_order():
    play = Play(retry=Retry(attempts=2, first_pause=0, longest_pause=0)).ready()
    for number in range(5):
        play.call(SendEvent(chat_id=f"C{number}", event=Message(text="hi")), timeout=100)
    for request in play.steps():
        play.refuse(request, "too_many_requests")
    again = [step for step in play.wait(0.1) if isinstance(step, dict)]
    assert [step["payload"]["chat_id"] for step in again] == [f"C{n}" for n in range(5)]


def test_call_that_waits_for_its_retry_can_be_abandoned():
    play = Play(retry=Retry(attempts=2, first_pause=8.0)).ready()
    call, other = play.call(SEND, timeout=100), play.call(READ, timeout=1)
    play.refuse(play.steps()[0], "too_many_requests")
    play.session.abandon(call)
    play.wait(3)
    assert isinstance(other.error, RequestTimeout)
    assert sent(play.wait(10)) == []


def test_late_response_to_a_call_that_was_given_up_is_no_surprise(caplog):
    play = Play().ready()
    play.call(SEND, timeout=2)
    abandoned = play.call(READ, timeout=100)
    requests = play.steps()
    play.session.abandon(abandoned)
    play.wait(3)
    for request in requests:
        play.response(request, {"event_id": "1"})
    assert caplog.records == []


def test_response_to_a_call_that_was_forgotten_is_reported(caplog):
    play = Play().ready()
    play.call(SEND, timeout=2)
    [request] = play.steps()
    play.wait(40)
    play.response(request, {"event_id": "1"})
    assert [record.getMessage() for record in caplog.records] == [
        "ignored a response to an unknown request ('send_event')"
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"type": "greeting"}', "ignored a frame of type 'greeting'"),
        (b"[]", "ignored a frame: not an RTM frame: Expected `object`, got `array`"),
    ],
)
def test_odd_frames_are_named_in_the_log(data: bytes, message: str, caplog):
    play = Play().ready()
    with caplog.at_level(logging.WARNING):
        play.session.receive(data)
    assert [record.getMessage() for record in caplog.records] == [message]


def test_token_that_was_not_taken_is_reported_with_the_reason(caplog):
    play = Play().ready(ends_in=70)
    play.session.token_given(BearerToken("dal:second"))
    play.refuse(play.step(), "internal", "try later")
    [record] = caplog.records
    assert record.getMessage().startswith("the server did not take the new token: update_session: ")
    assert "internal" in record.getMessage()


def test_refusal_without_a_reason_says_so():
    play = Play().ready()
    call = play.call(SEND)
    play.response(play.steps()[0], {"oops": True}, success=False)
    assert isinstance(call.error, UnknownAPIError)
    assert call.error.type == "unknown"
    assert call.error.attempts == 1
    assert call.error.action == "send_event"


def test_response_that_breaks_the_promise_shows_where():
    play = Play().ready()
    call = play.call(SEND)
    play.response(play.steps()[0], {"event_id": 17})
    assert call.error.message.startswith("send_event: ")
    assert call.error.path == "$.event_id"
    assert "17" in call.error.excerpt


def test_calls_and_pushes_do_not_show_what_they_carry():
    play = Play().ready()
    call = play.call(SEND)
    assert repr(call) == "<RTMCall send_event, 1 attempts>"
    assert call.same_connection is False
    assert "PJ0MRSHTDG" not in repr(call)


def test_pushes_are_counted_whether_anybody_takes_them_or_not():
    from frontdesk.core.rtm.frames import decode_frame
    from frontdesk.core.rtm.subscriptions import Hub

    hub = Hub(logging.getLogger("frontdesk.rtm"))
    frame = decode_frame(b'{"type":"push","action":"chat_deleted","payload":{"chat_id":"A"}}')
    hub.publish(frame)
    box = hub.subscribe((ChatDeleted,), 10, lambda: None)
    hub.publish(frame)
    hub.publish(frame)
    assert hub.counters.pushes == 3
    assert hub.counters.snapshot().pushes == 3
    assert box.take() == box.take() == ChatDeleted(chat_id="A")


@pytest.mark.parametrize("reason", ["access_token_expired", "misdirected_connection"])
def test_new_token_or_region_is_tried_without_a_pause(reason: str):
    play = Play().ready()
    play.wait(10)
    play.dismiss(reason, region="fra")
    assert play.step(Lost).retry_in == 0.0


def test_call_that_was_sent_once_may_have_been_done_however_it_ends():
    play = Play(retry=Retry(attempts=2, first_pause=8.0)).ready()
    first, second = play.call(READ, timeout=10), play.call(READ, timeout=100)
    for request in play.steps():
        play.refuse(request, "too_many_requests")
    for _ in range(10):
        play.call(SEND, timeout=500)
    play.session.closed()
    play.steps()
    play.wait(10.5)
    assert isinstance(first.error, RequestTimeout)
    assert first.error.maybe_sent
    play.session.give_up()
    assert second.error is not None


def test_token_that_is_refused_and_comes_again_says_so():
    play = Play().ready()
    play.dismiss("access_token_expired")
    play.steps()
    play.session.token_given(TOKEN)
    assert "access_token_expired" in str(play.ended)
