"""What pushes and webhooks are about: the chat, the author, and what is handled in order."""

import json
from typing import Any

import pytest

from frontdesk.codec.decoding import convert
from frontdesk.pushes import Push, decode
from frontdesk.pushes.subjects import author_id_of, chat_id_of, subject_of
from frontdesk.webhooks import CustomerSessionFieldsUpdated

from ..documented import OWN_SAMPLES

FIELDS = {"id": "b7eff798", "session_fields": [{"plan": "gold"}]}


def push(action: str, payload: Any) -> Push:
    return decode(action, json.dumps(payload).encode())


def sample(name: str) -> Push:
    content = json.loads((OWN_SAMPLES / "pushes" / f"{name}.json").read_text(encoding="utf-8"))
    return push(name.partition(".")[0], content.get("payload", content))


@pytest.mark.parametrize(
    ("about", "chat_id"),
    [
        (sample("incoming_chat"), "R7MA20XJ4K"),
        (push("chat_access_updated", {"id": "A", "access": {"group_ids": [1]}}), "A"),
        (push("chat_deleted", {"chat_id": "A"}), "A"),
        (push("brand_new", {"chat_id": "A"}), "A"),
        (push("brand_new", {"chat_id": 17}), None),
        (push("brand_new", ["A"]), None),
        (push("agent_deleted", {"id": "smith@example.com"}), None),
        ({"chat_id": "A"}, "A"),
        ({"chat_id": None}, None),
        (convert({**FIELDS, "active_chat": {"chat_id": "A"}}, CustomerSessionFieldsUpdated), "A"),
        (convert(FIELDS, CustomerSessionFieldsUpdated), None),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_chat_of_pushes_and_webhooks(about: Any, chat_id: str | None) -> None:
    assert chat_id_of(about) == chat_id


@pytest.mark.parametrize(
    ("action", "payload", "author_id"),
    [
        ("incoming_typing_indicator",
         {"chat_id": "A", "thread_id": "T",
          "typing_indicator": {"author_id": "ann", "visibility": "all", "is_typing": True,
                               "timestamp": 1}},
         "ann"),
        ("events_marked_as_seen",
         {"chat_id": "A", "user_id": "bob", "seen_up_to": "2026-03-01T09:00:00Z"}, "bob"),
        ("incoming_multicast", {"author_id": "smith@example.com", "content": {}},
         "smith@example.com"),
        ("incoming_multicast", {"content": {}}, None),
        ("chat_deleted", {"chat_id": "A"}, None),
    ],
)  # fmt: skip
def test_author_of_pushes(action: str, payload: Any, author_id: str | None) -> None:
    assert author_id_of(push(action, payload)) == author_id


@pytest.mark.parametrize(
    ("action", "payload", "subject"),
    [
        ("chat_deleted", {"chat_id": "A"}, ("chat", "A")),
        ("agent_deleted", {"id": "smith@example.com"}, ("agent", "smith@example.com")),
        ("routing_status_set", {"agent_id": "bot", "status": "offline"}, ("agent", "bot")),
        ("bot_deleted", {"id": "bot"}, ("bot", "bot")),
        ("group_deleted", {"id": 7}, ("group", "7")),
        ("tag_created",
         {"name": "sales", "group_ids": [1], "created_at": "2026-03-01T09:00:00Z",
          "author_id": "smith@example.com"},
         ("tag", "sales")),
        ("tag_updated", {"name": "sales", "group_ids": [2]}, ("tag", "sales")),
        ("tag_deleted", {"name": "sales"}, ("tag", "sales")),
        ("customer_banned", {"customer_id": "c", "ban": {"days": 3}}, ("customer", "c")),
        ("brand_new", {"x": 1}, ("push", "brand_new")),
    ],
)  # fmt: skip
def test_subject_by_which_pushes_are_kept_in_order(
    action: str, payload: Any, subject: tuple[str, str]
) -> None:
    assert subject_of(push(action, payload)) == subject
