"""Structures to send are checked when they are built, by the decoder that a server would use.

``Checked.__post_init__`` encodes the structure and decodes it into its *twin*: the same fields
with the same types and limits, without the checks themselves. So a rule is written once, as the
type of a field, and holds for the user who builds the structure and for the server that reads it.

JSON hides some mistakes, so they are looked for before: a structure of another class or a dict in
the place of a structure, and bytes, which JSON would carry as Base64.
"""

import types
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from frontdesk._wording import place_and_rule
from frontdesk.errors import InvalidArgument

__all__ = ["UNSET", "Checked", "Id", "UnsetType", "given"]

Id = Annotated[str, Meta(min_length=1)]
"""An id: any text but the empty one, since the API documents no shape to rely on."""

CONTAINERS: tuple[Any, ...] = (list, dict, tuple, set, frozenset)

BYTES: tuple[Any, ...] = (bytes, bytearray, memoryview)
SEQUENCES: tuple[Any, ...] = (list, tuple, set, frozenset)

_encode = msgspec.json.Encoder().encode


class Checked(Struct, frozen=True, kw_only=True, gc=False, repr_omit_defaults=True):
    """Base of every structure that is sent: valid by construction.

    Raises ``InvalidArgument`` with the field and the rule it breaks.
    """

    def __post_init__(self) -> None:
        """Check types and limits, then the rules that span several fields."""
        cls = self.__class__
        for name, place, sure, look in _looks(cls):
            value = getattr(self, name)
            if value.__class__ not in sure:
                look(place, value)
        try:
            _twin_decoder(cls).decode(_encode(self))
        except msgspec.ValidationError as error:
            raise InvalidArgument(*place_and_rule(str(error), _wire_hints(cls))) from None
        except (TypeError, ValueError, OverflowError) as error:
            raise _unencodable(self, error) from None
        self._rules()

    def _rules(self) -> None:
        """Check the rules that span several fields; raise ``InvalidArgument``."""


def given(**values: object) -> list[str]:
    """Names of the values that were given, in order."""
    return [name for name, value in values.items() if value is not UNSET]


Look = Callable[[str, Any], None]
"""Looks at a value, given its place, and raises ``InvalidArgument``."""


@cache
def _looks(cls: type[Struct]) -> list[tuple[str, str, frozenset[type], Look]]:
    """Name, wire name, the classes that need no look, and look, of the fields that have one."""
    hints = get_type_hints(cls, include_extras=True)
    looks: list[tuple[str, str, frozenset[type], Look]] = []
    for field in msgspec.structs.fields(cls):
        hint = hints[field.name]
        look = _look_of(hint)
        if look is not None:
            sure = {part for part in _parts(hint) if part is str or part in _structs(hint)}
            looks.append((field.name, field.encode_name, frozenset({UnsetType, *sure}), look))
    return looks


def _parts(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself, without their limits."""
    hint = _bare(hint)
    union = get_origin(hint) in (Union, types.UnionType)
    return tuple(_bare(part) for part in get_args(hint)) if union else (hint,)


def _structs(hint: Any) -> tuple[type[Struct], ...]:
    return tuple(
        part for part in _parts(hint) if isinstance(part, type) and issubclass(part, Struct)
    )


def _look_of(hint: Any) -> Look | None:
    parts = _parts(hint)
    classes = _structs(hint)
    if classes:
        return partial(_look_for_class, classes)
    if str in parts and bytes not in parts:
        return _look_for_text
    for part in parts:
        arguments = get_args(part)
        if arguments and get_origin(part) in CONTAINERS:
            look = _look_of(arguments[-1])
            if look is not None:
                return partial(_look_into, look)
    return None


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _look_for_class(classes: tuple[type[Struct], ...], place: str, value: Any) -> None:
    if isinstance(value, classes):
        return
    *others, last = [cls.__name__ for cls in classes]
    names = f"{', '.join(others)} or {last}" if others else last
    raise InvalidArgument(place, f"must be {names}, not {_kind(value)}")


def _look_for_text(place: str, value: object) -> None:
    if isinstance(value, BYTES):
        raise InvalidArgument(place, f"must be a text, not {_kind(value)}")


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__


def _look_into(look: Look, place: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for key in value:  # pyright: ignore[reportUnknownVariableType]
            look(f"{place}.{key}", value[key])
    elif isinstance(value, SEQUENCES):
        for position, item in enumerate(value):
            look(f"{place}[{position}]", item)


@cache
def _wire_hints(cls: type[Struct]) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(cls)}


def _unencodable(value: Struct, error: Exception) -> InvalidArgument:
    fields = {name: getattr(value, name) for name in value.__struct_fields__}
    for name in given(**fields):
        try:
            _encode(fields[name])
        except (TypeError, ValueError, OverflowError):
            return InvalidArgument(name, f"cannot be sent as JSON: {error}")
    return InvalidArgument("", f"cannot be sent as JSON: {error}")


@cache
def _twin_decoder(cls: type[Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_twin(cls))


@cache
def _twin(cls: type[Struct]) -> type[Struct]:
    """Build the same structure without its checks, so that a check does not check itself."""
    hints = get_type_hints(cls, include_extras=True)
    config = cls.__struct_config__
    fields: list[tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(cls):
        default: Any = msgspec.field(name=field.encode_name)
        if not field.required:
            default = msgspec.field(name=field.encode_name, default=None)
        fields.append((field.name, _twin_type(hints[field.name]), default))
    return msgspec.defstruct(
        cls.__name__, fields, kw_only=True, tag=config.tag, tag_field=config.tag_field
    )


def _twin_type(hint: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, Checked):
        return _twin(hint)
    origin: Any = get_origin(hint)
    args = get_args(hint)
    if origin is None or not args:
        return hint  # pyright: ignore[reportUnknownVariableType]
    if origin is Annotated:
        return Annotated[(_twin_type(args[0]), *args[1:])]
    if origin in (Union, types.UnionType):
        return Union[tuple(_twin_type(arg) for arg in args)]  # noqa: UP007 - built at run time
    if origin in CONTAINERS:
        return origin[tuple(_twin_type(arg) for arg in args)]
    return hint  # pyright: ignore[reportUnknownVariableType]
