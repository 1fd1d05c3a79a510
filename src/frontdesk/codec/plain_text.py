"""Responses that may be plain text instead of an object, made the object that is declared."""

import msgspec

__all__ = ["as_object"]

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def as_object(body: bytes, field: str, content_type: str = "") -> bytes:
    """Return the JSON object that a response stands for.

    Args:
        body: The response: an object already, a JSON text, or plain text.
        field: The field of the object that a text becomes.
        content_type: The header of the response; only ``text/plain`` allows plain text.

    Returns:
        The body as it is, if it is an object or cannot be understood.
    """
    is_text = content_type.partition(";")[0].strip().lower() == "text/plain"
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = body.decode("utf-8-sig", "replace") if is_text else None
    if isinstance(value, str):
        return _encode({field: value})
    if is_text and not isinstance(value, dict):
        return _encode({field: body.decode("utf-8-sig", "replace")})
    return body
