"""What a webhook or push means to a bot: one happening, or several that came together."""

import re
from collections.abc import Sequence
from typing import Any, Final, Literal

from msgspec import Struct

from frontdesk.models import (
    DeletedEvent,
    FilledFormEvent,
    MessageEvent,
    RestrictedEvent,
    SystemEvent,
    SystemMessageEvent,
)
from frontdesk.pushes import IncomingChat, IncomingEvent, IncomingRichMessagePostback
from frontdesk.pushes.subjects import chat_id_of
from frontdesk.webhooks.handlers import AnyWebhook

__all__ = ["FROM_CUSTOMERS", "Happening", "happenings_of", "is_customer"]

Kind = Literal["message", "postback", "form", "event", "chat_started", "other"]

FROM_CUSTOMERS: Final = frozenset({"message", "postback", "form", "event"})
"""The kinds that are a customer's doing, and that a bot outside of the chat ignores."""
BOT_ID: Final = re.compile(r"[0-9a-f]{32}")
BOT_ID_LENGTH: Final = 32
UNWRITTEN: Final = (SystemMessageEvent, SystemEvent, DeletedEvent, RestrictedEvent)


class Happening(Struct, frozen=True, kw_only=True, gc=False):
    """Something that handlers can be declared for.

    Args:
        kind: What it is; ``event`` is a customer's event that is neither a message nor a form.
        payload: The payload of the webhook. Of an event that came with a chat, an
            ``IncomingEvent`` that has it.
        event: The event, if it is about one.
        chat_id: The chat; empty for what is about none.
        thread_id: The thread, if the payload says which.
        text: What conditions look at: the text of a message, or the id of a pressed button.
        pressed: The id of the button that sent the message; empty if it was none.
        came_with_chat: Whether it is an event that came with its chat.
    """

    kind: Kind
    payload: Any
    event: Any = None
    chat_id: str = ""
    thread_id: str = ""
    text: str = ""
    pressed: str = ""
    came_with_chat: bool = False


def is_customer(user_id: str | None) -> bool:
    """Tell whether an id is a customer's: agents have e-mail addresses, bots 32 hex digits."""
    if not user_id or "@" in user_id:
        return False
    return len(user_id) != BOT_ID_LENGTH or BOT_ID.fullmatch(user_id) is None


def happenings_of(webhook: AnyWebhook) -> Sequence[Happening]:
    """Return what a webhook means, in the order in which it happened."""
    payload: Any = webhook.payload
    if isinstance(payload, IncomingEvent):
        return (_event_of(payload, payload.chat_id, payload.thread_id or ""),)
    match payload:
        case IncomingChat():
            return _of_chat(payload)
        case IncomingRichMessagePostback() if is_customer(payload.user_id):
            kind: Kind = "postback" if payload.postback.toggled else "other"
            return [
                Happening(
                    kind=kind,
                    payload=payload,
                    chat_id=payload.chat_id,
                    thread_id=payload.thread_id or "",
                    text=payload.postback.id,
                    pressed=payload.postback.id,
                )
            ]
        case _:
            chat_id, thread_id = _ids_of(payload)
            return [Happening(kind="other", payload=payload, chat_id=chat_id, thread_id=thread_id)]


def _of_chat(payload: IncomingChat) -> list[Happening]:
    chat = payload.chat
    started = Happening(
        kind="chat_started", payload=payload, chat_id=chat.id, thread_id=chat.thread.id
    )
    if payload.transferred_from is not None:
        # What was said before was said to somebody else.
        return [started]
    events = (
        _event_of(
            IncomingEvent(chat_id=chat.id, thread_id=chat.thread.id, event=event),
            chat.id,
            chat.thread.id,
            came_with_chat=True,
        )
        for event in chat.thread.events or ()
    )
    return [started, *(event for event in events if event.kind in FROM_CUSTOMERS)]


def _event_of(
    payload: IncomingEvent, chat_id: str, thread_id: str, *, came_with_chat: bool = False
) -> Happening:
    event: Any = payload.event
    kind: Kind = "other"
    text = pressed = ""
    if isinstance(event, MessageEvent):
        if is_customer(event.author_id):
            kind, text = "message", event.text
            if event.postback is not None:
                pressed = event.postback.id
    elif not isinstance(event, UNWRITTEN) and is_customer(getattr(event, "author_id", None)):
        kind = "form" if isinstance(event, FilledFormEvent) else "event"
    return Happening(
        kind=kind,
        payload=payload,
        event=event,
        chat_id=chat_id,
        thread_id=thread_id,
        text=text,
        pressed=pressed,
        came_with_chat=came_with_chat,
    )


def _ids_of(payload: Any) -> tuple[str, str]:
    thread_id = getattr(payload, "thread_id", None)
    return chat_id_of(payload) or "", thread_id if isinstance(thread_id, str) else ""
