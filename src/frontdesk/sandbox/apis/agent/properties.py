"""Properties of chats, threads and events: update, delete."""

from frontdesk.actions import (
    DeleteChatProperties,
    DeleteEventProperties,
    DeleteThreadProperties,
    UpdateChatProperties,
    UpdateEventProperties,
    UpdateThreadProperties,
)
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import PROPERTIES, assumed, documented
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.properties import changes
from frontdesk.sandbox.world.properties.changes import EventPlace
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
    assumed(
        "Pushes to agents and webhooks carry what was set or deleted, whoever may read it; the "
        "customer gets what customers may read."
    ),
)
_DELETE_RULES = (*_RULES, assumed("Deleting a property that is not set is no error."))


@handles(UpdateChatProperties, rules=_RULES)
def update_chat_properties(
    world: World, requester: Requester, action: UpdateChatProperties
) -> None:
    """Set properties of a chat."""
    chat = access.chat(world, requester, action.id, "rw", "id")
    changes.update_chat(world, requester, chat, action.properties)


@handles(DeleteChatProperties, rules=_DELETE_RULES)
def delete_chat_properties(
    world: World, requester: Requester, action: DeleteChatProperties
) -> None:
    """Delete properties of a chat."""
    chat = access.chat(world, requester, action.id, "rw", "id")
    changes.delete_of_chat(world, requester, chat, action.properties)


@handles(UpdateThreadProperties, rules=_RULES)
def update_thread_properties(
    world: World, requester: Requester, action: UpdateThreadProperties
) -> None:
    """Set properties of a thread."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    changes.update_thread(world, requester, chat, thread, action.properties)


@handles(DeleteThreadProperties, rules=_DELETE_RULES)
def delete_thread_properties(
    world: World, requester: Requester, action: DeleteThreadProperties
) -> None:
    """Delete properties of a thread."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    changes.delete_of_thread(world, requester, chat, thread, action.properties)


@handles(UpdateEventProperties, rules=_RULES)
def update_event_properties(
    world: World, requester: Requester, action: UpdateEventProperties
) -> None:
    """Set properties of an event."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    row = events.find(world, thread, action.event_id)
    changes.update_event(world, requester, EventPlace(chat, thread, row), action.properties)


@handles(DeleteEventProperties, rules=_DELETE_RULES)
def delete_event_properties(
    world: World, requester: Requester, action: DeleteEventProperties
) -> None:
    """Delete properties of an event."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    row = events.find(world, thread, action.event_id)
    changes.delete_of_event(world, requester, EventPlace(chat, thread, row), action.properties)
