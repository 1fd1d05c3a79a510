"""What can be changed in a thread besides its events."""

from typing import Any

from frontdesk.pushes import ChatPropertiesUpdated, ThreadPropertiesUpdated
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord
from frontdesk.sandbox.world import properties, recipients
from frontdesk.sandbox.world.world import World

__all__ = ["last", "set_chat_routing", "set_thread_routing"]


def last(world: World, chat: ChatRecord) -> ThreadRecord:
    """Return the last thread of a chat that has one."""
    assert chat.last_thread is not None
    record = world.store.threads.get(chat.last_thread.id)
    assert record is not None
    return record


def set_thread_routing(world: World, chat: ChatRecord, **values: Any) -> None:
    """Set those ``routing`` properties of the last thread that differ, and push them."""
    thread = last(world, chat)
    changed = _differing(thread.properties.get("routing", {}), values)
    if changed:
        properties.merge(thread.properties, {"routing": changed})
        world.push(
            ThreadPropertiesUpdated(
                chat_id=chat.id, thread_id=thread.id, properties={"routing": changed}
            ),
            recipients.agents_watching(chat),
            chat_id=chat.id,
        )


def set_chat_routing(world: World, chat: ChatRecord, **values: Any) -> None:
    """Set those ``routing`` properties of the chat that differ, and push them."""
    changed = _differing(chat.properties.get("routing", {}), values)
    if changed:
        properties.merge(chat.properties, {"routing": changed})
        world.push(
            ChatPropertiesUpdated(chat_id=chat.id, properties={"routing": changed}),
            recipients.agents_watching(chat),
            chat_id=chat.id,
        )


def _differing(current: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if current.get(name, False) != value}
