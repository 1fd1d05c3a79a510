"""Properties of chats, threads and events: update, delete."""

from frontdesk.actions import (
    DeleteChatProperties,
    DeleteEventProperties,
    DeleteThreadProperties,
    UpdateChatProperties,
    UpdateEventProperties,
    UpdateThreadProperties,
)
from frontdesk.pushes import (
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    Push,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
)
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import PROPERTIES, assumed, documented
from frontdesk.sandbox.store.records import ChatRecord, Properties
from frontdesk.sandbox.world import access, properties, recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.world import World

__all__ = [
    "delete_chat_properties",
    "delete_event_properties",
    "delete_thread_properties",
    "update_chat_properties",
    "update_event_properties",
    "update_thread_properties",
]

_RULES = (
    documented(
        "A property must be registered, fit its type, domain and range, and be writable "
        "for agents there; until it is published, only its own client id knows it.",
        PROPERTIES,
    ),
    assumed(
        "`validation` is the error for one that is not registered and for a value that "
        "does not fit, `authorization` where agents may not write."
    ),
    assumed("An update leaves other properties alone; the requester need not be in the chat."),
    assumed("Pushes and webhooks carry what was set or deleted, whoever may read it."),
)
_DELETE_RULES = (*_RULES, assumed("Deleting a property that is not set is no error."))


def _push(world: World, requester: Requester, chat: ChatRecord, push: Push) -> None:
    world.push(
        push, recipients.agents_watching(chat), chat_id=chat.id, to_customer=True, actor=requester
    )


@handles(UpdateChatProperties, rules=_RULES)
def update_chat_properties(
    world: World, requester: Requester, action: UpdateChatProperties
) -> None:
    """Set properties of a chat."""
    chat = access.chat(world, requester, action.id, "rw", "id")
    properties.check_update(world, action.properties, location="chat", actor=requester)
    properties.merge(chat.properties, action.properties)
    push = ChatPropertiesUpdated(chat_id=chat.id, properties=action.properties)
    _push(world, requester, chat, push)


@handles(DeleteChatProperties, rules=_DELETE_RULES)
def delete_chat_properties(
    world: World, requester: Requester, action: DeleteChatProperties
) -> None:
    """Delete properties of a chat."""
    chat = access.chat(world, requester, action.id, "rw", "id")
    properties.check_delete(world, action.properties, location="chat", actor=requester)
    properties.remove(chat.properties, action.properties)
    push = ChatPropertiesDeleted(chat_id=chat.id, properties=action.properties)
    _push(world, requester, chat, push)


@handles(UpdateThreadProperties, rules=_RULES)
def update_thread_properties(
    world: World, requester: Requester, action: UpdateThreadProperties
) -> None:
    """Set properties of a thread."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    properties.check_update(world, action.properties, location="thread", actor=requester)
    properties.merge(thread.properties, action.properties)
    push = ThreadPropertiesUpdated(
        chat_id=chat.id, thread_id=thread.id, properties=action.properties
    )
    _push(world, requester, chat, push)


@handles(DeleteThreadProperties, rules=_DELETE_RULES)
def delete_thread_properties(
    world: World, requester: Requester, action: DeleteThreadProperties
) -> None:
    """Delete properties of a thread."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    properties.check_delete(world, action.properties, location="thread", actor=requester)
    properties.remove(thread.properties, action.properties)
    push = ThreadPropertiesDeleted(
        chat_id=chat.id, thread_id=thread.id, properties=action.properties
    )
    _push(world, requester, chat, push)


@handles(UpdateEventProperties, rules=_RULES)
def update_event_properties(
    world: World, requester: Requester, action: UpdateEventProperties
) -> None:
    """Set properties of an event."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    row = events.find(world, thread, action.event_id)
    properties.check_update(world, action.properties, location="event", actor=requester)
    event = events.decode(row)
    values: Properties = event.properties or {}
    properties.merge(values, action.properties)
    event.properties = values
    events.save(world, row, event)
    push = EventPropertiesUpdated(
        chat_id=chat.id,
        thread_id=thread.id,
        event_id=action.event_id,
        properties=action.properties,
    )
    _push(world, requester, chat, push)


@handles(DeleteEventProperties, rules=_DELETE_RULES)
def delete_event_properties(
    world: World, requester: Requester, action: DeleteEventProperties
) -> None:
    """Delete properties of an event."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    row = events.find(world, thread, action.event_id)
    properties.check_delete(world, action.properties, location="event", actor=requester)
    event = events.decode(row)
    if event.properties:
        properties.remove(event.properties, action.properties)
        event.properties = event.properties or None
        events.save(world, row, event)
    push = EventPropertiesDeleted(
        chat_id=chat.id,
        thread_id=thread.id,
        event_id=action.event_id,
        properties=action.properties,
    )
    _push(world, requester, chat, push)
