"""The Configuration API: tags."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.models import TagConfig, TagsFilters
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import GroupId, Id
from frontdesk.spec.fields import NOT_SENT, Dict, MaybeFrom

__all__ = ["CreateTag", "DeleteTag", "ListTags", "UpdateTag"]

WRITE = any_of("tags--all:rw", "tags--groups:rw")


class CreateTag(Action[None], frozen=True, kw_only=True):
    """Make a tag. With `tags--groups:rw`, for groups that the requester is in."""

    spec: ClassVar[Spec] = Spec(
        name="create_tag",
        errors=("AlreadyExists", "LimitReached", "GroupNotFound", "AuthorizationError"),
        api="configuration",
        group="tags",
        scopes=WRITE,
        transports=("web",),
        push=("tag_created",),
        webhook=("tag_created",),
        since=(3, 5),
    )
    name: Annotated[Id, Meta(description="The tag, unique whatever the case of its letters.")]
    group_ids: Annotated[
        MaybeFrom[list[GroupId], Sequence[int]],
        Meta(description="The groups whose threads may have it; defaults to none."),
    ] = NOT_SENT


class DeleteTag(Action[None], frozen=True, kw_only=True):
    """Delete a tag; threads that have it keep it. With `tags--groups:rw`, one of own groups."""

    spec: ClassVar[Spec] = Spec(
        name="delete_tag",
        errors=("NotFound", "AuthorizationError"),
        api="configuration",
        group="tags",
        scopes=WRITE,
        transports=("web",),
        push=("tag_deleted",),
        webhook=("tag_deleted",),
        since=(3, 5),
    )
    name: Annotated[Id, Meta(description="The tag, in the case of its letters.")]


class ListTags(Action[list[TagConfig]], frozen=True, kw_only=True):
    """List tags, newest first. With `tags--groups:ro`, those of groups the requester is in."""

    spec: ClassVar[Spec] = Spec(
        name="list_tags",
        api="configuration",
        group="tags",
        returns=list[TagConfig],
        scopes=any_of("tags--all:ro", "tags--groups:ro"),
        transports=("web",),
        repeatable=True,
        since=(3, 5),
    )
    filters: Annotated[
        MaybeFrom[TagsFilters, TagsFilters | Dict],
        Meta(description="By group; defaults to all tags."),
    ] = NOT_SENT


class UpdateTag(Action[None], frozen=True, kw_only=True):
    """Change the groups of a tag, which cannot be renamed; threads keep their tags."""

    spec: ClassVar[Spec] = Spec(
        name="update_tag",
        errors=("NotFound", "GroupNotFound", "AuthorizationError"),
        api="configuration",
        group="tags",
        scopes=WRITE,
        transports=("web",),
        push=("tag_updated",),
        webhook=("tag_updated",),
        repeatable=True,
        since=(3, 5),
    )
    name: Annotated[Id, Meta(description="The tag, in the case of its letters.")]
    group_ids: Annotated[
        MaybeFrom[list[GroupId], Sequence[int]],
        Meta(description="All groups from now on; defaults to those it has."),
    ] = NOT_SENT
