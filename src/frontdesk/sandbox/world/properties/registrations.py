"""The properties that applications have registered: their definitions come and go."""

from frontdesk.sandbox.store.records import Properties, PropertyRecord
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.properties.defaults import DEFAULTS
from frontdesk.sandbox.world.properties.rules import remove
from frontdesk.sandbox.world.world import World

__all__ = ["RESERVED", "unregister"]

RESERVED = frozenset(namespace for namespace, _ in DEFAULTS)
"""The namespaces of LiveChat's own properties, which are no client ids."""


def unregister(world: World, record: PropertyRecord) -> None:
    """Forget a definition and every value of the property, wherever it is set.

    Nothing is pushed: no push of the API says it.
    """
    world.store.company.remove_property(record.namespace, record.name)
    if "license" in record.access:
        _clear_license(world, record)
    if "group" in record.access:
        _clear_groups(world, record)
    store = world.store
    names = {record.namespace: [record.name]}
    if "chat" in record.access:
        for chat_id in store.chats.with_property(record.namespace, record.name):
            chat = store.chats.get(chat_id)
            assert chat is not None
            remove(chat.properties, names)
    if "thread" in record.access:
        for thread_id in store.threads.with_property(record.namespace, record.name):
            thread = store.threads.get(thread_id)
            assert thread is not None
            remove(thread.properties, names)
    if "event" in record.access:
        _clear_events(world, record)


def _has(values: Properties | None, record: PropertyRecord) -> bool:
    return bool(values) and record.name in (values or {}).get(record.namespace, {})


def _clear_license(world: World, record: PropertyRecord) -> None:
    license_record = world.store.company.license
    if _has(license_record.properties, record):
        remove(license_record.properties, {record.namespace: [record.name]})
        world.store.company.save_license(license_record)


def _clear_groups(world: World, record: PropertyRecord) -> None:
    for group in list(world.store.company.groups.values()):
        if _has(group.properties, record):
            remove(group.properties, {record.namespace: [record.name]})
            world.store.company.save_group(group)


def _clear_events(world: World, record: PropertyRecord) -> None:
    for row in world.store.events.mentioning(record.namespace, record.name):
        event = events.decode(row)
        if _has(event.properties, record):
            remove(event.properties, {record.namespace: [record.name]})
            event.properties = event.properties or None
            events.save(world, row, event)
