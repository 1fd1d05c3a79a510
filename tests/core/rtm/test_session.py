"""How a session connects, logs in, stays alive and leaves; no socket, no sleeping."""

import logging

import pytest

from frontdesk.actions import GetCustomer, ListChats, Logout, SendEvent, SetAwayStatus
from frontdesk.actions import UpdateSession as UpdateSessionAction
from frontdesk.auth import BearerToken
from frontdesk.core.retry import Retry
from frontdesk.core.rtm.session import State
from frontdesk.core.rtm.settings import (
    AskToken,
    Cut,
    LoginOptions,
    Lost,
    Open,
    Ping,
    Ready,
)
from frontdesk.errors import (
    AuthenticationError,
    BudgetExceeded,
    ClientClosed,
    ConnectError,
    DecodeError,
    MisdirectedRequest,
    RequesterSuspended,
    RequestTimeout,
    ServiceUnavailable,
)
from frontdesk.models import Application, Message

from ._play import LOGIN, TOKEN, Play

SEND = SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi"))
READ = GetCustomer(id="b7eff798")
SECOND = BearerToken("dal:second")


def test_logs_in_with_the_scheme_of_the_token_and_the_options_given():
    options = LoginOptions(
        timezone="Europe/Warsaw",
        application=Application(name="tail", version="1"),
        away=True,
        customer_monitoring_level="chatting",
        pushes={"3.6": ["incoming_event"]},
    )
    login = Play(login=options).start()
    assert login["payload"] == {
        "token": "Bearer dal:first",
        "timezone": "Europe/Warsaw",
        "application": {"name": "tail", "version": "1"},
        "away": True,
        "customer_monitoring_level": "chatting",
        "pushes": {"3.6": ["incoming_event"]},
    }


def test_is_ready_once_the_login_gets_a_response_and_not_before():
    play = Play()
    login = play.start()
    assert play.session.state is State.LOGIN
    play.response(login, LOGIN)
    ready = play.step(Ready)
    assert play.session.state is State.READY
    assert ready.login.my_profile.id == "smith@example.com"
    assert not ready.again


def test_region_of_the_token_goes_with_the_connection():
    play = Play()
    play.session.start()
    play.session.token_given(BearerToken("fra:abc"))
    assert play.steps()[-1] == Open("fra")


def test_login_that_nobody_responds_to_ends_in_a_time_out_within_30_seconds():
    play = Play(timeout=500.0)
    play.start()
    play.wait(29.9)
    assert play.session.state is State.LOGIN
    play.wait(0.2)
    assert isinstance(play.ended, RequestTimeout)
    assert play.cuts() == [Cut(at_once=True)]


def test_refused_login_ends_the_session_with_the_servers_error():
    play = Play()
    play.refuse(play.start(), "requester_suspended", "Requester suspended")
    assert isinstance(play.ended, RequesterSuspended)
    assert play.session.state is State.CLOSED
    assert play.cuts() == [Cut(at_once=True)]


def test_login_response_that_is_not_one_ends_the_session():
    play = Play()
    play.response(play.start(), {"license": 1})
    assert isinstance(play.ended, DecodeError)


def test_refused_token_is_asked_for_again_once():
    play = Play()
    play.refuse(play.start(), "authentication")
    assert AskToken(TOKEN) in play.steps()
    login = play.give(SECOND)
    assert login["payload"]["token"] == "Bearer dal:second"
    play.refuse(login, "authentication", "Invalid access token")
    assert isinstance(play.ended, AuthenticationError)


def test_refused_token_that_comes_again_ends_the_session():
    play = Play()
    play.refuse(play.start(), "authentication", "Invalid access token")
    play.steps()
    play.session.token_given(BearerToken("dal:first"))
    assert isinstance(play.ended, AuthenticationError)


def test_token_getter_that_fails_ends_the_first_connection():
    play = Play()
    play.session.start()
    play.steps()
    error = LookupError("no token")
    play.session.token_failed(error)
    assert play.ended is error


def test_token_getter_that_fails_later_is_asked_again():
    play = Play().ready(ends_in=None)
    play.dismiss("access_token_expired")
    assert AskToken(TOKEN) in play.steps()
    play.session.token_failed(LookupError("the token server is down"))
    assert any(isinstance(step, Lost) for step in play.steps())
    assert any(isinstance(step, AskToken) for step in play.wait(10))


def test_first_connection_is_tried_as_often_as_the_retry_policy_says():
    play = Play(retry=Retry(attempts=3))
    play.session.start()
    play.session.token_given(TOKEN)
    for _ in range(2):
        play.session.open_failed(ConnectError("refused"))
        assert play.session.state is State.PAUSE
        assert Open("dal") in play.wait(10)
    play.session.open_failed(ConnectError("refused"))
    assert isinstance(play.ended, ConnectError)


def test_first_connection_gives_up_at_once_without_retries():
    play = Play()
    play.session.start()
    play.session.token_given(TOKEN)
    play.session.open_failed(ConnectError("refused"))
    assert isinstance(play.ended, ConnectError)


def test_login_is_tried_again_when_the_service_is_unavailable():
    play = Play(retry=Retry(attempts=2))
    play.refuse(play.start(), "service_unavailable")
    assert Open("dal") in play.wait(10)
    play.session.opened()
    play.response(play.step(), LOGIN)
    assert play.session.state is State.READY


def test_login_in_the_wrong_region_hops_once():
    play = Play()
    play.refuse(play.start(), "misdirected_request", "Wrong region", {"region": "fra"})
    assert Open("fra") in play.steps()
    play.session.opened()
    play.refuse(play.step(), "misdirected_request", "Wrong region", {"region": "dal"})
    assert isinstance(play.ended, MisdirectedRequest)


def test_budget_that_does_not_cover_the_login_ends_the_session():
    play = Play(budget=0)
    play.session.start()
    play.session.token_given(TOKEN)
    play.session.opened()
    assert isinstance(play.ended, BudgetExceeded)
    assert play.frames == []


def test_pings_by_message_every_15_seconds():
    play = Play().ready()
    for _ in range(4):
        assert play.wait(14.9) == []
        [ping] = play.wait(0.1)
        assert ping == {"request_id": "ping", "action": "ping", "payload": {}}
    assert play.session.state is State.READY


def test_pings_do_not_count_as_requests():
    play = Play(budget=1).ready()
    assert play.wait(15)
    assert play.meter.requests == 1


def test_pings_by_frame_on_demand():
    play = Play(ping="frame").ready()
    assert play.wait(15) == [Ping()]
    play.session.heard()
    play.wait(10)
    assert play.session.state is State.READY


def test_pings_by_frame_while_the_request_window_is_full():
    play = Play().ready()
    play.wait(5)
    for _ in range(10):
        play.call(SEND, timeout=100)
    play.steps()
    assert play.wait(10) == [Ping()]


def test_silence_after_a_ping_is_a_lost_connection():
    play = Play().ready()
    play.wait(15, pong=False)
    steps = play.wait(10)
    assert Cut(at_once=True) in steps
    assert any(isinstance(step, Lost) for step in steps)
    assert isinstance(play.back(), Ready)


def test_any_frame_after_a_ping_is_a_sign_of_life():
    play = Play().ready()
    play.wait(15, pong=False)
    play.receive(action="incoming_typing_indicator", type="push", payload={})
    play.wait(14)
    assert play.session.state is State.READY


def test_token_is_swapped_before_it_ends():
    play = Play(renew_before=60).ready(ends_in=600)
    asked = play.wait(541)
    assert AskToken(TOKEN) in asked
    play.session.token_given(SECOND, ends_in=600)
    update = play.step()
    assert (update["action"], update["payload"]) == (
        "update_session",
        {"token": "Bearer dal:second"},
    )
    play.response(update)
    assert play.session.state is State.READY
    play.session.closed()
    play.wait(30)
    play.session.opened()
    assert play.step()["payload"]["token"] == "Bearer dal:second"


def test_swap_is_tried_again_when_no_new_token_could_be_had(caplog):
    play = Play(renew_before=60).ready(ends_in=600)
    play.wait(541)
    play.session.token_failed(LookupError("dal:secret"))
    assert any(isinstance(step, AskToken) for step in play.wait(11))
    play.session.token_given(TOKEN, ends_in=49)
    assert any(isinstance(step, AskToken) for step in play.wait(11))
    assert "secret" not in caplog.text


def test_swap_goes_before_waiting_calls_when_the_window_is_full():
    play = Play().ready(ends_in=70)
    calls = [play.call(SEND, timeout=100) for _ in range(30)]
    requests = play.steps()
    play.wait(10)
    play.session.token_given(SECOND)
    assert play.steps() == []
    play.response(requests[0], {"event_id": "1"})
    assert play.step()["action"] == "update_session"
    assert calls[0].done


def test_refused_swap_is_reported_and_the_session_goes_on(caplog):
    play = Play().ready(ends_in=70)
    play.wait(10)
    play.session.token_given(SECOND)
    play.refuse(play.step(), "authentication")
    assert "new token" in caplog.text
    assert play.session.state is State.READY


def test_new_token_given_by_the_user_is_used_for_the_next_connection():
    play = Play().ready()
    play.call(UpdateSessionAction(token="Bearer dal:users"))
    play.response(play.step())
    play.session.closed()
    play.wait(30)
    play.session.opened()
    assert play.step()["payload"]["token"] == "Bearer dal:users"


def test_away_status_is_kept_over_a_reconnect():
    play = Play().ready()
    play.call(SetAwayStatus(away=True))
    play.response(play.step())
    play.session.closed()
    play.wait(30)
    play.session.opened()
    login = play.step()
    assert login["payload"]["away"] is True
    assert login["payload"]["reconnect"] is True


def test_log_out_by_the_user_ends_the_session_in_peace():
    play = Play().ready()
    call = play.call(Logout())
    play.response(play.step())
    assert call.error is None
    assert Cut(at_once=False) in play.steps()
    play.session.closed()
    assert play.ended is None


def test_log_out_of_somebody_else_does_not_end_the_session():
    play = Play().ready()
    play.call(Logout(agent_id="jones@example.com"))
    play.response(play.step())
    assert play.session.state is State.READY


def test_leaves_after_the_responses_still_due_and_a_log_out():
    play = Play().ready()
    sent = play.call(SEND)
    request = play.step()
    play.session.close()
    logout = play.step()
    assert logout["action"] == "logout"
    play.response(logout)
    assert play.cuts() == []
    play.response(request, {"event_id": "1"})
    assert sent.response.event_id == "1"
    assert play.steps() == [Cut(at_once=False)]
    play.session.closed()
    assert play.ended is None


def test_leaves_without_a_log_out_on_demand():
    play = Play(logout=False).ready()
    play.session.close()
    assert play.steps() == [Cut(at_once=False)]


def test_leaves_although_the_server_says_nothing():
    play = Play(close_timeout=5.0).ready()
    call = play.call(SEND)
    play.session.close()
    play.wait(4.9)
    assert not call.done
    play.wait(0.2)
    assert isinstance(call.error, ClientClosed)
    assert play.ended is None


def test_calls_that_wait_for_their_turn_are_not_sent_when_the_session_is_closed():
    play = Play().ready()
    calls = [play.call(SEND) for _ in range(12)]
    play.session.close()
    assert [call.done for call in calls] == [False] * 10 + [True] * 2
    assert isinstance(calls[-1].error, ClientClosed)
    requests = [frame for frame in play.steps() if frame["action"] == "send_event"]
    for request in requests:
        play.response(request, {"event_id": "1"})
    assert play.step()["action"] == "logout"


@pytest.mark.parametrize("when", ["idle", "token", "opening", "login", "pause"])
def test_can_be_closed_at_any_time(when):
    play = Play()
    if when != "idle":
        play.session.start()
    if when not in ("idle", "token"):
        play.session.token_given(TOKEN)
    if when in ("login", "pause"):
        play.session.opened()
    if when == "pause":
        play.steps()
        play.session.receive(b"{}")
        play.response(play.frames[-1], LOGIN)
        play.session.closed()
    play.session.close()
    assert play.ended is None
    play.session.close()
    assert play.wait(100) == []
    with pytest.raises(ClientClosed):
        play.call(READ)


def test_takes_no_calls_before_it_is_started():
    with pytest.raises(ClientClosed, match="not connected"):
        Play().call(READ)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[]",
        b"17",
        b'{"type": "response", "request_id": 17}',
        b'{"type": "greeting"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"type": "response", "request_id": "unknown", "success": true}',
        b'{"type": "response", "action": "send_event", "success": true}',
    ],
)
def test_frame_that_cannot_be_used_is_ignored_with_one_log_line(data, caplog):
    play = Play().ready()
    with caplog.at_level(logging.WARNING):
        assert play.session.receive(data) is None
    assert len(caplog.records) == 1
    assert play.session.state is State.READY


def test_calls_wait_for_the_connection_and_go_out_when_it_is_back():
    play = Play().ready()
    play.session.closed()
    play.steps()
    call = play.call(ListChats(), timeout=100)
    assert play.steps() == []
    play.back()
    request = play.frames[-1]
    assert request["action"] == "list_chats"
    play.response(request, {"chats_summary": [], "found_chats": 0})
    assert call.response.found_chats == 0


def test_unavailable_service_is_an_error_of_the_call_alone():
    play = Play().ready()
    call = play.call(SEND)
    play.refuse(play.step(), "service_unavailable")
    assert isinstance(call.error, ServiceUnavailable)
    assert play.session.state is State.READY


def test_silence_of_this_process_is_not_taken_for_silence_of_the_server():
    """Suspended or blocked for long, it finds the timer due before it has read what came."""
    play = Play(ping_interval=15, ping_timeout=10).ready()
    play.wait(15, pong=False)
    play.now += 60
    play.session.tick()
    assert play.session.state is State.READY
    play.session.heard()
    play.wait(14)
    assert play.session.state is State.READY


def test_dead_connection_is_noticed_although_this_process_slept():
    play = Play(ping_interval=15, ping_timeout=10).ready()
    play.wait(15, pong=False)
    play.now += 60
    play.session.tick()
    assert any(isinstance(step, Lost) for step in play.wait(10.1, pong=False))


@pytest.mark.parametrize("wakes", [1, 7, 9.9])
def test_connection_is_not_cut_between_ping_and_pong(wakes):
    play = Play(ping_interval=15, ping_timeout=10).ready()
    call = play.call(SEND, timeout=15 + wakes)
    play.wait(15 + wakes, pong=False)
    assert call.done
    assert play.session.state is State.READY
    play.session.heard()
    play.wait(14)
    assert play.session.state is State.READY


def test_leaves_after_the_last_response_although_another_call_timed_out():
    play = Play(close_timeout=10, logout=False).ready()
    hasty, patient = play.call(SEND, timeout=2), play.call(SEND, timeout=50)
    requests = play.steps()
    play.session.close()
    assert play.wait(3) == []
    assert (hasty.done, patient.done) == (True, False)
    play.response(requests[1], {"event_id": "1"})
    assert patient.response.event_id == "1"
    assert play.steps() == [Cut(at_once=False)]
