"""The Configuration API: registered properties, and the values that licenses and groups have."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from msgspec import UNSET, Meta

from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    GroupProperties,
    NewProperties,
    NewPropertyAccess,
    NewPropertyRange,
    Properties,
    PropertyDefinition,
    PropertyNames,
    PropertyPermission,
    PropertyRange,
)
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe, MaybeFrom

__all__ = [
    "DeleteGroupProperties",
    "DeleteLicenseProperties",
    "ListGroupsProperties",
    "ListLicenseProperties",
    "ListProperties",
    "PublishProperty",
    "RegisterProperty",
    "UnregisterProperty",
    "UpdateGroupProperties",
    "UpdateLicenseProperties",
]

PropertyValue: TypeAlias = str | int | bool
REGISTRATION = any_of("properties.configuration:rw")
OF_LICENSE = any_of("properties.license.value--my:rw", "properties.license.value--all:rw")
OF_GROUP = any_of("properties.group.value--my:rw", "properties.group.value--all:rw")
OWNER = "The client id that owns it, one of your organization's; it is the namespace."
NAME = "The name, without the namespace."
SET = "Namespace, name and value of each; others keep their values."
NAMESPACE = "Only this namespace; defaults to all."
PREFIX = "Only names that begin like this; defaults to all."
WITH_DEFAULTS: Final = ("license", "group")
_TYPES: Final[Mapping[str, type]] = {
    "int": int,
    "string": str,
    "bool": bool,
    "tokenized_string": str,
}


class RegisterProperty(Action[None], frozen=True, kw_only=True):
    """Register a property: its type, and where who may read and write it.

    It is private, for tokens of the owner, until `publish_property`. A registration cannot be
    changed: unregister it and register another.
    """

    spec: ClassVar[Spec] = Spec(
        name="register_property",
        errors=("AlreadyExists", "AuthorizationError", "ValidationError"),
        api="configuration",
        group="properties",
        scopes=REGISTRATION,
        transports=("web",),
        since=(3, 3),
    )
    name: Annotated[Id, Meta(description=NAME)]
    owner_client_id: Annotated[Id, Meta(description=OWNER)]
    type: Annotated[
        Literal["int", "string", "bool", "tokenized_string"],
        Meta(description="The type of its values; `int` has 32 bits."),
    ]
    access: Annotated[
        From[NewPropertyAccess, NewPropertyAccess | Dict],
        Meta(description="Where it can be set, and who may do what there."),
    ]
    description: Annotated[Maybe[str], Meta(description="A text for people.")] = NOT_SENT
    domain: Annotated[
        MaybeFrom[Annotated[list[PropertyValue], Meta(min_length=1)], Sequence[PropertyValue]],
        Meta(description="The values allowed; defaults to all of the type."),
    ] = NOT_SENT
    range: Annotated[
        MaybeFrom[NewPropertyRange, NewPropertyRange | PropertyRange | Dict],
        Meta(description="The numbers allowed, both ends included; for `int` only."),
    ] = NOT_SENT
    default_value: Annotated[
        Maybe[PropertyValue],
        Meta(description="What is returned where none is set; of licenses and groups only."),
    ] = NOT_SENT

    def _rules(self) -> None:
        if self.range is not UNSET and self.type != "int":
            raise InvalidArgument("range", "is for the type `int`")
        for position, value in enumerate(() if self.domain is UNSET else self.domain):
            self._check_type(f"domain[{position}]", value)
        if self.default_value is UNSET:
            return
        for location in self.access.locations:
            if location not in WITH_DEFAULTS:
                raise InvalidArgument(
                    "default_value", f"cannot be given with access in `{location}`"
                )
        self._check_type("default_value", self.default_value)
        if self.domain is not UNSET and self.default_value not in self.domain:
            raise InvalidArgument("default_value", "must be one of `domain`")
        if self.range is not UNSET:
            low, high = self.range.from_, self.range.to
            value = self.default_value
            assert isinstance(value, int), "its type was checked"
            if (low is not UNSET and value < low) or (high is not UNSET and value > high):
                raise InvalidArgument("default_value", "must be within `range`")

    def _check_type(self, field: str, value: PropertyValue) -> None:
        # `True` is an `int` to Python, and not to JSON.
        if type(value) is not _TYPES[self.type]:
            raise InvalidArgument(field, f"must be of the type `{self.type}`")


class UnregisterProperty(Action[None], frozen=True, kw_only=True):
    """Remove a private property, with the values it has; a published one stays."""

    spec: ClassVar[Spec] = Spec(
        name="unregister_property",
        errors=("NotFound", "ValidationError"),
        api="configuration",
        group="properties",
        scopes=REGISTRATION,
        transports=("web",),
        since=(3, 3),
    )
    name: Annotated[Id, Meta(description=NAME)]
    owner_client_id: Annotated[Id, Meta(description=OWNER)]


class PublishProperty(Action[None], frozen=True, kw_only=True):
    """Open a property to other client ids, never beyond its registered access.

    This cannot be undone, and the property cannot be unregistered afterwards.
    """

    spec: ClassVar[Spec] = Spec(
        name="publish_property",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="properties",
        scopes=REGISTRATION,
        transports=("web",),
        repeatable=True,
        since=(3, 3),
    )
    name: Annotated[Id, Meta(description=NAME)]
    owner_client_id: Annotated[Id, Meta(description=OWNER)]
    access_type: Annotated[
        From[
            Annotated[list[PropertyPermission], Meta(min_length=1)],
            Sequence[PropertyPermission | str],
        ],
        Meta(description="What other client ids may do."),
    ]


class ListProperties(Action[dict[str, PropertyDefinition]], frozen=True, kw_only=True):
    """List the properties that a client id has registered, by name."""

    spec: ClassVar[Spec] = Spec(
        name="list_properties",
        errors=("AuthorizationError",),
        api="configuration",
        group="properties",
        returns=dict[str, PropertyDefinition],
        scopes=REGISTRATION,
        transports=("web",),
        repeatable=True,
        since=(3, 3),
    )
    owner_client_id: Annotated[Id, Meta(description=OWNER)]


class UpdateLicenseProperties(Action[None], frozen=True, kw_only=True):
    """Set properties of the license.

    `properties.license.value--my:rw` is for the namespace of the token's client id.
    """

    spec: ClassVar[Spec] = Spec(
        name="update_license_properties",
        errors=("AuthorizationError", "ValidationError"),
        api="configuration",
        group="properties",
        scopes=OF_LICENSE,
        transports=("web",),
        push=("license_properties_updated",),
        repeatable=True,
        since=(3, 2),
    )
    properties: Annotated[
        From[NewProperties, Mapping[str, Mapping[str, PropertyValue]]], Meta(description=SET)
    ]


class ListLicenseProperties(Action[Properties], frozen=True, kw_only=True):
    """List properties of the license, with defaults where nothing is set.

    `properties.license.value--my:ro` is for the namespace of the token's client id.
    """

    spec: ClassVar[Spec] = Spec(
        name="list_license_properties",
        api="configuration",
        group="properties",
        returns=Properties,
        scopes=any_of("properties.license.value--my:ro", "properties.license.value--all:ro"),
        transports=("web",),
        repeatable=True,
        since=(3, 2),
    )
    namespace: Annotated[Maybe[Id], Meta(description=NAMESPACE)] = NOT_SENT
    name_prefix: Annotated[Maybe[Id], Meta(description=PREFIX)] = NOT_SENT


class DeleteLicenseProperties(Action[None], frozen=True, kw_only=True):
    """Unset properties of the license; their defaults count again."""

    spec: ClassVar[Spec] = Spec(
        name="delete_license_properties",
        errors=("AuthorizationError", "ValidationError"),
        api="configuration",
        group="properties",
        scopes=OF_LICENSE,
        transports=("web",),
        repeatable=True,
        since=(3, 2),
    )
    properties: Annotated[
        From[PropertyNames, Mapping[str, Sequence[str]]],
        Meta(description="Namespaces and the names to unset."),
    ]


class UpdateGroupProperties(Action[None], frozen=True, kw_only=True):
    """Set properties of a group.

    `properties.group.value--my:rw` is for the namespace of the token's client id.
    """

    spec: ClassVar[Spec] = Spec(
        name="update_group_properties",
        errors=("GroupNotFound", "AuthorizationError", "ValidationError"),
        api="configuration",
        group="properties",
        scopes=OF_GROUP,
        transports=("web",),
        push=("group_properties_updated",),
        repeatable=True,
        since=(3, 2),
    )
    group_id: Annotated[GroupId, Meta(description="The group.")]
    properties: Annotated[
        From[NewProperties, Mapping[str, Mapping[str, PropertyValue]]], Meta(description=SET)
    ]


class ListGroupsProperties(Action[list[GroupProperties]], frozen=True, kw_only=True):
    """List properties of groups, with defaults where nothing is set."""

    spec: ClassVar[Spec] = Spec(
        name="list_groups_properties",
        errors=("GroupNotFound",),
        api="configuration",
        group="properties",
        returns=list[GroupProperties],
        scopes=any_of("properties.group.value--all:ro"),
        transports=("web",),
        repeatable=True,
        since=(3, 5),
    )
    group_ids: Annotated[
        From[list[GroupId], Sequence[int]],
        Meta(description="The groups; an empty list stands for all."),
    ]
    namespace: Annotated[Maybe[Id], Meta(description=NAMESPACE)] = NOT_SENT
    name_prefix: Annotated[Maybe[Id], Meta(description=PREFIX)] = NOT_SENT


class DeleteGroupProperties(Action[None], frozen=True, kw_only=True):
    """Unset properties of a group; their defaults count again."""

    spec: ClassVar[Spec] = Spec(
        name="delete_group_properties",
        errors=("GroupNotFound", "AuthorizationError", "ValidationError"),
        api="configuration",
        group="properties",
        scopes=OF_GROUP,
        transports=("web",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[GroupId, Meta(description="The group.")]
    properties: Annotated[
        From[PropertyNames, Mapping[str, Sequence[str]]],
        Meta(description="Namespaces and the names to unset."),
    ]
