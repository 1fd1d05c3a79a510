"""The fields of a declaration as arguments and options of a command, and back.

Whatever the type of a field says of its values is checked by the declaration itself, when it is
built; here texts become values of about the right kind.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from inspect import Parameter
from keyword import iskeyword
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec
import typer
from msgspec import Struct

from frontdesk.actions import Action
from frontdesk.cli.arguments.dates import read_time
from frontdesk.cli.arguments.filters import read_filters
from frontdesk.cli.arguments.json_values import read_file, read_json
from frontdesk.errors import InvalidArgument
from frontdesk.grammar import listed
from frontdesk.models import ArchivesFilters
from frontdesk.spec.fields import description_of
from frontdesk.spec.shapes import alternatives, structs_in
from frontdesk.suggestions import did_you_mean

__all__ = ["Field", "built", "check_change", "fields_of", "renamed"]

Read = Callable[[str, Any], Any]
"""Turns what was given for an option into a value; it takes the name of the option too."""

VARIABLES: Final = {
    "bot_secret": "FRONTDESK_BOT_SECRET",
    "client_id": "FRONTDESK_CLIENT_ID",
    "organization_id": "FRONTDESK_ORGANIZATION_ID",
    "owner_client_id": "FRONTDESK_CLIENT_ID",
    "secret_key": "FRONTDESK_WEBHOOK_SECRET",
}
"""What can be set once in the environment; secrets had better be, for others see arguments."""
SECRETS: Final = frozenset({"bot_secret", "secret_key"})
FEW: Final = 14
"""How many choices a help text lists."""
SHORT: Final = 42
"""Up to which length choices stand in the place of a value."""
METAVARS: Final = (("url", "URL"), ("avatar", "URL"), ("_id", "ID"), ("_ids", "ID"))
"""What stands for the values of fields with such endings."""
SEVERAL: Final = " Can be given several times."
LITERAL: Final = (
    " Numbers, true and false are sent as such; a text that looks like one needs double quotes"
    " of its own: '\"5\"'."
)
TEXT_TYPES: Final = ("string", "tokenized_string")
"""Types of properties of which all values are texts."""
PAIR: Final = 2
_CHANGE: Final = re.compile(r"update_\w+|delete_\w+_properties")
"""The methods that change something in part."""
_CLASS: Final = re.compile(r"is not a field of \w+")


class Kind(Struct, frozen=True):
    """How values of a type are written on the command line.

    ``annotation`` is what typer makes of one; ``note`` is added to its description.
    """

    metavar: str
    read: Read
    annotation: Any = str
    multiple: bool = False
    note: str = ""
    empty: Any = None
    """The value of a required one that is not given."""


class Field(Struct, frozen=True, kw_only=True):
    """A field of a declaration, or of its filters, on the command line.

    ``path`` is where the value goes: the name of the field, or two of them. ``option`` is empty for
    an argument.
    """

    name: str
    path: tuple[str, ...]
    kind: Kind
    help: str
    required: bool
    option: str = ""

    @property
    def shown(self) -> str:
        """What errors call it."""
        return self.option or self.name.upper()

    def parameter(self) -> Parameter:
        """Return the parameter that typer makes it of."""
        kind = self.kind
        annotation = list[kind.annotation] if kind.multiple else kind.annotation  # type: ignore[name-defined]
        needed = self.required and kind.empty is None
        if self.option:
            info: Any = typer.Option(
                *(self._declarations()),
                metavar=self._metavar(),
                envvar=VARIABLES.get(self.name),
                help=self.help,
            )
        else:
            info = typer.Argument(metavar=self.name.upper(), help=self.help)
        if not needed:
            annotation = annotation | None
        return Parameter(
            self.name,
            Parameter.POSITIONAL_OR_KEYWORD if not self.option else Parameter.KEYWORD_ONLY,
            default=Parameter.empty if needed else None,
            annotation=Annotated[annotation, info],
        )

    def _metavar(self) -> str | None:
        if self.kind.annotation is bool:
            return None
        if self.kind.metavar in {"TEXT", "NUMBER"}:
            for ending, metavar in METAVARS:
                if self.path[-1].endswith(ending):
                    return metavar
        return self.kind.metavar

    def _declarations(self) -> tuple[str, ...]:
        if self.kind.annotation is bool:
            return (f"{self.option}/--no-{self.option[2:]}",)
        return (self.option,)


def fields_of(action: type[Action[Any]], arguments: Collection[str] = ()) -> list[Field]:
    """Return the fields of a declaration: ``arguments`` without a dash, the others as options."""
    fields: list[Field] = []
    hints = get_type_hints(action, include_extras=True)
    for field in msgspec.structs.fields(action):
        hint = hints[field.name]
        inner = _flat(hint)
        if inner is not None:
            prefix = () if field.name == "filters" else (field.name,)
            described = description_of(hint)
            fields += _inner_fields(field.name, inner, prefix, described, required=field.required)
            continue
        kind = _kind(hint)
        fields.append(
            Field(
                name=field.name,
                path=(field.name,),
                kind=kind,
                help=_help(field.name, description_of(hint), kind),
                required=field.required,
                option="" if field.name in arguments else _option((field.name,), kind),
            )
        )
    in_order = {name: position for position, name in enumerate(arguments)}
    return sorted(fields, key=lambda field: in_order.get(field.name, len(in_order)))


def check_change(
    action: type[Action[Any]], fields: Iterable[Field], given: Mapping[str, Any]
) -> None:
    """Refuse a change without anything to change: it would be sent, and billed, for nothing.

    Raises:
        InvalidArgument: No option says what to change, or which properties to unset.
    """
    if not _CHANGE.fullmatch(action.spec.name):
        return
    changes = [field for field in fields if field.option and field.name not in VARIABLES]
    if changes and all(given.get(field.name) in (None, []) for field in changes):
        options = [f"`{field.option}`" for field in changes]
        which = options[0] if len(options) == 1 else f"one of {listed(options, 'or')}"
        raise InvalidArgument("", f"there is nothing to change: give {which}")


def built(
    action: type[Action[Any]], fields: Iterable[Field], given: Mapping[str, Any]
) -> Action[Any]:
    """Build the action of what was given on the command line.

    Raises:
        InvalidArgument: Something does not fit; ``field`` is the option or argument.
    """
    fields = list(fields)
    values: dict[str, Any] = {}
    only_texts = given.get("type") in TEXT_TYPES
    for field in fields:
        value = given.get(field.name)
        if value is None or (field.kind.multiple and not value):
            if not field.required or field.kind.empty is None:
                continue
            value = field.kind.empty
        else:
            texts = value
            value = field.kind.read(field.shown, texts)
            if only_texts and field.kind.metavar == "VALUE":
                value = _as_texts(texts, value)
        target = values
        for name in field.path[:-1]:
            target = target.setdefault(name, {})
        target[field.path[-1]] = value
    try:
        return action(**values)
    except InvalidArgument as error:
        raise renamed(error, fields) from None


def renamed(error: InvalidArgument, fields: Iterable[Field]) -> InvalidArgument:
    """Return an error of a declaration with the option or argument in the place of its field."""
    fields = list(fields)
    names = error.field.replace("[", ".").split(".")
    best: Field | None = None
    for field in fields:
        if names[: len(field.path)] == list(field.path):
            best = field
    if best is None:
        # A structure is missing whose own fields are the options.
        best = next((field for field in fields if field.path[:1] == tuple(names[:1])), None)
        return error if best is None else InvalidArgument(best.shown, error.rule)
    rule = _CLASS.sub("is not a field of it", error.rule)
    inner = error.field[len(".".join(best.path)) :].lstrip(".")
    if best.kind.metavar == "JSON" and inner:
        rule = f"cannot be used: `{inner}` {rule}"
    return InvalidArgument(best.shown, rule)


def _inner_fields(
    name: str, inner: type[Struct], prefix: tuple[str, ...], description: str, *, required: bool
) -> Iterator[Field]:
    hints = get_type_hints(inner, include_extras=True)
    for field in msgspec.structs.fields(inner):
        hint = hints[field.name]
        kind = _kind(hint)
        own = description_of(hint) or _sentence(description)
        path = (*prefix, field.encode_name)
        yield Field(
            name=_identifier("_".join(path)),
            path=(name, field.encode_name),
            kind=kind,
            help=_help(field.name, own, kind),
            required=required and field.required,
            option=_option(path, kind),
        )


def _identifier(name: str) -> str:
    """Return a name that a parameter can have; ``from`` is a word of Python."""
    name = re.sub(r"\W", "_", name)
    return f"{name}_" if iskeyword(name) else name


def _flat(hint: Any) -> type[Struct] | None:
    """Return the structure of a field whose own fields can be options by themselves."""
    structs = structs_in(hint)
    if len(structs) != 1 or len(_present(hint)) != 1:
        return None
    hints = get_type_hints(structs[0], include_extras=True)
    inner_hints = [hints[name] for name in structs[0].__struct_fields__]
    simple = all(_kind(inner).metavar != "JSON" for inner in inner_hints)
    return structs[0] if simple else None


def _present(hint: Any) -> list[Any]:
    """Return the alternatives of a type without "not sent"."""
    return [part for part in alternatives(hint) if part is not msgspec.UnsetType]


def _kind(hint: Any) -> Kind:
    parts = _present(hint)
    if len(parts) > 1:
        is_plain = not any(structs_in(part) or get_origin(part) in {list, dict} for part in parts)
        return Kind("VALUE", _value, note=LITERAL) if is_plain else Kind("JSON", read_json)
    part = parts[0]
    if part is ArchivesFilters:
        return Kind("NAME=VALUE", _archives_filters, multiple=True, note=FILTERS)
    if part in SCALARS:
        return SCALARS[part]
    origin, inner = get_origin(part), get_args(part)
    if origin is Literal:
        choices = f"<{'|'.join(map(str, inner))}>"
        if len(choices) <= SHORT:
            return Kind(choices, _one_of(inner))
        few = len(inner) <= FEW
        return Kind("TEXT", _one_of(inner), note=f" One of {_choices(inner)}." if few else "")
    if origin is list:
        return _list_kind(inner[0])
    if origin is dict:
        return _dict_kind(inner[1])
    return Kind("JSON", read_json)


def _list_kind(item: Any) -> Kind:
    structs = structs_in(item)
    if structs and len(structs[0].__struct_fields__) == PAIR:
        first, second = structs[0].__struct_fields__
        hints = get_type_hints(structs[0], include_extras=True)
        hint = hints[second]
        kind = _kind(hint)
        note = kind.note
        if kind.metavar.startswith("<"):
            note = f" The {second} is one of {_choices(get_args(_present(hint)[0]))}."
        metavar = f"{first}={second}".upper()
        read = _structs((first, _kind(hints[first]).read), (second, kind.read))
        return Kind(metavar, read, multiple=True, note=note, empty=())
    kind = _kind(item)
    if kind.metavar == "JSON" or kind.multiple:
        return Kind("JSON", read_json)
    return Kind(kind.metavar, _each(kind.read), multiple=True, note=kind.note, empty=())


def _dict_kind(value: Any) -> Kind:
    part = _present(value)[0]
    if get_origin(part) is list:
        return Kind("NAMESPACE.NAME", _names_by_namespace, multiple=True, empty={})
    if get_origin(part) is dict:
        return Kind(
            "NAMESPACE.NAME=VALUE", _values_by_namespace, multiple=True, note=LITERAL, empty={}
        )
    kind = _kind(value)
    note = kind.note
    if kind.metavar.startswith("<"):
        note = f" The value is one of {_choices(get_args(_present(value)[0]))}."
    return Kind("ID=VALUE", _pairs(kind.read), multiple=True, note=note, empty={})


def _choices(names: Iterable[Any]) -> str:
    return listed([f"`{name}`" for name in names])


def _option(path: tuple[str, ...], kind: Kind) -> str:
    name = "-".join(path).replace("_", "-")
    return f"--{_singular(name) if kind.multiple else name}"


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name.removesuffix("s") if not name.endswith("ss") else name


def _help(name: str, description: str, kind: Kind) -> str:
    text = _sentence(description) if description else f"The {name.replace('_', ' ')}."
    if kind.annotation is bool:
        text = _sentence(text.removeprefix("True: ").removeprefix("True allows "))
    if name in SECRETS:
        text += " Other users of this machine can see it here, so rather set the variable."
    return text + kind.note + (SEVERAL if kind.multiple else "")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].removesuffix(".") + "."


def _as_is(_: str, value: Any) -> Any:
    return value


def _one_of(choices: Collection[str]) -> Read:
    def read(option: str, text: str) -> str:
        if text in choices:
            return text
        hint = did_you_mean(text, choices)
        names = listed([f"`{choice}`" for choice in choices], "or")
        # All of many names would hide the one that is meant.
        which = f"one of {names}" if len(choices) <= FEW or not hint else "a name that there is"
        raise InvalidArgument(option, f"must be {which}, not {text[:60]!r}{hint}")

    return read


def _number(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidArgument(option, f"must be a whole number, not {text!r}") from None


def _value(_: str, text: str) -> Any:
    """Read a number or a Boolean; anything else is a text, also one in quotes."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, (str, int, bool)) else text


def _as_texts(texts: Any, values: Any) -> Any:
    """Return values as the texts they were given as, but for what quotes made a text of."""
    if isinstance(texts, str):
        return values if isinstance(values, str) else texts
    return [_as_texts(text, value) for text, value in zip(texts, values, strict=True)]


def _archives_filters(_: str, texts: Iterable[str]) -> dict[str, Any]:
    return read_filters(texts)


FILTERS: Final = " Such as `tags.values=refund` or `agents.exists=false`, or all as JSON."
SCALARS: Final[dict[Any, Kind]] = {
    bool: Kind("", _as_is, bool),
    bytes: Kind("FILE", read_file),
    datetime: Kind("TIME", read_time),
    int: Kind("NUMBER", _number),
    str: Kind("TEXT", _as_is),
}
"""How single values are written."""


def _each(read: Read) -> Read:
    def read_all(option: str, texts: Iterable[str]) -> list[Any]:
        return [read(option, text) for text in texts]

    return read_all


def _split(option: str, text: str, example: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=")
    if not equals or not name:
        raise InvalidArgument(option, f"must look like {example}, not {text[:60]!r}")
    return name, value


def _structs(first: tuple[str, Read], second: tuple[str, Read]) -> Read:
    (name, read_name), (other, read_other) = first, second

    def read(option: str, texts: Iterable[str]) -> list[dict[str, Any]]:
        pairs = [_split(option, text, f"{name}={other}".upper()) for text in texts]
        return [
            {name: read_name(option, left), other: read_other(option, right)}
            for left, right in pairs
        ]

    return read


def _pairs(read_value: Read) -> Read:
    def read(option: str, texts: Iterable[str]) -> dict[str, Any]:
        pairs = [_split(option, text, "ID=VALUE") for text in texts]
        return {name: read_value(option, value) for name, value in pairs}

    return read


def _namespaced(option: str, text: str) -> tuple[str, str]:
    namespace, dot, name = text.partition(".")
    if not (dot and namespace and name):
        raise InvalidArgument(option, f"must begin with NAMESPACE.NAME, not {text[:60]!r}")
    return namespace, name


def _values_by_namespace(option: str, texts: Iterable[str]) -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals:
            raise InvalidArgument(option, f"must look like NAMESPACE.NAME=VALUE, not {text[:60]!r}")
        namespace, name = _namespaced(option, path)
        values.setdefault(namespace, {})[name] = _value(option, value)
    return values


def _names_by_namespace(option: str, texts: Iterable[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for text in texts:
        namespace, name = _namespaced(option, text)
        names.setdefault(namespace, []).append(name)
    return names
