"""Bodies of webhooks for the tests."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECRET = "open-sesame"
OWN = Path(__file__).parents[1] / "samples" / "own" / "webhooks"


def sample(action: str) -> dict[str, Any]:
    return json.loads((OWN / f"{action}.json").read_text(encoding="utf-8"))


def body(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def message(
    n: int = 1, chat: str = "QW12ER34TY", text: str = "hello", secret: str = SECRET
) -> bytes:
    """An ``incoming_event`` that differs from those of other numbers and chats."""
    webhook = sample("incoming_event")
    webhook["secret_key"] = secret
    payload = webhook["payload"]
    payload["chat_id"] = chat
    payload["event"] |= {"id": f"{chat}_{n}", "text": text}
    return body(webhook)


def tag(action: str = "thread_tagged", name: str = "vip") -> bytes:
    webhook = sample(action)
    webhook["payload"]["tag"] = name
    return body(webhook)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key of every object inside a value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name)
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from places(inner, (*path, n))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value
