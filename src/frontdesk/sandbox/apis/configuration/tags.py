"""The Configuration API: tags."""

from collections.abc import Iterable

from msgspec import UNSET

from frontdesk.actions import CreateTag, DeleteTag, ListTags, UpdateTag
from frontdesk.errors import (
    AlreadyExists,
    AuthorizationError,
    GroupNotFound,
    NotFound,
)
from frontdesk.models import TagConfig
from frontdesk.pushes import TagCreated, TagDeleted, TagUpdated
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.store.records import TagRecord
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.properties import limits
from frontdesk.sandbox.world.recipients import EVERYBODY
from frontdesk.sandbox.world.world import World

__all__ = ["create_tag", "delete_tag", "list_tags", "update_tag"]


@handles(
    CreateTag,
    rules=(
        documented("A tag is unique whatever the case of its letters."),
        documented("With `tags--groups:rw`, the requester must be in each of its groups."),
        assumed("The errors are `already_exists` and `group_not_found`."),
        assumed(
            "`authorization` is the error for a group that the token does not reach, and "
            "`limit_reached` for more tags than `limits.tags` says."
        ),
        assumed("A tag without groups fits no thread; its author is the requester."),
    ),
)
def create_tag(world: World, requester: Requester, action: CreateTag) -> None:
    """Make a tag."""
    company = world.store.company
    group_ids = [] if action.group_ids is UNSET else list(dict.fromkeys(action.group_ids))
    _check_groups(world, requester, group_ids)
    same = next((name for name in company.tags if name.lower() == action.name.lower()), None)
    if same is not None:
        raise AlreadyExists(f"`name`: there is a tag `{same}`")
    limits.check(world, "tags", len(company.tags) + 1, "tags")
    tag = TagRecord(
        name=action.name,
        group_ids=group_ids,
        created_at=world.clock.now(),
        author_id=requester.id,
    )
    company.save_tag(tag)
    world.push(TagCreated(tag=_config(tag)), EVERYBODY, actor=requester)


@handles(
    DeleteTag,
    rules=(
        documented("The case of the letters counts."),
        documented("With `tags--groups:rw`, the requester must be in each of its groups."),
        assumed("Threads that have the tag keep it, and it can still be taken from them."),
        assumed("`not_found` is the error for a tag that is not there."),
    ),
)
def delete_tag(world: World, requester: Requester, action: DeleteTag) -> None:
    """Delete a tag."""
    tag = _tag(world, requester, action.name)
    world.store.company.remove_tag(tag.name)
    world.push(TagDeleted(name=tag.name), EVERYBODY, actor=requester)


@handles(
    ListTags,
    rules=(
        documented("With `tags--groups:ro`, the tags of groups that the requester is in."),
        assumed("The newest first."),
        assumed("Tags without groups only with `tags--all:ro`."),
        assumed("A group that is not there has no tags."),
    ),
)
def list_tags(world: World, requester: Requester, action: ListTags) -> list[TagConfig]:
    """List tags."""
    tags: Iterable[TagRecord] = world.store.company.tags.values()
    if action.filters is not UNSET:
        group_ids = set(action.filters.group_ids)
        tags = [tag for tag in tags if group_ids.intersection(tag.group_ids)]
    if "tags--all:ro" not in requester.scopes:
        tags = [tag for tag in tags if access.shares_group(world, requester, tag.group_ids)]
    by_age = sorted(tags, key=lambda tag: (tag.created_at, tag.name), reverse=True)
    return [_config(tag) for tag in by_age]


@handles(
    UpdateTag,
    rules=(
        documented("A tag cannot be renamed; the case of the letters counts."),
        documented(
            "With `tags--groups:rw`, the requester must be in each of its groups, old and new."
        ),
        assumed("`group_ids` replaces the groups; without it nothing changes."),
        assumed("`not_found` is the error for a tag that is not there."),
        assumed(
            "Threads keep their tags; what changes nothing is pushed to nobody, and another order "
            "of the groups changes nothing."
        ),
    ),
)
def update_tag(world: World, requester: Requester, action: UpdateTag) -> None:
    """Change the groups of a tag."""
    tag = _tag(world, requester, action.name)
    if action.group_ids is UNSET:
        return
    group_ids = list(dict.fromkeys(action.group_ids))
    _check_groups(world, requester, group_ids)
    # Their order means nothing: another one is no change.
    if set(group_ids) == set(tag.group_ids):
        return
    tag.group_ids = group_ids
    world.store.company.save_tag(tag)
    world.push(TagUpdated(name=tag.name, group_ids=group_ids), EVERYBODY, actor=requester)


def _tag(world: World, requester: Requester, name: str) -> TagRecord:
    """Return a tag that the requester may change."""
    tag = world.store.company.tags.get(name)
    if tag is None:
        raise NotFound(f"`name`: there is no tag `{name}`; case matters")
    _check_groups(world, requester, tag.group_ids)
    return tag


def _check_groups(world: World, requester: Requester, group_ids: Iterable[int]) -> None:
    """Refuse groups that are not there, or that the token does not reach."""
    company = world.store.company
    reaches_all = "tags--all:rw" in requester.scopes
    own = company.agents[requester.id].groups
    for group_id in group_ids:
        if group_id not in company.groups:
            raise GroupNotFound(f"`group_ids`: there is no group {group_id}")
        if not reaches_all and group_id and group_id not in own:
            raise AuthorizationError(
                f"`group_ids`: you are not in group {group_id}, and the token lacks `tags--all:rw`"
            )


def _config(tag: TagRecord) -> TagConfig:
    return TagConfig(
        name=tag.name,
        group_ids=list(tag.group_ids),
        created_at=tag.created_at,
        author_id=tag.author_id,
    )
