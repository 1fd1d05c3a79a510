"""Types as a person would write them in an annotation, and the imports that they need."""

import types
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Struct, UnsetType

from frontdesk import models

__all__ = ["Imports", "argument_text", "type_text"]

_UNIONS = {
    frozenset(get_args(getattr(models, name))): name for name in ("Event", "NewEvent", "User")
}
_ALIASES = {
    repr(getattr(models, name)): name
    for name in ("NewProperties", "PropertyNames", "AgentsForTransfer", "WebhookAction")
}
_ALIASES_OF_ARGUMENTS = {repr(models.WebhookAction): "WebhookAction"}


class Imports:
    """The names that a rendered file imports."""

    def __init__(self) -> None:
        self._modules: dict[str, set[str]] = {}

    def add(self, module: str, name: str) -> str:
        """Import a name of a module; returns the name."""
        self._modules.setdefault(module, set()).add(name)
        return name

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        return ((module, sorted(names)) for module, names in sorted(self._modules.items()))


def argument_text(hint: Any, imports: Imports, *, is_exact: bool = False) -> str:
    """Write what an argument takes for a type: any sequence for a list, dicts for structures.

    ``is_exact``: its texts never come from a result, so that checkers can look for typing errors.
    """
    origin, args = get_origin(hint), get_args(hint)
    if repr(hint) in _ALIASES_OF_ARGUMENTS:
        return imports.add("frontdesk.models", _ALIASES_OF_ARGUMENTS[repr(hint)])
    if origin is Annotated:
        return argument_text(args[0], imports, is_exact=is_exact)
    if origin in (Union, types.UnionType):
        return _argument_union(args, imports, is_exact=is_exact)
    if origin is list:
        imports.add("collections.abc", "Sequence")
        return f"Sequence[{_part_text(args[0], imports, is_exact=is_exact)}]"
    if origin is dict:
        imports.add("collections.abc", "Mapping")
        values = _part_text(args[1], imports, is_exact=is_exact)
        return f"Mapping[{argument_text(args[0], imports)}, {values}]"
    if _is_struct(hint):
        return " | ".join([*_taken_texts([hint], imports), _mapping(imports)])
    return type_text(hint, imports)


def _part_text(hint: Any, imports: Imports, *, is_exact: bool) -> str:
    """Write what a part of a list or dict may be."""
    text = argument_text(hint, imports)
    # Such as in what was read before, to be sent again with a change.
    return f"{text} | str" if _is_literal(hint) and not is_exact else text


def _taken_texts(structs: list[type[Struct]], imports: Imports) -> Iterator[str]:
    """Write structures, and what the API returns of the same things."""
    yield from _union_texts(structs, imports)
    for struct in structs:
        received = getattr(struct, "received_as", None)
        if received is not None:
            yield type_text(received, imports)


def _is_literal(hint: Any) -> bool:
    return get_origin(hint) is Literal


def _argument_union(args: Iterable[Any], imports: Imports, *, is_exact: bool) -> str:
    """Write a union; not given and null are both None, which the caller adds."""
    members = [arg for arg in args if arg not in (UnsetType, types.NoneType)]
    structs = [member for member in members if _is_struct(member)]
    texts = [
        argument_text(member, imports, is_exact=is_exact)
        for member in members
        if member not in structs
    ]
    if structs:
        texts = [*_taken_texts(structs, imports), _mapping(imports), *texts]
    return " | ".join(texts)


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Struct)


def _mapping(imports: Imports) -> str:
    imports.add("collections.abc", "Mapping")
    imports.add("typing", "Any")
    return "Mapping[str, Any]"


def type_text(hint: Any, imports: Imports) -> str:
    """Write a type as a result has it."""
    origin, args = get_origin(hint), get_args(hint)
    if repr(hint) in _ALIASES:
        return imports.add("frontdesk.models", _ALIASES[repr(hint)])
    if origin is Annotated:
        return type_text(args[0], imports)
    if origin in (Union, types.UnionType):
        return " | ".join(_union_texts(args, imports))
    if origin is Literal:
        imports.add("typing", "Literal")
        return f"Literal[{', '.join(map(repr, args))}]".replace("'", '"')
    if origin in (list, dict):
        return f"{origin.__name__}[{', '.join(type_text(arg, imports) for arg in args)}]"
    if hint is Any:
        return imports.add("typing", "Any")
    if hint is UnsetType:
        return imports.add("msgspec", "UnsetType")
    if hint is datetime:
        return imports.add("datetime", "datetime")
    if hint is types.NoneType or hint is None:
        return "None"
    if hint.__module__.startswith("frontdesk.models"):
        return imports.add("frontdesk.models", hint.__name__)
    if hint.__module__.startswith("frontdesk."):
        return imports.add(hint.__module__, hint.__name__)
    return str(hint.__name__)


def _union_texts(members: Iterable[Any], imports: Imports) -> Iterator[str]:
    members = list(members)
    unnamed = set(members)
    for union, alias in _UNIONS.items():
        if union <= unnamed:
            unnamed -= union
            yield imports.add("frontdesk.models", alias)
    for member in members:
        if member in unnamed:
            yield type_text(member, imports)
