"""Breaking connections and sending pushes, from Python and over HTTP."""

import json
import socket
import urllib.request
from urllib.error import HTTPError

import pytest
from websockets.exceptions import ConnectionClosed

from frontdesk import errors
from frontdesk.pushes import AgentDisconnected, IncomingMulticast
from frontdesk.sandbox import Sandbox

from .._rtm_line import JONES, SMITH, Line


def http(sandbox, path, body=None):
    request = urllib.request.Request(
        f"{sandbox.url}/__sandbox__/{path}",
        data=None if body is None else json.dumps(body).encode(),
        method="GET" if body is None else "POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read())
    except HTTPError as error:
        with error:
            return json.loads(error.read())["error"]["message"]


# Ending


@pytest.mark.parametrize(("how", "code"), [("close", 1001), ("eof", None), ("reset", None)])
def test_cuts(dial, served, how, code):
    line, other = dial("agent"), dial("owner")
    assert served.rtm.cut(JONES, how=how) == 1
    assert line.ended() == (None, code)
    assert other.call("list_chats")
    assert [one.agent_id for one in served.rtm.connections()] == [SMITH]


def test_a_reset_is_a_reset(dial, served):
    line = dial()
    served.rtm.cut(how="reset")
    with pytest.raises(ConnectionClosed) as caught:
        line.push("nothing")
    assert isinstance(caught.value.__cause__, ConnectionResetError)


def test_one_connection_of_several(dial, served):
    first, second = dial(), dial()
    (_, newer) = served.rtm.connections(SMITH)
    assert served.rtm.cut(connection_id=newer.id, how="close") == 1
    assert second.ended() == (None, 1001)
    assert first.call("list_chats")
    assert served.rtm.cut(connection_id="none") == 0


def test_any_reason(dial, served):
    line = dial()
    assert served.rtm.disconnect("misdirected_connection", SMITH, region="fra") == 1
    push = line.push("agent_disconnected")
    assert push["payload"] == {"reason": "misdirected_connection", "data": {"region": "fra"}}
    assert line.ended() == (None, 1000)


def test_an_eviction(dial, served):
    line = dial()
    served.rtm.evict(SMITH)
    assert line.ended() == ("connection_evicted", 1000)


# Slow and dead


def test_a_freeze_loses_nothing(dial, served):
    line, other = dial("owner"), dial("agent")
    line.settle()
    served.rtm.freeze(0.3, SMITH)
    served.rtm.push("incoming_multicast", {"content": 1})
    line.send("list_routing_statuses", request_id="frozen")
    assert other.push("incoming_multicast")
    assert served.rtm.connections(SMITH)[0].frozen
    with pytest.raises(TimeoutError):
        line.socket.recv(0.01)
    assert line.push("incoming_multicast")["payload"] == {"content": 1}
    assert line.response("frozen")
    assert not served.rtm.connections(SMITH)[0].frozen


def test_a_frozen_connection_is_not_silent(dial, served):
    served.rtm.limit(silence_seconds=0.5)
    line = dial()
    served.rtm.freeze(0.9)
    line.settle()
    assert line.ended() == ("connection_timeout", 1000)


@pytest.mark.parametrize("state", ["freeze", "delay"])
def test_whoever_is_slow_is_sent_away_like_others(dial, served, state):
    line = dial()
    line.settle()
    getattr(served.rtm, state)(600)
    served.rtm.push("incoming_multicast", {"content": "last words"})
    served.rtm.disconnect("internal_error")
    assert line.push("incoming_multicast")
    assert line.ended() == ("internal_error", 1000)


def test_a_delay_keeps_the_order(dial, served):
    line = dial()
    line.settle()
    served.rtm.delay(0.2)
    for number in range(3):
        served.rtm.push("incoming_multicast", {"content": number})
    served.rtm.delay(0)
    served.rtm.push("incoming_multicast", {"content": 3})
    with pytest.raises(TimeoutError):
        line.socket.recv(0.01)
    seen = [line.push("incoming_multicast")["payload"]["content"] for _ in range(4)]
    assert seen == [0, 1, 2, 3]


def test_a_half_open_connection_says_nothing(dial, served):
    line, other = dial("owner"), dial("agent")
    line.settle()
    assert served.rtm.half_open(SMITH) == 1
    assert [one.agent_id for one in served.rtm.connections()] == [JONES]
    line.send("ping", request_id="anybody?")
    pong = line.socket.ping()
    served.rtm.push("incoming_multicast", {"content": "gone"})
    assert other.push("incoming_multicast")
    assert not pong.wait(0.05)
    with pytest.raises(TimeoutError):
        line.socket.recv(0.05)


def test_a_stopped_server_ends_its_connections_at_once():
    with Sandbox.serve("empty") as sandbox:
        lines = [Line(sandbox) for _ in range(4)]
        served_at = sandbox.rtm_url
        for line, state in zip(lines, ("half_open", "freeze", "delay", "none"), strict=True):
            (*_, own) = sandbox.rtm.connections()[: lines.index(line) + 1]
            if state == "half_open":
                sandbox.rtm.half_open(connection_id=own.id)
            elif state != "none":
                getattr(sandbox.rtm, state)(60, connection_id=own.id)
    with pytest.raises(ConnectionRefusedError):
        host, port = served_at.removeprefix("ws://").split(":")
        socket.create_connection((host, int(port)), timeout=1).close()
    for line in lines:
        with pytest.raises(ConnectionClosed):
            line.push("nothing")
        line.close()


# Looking and pushing


def test_connections_tell_what_they_did(dial, served):
    line = dial(away=True)
    line.call("list_routing_statuses")
    line.settle()
    (shown,) = served.rtm.connections()
    assert (shown.agent_id, shown.version, shown.away, shown.pending) == (SMITH, "3.6", True, 0)
    assert shown.received == 2
    assert shown.sent >= 4
    assert shown.opened_at <= served.now


def test_typed_pushes(dial, served):
    line = dial()
    assert served.rtm.push(IncomingMulticast(content={"a": 1}, type="note")) == 1
    assert line.push("incoming_multicast")["payload"] == {"content": {"a": 1}, "type": "note"}


def test_pushes_that_are_in_no_book(dial, served):
    line = dial()
    assert served.rtm.push("incoming_fax", [1, 2]) == 1
    assert line.push("incoming_fax")["payload"] == [1, 2]


def test_a_disconnect_is_no_push(served):
    with pytest.raises(errors.InvalidArgument, match="disconnect"):
        served.rtm.push(AgentDisconnected(reason="internal_error"))


def test_pushes_without_anybody_to_hear_them(served):
    assert served.rtm.push("incoming_multicast", {"content": 1}) == 0
    assert served.rtm.cut() == 0


# Over HTTP


def test_all_of_it_over_http(dial, served):
    line = dial("agent")
    shown = http(served, "rtm")
    assert shown["count"] == 1
    assert shown["connections"][0]["agent_id"] == JONES
    assert http(served, "rtm?agent_id=smith@example.com")["count"] == 0
    assert http(served, "rtm/limits", {"connections_per_agent": 5})["connections_per_agent"] == 5
    assert http(
        served, "rtm/push", {"action": "incoming_multicast", "payload": {"content": 1}}
    ) == {"frames": 1}
    assert line.push("incoming_multicast")
    assert http(served, "rtm/delay", {"seconds": 0.01}) == {"connections": 1}
    assert http(served, "rtm/freeze", {"seconds": 0.05, "agent_id": SMITH}) == {"connections": 0}
    assert http(served, "rtm/disconnect", {"reason": "internal_error"}) == {"connections": 1}
    assert line.ended()[0] == "internal_error"
    for act in ("evict", "half_open", "cut"):
        dial("agent")
        assert http(served, f"rtm/{act}", {"agent_id": JONES}) == {"connections": 1}
    assert http(served, "rtm")["count"] == 0


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("rtm/melt", {}, "there is no control `rtm/melt`"),
        ("rtm/freeze", {}, "`seconds` is required"),
        ("rtm/freeze", {"seconds": -1}, "`seconds`"),
        ("rtm/cut", {"how": "softly"}, "`how` must be one of"),
        ("rtm/limits", {"silence_seconds": 0}, "silence_seconds"),
        ("rtm/push", {"action": "agent_disconnected"}, "disconnect"),
        ("rtm/push", {"action": "incoming_evnt"}, "did you mean `incoming_event`?; to send one"),
        ("tokens", {"agent_id": "nobody"}, "there is no agent"),
        ("tokens/expire", {"token": "Bearer dal:nobody"}, "no such token"),
        ("tokens/bless", {"token": "owner"}, "cannot `bless`"),
    ],
)
def test_controls_that_make_no_sense(served, path, body, message):
    assert message in http(served, path, body)


def test_tokens_over_http(dial, served):
    token = http(served, "tokens", {"agent_id": JONES, "seconds": 60})["token"]
    assert "owner" in http(served, "tokens")["tokens"]
    line = dial(token)
    http(served, "tokens/expire", {"token": token})
    assert line.ended()[0] == "access_token_expired"
    http(served, "tokens/revoke", {"token": "agent"})
    with pytest.raises(errors.AuthenticationError):
        served.client("agent").list_chats()
