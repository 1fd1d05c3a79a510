"""Properties of a customer's chats, threads and events, and what is to be read of the license."""

from typing import Final

from msgspec import UNSET, UnsetType

from frontdesk.actions import customer as actions
from frontdesk.errors import GroupNotFound
from frontdesk.models import Properties
from frontdesk.sandbox.apis.customer.chats import BANNED, OWN_CHATS
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import PROPERTIES, assumed, documented
from frontdesk.sandbox.world import World, access
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.chats import customer_views
from frontdesk.sandbox.world.people import customer_chats
from frontdesk.sandbox.world.properties import changes
from frontdesk.sandbox.world.properties.changes import EventPlace
from frontdesk.sandbox.world.properties.rules import shown_settings

__all__ = [
    "delete_chat_properties",
    "delete_event_properties",
    "delete_thread_properties",
    "list_group_properties",
    "list_license_properties",
    "update_chat_properties",
    "update_event_properties",
    "update_thread_properties",
]

_RULES: Final = (
    documented(
        "A property must be registered, fit its type, domain and range, and be writable for "
        "customers there; until it is published, only its own client id knows it.",
        PROPERTIES,
    ),
    assumed(
        "`validation` is the error for one that is not registered and for a value that does not "
        "fit, `authorization` where customers may not write."
    ),
    assumed("The thread need not be active. An update leaves other properties alone."),
    assumed(
        "Agents and webhooks get what was set or deleted, the customer what customers may read."
    ),
    OWN_CHATS,
    BANNED,
)
_RATING: Final = assumed(
    "`rating` rates the thread, and not the chat: its properties stay as they are, and "
    "`thread_properties_updated` is all that is pushed. A score without a comment removes the "
    "comment on the one before (`thread_properties_deleted`). System messages `rating.*` tell of "
    "it while the thread is active."
)
_EVENTS: Final = assumed("An event that the customer does not see is `not_found`.")
_NOT_SET: Final = assumed("Deleting a property that is not set is no error.")
_SETTINGS: Final = (
    documented("Only properties that customers may read are listed; no token is needed."),
    assumed("A property without a value has its default, and is left out if it has none."),
    assumed("Properties that are not published are left out, since nobody is known to ask."),
)
_NOBODY: Final = ""
"""The client id of whoever shows no token."""


@handles(actions.UpdateChatProperties, rules=_RULES)
def update_chat_properties(
    world: World, customer: CustomerActor, action: actions.UpdateChatProperties
) -> None:
    """Set properties of a chat of the customer."""
    chat = access.own_chat(world, customer, action.id, "id")
    customer_chats.refuse_stranger(world, customer)
    changes.update_chat(world, customer, chat, action.properties)


@handles(actions.DeleteChatProperties, rules=(*_RULES, _NOT_SET))
def delete_chat_properties(
    world: World, customer: CustomerActor, action: actions.DeleteChatProperties
) -> None:
    """Delete properties of a chat of the customer."""
    chat = access.own_chat(world, customer, action.id, "id")
    customer_chats.refuse_stranger(world, customer)
    changes.delete_of_chat(world, customer, chat, action.properties)


@handles(
    actions.UpdateThreadProperties,
    rules=(
        *_RULES,
        _RATING,
        assumed(
            "`routing.transcript_email` asks for the transcript: the system message is "
            "`transcript_requested` while the thread is active."
        ),
    ),
)
def update_thread_properties(
    world: World, customer: CustomerActor, action: actions.UpdateThreadProperties
) -> None:
    """Set properties of a thread of the customer, such as its rating."""
    chat = access.own_chat(world, customer, action.chat_id)
    thread = access.thread_of(world, chat, action.thread_id)
    customer_chats.refuse_stranger(world, customer)
    changes.update_thread(world, customer, chat, thread, action.properties)


@handles(
    actions.DeleteThreadProperties,
    rules=(
        *_RULES,
        _NOT_SET,
        assumed(
            "Deleting `rating.score` takes the rating back: the system message is "
            "`rating.chat_rating_canceled` while the thread is active."
        ),
    ),
)
def delete_thread_properties(
    world: World, customer: CustomerActor, action: actions.DeleteThreadProperties
) -> None:
    """Delete properties of a thread of the customer."""
    chat = access.own_chat(world, customer, action.chat_id)
    thread = access.thread_of(world, chat, action.thread_id)
    customer_chats.refuse_stranger(world, customer)
    changes.delete_of_thread(world, customer, chat, thread, action.properties)


@handles(actions.UpdateEventProperties, rules=(*_RULES, _EVENTS))
def update_event_properties(
    world: World, customer: CustomerActor, action: actions.UpdateEventProperties
) -> None:
    """Set properties of an event that the customer sees."""
    place = _place(world, customer, action)
    changes.update_event(world, customer, place, action.properties)


@handles(actions.DeleteEventProperties, rules=(*_RULES, _EVENTS, _NOT_SET))
def delete_event_properties(
    world: World, customer: CustomerActor, action: actions.DeleteEventProperties
) -> None:
    """Delete properties of an event that the customer sees."""
    place = _place(world, customer, action)
    changes.delete_of_event(world, customer, place, action.properties)


def _place(
    world: World,
    customer: CustomerActor,
    action: actions.UpdateEventProperties | actions.DeleteEventProperties,
) -> EventPlace:
    chat = access.own_chat(world, customer, action.chat_id)
    thread = access.thread_of(world, chat, action.thread_id)
    row = customer_views.find_event(world, thread, action.event_id)
    customer_chats.refuse_stranger(world, customer)
    return EventPlace(chat, thread, row)


@handles(actions.ListLicenseProperties, rules=_SETTINGS)
def list_license_properties(
    world: World, _customer: CustomerActor, action: actions.ListLicenseProperties
) -> Properties:
    """List the properties of the license that customers may read."""
    values = world.store.company.license.properties
    shown = shown_settings(world, values, "license", _NOBODY, role="customer")
    return _narrowed(shown, action.namespace, action.name)


@handles(
    actions.ListGroupProperties,
    rules=(*_SETTINGS, assumed("`group_not_found` is the error for a group that is not there.")),
)
def list_group_properties(
    world: World, _customer: CustomerActor, action: actions.ListGroupProperties
) -> Properties:
    """List the properties of a group that customers may read."""
    group = world.store.company.groups.get(action.id)
    if group is None:
        raise GroupNotFound(f"`id`: there is no group {action.id}")
    shown = shown_settings(world, group.properties, "group", _NOBODY, role="customer")
    return _narrowed(shown, action.namespace, action.name)


def _narrowed(values: Properties, namespace: str | UnsetType, name: str | UnsetType) -> Properties:
    narrowed = {
        space: {label: value for label, value in names.items() if name in (UNSET, label)}
        for space, names in values.items()
        if namespace in (UNSET, space)
    }
    return {space: names for space, names in narrowed.items() if names}
