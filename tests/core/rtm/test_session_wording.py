"""What a session says in its errors and its log, word for word, and when."""

import json
import logging
import random
from typing import Any

import pytest

from frontdesk.actions import GetCustomer, SendEvent
from frontdesk.auth import BearerToken
from frontdesk.codec.damage import Damage, DamageReports
from frontdesk.core.retry import Meter, Retry
from frontdesk.core.rtm.session import Session, State
from frontdesk.core.rtm.settings import AskToken, Lost, Open, Ready, SessionContext, SessionSettings
from frontdesk.errors import (
    AuthenticationError,
    ClientClosed,
    ConnectError,
    ConnectionClosed,
    DecodeError,
    FrontdeskError,
    RequestTimeout,
)
from frontdesk.models import Message

from ._play import LOGIN, TOKEN, Play

SEND = SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi"))
READ = GetCustomer(id="b7eff798")
SECOND = BearerToken("dal:second")


def said(caplog: Any) -> list[tuple[str, str]]:
    """The lines of the log: the level and the text."""
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def refusal_of(play: Play) -> FrontdeskError:
    with pytest.raises(FrontdeskError) as caught:
        play.call(SEND)
    return caught.value


# Calls that are not taken


def test_call_before_the_start():
    error = refusal_of(Play())
    assert isinstance(error, ClientClosed)
    assert str(error) == "the session is not connected; use it in a `with` block"


def test_call_after_the_close():
    play = Play().ready()
    play.session.close()
    leaving = refusal_of(play)
    play.session.closed()
    for error in (leaving, refusal_of(play)):
        assert isinstance(error, ClientClosed)
        assert str(error) == "the session is closed"


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (ConnectError("the host refuses"), "the host refuses"),
        (LookupError("s3cret"), "LookupError"),
    ],
)
def test_call_after_the_end_names_its_cause(cause: Exception, reason: str):
    """The text of a foreign error may hold anything, such as a token."""
    play = Play()
    play.session.start()
    play.session.token_failed(cause)
    error = refusal_of(play)
    assert isinstance(error, ConnectionClosed)
    assert str(error) == f"the session has ended: {reason}"
    assert error.__cause__ is cause
    assert not error.maybe_sent


def test_call_that_waited_when_the_session_was_closed():
    play = Play().ready()
    calls = [play.call(SEND, timeout=500) for _ in range(11)]
    play.session.close()
    assert isinstance(calls[10].error, ClientClosed)
    assert str(calls[10].error) == "the session was closed before the call was sent"
    assert not calls[0].done


def test_calls_on_the_wire_when_the_session_ends_may_have_been_done():
    play = Play().ready()
    sent, waiting = [play.call(SEND, timeout=500) for _ in range(10)], play.call(SEND, timeout=500)
    play.dismiss("connection_evicted")
    assert all(call.error.maybe_sent for call in sent)
    assert not waiting.error.maybe_sent
    assert str(sent[0].error) == (
        "send_event: the session has ended: the server ended the session: connection_evicted"
    )
    assert (sent[0].error.attempts, waiting.error.attempts) == (1, 0)


def test_call_that_was_tried_before_the_end_may_have_been_done():
    play = Play(retry=Retry(attempts=3, first_pause=8.0)).ready()
    call = play.call(READ, timeout=500)
    play.refuse(play.step(), "too_many_requests")
    play.dismiss("connection_evicted")
    assert call.error.maybe_sent


# Time-outs


@pytest.mark.parametrize(("timeout", "text"), [(5.0, "5"), (2.5, "2.5")])
def test_time_out_on_the_wire_and_before_it(timeout: float, text: str):
    play = Play().ready()
    sent = play.call(SEND, timeout=timeout)
    for _ in range(9):
        play.call(SEND, timeout=500)
    waiting = play.call(SEND, timeout=timeout)
    play.wait(timeout)
    assert str(sent.error) == (
        f"send_event: no response within {text} s; the work may have been done"
    )
    assert str(waiting.error) == f"send_event: could not be sent within {text} s"
    assert (sent.error.maybe_sent, waiting.error.maybe_sent) == (True, False)


def test_time_out_between_two_tries_says_how_many_there_were():
    play = Play(retry=Retry(attempts=3, first_pause=8.0, longest_pause=8.0)).ready()
    call = play.call(SEND, timeout=10)
    play.refuse(play.step(), "too_many_requests")
    for _ in range(10):
        play.call(SEND, timeout=500)
    play.wait(10)
    assert isinstance(call.error, RequestTimeout)
    assert str(call.error) == "send_event: could not be sent within 10 s"
    assert call.error.maybe_sent
    assert call.error.attempts == 1


def test_time_out_of_the_token_function():
    play = Play(token_timeout=2.5)
    play.session.start()
    play.wait(2.5)
    assert str(play.ended) == "the token function returned nothing within 2.5 s"


# Lost connections


@pytest.mark.parametrize(
    ("why", "text"), [("", "the connection ended"), ("reset", "the connection ended (reset)")]
)
def test_connection_that_ends(why: str, text: str):
    play = Play().ready()
    play.session.closed(why)
    error = play.step(Lost).error
    assert isinstance(error, ConnectionClosed)
    assert str(error) == text


def test_connection_that_is_silent():
    play = Play(ping_interval=15, ping_timeout=2.5).ready()
    play.wait(17.5, pong=False)
    [lost] = [step for step in play.seen if isinstance(step, Lost)]
    assert str(lost.error) == "no sign of life within 2.5 s of a ping"


@pytest.mark.parametrize("payload", [{}, {"reason": 17}, None])
def test_dismissal_without_a_reason_is_a_fault_that_passes(payload: Any):
    play = Play().ready()
    play.receive(action="agent_disconnected", type="push", payload=payload)
    lost = play.step(Lost)
    assert lost.error.region is None
    assert play.back().again


def test_calls_of_a_lost_connection_say_whether_they_were_sent():
    play = Play().ready()
    sent, unsent = play.call(READ, timeout=500), play.call(READ, timeout=500, same_connection=True)
    frames = play.steps()
    play.session.unsent(json.dumps(frames[1], separators=(",", ":")).encode())
    play.session.closed()
    assert sent.error.message == (
        "the connection ended before the response came; the work may have been done"
    )
    assert unsent.error.message == "the connection ended before the response came"
    assert (sent.error.maybe_sent, unsent.error.maybe_sent) == (True, False)
    assert (sent.error.attempts, unsent.error.attempts) == (1, 0)
    assert (sent.error.action, unsent.error.action) == ("get_customer", "get_customer")


# Responses


def test_refusal_without_a_reason():
    play = Play().ready()
    call = play.call(SEND)
    request = play.step()
    play.response(request, {"oops": True}, success=False)
    assert call.error.message == "the server gave no reason that frontdesk understands"


def test_response_that_breaks_the_promise():
    play = Play().ready()
    call = play.call(SEND)
    play.response(play.step(), {"event_id": 17})
    assert isinstance(call.error, DecodeError)
    assert call.error.message.startswith("send_event: not what the API promises: ")
    assert call.error.path == "$.event_id"
    assert call.error.excerpt == '{"event_id": 17}'
    assert call.error.__cause__ is None
    assert call.error.__suppress_context__


def test_size_of_a_response_is_that_of_its_payload():
    play = Play().ready()
    call = play.call(SEND)
    assert (call.size, call.number) == (0, 2)
    play.response(play.step(), {"event_id": "1"})
    assert call.size == len('{"event_id": "1"}')


# The log


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        ({"type": "greeting"}, "ignored a frame of type 'greeting'"),
        ({}, "ignored a frame of type ''"),
        ({"type": "response", "action": "x", "request_id": "9"},
         "ignored a response to an unknown request ('x')"),
        ({"type": "response"}, "ignored a response to an unknown request ('')"),
    ],
)  # fmt: skip
def test_frames_that_are_ignored(frame: dict[str, Any], line: str, caplog):
    play = Play().ready()
    play.receive(**frame)
    assert said(caplog) == [("WARNING", line)]


@pytest.mark.parametrize("frame", [{"type": "x" * 99}, {"type": "response", "action": "x" * 99}])
def test_log_shows_forty_characters_of_what_it_ignores(frame: dict[str, Any], caplog):
    play = Play().ready()
    play.receive(**frame)
    [(_, line)] = said(caplog)
    assert "x" * 39 + "…" in line
    assert "x" * 40 not in line


def test_ping_that_nobody_waits_for_is_no_surprise(caplog):
    play = Play().ready()
    play.receive(type="response", action="ping", success=True)
    assert said(caplog) == []


@pytest.mark.parametrize("state", ["ready", "pause"])
def test_token_that_could_not_be_had(state: str, caplog):
    play = Play(renew_before=60).ready(ends_in=600)
    play.wait(541)
    if state == "pause":
        play.session.closed()
    play.steps()
    play.session.token_failed(LookupError("s3cret"))
    assert said(caplog) == [("WARNING", "no new token for the session yet: LookupError")]
    assert play.session._tokens.renew_at == play.now + 10


def test_token_that_the_server_did_not_take(caplog):
    play = Play().ready(ends_in=600)
    play.session.token_given(SECOND)
    play.refuse(play.step(), "internal", "Try later")
    [(level, line)] = said(caplog)
    assert level == "WARNING"
    assert line.startswith("the server did not take the new token: update_session: internal: Try")


# What a session is made with


def test_session_writes_to_the_log_of_rtm_by_default(caplog):
    session = Session(
        SessionSettings(),
        SessionContext(clock=lambda: 0.0, rng=random.Random(1), retry=Retry(), meter=Meter()),
    )
    assert (session.state, session.region, list(session.steps)) == (State.IDLE, None, [])
    assert session.wakeup == float("inf")
    session.start()
    session.token_given(TOKEN)
    session.opened()
    login = session.steps[-1]
    assert isinstance(login, bytes)
    assert b"reconnect" not in login
    session.receive(b"[]")
    [record] = caplog.records
    assert (record.name, record.levelno) == ("frontdesk.rtm", logging.WARNING)
    assert record.getMessage().startswith("ignored a frame: not an RTM frame: ")


def test_damage_in_the_session_s_own_responses_is_reported_where_the_client_says():
    seen: list[Damage] = []
    play = Play(reports=DamageReports(on_damage=seen.append))
    play.response(play.start(), {**LOGIN, "license": {"id": 7, "organization_id": "org-1"}})
    assert [(one.source, one.path) for one in seen] == [("login", "$.license.id")]


def test_damage_in_the_session_s_own_responses_is_logged_by_default(caplog):
    play = Play()
    play.response(play.start(), {**LOGIN, "license": {"id": 7, "organization_id": "org-1"}})
    [record] = caplog.records
    assert record.name == "frontdesk.rtm"
    assert record.getMessage().startswith("login: `$.license.id` is not what the API promises")


def test_session_that_follows_another_says_so_to_the_server_and_to_its_user():
    play = Play(again=True)
    login = play.start()
    assert login["payload"]["reconnect"] is True
    play.response(login, LOGIN)
    assert play.step(Ready).again


def test_first_session_does_not_say_that_it_reconnects():
    play = Play()
    login = play.start()
    assert login["payload"] == {"token": "Bearer dal:first"}
    assert (login["request_id"], login["action"]) == ("1", "login")


def test_region_of_the_session_goes_before_that_of_the_token():
    play = Play(region="fra")
    play.session.start()
    play.session.token_given(TOKEN)
    assert play.steps() == [AskToken(), Open("fra")]
    play.session.opened()
    play.response(play.step(), LOGIN)
    play.steps()
    play.session.closed()
    assert play.steps()[-1].retry_in <= 1
    assert play.wait(1) == [Open("fra")]


def test_names_of_the_states():
    assert [state.value for state in State] == [
        "idle",
        "waiting for a token",
        "connecting",
        "logging in",
        "ready",
        "waiting to reconnect",
        "logging out",
        "closed",
    ]


def test_refused_token_that_comes_again_ends_the_session_with_the_refusal():
    play = Play()
    play.refuse(play.start(), "authentication", "Invalid access token")
    play.steps()
    play.session.token_given(TOKEN)
    assert isinstance(play.ended, AuthenticationError)
    assert play.ended.message == "Invalid access token"
