"""Types of the fields of structures to send, for type checkers and for msgspec.

What a field *takes* is wider than what it *holds*: a ``filters`` takes a dict and holds an
``ArchivesFilters``; a ``limit`` takes None and holds ``UNSET``, which is how "not sent" is told
apart from a JSON null by the server that reads it. Type checkers see each field as a descriptor,
whose ``__set__`` gives the parameter of the constructor and whose ``__get__`` gives the attribute.
msgspec sees what the field holds and nothing else.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, Union

from msgspec import UNSET, Meta, UnsetType

__all__ = ["NOT_SENT", "Dict", "From", "Maybe", "MaybeFrom", "description_of"]

Held = TypeVar("Held")
Taken = TypeVar("Taken")

NOT_SENT: Any = UNSET
"""The default of an optional field. ``Any``, because checkers compare it with the descriptor."""

Dict: TypeAlias = Mapping[str, Any]
"""A structure as plain data, by the names on the wire; checked like the structure itself."""

if TYPE_CHECKING:

    class Maybe(Generic[Held]):
        """An optional field: takes a value or None, holds a value or ``UNSET``."""

        def __get__(self, owner: object, cls: type) -> Held | UnsetType: ...
        def __set__(self, owner: object, value: Held | UnsetType | None) -> None: ...

    class From(Generic[Held, Taken]):
        """A required field that takes more than it holds."""

        def __get__(self, owner: object, cls: type) -> Held: ...
        def __set__(self, owner: object, value: Taken) -> None: ...

    class MaybeFrom(Generic[Held, Taken]):
        """An optional field that takes more than it holds."""

        def __get__(self, owner: object, cls: type) -> Held | UnsetType: ...
        def __set__(self, owner: object, value: Taken | UnsetType | None) -> None: ...

else:

    class Maybe:
        """Stands for the type of an optional field."""

        def __class_getitem__(cls, held: Any) -> Any:
            return Union[held, UnsetType]  # noqa: UP007 - built at run time

    class From:
        """Stands for the type of a required field."""

        def __class_getitem__(cls, held_and_taken: tuple[Any, Any]) -> Any:
            return held_and_taken[0]

    class MaybeFrom:
        """Stands for the type of an optional field."""

        def __class_getitem__(cls, held_and_taken: tuple[Any, Any]) -> Any:
            return Union[held_and_taken[0], UnsetType]  # noqa: UP007 - built at run time


def description_of(hint: Any) -> str:
    """Return the description that a type carries, in the outermost of its ``Meta``."""
    metadata: tuple[Any, ...] = getattr(hint, "__metadata__", ())
    for meta in reversed(metadata):
        if isinstance(meta, Meta) and meta.description:
            return meta.description
    return ""
