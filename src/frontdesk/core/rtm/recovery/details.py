"""What customers are pushed of a chat beside who says what: properties, seen marks, the queue.

It leaves no trace of its own, so what it was in between cannot be read back. But what it is can:
the pushes that lead from what was known to what is shown now are found by comparing the two.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from frontdesk.core.rtm.recovery.known_chats import LONG_AGO, ShownChat
from frontdesk.models import Chat, Event, RichMessageEvent, RichMessagePostback, Thread
from frontdesk.models.base import Properties
from frontdesk.pushes import (
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    ChatTransferred,
    EventDeleted,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventsMarkedAsSeen,
    EventUpdated,
    IncomingEvent,
    IncomingRichMessagePostback,
    Push,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
    UserAddedToChat,
)
from frontdesk.pushes.customer_chat import QueuePositionUpdated
from frontdesk.pushes.queues import QueueState

__all__ = ["ChatDetails", "touched_by"]

MOST_EVENTS: Final = 500
"""Events of one chat to compare with what is shown later, the newest."""

Touched = frozenset[tuple[str, ...]]
"""What the pushes that wait tell anew, so that nothing older of it is to be told."""


class ChatDetails(Struct, kw_only=True):
    """The details of a chat with its last thread, as the delivered pushes have left them."""

    thread_id: str
    properties: Properties = field(default_factory=dict[str, Any])
    thread_properties: Properties = field(default_factory=dict[str, Any])
    seen: dict[str, datetime] = field(default_factory=dict[str, datetime])
    queue: Any = None
    events: dict[str, Event] = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, chat: Chat | ShownChat, thread: Thread) -> "ChatDetails":
        """Take all that a chat shows with a thread."""
        details = cls(
            thread_id=thread.id,
            properties=_copied(chat.properties),
            thread_properties=_copied(thread.properties),
            seen=_seen(chat.users),
            queue=thread.queue,
        )
        for event in thread.events or ():
            details.remember(event)
        return details

    def remember(self, event: Event) -> None:
        """Take note of an event that was delivered, and that its author has seen what is before."""
        self.events[event.id] = event
        _mark_by_author(self.seen, event)
        if len(self.events) > MOST_EVENTS:
            del self.events[next(iter(self.events))]

    def apply(self, push: Push) -> None:  # noqa: C901, PLR0912 - a case for each push
        """Take note of a push about the chat that was delivered."""
        match push:
            case IncomingEvent() if push.thread_id == self.thread_id:
                self.remember(push.event)
            case EventUpdated() if push.event.id in self.events:
                self.events[push.event.id] = push.event
            case EventDeleted():
                self.events.pop(push.event_id, None)
            case EventsMarkedAsSeen():
                _mark(self.seen, push.user_id, push.seen_up_to)
            case UserAddedToChat():
                self.seen.update(_seen([push.user]))
            case ChatTransferred() | QueuePositionUpdated():
                self.queue = push.queue
            case ChatPropertiesUpdated():
                _merge(self.properties, push.properties)
            case ChatPropertiesDeleted():
                _remove(self.properties, push.properties)
            case ThreadPropertiesUpdated() if push.thread_id == self.thread_id:
                _merge(self.thread_properties, push.properties)
            case ThreadPropertiesDeleted() if push.thread_id == self.thread_id:
                _remove(self.thread_properties, push.properties)
            case EventPropertiesUpdated() | EventPropertiesDeleted():
                self._event_properties(push)
            case IncomingRichMessagePostback():
                self._pressed(push)
            case _:
                """Tells nothing that is kept here."""

    def _event_properties(self, push: EventPropertiesUpdated | EventPropertiesDeleted) -> None:
        event = self.events.get(push.event_id)
        if event is None:
            return
        properties = _copied(event.properties)
        if isinstance(push, EventPropertiesUpdated):
            _merge(properties, push.properties)
        else:
            _remove(properties, push.properties)
        self.events[push.event_id] = replace(event, properties=properties)

    def _pressed(self, push: IncomingRichMessagePostback) -> None:
        event = self.events.get(push.event_id)
        if not isinstance(event, RichMessageEvent):
            return
        pressed = {button: set(users) for button, users in _presses(event).items()}
        users = pressed.setdefault(push.postback.id, set())
        (users.add if push.postback.toggled else users.discard)(push.user_id)
        self.events[push.event_id] = _with_presses(event, pressed)

    # What has become of it.

    def of_thread(
        self, chat_id: str, thread: Thread, touched: Touched, until: datetime
    ) -> Iterator[Push]:
        """Yield what has changed in the thread and its events up to a time, as it is now."""
        ids = {"chat_id": chat_id, "thread_id": thread.id}
        yield from self._of_events(ids, thread, touched, until)
        now = _copied(thread.properties)
        new, gone = _difference(self.thread_properties, now, touched, ("thread", thread.id))
        if new:
            yield ThreadPropertiesUpdated(**ids, properties=new, recovered=True)
        if gone:
            yield ThreadPropertiesDeleted(**ids, properties=gone, recovered=True)

    def _of_events(
        self, ids: dict[str, str], thread: Thread, touched: Touched, until: datetime
    ) -> Iterator[Push]:
        shown = {event.id: event for event in thread.events or ()}
        for event_id, event in self.events.items():
            now = shown.get(event_id)
            # What is newer may have come after the thread was read.
            if event.created_at > until or ("event", event_id) in touched:
                continue
            if now is None:
                # Whoever may see an event once may see it until it is deleted.
                yield EventDeleted(**ids, event_id=event_id, recovered=True)
            elif now != event:
                yield from _of_event(ids, event, now, touched)

    def of_chat(self, chat: ShownChat, thread: Thread, touched: Touched) -> Iterator[Push]:
        """Yield what has changed in the chat, as it is now."""
        new, gone = _difference(self.properties, _copied(chat.properties), touched, ("chat",))
        if new:
            yield ChatPropertiesUpdated(chat_id=chat.id, properties=new, recovered=True)
        if gone:
            yield ChatPropertiesDeleted(chat_id=chat.id, properties=gone, recovered=True)
        queue = thread.queue
        if queue is not None and thread.active and ("queue",) not in touched:
            before = self.queue
            if before is None or before.position != queue.position:
                yield QueuePositionUpdated(
                    chat_id=chat.id,
                    thread_id=thread.id,
                    queue=QueueState(position=queue.position, wait_time=queue.wait_time),
                    recovered=True,
                )
        written = dict(self.seen)
        for event in thread.events or ():
            _mark_by_author(written, event)
        for user_id, seen_up_to in _seen(chat.users).items():
            # Whoever comes brings the mark along, and whoever writes needs none.
            if user_id not in self.seen or ("seen", user_id) in touched:
                continue
            if seen_up_to > written[user_id]:
                yield EventsMarkedAsSeen(
                    user_id=user_id, chat_id=chat.id, seen_up_to=seen_up_to, recovered=True
                )


def touched_by(pushes: Iterable[Push]) -> Touched:
    """Return what pushes tell anew."""
    return frozenset(key for push in pushes for key in _touched(push))


def _touched(push: Push) -> Iterator[tuple[str, ...]]:
    match push:
        case ChatPropertiesUpdated() | ChatPropertiesDeleted():
            yield from _names(("chat",), push.properties)
        case ThreadPropertiesUpdated() | ThreadPropertiesDeleted():
            yield from _names(("thread", push.thread_id), push.properties)
        case EventPropertiesUpdated() | EventPropertiesDeleted():
            yield from _names(("event", push.event_id), push.properties)
        case EventUpdated():
            yield ("content", push.event.id)
        case EventDeleted():
            yield ("event", push.event_id)
        case IncomingRichMessagePostback():
            yield ("press", push.event_id, push.postback.id, push.user_id)
        case EventsMarkedAsSeen():
            yield ("seen", push.user_id)
        case QueuePositionUpdated() | ChatTransferred():
            yield ("queue",)
        case _:
            """Tells nothing that is kept here."""


def _names(path: tuple[str, ...], properties: Any) -> Iterator[tuple[str, ...]]:
    for namespace, names in properties.items():
        for name in names:
            yield (*path, namespace, name)


def _of_event(ids: dict[str, str], event: Event, now: Event, touched: Touched) -> Iterator[Push]:
    ids = {**ids, "event_id": now.id}
    before, after = _copied(event.properties), _copied(now.properties)
    new, gone = _difference(before, after, touched, ("event", now.id))
    if new:
        yield EventPropertiesUpdated(**ids, properties=new, recovered=True)
    if gone:
        yield EventPropertiesDeleted(**ids, properties=gone, recovered=True)
    event = replace(event, properties=now.properties)
    if isinstance(event, RichMessageEvent) and isinstance(now, RichMessageEvent):
        pressed, presses = _presses(event), _presses(now)
        for button, user_id in sorted(_pairs(pressed) ^ _pairs(presses)):
            if ("press", now.id, button, user_id) not in touched:
                postback = RichMessagePostback(
                    id=button, toggled=user_id in presses.get(button, ())
                )
                yield IncomingRichMessagePostback(
                    **ids, user_id=user_id, postback=postback, recovered=True
                )
        event = _with_presses(event, presses)
        now = _with_presses(now, presses)
    if now != event and ("content", now.id) not in touched:
        del ids["event_id"]
        yield EventUpdated(**ids, event=now, recovered=True)


def _presses(event: RichMessageEvent) -> dict[str, frozenset[str]]:
    """Return who has pressed the buttons last, by their postback ids."""
    pressed: dict[str, frozenset[str]] = {}
    for element in event.elements or ():
        for button in element.buttons or ():
            users = pressed.get(button.postback_id, frozenset())
            pressed[button.postback_id] = users | frozenset(button.user_ids or ())
    return pressed


def _pairs(presses: dict[str, frozenset[str]]) -> set[tuple[str, str]]:
    return {(button, user_id) for button, users in presses.items() for user_id in users}


def _with_presses(event: RichMessageEvent, presses: Any) -> RichMessageEvent:
    elements = [
        replace(
            element,
            buttons=[
                replace(button, user_ids=sorted(presses.get(button.postback_id, ())))
                for button in element.buttons or ()
            ],
        )
        for element in event.elements or ()
    ]
    return replace(event, elements=elements)


def _seen(users: Iterable[Any]) -> dict[str, datetime]:
    return {
        user.id: getattr(user, "events_seen_up_to", None) or LONG_AGO
        for user in users
        if user.present is not False
    }


def _mark_by_author(seen: dict[str, datetime], event: Event) -> None:
    """Take note that the author of an event has seen what is before it."""
    author_id = getattr(event, "author_id", None)
    if author_id:
        _mark(seen, author_id, event.created_at)


def _mark(seen: dict[str, datetime], user_id: str, at: datetime) -> None:
    seen[user_id] = max(seen.get(user_id, LONG_AGO), at)


def _copied(properties: Properties | None) -> Properties:
    return {namespace: dict(values) for namespace, values in (properties or {}).items()}


def _merge(properties: Properties, new: Properties) -> None:
    for namespace, values in new.items():
        properties.setdefault(namespace, {}).update(values)


def _remove(properties: Properties, names: Any) -> None:
    for namespace, gone in names.items():
        values = properties.get(namespace, {})
        for name in gone:
            values.pop(name, None)
        if not values:
            properties.pop(namespace, None)


def _difference(
    before: Properties, now: Properties, touched: Touched, path: tuple[str, ...]
) -> tuple[Properties, dict[str, list[str]]]:
    """Return the properties that are new or others now, and the names of those that are gone."""
    new: Properties = {}
    gone: dict[str, list[str]] = {}
    for namespace in {**before, **now}:
        old, values = before.get(namespace, {}), now.get(namespace, {})
        for name in {**old, **values}:
            if (*path, namespace, name) in touched:
                continue
            if name not in values:
                gone.setdefault(namespace, []).append(name)
            elif name not in old or old[name] != values[name]:
                new.setdefault(namespace, {})[name] = values[name]
    return new, gone
