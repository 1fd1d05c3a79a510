"""When a session connects again, and when it ends; no socket, no sleeping."""

import pytest

from frontdesk.actions import GetCustomer, SendEvent
from frontdesk.auth import BearerToken
from frontdesk.core.rtm.session import State
from frontdesk.core.rtm.settings import (
    AskToken,
    Backoff,
    Cut,
    Lost,
    Open,
)
from frontdesk.errors import (
    ConnectError,
    ConnectionClosed,
    MisdirectedRequest,
    NotTheAPI,
    ValidationError,
)
from frontdesk.models import Message

from ._play import LOGIN, TOKEN, Play

SEND = SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi"))
READ = GetCustomer(id="b7eff798")
SECOND = BearerToken("dal:second")


def test_lost_connection_is_opened_again_after_a_pause_that_grows_and_is_drawn_at_random():
    play = Play(backoff=Backoff(first_pause=1.0, longest_pause=8.0, stable_after=5.0)).ready()
    play.session.closed("gone")
    pauses = []
    for _ in range(8):
        pauses.append(play.step(Lost).retry_in)
        assert Open("dal") in play.wait(pauses[-1] + 0.001)
        play.session.open_failed(ConnectError("refused"))
    ceilings = [1, 2, 4, 8, 8, 8, 8, 8]
    assert all(0 <= pause <= ceiling for pause, ceiling in zip(pauses, ceilings, strict=True))
    assert len(set(pauses)) == len(pauses)
    assert max(pauses) > 2


def test_pause_starts_anew_after_a_session_that_lasted():
    play = Play(backoff=Backoff(first_pause=1.0, longest_pause=64.0, stable_after=5.0)).ready()
    for _ in range(6):
        play.session.closed()
        play.wait(64)
        play.session.open_failed(ConnectError("refused"))
        play.wait(64)
        play.session.opened()
        play.response(play.step(), LOGIN)
        play.steps()
        play.wait(6)
    play.session.closed()
    assert play.step(Lost).retry_in <= 1.0


def test_reconnects_for_ever_by_default():
    play = Play().ready()
    play.session.closed()
    for _ in range(200):
        assert Open("dal") in play.wait(8.1)
        play.session.open_failed(NotTheAPI("a proxy responded"))
    assert play.session.state is State.PAUSE


def test_reconnect_can_be_switched_off():
    play = Play(reconnect=False).ready()
    call = play.call(SEND)
    play.session.closed("1006")
    assert isinstance(play.ended, ConnectionClosed)
    assert isinstance(call.error, ConnectionClosed)


def test_login_refused_on_the_way_back_ends_the_session():
    play = Play().ready()
    play.session.closed()
    play.wait(10)
    play.session.opened()
    play.refuse(play.step(), "validation", "`token` is required")
    assert isinstance(play.ended, ValidationError)


def test_login_refused_for_a_while_on_the_way_back_is_tried_again():
    play = Play().ready()
    play.session.closed()
    for _ in range(5):
        play.wait(10)
        play.session.opened()
        play.refuse(play.step(), "too_many_requests")
    assert play.session.state is State.PAUSE


@pytest.mark.parametrize(
    "reason",
    ["connection_timeout", "internal_error", "too_many_unauthorized_connections",
     "role_permissions_changed", "a_reason_of_the_future"],
)  # fmt: skip
def test_server_ends_the_session_for_a_while(reason):
    play = Play().ready()
    play.dismiss(reason)
    lost = next(step for step in play.steps() if isinstance(step, Lost))
    assert lost.error.reason == reason
    assert play.back().again


@pytest.mark.parametrize(
    "reason",
    ["access_token_revoked", "agent_disconnected_by_server", "agent_logged_out_remotely",
     "connection_evicted", "license_expired", "license_not_found", "too_many_connections",
     "unsupported_version"],
)  # fmt: skip
def test_server_ends_the_session_for_good(reason):
    play = Play().ready()
    call = play.call(READ)
    play.dismiss(reason)
    assert play.ended.reason == reason
    assert reason in str(call.error)
    with pytest.raises(ConnectionClosed, match=reason):
        play.call(READ)


@pytest.mark.parametrize("reason", ["misdirected_connection", "misdirected_request"])
def test_server_names_another_region(reason):
    play = Play().ready()
    play.dismiss(reason, region="fra")
    steps = play.steps()
    assert Open("fra") in steps
    assert steps.index(Cut(at_once=False)) < steps.index(Open("fra"))


def test_server_names_no_other_region():
    play = Play().ready()
    play.dismiss("misdirected_connection")
    assert play.ended.reason == "misdirected_connection"


def test_two_regions_that_send_each_other_clients_are_not_followed_for_ever():
    play = Play().ready()
    play.dismiss("misdirected_connection", region="fra")
    play.steps()
    play.session.opened()
    play.refuse(play.step(), "misdirected_request", data={"region": "dal"})
    assert isinstance(play.ended, MisdirectedRequest)


def test_expired_token_is_replaced_without_a_pause():
    play = Play().ready()
    play.dismiss("access_token_expired")
    assert AskToken(TOKEN) in play.steps()
    login = play.give(SECOND)
    assert login["payload"]["token"] == "Bearer dal:second"
    assert login["payload"]["reconnect"] is True


def test_expired_token_that_is_all_there_is_ends_the_session():
    play = Play().ready()
    play.dismiss("access_token_expired")
    play.session.token_given(TOKEN)
    assert play.ended.reason == "access_token_expired"


def test_dismissal_without_a_reason_is_a_lost_connection():
    play = Play().ready()
    play.receive(action="agent_disconnected", type="push", payload=[1])
    (lost,) = [step for step in play.steps() if isinstance(step, Lost)]
    assert str(lost.error) == "the server ended the session: no reason given"


def test_dismissal_before_the_login_counts():
    play = Play()
    play.session.start()
    play.session.token_given(TOKEN)
    play.dismiss("too_many_connections")
    assert play.ended.reason == "too_many_connections"


def test_frames_of_a_connection_that_is_over_are_ignored():
    play = Play().ready()
    play.session.closed()
    assert play.receive(action="incoming_event", type="push", payload={}) is None
