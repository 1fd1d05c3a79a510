"""How many keys an event may have."""

import json

import pytest

from frontdesk.errors import ValidationError
from frontdesk.sandbox.calls.event_limits import check_keys

from .._desk import call_web


def event(keys: int) -> dict[str, object]:
    return {"type": "message", "text": "hi"} | {f"x{n}": n for n in range(keys - 2)}


def test_25_keys_are_the_most(desk):
    chat_id = desk.start()
    assert call_web(desk, "send_event", {"chat_id": chat_id, "event": event(25)}).status == 200
    response = call_web(desk, "send_event", {"chat_id": chat_id, "event": event(26)})
    assert response.status == 422
    assert json.loads(response.body)["error"] == {
        "type": "validation",
        "message": "`event` must have at most 25 keys, not 26",
    }
    assert len(desk.chat(chat_id).thread.events) == 1


@pytest.mark.parametrize("method", ["start_chat", "resume_chat"])
def test_first_events_too(desk, method):
    chat = {"id": "C", "thread": {"events": [event(25), event(26)]}}
    response = call_web(desk, method, {"chat": chat})
    assert response.status == 422
    assert b"`chat.thread.events[1]` must have at most 25 keys" in response.body


def test_previews_too(desk):
    response = call_web(desk, "send_event_preview", {"chat_id": "C", "event": event(30)})
    assert response.status == 422


def test_keys_further_down_do_not_count(desk):
    chat_id = desk.start()
    content = {f"x{n}": {"a": 1} for n in range(100)}
    custom = {"type": "custom", "content": content}
    assert call_web(desk, "send_event", {"chat_id": chat_id, "event": custom}).status == 200
    text = {"type": "message", "text": ":" * 100}
    assert call_web(desk, "send_event", {"chat_id": chat_id, "event": text}).status == 200


@pytest.mark.parametrize("body", [b"", b"[1]", b"{" + b":" * 40, b'{"event": ":' + b":" * 40])
def test_what_is_no_request_is_left_to_the_decoder(body):
    check_keys("send_event", body)


def test_other_methods_take_any_number():
    body = json.dumps({"event": event(40)}).encode()
    check_keys("multicast", body)
    with pytest.raises(ValidationError):
        check_keys("send_event", body)
