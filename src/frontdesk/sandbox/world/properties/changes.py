"""Properties of chats, threads and events that are set or deleted, by agents and by customers.

The rating of a chat is a property of its threads, and system messages tell of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from frontdesk.pushes import (
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    Push,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
)
from frontdesk.sandbox.store.records import ChatRecord, EventRow, Properties, ThreadRecord
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.actor import Actor, CustomerActor
from frontdesk.sandbox.world.chats import events, system_messages
from frontdesk.sandbox.world.people.names import name_of
from frontdesk.sandbox.world.properties.rules import check_delete, check_update, merge, remove
from frontdesk.sandbox.world.world import World

__all__ = [
    "EventPlace",
    "delete_of_chat",
    "delete_of_event",
    "delete_of_thread",
    "update_chat",
    "update_event",
    "update_thread",
]

Values = Mapping[str, Mapping[str, Any]]
Names = Mapping[str, Sequence[str]]

_SCORES: Final = {1: "good", 0: "bad"}


def _push(
    world: World, actor: Actor, chat: ChatRecord, push: Push, *, to_customer: bool = True
) -> None:
    world.push(
        push,
        recipients.agents_watching(chat),
        chat_id=chat.id,
        to_customer=to_customer,
        actor=actor,
    )


def update_chat(world: World, actor: Actor, chat: ChatRecord, values: Values) -> None:
    """Set properties of a chat, leaving others alone.

    Raises:
        ValidationError: There is no such property, or a value does not fit it.
        AuthorizationError: The actor may not write it there.
    """
    check_update(world, values, location="chat", actor=actor)
    merge(chat.properties, values)
    push = ChatPropertiesUpdated(chat_id=chat.id, properties=_plain(values))
    _push(world, actor, chat, push)


def delete_of_chat(world: World, actor: Actor, chat: ChatRecord, names: Names) -> None:
    """Delete properties of a chat; raises as ``update_chat``."""
    check_delete(world, names, location="chat", actor=actor)
    remove(chat.properties, names)
    _push(world, actor, chat, ChatPropertiesDeleted(chat_id=chat.id, properties=_lists(names)))


def update_thread(
    world: World, actor: Actor, chat: ChatRecord, thread: ThreadRecord, values: Values
) -> None:
    """Set properties of a thread; raises as ``update_chat``.

    A score rates the thread anew: the comment on the rating before goes. System messages tell of a
    rating, and of a transcript that a customer asks for, as long as the thread is active.
    """
    check_update(world, values, location="thread", actor=actor)
    rating = values.get("rating", {})
    if "score" in rating and "comment" not in rating:
        _drop_comment(world, actor, chat, thread)
    merge(thread.properties, values)
    push = ThreadPropertiesUpdated(chat_id=chat.id, thread_id=thread.id, properties=_plain(values))
    _push(world, actor, chat, push)
    if isinstance(actor, CustomerActor) and thread.active:
        _tell(world, actor, chat, values)


def _tell(world: World, actor: CustomerActor, chat: ChatRecord, values: Values) -> None:
    """Write what agents and the customer read of properties that the customer has set."""
    rating = values.get("rating", {})
    customer = name_of(world, actor.id)
    if "score" in rating:
        score = _SCORES[rating["score"]]
        system_messages.write(world, chat, "rating.chat_rated", customer=customer, score=score)
    if "comment" in rating:
        system_messages.write(
            world, chat, "rating.chat_commented", customer=customer, comment=rating["comment"]
        )
    email = values.get("routing", {}).get("transcript_email")
    if email is not None:
        system_messages.write(world, chat, "transcript_requested", customer=customer, email=email)


def _drop_comment(world: World, actor: Actor, chat: ChatRecord, thread: ThreadRecord) -> None:
    if "comment" not in thread.properties.get("rating", {}):
        return
    comment = {"rating": ["comment"]}
    remove(thread.properties, comment)
    push = ThreadPropertiesDeleted(chat_id=chat.id, thread_id=thread.id, properties=comment)
    _push(world, actor, chat, push)


def delete_of_thread(
    world: World, actor: Actor, chat: ChatRecord, thread: ThreadRecord, names: Names
) -> None:
    """Delete properties of a thread; raises as ``update_chat``.

    A rating whose score goes is taken back, which a system message of an active thread tells.
    """
    check_delete(world, names, location="thread", actor=actor)
    rating = thread.properties.get("rating", {})
    canceled = "score" in names.get("rating", ()) and "score" in rating
    remove(thread.properties, names)
    push = ThreadPropertiesDeleted(chat_id=chat.id, thread_id=thread.id, properties=_lists(names))
    _push(world, actor, chat, push)
    if canceled and thread.active:
        customer = name_of(world, actor.id)
        system_messages.write(world, chat, "rating.chat_rating_canceled", customer=customer)


class EventPlace(Struct, frozen=True):
    """An event, and where it is."""

    chat: ChatRecord
    thread: ThreadRecord
    row: EventRow


def update_event(world: World, actor: Actor, place: EventPlace, values: Values) -> None:
    """Set properties of an event; raises as ``update_chat``."""
    check_update(world, values, location="event", actor=actor)
    event = events.decode(place.row)
    kept: Properties = event.properties or {}
    merge(kept, values)
    event.properties = kept
    events.save(world, place.row, event)
    push = EventPropertiesUpdated(
        chat_id=place.chat.id,
        thread_id=place.thread.id,
        event_id=event.id,
        properties=_plain(values),
    )
    _push(world, actor, place.chat, push, to_customer=_is_shown(event))


def delete_of_event(world: World, actor: Actor, place: EventPlace, names: Names) -> None:
    """Delete properties of an event; raises as ``update_chat``."""
    check_delete(world, names, location="event", actor=actor)
    event = events.decode(place.row)
    if event.properties:
        remove(event.properties, names)
        event.properties = event.properties or None
        events.save(world, place.row, event)
    push = EventPropertiesDeleted(
        chat_id=place.chat.id,
        thread_id=place.thread.id,
        event_id=event.id,
        properties=_lists(names),
    )
    _push(world, actor, place.chat, push, to_customer=_is_shown(event))


def _is_shown(event: Any) -> bool:
    """Return whether the customer sees an event, and so may learn what happens to it."""
    return event.visibility == "all" and not event.deleted


def _plain(values: Values) -> Properties:
    return {namespace: dict(names) for namespace, names in values.items()}


def _lists(names: Names) -> dict[str, list[str]]:
    return {namespace: list(listed) for namespace, listed in names.items()}
