"""The Configuration API: groups of agents."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta

from frontdesk.models import CreatedGroup, GroupConfig, Priority
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import NOT_SENT, From, Maybe, MaybeFrom

__all__ = ["CreateGroup", "DeleteGroup", "GetGroup", "ListGroups", "UpdateGroup"]

GroupField: TypeAlias = Literal["agent_priorities", "routing_status"]
GroupName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=180)]
LanguageCode = Annotated[
    Maybe[Id], Meta(description="The language of the chat widget, such as `en`.")
]
Fields = Annotated[
    MaybeFrom[list[GroupField], Sequence[GroupField]],
    Meta(description="What to return besides id, name and language; defaults to nothing more."),
]


class CreateGroup(Action[CreatedGroup], frozen=True, kw_only=True):
    """Make a group. Its id is never used again; names need not be unique."""

    spec: ClassVar[Spec] = Spec(
        name="create_group",
        errors=("LimitReached", "NotFound", "ValidationError"),
        api="configuration",
        group="groups",
        returns=CreatedGroup,
        scopes=any_of("groups--all:rw"),
        transports=("web",),
        push=("group_created",),
        webhook=("group_created",),
        since=(3, 2),
    )
    name: Annotated[GroupName, Meta(description="The name, at most 180 characters.")]
    language_code: LanguageCode = NOT_SENT
    agent_priorities: Annotated[
        From[dict[Id, Priority], Mapping[str, Priority | str]],
        Meta(description="The agents and bots of the group, by id, and their priorities."),
    ]


class UpdateGroup(Action[None], frozen=True, kw_only=True):
    """Change a group. With `groups--my:rw`, one that the requester is in."""

    spec: ClassVar[Spec] = Spec(
        name="update_group",
        errors=(
            "GroupNotFound",
            "NotFound",
            "LimitReached",
            "AuthorizationError",
            "ValidationError",
        ),
        api="configuration",
        group="groups",
        scopes=any_of("groups--my:rw", "groups--all:rw"),
        transports=("web",),
        push=("group_updated",),
        webhook=("group_updated",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[GroupId, Meta(description="The group.")]
    name: Annotated[Maybe[GroupName], Meta(description="A new name, at most 180 characters.")] = (
        NOT_SENT
    )
    language_code: LanguageCode = NOT_SENT
    agent_priorities: Annotated[
        MaybeFrom[dict[Id, Priority], Mapping[str, Priority | str]],
        Meta(description="All agents and bots of the group from now on; others leave it."),
    ] = NOT_SENT


class DeleteGroup(Action[None], frozen=True, kw_only=True):
    """Delete a group; group 0 cannot be. With `groups--my:rw`, one that the requester is in."""

    spec: ClassVar[Spec] = Spec(
        name="delete_group",
        errors=("GroupNotFound", "AuthorizationError", "ValidationError"),
        api="configuration",
        group="groups",
        scopes=any_of("groups--my:rw", "groups--all:rw"),
        transports=("web",),
        push=("group_deleted",),
        webhook=("group_deleted",),
        since=(3, 2),
    )
    id: Annotated[GroupId, Meta(description="The group to delete.")]


class ListGroups(Action[list[GroupConfig]], frozen=True, kw_only=True):
    """List all groups of the license."""

    spec: ClassVar[Spec] = Spec(
        name="list_groups",
        errors=("ValidationError",),
        api="configuration",
        group="groups",
        returns=list[GroupConfig],
        scopes=any_of("groups--all:ro"),
        transports=("web",),
        repeatable=True,
        since=(3, 2),
    )
    fields: Fields = NOT_SENT


class GetGroup(Action[GroupConfig], frozen=True, kw_only=True):
    """Get a group. With `groups--my:ro`, one that the requester is in."""

    spec: ClassVar[Spec] = Spec(
        name="get_group",
        errors=("GroupNotFound", "AuthorizationError"),
        api="configuration",
        group="groups",
        returns=GroupConfig,
        scopes=any_of("groups--my:ro", "groups--all:ro"),
        transports=("web",),
        repeatable=True,
        since=(3, 2),
    )
    id: Annotated[GroupId, Meta(description="The group.")]
    fields: Fields = NOT_SENT
