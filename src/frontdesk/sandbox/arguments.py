"""Checks of what the methods of the sandbox's public classes are given.

What a method takes is in its signature already; ``checks_arguments`` reads it there, so that no
method can forget an argument. Structures of the API check themselves.
"""

import types
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, wraps
from inspect import Parameter, signature
from itertools import chain, repeat
from math import isfinite
from pathlib import Path
from typing import (
    Any,
    Final,
    Literal,
    NamedTuple,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from msgspec import UnsetType

from frontdesk.clients.arguments import explain_arguments
from frontdesk.errors import InvalidArgument
from frontdesk.spec.json_values import as_json, as_scalar, check_name, check_scalar
from frontdesk.spec.shapes import alternatives, kind_of

__all__ = ["checks_arguments"]

C = TypeVar("C", bound=type)
Check = Callable[[str, Any], Any]
"""Takes the name of an argument and a value; returns what is used, or raises."""

_WORDS: Final[dict[Any, str]] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    bytes: "bytes",
    datetime: "a datetime",
    timedelta: "a timedelta",
    Path: "a path",
    types.NoneType: "",
    UnsetType: "",
}
_LISTS: Final = (Iterable, list, tuple)
_BYTES: Final = (bytes, bytearray)
_LONGEST: Final = 20
"""Characters of a value that is shown; whoever holds a token holds more."""
_NO_LISTS: Final = (str, bytes, dict)


def checks_arguments(cls: C) -> C:
    """Have the public methods of a class check their arguments by their annotations.

    They raise ``InvalidArgument``, or ``UnexpectedArgument``, that names the argument.
    """
    explain_arguments(cls)
    for name, method in list(vars(cls).items()):
        is_public = name == "__init__" or not name.startswith("_")
        if isinstance(method, types.FunctionType) and is_public:
            setattr(cls, name, _checked(method))
    return cls


def _checked(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def checked(self: object, *values: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        signed = _signed(method)
        places = chain(signed.names, repeat(signed.rest))
        values = tuple(
            signed.checks[name](name, value) if name else value
            for name, value in zip(places, values, strict=False)
        )
        for name in named.keys() & signed.checks.keys():
            named[name] = signed.checks[name](name, named[name])
        return method(self, *values, **named)

    return checked


class _Signed(NamedTuple):
    """What a method takes."""

    checks: dict[str, Check]
    names: list[str]
    """The arguments that can be given without a name, in order."""
    rest: str
    """The argument that takes all further ones; empty if there is none."""


@cache
def _signed(method: Callable[..., Any]) -> _Signed:
    hints = get_type_hints(method)
    _, *parameters = signature(method).parameters.values()
    checks: dict[str, Check] = {}
    names: list[str] = []
    rest = ""
    for each in parameters:
        if each.kind is Parameter.VAR_KEYWORD:
            continue
        checks[each.name] = _check_of(hints.get(each.name, Any))
        if each.kind is Parameter.VAR_POSITIONAL:
            rest = each.name
        elif each.kind is Parameter.POSITIONAL_OR_KEYWORD:
            names.append(each.name)
    return _Signed(checks, names, rest)


def _check_of(hint: Any) -> Check:
    """Return what checks values of a type."""
    parts = alternatives(hint)
    origins = {get_origin(part) or part: part for part in parts}
    if not all(origin in (*_WORDS, *_LISTS, dict, Literal) for origin in origins):
        # A structure, a function: whoever takes it looks at it itself.
        return lambda _, value: value
    literals = get_args(origins[Literal]) if Literal in origins else ()
    lists = [part for origin, part in origins.items() if origin in _LISTS]
    items = _check_of(get_args(lists[0])[0]) if lists else None
    values = _check_of(get_args(origins[dict])[1]) if dict in origins else None
    words = [_WORDS[origin] for origin in origins if _WORDS.get(origin)]
    words += [f"one of {', '.join(literals)}"] if literals else []
    words += ["a list"] if lists else []
    words += ["a dictionary"] if values else []

    def check(name: str, value: Any) -> Any:
        plain = as_scalar(value)
        kind = _kind_of(plain)
        if (kind in origins and kind in _WORDS) or (kind is int and float in origins):
            return _sound(name, plain, kind)
        if literals and plain in literals:
            return plain
        if items is not None and isinstance(value, Iterable) and kind not in _NO_LISTS:
            return _listed(name, value, items)  # pyright: ignore[reportUnknownArgumentType]
        if values is not None and isinstance(value, Mapping):
            return {
                check_name(name, key): values(f"{name}.{key}", as_json(f"{name}.{key}", item))
                for key, item in value.items()  # pyright: ignore[reportUnknownVariableType]
            }
        raise InvalidArgument(name, f"must be {' or '.join(words)}, not {_shown(plain)}")

    return check


def _listed(name: str, values: Iterable[Any], check: Check) -> tuple[Any, ...]:
    checked: list[Any] = []
    for value in values:
        try:
            checked.append(check(name, value))
        except InvalidArgument as error:
            # Who gives the argument knows it by its name alone.
            rule = f"must fit at [{len(checked)}], which {error.rule}"
            raise InvalidArgument(name, rule) from None
    return tuple(checked)


def _shown(value: Any) -> str:
    """A short value as it is, and else its type."""
    text = repr(value) if isinstance(value, (bool, int, float, str)) else ""
    return text if text and len(text) <= _LONGEST else kind_of(value)


def _kind_of(value: Any) -> Any:
    """The type among those that annotations name; a truth value is no number."""
    for kind in (types.NoneType, UnsetType, bool, str, int, float, datetime, timedelta, Path):
        if isinstance(value, kind):
            return kind
    return bytes if isinstance(value, _BYTES) else value.__class__


def _sound(name: str, value: Any, kind: Any) -> Any:
    """Refuse numbers that are none and texts that nobody can write."""
    if kind is float and not isfinite(value):
        raise InvalidArgument(name, f"must be a number, not {value}")
    if kind is str:
        check_scalar(name, value)
    return bytes(value) if kind is bytes else value
