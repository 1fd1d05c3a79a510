"""Structures to send are checked when they are built, by the decoder that a server would use.

``Checked.__post_init__`` first makes of each field what its type says: ``None`` becomes ``UNSET``
("not sent"), a dict a structure, a tuple a list (see ``_shapes``). Then it encodes the structure
and decodes it into its *twin*: the same fields with the same types and limits, without the checks
themselves. So a rule is written once, as the type of a field, and holds for the user who builds
the structure and for the server that reads it.

The trip through JSON takes a third of a microsecond, less than a look at each field in Python; so
only values of a class that may need to be shaped are looked at.
"""

import types
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import force_setattr

from frontdesk.errors import InvalidArgument
from frontdesk.spec.shapes import CheckedType, Shape, alternatives, shape_of
from frontdesk.spec.wording import place_and_rule

__all__ = ["UNSET", "Checked", "Id", "UnsetType", "encoded", "given"]

Id = Annotated[str, Meta(min_length=1)]
"""An id: any text but the empty one, since the API documents no shape to rely on."""

CONTAINERS: tuple[Any, ...] = (list, dict, tuple, set, frozenset)
SCALARS: tuple[Any, ...] = (str, int, float, bool, datetime, UnsetType)

_encode = msgspec.json.Encoder().encode


class Checked(
    Struct, metaclass=CheckedType, frozen=True, kw_only=True, gc=False, repr_omit_defaults=True
):
    """Base of every structure that is sent: valid by construction.

    Optional fields take ``None`` for "not sent". A structure may be given as a dict with the names
    of the wire, a list as any sequence but a text.

    Raises ``InvalidArgument`` with the dotted path of the field and the rule it breaks, and
    ``UnexpectedArgument`` for an argument that the structure does not have.
    """

    def __post_init__(self) -> None:
        """Shape the fields, check types and limits, then the rules that span several fields."""
        for name, settled, field in _plan(self.__class__):
            value = getattr(self, name)
            if value.__class__ not in settled:
                _shape(self, field, value)
        _check(self)
        self._rules()

    def _rules(self) -> None:
        """Check the rules that span several fields; raise ``InvalidArgument``."""


def given(**values: object) -> list[str]:
    """Names of the values that were given, in order."""
    return [name for name, value in values.items() if value is not UNSET]


def encoded(value: Checked) -> bytes:
    """Encode a structure that was checked earlier and may hold a list that changed since.

    Raises ``InvalidArgument``.
    """
    try:
        return _encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _unencodable(value, error) from None


class _Field(NamedTuple):
    """What is known of a field before its values are."""

    name: str
    place: str
    takes_none: bool
    """None is a value of the field, and not the absence of one."""
    optional: bool
    shape: Shape | None


@cache
def _plan(cls: type[Struct]) -> list[tuple[str, frozenset[type], _Field]]:
    """Each field, and the classes of the values that need no shaping: no dict, None, sequence."""
    hints = get_type_hints(cls, include_extras=True)
    plan: list[tuple[str, frozenset[type], _Field]] = []
    for info in msgspec.structs.fields(cls):
        parts = alternatives(hints[info.name])
        field = _Field(
            name=info.name,
            place=info.encode_name,
            takes_none=types.NoneType in parts,
            optional=not info.required and UnsetType in parts,
            shape=shape_of(hints[info.name]),
        )
        settled = (
            _class_of(part)
            for part in parts
            if part in SCALARS or get_origin(part) is Literal or isinstance(part, CheckedType)
        )
        plan.append((info.name, frozenset(settled), field))
    return plan


def _class_of(part: Any) -> type:
    """The class of a type's values; those of all literals here are texts."""
    return str if get_origin(part) is Literal else part


def _shape(value: Checked, field: _Field, held: Any) -> None:
    """Make of a field what its type says."""
    if held is None and field.takes_none:
        return
    if held is None and field.optional:
        # No field of these APIs gives null a meaning of its own.
        shaped: Any = UNSET
    elif field.shape is not None:
        shaped = field.shape(field.place, held)
    else:
        return
    if shaped is not held:
        force_setattr(value, field.name, shaped)


def _check(value: Checked) -> None:
    cls = type(value)
    try:
        _twin_decoder(cls).decode(_encode(value))
    except msgspec.ValidationError as error:
        raise InvalidArgument(*place_and_rule(str(error), _wire_hints(cls))) from None
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _unencodable(value, error) from None


@cache
def _wire_hints(cls: type[Struct]) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(cls)}


def _unencodable(value: Struct, error: Exception) -> InvalidArgument:
    if isinstance(error, RecursionError):
        rule = "holds itself, or is nested too deeply"
    else:
        rule = f"cannot be sent as JSON: {error}"
    fields = {name: getattr(value, name) for name in value.__struct_fields__}
    for name in given(**fields):
        try:
            _encode(fields[name])
        except (TypeError, ValueError, OverflowError, RecursionError):
            return InvalidArgument(name, rule)
    return InvalidArgument("", rule)


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
