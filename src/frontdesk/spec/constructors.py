"""What is wrong with the arguments that a structure is built with."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from frontdesk.errors import UnexpectedArgument
from frontdesk.suggestions import did_you_mean

__all__ = ["unknown_field", "wrong_arguments"]


def wrong_arguments(
    cls: type[Struct], positional: int, values: Mapping[str, Any]
) -> UnexpectedArgument | None:
    """Say which argument a structure does not have, or lacks."""
    fields = msgspec.structs.fields(cls)
    names = [field.name for field in fields]
    for name in values:
        if name not in names:
            return UnexpectedArgument(name, unknown_field(cls, name))
    from inspect import Parameter, signature  # only here, since its import takes long

    unnamed = [
        name
        for name, parameter in signature(cls).parameters.items()
        if parameter.kind is not Parameter.KEYWORD_ONLY
    ]
    if positional > len(unnamed):
        rule = f"takes its fields by name: {cls.__name__}({names[0]}=…)" if names else "is empty"
        if unnamed:
            rule = f"takes only {_listed(unnamed)} without a name; give the others by name"
        return UnexpectedArgument("", f"{cls.__name__} {rule}")
    for name in unnamed[:positional]:
        if name in values:
            return UnexpectedArgument(name, "is given twice, with its name and without")
    for field in fields[positional:]:
        if field.required and field.name not in values:
            return UnexpectedArgument(field.encode_name, "is required")
    return None


def unknown_field(cls: type[Struct], name: object, *, wire: bool = False) -> str:
    """Say that a structure has no such field, and which one may be meant."""
    fields = {field.encode_name: field.name for field in msgspec.structs.fields(cls)}
    text = str(name)
    if not wire and text in fields:
        return f"is called `{fields[text]}` in Python"
    candidates = list(fields) if wire else list(fields.values())
    hint = did_you_mean(text, candidates)
    return f"is not a field of {cls.__name__}{hint or '; it has ' + _listed(candidates)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
