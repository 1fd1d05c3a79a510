"""Structures to send are checked when they are built, by the decoder that a server would use.

``Checked.__post_init__`` first makes of each field what its type says: ``None`` becomes ``UNSET``
("not sent"), a dict a structure, a tuple a list (see ``_shapes``). Then it encodes the structure
and decodes it into its *twin*: the same fields with the same types and limits, without the checks
themselves. So a rule is written once, as the type of a field, and holds for the user who builds
the structure and for the server that reads it.

Most values need neither: a text that may be any text, a number within its limits, a structure that
was checked when it was built. ``_plan`` knows from the types which classes are such and what is
left to look at, so that a usual call pays for a few comparisons and not for a trip through JSON.
"""

import types
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import force_setattr

from frontdesk._shapes import CheckedType, Shape, alternatives, shape_of
from frontdesk._wording import place_and_rule
from frontdesk.errors import InvalidArgument

__all__ = ["UNSET", "Checked", "Id", "UnsetType", "encoded", "given"]

Id = Annotated[str, Meta(min_length=1)]
"""An id: any text but the empty one, since the API documents no shape to rely on."""

CONTAINERS: tuple[Any, ...] = (list, dict, tuple, set, frozenset)
LARGEST = 2**63 - 1
"""The largest integer that every JSON library reads."""

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
        plan = _plan(self.__class__)
        in_doubt = False
        for field, value in zip(plan.fields, plan.values(self), strict=True):
            if value is UNSET and field.optional:
                continue
            fits = field.fits.get(value.__class__)
            if fits is None or not fits(value):
                in_doubt |= _shape(self, field, value)
        if in_doubt:
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


Fits = Callable[[Any], bool]
"""Whether a value of some class surely keeps the rules of a field; false: look closer."""


class _Field(NamedTuple):
    """What is known of a field before its values are."""

    name: str
    place: str
    optional: bool
    nullable: bool
    fits: dict[type, Fits]
    shape: Shape | None


class _Plan(NamedTuple):
    """How a structure is checked."""

    fields: tuple[_Field, ...]
    values: Callable[[Any], tuple[Any, ...]]


@cache
def _plan(cls: type[Struct]) -> _Plan:
    hints = get_type_hints(cls, include_extras=True)
    fields = tuple(
        _Field(
            name=field.name,
            place=field.encode_name,
            optional=not field.required and UnsetType in alternatives(hints[field.name]),
            nullable=types.NoneType in alternatives(hints[field.name]),
            fits=_fits(hints[field.name]),
            shape=shape_of(hints[field.name]),
        )
        for field in msgspec.structs.fields(cls)
    )
    return _Plan(fields, _getter([field.name for field in fields]))


def _getter(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what reads several attributes at once; ``attrgetter`` makes no tuple of one."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _shape(value: Checked, field: _Field, held: Any) -> bool:
    """Make of a field what its type says; return whether it is still in doubt."""
    if held is None and field.optional and not field.nullable:
        # No field of these APIs gives null a meaning of its own.
        force_setattr(value, field.name, UNSET)
        return False
    if field.shape is None or (held is None and field.nullable):
        return True
    shaped = field.shape(field.place, held)
    if shaped is held:
        return True
    force_setattr(value, field.name, shaped)
    fits = field.fits.get(shaped.__class__)
    return fits is None or not fits(shaped)


def _check(value: Checked) -> None:
    cls = type(value)
    try:
        _twin_decoder(cls).decode(_encode(value))
    except msgspec.ValidationError as error:
        raise InvalidArgument(*place_and_rule(str(error), _wire_hints(cls))) from None
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _unencodable(value, error) from None


def _fits(hint: Any) -> dict[type, Fits]:
    """Each class whose values mostly need no closer look, and how to tell that they do not."""
    fits: dict[type, Fits] = {}
    for part in _parts(hint):
        meta = _limits(part)
        bare = get_args(part)[0] if get_origin(part) is Annotated else part
        if get_origin(bare) is Literal:
            fits |= _fits_of_literal(get_args(bare))
        elif bare is bool:
            fits[bool] = _any
        elif bare is str and _only(meta, "min_length"):
            fits[str] = _text if not meta.get("min_length") else _text_of_length(meta)
        elif bare is int and _only(meta, "ge", "le"):
            fits[int] = _int_between(meta.get("ge", -LARGEST), meta.get("le", LARGEST))
        elif bare is datetime and _only(meta, "tz") and meta.get("tz"):
            fits[datetime] = _in_utc
        elif isinstance(bare, type) and issubclass(bare, Checked):
            fits[bare] = _settled(bare)
    return fits


def _parts(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a type, each with its limits; those of the whole type are none."""
    while get_origin(hint) is Annotated and get_origin(get_args(hint)[0]) in (
        Union,
        types.UnionType,
        Annotated,
    ):
        hint = get_args(hint)[0]
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


LIMITS = (
    "gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length", "tz",
)  # fmt: skip


def _limits(part: Any) -> dict[str, Any]:
    """The limits that ``Annotated`` adds to a type."""
    limits: dict[str, Any] = {}
    for meta in getattr(part, "__metadata__", ()):
        for name in LIMITS:
            if (limit := getattr(meta, name, None)) is not None:
                limits[name] = limit
    return limits


def _only(limits: dict[str, Any], *names: str) -> bool:
    return limits.keys() <= set(names)


def _any(_value: object) -> bool:
    return True


def _text(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which is no character
        return False
    return True


def _text_of_length(limits: dict[str, Any]) -> Fits:
    least = limits["min_length"]
    return lambda value: len(value) >= least and _text(value)


def _int_between(least: int, most: int) -> Fits:
    return lambda value: least <= value <= most


def _in_utc(value: datetime) -> bool:
    return value.tzinfo is UTC


def _fits_of_literal(values: tuple[Any, ...]) -> dict[type, Fits]:
    texts = frozenset(value for value in values if type(value) is str)
    return {str: texts.__contains__} if texts else {}


def _settled(cls: type[Struct]) -> Fits:
    """Tell whether a checked structure still is what it was when it was checked.

    It is frozen, but the lists and dicts that it may hold are not.
    """
    hints = get_type_hints(cls, include_extras=True)
    names = [
        field.name
        for field in msgspec.structs.fields(cls)
        if not all(_is_frozen(part) for part in alternatives(hints[field.name]))
    ]
    if not names:
        return _any
    get = _getter(names)
    return lambda value: all(held is UNSET for held in get(value))


def _is_frozen(part: Any) -> bool:
    return part in (str, int, float, bool, datetime, UnsetType, types.NoneType) or (
        get_origin(part) is Literal
    )


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
