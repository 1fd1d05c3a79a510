"""What can be changed in a thread besides its events."""

from typing import Any

from frontdesk.pushes import ChatPropertiesUpdated, ThreadPropertiesUpdated
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord
from frontdesk.sandbox.world import properties, recipients
from frontdesk.sandbox.world.world import World

__all__ = ["last", "set_routing"]


def last(world: World, chat: ChatRecord) -> ThreadRecord:
    """Return the last thread of a chat that has one."""
    assert chat.last_thread is not None
    record = world.store.threads.get(chat.last_thread.id)
    assert record is not None
    return record


def set_routing(
    world: World,
    chat: ChatRecord,
    *,
    thread: dict[str, Any] | None = None,
    in_chat: dict[str, Any] | None = None,
) -> None:
    """Set properties of the namespace ``routing`` that differ, and push the change.

    ``thread`` are those of the last thread, ``in_chat`` those of the chat.
    """
    if thread:
        record = last(world, chat)
        changed = _differing(record.properties.get("routing", {}), thread)
        if changed:
            properties.merge(record.properties, {"routing": changed})
            world.push(
                ThreadPropertiesUpdated(
                    chat_id=chat.id, thread_id=record.id, properties={"routing": changed}
                ),
                recipients.agents_watching(chat),
                chat_id=chat.id,
            )
    if in_chat:
        changed = _differing(chat.properties.get("routing", {}), in_chat)
        if changed:
            properties.merge(chat.properties, {"routing": changed})
            world.push(
                ChatPropertiesUpdated(chat_id=chat.id, properties={"routing": changed}),
                recipients.agents_watching(chat),
                chat_id=chat.id,
            )


def _differing(now: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if now.get(name, False) != value}
