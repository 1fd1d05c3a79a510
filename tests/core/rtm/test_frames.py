"""Frames with an odd value: the push or response they carry is read nevertheless."""

import gc
import json
import logging
from typing import Any

import pytest

from frontdesk import Damage
from frontdesk.actions import GetChat, Login, TagThread
from frontdesk.codec.damage import DamageReports
from frontdesk.core.retry import Meter, Retry
from frontdesk.core.rtm.frames import decode_frame, read_response, request_frame
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.core.rtm.subscriptions import Hub
from frontdesk.errors import APIError, DecodeError, ValidationError
from frontdesk.models import Chat, LoginResponse, UnknownEvent
from frontdesk.pushes import IncomingEvent, Push, UnknownPush

EVENT = {
    "id": "T_1", "type": "message", "text": "hi", "author_id": "a", "visibility": "all",
    "created_at": "2026-02-03T10:11:12Z",
}  # fmt: skip


def frame(payload: Any, **more: Any) -> bytes:
    data = {"type": "push", "version": "3.6", "action": "incoming_event", "payload": payload}
    return json.dumps({**data, **more}).encode()


def incoming(**event: Any) -> dict[str, Any]:
    return {"chat_id": "C", "thread_id": "T", "event": {**EVENT, **event}}


def published(data: bytes, reports: DamageReports | None = None) -> Any:
    hub = Hub(logging.getLogger("frontdesk.rtm"), reports=reports)
    box = hub.subscribe([Push], 10, lambda: None)
    hub.publish(decode_frame(data))
    return box.take()


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (frame(incoming(text="@")).replace(b'"@"', rb'"\ud83d"'), "$.event.text"),
        (frame(incoming(custom_id=7)), "$.event.custom_id"),
        (frame(incoming(), version=3.6), "$.version"),
        (frame(incoming(), request_id=[]), "$.request_id"),
    ],
)
def test_a_push_is_read_and_its_damage_reported(data: bytes, path: str) -> None:
    seen: list[Damage] = []
    push = published(data, DamageReports(on_damage=seen.append))
    assert isinstance(push, IncomingEvent)
    assert (push.chat_id, push.event.id) == ("C", "T_1")
    assert [(one.source, one.path) for one in seen] == [("incoming_event", path)]
    assert push.damage == tuple(seen)


def test_a_push_that_cannot_be_repaired_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    push = published(frame({"event": EVENT}))
    assert isinstance(push, UnknownPush)
    assert push.payload == {"event": EVENT}
    assert [one.path for one in push.damage] == ["$.chat_id"]
    assert "incoming_event: `$.chat_id` is not what the API promises" in caplog.text
    malformed = published(frame(incoming(text=None)))
    assert isinstance(malformed.event, UnknownEvent)


def test_a_strict_hub_ignores_a_damaged_push(caplog: pytest.LogCaptureFixture) -> None:
    assert published(frame(incoming(custom_id=7)), DamageReports(strict=True)) is None
    assert "ignored a push" in caplog.text


@pytest.mark.parametrize("data", [b"[]", b"7", b"{", b"<html>", b""])
def test_what_is_no_frame(data: bytes) -> None:
    with pytest.raises(DecodeError, match="not an RTM frame"):
        decode_frame(data)


def call(action: Any, reports: DamageReports) -> RTMCall:
    return RTMCall(action, action.spec, b"{}", 0, 1, 1, Retry(), Meter(), reports=reports)


def response(payload: Any, **more: Any) -> bytes:
    return frame(payload, type="response", success=True, **more)


def test_the_log_in_survives_odd_values() -> None:
    seen: list[Damage] = []
    login = {
        "license": {"id": 7, "organization_id": "o"},
        "my_profile": {"id": "a@b.example", "type": "agent", "name": None},
        "chats_summary": [{"id": "C", "users": []}, None],
    }
    made = call(Login(token="Bearer x"), DamageReports(on_damage=seen.append))
    result = read_response(decode_frame(response(login)), made)
    assert isinstance(result, LoginResponse)
    assert (result.license.id, result.license.organization_id) == ("", "o")
    assert (result.my_profile.id, result.my_profile.name) == ("a@b.example", "")
    assert [chat.id for chat in result.chats_summary] == ["C", ""]
    assert {one.path for one in seen} == {
        "$.license.id", "$.my_profile.name", "$.my_profile.email", "$.chats_summary[1]",
    }  # fmt: skip
    with pytest.raises(DecodeError, match="login"):
        read_response(decode_frame(response(login)), call(made.action, DamageReports(strict=True)))


def test_responses_report_the_damage_of_their_frames() -> None:
    seen: list[Damage] = []
    data = response({"id": "C", "users": [], "properties": {"a": {"b": "@"}}})
    made = call(GetChat(chat_id="C"), DamageReports(on_damage=seen.append))
    result = read_response(decode_frame(data.replace(b'"@"', rb'"\ud83d"')), made)
    assert isinstance(result, Chat)
    assert result.properties == {"a": {"b": "\ufffd"}}
    assert [(one.source, one.path) for one in seen] == [("get_chat", "$.properties.a.b")]


@pytest.mark.parametrize("payload", [None, {}, "", {"chat_id": "C"}])
def test_methods_without_a_result_take_any_payload(payload: Any) -> None:
    made = call(TagThread(chat_id="C", thread_id="T", tag="x"), DamageReports(strict=True))
    assert read_response(decode_frame(response(payload)), made) is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[]", "not an RTM frame: Expected `object`, got `array`"),
        (b"{", "not an RTM frame: not valid JSON: "),
    ],
)
def test_what_is_no_frame_says_why(data: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_frame(data)
    assert caught.value.message.startswith(message)
    assert caught.value.__suppress_context__


def test_paths_of_damage_begin_within_the_payload() -> None:
    inside = incoming(properties={"$.payload": {"payload": "@"}})
    data = frame(inside, version=7).replace(b'"@"', rb'"\ud83d"')
    paths = {damage.path for damage in decode_frame(data).damage}
    assert paths == {"$.version", '$.event.properties["$.payload"].payload'}
    for damage in decode_frame(data).damage:
        assert damage.problem


def test_frame_without_anything_in_it() -> None:
    empty = decode_frame(b"{}")
    assert (empty.type, empty.action, bytes(empty.payload)) == ("", "", b"")
    assert (empty.request_id, empty.success, empty.version) == (None, None, None)
    assert empty.damage == ()


def test_request_as_bytes() -> None:
    assert request_frame("17", "get_chat", b'{"chat_id":"C"}') == (
        b'{"request_id":"17","action":"get_chat","payload":{"chat_id":"C"}}'
    )


def test_call_as_it_is_made() -> None:
    made = RTMCall(GetChat(chat_id="C"), GetChat.spec, b"{}", 0, 1, 1, Retry(), Meter())
    assert (made.lane, made.same_connection, made.done) == (None, False, False)
    assert (made.attempts, made.number, made.size) == (0, 0, 0)
    assert (made.response, made.error) == (None, None)
    assert made.reports is not RTMCall(*[None] * 8).reports  # type: ignore[arg-type]
    assert repr(made) == "<RTMCall get_chat, 0 attempts>"
    assert made != RTMCall(GetChat(chat_id="C"), GetChat.spec, b"{}", 0, 1, 1, Retry(), Meter())


@pytest.mark.parametrize(
    ("success", "payload", "type"),
    [
        (False, {"error": {"type": "validation", "message": "No", "data": {"x": 1}}}, "validation"),
        (None, {"error": {"type": "validation", "message": "No", "data": {"x": 1}}}, "validation"),
        (False, {}, "unknown"),
        (False, [[]], "unknown"),
    ],
)
def test_refusals(success: bool | None, payload: Any, type: str) -> None:
    made = call(GetChat(chat_id="C"), DamageReports())
    made.attempts = 3
    data = frame(payload, type="response", success=success, request_id="17")
    with pytest.raises(APIError) as caught:
        read_response(decode_frame(data.replace(b'"error": ', b'"error":')), made)
    error = caught.value
    assert (error.type, error.action, error.attempts) == (type, "get_chat", 3)
    if type == "validation":
        assert (error.message, error.data, error.request_id) == ("No", {"x": 1}, "17")
        assert isinstance(error, ValidationError)


def test_frames_cost_the_garbage_collector_nothing() -> None:
    assert not gc.is_tracked(decode_frame(frame({"chat_id": "C"})))
