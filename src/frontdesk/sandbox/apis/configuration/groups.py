"""The Configuration API: groups of agents."""

from collections.abc import Collection
from typing import Any, Final

from msgspec import UNSET

from frontdesk.actions import CreateGroup, DeleteGroup, GetGroup, ListGroups, UpdateGroup
from frontdesk.errors import AuthorizationError, ValidationError
from frontdesk.models import CreatedGroup, GroupConfig
from frontdesk.pushes import GroupCreated, GroupUpdated
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.store.records import GroupRecord
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.properties import limits
from frontdesk.sandbox.world.recipients import EVERYBODY
from frontdesk.sandbox.world.staff import bots, group_deletion, groups, statuses
from frontdesk.sandbox.world.world import World

__all__ = ["create_group", "delete_group", "get_group", "list_groups", "update_group"]

_NO_GROUP: Final = assumed("`group_not_found` is the error for a group that is not there.")


@handles(
    CreateGroup,
    rules=(
        documented("The name has at most 180 characters."),
        assumed("Ids count up, and none is used again."),
        assumed("Names need not be unique."),
        assumed("`language_code` defaults to `en`."),
        assumed("`not_found` is the error for an agent or bot that is not there."),
        assumed(
            "The case of e-mail addresses does not count, and naming an agent twice is "
            "`validation`."
        ),
        assumed(
            "`limit_reached` is the error for more groups than `limits.groups` says, group 0 "
            "included, and for an agent in more groups than `limits.groups_per_agent` says, "
            "group 0 and bots not included."
        ),
        assumed(
            "Bots that are in every group enter it, with their default priority unless "
            "`agent_priorities` says otherwise."
        ),
        assumed(
            "Its members get chats of it at once; `groups_status_updated` says the status it "
            "begins with to its members, owners and administrators."
        ),
    ),
)
def create_group(world: World, requester: Requester, action: CreateGroup) -> CreatedGroup:
    """Make a group."""
    company = world.store.company
    limits.check(world, "groups", len(company.groups) + 1, "groups")
    priorities = groups.resolve(world, action.agent_priorities)
    group = GroupRecord(id=groups.new_id(world), name=action.name)
    if action.language_code is not UNSET:
        group.language_code = action.language_code
    company.save_group(group)
    groups.set_members(world, group.id, priorities)
    bots.enter_group(world, group.id)
    world.push(
        GroupCreated(group=_config(world, group, ("agent_priorities",))),
        EVERYBODY,
        actor=requester,
    )
    statuses.settle(world, {group.id: None})
    return CreatedGroup(id=group.id)


@handles(
    UpdateGroup,
    rules=(
        documented("With `groups--my:rw`, a group that the requester is in."),
        assumed("Everybody is in group 0; the error for other groups is `authorization`."),
        assumed(
            "`agent_priorities` is the whole list of members: who is missing leaves, but nobody "
            "leaves group 0."
        ),
        _NO_GROUP,
        assumed("Running chats stay with their agents; who waits goes to new members at once."),
        assumed(
            "`group_updated` has the id and what changed; agents are not said to be updated. "
            "What changes nothing is pushed to nobody."
        ),
        assumed("`groups_status_updated` follows when the status changes."),
    ),
)
def update_group(world: World, requester: Requester, action: UpdateGroup) -> None:
    """Change a group."""
    group = _reached(world, requester, action.id, "groups--all:rw")
    changed: dict[str, Any] = {
        name: value
        for name in ("name", "language_code")
        if (value := getattr(action, name)) is not UNSET and value != getattr(group, name)
    }
    before = statuses.statuses_of(world, (group.id,))
    if action.agent_priorities is not UNSET:
        members = groups.priorities_of(world, group.id)
        groups.set_members(world, group.id, groups.resolve(world, action.agent_priorities))
        if groups.priorities_of(world, group.id) != members:
            changed["agent_priorities"] = groups.priorities_of(world, group.id)
    if not changed:
        return
    group.name = changed.get("name", group.name)
    group.language_code = changed.get("language_code", group.language_code)
    world.store.company.save_group(group)
    world.push(GroupUpdated(id=group.id, **changed), EVERYBODY, actor=requester)
    statuses.settle(world, before)


@handles(
    DeleteGroup,
    rules=(
        documented("With `groups--my:rw`, a group that the requester is in."),
        _NO_GROUP,
        assumed("Group 0 cannot be deleted: the error is `validation`."),
        assumed(
            "Its chats and threads lose it, and come to group 0 when they have no other; each "
            "chat is pushed with `chat_access_updated`. Who waits is routed anew; running chats "
            "stay with their agents."
        ),
        assumed(
            "Agents, bots, tags, access rules and customers lose it without a push of their own, "
            "but an access rule without a group left is deleted, with `auto_accesses_updated`; "
            "the group's greetings, canned responses and properties go."
        ),
    ),
)
def delete_group(world: World, requester: Requester, action: DeleteGroup) -> None:
    """Delete a group."""
    group = _reached(world, requester, action.id, "groups--all:rw")
    if group.id == groups.EVERYBODYS:
        raise ValidationError("`id`: group 0 cannot be deleted, for everybody is in it")
    group_deletion.delete(world, group, actor=requester)


@handles(
    ListGroups,
    rules=(
        assumed("In the order of the ids; `routing_status` is always there."),
        assumed("`agent_priorities` of group 0 has everybody."),
    ),
)
def list_groups(world: World, _: Requester, action: ListGroups) -> list[GroupConfig]:
    """List the groups."""
    fields = {"routing_status", *(() if action.fields is UNSET else action.fields)}
    by_id = sorted(world.store.company.groups.values(), key=lambda group: group.id)
    return [_config(world, group, fields) for group in by_id]


@handles(
    GetGroup,
    rules=(
        documented("With `groups--my:ro`, a group that the requester is in."),
        _NO_GROUP,
        assumed("Everybody is in group 0; the error for other groups is `authorization`."),
    ),
)
def get_group(world: World, requester: Requester, action: GetGroup) -> GroupConfig:
    """Return a group."""
    group = _reached(world, requester, action.id, "groups--all:ro")
    return _config(world, group, () if action.fields is UNSET else action.fields)


def _reached(world: World, requester: Requester, group_id: int, scope: str) -> GroupRecord:
    """Return a group that the requester is in, or may reach by the scope for all groups."""
    group = groups.find(world, group_id)
    if scope not in requester.scopes and not access.shares_group(world, requester, (group_id,)):
        raise AuthorizationError(
            f"`id`: you are not in group {group_id}, and the token lacks `{scope}`"
        )
    return group


def _config(world: World, group: GroupRecord, fields: Collection[str]) -> GroupConfig:
    return GroupConfig(
        id=group.id,
        name=group.name,
        language_code=group.language_code,
        agent_priorities=groups.priorities_of(world, group.id)
        if "agent_priorities" in fields
        else None,
        routing_status=statuses.group_status(world, group.id)
        if "routing_status" in fields
        else None,
    )
