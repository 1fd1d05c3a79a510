"""When a session does what: pings, pauses, the stages of a connection and its end."""

import random
from typing import Any

import pytest

from frontdesk.actions import GetCustomer, Logout, SendEvent, UpdateSession
from frontdesk.auth import BearerToken
from frontdesk.core.retry import Retry
from frontdesk.core.rtm.session import State
from frontdesk.core.rtm.settings import AskToken, Backoff, Cut, Ended, Lost, Open, Ping, Ready
from frontdesk.errors import (
    AuthenticationError,
    ClientClosed,
    ConnectError,
    ConnectionClosed,
    Disconnected,
    MisdirectedRequest,
    NotTheAPI,
    RequestTimeout,
)
from frontdesk.models import Message

from ._play import LOGIN, TOKEN, Play

SEND = SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi"))
READ = GetCustomer(id="b7eff798")
SECOND, THIRD = BearerToken("dal:second"), BearerToken("dal:third")
TYPING = {"type": "push", "action": "incoming_typing_indicator", "payload": {}}


def tick_at(play: Play, at: float) -> list[Any]:
    """Wake the session at a time, on time or late."""
    play.now = at
    play.session.tick()
    return play.steps()


def log_in_again(play: Play) -> None:
    """Log in on a connection that is being opened."""
    assert play.session.state is State.OPENING
    play.session.opened()
    play.response(play.step(), LOGIN)
    play.steps()


def lost(steps: list[Any]) -> bool:
    return any(isinstance(step, Lost) for step in steps)


# Pings


def test_first_ping_is_due_one_interval_after_the_log_in():
    play = Play(ping_interval=15, ping_timeout=10)
    login = play.start()
    play.now += 7
    play.response(login, LOGIN)
    play.steps()
    assert tick_at(play, 1021.9) == []
    [ping] = tick_at(play, 1022.0)
    assert ping["action"] == "ping"


def test_connection_is_dead_when_the_time_for_the_pong_is_over():
    play = Play(ping_interval=15, ping_timeout=10).ready()
    tick_at(play, 1015.0)
    assert tick_at(play, 1024.9) == []
    steps = tick_at(play, 1025.0)
    assert steps[0] == Cut(at_once=True)
    assert lost(steps)


@pytest.mark.parametrize(("late", "excused"), [(1.0, False), (1.01, True)])
def test_tick_that_comes_late_gives_the_pong_its_time_once_more(late: float, excused: bool):
    play = Play(ping_interval=15, ping_timeout=10).ready()
    tick_at(play, 1015.0)
    assert lost(tick_at(play, 1025 + late)) is not excused
    if excused:
        assert play.session.state is State.READY
        assert not lost(tick_at(play, 1025 + late + 9.9))
        assert lost(tick_at(play, 1025 + late + 12))


def test_each_ping_may_be_excused():
    play = Play(ping_interval=15, ping_timeout=10).ready()
    for begin in (1015.0, 1200.0, 1400.0):
        assert not lost(tick_at(play, begin))
        assert not lost(tick_at(play, begin + 20))
        play.session.heard()
        assert not lost(tick_at(play, begin + 31))
        play.receive(type="response", action="ping", request_id="ping")


def test_pongs_are_awaited_from_the_first_ping_that_got_none():
    play = Play(ping="frame", ping_interval=3, ping_timeout=10).ready()
    for at in (1003.0, 1006.0, 1009.0, 1012.0):
        assert tick_at(play, at) == [Ping()]
    assert lost(tick_at(play, 1013.0))


def test_sign_of_life_before_a_ping_does_not_count_for_it():
    play = Play(ping_interval=15, ping_timeout=10).ready()
    play.now = 1014.9
    play.session.heard()
    tick_at(play, 1015.0)
    assert lost(tick_at(play, 1025.0))


@pytest.mark.parametrize("sign", ["frame", "push", "damaged"])
def test_whatever_comes_is_a_sign_of_life(sign: str):
    play = Play(ping_interval=15, ping_timeout=10).ready()
    tick_at(play, 1015.0)
    match sign:
        case "frame":
            play.session.heard()
        case "push":
            play.receive(**TYPING)
        case _:
            play.session.receive(b"[]")
    assert not lost(tick_at(play, 1025.0))
    assert not lost(tick_at(play, 1029.9))
    [ping] = tick_at(play, 1030.0)
    assert ping["action"] == "ping"


def test_pong_that_the_last_connection_owed_is_not_awaited_on_the_next():
    play = Play(ping_interval=15, ping_timeout=10, backoff=Backoff(first_pause=0)).ready()
    tick_at(play, 1015.0)
    play.session.closed()
    play.steps()
    tick_at(play, 1015.0)
    log_in_again(play)
    assert tick_at(play, 1026.5) == []
    assert play.session.state is State.READY


# Pauses


@pytest.mark.parametrize(("lasted", "ceiling"), [(4.99, 4.0), (5.0, 1.0)])
def test_pauses_begin_anew_after_a_session_that_lasted_long_enough(lasted: float, ceiling: float):
    rng = random.Random(1)
    play = Play(backoff=Backoff(first_pause=1.0, longest_pause=64.0, stable_after=5.0)).ready()
    play.session.closed()
    assert play.step(Lost).retry_in == rng.random() * 1.0
    play.wait(1)
    play.session.open_failed(ConnectError("refused"))
    assert play.step(Lost).retry_in == rng.random() * 2.0
    play.wait(2)
    log_in_again(play)
    play.now += lasted
    play.session.closed()
    assert play.step(Lost).retry_in == rng.random() * ceiling


def test_connection_is_opened_when_the_pause_is_over_and_not_before():
    play = Play(backoff=Backoff(first_pause=4.0)).ready()
    play.session.closed()
    due = play.now + play.step(Lost).retry_in
    assert play.session.wakeup == due
    assert tick_at(play, due - 0.001) == []
    assert tick_at(play, due) == [Open("dal")]


@pytest.mark.parametrize("reason", ["access_token_expired", "misdirected_connection"])
def test_second_new_token_or_region_in_a_row_comes_after_a_pause(reason: str):
    rng = random.Random(1)
    play = Play(backoff=Backoff(first_pause=4.0)).ready()
    for expected in (0.0, rng.random() * 8.0):
        play.dismiss(reason, region="fra")
        steps = play.steps()
        [loss] = [step for step in steps if isinstance(step, Lost)]
        assert loss.retry_in == expected
        assert Cut(at_once=False) in steps
        play.wait(loss.retry_in)
        if reason == "access_token_expired":
            play.session.token_given(BearerToken(f"dal:{expected}"))
        log_in_again(play)


def test_ceiling_of_the_pauses():
    class Most(random.Random):
        def random(self) -> float:
            return 1.0

    backoff = Backoff(first_pause=0.5, longest_pause=30.0)
    pauses = [backoff.pause(attempt, Most()) for attempt in (1, 2, 3, 7, 8, 1000)]
    assert pauses == [0.5, 1.0, 2.0, 30.0, 30.0, 30.0]
    tiny = Backoff(first_pause=1e-9, longest_pause=1e9)
    assert tiny.pause(31, Most()) == tiny.pause(32, Most()) == tiny.pause(5000, Most())
    assert tiny.pause(30, Most()) * 2 == tiny.pause(31, Most())


# Stages of a connection


def test_token_is_waited_for_as_long_as_set():
    play = Play(token_timeout=8)
    play.session.start()
    assert play.session.wakeup == 1008.0
    assert tick_at(play, 1007.9) == [AskToken()]
    [end] = tick_at(play, 1008.0)
    assert isinstance(end.error, RequestTimeout)
    assert not end.error.maybe_sent


def test_log_in_is_waited_for_as_long_as_set_and_cut_then():
    play = Play(timeout=8)
    play.start()
    assert play.session.wakeup == 1008.0
    assert tick_at(play, 1007.9) == []
    cut, end = tick_at(play, 1008.0)
    assert cut == Cut(at_once=True)
    assert isinstance(end.error, RequestTimeout)
    assert end.error.action == "login"
    assert end.error.message == "no response within 8 s; the work may have been done"


def test_log_in_is_never_waited_for_longer_than_the_server_does():
    play = Play(timeout=100)
    play.start()
    assert play.session.wakeup == 1030.0


def test_renewal_that_gets_no_response_is_made_again_ten_seconds_later(caplog):
    play = Play(timeout=4, ping_interval=1000).ready(ends_in=600)
    play.session.token_given(SECOND, 6000)
    play.step()
    assert play.wait(4) == []
    [record] = caplog.records
    assert "update_session: no response within 4 s" in record.getMessage()
    assert play.wait(9.9) == []
    [again] = play.wait(0.1)
    assert again["payload"] == {"token": "Bearer dal:second"}


def test_pushes_count_only_while_there_is_a_connection(caplog):
    play = Play()
    assert play.receive(**TYPING) is None
    play.ready()
    assert play.receive(**TYPING).action == "incoming_typing_indicator"
    play.session.closed()
    assert play.session.state is State.PAUSE
    assert play.receive(**TYPING) is None
    play.wait(10)
    play.session.opened()
    assert play.receive(**TYPING) is not None
    play.response(play.step(), LOGIN)
    play.session.close()
    assert play.session.state is State.LEAVING
    assert play.receive(**TYPING) is not None
    play.session.closed()
    assert play.receive(**TYPING) is None
    assert caplog.records == []


@pytest.mark.parametrize("state", ["token", "opening", "pause"])
def test_end_of_a_connection_that_is_gone_already_changes_nothing(state: str):
    play = Play().ready()
    if state == "token":
        play.dismiss("access_token_expired")
    else:
        play.session.closed()
        if state == "opening":
            play.wait(10)
    play.steps()
    before = play.session.state
    play.session.closed("late")
    assert play.session.state is before
    assert play.steps() == []


def test_token_that_comes_during_the_log_in_waits_for_its_end():
    play = Play()
    login = play.start(ends_in=600)
    play.session.token_given(SECOND, 6000)
    assert play.steps() == []
    play.response(login, LOGIN)
    ready, update = play.steps()
    assert isinstance(ready, Ready)
    assert update["payload"] == {"token": "Bearer dal:second"}


def test_same_token_again_is_not_sent():
    play = Play().ready(ends_in=600)
    play.session.token_given(TOKEN, 6000)
    assert play.steps() == []


# Ends


@pytest.mark.parametrize("state", [State.IDLE, State.TOKEN, State.PAUSE])
def test_close_without_a_connection_ends_at_once(state: State):
    play = Play()
    if state is State.TOKEN:
        play.session.start()
    elif state is State.PAUSE:
        play.ready()
        play.session.closed()
    play.steps()
    assert play.session.state is state
    play.session.close()
    assert play.steps() == [Ended(None)]
    assert play.session.wakeup == float("inf")
    play.session.close()
    assert play.steps() == []


def test_close_while_leaving_changes_nothing():
    play = Play().ready()
    play.session.close()
    assert [step["action"] for step in play.steps()] == ["logout"]
    play.session.close()
    assert play.steps() == []
    assert play.session.wakeup == 1005.0


def test_connection_that_ends_while_leaving_is_the_end():
    play = Play().ready()
    play.session.close()
    play.steps()
    play.session.closed("1000")
    assert play.steps() == [Ended(None)]


def test_dismissal_while_leaving_is_the_end():
    play = Play().ready()
    play.session.close()
    play.steps()
    play.dismiss("connection_timeout")
    assert play.steps() == [Cut(at_once=False), Ended(None)]


def test_user_s_log_out_leaves_after_the_responses_that_are_due():
    play = Play(close_timeout=50).ready()
    due, out = play.call(SEND, timeout=500), play.call(Logout(), timeout=500)
    send, logout = play.steps()
    play.response(logout)
    assert out.error is None
    assert play.session.state is State.LEAVING
    with pytest.raises(ClientClosed):
        play.call(READ)
    assert play.steps() == []
    play.response(send, {"event_id": "1"})
    assert due.response.event_id == "1"
    assert play.steps() == [Cut(at_once=False)]


@pytest.mark.parametrize(
    ("error", "goes_on"),
    [
        (ConnectError("refused"), True),
        (NotTheAPI("a proxy"), True),
        (ConnectionClosed("gone"), True),
        (LookupError("a bug"), False),
    ],
)
def test_which_failures_of_the_connection_pass(error: Exception, goes_on: bool):
    play = Play().ready()
    play.session.closed()
    play.wait(10)
    play.session.open_failed(error)
    assert (play.session.state is State.PAUSE) is goes_on
    assert goes_on or play.ended is error


@pytest.mark.parametrize(
    ("type", "goes_on"),
    [
        ("service_unavailable", True),
        ("too_many_requests", True),
        ("internal", True),
        ("request_timeout", True),
        ("validation", False),
        ("brand_new", False),
    ],
)
def test_which_refusals_of_the_log_in_pass(type: str, goes_on: bool):
    play = Play().ready()
    play.session.closed()
    play.wait(10)
    play.session.opened()
    play.refuse(play.step(), type)
    steps = play.steps()
    assert steps[0] == Cut(at_once=True)
    assert lost(steps) is goes_on
    assert (play.session.state is State.PAUSE) is goes_on


@pytest.mark.parametrize("data", [{}, {"region": ""}, {"region": None}])
def test_hop_without_a_region_is_the_end(data: dict[str, Any]):
    play = Play().ready()
    play.dismiss("misdirected_connection", **data)
    assert isinstance(play.ended, Disconnected)
    assert play.ended.region in (None, "")


def test_second_hop_without_a_session_between_is_the_end():
    play = Play().ready()
    for region in ("fra", "dal"):
        play.dismiss("misdirected_connection", region=region)
        assert Open(region) in play.steps()
        log_in_again(play)
        assert play.session.region == region
        play.wait(6)
    play.dismiss("misdirected_connection", region="fra")
    play.steps()
    play.session.open_failed(MisdirectedRequest("no", type="misdirected_request", data={}))
    assert isinstance(play.ended, MisdirectedRequest)


def test_second_refusal_of_new_tokens_without_a_session_between_is_the_end():
    play = Play().ready()
    for token in (SECOND, THIRD):
        play.dismiss("access_token_expired")
        play.steps()
        play.response(play.give(token), LOGIN)
        play.wait(6)
    play.dismiss("access_token_expired")
    play.steps()
    play.refuse(play.give(BearerToken("dal:fourth")), "authentication", "No")
    assert isinstance(play.ended, AuthenticationError)


def test_token_of_the_user_is_renewed_like_any_other():
    play = Play().ready(ends_in=600)
    play.call(UpdateSession(token="Bearer dal:users"))
    play.response(play.step())
    assert play.session.wakeup == 1015.0
    steps = play.wait(700)
    assert not any(isinstance(step, AskToken) for step in steps)


def test_first_connection_is_retried_after_the_pauses_of_the_backoff():
    rng = random.Random(1)
    play = Play(retry=Retry(attempts=3), backoff=Backoff(first_pause=4.0))
    play.session.start()
    play.session.token_given(TOKEN)
    play.steps()
    for ceiling in (4.0, 8.0):
        play.session.open_failed(ConnectError("refused"))
        assert play.step(Lost).retry_in == rng.random() * ceiling
        play.wait(ceiling)
    error = ConnectError("refused")
    play.session.open_failed(error)
    assert play.ended is error
    play.session.open_failed(ConnectError("late"))
    assert play.steps() == []
