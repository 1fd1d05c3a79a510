"""What an expression of a program that uses lc-sdk-python stands for, as far as it is known.

A kind is ``None`` for an ordinary value, which both libraries have alike: a text, a number, a dict
that the program made itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct, UnsetType

__all__ = [
    "CONFLICT",
    "FOREIGN",
    "NOTHING",
    "TIMESTAMP",
    "TOKEN",
    "Class",
    "Client",
    "Field",
    "Function",
    "Instance",
    "Items",
    "Kind",
    "ListOf",
    "MapOf",
    "Reference",
    "Response",
    "Special",
    "Structs",
    "field_of",
    "is_data",
    "join",
    "kind_of",
    "narrowed",
]


@dataclass(frozen=True)
class Reference:
    """Something of lc-sdk-python itself: a module or a class, by its dotted path."""

    path: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Client:
    """A client; ``table`` is its key in the tables of official methods."""

    table: str

    @property
    def is_rtm(self) -> bool:
        """Whether it is a client of the RTM API."""
        return self.table == "agent_rtm"


@dataclass(frozen=True)
class Response:
    """What a method of a client returned; ``result`` is the kind of what it holds."""

    result: "Kind"
    is_rtm: bool


@dataclass(frozen=True)
class Structs:
    """A JSON object that is one of these structures here."""

    types: frozenset[type[Struct]]


@dataclass(frozen=True)
class ListOf:
    """A JSON array whose items are not ordinary."""

    item: "Kind"


@dataclass(frozen=True)
class MapOf:
    """A JSON object with any keys, whose values are not ordinary."""

    value: "Kind"


@dataclass(frozen=True)
class Items:
    """What ``items()`` of a ``MapOf`` returns."""

    value: "Kind"


@dataclass(frozen=True)
class Function:
    """A function or method that the program defines."""

    id: str


@dataclass(frozen=True)
class Class:
    """A class that the program defines."""

    id: str


@dataclass(frozen=True)
class Instance:
    """An object of a class that the program defines."""

    id: str


@dataclass(frozen=True)
class Special:
    """A kind that has nothing to say but its name."""

    name: str


TIMESTAMP: Final = Special("timestamp")
"""A date and time: a text there, a ``datetime`` here."""
TOKEN: Final = Special("token")
"""An ``AccessToken`` there, a ``BearerToken`` or a text here."""
NOTHING: Final = Special("None")
"""The constant ``None``, which goes with everything."""
FOREIGN: Final = Special("foreign")
"""Comes from a part of lc-sdk-python that stays as it is."""
CONFLICT: Final = Special("conflict")
"""One of several kinds, depending on the way that the program took."""

Kind: TypeAlias = (
    Reference
    | Client
    | Response
    | Structs
    | ListOf
    | MapOf
    | Items
    | Function
    | Class
    | Instance
    | Special
    | None
)


def is_data(kind: Kind) -> bool:
    """Whether ``to_dict`` turns it into what lc-sdk-python has."""
    return isinstance(kind, (Structs, ListOf, MapOf)) or kind is TIMESTAMP


def join(one: Kind, other: Kind) -> Kind:
    """Return the kind of what is either."""
    if one == other or other is NOTHING:
        return one
    if one is NOTHING:
        return other
    match one, other:
        case Structs(), Structs():
            return Structs(one.types | other.types)
        case ListOf(), ListOf():
            return _joined(one, other, "item")
        case MapOf(), MapOf():
            return _joined(one, other, "value")
        case Response(), Response() if one.is_rtm == other.is_rtm:
            return _joined(one, other, "result")
        case _:
            return CONFLICT


def _joined(one: Any, other: Any, name: str) -> Kind:
    inside = join(getattr(one, name), getattr(other, name))
    if inside is CONFLICT:
        return CONFLICT
    joined: Kind = replace(one, **{name: inside})
    return joined


@cache
def kind_of(type_: Any) -> Kind:
    """Return the kind of a value that a structure declares with this type."""
    kinds = [_kind_of_one(part) for part in _parts(type_)]
    structs = [kind for kind in kinds if isinstance(kind, Structs)]
    if structs:
        return Structs(frozenset[type[Struct]]().union(*(kind.types for kind in structs)))
    return next((kind for kind in kinds if kind is not None), None)


def _parts(type_: Any) -> list[Any]:
    """Return the members of a union without None, without what is written around them."""
    origin = get_origin(type_)
    if origin is Annotated:
        return _parts(get_args(type_)[0])
    if origin in (Union, UnionType):
        return [part for member in get_args(type_) for part in _parts(member)]
    return [] if type_ in (NoneType, UnsetType, None) else [type_]


def _kind_of_one(type_: Any) -> Kind:
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        value = kind_of(arguments[1]) if len(arguments) > 1 else None
        return MapOf(value) if is_data(value) else None
    if origin is not None and isinstance(origin, type) and issubclass(origin, Sequence):
        item = kind_of(arguments[0])
        return ListOf(item) if is_data(item) else None
    if type_ is datetime:
        return TIMESTAMP
    if isinstance(type_, type) and issubclass(type_, Struct):
        return Structs(frozenset([type_]))
    return None


@dataclass(frozen=True)
class Field:
    """A key of a JSON object as an attribute."""

    attribute: str
    kind: Kind
    optional: bool
    """It is ``None`` where there is no such key on the wire."""
    everywhere: bool
    """Each of the structures has it."""


def field_of(structs: Structs, key: str) -> Field | None:
    """Return the attribute for a key; ``None`` if no structure has it."""
    fields = [field for type_ in structs.types if (field := _field(type_, key)) is not None]
    if not fields:
        return None
    names = {field.attribute for field in fields}
    kind = fields[0].kind
    for field in fields[1:]:
        kind = join(kind, field.kind)
    return Field(
        attribute=names.pop(),
        kind=None if kind is CONFLICT else kind,
        optional=any(field.optional for field in fields),
        everywhere=not names and kind is not CONFLICT and len(fields) == len(structs.types),
    )


@cache
def _field(type_: type[Struct], key: str) -> Field | None:
    for field in msgspec.structs.fields(type_):
        if field.encode_name == key:
            kind = kind_of(field.type)
            no_default = field.default is NODEFAULT and field.default_factory is NODEFAULT
            optional = not no_default and field.default is None
            return Field(field.name, kind, optional, everywhere=True)
    if type_.__struct_config__.tag_field == key and isinstance(getattr(type_, key, None), str):
        return Field(key, None, optional=False, everywhere=True)
    getter = getattr(vars_of(type_).get(key), "fget", None)
    if getter is None:
        return None
    kind = kind_of(get_type_hints(getter).get("return"))
    return Field(key, kind, optional=True, everywhere=True)


def vars_of(type_: type[Struct]) -> dict[str, Any]:
    """Return what a class and its bases define."""
    return {name: value for base in reversed(type_.__mro__) for name, value in vars(base).items()}


def narrowed(structs: Structs, tags: Sequence[str], *, equal: bool) -> Structs:
    """Return the structures whose ``type`` is one of these texts, or none of these."""
    types = frozenset(
        type_ for type_ in structs.types if (getattr(type_, "type", None) in tags) is equal
    )
    return Structs(types) if types else structs
