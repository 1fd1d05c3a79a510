"""The properties of the license and of groups, which steer routing, queues and times.

Whoever sets them here may set all of them, those that agents may only read included. What they
steer follows at once: those who wait are served by the new rules, and what is due after some
minutes is due after the new ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from frontdesk.errors import NotFound
from frontdesk.pushes import GroupPropertiesUpdated, LicensePropertiesUpdated
from frontdesk.sandbox.store.records import GroupRecord, Properties
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.chats import deadlines
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.properties.rules import check_values, default_of, merge, remove
from frontdesk.sandbox.world.recipients import EVERYBODY
from frontdesk.sandbox.world.routing import assignment, queueing
from frontdesk.sandbox.world.world import World

__all__ = ["set_group", "set_license", "unset_group", "unset_license"]

Values = Mapping[str, Mapping[str, Any]]
Names = Mapping[str, Sequence[str]]

_CHAT_TIMES: Final = frozenset(
    (
        "chat_inactive_after_min",
        "archive_chat_after_min",
        "archive_offline_chat_after_min",
        "transfer_chat_after_min",
    )
)


def set_license(
    world: World, values: Values, field: str = "properties", *, actor: Actor | None = None
) -> None:
    """Set properties of the license, leaving others alone; pushes those that have another value.

    Args:
        world: Where they are set.
        values: By namespace and name.
        field: What the values are called in messages.
        actor: Who sets them, if that is the API.

    Raises:
        ValidationError: The license has no such property, or a value does not fit it.
    """
    check_values(world, values, location="license", field=field)
    license_record = world.store.company.license
    changed = _changed(world, license_record.properties, values)
    merge(license_record.properties, values)
    world.store.company.save_license(license_record)
    if changed:
        world.push(LicensePropertiesUpdated(properties=changed), EVERYBODY, actor=actor)
        _follow_license(world, changed.get("chats", ()))


def unset_license(world: World, names: Names) -> None:
    """Delete values of the license; its defaults count again. Nothing is pushed."""
    license_record = world.store.company.license
    remove(license_record.properties, names)
    world.store.company.save_license(license_record)
    _follow_license(world, names.get("chats", ()))


def set_group(
    world: World,
    group_id: int,
    values: Values,
    field: str = "properties",
    *,
    actor: Actor | None = None,
) -> None:
    """Set properties of a group; otherwise as ``set_license``.

    Raises:
        NotFound: There is no such group.
        ValidationError: Groups have no such property, or a value does not fit it.
    """
    group = world.store.company.groups.get(group_id)
    if group is None:
        raise NotFound(f"`groups`: there is no group {group_id}")
    check_values(world, values, location="group", field=field)
    changed = _changed(world, group.properties, values)
    merge(group.properties, values)
    world.store.company.save_group(group)
    if changed:
        push = GroupPropertiesUpdated(group_id=group_id, properties=changed)
        world.push(push, EVERYBODY, actor=actor)
        _follow_group(world, group, changed.get("chats", ()))


def unset_group(world: World, group: GroupRecord, names: Names) -> None:
    """Delete values of a group; otherwise as ``unset_license``."""
    remove(group.properties, names)
    world.store.company.save_group(group)
    _follow_group(world, group, names.get("chats", ()))


def _changed(world: World, before: Properties, values: Values) -> Properties:
    """Return the values that are others than those that counted before."""
    changed = {
        namespace: {
            name: value
            for name, value in names.items()
            if value != before.get(namespace, {}).get(name, default_of(world, namespace, name))
        }
        for namespace, names in values.items()
    }
    return {namespace: names for namespace, names in changed.items() if names}


def _follow_license(world: World, names: Iterable[str]) -> None:
    """Let what the properties of the namespace ``chats`` steer follow them."""
    changed = set(names)
    if changed & _CHAT_TIMES:
        for chat_id in list(world.store.chats.newest_active()):
            chat = world.store.chats.get(chat_id)
            assert chat is not None
            deadlines.set_timer(world, chat)
    if "customer_timeout_after_min" in changed:
        for customer in world.store.customers.online(limit=-1):
            customers.watch_visit(world, customer)
    if changed:
        assignment.serve(world)


def _follow_group(world: World, group: GroupRecord, names: Iterable[str]) -> None:
    changed = set(names)
    if "queue.routing_priority" in changed:
        queueing.rank_again(world, group.id)
    if changed:
        assignment.serve(world)
