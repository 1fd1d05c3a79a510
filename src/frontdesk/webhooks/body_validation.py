"""What is checked of a body beyond its secret, and how the secret is taken out of it."""

import json
from collections import Counter
from typing import Any, Final

import msgspec

from frontdesk.codec.lexical import cleaned
from frontdesk.errors import DecodeError

__all__ = ["duplicate_key", "is_json", "length_of", "without_secret"]

_KEYS: Final = (b'"secret_key"', b'"action"', b'"payload"', b'"webhook_id"', b'"organization_id"')
_DIGITS: Final = 18
_parts = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def length_of(value: str | None) -> int | None:
    """Read a Content-Length; None if there is none, or none that makes sense."""
    if not value or not value.isascii() or not value.isdigit():
        return None
    return int(value[:_DIGITS])


def is_json(value: str | None) -> bool:
    """Tell whether a Content-Type is JSON's; its parameters do not matter."""
    if value == "application/json":
        return True
    return (value or "").partition(";")[0].strip().lower() == "application/json"


def duplicate_key(body: bytes) -> str | None:
    """Find a key that the outer object of a JSON body has twice.

    Such a body means different things to different parsers, and LiveChat sends none. Counting is
    cheap and finds too many; only then is the body parsed pair by pair.

    Raises ``DecodeError`` if the body is nested too deeply, or no JSON where nobody looked yet.
    """
    if b"\\u" not in body and all([body.count(key) < 2 for key in _KEYS]):  # noqa: C419, PLR2004
        return None
    duplicates: list[str] = []

    def see(pairs: list[tuple[str, Any]]) -> None:
        # The outer object is the last one to be seen.
        duplicates[:] = [
            name for name, count in Counter(name for name, _ in pairs).items() if count > 1
        ]

    try:
        text = cleaned(body).data.decode("utf-8", "replace")
        json.loads(text, object_pairs_hook=see, parse_int=str, parse_float=str)
    except RecursionError:
        raise DecodeError("nested too deeply") from None
    except ValueError as error:
        raise DecodeError(f"not valid JSON: {error}") from None
    return duplicates[0][:100] if duplicates else None


def without_secret(body: bytes) -> bytes:
    """Take the secret out of a body that has one, and leave the rest as it is.

    Raises ``DecodeError`` if the body is no JSON where nobody looked yet.
    """
    try:
        parts = _parts(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        parts = _tolerantly(body)
    del parts["secret_key"]
    return _encode(parts)


def _tolerantly(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _parts(cleaned(body).data)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise DecodeError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise DecodeError("nested too deeply") from None
