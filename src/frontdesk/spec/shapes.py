"""Plain data in the place of structures: dicts, tuples, ISO dates, ``None``.

``shape_of`` makes a function out of the type of a field. It takes the field's dotted path and a
value and returns what the field shall hold: a structure for a dict or for what was received of it,
a list for another sequence.
What it cannot turn into something better it returns as it came; the type's own check refuses it.
"""

import types
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

from frontdesk.errors import InvalidArgument
from frontdesk.spec.constructors import unknown_field
from frontdesk.spec.json_values import as_json, as_scalar, check_name, check_scalar
from frontdesk.spec.timestamps import check_range
from frontdesk.spec.wording import KINDS
from frontdesk.suggestions import did_you_mean

__all__ = [
    "SelfChecked",
    "Shape",
    "alternatives",
    "kind_of",
    "moved",
    "shape_of",
    "structs_in",
    "without_limits",
]

Shape = Callable[[str, Any], Any]


class SelfChecked(msgspec.StructMeta):
    """The class of the structures that are shaped and checked whenever they are built."""


BYTES: tuple[Any, ...] = (bytes, bytearray, memoryview)
LISTS: tuple[Any, ...] = (list, tuple, set, frozenset)
NAMES: Mapping[type, str] = {list: KINDS["array"], dict: KINDS["object"]}
SCALARS: tuple[Any, ...] = (bool, float, int, str)


def shape_of(hint: Any) -> Shape | None:
    """Return what shapes values of a type; ``None`` where there is nothing to shape."""
    parts = alternatives(hint)
    structs = structs_in(hint)
    lists = [part for part in parts if (get_origin(part) or part) in LISTS]
    dicts = [part for part in parts if (get_origin(part) or part) is dict]
    if Any in parts:
        return as_json
    scalars = [kind for kind in SCALARS if kind in parts]
    if structs or lists or dicts or scalars or datetime in parts:
        return _FieldShape(
            structs=structs,
            only_structs=len(structs) == len([part for part in parts if part not in IMPLICIT]),
            items=shape_of(get_args(lists[0])[0]) if lists and get_args(lists[0]) else None,
            takes_lists=bool(lists),
            values=shape_of(get_args(dicts[0])[1]) if dicts and get_args(dicts[0]) else None,
            takes_dicts=bool(dicts),
            takes_dates=datetime in parts,
            takes_bytes=bytes in parts,
            scalars=_any_of([KINDS[kind.__name__] for kind in scalars])
            if scalars and len(scalars) == len([part for part in parts if part not in IMPLICIT])
            else "",
        )
    return None


IMPLICIT: tuple[Any, ...] = (UnsetType, types.NoneType)


def alternatives(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself, without their limits."""
    hint = without_limits(hint)
    union = get_origin(hint) in (Union, types.UnionType)
    return tuple(without_limits(part) for part in get_args(hint)) if union else (hint,)


def without_limits(hint: Any) -> Any:
    """Return a type without what ``Annotated`` adds to it."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def structs_in(hint: Any) -> tuple[type[Struct], ...]:
    """Return the structures among the alternatives of a type."""
    return tuple(
        part for part in alternatives(hint) if isinstance(part, type) and issubclass(part, Struct)
    )


class _FieldShape(Struct, frozen=True, kw_only=True, gc=False):
    """What a field takes; calling it shapes a value."""

    structs: tuple[type[Struct], ...]
    only_structs: bool
    items: Shape | None
    takes_lists: bool
    values: Shape | None
    takes_dicts: bool
    takes_dates: bool
    takes_bytes: bool
    scalars: str
    """The kinds of texts, numbers and Booleans, in words; empty if there are others."""

    def __call__(self, place: str, value: Any) -> Any:
        value = as_scalar(value)
        if isinstance(value, self.structs):
            return _shaped_struct(place, value)
        if isinstance(value, Mapping):
            if self.structs:
                return _built(self.structs, place, value)  # pyright: ignore[reportUnknownArgumentType]
            if self.takes_dicts:
                return _shaped_dict(place, value, self.values)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, (str, datetime)):
            if self.takes_dates:
                return _date(place, value)
        elif isinstance(value, BYTES) and not self.takes_bytes and not self.only_structs:
            # msgspec would send them as Base64 in the place of a text.
            expected = "a list" if self.takes_lists else "a text"
            raise InvalidArgument(place, f"must be {expected}, not {kind_of(value)}")
        elif self.takes_lists and isinstance(value, Collection):
            return _shaped_list(place, value, self.items)  # pyright: ignore[reportUnknownArgumentType]
        if self.only_structs:
            return _built_again(self.structs, place, value)
        return _scalar(place, value, self.scalars) if self.scalars else value  # pyright: ignore[reportUnknownVariableType]


def _built_again(classes: tuple[type[Struct], ...], place: str, received: Any) -> Struct:
    """Build a structure out of what the API returned of the same thing.

    Fields that are not set were not sent; those that the structure lacks are of other versions of
    the API, or cannot be changed.
    """
    for cls in classes:
        received_as = getattr(cls, "received_as", None)
        if received_as is not None and isinstance(received, received_as):
            fields = {name: getattr(received, name, None) for name in cls.__struct_fields__}
            given = {name: value for name, value in fields.items() if value is not None}
            return _built((cls,), place, given)
    names = _any_of([cls.__name__ for cls in classes])
    raise InvalidArgument(place, f"must be {names}, not {kind_of(received)}")


def _any_of(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _scalar(place: str, value: Any, kinds: str) -> Any:
    """Check what msgspec would send as something else: a date as a text, NaN as null."""
    if isinstance(value, UUID):
        return str(value)
    # The field itself may still be missing; a part of a list or dict may not.
    is_part = place.endswith("]") or "." in place
    if value is UNSET or (value is None and not is_part):
        return value
    if value is None or not check_scalar(place, value):
        raise InvalidArgument(
            place, f"must be {kinds}, not {NAMES.get(value.__class__) or kind_of(value)}"
        )
    return value


def _shaped_list(place: str, value: Collection[Any], item_shape: Shape | None) -> Any:
    is_list = value.__class__ is list
    if item_shape is None:
        return value if is_list else list(value)
    shaped = [item_shape(f"{place}[{position}]", item) for position, item in enumerate(value)]
    if is_list and all(map(_same, value, shaped)):
        return value
    return shaped


def _shaped_dict(place: str, value: Mapping[Any, Any], value_shape: Shape | None) -> Any:
    is_dict = value.__class__ is dict
    names = [check_name(place, name) for name in value]
    if value_shape is None:
        return value if is_dict else dict(value)
    shaped = {
        name: value_shape(f"{place}.{name}", item)
        for name, item in zip(names, value.values(), strict=True)
    }
    if is_dict and all(map(_same, value.values(), shaped.values())):
        return value
    return shaped


def _same(left: object, right: object) -> bool:
    return left is right


def _date(place: str, value: str | datetime) -> Any:
    try:
        date = msgspec.convert(value, datetime)
    except (msgspec.ValidationError, UnicodeError):
        return value
    return check_range(place, date)


def _built(classes: tuple[type[Struct], ...], place: str, data: Mapping[Any, Any]) -> Struct:
    """Build a structure out of a dict with the names of the wire."""
    cls = classes[0] if len(classes) == 1 else _tagged(classes, place, data)
    arguments = _arguments(cls, place, data)
    if not isinstance(cls, SelfChecked):
        for name, shape in _shapes(cls).items():
            if name in arguments:
                arguments[name] = shape(f"{place}.{name}", arguments[name])
        return cls(**arguments)
    try:
        return cls(**arguments)
    except InvalidArgument as error:
        raise moved(error, place) from None


def _tagged(classes: tuple[type[Struct], ...], place: str, data: Mapping[Any, Any]) -> type[Struct]:
    """Choose the structure that the ``type`` of the data names."""
    by_tag = {cls.__struct_config__.tag: cls for cls in classes}
    field = classes[0].__struct_config__.tag_field or "type"
    listed = ", ".join(f"`{tag}`" for tag in by_tag)
    if field not in data:
        raise InvalidArgument(f"{place}.{field}", f"is required: one of {listed}")
    tag = data[field]
    if isinstance(tag, str) and tag in by_tag:
        return by_tag[tag]
    hint = did_you_mean(tag, [str(tag) for tag in by_tag]) if isinstance(tag, str) else ""
    raise InvalidArgument(f"{place}.{field}", f"must be one of {listed}, not {tag!r}{hint}")


def _arguments(cls: type[Struct], place: str, data: Mapping[Any, Any]) -> dict[str, Any]:
    """Turn a dict into the arguments of a structure, refusing what the structure lacks."""
    names = _names(cls)
    config = cls.__struct_config__
    arguments: dict[str, Any] = {}
    if config.tag is not None and data.get(config.tag_field, config.tag) != config.tag:
        rule = f"must be `{config.tag}`, not {data[config.tag_field]!r}"
        raise InvalidArgument(f"{place}.{config.tag_field}", rule)
    for key, value in data.items():
        if config.tag is not None and key == config.tag_field:
            continue
        name = names.get(key)
        if name is None:
            raise InvalidArgument(f"{place}.{key}", unknown_field(cls, key, wire=True))
        if name in arguments:
            raise InvalidArgument(f"{place}.{key}", f"is the same as `{name}`; give one of them")
        arguments[name] = value
    for field in msgspec.structs.fields(cls):
        if field.required and field.name not in arguments:
            raise InvalidArgument(f"{place}.{field.encode_name}", "is required")
    return arguments


def _shaped_struct(place: str, value: Struct) -> Struct:
    """Shape the fields of a structure that does not do so itself when it is built."""
    if isinstance(type(value), SelfChecked):
        return value
    changes: dict[str, Any] = {}
    for name, shape in _shapes(type(value)).items():
        present = getattr(value, name)
        shaped = shape(f"{place}.{name}", present) if present is not None else None
        if shaped is not present:
            changes[name] = shaped
    return msgspec.structs.replace(value, **changes) if changes else value


@cache
def _shapes(cls: type[Struct]) -> dict[str, Shape]:
    hints = get_type_hints(cls, include_extras=True)
    shapes = {field.name: shape_of(hints[field.name]) for field in msgspec.structs.fields(cls)}
    return {name: _unless_none(shape) for name, shape in shapes.items() if shape is not None}


def _unless_none(shape: Shape) -> Shape:
    return lambda place, value: value if value is None else shape(place, value)


@cache
def _names(cls: type[Struct]) -> dict[str, str]:
    """Names on the wire, and the Python names, to Python names."""
    fields = msgspec.structs.fields(cls)
    return {field.name: field.name for field in fields} | {
        field.encode_name: field.name for field in fields
    }


def moved(error: InvalidArgument, place: str) -> InvalidArgument:
    """Return the same error for a field that stands inside another."""
    if not error.field:
        return InvalidArgument(place, error.rule)
    return InvalidArgument(f"{place}.{error.field}", error.rule)


def kind_of(value: object) -> str:
    """Name the type of a value as a person would."""
    return "None" if value is None else type(value).__name__
