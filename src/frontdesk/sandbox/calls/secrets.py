"""Which fields of requests and responses hold secrets: those ``not_shown`` in declarations."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final, get_args, get_type_hints

from msgspec import Struct

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.actions.customer import CUSTOMER_ACTIONS
from frontdesk.models.base import Model

__all__ = ["SECRETS", "secrets_of_response"]


def _secrets_of(structure: type[Struct]) -> Iterator[str]:
    """Yield the names on the wire of the secrets of one structure."""
    not_shown: frozenset[str] = getattr(structure, "not_shown", frozenset())
    fields = zip(structure.__struct_fields__, structure.__struct_encode_fields__, strict=True)
    return (name_on_the_wire for name, name_on_the_wire in fields if name in not_shown)


@cache
def secrets_of_response(action: type[Action[Any]]) -> frozenset[str]:
    """Return the names on the wire of the secrets in the responses of a method, at any depth."""
    return frozenset(
        name
        for structure in _structures(action.spec.returns, set())
        for name in _secrets_of(structure)
    )


def _structures(kind: Any, seen: set[Any]) -> Iterator[type[Struct]]:
    """Yield the structures that a type is made of, each once."""
    if kind in seen:
        return
    if isinstance(kind, type) and issubclass(kind, Struct):
        seen.add(kind)
        yield kind
        parts: Iterable[Any] = get_type_hints(kind).values()
    else:
        parts = get_args(kind)
    for part in parts:
        yield from _structures(part, seen)


def _subclasses(of: type[Struct]) -> Iterator[type[Struct]]:
    for subclass in of.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _all_secrets() -> frozenset[str]:
    actions = (
        *ACTIONS.values(),
        *CONFIGURATION_ACTIONS.values(),
        *CUSTOMER_ACTIONS.values(),
    )
    # Not by the types of the results: to look at all of them takes long.
    return frozenset(
        name for structure in (*actions, *_subclasses(Model)) for name in _secrets_of(structure)
    )


SECRETS: Final[frozenset[str]] = _all_secrets()
"""The names of all secrets, of requests and of responses.

No request shows any of them: a client may send one to the wrong method, or under a wrong name.
"""
