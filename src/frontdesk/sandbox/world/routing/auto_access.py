"""Auto access: rules that give the chats of customers to groups, by page and place.

They are asked in their order, when a customer arrives and at every further page; the first one
whose conditions all hold counts, for the chats that the customer starts from then on.

Source: https://platform.text.com/docs/management/configuration-api#auto-access
"""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import asdict, replace

from frontdesk.models import (
    AutoAccess,
    AutoAccessChange,
    AutoAccessConditions,
    AutoAccessGroups,
    Geolocation,
    GeolocationMatch,
    TextCondition,
    TextMatch,
    Visit,
)
from frontdesk.pushes import AutoAccessesUpdated
from frontdesk.sandbox.store.records import AutoAccessRecord
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.recipients import EVERYBODY
from frontdesk.sandbox.world.world import World

__all__ = ["find_groups", "forget_group", "replace_rules", "rules", "shown"]


def rules(world: World) -> list[AutoAccessRecord]:
    """Return the rules in their order, as a list of one's own."""
    return list(world.store.company.license.auto_accesses)


def find_groups(world: World, visit: Visit) -> list[int] | None:
    """Return the groups of the first rule that fits the page and the place of a visit.

    ``None`` if no rule does.
    """
    url = visit.last_pages[-1].url if visit.last_pages else None
    for rule in world.store.company.license.auto_accesses:
        if _fits(rule.conditions, url or "", visit.geolocation):
            return list(rule.group_ids)
    return None


def replace_rules(world: World, after: Sequence[AutoAccessRecord], actor: Actor | None) -> None:
    """Put rules in the place of those there were; one push names each rule that is another now."""
    license_record = world.store.company.license
    before = license_record.auto_accesses
    world.store.company.save_license(replace(license_record, auto_accesses=list(after)))
    changes = _changes(shown(before), shown(after))
    if changes:
        world.push(AutoAccessesUpdated(changes=changes), EVERYBODY, actor=actor)


def forget_group(world: World, group_id: int, actor: Actor | None = None) -> None:
    """Take a group that is deleted out of the rules; those that name no other one are deleted.

    Pushed is what the deletion of a rule changes: that it is gone, and the ``next_id`` of the one
    before it. Rules that have other groups lose this one without a push, as tags and agents do.
    """
    license_record = world.store.company.license
    before = license_record.auto_accesses
    left = [
        replace(rule, group_ids=others)
        if (others := [other for other in rule.group_ids if other != group_id])
        else rule
        for rule in before
    ]
    if not any(group_id in rule.group_ids for rule in before):
        return
    world.store.company.save_license(replace(license_record, auto_accesses=left))
    kept = [rule for rule in left if group_id not in rule.group_ids]
    replace_rules(world, kept, actor)


def shown(records: Iterable[AutoAccessRecord]) -> list[AutoAccess]:
    """Return rules as the API shows them: each names the one after it."""
    listed = list(records)
    return [
        AutoAccess(
            id=rule.id,
            access=AutoAccessGroups(groups=list(rule.group_ids)),
            conditions=rule.conditions,
            description=rule.description,
            next_id=following.id if following else "",
        )
        for rule, following in zip_longest(listed, listed[1:])
    ]


def _changes(before: Iterable[AutoAccess], after: Iterable[AutoAccess]) -> list[AutoAccessChange]:
    """Return what became of each rule that is another now: those that are left in their order."""
    gone = {rule.id: rule for rule in before}
    changes: list[AutoAccessChange] = []
    for rule in after:
        old, new = gone.pop(rule.id, None), asdict(rule)
        if old is None:
            changes.append(AutoAccessChange(status="added", **new))
        elif old != rule:
            changed: dict[str, Any] = {
                name: value for name, value in new.items() if value != getattr(old, name)
            }
            changes.append(AutoAccessChange(id=rule.id, status="updated", **changed))
    return changes + [AutoAccessChange(id=rule_id, status="deleted") for rule_id in gone]


def _fits(conditions: AutoAccessConditions, url: str, place: Geolocation | None) -> bool:
    return (
        (conditions.url is None or _has_text(conditions.url, url))
        and (conditions.domain is None or _has_text(conditions.domain, _domain(url)))
        and (
            conditions.geolocation is None
            or any(_is_in(match, place) for match in conditions.geolocation.values)
        )
    )


def _domain(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        # Websites send what the browser has, which is no URL at all in some.
        return ""


def _has_text(condition: TextCondition, text: str) -> bool:
    if condition.exclude_values:
        return not any(_matches(match, text) for match in condition.exclude_values)
    return any(_matches(match, text) for match in condition.values or ())


def _matches(match: TextMatch, text: str) -> bool:
    value, folded = match.value.casefold(), text.casefold()
    return value == folded if match.exact_match else value in folded


def _is_in(match: GeolocationMatch, place: Geolocation | None) -> bool:
    """Return whether a visitor is at a place: all fields that the rule gives are the same."""
    return place is not None and all(
        value.casefold() == (getattr(place, name) or "").casefold()
        for name, value in asdict(match).items()
        if value is not None
    )
