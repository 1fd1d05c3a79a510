"""The line that a person sees of a push or a webhook."""

import json
from pathlib import Path
from typing import Any

import pytest

from frontdesk.cli.output.describer import REMEMBERED, Describer
from frontdesk.codec.decoding import convert
from frontdesk.models import LoginResponse
from frontdesk.pushes import IncomingCustomer, IncomingEvent, Push, decode
from frontdesk.pushes.subjects import chat_id_of

from ..documented import own_samples

CUSTOMER = "b7eff798-f8df-4364-8059-649c35c9ed0c"
AT = "2026-03-01T09:00:00.000000Z"


def push(action: str, payload: dict[str, Any]) -> Push:
    return decode(action, json.dumps(payload).encode())


def event(**fields: Any) -> Push:
    content = {
        "id": "T_1",
        "type": "message",
        "created_at": AT,
        "author_id": CUSTOMER,
        "visibility": "all",
        **fields,
    }
    return push("incoming_event", {"chat_id": "C", "thread_id": "T", "event": content})


def chat(*users: dict[str, Any], events: tuple[Any, ...] = ()) -> Push:
    thread = {
        "id": "T",
        "active": True,
        "created_at": AT,
        "user_ids": [],
        "events": list(events),
        "access": {"group_ids": [0]},
        "properties": {},
    }
    return push("incoming_chat", {"chat": {"id": "C", "users": list(users), "thread": thread}})


ANN = {"id": CUSTOMER, "type": "customer", "name": "Ann"}
SMITH = {"id": "smith@example.com", "type": "agent", "name": "Agent Smith", "present": True}


def test_users_are_named_once_they_were_met() -> None:
    describer = Describer()
    assert describer.describe(event(text="hi")) == "customer b7eff798: hi"
    describer.describe(chat(ANN, SMITH))
    assert describer.describe(event(text="hi")) == "Ann: hi"
    assert describer.describe(event(text="yes?", author_id=SMITH["id"])) == "Agent Smith: yes?"


def test_the_log_in_names_users_too() -> None:
    login = {
        "license": {"id": "1", "organization_id": "o"},
        "my_profile": {
            "id": "smith@example.com",
            "type": "agent",
            "name": "Agent Smith",
            "email": "smith@example.com",
        },
        "chats_summary": [{"id": "C", "users": [ANN]}],
    }
    describer = Describer()
    describer.learn(convert(login, LoginResponse))
    assert describer.describe(event(text="hi")) == "Ann: hi"
    assert describer.describe(event(text="so", author_id="smith@example.com")) == "Agent Smith: so"


def test_a_new_name_replaces_the_old_one_and_an_empty_one_does_not() -> None:
    describer = Describer()
    describer.describe(chat(ANN))
    describer.describe(push("customer_updated", {"id": CUSTOMER, "name": "Ann Lee"}))
    describer.describe(push("customer_updated", {"id": CUSTOMER, "name": " "}))
    describer.describe(push("customer_updated", {"id": CUSTOMER, "name": None}))
    assert describer.describe(event(text="hi")) == "Ann Lee: hi"


def test_names_are_forgotten_when_there_are_too_many() -> None:
    describer = Describer()
    for number in range(REMEMBERED + 1):
        customer = {"id": f"c{number}", "type": "customer", "name": f"name {number}"}
        incoming = push("incoming_customer", customer)
        assert isinstance(incoming, IncomingCustomer)
        describer.describe(incoming)
    assert describer.describe(event(text="", author_id="c0")).startswith("c0:")
    assert describer.describe(event(text="", author_id="c1")).startswith("name 1:")


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"text": "hi"}, "hi"),
        ({"text": "psst", "visibility": "agents"}, " (agents only): psst"),
        (
            {"type": "file", "name": "a.png", "url": "https://x/a", "content_type": "image/png"},
            "[file] a.png https://x/a",
        ),
        (
            {"type": "rich_message", "template_id": "cards", "elements": [{"title": "Shoes"}]},
            "[cards] Shoes",
        ),
        ({"type": "custom", "content": {"a": [1]}}, '[custom] {"a":[1]}'),
        ({"type": "brand_new"}, "[brand_new]"),
        (
            {
                "type": "system_message",
                "system_message_type": "routing.idle",
                "text": "idle",
                "author_id": None,
            },
            "system: idle",
        ),
        (
            {
                "type": "filled_form",
                "fields": [
                    {"type": "name", "id": "1", "label": "Your name:", "answer": "Ann"},
                    {
                        "type": "checkbox",
                        "id": "2",
                        "label": "Likes:",
                        "answers": [{"id": "0", "label": "tea"}, {"id": "1", "label": "cake"}],
                    },
                ],
            },
            "[filled_form] Your name: Ann, Likes: tea, cake",
        ),
    ],
)
def test_events_of_every_type_say_what_they_hold(fields: dict[str, Any], line: str) -> None:
    assert Describer().describe(event(**fields)).endswith(line)


def test_a_chat_shows_its_users_and_its_last_text() -> None:
    first = {
        "id": "T_1",
        "type": "message",
        "created_at": AT,
        "author_id": CUSTOMER,
        "visibility": "all",
        "text": "hello",
    }
    assert Describer().describe(chat(ANN, SMITH, events=(first,))) == "Ann, Agent Smith: hello"
    assert Describer().describe(chat(ANN)) == "Ann"


@pytest.mark.parametrize(
    ("action", "payload", "line"),
    [
        (
            "chat_deactivated",
            {"chat_id": "C", "thread_id": "T", "user_id": SMITH["id"]},
            "closed by Agent Smith",
        ),
        ("chat_deactivated", {"chat_id": "C", "thread_id": "T"}, "closed"),
        ("thread_tagged", {"chat_id": "C", "thread_id": "T", "tag": "vip"}, "tagged 'vip'"),
        (
            "routing_status_set",
            {"agent_id": SMITH["id"], "status": "offline"},
            "Agent Smith is offline",
        ),
        (
            "user_removed_from_chat",
            {"chat_id": "C", "user_id": CUSTOMER, "reason": "banned"},
            "Ann left (banned)",
        ),
        (
            "incoming_typing_indicator",
            {
                "chat_id": "C",
                "thread_id": "T",
                "typing_indicator": {"author_id": CUSTOMER, "is_typing": True},
            },
            "Ann is typing",
        ),
        (
            "chat_transferred",
            {
                "chat_id": "C",
                "thread_id": "T",
                "reason": "manual",
                "requester_id": SMITH["id"],
                "transferred_to": {"group_ids": [1]},
            },
            'thread_id=T requester_id=Agent Smith reason=manual transferred_to={"group_ids":[1]}',
        ),
        ("brand_new", {"x": 1}, '{"x":1}'),
    ],
)
def test_pushes_say_who_did_what(action: str, payload: dict[str, Any], line: str) -> None:
    describer = Describer()
    describer.describe(chat(ANN, SMITH))
    assert describer.describe(push(action, payload)) == line


@pytest.mark.parametrize("path", own_samples("pushes"), ids=lambda p: p.stem)
def test_every_push_has_a_line(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    payload = content.get("payload", content) if isinstance(content, dict) else content
    decoded = decode(path.stem.partition(".")[0], json.dumps(payload).encode())
    line = Describer().describe(decoded)
    assert line or set(payload) <= {"chat_id"}
    if isinstance(payload, dict) and isinstance(payload.get("chat_id"), str):
        assert chat_id_of(decoded) == payload["chat_id"]
    if isinstance(decoded, IncomingEvent):
        assert decoded.event.type in line or getattr(decoded.event, "text", "") in line
