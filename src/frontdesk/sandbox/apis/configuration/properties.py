"""The Configuration API: registered properties, and the values that licenses and groups have."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from frontdesk.actions import (
    DeleteGroupProperties,
    DeleteLicenseProperties,
    ListGroupsProperties,
    ListLicenseProperties,
    ListProperties,
    PublishProperty,
    RegisterProperty,
    UnregisterProperty,
    UpdateGroupProperties,
    UpdateLicenseProperties,
)
from frontdesk.errors import (
    AlreadyExists,
    AuthorizationError,
    GroupNotFound,
    NotFound,
    ValidationError,
)
from frontdesk.models import GroupProperties
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import PROPERTIES, assumed, documented
from frontdesk.sandbox.store.records import GroupRecord, Properties, PropertyRecord
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.properties import registrations, settings
from frontdesk.sandbox.world.properties.rules import check_value, shown_settings
from frontdesk.sandbox.world.world import World

__all__ = [
    "delete_group_properties",
    "delete_license_properties",
    "list_groups_properties",
    "list_license_properties",
    "list_properties",
    "publish_property",
    "register_property",
    "unregister_property",
    "update_group_properties",
    "update_license_properties",
]

_OWNER: Final = assumed(
    "Any client id counts as one of your organization's; that of a bearer token is meant without "
    "`owner_client_id`."
)
_SET: Final = (
    documented(
        "A token with `--my` reaches the namespace of its client id, one with `--all` public "
        "properties of others, too; what is not named keeps its value."
    ),
    documented("Properties that agents may only read are not for this method.", PROPERTIES),
    assumed("`authorization` is the error for what may not be written; then nothing is set."),
    assumed(
        "`validation` is the error for what is not registered there or does not fit; then nothing "
        "is set."
    ),
    assumed("The push has the properties whose value is another now; without one there is none."),
    assumed("Changes count at once instead of within 2 minutes, for those who wait, too."),
)
_UNSET: Final = (
    documented("The scopes are those of the update."),
    assumed("Defaults count again."),
    assumed("The defaults of LiveChat's own are what a license begins with."),
    assumed("A property that has no value is no error."),
    assumed("Nothing is pushed."),
)
_LISTED: Final = (
    documented("A property without a value is there with its default, if it has one."),
    assumed("Names are those that begin with `name_prefix`."),
)


@handles(
    RegisterProperty,
    rules=(
        documented("Private to its client id until it is published; a registration is final."),
        documented("A default fits the domain or range, and is for licenses and groups only."),
        assumed("`already_exists` is the error for one that the client id has registered."),
        assumed("A default with another location is `validation`, although a sample has one."),
        assumed("`domain` and `range` must both hold."),
        assumed("LiveChat's own namespaces, such as `chats`, are refused with `authorization`."),
        _OWNER,
    ),
)
def register_property(world: World, _: Requester, action: RegisterProperty) -> None:
    """Register a property."""
    owner = action.owner_client_id
    if owner in registrations.RESERVED:
        raise AuthorizationError(f"`owner_client_id`: the namespace `{owner}` is LiveChat's own")
    if (owner, action.name) in world.store.company.properties:
        raise AlreadyExists(f"`name`: the client id has registered `{action.name}` already")
    record = PropertyRecord(
        namespace=owner,
        name=action.name,
        type=action.type,
        access=msgspec.to_builtins(action.access),
        owner_client_id=owner,
        description="" if action.description is UNSET else action.description,
    )
    if action.domain is not UNSET:
        for position, value in enumerate(action.domain):
            check_value(record, value, f"domain[{position}]")
        record.domain = list(action.domain)
    if action.range is not UNSET:
        record.range_from = None if action.range.from_ is UNSET else action.range.from_
        record.range_to = None if action.range.to is UNSET else action.range.to
    if action.default_value is not UNSET:
        check_value(record, action.default_value, "default_value")
        record.default_value = action.default_value
    world.store.company.save_property(record)


@handles(
    UnregisterProperty,
    rules=(
        documented("Private properties only."),
        assumed("`validation` is the error for a published one."),
        assumed("`not_found` is the error for one that is not registered."),
        assumed("The values go with it, wherever they are set."),
        assumed("Nothing is pushed."),
    ),
)
def unregister_property(world: World, _: Requester, action: UnregisterProperty) -> None:
    """Forget a property and its values."""
    record = _registered(world, action)
    if record.public:
        raise ValidationError(f"`name`: `{record.name}` is published, and stays")
    registrations.unregister(world, record)


@handles(
    PublishProperty,
    rules=(
        documented("This cannot be undone."),
        documented("It never gives more than the access of the registration.", PROPERTIES),
        assumed("Publishing it again sets `access_type` anew."),
    ),
)
def publish_property(world: World, _: Requester, action: PublishProperty) -> None:
    """Open a property to other client ids."""
    record = _registered(world, action)
    access = list(dict.fromkeys(action.access_type))
    world.store.company.save_property(replace(record, public=True, public_access=access))


@handles(
    ListProperties,
    rules=(
        documented("Private and published ones, by their names without the namespace."),
        assumed("A client id that has none has an empty list."),
        _OWNER,
    ),
)
def list_properties(
    world: World, _: Requester, action: ListProperties
) -> dict[str, dict[str, Any]]:
    """List what a client id has registered."""
    return {
        record.name: _definition(record)
        for record in world.store.company.properties.values()
        if record.owner_client_id == action.owner_client_id
    }


@handles(UpdateLicenseProperties, rules=_SET)
def update_license_properties(
    world: World, requester: Requester, action: UpdateLicenseProperties
) -> None:
    """Set properties of the license."""
    _check_reach(requester, action.properties, "license")
    properties.check_update(world, action.properties, location="license", actor=requester)
    settings.set_license(world, action.properties, actor=requester)


@handles(
    ListLicenseProperties,
    rules=(
        *_LISTED,
        documented(
            "A token with `--my` reads the namespace of its client id, one with `--all` public "
            "properties, too."
        ),
        assumed("LiveChat's own count as public."),
    ),
)
def list_license_properties(
    world: World, requester: Requester, action: ListLicenseProperties
) -> Properties:
    """List properties of the license."""
    values = world.store.company.license.properties
    shown = shown_settings(world, values, "license", requester.client_id)
    if not _reaches_all(requester, "license", "ro"):
        own = shown.get(requester.client_id)
        shown = {requester.client_id: own} if own else {}
    return _narrowed(shown, action.namespace, action.name_prefix)


@handles(DeleteLicenseProperties, rules=_UNSET)
def delete_license_properties(
    world: World, requester: Requester, action: DeleteLicenseProperties
) -> None:
    """Delete values of the license."""
    _check_reach(requester, action.properties, "license")
    properties.check_delete(world, action.properties, location="license", actor=requester)
    settings.unset_license(world, action.properties)


@handles(UpdateGroupProperties, rules=_SET)
def update_group_properties(
    world: World, requester: Requester, action: UpdateGroupProperties
) -> None:
    """Set properties of a group."""
    group = _group(world, action.group_id, "group_id")
    _check_reach(requester, action.properties, "group")
    properties.check_update(world, action.properties, location="group", actor=requester)
    settings.set_group(world, group.id, action.properties, actor=requester)


@handles(
    ListGroupsProperties,
    rules=(
        *_LISTED,
        documented("An empty list stands for all groups."),
        assumed("Each group that is asked for is there, without properties if it has none."),
        assumed("`group_not_found` is the error for a group that is not there."),
    ),
)
def list_groups_properties(
    world: World, requester: Requester, action: ListGroupsProperties
) -> list[GroupProperties]:
    """List properties of groups."""
    group_ids = dict.fromkeys(action.group_ids or sorted(world.store.company.groups))
    groups = [_group(world, group_id, "group_ids") for group_id in group_ids]
    return [
        GroupProperties(
            id=group.id,
            properties=_narrowed(
                shown_settings(world, group.properties, "group", requester.client_id),
                action.namespace,
                action.name_prefix,
            ),
        )
        for group in groups
    ]


@handles(DeleteGroupProperties, rules=_UNSET)
def delete_group_properties(
    world: World, requester: Requester, action: DeleteGroupProperties
) -> None:
    """Delete values of a group."""
    group = _group(world, action.id, "id")
    _check_reach(requester, action.properties, "group")
    properties.check_delete(world, action.properties, location="group", actor=requester)
    settings.unset_group(world, group, action.properties)


def _registered(world: World, action: UnregisterProperty | PublishProperty) -> PropertyRecord:
    owner = action.owner_client_id
    record = world.store.company.properties.get((owner, action.name))
    if record is None:
        raise NotFound(f"`name`: the client id `{owner}` has registered no `{action.name}`")
    return record


def _definition(record: PropertyRecord) -> dict[str, Any]:
    """Return a definition as the API shows it; an empty description is shown, too."""
    optional: dict[str, Any] = {
        "domain": record.domain,
        "range": _range(record),
        "default_value": record.default_value,
    }
    if record.public:
        rights = ["read", "write"] if record.public_access is None else record.public_access
        optional["public_access"] = rights
    return {
        "type": record.type,
        "description": record.description,
        "access": record.access,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _range(record: PropertyRecord) -> dict[str, int] | None:
    ends = {"from": record.range_from, "to": record.range_to}
    return {name: int(end) for name, end in ends.items() if end is not None} or None


def _group(world: World, group_id: int, field: str) -> GroupRecord:
    group = world.store.company.groups.get(group_id)
    if group is None:
        raise GroupNotFound(f"`{field}`: there is no group {group_id}")
    return group


def _reaches_all(requester: Requester, location: str, right: str) -> bool:
    return f"properties.{location}.value--all:{right}" in requester.scopes


def _check_reach(requester: Requester, namespaces: Iterable[str], location: str) -> None:
    """Refuse namespaces of other client ids to a token that reaches its own alone."""
    if _reaches_all(requester, location, "rw"):
        return
    for namespace in namespaces:
        if namespace != requester.client_id:
            raise AuthorizationError(
                f"`properties.{namespace}` is another namespace than the token's client id, and "
                f"the token lacks `properties.{location}.value--all:rw`"
            )


def _narrowed(
    shown: Mapping[str, Mapping[str, Any]], namespace: str | UnsetType, prefix: str | UnsetType
) -> Properties:
    """Return the properties of a namespace whose names begin in some way."""
    narrowed = {
        space: {name: value for name, value in names.items() if name.startswith(prefix or "")}
        for space, names in shown.items()
        if namespace is UNSET or space == namespace
    }
    return {space: names for space, names in narrowed.items() if names}
