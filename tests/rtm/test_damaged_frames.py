"""Frames with an odd value: the push or response they carry is read nevertheless."""

import json
import logging
from typing import Any

import pytest

from frontdesk import Damage
from frontdesk._damage import DamageReports
from frontdesk.actions import GetChat, Login, TagThread
from frontdesk.core.policy import Meter, Retry
from frontdesk.core.rtm.calls import RTMCall
from frontdesk.core.rtm.frames import decode_frame, read_answer
from frontdesk.core.rtm.hub import Hub
from frontdesk.errors import DecodeError
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
    result = read_answer(decode_frame(response(login)), made)
    assert isinstance(result, LoginResponse)
    assert (result.license.id, result.license.organization_id) == ("", "o")
    assert (result.my_profile.id, result.my_profile.name) == ("a@b.example", "")
    assert [chat.id for chat in result.chats_summary] == ["C", ""]
    assert {one.path for one in seen} == {
        "$.license.id", "$.my_profile.name", "$.my_profile.email", "$.chats_summary[1]",
    }  # fmt: skip
    with pytest.raises(DecodeError, match="login"):
        read_answer(decode_frame(response(login)), call(made.action, DamageReports(strict=True)))


def test_responses_report_the_damage_of_their_frames() -> None:
    seen: list[Damage] = []
    data = response({"id": "C", "users": [], "properties": {"a": {"b": "@"}}})
    made = call(GetChat(chat_id="C"), DamageReports(on_damage=seen.append))
    result = read_answer(decode_frame(data.replace(b'"@"', rb'"\ud83d"')), made)
    assert isinstance(result, Chat)
    assert result.properties == {"a": {"b": "\ufffd"}}
    assert [(one.source, one.path) for one in seen] == [("get_chat", "$.properties.a.b")]


@pytest.mark.parametrize("payload", [None, {}, "", {"chat_id": "C"}])
def test_methods_without_a_result_take_any_payload(payload: Any) -> None:
    made = call(TagThread(chat_id="C", thread_id="T", tag="x"), DamageReports(strict=True))
    assert read_answer(decode_frame(response(payload)), made) is None
