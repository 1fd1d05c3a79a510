"""The filters of ``list_archives`` on the command line: ``tags=refund``, ``agents.exists=false``.

Which values a filter takes is checked by its declaration; here texts become values of the right
kind, at the right place.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from frontdesk.cli.output.terminal import printable
from frontdesk.codec.plain import is_object
from frontdesk.errors import InvalidArgument
from frontdesk.grammar import listed
from frontdesk.models import ArchivesFilters
from frontdesk.spec.shapes import alternatives
from frontdesk.suggestions import did_you_mean

__all__ = ["read_filters"]

OPTION: Final = "--filter"
LONGEST: Final = 60
TEXTS: Final = frozenset({"agents", "customer_countries", "tags"})
"""Filters whose values are texts also where they look like numbers."""


def read_filters(
    texts: Iterable[str], *, reserved: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the filters as JSON has them, checked as a whole.

    Args:
        texts: each ``NAME=VALUE``, where dots lead inward (``agents.exists=false``), or all of the
            filters as a JSON object. Values of lists are separated by commas.
        reserved: filters that cannot be given here, with the reason.

    Raises:
        InvalidArgument: a filter that does not exist, or a value that does not fit.
    """
    filters: dict[str, Any] = {}
    for text in texts:
        if text.lstrip().startswith("{"):
            filters.update(_object(text))
            continue
        path, equals, value = text.partition("=")
        if not (equals and path):
            raise InvalidArgument(OPTION, f"must look like NAME=VALUE, not {text[:LONGEST]!r}")
        if not all(item.strip() for item in value.split(",")):
            # A variable of the shell that is not set: the filter would match something else.
            raise InvalidArgument(OPTION, f"has an empty value for `{printable(path)[:LONGEST]}`")
        _set(filters, path.split("."), value)
    for name, reason in (reserved or {}).items():
        if name in filters:
            raise InvalidArgument(OPTION, f"cannot be `{name}`: {reason}")
    try:
        ArchivesFilters(**{"from_" if name == "from" else name: filters[name] for name in filters})
    except InvalidArgument as error:
        inner = f"`{error.field}` " if error.field else ""
        raise InvalidArgument(OPTION, f"cannot be used: {inner}{error.rule}") from None
    return filters


def _object(text: str) -> dict[str, Any]:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidArgument(OPTION, f"must be JSON, not {text[:LONGEST]!r}") from None
    if not is_object(value):
        raise InvalidArgument(OPTION, "must be a JSON object")
    return value


def _set(filters: dict[str, Any], path: list[str], text: str) -> None:
    """Put a value where its path leads; what is given again is added to a list."""
    kind: Any = ArchivesFilters
    place: Any = filters
    steps = list(path)
    while True:
        kind, several = _inner(kind)
        if several and isinstance(kind, type) and issubclass(kind, Struct):
            # Filters of forms are a list; the command line fills in its one item.
            if not place:
                place.append({})
            place = place[0]
            several = False
        if not steps:
            if get_origin(kind) is dict:
                rule = "must look like properties.NAMESPACE.NAME=VALUE"
                raise InvalidArgument(OPTION, f"{rule}, not {'.'.join(path)[:LONGEST]!r}")
            # `tags=refund` is short for `tags.values=refund`.
            steps.append("values")
        name = steps.pop(0)
        kind, several = _inner(_step(kind, name, path))
        if not steps and not _has_fields(kind):
            if path[0] in TEXTS and kind == str | int | bool:
                kind = str
            _put(place, name, kind, text, several=several)
            return
        place = place.setdefault(name, [] if several else {})
        if several:
            kind = list[kind]


def _put(place: dict[str, Any], name: str, kind: Any, text: str, *, several: bool) -> None:
    if several:
        place.setdefault(name, []).extend(_value(kind, item) for item in text.split(","))
    else:
        place[name] = _value(kind, text)


def _inner(kind: Any) -> tuple[Any, bool]:
    """Return the one type of a field, and whether it is a list of that."""
    parts = [part for part in alternatives(kind) if part is not msgspec.UnsetType]
    if len(parts) == 1 and get_origin(parts[0]) is list:
        return get_args(parts[0])[0], True
    return (parts[0] if len(parts) == 1 else kind), False


def _has_fields(kind: Any) -> bool:
    return get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, Struct))


def _step(kind: Any, name: str, path: list[str]) -> Any:
    """Return the type of what a name leads to."""
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    names = {field.encode_name: field.name for field in msgspec.structs.fields(kind)}
    if name not in names:
        whole = f" in `{printable('.'.join(path))[:LONGEST]}`" if len(path) > 1 else ""
        hint = did_you_mean(name, names) or f"; it has {listed([f'`{one}`' for one in names])}"
        raise InvalidArgument(OPTION, f"does not know `{printable(name)[:LONGEST]}`{whole}{hint}")
    return get_type_hints(kind, include_extras=True)[names[name]]


def _value(kind: Any, text: str) -> Any:
    """Read a text as a value of a type; where it does not fit, the declaration says so."""
    kinds = {part for part in alternatives(kind) if isinstance(part, type)}
    if kinds & {int, bool}:
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError):
            return text
        if isinstance(value, (int, bool)) or (isinstance(value, str) and str in kinds):
            return value
    return text
