"""Structures to send are checked when they are built, by the decoder that a server would use.

``Checked.__post_init__`` encodes the structure and decodes it into its *twin*: the same fields
with the same types and limits, without the checks themselves. So a rule is written once, as the
type of a field, and holds for the user who builds the structure and for the server that reads it.
"""

import types
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from frontdesk.errors import InvalidArgument

__all__ = ["UNSET", "Checked", "Id", "UnsetType", "given"]

Id = Annotated[str, Meta(min_length=1)]
"""An id: any text but the empty one, since the API documents no shape to rely on."""

CONTAINERS: tuple[Any, ...] = (list, dict, tuple, set, frozenset)

_encode = msgspec.json.Encoder().encode


class Checked(Struct, frozen=True, kw_only=True, gc=False, repr_omit_defaults=True):
    """Base of every structure that is sent: valid by construction.

    Raises ``InvalidArgument`` with the field and the rule it breaks.
    """

    def __post_init__(self) -> None:
        """Check types and limits, then the rules that span several fields."""
        cls = self.__class__
        try:
            _twin_decoder(cls).decode(_encode(self))
        except msgspec.ValidationError as error:
            raise _named(error) from None
        except (TypeError, ValueError, OverflowError) as error:
            raise _unencodable(self, error) from None
        self._rules()

    def _rules(self) -> None:
        """Check the rules that span several fields; raise ``InvalidArgument``."""


def given(**values: object) -> list[str]:
    """Names of the values that were given, in order."""
    return [name for name, value in values.items() if value is not UNSET]


def _named(error: msgspec.ValidationError) -> InvalidArgument:
    """Turn ``Expected `str`, got `int` - at `$.event.text``` into a field and a rule."""
    text = str(error)
    rule, found, path = text.partition(" - at `$")
    field = path.rstrip("`").lstrip(".") if found else ""
    missing = "Object missing required field `"
    if rule.startswith(missing):
        name = rule[len(missing) :].rstrip("`")
        return InvalidArgument(f"{field}.{name}" if field else name, "is required")
    return InvalidArgument(
        field, rule.replace("Expected ", "must be ", 1).replace(", got ", ", not ")
    )


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
