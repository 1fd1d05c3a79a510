"""JSON schemas of the structures, for the documents that describe the APIs."""

import inspect
from typing import Any, Final, Literal

from frontdesk.codec.plain import is_array, is_object
from frontdesk.models.events.event import EVENT_TYPES, DeletedEvent, RestrictedEvent
from frontdesk.models.fallback import Fallback, Unknown

__all__ = ["REF", "SideName", "components_of", "plain", "received"]

REF: Final = "#/components/schemas/"
"""Where structures stand in a document."""


SideName = Literal["agent", "customer"]
_NOT_FOR_CUSTOMERS: Final = frozenset({"visibility", "tags", "summary"})
"""Fields that responses and pushes to customers never have."""


def components_of(components: dict[str, Any], api: SideName = "agent") -> dict[str, Any]:
    """The structures that schemas refer to, as the API sends them to agents or to customers."""
    unknown = {REF + cls.__name__ for cls in Unknown.__subclasses__()}
    schemas = {
        name: _described(received(schema))
        for name, schema in sorted(components.items())
        if REF + name not in unknown
    }
    _undo_stand_ins(schemas)
    if api == "customer":
        for schema in schemas.values():
            _hide(schema)
    return schemas


def _hide(schema: dict[str, Any]) -> None:
    """Take out what customers do not see."""
    for name in _NOT_FOR_CUSTOMERS.intersection(schema.get("properties", ())):
        del schema["properties"][name]
        if name in schema.get("required", ()):
            schema["required"].remove(name)


def _undo_stand_ins(schemas: dict[str, Any]) -> None:
    """Describe deleted and restricted events as the API sends them, not as frontdesk keeps them."""
    deleted = schemas[DeletedEvent.__name__]
    del deleted["properties"]["original_type"]
    deleted["properties"]["type"] = {"enum": sorted(EVENT_TYPES)}
    deleted["properties"]["deleted"] = {"const": True}
    deleted["required"].remove("original_type")
    restricted = schemas[RestrictedEvent.__name__]
    del restricted["properties"]["type"]
    restricted["required"].remove("type")


def received(schema: Any) -> Any:
    """Leave out what stands in for unknown items, which the API never sends."""
    if is_array(schema):
        return [received(item) for item in schema]
    if not is_object(schema):
        return schema
    stand_ins = {REF + cls.__name__ for cls in _fallbacks()}
    unknown = {REF + cls.__name__ for cls in Unknown.__subclasses__()}
    kept: dict[str, Any] = {}
    for name, part in schema.items():
        if name == "anyOf" and is_array(part):
            kept[name] = [received(item) for item in part if item.get("$ref") not in unknown]
        elif name == "discriminator" and stand_ins.intersection(part["mapping"].values()):
            continue
        else:
            kept[name] = received(part)
    return kept


def _fallbacks() -> list[type[Fallback]]:
    return [*Fallback.__subclasses__(), *Unknown.__subclasses__()]


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    if "description" in schema:
        schema["description"] = plain(inspect.cleandoc(schema["description"]))
    return schema


def plain(text: str) -> str:
    """Turn the markup of docstrings into that of OpenAPI."""
    return text.replace("``", "`")
