"""Pushes in a form in which two sessions can be compared."""

from hashlib import blake2b

from msgspec import Struct

from frontdesk.codec.decoding import encode
from frontdesk.pushes import (
    AgentDisconnected,
    ChatDeactivated,
    IncomingChat,
    IncomingCustomers,
    IncomingEvent,
    Push,
    SubscribedCustomersTotalsUpdated,
    UserAddedToChat,
    UserRemovedFromChat,
    payload_of,
)
from frontdesk.pushes.subjects import chat_id_of

OF_ONE_CONNECTION = (AgentDisconnected, IncomingCustomers, SubscribedCustomersTotalsUpdated)
"""Pushes that each connection gets for itself."""


class Item(Struct, frozen=True):
    """A push: its name, its chat, what tells it from others, and whether it was read back.

    ``promised`` kinds are made up for after an interruption. Items with equal ``key`` tell the
    same thing.
    """

    name: str
    chat_id: str
    detail: str
    recovered: bool
    promised: bool
    own: bool
    """It is for this connection alone."""
    inside: tuple[str, ...] = ()
    """The events that an ``incoming_chat`` brings along."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it tells."""
        return self.name, self.chat_id, self.detail

    def __str__(self) -> str:
        return f"{self.name} {self.chat_id} {self.detail}{' recovered' * self.recovered}"


def item_of(push: Push) -> Item:
    """Reduce a push to what it tells."""
    name = push.spec.name
    chat_id, detail = "", ""
    inside: tuple[str, ...] = ()
    match push:
        case IncomingEvent():
            chat_id, detail = push.chat_id, push.event.id
        case IncomingChat():
            thread = push.chat.thread
            chat_id, detail = push.chat.id, thread.id if thread else ""
            if thread is not None:
                inside = tuple(event.id for event in thread.events or ())
        case ChatDeactivated():
            chat_id, detail = push.chat_id, push.thread_id
        case UserAddedToChat():
            chat_id, detail = push.chat_id, push.user.id
        case UserRemovedFromChat():
            chat_id, detail = push.chat_id, push.user_id
        case _:
            chat_id = chat_id_of(push) or ""
            content = encode(payload_of(push))
            detail = blake2b(content, digest_size=4).hexdigest()
    return Item(
        name=name,
        chat_id=chat_id,
        detail=detail,
        recovered=push.recovered,
        promised=isinstance(
            push,
            (IncomingEvent, IncomingChat, ChatDeactivated, UserAddedToChat, UserRemovedFromChat),
        ),
        own=isinstance(push, OF_ONE_CONNECTION),
        inside=inside,
    )
