"""Representations that fit a terminal."""

from typing import Any, Final

import msgspec
from msgspec import NODEFAULT, Struct

from frontdesk.codec.plain import is_object

__all__ = ["brief", "representation", "shortened"]

TEXT: Final = 60
"""Characters of a text that are shown."""
WHOLE: Final = 700
"""Characters of a whole representation: less than ten lines."""
DEEP: Final = 2
"""How many structures stand inside each other with all of their fields."""
ITEMS: Final = 3
"""Keys of a plain object that are shown."""


def brief(value: Struct) -> str:
    """Return a representation of a structure: its fields, texts cut, lists by their first item."""
    return shortened(_struct(value, 0))


def representation(self: Struct) -> str:
    """The ``__repr__`` of models."""
    return brief(self)


def shortened(text: str) -> str:
    """Cut a representation that is too long."""
    return text if len(text) <= WHOLE else f"{text[: WHOLE - 2]}…)"


def _struct(value: Struct, depth: int) -> str:
    name = type(value).__name__
    if type(value).__repr__ is not representation and depth:
        return repr(value)
    shown: list[str] = []
    not_shown: frozenset[str] = getattr(value, "not_shown", frozenset())
    for field in msgspec.structs.fields(value):
        item = getattr(value, field.name)
        if field.name in not_shown or (not field.required and _is_default(field, item)):
            continue
        if depth >= DEEP and shown:
            shown.append("…")
            break
        shown.append(f"{field.name}={_any(item, depth + 1)}")
    return f"{name}({', '.join(shown)})"


def _is_default(field: Any, item: Any) -> bool:
    if field.default is not NODEFAULT:
        return item is field.default or (
            type(item) is type(field.default) and item == field.default
        )
    return field.default_factory in (list, dict) and not item


def _any(value: Any, depth: int) -> str:
    match value:
        case str() if len(value) > TEXT:
            return f"{value[:TEXT]!r}…"
        case Struct():
            return _struct(value, depth)
        case [first, *others]:
            more = f", … {len(others)} more" if others else ""
            return f"[{_any(first, depth)}{more}]"
        case _ if is_object(value):
            pairs = [f"{key!r}: {_any(item, depth)}" for key, item in list(value.items())[:ITEMS]]
            return "{" + ", ".join(pairs) + (", …" if len(value) > ITEMS else "") + "}"
        case _:
            return repr(value)
