"""What differs between the versions of the API, applied around the handlers, which speak 3.6.

Served are 3.4 (deprecated), 3.5 (legacy), 3.6 (stable) and 3.7 (preview). LiveChat announces the
stage of a version in the headers ``Deprecation`` and ``Legacy``, whose values are the days the
stage ends; those days are not published, so the sandbox's are its own.

Source: https://platform.text.com/docs/messaging/agent-chat-api/changelog
"""

import re
from typing import Any, Final

import msgspec

from frontdesk.codec.decoding import encode
from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import UnsupportedVersion, ValidationError
from frontdesk.spec.actions import Version, dotted

__all__ = [
    "CURRENT",
    "SERVED",
    "check_served",
    "converted",
    "encode_for",
    "parse_version",
    "request_of",
    "served_versions",
]

CURRENT: Final[Version] = (3, 6)
SERVED: Final[dict[Version, tuple[tuple[str, str], ...]]] = {
    (3, 4): (("Deprecation", "2026-11-30"),),
    (3, 5): (("Legacy", "2027-02-28"),),
    (3, 6): (),
    (3, 7): (),
}
"""Each version, with the headers that its responses carry."""
_DOTTED: Final = re.compile(r"(\d{1,3})\.(\d{1,3})")

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def parse_version(text: str) -> Version | None:
    """The version that a text such as ``3.6`` names; None for other texts."""
    match = _DOTTED.fullmatch(text)
    return None if match is None else (int(match[1]), int(match[2]))


def served_versions() -> str:
    """The versions that are served, for messages."""
    return ", ".join(map(dotted, SERVED))


def check_served(version: Version) -> None:
    """Raise ``UnsupportedVersion`` for a version that is not served."""
    if version not in SERVED:
        raise UnsupportedVersion(
            f"version {dotted(version)} is not served; {served_versions()} are"
        )


def request_of(version: Version, method: str, body: bytes) -> bytes:
    """Turn the request of a version into one of 3.6.

    Up to 3.5 ``list_chats`` had ``filters.include_active`` (true: both; false: inactive chats only)
    where 3.6 has ``filters.active``. Raises ``ValidationError``.
    """
    if version >= CURRENT or method != "list_chats" or b'"include_active"' not in body:
        return body
    try:
        request = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return body
    filters = request.get("filters") if is_object(request) else None
    if is_object(filters) and "include_active" in filters:
        both = filters.pop("include_active")
        if not isinstance(both, bool | None):
            raise ValidationError("`filters.include_active` must be true or false")
        filters["active"] = False if both is False else None
    return _encode(request)


def encode_for(version: Version, content: Any) -> bytes:
    """Encode a result, made in 3.6, as a version has it; see ``converted``."""
    return converted(version, encode(content))


def converted(version: Version, data: bytes) -> bytes:
    """Turn the JSON of a result or a push in 3.6 into that of a version.

    Up to 3.5 a customer's ``visit`` is ``last_visit``. In 3.7 chat summaries are chat infos:
    ``chats_summary`` is ``chats_info``, and ``last_event_per_type``, whose entries hold only
    ``event``, stands inside ``last_thread_info``, once ``last_thread_summary``.
    """
    if version == CURRENT:
        return data
    plain = _decode(data)
    return _encode(_before_visits(plain) if version < CURRENT else _with_chat_infos(plain))


def _before_visits(value: Any) -> Any:
    if is_array(value):
        return [_before_visits(item) for item in value]
    if not is_object(value):
        return value
    customer = value.get("type") == "customer"
    return {
        "last_visit" if customer and name == "visit" else name: _before_visits(item)
        for name, item in value.items()
    }


def _with_chat_infos(value: Any) -> Any:
    if not is_object(value) or not is_array(value.get("chats_summary")):
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
