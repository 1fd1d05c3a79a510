"""Properties: who may read and write which value where.

Source: https://platform.text.com/docs/guides/console-guides/properties
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from frontdesk.errors import AuthorizationError, ValidationError
from frontdesk.sandbox.store.records import Properties, PropertyRecord
from frontdesk.sandbox.world.actor import Actor, AuthorType
from frontdesk.sandbox.world.properties.defaults import DEFAULTS
from frontdesk.sandbox.world.world import World

__all__ = [
    "check_delete",
    "check_update",
    "check_value",
    "check_values",
    "default_of",
    "definition",
    "hidden",
    "is_readable",
    "is_tokenized",
    "license_value",
    "merge",
    "readable",
    "remove",
    "shown_settings",
]

Location = Literal["license", "group", "chat", "thread", "event"]

_INT32 = 2**31
_TYPES: dict[str, Any] = {"int": int, "bool": bool, "string": str, "tokenized_string": str}


def definition(world: World, namespace: str, name: str, client_id: str) -> PropertyRecord | None:
    """Return the definition of a property, if there is one that the client may know of.

    Until it is published, a property is known to the client that registered it alone.
    """
    record = _record(world, namespace, name)
    if record is None or record.public or record.owner_client_id == client_id:
        return record
    return None


def is_tokenized(world: World, namespace: str, name: str) -> bool:
    """Return whether the values of a property are searched by their words."""
    record = _record(world, namespace, name)
    return record is not None and record.type == "tokenized_string"


def _record(world: World, namespace: str, name: str) -> PropertyRecord | None:
    key = namespace, name
    return DEFAULTS.get(key) or world.store.company.properties.get(key)


def check_update(
    world: World,
    values: Mapping[str, Mapping[str, Any]],
    *,
    location: Location,
    actor: Actor,
    field: str = "properties",
) -> None:
    """Refuse values that the actor may not set at a location.

    Raises:
        ValidationError: There is no such property, or a value does not fit it.
        AuthorizationError: The actor may not write it there.
    """
    for namespace, names in values.items():
        for name, value in names.items():
            path = f"{field}.{namespace}.{name}"
            check_value(_writable(world, (namespace, name), location, actor, path), value, path)


def check_values(
    world: World, values: Mapping[str, Mapping[str, Any]], *, location: Location, field: str
) -> None:
    """Refuse values that do not fit a location, whoever sets them.

    Raises:
        ValidationError: There is no such property there, or a value does not fit it.
    """
    for namespace, names in values.items():
        for name, value in names.items():
            path = f"{field}.{namespace}.{name}"
            record = _record(world, namespace, name)
            if record is None or location not in record.access:
                raise ValidationError(f"`{path}` is not a registered property of a {location}")
            check_value(record, value, path)


def check_delete(
    world: World,
    names: Mapping[str, Sequence[str]],
    *,
    location: Location,
    actor: Actor,
    field: str = "properties",
) -> None:
    """Refuse names that the actor may not delete at a location; raises as ``check_update``."""
    for namespace, listed in names.items():
        for name in listed:
            path = f"{field}.{namespace}.{name}"
            _writable(world, (namespace, name), location, actor, path)


def _writable(
    world: World, key: tuple[str, str], location: Location, actor: Actor, path: str
) -> PropertyRecord:
    record = definition(world, *key, actor.client_id)
    if record is None:
        raise ValidationError(f"`{path}` is not a registered property")
    role = actor.author_type
    if not _may(record, location, role, "write"):
        raise AuthorizationError(f"`{path}` cannot be written by {role}s in {location}s")
    if not _is_open(record, actor.client_id, "write"):
        raise AuthorizationError(f"`{path}` can be written by the client id that owns it alone")
    return record


def check_value(record: PropertyRecord, value: Any, path: str) -> None:
    """Refuse a value that does not fit a property.

    Raises:
        ValidationError: It has another type, or is outside the domain or the range.
    """
    # `isinstance` would take true for a number.
    if type(value) is not _TYPES[record.type]:
        raise ValidationError(f"`{path}` must be of type {record.type}")
    if record.type == "int" and not -_INT32 <= value < _INT32:
        raise ValidationError(f"`{path}` must fit into 32 bits")
    if record.domain is not None and value not in record.domain:
        raise ValidationError(f"`{path}` must be one of {', '.join(map(str, record.domain))}")
    if record.range_from is not None and value < record.range_from:
        raise ValidationError(f"`{path}` must be at least {record.range_from:g}")
    if record.range_to is not None and value > record.range_to:
        raise ValidationError(f"`{path}` must be at most {record.range_to:g}")


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


def _may(record: PropertyRecord, location: Location, role: AuthorType, right: str) -> bool:
    roles = record.access.get(location)
    return roles is not None and right in roles.get(role, [])


def _is_open(record: PropertyRecord, client_id: str, right: str) -> bool:
    """Return whether a client id has a right, as far as who owns the property matters."""
    if record.owner_client_id == client_id:
        return True
    return record.public and (record.public_access is None or right in record.public_access)


def is_readable(
    world: World, namespace: str, name: str, location: Location, client_id: str
) -> bool:
    """Return whether agents may read a property at a location, with a token of a client id."""
    record = _record(world, namespace, name)
    return record is not None and _may_read(record, location, "agent", client_id)


def _may_read(record: PropertyRecord, location: Location, role: AuthorType, client_id: str) -> bool:
    return _may(record, location, role, "read") and _is_open(record, client_id, "read")


def readable(
    world: World,
    values: Properties | None,
    location: Location,
    role: AuthorType,
    client_id: str,
) -> Properties | None:
    """Return what a client may read of the values; ``None`` when that is nothing."""
    if not values:
        return None
    shown: Properties = {}
    for namespace, names in values.items():
        visible = {
            name: value
            for name, value in names.items()
            if (record := _record(world, namespace, name)) is not None
            and _may_read(record, location, role, client_id)
        }
        if visible:
            shown[namespace] = visible
    return shown or None


def hidden(world: World, location: Location, client_id: str) -> list[tuple[str, str]]:
    """Return the registered properties of a location that a client id may not read there."""
    return [
        key
        for key, record in world.store.company.properties.items()
        if location in record.access and not _may_read(record, location, "agent", client_id)
    ]


def shown_settings(
    world: World,
    values: Properties,
    location: Location,
    client_id: str,
    *,
    role: AuthorType = "agent",
) -> Properties:
    """Return what may be read of the license or a group: values, and defaults without one."""
    shown: Properties = {}
    for definitions in (DEFAULTS, world.store.company.properties):
        for (namespace, name), record in definitions.items():
            if _may_read(record, location, role, client_id):
                value = values.get(namespace, {}).get(name, record.default_value)
                if value is not None:
                    shown.setdefault(namespace, {})[name] = value
    return shown


def default_of(world: World, namespace: str, name: str) -> Any:
    """Return what a property of the license or a group is where it is not set; may be ``None``."""
    record = _record(world, namespace, name)
    return None if record is None else record.default_value


def license_value(world: World, namespace: str, name: str, default: Any) -> Any:
    """Return the value of a license property, or its default when it is not set.

    ``default`` is for a property that has none.
    """
    value = world.store.company.license.properties.get(namespace, {}).get(name)
    if value is None:
        value = default_of(world, namespace, name)
    return default if value is None else value
