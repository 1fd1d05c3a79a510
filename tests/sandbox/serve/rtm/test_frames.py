"""Frames that are no requests, requests that make no sense, and how responses look."""

import json
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosedError

from ..._rtm_line import Refused


def error(frame):
    assert (frame["type"], frame["success"]) == ("response", False)
    assert set(frame["payload"]) == {"error"}
    return frame["payload"]["error"]["type"], frame["payload"]["error"]["message"]


@pytest.fixture
def line(dial):
    line = dial()
    line.push("incoming_customers")
    return line


@pytest.mark.parametrize(
    "data",
    [
        "hello",
        "",
        "{",
        "null",
        "[]",
        '"login"',
        "{}",
        '{"action": 7}',
        '{"action": null}',
        '{"action": "list_chats", "request_id": 7}',
        '{"action": "list_chats", "version": 3.6}',
        '{"action": "list_chats", "payload": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"action": "list_chats", "payload": []}',
        '{"action": "list_chats", "payload": "x"}',
        b"\xff\xfe\x00",
        b"hello",
    ],
    ids=lambda data: str(data[:40]),
)
def test_what_is_no_request_is_refused_and_the_connection_goes_on(line, data):
    line.socket.send(data)
    kind, message = error(line.frame())
    assert kind == "validation"
    assert message
    assert line.call("list_chats")["found_chats"] >= 0


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("null", "the request must be an object, not null"),
        ("[]", "the request must be an object, not an array"),
        ("7", "the request must be an object, not an integer"),
        ("{}", "`action` is required"),
        ('{"action": 7}', "`action` must be a string, not an integer"),
        ('{"action": null}', "`action` must be a string, not null"),
        (
            '{"action": "ping", "request_id": 7}',
            "`request_id` must be a string or null, not an int",
        ),
        ('{"action": "ping", "version": [1]}', "`version` must be a string or null, not an array"),
        ('{"action": 1e999}', "`action` must not hold a number that is out of range"),
        ('{"action": 7', "the frame is not valid JSON: "),
    ],
)
def test_a_bad_frame_is_explained_as_a_bad_request_is(line, data, expected):
    line.socket.send(data)
    message = error(line.frame())[1]
    assert message.startswith(expected)


def test_a_bad_frame_gets_a_response_under_its_id(line):
    line.socket.send('{"action": "list_chats", "request_id": "mine", "version": 7}')
    frame = line.frame()
    assert (frame["request_id"], frame["action"]) == ("mine", "list_chats")
    assert "`version`" in error(frame)[1]


def test_text_that_is_not_utf8_is_refused(line):
    line.socket.send(b"\xff\xfe", text=True)
    assert error(line.frame())[0] == "validation"


def test_a_huge_frame_ends_the_connection(line):
    line.send("multicast", request_id="huge", content="x" * 2_000_000)
    with pytest.raises(ConnectionClosedError) as caught:
        line.frame()
    assert caught.value.rcvd.code == 1009


def test_a_frame_may_come_in_parts(line):
    whole = json.dumps({"action": "list_routing_statuses", "request_id": "parts"})
    line.socket.send([whole[:10], whole[10:20], whole[20:]])
    assert line.frame()["request_id"] == "parts"


def test_a_frame_may_be_binary(line):
    line.socket.send(b'{"action": "list_routing_statuses", "request_id": "b"}')
    assert line.frame()["success"] is True


def test_a_null_payload_is_an_empty_one(line):
    line.socket.send('{"action": "list_chats", "request_id": "n", "payload": null}')
    assert line.frame()["success"] is True


def test_responses_echo_ids_that_were_given(line):
    line.socket.send('{"action": "set_away_status", "payload": {"away": false}}')
    assert line.frame() == {
        "action": "set_away_status",
        "type": "response",
        "success": True,
        "payload": {},
    }
    odd = 'né"w\\ \u2028'
    line.send("list_routing_statuses", request_id=odd)
    frame = line.frame()
    assert frame["request_id"] == odd
    assert isinstance(frame["payload"], list)


@pytest.mark.parametrize(
    ("action", "kind", "hint"),
    [
        ("list_chat", "not_found", "did you mean `list_chats`"),
        ("x" * 100_000, "not_found", "there is no method"),
        ("upload_file", "not_found", "over Web only"),
        ("create_customer", "not_found", "up to version 3.5"),
    ],
    ids=lambda text: text[:20],
)
def test_methods_that_are_not_there(line, action, kind, hint):
    with pytest.raises(Refused) as caught:
        line.call(action)
    assert caught.value.type == kind
    assert hint in caught.value.message


def test_validation_names_the_field(line):
    with pytest.raises(Refused, match="`chat_id` is required"):
        line.call("get_chat")


def test_a_request_may_be_of_a_higher_version(dial, served):
    served.customer("Ann").say("hello")
    line = dial(version="3.5")
    line.socket.send('{"action": "list_chats", "request_id": "3.5"}')
    assert "chats_summary" in line.response("3.5")
    line.socket.send('{"action": "list_chats", "request_id": "3.7", "version": "3.7"}')
    assert "chats_info" in line.response("3.7")


@pytest.mark.parametrize(
    ("version", "kind"),
    [("3.5", "validation"), ("latest", "validation"), ("4.2", "unsupported_version")],
)
def test_a_request_may_not_be_of_any_version(line, version, kind):
    line.socket.send(json.dumps({"action": "list_chats", "version": version}))
    assert error(line.frame())[0] == kind


def test_until_3_5_a_request_may_be_a_bots(dial, served):
    bot = "5c9871d5372c824cbf22d860a707a578"
    customer = served.customer("Ann")
    customer.say("hello")
    served.client().add_user_to_chat(
        chat_id=customer.chat_id,
        user_id=bot,
        user_type="agent",
        visibility="all",
        ignore_requester_presence=True,
    )
    event = {"type": "message", "text": "beep"}
    frame = {
        "action": "send_event",
        "author_id": bot,
        "payload": {"chat_id": customer.chat_id, "event": event},
    }
    for version in ("3.5", "3.6"):
        line = dial(version=version)
        line.socket.send(json.dumps({**frame, "request_id": version}))
        with suppress(Refused):
            line.response(version)
    said = [event for event in customer.transcript() if event.type == "message"]
    assert [(event.author_id, event.text) for event in said].count((bot, "beep")) == 1


def test_ten_requests_may_be_pending(line, served):
    served.fault("latency", "list_routing_statuses", seconds=0.3)
    for number in range(11):
        line.send("list_routing_statuses", request_id=str(number))
    refused = line.frame()
    assert refused["request_id"] == "10"
    assert error(refused)[0] == "pending_requests_limit_reached"
    assert [line.frame()["request_id"] for _ in range(10)] == [str(n) for n in range(10)]
    served.clear_faults()
    assert line.call("list_routing_statuses")


def test_calls_are_recorded_without_their_tokens(dial, served):
    line = dial()
    line.call("list_chats", limit=3)
    login, listed = served.calls()
    assert (login.action, listed.action) == ("login", "list_chats")
    assert (listed.transport, listed.version, listed.status) == ("rtm", "3.6", 200)
    assert (listed.requester_id, listed.request) == ("smith@example.com", {"limit": 3})
    assert "sandbox-owner" not in str(login.request)


def test_rate_limits_hold_over_rtm_too(line, served):
    served.limit(2, 60, method="list_chats")
    line.call("list_chats")
    served.client().list_chats()
    with pytest.raises(Refused, match="too_many_requests"):
        line.call("list_chats")


@pytest.mark.parametrize(
    ("kind", "error_type"),
    [
        ("too_many_requests", "too_many_requests"),
        ("internal", "internal"),
        ("service_unavailable", "service_unavailable"),
        ("wrong_region", "misdirected_request"),
        ("expired_token", "authentication"),
    ],
)
def test_faults_refuse_requests(line, served, kind, error_type):
    served.fault(kind, "list_chats", times=1)
    with pytest.raises(Refused, match=error_type):
        line.call("list_chats")
    line.call("list_chats")


@pytest.mark.parametrize(
    ("kind", "done"),
    [("reset_before", False), ("reset_after", True), ("truncated_body", True)],
)
def test_faults_cut_connections(dial, served, kind, done):
    line = dial()
    started = line.call("start_chat")
    served.fault(kind, "send_event", times=1)
    event = {"type": "message", "text": "hi"}
    line.send("send_event", request_id="cut", chat_id=started["chat_id"], event=event)
    assert line.ended() == (None, None)
    thread = served.client().get_chat(chat_id=started["chat_id"]).thread
    assert ("hi" in [getattr(one, "text", "") for one in thread.events]) is done


def test_a_request_that_takes_too_long_fails(line, served):
    served.rtm.limit(request_seconds=0.05)
    served.fault("latency", "list_chats", seconds=30)
    with pytest.raises(Refused, match="request_timeout"):
        line.call("list_chats")
