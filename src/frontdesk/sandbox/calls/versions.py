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
from frontdesk.codec.plain import is_object
from frontdesk.errors import UnsupportedVersion, ValidationError
from frontdesk.sandbox.versions.content import CURRENT, converted
from frontdesk.sandbox.versions.older import older_request
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

SERVED: Final[dict[Version, tuple[tuple[str, str], ...]]] = {
    (3, 4): (("Deprecation", "2026-11-30"),),
    (3, 5): (("Legacy", "2027-02-28"),),
    (3, 6): (),
    (3, 7): (),
}
"""Each version, with the headers that its responses carry."""
_DOTTED: Final = re.compile(r"(\d{1,3})\.(\d{1,3})")

EMPTY_OBJECT: Final = b"{}"

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

    What a version does not know yet is removed. Up to 3.5 ``list_chats`` has
    ``filters.include_active`` (true: both; false: inactive chats only) where 3.6 has
    ``filters.active``; clients of later versions still send it, so it is an alias there. Raises
    ``ValidationError``.
    """
    alias = method == "list_chats" and b'"include_active"' in body
    if version >= CURRENT and not alias:
        return body
    try:
        request = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return body
    older_request(version, method, request)
    if alias:
        _replace_include_active(request)
    return _encode(request)


def _replace_include_active(request: Any) -> None:
    filters = request.get("filters") if is_object(request) else None
    if not is_object(filters) or "include_active" not in filters:
        return
    both = filters.pop("include_active")
    if not isinstance(both, bool | None):
        raise ValidationError("`filters.include_active` must be true or false")
    filters.setdefault("active", False if both is False else None)


def encode_for(version: Version, content: Any, api: str = "agent") -> bytes:
    """Encode a result, made in 3.6, as a version of an API has it; see ``converted``."""
    return converted(version, encode(content), api=api) or EMPTY_OBJECT
