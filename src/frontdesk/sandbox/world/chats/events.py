"""Events: made from what was sent, added to threads, read back."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from frontdesk.errors import NotFound, ValidationError
from frontdesk.models import (
    Custom,
    CustomEvent,
    DeletedEvent,
    Event,
    File,
    FilledForm,
    FilledFormEvent,
    Form,
    FormEvent,
    Message,
    MessageEvent,
    NewEvent,
    RichMessage,
    RichMessageElement,
    RichMessageEvent,
    SystemMessage,
    SystemMessageEvent,
)
from frontdesk.pushes import EventDeleted, IncomingEvent
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.records import (
    ChatRecord,
    EventRow,
    LastThread,
    Properties,
    ThreadRecord,
)
from frontdesk.sandbox.world import properties, recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import files, threads
from frontdesk.sandbox.world.world import World

__all__ = [
    "append",
    "build",
    "decode",
    "delete",
    "find",
    "next_id",
    "of_thread",
    "save",
    "seen",
]

AuthorType = Literal["agent", "customer"]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Event).decode
_decode_many = msgspec.json.Decoder(list[Event]).decode


def decode(row: EventRow) -> Any:
    """The event of a row."""
    return _decode(row.data)


def given(value: Any) -> Any:
    """The value, None when it was not sent."""
    return None if value is UNSET else value


def build(
    world: World,
    new: NewEvent,
    *,
    event_id: str,
    at: datetime,
    author_id: str,
    author_type: AuthorType,
    client_id: str,
    visibility: str | None = None,
) -> Any:
    """Make the event that others receive from the one that was sent.

    ``visibility`` overrides what the sender asked for. Raises ``ValidationError`` for a file that
    is not there and for properties that may not be written.
    """
    shown = visibility or given(new.visibility) or "all"
    if isinstance(new, Message):
        common = (
            _common(new, author_type, client_id, world) if new.properties is not UNSET else None
        )
        return MessageEvent(
            id=event_id,
            created_at=at,
            author_id=author_id,
            visibility=shown,
            custom_id=given(new.custom_id),
            properties=common,
            text=new.text,
            postback=given(new.postback),
        )
    if isinstance(new, SystemMessage):
        return SystemMessageEvent(
            id=event_id,
            created_at=at,
            visibility=shown,
            custom_id=given(new.custom_id),
            system_message_type=new.system_message_type,
            text=given(new.text),
            text_vars=given(new.text_vars),
        )
    common_fields: dict[str, Any] = {
        "id": event_id,
        "created_at": at,
        "author_id": author_id,
        "visibility": shown,
        "custom_id": given(new.custom_id),
        "properties": _common(new, author_type, client_id, world),
    }
    match new:
        case File():
            return files.event(world, new.url, given(new.alternative_text), common_fields)
        case RichMessage():
            return RichMessageEvent(
                template_id=new.template_id, elements=_elements(new), **common_fields
            )
        case Form():
            return FormEvent(
                form_id=new.form_id,
                fields=new.fields,
                form_type=_form_type(common_fields),
                **common_fields,
            )
        case FilledForm():
            return FilledFormEvent(
                form_id=new.form_id,
                fields=new.fields,
                form_type=_form_type(common_fields),
                **common_fields,
            )
        case Custom():
            return CustomEvent(content=given(new.content), **common_fields)


def _common(
    new: Any, author_type: AuthorType, client_id: str, world: World
) -> dict[str, dict[str, Any]] | None:
    if new.properties is UNSET or not new.properties:
        return None
    properties.check_update(
        world,
        new.properties,
        location="event",
        role=author_type,
        client_id=client_id,
        field="event.properties",
    )
    return new.properties  # type: ignore[no-any-return]


def _form_type(fields: dict[str, Any]) -> str | None:
    properties: Properties = fields["properties"] or {}
    kind = properties.get("lc2", {}).get("form_type")
    return kind if isinstance(kind, str) else None


def _elements(new: RichMessage) -> list[RichMessageElement] | None:
    if new.elements is UNSET:
        return None
    elements = msgspec.convert(msgspec.to_builtins(new.elements), list[RichMessageElement])
    for element in elements:
        for button in element.buttons or ():
            button.user_ids = []
    return elements


def append(
    world: World,
    chat: ChatRecord,
    event: Any,
    *,
    author_type: AuthorType | None,
    requester: Requester | None = None,
    tell: bool = True,
) -> None:
    """Add an event to the last thread of a chat.

    The event's id must be ``next_id(chat)``. ``tell=False`` for events that come with
    ``incoming_chat``.
    """
    last = chat.thread
    assert last is not None
    last.events += 1
    kind = event.type
    chat.last_events[kind] = (last.num, last.events)
    author_id: str | None = event.author_id
    if author_type is not None:
        last.last_event_at = event.created_at
        if author_type == "customer":
            chat.customer_wrote_at = event.created_at
            last.unanswered_since = last.unanswered_since or event.created_at
        else:
            chat.agent_wrote_at = event.created_at
            if event.visibility == "all":
                last.unanswered_since = None
        if last.idle:
            last.idle = False
            threads.set_routing(world, chat, thread={"idle": False})
    world.store.events.insert(
        last.num, last.events, kind, author_id, to_micros(event.created_at), _encode(event)
    )
    if not last.active:
        world.store.threads.touch(last.num)
    if tell and world.listened:
        world.tell(
            IncomingEvent(chat_id=chat.id, thread_id=last.id, event=event),
            recipients.members(chat),
            chat_id=chat.id,
            to_customer=event.visibility == "all",
            author_type=author_type,
            requester=requester,
        )


def next_id(last: LastThread) -> str:
    """The id of the next event of a thread."""
    return f"{last.id}_{last.events + 1}"


def find(world: World, thread: ThreadRecord, event_id: str, field: str = "event_id") -> EventRow:
    """The event of an id in a thread; raises ``NotFound``."""
    thread_id, _, number = event_id.rpartition("_")
    row = None
    if thread_id == thread.id and number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004
        row = world.store.events.get(thread.num, int(number))
    if row is None:
        raise NotFound(f"`{field}`: there is no event `{event_id}` in the thread `{thread.id}`")
    return row


def save(world: World, row: EventRow, event: Any) -> None:
    """Keep a changed event."""
    world.store.events.save(row.thread, row.n, _encode(event), deleted=bool(event.deleted))
    world.store.threads.touch(row.thread)


def of_thread(world: World, requester: Requester | None, thread: int) -> list[Event]:
    """The events of a thread as a requester sees them; None is a customer's eye.

    Owners and administrators see deleted events in full, others only that they were there.
    Customers see neither those nor events for agents only.
    """
    rows = world.store.events.of_thread(thread)
    if requester is None:
        return [
            event
            for event in map(decode, (row for row in rows if not row.deleted))
            if event.visibility == "all"
        ]
    if requester.sees_deleted or not any(row.deleted for row in rows):
        return _decode_many(b"[" + b",".join(row.data for row in rows) + b"]")
    return [seen(decode(row), requester) for row in rows]


def seen(event: Any, requester: Requester) -> Event:
    """An event as a requester sees it."""
    if not event.deleted or requester.sees_deleted:
        return event  # type: ignore[no-any-return]
    return DeletedEvent(
        original_type=event.type,
        id=event.id,
        created_at=event.created_at,
        deleted=True,
        visibility=event.visibility,
        author_id=event.author_id,
        custom_id=event.custom_id,
    )


def delete(world: World, chat: ChatRecord, thread: ThreadRecord, event_id: str) -> None:
    """Delete an event, as agents do in LiveChat's own application; raises ``NotFound``."""
    row = find(world, thread, event_id)
    event = decode(row)
    if row.deleted:
        raise ValidationError(f"`event_id`: the event `{event_id}` is deleted already")
    event.deleted = True
    save(world, row, event)
    world.tell(
        EventDeleted(chat_id=chat.id, thread_id=thread.id, event_id=event_id),
        recipients.members(chat),
        chat_id=chat.id,
        to_customer=event.visibility == "all",
    )
