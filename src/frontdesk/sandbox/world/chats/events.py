"""Events: made from what was sent, added to threads, read back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct

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
    ChatUser,
    EventRow,
    LastThread,
    Properties,
    ThreadRecord,
)
from frontdesk.sandbox.world import properties, recipients
from frontdesk.sandbox.world.actor import Actor, CustomerActor, Requester
from frontdesk.sandbox.world.chats import deadlines, threads, uploaded_files
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.world import World

__all__ = [
    "Stamp",
    "append",
    "as_seen_by",
    "build",
    "decode",
    "decode_json",
    "delete",
    "find",
    "next_id",
    "not_found",
    "of_thread",
    "save",
    "send",
    "visible_to_customer",
]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Event).decode


def decode(row: EventRow) -> Any:
    """Return the event of a row."""
    return _decode(row.data)


def decode_json(data: bytes | Raw) -> Any:
    """Return the event of its JSON."""
    return _decode(data)


def none_if_unset(value: Any) -> Any:
    """Return the value, None when it was not sent."""
    return None if value is UNSET else value


def send(
    world: World, chat: ChatRecord, actor: Actor, new: NewEvent, *, form_type: str | None = None
) -> Any:
    """Send an event into the last thread of a chat: the one way for agents, bots and customers.

    Returns:
        The event as others receive it.

    Raises:
        ValidationError: The actor is in the chat for agents only and the event is for all, a file
            is not there, or a property may not be written.
        AuthorizationError: A property may not be written by the actor.
    """
    last = chat.last_thread
    assert last is not None
    user = chat.user(actor.id)
    stamp = Stamp(
        next_id(last), world.clock.now(), _visibility(actor, user, new), actor.id, form_type
    )
    event = build(world, new, actor, stamp)
    waited = last.unanswered_since
    append(world, chat, event, author=actor)
    if user is not None:
        user.see(event.created_at)
    if waited is None and last.unanswered_since is not None:
        deadlines.set_timer_for_response(world, chat)
    return event


def _visibility(actor: Actor, user: ChatUser | None, new: NewEvent) -> str:
    if isinstance(actor, CustomerActor):
        return "all"
    visibility = none_if_unset(new.visibility) or "all"
    if visibility == "all" and user is not None and user.visibility == "agents":
        raise ValidationError(
            "`event.visibility` must be `agents`: the requester is in the chat for agents only"
        )
    return visibility


class Stamp(Struct, frozen=True, gc=False):
    """What the server says of an event that is sent.

    ``form_type`` is of what kind a form is, if nothing in the event says so.
    """

    event_id: str
    at: datetime
    visibility: str
    author_id: str
    form_type: str | None = None


def build(world: World, new: NewEvent, actor: Actor, stamp: Stamp) -> Any:
    """Make the event that others receive from the one that an actor sent.

    Raises:
        ValidationError: A file is not there, or a property may not be written.
    """
    if isinstance(new, Message):
        return MessageEvent(
            id=stamp.event_id,
            created_at=stamp.at,
            author_id=stamp.author_id,
            visibility=stamp.visibility,
            custom_id=none_if_unset(new.custom_id),
            properties=_properties(world, new, actor),
            text=new.text,
            postback=none_if_unset(new.postback),
        )
    if isinstance(new, SystemMessage):
        return SystemMessageEvent(
            id=stamp.event_id,
            created_at=stamp.at,
            visibility=stamp.visibility,
            custom_id=none_if_unset(new.custom_id),
            system_message_type=new.system_message_type,
            text=none_if_unset(new.text),
            text_vars=none_if_unset(new.text_vars),
        )
    common_fields: dict[str, Any] = {
        "id": stamp.event_id,
        "created_at": stamp.at,
        "author_id": stamp.author_id,
        "visibility": stamp.visibility,
        "custom_id": none_if_unset(new.custom_id),
        "properties": _properties(world, new, actor),
    }
    match new:
        case File():
            sent = uploaded_files.SentFile(
                url=new.url,
                alternative_text=none_if_unset(new.alternative_text),
                # Who knows an address of somebody else's upload must not make it theirs.
                uploaded_by=actor.id if isinstance(actor, CustomerActor) else None,
            )
            return uploaded_files.file_event(world, sent, common_fields)
        case RichMessage():
            return RichMessageEvent(
                template_id=new.template_id, elements=_elements(new), **common_fields
            )
        case Form():
            return FormEvent(
                form_id=new.form_id,
                fields=new.fields,
                form_type=_form_type(common_fields, stamp),
                **common_fields,
            )
        case FilledForm():
            return FilledFormEvent(
                form_id=new.form_id,
                fields=new.fields,
                form_type=_form_type(common_fields, stamp),
                **common_fields,
            )
        case Custom():
            return CustomEvent(content=none_if_unset(new.content), **common_fields)


def _properties(world: World, new: Any, actor: Actor) -> Properties | None:
    """Return the properties that were sent, and the application that sent the event."""
    source = {"source": {"client_id": actor.client_id}} if actor.client_id else None
    if new.properties is UNSET or not new.properties:
        return source
    properties.check_update(
        world,
        new.properties,
        location="event",
        actor=actor,
        field="event.properties",
    )
    return {**new.properties, **(source or {})}


def _form_type(fields: dict[str, Any], stamp: Stamp) -> str | None:
    values: Properties = fields["properties"] or {}
    kind = values.get("lc2", {}).get("form_type")
    return kind if isinstance(kind, str) else stamp.form_type


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
    author: Actor | None = None,
    actor: Actor | None = None,
    push: bool = True,
) -> None:
    """Add an event to the last thread of a chat.

    Args:
        world: Where it happens.
        chat: The chat.
        event: The event; its id is ``next_id(chat.last_thread)``.
        author: Who wrote it; ``None`` for the server itself.
        actor: Who caused what the server writes.
        push: False for events that come with ``incoming_chat``.
    """
    last = chat.last_thread
    assert last is not None
    last.events += 1
    kind = event.type
    chat.last_events[kind] = (last.num, last.events)
    if author is not None:
        _note_author(world, chat, event, author, push=push)
    # The only time that the event is encoded: pushes, webhooks and responses take these bytes.
    data = _encode(event)
    world.store.events.add(
        last.num, last.events, kind, event.author_id, to_micros(event.created_at), data
    )
    if not last.active:
        world.store.threads.touch(last.num)
    if push and world.listened:
        world.emit(
            Effect(
                payload=IncomingEvent(chat_id=chat.id, thread_id=last.id, event=event),
                push=IncomingEvent.spec.name,
                webhook=IncomingEvent.spec.name,
                recipients=recipients.agents_watching(chat),
                chat_id=chat.id,
                to_customer=event.visibility == "all",
                actor=author or actor,
                author_type=None if author is None else author.author_type,
                event_json=data,
            )
        )


def _note_author(world: World, chat: ChatRecord, event: Any, author: Actor, *, push: bool) -> None:
    """Keep in the chat who wrote when, since when the customer waits, and whether in vain so far.

    ``push`` false leaves the thread's properties to whoever starts the thread.
    """
    last = chat.last_thread
    assert last is not None
    last.last_event_at = event.created_at
    unreplied = last.unreplied
    if isinstance(author, CustomerActor):
        chat.customer_wrote_at = event.created_at
        last.unanswered_since = last.unanswered_since or event.created_at
        if unreplied is None:
            last.unreplied = True
    else:
        chat.agent_wrote_at = event.created_at
        if event.visibility == "all":
            last.unanswered_since = None
            if unreplied:
                last.unreplied = False
    if push and unreplied is not last.unreplied:
        threads.set_thread_routing(world, chat, unreplied=last.unreplied)
    if last.idle:
        last.idle = False
        threads.set_thread_routing(world, chat, idle=False)


def next_id(last: LastThread) -> str:
    """Return the id of the next event of a thread."""
    return f"{last.id}_{last.events + 1}"


def find(world: World, thread: ThreadRecord, event_id: str, field: str = "event_id") -> EventRow:
    """Return the event of an id in a thread.

    Raises:
        NotFound: There is none.
    """
    thread_id, _, number = event_id.rpartition("_")
    row = None
    if thread_id == thread.id and number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004
        row = world.store.events.get(thread.num, int(number))
    if row is None:
        raise not_found(thread, event_id, field)
    return row


def not_found(thread: ThreadRecord, event_id: str, field: str = "event_id") -> NotFound:
    """Return the error of an event that is not there, or not for whoever asks."""
    return NotFound(f"`{field}`: there is no event `{event_id}` in the thread `{thread.id}`")


def save(world: World, row: EventRow, event: Any) -> None:
    """Keep a changed event."""
    world.store.events.save(row.thread, row.n, _encode(event), deleted=bool(event.deleted))
    world.store.threads.touch(row.thread)


def of_thread(world: World, requester: Requester, thread_num: int) -> list[Raw]:
    """Return the events of a thread as a requester sees them: the JSON that the store keeps.

    Owners and administrators see deleted events in full, others only that they were there.
    """
    hidden = properties.hidden(world, "event", requester.client_id)
    return [_as_seen_by(row, requester, hidden) for row in world.store.events.of_thread(thread_num)]


def as_seen_by(world: World, row: EventRow, requester: Requester) -> Raw:
    """Return an event as a requester sees it."""
    return _as_seen_by(row, requester, properties.hidden(world, "event", requester.client_id))


def _as_seen_by(row: EventRow, requester: Requester, hidden: Sequence[tuple[str, str]]) -> Raw:
    if not row.deleted or requester.sees_deleted:
        return _without(row, hidden)
    event = decode(row)
    deleted_event = DeletedEvent(
        original_type=event.type,
        id=event.id,
        created_at=event.created_at,
        deleted=True,
        visibility=event.visibility,
        author_id=event.author_id,
        custom_id=event.custom_id,
    )
    return Raw(_encode(deleted_event))


def _without(row: EventRow, hidden: Sequence[tuple[str, str]]) -> Raw:
    """Return an event without some properties; hardly any event has one of them."""
    present = [
        (namespace, name) for namespace, name in hidden if _encode(namespace)[1:-1] in row.data
    ]
    if not present:
        return Raw(row.data)
    event = decode(row)
    for namespace, name in present:
        properties.remove(event.properties or {}, {namespace: [name]})
    event.properties = event.properties or None
    return Raw(_encode(event))


def visible_to_customer(world: World, thread_num: int) -> list[Event]:
    """Return the events of a thread that a customer sees: neither deleted ones nor agents' own."""
    rows = world.store.events.of_thread(thread_num)
    shown = map(decode, (row for row in rows if not row.deleted))
    return [event for event in shown if event.visibility == "all"]


def delete(
    world: World,
    chat: ChatRecord,
    thread: ThreadRecord,
    event_id: str,
    *,
    actor: Actor | None = None,
) -> None:
    """Delete an event, as customers do, and agents in LiveChat's own application.

    Raises:
        NotFound: There is none.
        ValidationError: It is deleted already.
    """
    row = find(world, thread, event_id)
    event = decode(row)
    if row.deleted:
        raise ValidationError(f"`event_id`: the event `{event_id}` is deleted already")
    event.deleted = True
    save(world, row, event)
    world.push(
        EventDeleted(chat_id=chat.id, thread_id=thread.id, event_id=event_id),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        to_customer=event.visibility == "all",
        actor=actor,
    )
