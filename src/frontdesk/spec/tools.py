"""Declarations as tools of language models: what they are for, their arguments as JSON Schema.

The schemas are those of the declarations, without what only people and documents need: nothing is
referred to, so that every provider of models can read them.
"""

import inspect
from collections.abc import Collection, Mapping
from typing import Any, Final, get_type_hints

import msgspec
from msgspec import Meta, Struct

from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import InvalidArgument
from frontdesk.spec.actions import Action, Version
from frontdesk.spec.constructors import unknown_field

__all__ = ["ToolDescription", "chat_field", "describe", "is_tool", "reaches_chats", "tool_action"]

REF: Final = "#/$defs/"
SOURCE: Final = "Source:"
"""What the line of a docstring begins with that only says where LiveChat documents it."""
ABOUT_CHATS: Final = frozenset({"archives", "chat", "chats", "customer", "customers", "threads"})
"""Words in the names and scopes of methods that read or change chats, and who writes in them."""


class ToolDescription(Struct, frozen=True, kw_only=True):
    """What a language model gets to know of a tool, in a neutral form."""

    name: str
    """The name of the method, such as ``get_chat``."""
    description: str
    """What it does."""
    parameters: dict[str, Any]
    """Its arguments, as JSON Schema of an object."""
    reads: bool
    """Whether it changes nothing."""

    def for_openai(self) -> dict[str, Any]:
        """Return it as an item of ``tools`` of ``client.chat.completions.create``."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": self.parameters,
            },
        }

    def for_anthropic(self) -> dict[str, Any]:
        """Return it as an item of ``tools`` of ``client.messages.create``."""
        return {
            "name": self.name,
            "description": self.description,
            "input_schema": self.parameters,
        }


def is_tool(action: type[Action[Any]]) -> bool:
    """Tell whether a method can be a tool: over Web, with arguments that JSON can hold."""
    hints = get_type_hints(action)
    return "web" in action.spec.transports and bytes not in hints.values()


def describe(
    action: type[Action[Any]], version: Version, fixed: Collection[str] = ()
) -> ToolDescription:
    """Return what a model gets to know of a method.

    Args:
        action: The declaration.
        version: The version of the API: arguments of older ones are not described.
        fixed: Arguments that the model is not to give.
    """
    schema = msgspec.json.schema(action)
    definitions = schema["$defs"]
    parameters = _inlined({"$ref": schema["$ref"]}, definitions, ())
    hidden = {*fixed, *_outdated(action, version)}
    return ToolDescription(
        name=action.spec.name,
        description=_prose(action.__doc__ or ""),
        parameters={
            "type": "object",
            "properties": {
                name: part
                for name, part in parameters.get("properties", {}).items()
                if name not in hidden
            },
            "required": [name for name in parameters.get("required", ()) if name not in hidden],
            "additionalProperties": False,
        },
        reads=action.spec.reads,
    )


def tool_action(
    action: type[Action[Any]], arguments: Mapping[str, Any], fixed: Mapping[str, Any]
) -> Action[Any]:
    """Make an action of what a model gives, and of the arguments that it has no say in.

    Raises:
        InvalidArgument: An argument breaks a rule, does not exist, or is fixed to something else.
    """
    names = {field.encode_name: field.name for field in msgspec.structs.fields(action)}
    given: dict[str, Any] = {}
    for name, value in arguments.items():
        if name not in names:
            raise InvalidArgument(str(name), unknown_field(action, name, wire=True))
        if name not in fixed:
            given[names[name]] = value
        # Models like to give what they know from the chat; the same value does no harm.
        elif type(value) is not type(fixed[name]) or value != fixed[name]:
            raise InvalidArgument(name, "is set already and cannot be chosen; do not give it")
    return action(**given, **{names[name]: value for name, value in fixed.items()})


def chat_field(action: type[Action[Any]]) -> str | None:
    """Name the argument that says which chat a method is about; ``None`` if it has none.

    Some methods call it ``id``: ``transfer_chat``, ``deactivate_chat``, ``update_chat_properties``.
    """
    fields = {field.encode_name for field in msgspec.structs.fields(action)}
    if "chat_id" in fields:
        return "chat_id"
    return "id" if "id" in fields and "chat" in action.spec.name.split("_") else None


def reaches_chats(action: type[Action[Any]]) -> bool:
    """Tell whether a method reads or changes chats, or customers."""
    spec = action.spec
    words = {*spec.name.split("_"), spec.group}
    for scope in spec.scopes.names:
        words.update(scope.partition("--")[0].partition(":")[0].split("."))
    return not ABOUT_CHATS.isdisjoint(words)


def _outdated(action: type[Action[Any]], version: Version) -> set[str]:
    hints = get_type_hints(action, include_extras=True)
    return {
        field.encode_name
        for field in msgspec.structs.fields(action)
        for meta in getattr(hints[field.name], "__metadata__", ())
        if isinstance(meta, Meta) and meta.extra and version > meta.extra.get("until", version)
    }


def _inlined(schema: Any, definitions: Mapping[str, Any], around: tuple[str, ...]) -> Any:
    """Put structures where they are referred to; one within itself is any object."""
    if is_array(schema):
        return [_inlined(item, definitions, around) for item in schema]
    if not is_object(schema):
        return schema
    if "anyOf" in schema:
        schema = _without_null(schema)
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        inner = {"type": "object"} if name in around else definitions[name]
        merged = {**inner, **{key: part for key, part in schema.items() if key != "$ref"}}
        return _inlined(merged, definitions, (*around, name))
    plain: dict[str, Any] = {}
    for key, part in schema.items():
        if key in {"title", "discriminator", "default"}:
            continue
        if key == "properties":
            plain[key] = {
                name: _inlined(inner, definitions, around) for name, inner in part.items()
            }
        elif key == "description":
            plain[key] = _prose(part)
        else:
            plain[key] = _inlined(part, definitions, around)
    if "properties" in plain:
        plain["additionalProperties"] = False
    return plain


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave null out of the alternatives of what need not be given."""
    parts = [part for part in schema["anyOf"] if part != {"type": "null"}]
    rest = {key: part for key, part in schema.items() if key != "anyOf"}
    return {**parts[0], **rest} if len(parts) == 1 else {**rest, "anyOf": parts}


def _prose(text: str) -> str:
    """Return a docstring without line breaks within paragraphs and without markup."""
    paragraphs = inspect.cleandoc(text).replace("``", "`").split("\n\n")
    lines = [
        " ".join(line for line in paragraph.split("\n") if not line.startswith(SOURCE))
        for paragraph in paragraphs
    ]
    return "\n\n".join(line for line in lines if line)
