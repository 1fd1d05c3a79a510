"""Values of the user's own that go out as JSON: nothing is to be hidden or changed on the way.

msgspec would send NaN as null, bytes as Base64, a set as a list in any order, a decimal number as a
text, and the number 1 as the key "1".
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from math import isfinite
from operator import is_
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET

from frontdesk.errors import InvalidArgument

__all__ = ["MAX_DEPTH", "as_json", "as_scalar", "check_name", "check_scalar"]

MAX_DEPTH: Final = 100
"""Levels of lists and objects that a value may have; servers have limits of this order."""

LEAST_INTEGER: Final = -(2**63)
LARGEST_INTEGER: Final = 2**64 - 1
"""Beyond these, many a JSON library refuses an integer or rounds it."""

PLAIN: Final = frozenset({str, int, float, bool, type(None), dict, list})
BROKEN_TEXT: Final = "half a surrogate pair is no character"

TEXTS: Final = (date, time, timedelta, UUID)
"""What JSON has no type for, and everybody writes as the same text (dates in ISO 8601)."""


def as_json(place: str, value: Any) -> Any:
    """Return a value as JSON can hold it: ``Mapping`` becomes ``dict``, ``Enum`` its value.

    What already is plain stays the same object. Raises ``InvalidArgument`` with the path of what
    JSON cannot hold: NaN and infinity, bytes, sets, names that are no texts, half a surrogate pair,
    a structure that holds itself or is nested more than 100 levels deep, a date and time without a
    time zone.
    """
    return _plain(place, value, ())


def as_scalar(value: Any) -> Any:
    """Return the plain text or number of one of a class derived from it, such as an ``Enum``."""
    if isinstance(value, Enum):
        value = value.value
    if type(value) in PLAIN:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else value


def check_scalar(place: str, value: Any) -> bool:
    """Return whether a value is a text, a number, true, false or None.

    Raises ``InvalidArgument`` for one that JSON cannot hold.
    """
    if isinstance(value, str):
        if not _is_sound(value):
            raise InvalidArgument(place, f"cannot be sent as JSON: {BROKEN_TEXT}")
        return True
    if isinstance(value, float) and not isfinite(value):
        raise InvalidArgument(place, f"cannot be sent as JSON: it is {value}")
    if isinstance(value, int) and not LEAST_INTEGER <= value <= LARGEST_INTEGER:
        raise InvalidArgument(place, "cannot be sent as JSON: it needs more than 64 bits")
    return value is None or isinstance(value, (int, float))


def check_name(place: str, name: Any) -> str:
    """Return the name of a field as a plain text; raise ``InvalidArgument`` for anything else."""
    plain = as_scalar(name)
    if not isinstance(plain, str):
        kind = "None" if name is None else type(name).__name__
        raise InvalidArgument(place, f"must have texts as names, not {kind}")
    if not _is_sound(plain):
        raise InvalidArgument(place, f"must have texts as names: {BROKEN_TEXT}")
    return plain


def _plain(place: str, value: Any, around: tuple[int, ...]) -> Any:
    plain = as_scalar(value)
    if check_scalar(place, plain):
        return plain
    if isinstance(plain, TEXTS):
        if isinstance(plain, datetime) and plain.utcoffset() is None:
            raise InvalidArgument(place, "must have a time zone, such as `datetime.now(UTC)` has")
        return plain
    if id(value) in around:
        raise InvalidArgument(place, "cannot be sent as JSON: it holds itself")
    if len(around) >= MAX_DEPTH:
        raise InvalidArgument(place, f"must not be nested more than {MAX_DEPTH} levels deep")
    around = (*around, id(value))
    if isinstance(plain, Mapping):
        return _object(place, plain, around)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(plain, (list, tuple)):
        items = [_plain(f"{place}[{n}]", item, around) for n, item in enumerate(plain)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return plain if type(plain) is list and _same(plain, items) else items  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    for name in _fields(plain, place):
        held = getattr(plain, name)
        if held is not UNSET:
            _plain(f"{place}.{name}", held, around)
    return plain


def _object(place: str, value: Mapping[Any, Any], around: tuple[int, ...]) -> Any:
    items: dict[str, Any] = {}
    for name, item in value.items():
        plain_name = check_name(place, name)
        items[plain_name] = _plain(f"{place}.{plain_name}", item, around)
    is_plain_dict = value.__class__ is dict
    parts = (*value, *value.values()) if is_plain_dict else ()
    return value if _same(parts, (*items, *items.values())) else items


def _same(parts: Sequence[Any], made: Sequence[Any]) -> bool:
    """Whether making the parts plain has changed none of them."""
    return len(parts) == len(made) and all(map(is_, parts, made))


def _is_sound(text: str) -> bool:
    """Whether a text has no half of a surrogate pair, which is no character."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fields(value: Any, place: str) -> Iterator[str]:
    """Yield the fields of a structure or dataclass."""
    kind = value.__class__
    names = getattr(kind, "__struct_fields__", None) or getattr(kind, "__dataclass_fields__", None)
    if names is None:
        raise InvalidArgument(place, f"cannot be sent as JSON: it is {kind.__name__}")
    return iter(names)
