"""Structures with canaries in all of their fields: what must never be in a recording."""

from functools import cache
from typing import Any

from msgspec import Struct
from msgspec import inspect as types

MARK = "Zebedee"
NUMBER = 48600700800
CANARIES = (
    f"{MARK} Kowalska",
    f"{MARK.lower()}@kowalska.example.org",
    f"https://{MARK.lower()}.kowalska.example.org/{MARK}?q={MARK}",
    f"{MARK} lives at 12 Elm Street, call +48 600 700 800",
    f"{MARK.upper()}1234",
    "203.0.113.77",
    "2001:db8:77::4242",
    str(NUMBER),
    f"dal:{MARK}-token-of-an-agent",
    "a" + MARK,
)
SEEN = (MARK.lower(), "kowalska", "elm street", "600 700", str(NUMBER), "203.0.113.77", "77::4242")
"""What gives a canary away, in lower case."""


@cache
def fields_of(struct: type[Struct]) -> types.StructType:
    info = types.type_info(struct)
    assert isinstance(info, types.StructType)
    return info


def filled(struct: type[Struct], canary: str) -> dict[str, Any]:
    """An object with the canary in each field of a structure, and in fields that nobody knows."""
    info = fields_of(struct)
    made = {field.encode_name: value(field.type, canary, 1) for field in info.fields}
    if info.tag_field is not None:
        made[info.tag_field] = canary
    return made | {"field_of_tomorrow": {canary: [canary, NUMBER]}}


def value(kind: types.Type, canary: str, depth: int) -> Any:
    match kind:
        case types.ListType(item_type=item) | types.VarTupleType(item_type=item):
            return [value(item, canary, depth)]
        case types.DictType():
            return {canary: canary, "name": {"of": [canary, NUMBER]}}
        case types.StructType(cls=cls) if depth:
            fields = fields_of(cls).fields
            return {field.encode_name: value(field.type, canary, depth - 1) for field in fields}
        case types.IntType() | types.FloatType():
            return NUMBER
        case types.UnionType(types=members):
            return [value(member, canary, depth) for member in members]
        case types.Metadata(type=inner):
            return value(inner, canary, depth)
        case types.BoolType() | types.NoneType():
            return None
        case _:
            return canary
