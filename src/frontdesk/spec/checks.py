"""Structures to send are checked when they are built, by the decoder that a server would use.

Building one goes through ``CheckedType.__call__``. It first makes of each value what the type of
its field says: ``None`` means "not sent", a dict becomes a structure, a tuple a list (see
``shapes``). Then it encodes the values and decodes them into the structure. So a rule is written
once, as the type of a field, and holds for the user who builds the structure and for the server
that reads it.

The trip through JSON takes a third of a microsecond, less than a look at each field in Python; so
only values of a class that may need to be shaped are looked at.

msgspec builds structures without calling their class: it decodes, and ``msgspec.structs.replace``
copies what is given. There ``Checked.__post_init__`` checks what the decoder has not checked.
"""

import threading
import types
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import force_setattr

from frontdesk.errors import InvalidArgument
from frontdesk.spec.constructors import wrong_arguments
from frontdesk.spec.shapes import SelfChecked, Shape, alternatives, shape_of, structs_in
from frontdesk.spec.wording import place_and_rule

__all__ = ["UNSET", "Checked", "GroupId", "Id", "UnsetType", "encoded", "given", "read"]

T = TypeVar("T")
D = TypeVar("D")

Id = Annotated[str, Meta(min_length=1)]
"""An id: any text but the empty one, since the API documents no shape to rely on."""

GroupId = Annotated[int, Meta(ge=0)]
"""The id of a group; 0 is the one that holds everybody."""

SCALARS: Final = frozenset({str, int, float, bool})
"""Of these, JSON gives back the very same value."""
SETTLED: Final[tuple[Any, ...]] = (str, int, bool, types.NoneType)
"""Of these, every value of the type of a field is as it is sent. Of numbers, NaN is not, and of
dates those that are out of range in UTC."""

_encode = msgspec.json.Encoder().encode


class _Work(Enum):
    """What msgspec builds structures for."""

    CHECK = "a check of values that are shaped, and followed by the check of the rules"
    READ = "JSON of others, of which the decoder knows types and limits"
    OTHER = "anything else, such as `msgspec.structs.replace`, which checks nothing"


class _Present(threading.local):
    work: _Work = _Work.OTHER


_present: Final = _Present()
_CHECK, _READ = _Work.CHECK, _Work.READ


class CheckedType(SelfChecked):
    """Builds structures out of what their users give."""

    if not TYPE_CHECKING:  # checkers know the fields better than this signature
        # All in one function: between two requests nothing of it is in the caches of the processor,
        # and then each further function costs as much as the trip through JSON.
        def __call__(cls, *args: Any, **values: Any) -> Any:  # noqa: N805 - a class of classes
            plan = _plans[cls]
            content = plan.tag.copy()
            kept = []
            before = _present.work
            try:
                for name, value in (_by_name(cls, args, values) if args else values).items():
                    field = plan.fields[name]
                    shaped = value if value.__class__ in field.settled else field.shaped(value)
                    if shaped is not UNSET:
                        content[field.place] = shaped
                        if field.is_kept:
                            kept.append((name, shaped))
                _present.work = _CHECK
                built = plan.decode(_encode(content))
            except Exception as error:  # noqa: BLE001 - explained below, or raised again
                problem = wrong_arguments(cls, len(args), values) or _explained(
                    error, plan, content
                )
            else:
                for name, value in kept:
                    force_setattr(built, name, value)
                built._rules()  # noqa: SLF001 - the class of the class
                return built
            finally:
                _present.work = before
            raise problem


class Checked(
    Struct, metaclass=CheckedType, frozen=True, kw_only=True, gc=False, repr_omit_defaults=True
):
    """Base of every structure that is sent: valid by construction.

    Optional fields take ``None`` for "not sent". A structure may be given as a dict with the names
    of the wire or as what the API returned of it, a list as any sequence but a text.

    Raises ``InvalidArgument`` with the dotted path of the field and the rule it breaks, and
    ``UnexpectedArgument`` for an argument that the structure does not have.
    """

    received_as: ClassVar[type[Struct] | None] = None
    """What the API returns of the same thing: taken wherever this structure is, so that what was
    read can be sent again with a change. Of it those fields are sent that are set and known here.
    """

    def __post_init__(self) -> None:
        """Check what nobody has checked yet of a structure that msgspec has built."""
        work = _present.work
        if work is _CHECK:
            return
        if work is _READ:
            for field in _plans[self.__class__].free:
                field.check(getattr(self, field.name))
            self._rules()
            return
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        built = self.__class__(**values)
        for name, value in values.items():
            checked = getattr(built, name)
            if value.__class__ not in SCALARS or checked != value:
                force_setattr(self, name, checked)

    def _rules(self) -> None:
        """Check the rules that span several fields; raise ``InvalidArgument``."""


def given(**values: object) -> list[str]:
    """Names of the values that were given, in order."""
    return [name for name, value in values.items() if value is not UNSET]


def read(decode: Callable[[D], T], data: D) -> T:
    """Decode JSON of others with ``decode``, which checks the structures it builds but once."""
    before = _present.work
    _present.work = _READ
    try:
        return decode(data)
    finally:
        _present.work = before


def encoded(value: Checked) -> bytes:
    """Encode a structure that was checked earlier and may hold a list that changed since.

    Raises ``InvalidArgument``.
    """
    try:
        return _encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        raise _unencodable(fields, error) from None


class _Field(Struct, frozen=True):
    """What is known of a field before its values are."""

    name: str
    place: str
    settled: frozenset[type]
    """The classes of the values that need no shaping: no dict, None, sequence."""
    takes_unset: bool
    takes_none: bool
    """Whether None is the absence of a value, and not one of the values of the field. No field of
    these APIs gives null a meaning of its own."""
    shape: Shape | None
    is_kept: bool
    """Whether it holds the very value that was given. JSON makes a text of a date among free
    content, and of a structure of the user's own class one of the class it is derived from."""

    def shaped(self, value: Any) -> Any:
        """Make of a value what the type of the field says; ``UNSET`` of what is not to be sent."""
        if (value is None and self.takes_none) or (value is UNSET and self.takes_unset):
            return UNSET
        return value if self.shape is None else self.shape(self.place, value)

    def check(self, value: Any) -> None:
        """Refuse a value that could not be sent."""
        if value is not UNSET and value is not None and self.shape is not None:
            self.shape(self.place, value)


class _Plan(Struct, frozen=True):
    """How the values of a class are checked."""

    fields: dict[str, _Field]
    tag: dict[str, Any]
    """What its JSON begins with."""
    decode: Callable[[bytes], Any]
    hints: dict[str, Any]
    """The types of the fields by their wire names."""
    free: list[_Field]
    """Fields for which the decoder takes more than can be sent."""


class _Plans(dict[type[Struct], _Plan]):
    """The plan of each class, made when it is needed first; quicker than a function's cache."""

    def __missing__(self, cls: type[Struct]) -> _Plan:
        plan = self[cls] = _plan(cls)
        return plan


_plans: Final = _Plans()


def _plan(cls: type[Struct]) -> _Plan:
    hints = get_type_hints(cls, include_extras=True)
    fields = {info.name: _field(info, hints[info.name]) for info in msgspec.structs.fields(cls)}
    config = cls.__struct_config__
    return _Plan(
        fields=fields,
        tag={} if config.tag_field is None else {config.tag_field: config.tag},
        decode=msgspec.json.Decoder(cls).decode,
        hints={field.place: hints[name] for name, field in fields.items()},
        free=[field for name, field in fields.items() if _is_free(hints[name])],
    )


def _field(info: msgspec.structs.FieldInfo, hint: Any) -> _Field:
    parts = alternatives(hint)
    settled = (
        _class_of(part)
        for part in parts
        if part in SETTLED or get_origin(part) is Literal or isinstance(part, SelfChecked)
    )
    return _Field(
        name=info.name,
        place=info.encode_name,
        settled=frozenset(settled),
        takes_unset=UnsetType in parts,
        takes_none=not info.required and UnsetType in parts and types.NoneType not in parts,
        shape=shape_of(hint),
        is_kept=not {_class_of(part) for part in parts} <= {*SCALARS, UnsetType, types.NoneType},
    )


def _class_of(part: Any) -> type:
    """The class of a type's values; those of all literals here are texts."""
    return str if get_origin(part) is Literal else part


def _is_free(hint: Any, *, inside: bool = False) -> bool:
    """Whether the decoder takes more for a type than can be sent.

    That is JSON of any depth, integers of any size within lists and dicts, and dates that are out
    of range in UTC.
    """
    for part in alternatives(hint):
        if part is Any or part is datetime or (inside and part is int):
            return True
        if any(_is_free(argument, inside=True) for argument in get_args(part)):
            return True
    return any(
        _is_free(inner, inside=True)
        for cls in structs_in(hint)
        if not isinstance(cls, SelfChecked)
        for inner in get_type_hints(cls, include_extras=True).values()
    )


def _by_name(cls: type[Struct], args: tuple[Any, ...], values: dict[str, Any]) -> dict[str, Any]:
    """Give names to the values without; raise ``InvalidArgument`` where that is not possible."""
    names = cls.__match_args__
    if len(args) > len(names) or not values.keys().isdisjoint(names[: len(args)]):
        raise InvalidArgument("", "is too much, or given twice")
    return {**dict(zip(names, args, strict=False)), **values}


def _explained(error: Exception, plan: _Plan, content: dict[str, Any]) -> Exception:
    """Say what is wrong with the values of fields; ``content`` are those that were shaped."""
    if isinstance(error, InvalidArgument):
        return error
    if isinstance(error, msgspec.ValidationError):
        return InvalidArgument(*place_and_rule(str(error), plan.hints))
    if isinstance(error, (TypeError, ValueError, OverflowError, RecursionError)):
        names = {field.place: field.name for field in plan.fields.values()}
        values = {names[place]: value for place, value in content.items() if place in names}
        return _unencodable(values, error)
    return error


def _unencodable(values: dict[str, Any], error: Exception) -> InvalidArgument:
    if isinstance(error, RecursionError):
        rule = "holds itself, or is nested too deeply"
    else:
        rule = f"cannot be sent as JSON: {error}"
    for name in given(**values):
        try:
            _encode(values[name])
        except (TypeError, ValueError, OverflowError, RecursionError):
            return InvalidArgument(name, rule)
    return InvalidArgument("", rule)
