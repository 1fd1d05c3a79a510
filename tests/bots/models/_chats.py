"""Chats as the API sends them, decoded as a client decodes them."""

import json
from typing import Any

from frontdesk.codec.decoding import decode
from frontdesk.models import Chat

BOT = "5c9871d5372c824cbf22d860a707a578"
OTHER_BOT = "6d9871d5372c824cbf22d860a707a579"
AGENT = "smith@example.com"
CUSTOMER = "b7eff798-f8df-4364-8059-649c35c9ed0c"

USERS = [
    {"id": CUSTOMER, "type": "customer", "name": "Ann"},
    {"id": AGENT, "type": "agent", "name": "Agent Smith"},
    {"id": BOT, "type": "agent", "name": "Helper"},
]


def event(number: int, author: str | None, **fields: Any) -> dict[str, Any]:
    at = f"2026-03-02T09:{number // 60:02}:{number % 60:02}.000000Z"
    made = {"id": f"E{number}", "created_at": at, "type": "message", "visibility": "all"}
    return {**made, **({} if author is None else {"author_id": author}), **fields}


def said(*texts: tuple[str, str]) -> list[dict[str, Any]]:
    """Messages of (author, text)."""
    return [event(number, author, text=text) for number, (author, text) in enumerate(texts)]


def chat(*events: Any, users: Any = USERS) -> Chat:
    thread = {"id": "T1", "active": True, "created_at": "2026-03-02T09:00:00.000000Z"}
    data = {"id": "C1", "users": users, "thread": {**thread, "events": list(events)}}
    return decode(json.dumps(data).encode(), Chat)
