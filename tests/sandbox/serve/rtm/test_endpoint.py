"""The rules that connections live by: pings, limits, tokens, log-outs."""

import json
from datetime import timedelta

import pytest

from frontdesk import errors

from ..._rtm_line import GARCIA, JONES, SMITH, Refused


def status(sandbox, agent_id):
    statuses = sandbox.client("owner").list_routing_statuses()
    return next(one.status for one in statuses if one.agent_id == agent_id)


def change_agent(sandbox, agent_id, **changes):
    def work(world):
        agent = world.store.company.agents[agent_id]
        for name, value in changes.items():
            setattr(agent, name, value)
        world.store.company.save_agent(agent)

    sandbox.backend.work(work)


# Silence


def test_whoever_does_not_log_in_is_sent_away(dial, served):
    served.rtm.limit(login_seconds=0.05)
    line = dial(None)
    line.send("ping")
    line.socket.ping()
    assert line.ended() == ("connection_timeout", 1000)


def test_whoever_is_silent_is_sent_away(dial, served):
    line = dial()
    served.rtm.limit(silence_seconds=0.05)
    assert line.ended() == ("connection_timeout", 1000)


@pytest.mark.parametrize("how", ["message", "frame"])
def test_pings_keep_a_connection(dial, served, how, monkeypatch):
    """A clock that the test moves: on a busy machine half a second passes between two pings."""
    now = 0.0
    monkeypatch.setattr(served.rtm._endpoint, "_clock", lambda: now)
    line, silent = dial(), dial()
    line.push("incoming_customers")
    now = 20.0
    if how == "message":
        line.call("ping")
    else:
        assert line.socket.ping().wait(10)
    now = 40.0
    assert silent.ended() == ("connection_timeout", 1000)
    assert line.call("list_chats")


def test_a_connection_may_be_silent_for_half_a_minute(served):
    assert (served.rtm.limits.login_seconds, served.rtm.limits.silence_seconds) == (30, 30)
    assert served.rtm.limits.pending_requests == 10


def test_moving_the_clock_is_no_silence(dial, served):
    line = dial()
    served.advance(3600)
    assert line.call("ping") == {}


# Tokens


def test_a_connection_ends_with_its_token(dial, served):
    line = dial(served.issue_token(JONES, seconds=3600))
    other = dial("agent")
    served.advance(3599)
    assert line.call("list_chats")
    served.advance(1)
    assert line.ended() == ("access_token_expired", 1000)
    assert other.call("list_chats")
    assert [one.agent_id for one in served.rtm.connections()] == [JONES]


def test_an_expired_token_does_nothing_more(dial, served):
    token = served.issue_token(SMITH)
    line = dial(token)
    served.expire_token(token)
    line.send("start_chat", request_id="late")
    assert line.ended() == ("access_token_expired", 1000)
    assert served.calls("start_chat") == []


def test_a_connection_ends_when_its_token_is_revoked(dial, served):
    line, other = dial("owner"), dial("pat")
    served.revoke_token("owner")
    assert line.ended() == ("access_token_revoked", 1000)
    assert other.call("list_chats")
    with pytest.raises(Refused, match="authentication"):
        dial("Bearer dal:sandbox-owner")


def test_a_new_token_keeps_the_connection(dial, served):
    old, new = served.issue_token(SMITH, seconds=60), served.issue_token(SMITH, seconds=600)
    line = dial(old)
    assert line.call("update_session", token=new) == {}
    served.expire_token(old)
    served.revoke_token(old)
    served.advance(100)
    assert line.call("list_chats")
    served.advance(500)
    assert line.ended() == ("access_token_expired", 1000)


@pytest.mark.parametrize(
    ("token", "message"),
    [("agent", "another agent"), ("expired", "expired"), ("Bearer dal:nobody", "not valid")],
)
def test_a_new_token_must_be_good(dial, served, token, message):
    line = dial()
    with pytest.raises(Refused, match=message) as caught:
        line.call("update_session", token=served.tokens.get(token, token))
    assert caught.value.type == "authentication"
    assert line.call("list_chats")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"role": "administrator"}, "role_permissions_changed"),
        ({"suspended": True}, "agent_disconnected_by_server"),
    ],
)
def test_what_happens_to_agents_ends_their_connections(dial, served, changes, reason):
    line, other = dial("agent"), dial("owner")
    change_agent(served, JONES, **changes)
    assert line.ended() == (reason, 1000)
    assert other.call("list_chats")


def test_new_groups_take_effect_at_once(dial, served):
    line = dial("agent")
    change_agent(served, JONES, groups={0: "normal", 3: "normal"})
    served.customer("Ann").start_chat(group_ids=(3,))
    assert "incoming_chat" in line.names()


def test_an_expired_license_ends_everything(dial, served):
    lines = [dial("owner"), dial("agent")]

    def expire(world):
        world.store.company.license.expires_at = world.clock.now()
        world.store.company.save_license(world.store.company.license)

    served.backend.work(expire)
    assert [line.ended() for line in lines] == [("license_expired", 1000)] * 2


# How many there may be


def test_a_newer_connection_takes_the_place_of_the_oldest(dial, served):
    served.rtm.limit(connections_per_agent=2)
    first, second, colleague = dial("owner"), dial("owner"), dial("agent")
    third = dial("pat")
    assert first.ended() == ("connection_evicted", 1000)
    for line in (second, third, colleague):
        assert line.call("list_chats")


def test_a_newer_connection_may_be_refused_instead(dial, served):
    served.rtm.limit(connections_per_agent=1, when_full="refuse")
    first = dial("owner")
    late = dial(None)
    late.send("login", token=served.tokens["owner"])
    assert late.ended() == ("too_many_connections", 1000)
    assert first.call("list_chats")


def test_too_many_that_have_not_logged_in(dial, served):
    served.rtm.limit(unauthorized_connections=2)
    logged_in = dial()
    waiting = [dial(None) for _ in range(3)]
    assert waiting[0].ended() == ("too_many_unauthorized_connections", 1000)
    assert [one.agent_id for one in served.rtm.connections()] == [SMITH, None, None]
    for line in waiting[1:]:
        line.call("login", token=served.tokens["owner"])
    assert logged_in.call("list_chats")


@pytest.mark.parametrize(
    "limits",
    [{"pending_requests": 0}, {"login_seconds": 0}, {"when_full": "wait"}, {"connections": 3}],
)
def test_limits_that_make_no_sense(served, limits):
    with pytest.raises(errors.InvalidArgument, match=next(iter(limits))):
        served.rtm.limit(**limits)


def test_a_reset_lifts_the_limits(served):
    served.rtm.limit(connections_per_agent=1)
    served.reset()
    assert served.rtm.limits.connections_per_agent is None


# Log-out and presence


def test_a_log_out_gets_a_response_and_ends_the_connection(dial, served):
    line, watcher = dial("owner"), dial("agent")
    line.send("logout", request_id="bye")
    assert line.response("bye") == {}
    assert line.ended() == (None, 1000)
    payload = watcher.push("routing_status_set")["payload"]
    assert payload == {"agent_id": SMITH, "status": "offline"}


def test_a_log_out_ends_the_other_connections_too(dial, served):
    line, other = dial("owner"), dial("pat")
    line.call("logout")
    assert other.ended() == ("agent_logged_out_remotely", 1000)
    assert served.rtm.connections() == []


def test_a_log_out_over_web_ends_connections(dial, served):
    line = dial("agent")
    served.client("owner").logout(agent_id=JONES)
    assert line.ended() == ("agent_logged_out_remotely", 1000)
    assert status(served, JONES) == "offline"


def test_the_first_connection_brings_an_agent_online(dial, served):
    watcher = dial("owner")
    watcher.settle()
    nowak = "nowak@example.com"
    dial(served.issue_token(nowak))
    payload = watcher.push("routing_status_set")["payload"]
    assert payload == {"agent_id": nowak, "status": "accepting_chats"}


def test_the_last_connection_takes_an_agent_offline_in_a_while(dial, served):
    watcher, first, second = dial("owner"), dial("agent"), dial("agent")
    first.close()
    second.close()
    served.rtm.cut(JONES)
    served.advance(29)
    assert status(served, JONES) != "offline"
    served.advance(2)
    assert watcher.push("routing_status_set")["payload"]["agent_id"] == JONES
    assert status(served, JONES) == "offline"


def test_an_agent_who_comes_back_in_time_was_never_gone(dial, served):
    watcher, line = dial("owner"), dial("agent")
    customer = served.customer("Ann")
    chat_id = customer.start_chat(group_ids=(1,))
    before = served.client().get_chat(chat_id=chat_id).agents
    served.rtm.cut(JONES, how="eof")
    assert line.ended() == (None, None)
    dial("agent", reconnect=True)
    watcher.settle()
    served.advance(120)
    assert "routing_status_set" not in watcher.names()
    assert served.client().get_chat(chat_id=chat_id).agents == before


def test_away_is_of_a_connection(dial, served):
    desk, phone, watcher = dial("agent"), dial("agent"), dial("owner")
    watcher.settle()
    desk.call("set_away_status", away=True)
    assert "routing_status_set" not in watcher.names()
    assert [one.away for one in served.rtm.connections(JONES)] == [True, False]
    phone.call("set_away_status", away=True)
    away = {"agent_id": JONES, "status": "not_accepting_chats"}
    assert watcher.push("routing_status_set")["payload"] == away
    phone.call("set_away_status", away=False)
    back = {"agent_id": JONES, "status": "accepting_chats"}
    assert watcher.push("routing_status_set")["payload"] == back


def test_away_needs_a_connection(served):
    assert status(served, GARCIA) == "not_accepting_chats"
    line_less = served.client("agent")
    with pytest.raises(errors.InvalidArgument):
        from frontdesk.actions import SetAwayStatus

        line_less(SetAwayStatus(away=True))


# The world ends


def test_a_new_world_ends_the_connections_with_the_old_one(dial, served):
    line = dial()
    snapshot = served.snapshot()
    served.reset()
    assert line.ended() == ("internal_error", 1000)
    again = dial()
    served.restore(snapshot)
    assert again.ended() == ("internal_error", 1000)
    assert dial().call("list_chats")


def test_time_goes_on_for_chats_of_connected_agents(dial, served):
    line = dial()
    line.call("start_chat", active=True)
    served.advance(timedelta(days=2))
    assert "chat_deactivated" in line.names()
    assert json.dumps(line.call("ping")) == "{}"
