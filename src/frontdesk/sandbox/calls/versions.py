"""What differs between the versions of the API, applied around the handlers, which speak 3.6.

Served are 3.4 (deprecated), 3.5 (legacy), 3.6 (stable) and 3.7 (preview). LiveChat tells a stage in
the headers ``Deprecation`` and ``Legacy``, whose values are the days the stage ends; those days are
not published, so the sandbox's are its own.

Source: https://platform.text.com/docs/messaging/agent-chat-api/changelog
"""

from typing import Any, Final, TypeGuard

import msgspec

from frontdesk.errors import ValidationError

__all__ = ["CURRENT", "SERVED", "Version", "dotted", "older_request", "other_answer"]

Version = tuple[int, int]

CURRENT: Final[Version] = (3, 6)
SERVED: Final[dict[Version, tuple[tuple[str, str], ...]]] = {
    (3, 4): (("Deprecation", "2026-11-30"),),
    (3, 5): (("Legacy", "2027-02-28"),),
    (3, 6): (),
    (3, 7): (),
}
"""Each version, with the headers that its answers carry."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def dotted(version: Version) -> str:
    """The version as it is written."""
    return f"{version[0]}.{version[1]}"


def older_request(method: str, body: bytes) -> bytes:
    """Turn a request of 3.5 or older into one of 3.6.

    ``list_chats`` had ``filters.include_active`` (true: both; false: inactive chats only) where 3.6
    has ``filters.active``. Raises ``ValidationError``.
    """
    if method != "list_chats" or b'"include_active"' not in body:
        return body
    try:
        request = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return body
    filters = request.get("filters") if _is_object(request) else None
    if _is_object(filters) and "include_active" in filters:
        both = filters.pop("include_active")
        if not isinstance(both, bool | None):
            raise ValidationError("`filters.include_active` must be true or false")
        filters["active"] = False if both is False else None
    return _encode(request)


def other_answer(version: Version, content: Any) -> Any:
    """Turn a result of 3.6, models or plain data, into plain data of another version.

    Up to 3.5 a customer's ``visit`` is ``last_visit``. In 3.7 chat summaries are chat infos:
    ``chats_summary`` is ``chats_info``, and ``last_event_per_type``, whose entries hold only
    ``event``, stands inside ``last_thread_info``, once ``last_thread_summary``.
    """
    plain = _decode(_encode(content))
    return _before_visits(plain) if version < CURRENT else _with_chat_infos(plain)


def _before_visits(value: Any) -> Any:
    if _is_array(value):
        return [_before_visits(item) for item in value]
    if not _is_object(value):
        return value
    customer = value.get("type") == "customer"
    return {
        "last_visit" if customer and name == "visit" else name: _before_visits(item)
        for name, item in value.items()
    }


def _with_chat_infos(value: Any) -> Any:
    if not _is_object(value) or not _is_array(value.get("chats_summary")):
        return value
    infos = [_chat_info(summary) for summary in value["chats_summary"]]
    renamed = {"chats_summary": "chats_info"}
    return {
        renamed.get(name, name): infos if name in renamed else item for name, item in value.items()
    }


def _chat_info(summary: dict[str, Any]) -> dict[str, Any]:
    info = dict(summary)
    thread = info.pop("last_thread_summary", None)
    events = info.pop("last_event_per_type", None)
    if thread is not None:
        info["last_thread_info"] = thread
        if events:
            thread["last_event_per_type"] = {
                name: {"event": last["event"]} if "event" in last else last
                for name, last in events.items()
            }
    return info


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
