"""How many keys an event may have, which cannot be seen once unknown ones are gone.

LiveChat documents no such limit. Users of its SDKs saw the service refuse events of more than 25
keys with ``validation`` and the HTTP status 422.
"""

from http import HTTPStatus
from typing import Any, Final

import msgspec

from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import ValidationError

__all__ = ["MOST_KEYS", "TooManyKeys", "check_keys"]

MOST_KEYS: Final = 25
"""How many keys an event may have at its top."""
_METHODS: Final = frozenset(("resume_chat", "send_event", "send_event_preview", "start_chat"))
_decode = msgspec.json.Decoder().decode


class TooManyKeys(ValidationError):
    """An event has more keys than the service takes."""

    error_type = "validation"
    http_status: int = HTTPStatus.UNPROCESSABLE_ENTITY


def check_keys(method: str, body: bytes) -> None:
    """Raise ``TooManyKeys`` if a request has an event with too many keys at its top."""
    if method not in _METHODS:
        return
    try:
        request = _decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return
    for field, event in _events(request):
        if is_object(event) and len(event) > MOST_KEYS:
            raise TooManyKeys(f"`{field}` must have at most {MOST_KEYS} keys, not {len(event)}")


def _events(request: Any) -> list[tuple[str, Any]]:
    if not is_object(request):
        return []
    chat = request.get("chat")
    thread = chat.get("thread") if is_object(chat) else None
    first = thread.get("events") if is_object(thread) else None
    events = [
        (f"chat.thread.events[{position}]", event)
        for position, event in enumerate(first if is_array(first) else ())
    ]
    return [("event", request.get("event")), *events]
