"""Who a push is for by default, when somebody sends one by hand: whom the API would send it to."""

from typing import Any, Final

from frontdesk.pushes import Push
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world import Recipients, World, recipients
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.recipients import EVERYBODY

__all__ = ["recipients_of"]

KEY_CHANGES: Final = frozenset(
    (
        "incoming_chat",
        "chat_deactivated",
        "chat_transferred",
        "chat_access_updated",
        "chat_deleted",
        "thread_deleted",
        "thread_summary_set",
    )
)
"""Pushes of chats that go to everybody with access, not just to those in the chat."""


def recipients_of(world: World, push: Push) -> Recipients:
    """Whom the API would send a push to; everybody when it is about nothing the sandbox knows."""
    match push.spec.family:
        case "chats":
            chat = world.store.chats.get(_first(push, "chat_id", "id", "chat.id"))
            return EVERYBODY if chat is None else _of_chat(push, chat)
        case "customers":
            customer_id = _first(push, "customer_id", "id", "customer.id")
            customer = world.store.customers.get(customer_id)
            return EVERYBODY if customer is None else customers.watchers(world, customer)
        case _:
            return EVERYBODY


def _of_chat(push: Push, chat: ChatRecord) -> Recipients:
    if push.spec.name in KEY_CHANGES:
        return recipients.agents_with_access(chat)
    return recipients.agents_watching(chat)


def _first(push: Push, *paths: str) -> str:
    """The first of some fields, such as ``chat.id``, that the push has."""
    for path in paths:
        value: Any = push
        for name in path.split("."):
            value = getattr(value, name, None)
        if isinstance(value, str):
            return value
    return ""
