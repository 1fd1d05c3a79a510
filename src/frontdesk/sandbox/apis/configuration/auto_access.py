"""The Configuration API: rules that give the chats of customers to groups."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from frontdesk.actions import AddAutoAccess, DeleteAutoAccess, ListAutoAccesses, UpdateAutoAccess
from frontdesk.errors import GroupNotFound, NotFound
from frontdesk.models import (
    AutoAccess,
    AutoAccessConditions,
    CreatedAutoAccess,
    NewAutoAccessConditions,
)
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.store.records import AutoAccessRecord
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.properties import limits
from frontdesk.sandbox.world.routing import auto_access
from frontdesk.sandbox.world.world import World

__all__ = ["add_auto_access", "delete_auto_access", "list_auto_accesses", "update_auto_access"]


@handles(
    AddAutoAccess,
    rules=(
        documented(
            "It goes before the rule that `next_id` names; the push has the rule before it, "
            "whose `next_id` changed, and the new one in full."
        ),
        documented(
            "Rules are asked when a customer comes to the website and at each further page; the "
            "groups wait for the chats that the customer starts, and `chat.access` overrides them."
        ),
        assumed("It goes last without `next_id`, and with an empty one."),
        assumed(
            "The first rule that fits counts, and all conditions of a rule must hold; group 0 has "
            "the chat if none does. The case of letters does not matter."
        ),
        assumed("When the groups become others, the customer goes to them, too."),
        assumed("`limit_reached` is the error beyond what `limits.access_rules` says."),
        assumed("`group_not_found` and `not_found` are the errors for groups and `next_id`."),
    ),
)
def add_auto_access(world: World, requester: Requester, action: AddAutoAccess) -> CreatedAutoAccess:
    """Add a rule."""
    group_ids = _groups(world, action.access.groups)
    rules = auto_access.rules(world)
    position = _position(rules, action.next_id)
    limits.check(world, "access_rules", len(rules) + 1, "rules of auto access")
    rule = AutoAccessRecord(
        id=world.ids.hex32(),
        group_ids=group_ids,
        conditions=_conditions(action.conditions),
        description="" if action.description is UNSET else action.description,
    )
    rules.insert(position, rule)
    auto_access.replace_rules(world, rules, requester)
    return CreatedAutoAccess(id=rule.id)


@handles(
    ListAutoAccesses,
    rules=(
        documented("Each rule names the one after it in `next_id`."),
        assumed("In the order in which they are asked; `next_id` of the last one is empty."),
    ),
)
def list_auto_accesses(world: World, _: Requester, __: ListAutoAccesses) -> list[AutoAccess]:
    """List the rules."""
    return auto_access.shown(auto_access.rules(world))


@handles(
    DeleteAutoAccess,
    rules=(
        documented(
            "The push has the rule before it, whose `next_id` changed, and the status `deleted`."
        ),
        assumed("Chats that have their groups from it keep them."),
        assumed("`not_found` is the error for a rule that is not there."),
    ),
)
def delete_auto_access(world: World, requester: Requester, action: DeleteAutoAccess) -> None:
    """Delete a rule."""
    rules = auto_access.rules(world)
    del rules[_index(rules, action.id, "id")]
    auto_access.replace_rules(world, rules, requester)


@handles(
    UpdateAutoAccess,
    rules=(
        documented(
            "What is not given stays; `next_id` moves the rule before another one, and all "
            "`next_id` fit afterwards."
        ),
        documented("The push has the fields that changed of each rule, `next_id` included."),
        assumed("`access` and `conditions` replace what was there as a whole."),
        assumed("An empty `next_id` moves the rule to the end."),
        assumed("What changes nothing is pushed to nobody."),
    ),
)
def update_auto_access(world: World, requester: Requester, action: UpdateAutoAccess) -> None:
    """Change a rule, or move it."""
    rules = auto_access.rules(world)
    index = _index(rules, action.id, "id")
    changes: dict[str, Any] = {}
    if action.access is not UNSET:
        changes["group_ids"] = _groups(world, action.access.groups)
    if action.conditions is not UNSET:
        changes["conditions"] = _conditions(action.conditions)
    if action.description is not UNSET:
        changes["description"] = action.description
    rule = replace(rules[index], **changes)
    if action.next_id is UNSET:
        rules[index] = rule
    else:
        del rules[index]
        rules.insert(_position(rules, action.next_id), rule)
    if rules != auto_access.rules(world):
        auto_access.replace_rules(world, rules, requester)


def _groups(world: World, group_ids: Sequence[int]) -> list[int]:
    """Return the groups of a rule, each once, if all of them are there."""
    for group_id in group_ids:
        if group_id not in world.store.company.groups:
            raise GroupNotFound(f"`access.groups`: there is no group {group_id}")
    return list(dict.fromkeys(group_ids))


def _conditions(conditions: NewAutoAccessConditions) -> AutoAccessConditions:
    return msgspec.convert(msgspec.to_builtins(conditions), AutoAccessConditions)


def _position(rules: Sequence[AutoAccessRecord], next_id: str | UnsetType) -> int:
    """Return where a rule is to go: before the one named, or to the end."""
    return _index(rules, next_id, "next_id") if next_id else len(rules)


def _index(rules: Sequence[AutoAccessRecord], rule_id: str, field: str) -> int:
    for index, rule in enumerate(rules):
        if rule.id == rule_id:
            return index
    raise NotFound(f"`{field}`: there is no rule `{rule_id}`")
