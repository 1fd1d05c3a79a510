"""From JSON to the types of frontdesk and back.

The strict decoder comes first and costs nothing extra. Only when it refuses does the data go
through plain dicts, where each item of a tagged union that is unknown or malformed gets a stand-in
(``UnknownEvent``, ``UnknownUser``, …), and the rest is converted as usual.
"""

import builtins
import gc
import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeGuard, TypeVar, overload

import msgspec
from msgspec import inspect

from frontdesk._redact import excerpt
from frontdesk.errors import DecodeError
from frontdesk.models._fallback import Fallback, Unknown

__all__ = ["convert", "decode", "encode"]

T = TypeVar("T")
Walk = Callable[[Any], Any]

_encode = msgspec.json.Encoder().encode
_STAND_IN = '{"type":"frontdesk.'
"""How the JSON of a stand-in begins; nothing within a text does, where quotes are escaped."""
_parse_at = json.JSONDecoder().raw_decode
_EXCERPT = 80
_LARGE = 64 * 1024


@overload
def decode(data: bytes | str, type: None) -> None: ...
@overload
def decode(data: bytes | str, type: builtins.type[T]) -> T: ...
@overload
def decode(data: bytes | str, type: Any) -> Any: ...
def decode(data: bytes | str, type: Any) -> Any:
    """Decode JSON into ``type``: a structure, a list of them, a union such as ``Event``.

    With ``None`` for the type, only check that it is JSON. Unknown events and users become
    ``UnknownEvent`` and ``UnknownUser``; unknown fields are ignored.

    Raises ``DecodeError`` with the path of the first value that does not fit.
    """
    if type is None:
        _parse(data, msgspec.Raw)
        return None
    try:
        return _parse(data, type)
    except msgspec.ValidationError as error:
        return _convert_leniently(_parse(data, Any), type, error, data)


@overload
def convert(value: Any, type: builtins.type[T]) -> T: ...
@overload
def convert(value: Any, type: Any) -> Any: ...
def convert(value: Any, type: Any) -> Any:
    """Convert parsed JSON into ``type``, as ``decode`` does; ``value`` stays as it is.

    Raises ``DecodeError`` with the path of the first value that does not fit.
    """
    try:
        return msgspec.convert(value, type)
    except msgspec.ValidationError as error:
        return _convert_leniently(value, type, error, None)


def encode(value: Any) -> bytes:
    """Encode a structure as JSON; stand-ins for unknown items come out as they came in."""
    data = _encode(value)
    return _released(data.decode()).encode() if _STAND_IN.encode() in data else data


def _parse(data: bytes | str, type: Any) -> Any:
    # The dicts of a large answer would set off the garbage collector several times, in vain:
    # JSON makes no cycles.
    pause = len(data) >= _LARGE and gc.isenabled()
    if pause:
        gc.disable()
    try:
        return _decoder(type).decode(data)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeError) as error:
        raise DecodeError(f"not valid JSON: {error}", excerpt=_excerpt(data)) from None
    finally:
        if pause:
            gc.enable()


@cache
def _decoder(type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type)


def _convert_leniently(
    value: Any, type: Any, error: msgspec.ValidationError, data: bytes | str | None
) -> Any:
    walk = _walk_of(type)
    try:
        if walk is None:
            raise error
        return msgspec.convert(walk(value), type)
    except msgspec.ValidationError as final:
        path = str(final).partition(" - at `")[2].rstrip("`")
        raise DecodeError(
            f"not what the API promises: {final}",
            path=path,
            excerpt=_excerpt(_encode(value) if data is None else data),
        ) from None


@cache
def _walk_of(type: Any) -> Walk | None:
    return _plan(inspect.type_info(type))


def _plan(kind: inspect.Type) -> Walk | None:
    """Plan how to prepare a value of this type; ``None`` when there is nothing to prepare."""
    match kind:
        case inspect.Metadata():
            return _plan(kind.type)
        case inspect.StructType():
            return _struct_plan(kind)
        case inspect.ListType():
            return _list_plan(_item_plan(kind.item_type))
        case inspect.DictType():
            return _dict_plan(_plan(kind.value_type))
        case inspect.UnionType():
            return _union_plan(kind)
        case _:
            return None


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _struct_plan(kind: inspect.StructType) -> Walk | None:
    plans = {field.encode_name: plan for field in kind.fields if (plan := _plan(field.type))}

    def walk(value: Any) -> Any:
        if not _is_object(value):
            return value
        return {name: plans[name](item) if name in plans else item for name, item in value.items()}

    return walk if plans else None


def _item_plan(kind: inspect.Type) -> Walk | None:
    """Plan for an item of a list: most are sound, and walking them through would take longer."""
    plan = _plan(kind)
    if plan is None or not isinstance(kind, inspect.StructType):
        return plan
    cls, walk_through = kind.cls, plan

    def walk(value: Any) -> Any:
        try:
            return msgspec.convert(value, cls)
        except msgspec.ValidationError:
            return walk_through(value)

    return walk


def _list_plan(of_item: Walk | None) -> Walk:
    def walk(value: Any) -> Any:
        if value is None:
            return []
        if of_item is None or not _is_array(value):
            return value
        return [of_item(item) for item in value]

    return walk


def _dict_plan(of_item: Walk | None) -> Walk:
    def walk(value: Any) -> Any:
        # Some back ends write an empty object as an empty array.
        if value is None or value == []:
            return {}
        if of_item is None or not _is_object(value):
            return value
        return {name: of_item(item) for name, item in value.items()}

    return walk


def _union_plan(kind: inspect.UnionType) -> Walk | None:
    structs = [part for part in kind.types if isinstance(part, inspect.StructType)]
    if any(part.tag for part in structs):
        of_object: Walk | None = _tagged_plan(structs)
    else:
        objects = [part for part in kind.types if isinstance(part, inspect.DictType)]
        of_object = next((_plan(part) for part in (*structs, *objects)), None)
    arrays = [part for part in kind.types if isinstance(part, inspect.ListType)]
    of_array = next((_plan(part) for part in arrays), of_object)

    def walk(value: Any) -> Any:
        plan = of_array if _is_array(value) else of_object
        return value if value is None or plan is None else plan(value)

    return walk if of_object or of_array else None


def _tagged_plan(structs: list[inspect.StructType]) -> Walk:
    stand_ins = [part.cls for part in structs if issubclass(part.cls, Fallback)]
    stand_ins.sort(key=lambda cls: issubclass(cls, Unknown))
    known = {
        part.tag: (part.cls, _plan(part)) for part in structs if not issubclass(part.cls, Fallback)
    }
    tag_field = structs[0].tag_field or "type"

    def walk(value: Any) -> Any:
        if not _is_object(value):
            return value
        tag = value.get(tag_field)
        if isinstance(tag, str) and tag in known:
            cls, plan = known[tag]
            try:
                return msgspec.convert(plan(value) if plan else value, cls)
            except msgspec.ValidationError:
                pass
        claims = (stand_in.claim(value) for stand_in in stand_ins)
        return next((claim for claim in claims if claim is not None), value)

    return walk


def _released(text: str) -> str:
    """Take the stand-ins out of JSON; the rest of it, which may be large, stays untouched."""
    stand_ins = {cls.__struct_config__.tag: cls for cls in Fallback.__subclasses__()}
    parts: list[str] = []
    done = 0
    while (start := text.find(_STAND_IN, done)) >= 0:
        wrapped, end = _parse_at(text, start)
        try:
            released = stand_ins[wrapped["type"]].release(wrapped)
        except KeyError:  # what an application made up only looks like one
            released = wrapped
        parts += text[done:start], _encode(released).decode()
        done = end
    return "".join((*parts, text[done:]))


def _excerpt(data: bytes | str) -> str:
    """The first characters, without secrets."""
    return excerpt(data, _EXCERPT)
