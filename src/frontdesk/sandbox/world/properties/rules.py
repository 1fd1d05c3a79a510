"""Properties of chats, threads and events: who may read and write which value where.

Source: https://platform.text.com/docs/guides/console-guides/properties
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from frontdesk.errors import AuthorizationError, ValidationError
from frontdesk.sandbox.store.records import Properties, PropertyRecord
from frontdesk.sandbox.world.properties.defaults import DEFAULTS
from frontdesk.sandbox.world.world import World

__all__ = [
    "check_delete",
    "check_update",
    "definition",
    "license_value",
    "merge",
    "readable",
    "remove",
]

Location = Literal["license", "group", "chat", "thread", "event"]
Role = Literal["agent", "customer"]

_INT32 = 2**31
_TYPES: dict[str, Any] = {"int": int, "bool": bool, "string": str, "tokenized_string": str}


def definition(world: World, namespace: str, name: str, client_id: str) -> PropertyRecord | None:
    """The definition of a property, if there is one that the client may know of.

    Until it is published, a property is known to the client that registered it alone.
    """
    found = DEFAULTS.get((namespace, name)) or world.store.company.properties.get((namespace, name))
    if found is None or found.public or found.owner_client_id == client_id:
        return found
    return None


def check_update(
    world: World,
    values: Mapping[str, Mapping[str, Any]],
    *,
    location: Location,
    role: Role,
    client_id: str,
    field: str = "properties",
) -> None:
    """Refuse values that may not be set.

    Raises ``ValidationError`` for an unknown property or a value that does not fit it, and
    ``AuthorizationError`` for one that the role may not write at the location.
    """
    for namespace, names in values.items():
        for name, value in names.items():
            path = f"{field}.{namespace}.{name}"
            found = _writable(world, namespace, name, location, role, client_id, path)
            _check_value(found, value, path)


def check_delete(
    world: World,
    names: Mapping[str, Sequence[str]],
    *,
    location: Location,
    role: Role,
    client_id: str,
    field: str = "properties",
) -> None:
    """Refuse names that may not be deleted; raises as ``check_update``."""
    for namespace, listed in names.items():
        for name in listed:
            path = f"{field}.{namespace}.{name}"
            _writable(world, namespace, name, location, role, client_id, path)


def _writable(
    world: World,
    namespace: str,
    name: str,
    location: Location,
    role: Role,
    client_id: str,
    path: str,
) -> PropertyRecord:
    found = definition(world, namespace, name, client_id)
    if found is None:
        raise ValidationError(f"`{path}` is not a registered property")
    if not _may(found, location, role, "write"):
        raise AuthorizationError(f"`{path}` cannot be written by {role}s in a {location}")
    return found


def _check_value(found: PropertyRecord, value: Any, path: str) -> None:
    wanted = _TYPES[found.type]
    if type(value) is not wanted:
        raise ValidationError(f"`{path}` must be of type {found.type}")
    if found.type == "int" and not -_INT32 <= value < _INT32:
        raise ValidationError(f"`{path}` must fit into 32 bits")
    if found.domain is not None and value not in found.domain:
        allowed = ", ".join(str(one) for one in found.domain)
        raise ValidationError(f"`{path}` must be one of {allowed}")
    if found.range_from is not None and value < found.range_from:
        raise ValidationError(f"`{path}` must be at least {found.range_from:g}")
    if found.range_to is not None and value > found.range_to:
        raise ValidationError(f"`{path}` must be at most {found.range_to:g}")


def merge(into: Properties, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Set values, leaving other properties alone."""
    for namespace, names in values.items():
        if names:
            into.setdefault(namespace, {}).update(names)


def remove(from_: Properties, names: Mapping[str, Sequence[str]]) -> None:
    """Delete properties; those that are not set stay unset."""
    for namespace, listed in names.items():
        values = from_.get(namespace)
        if values is None:
            continue
        for name in listed:
            values.pop(name, None)
        if not values:
            del from_[namespace]


def _may(found: PropertyRecord, location: Location, role: Role, right: str) -> bool:
    roles = found.access.get(location)
    return roles is not None and right in roles.get(role, [])


def readable(
    world: World, values: Properties | None, location: Location, role: Role, client_id: str
) -> Properties | None:
    """What a client may read of the values; None when nothing is left."""
    if not values:
        return None
    shown: Properties = {}
    for namespace, names in values.items():
        visible = {
            name: value
            for name, value in names.items()
            if (found := definition(world, namespace, name, client_id)) is not None
            and _may(found, location, role, "read")
        }
        if visible:
            shown[namespace] = visible
    return shown or None


def license_value(world: World, namespace: str, name: str, default: Any) -> Any:
    """The value of a license property."""
    values = world.store.company.license.properties.get(namespace)
    return default if values is None else values.get(name, default)
