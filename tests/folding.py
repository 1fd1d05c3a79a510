"""What pushes make of chats, to be compared with what reading the chats shows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from frontdesk.pushes import (
    ChatDeactivated,
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    EventDeleted,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventsMarkedAsSeen,
    EventUpdated,
    IncomingChat,
    IncomingEvent,
    IncomingRichMessagePostback,
    Push,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
    UserAddedToChat,
    UserRemovedFromChat,
)

__all__ = ["FoldedChat", "Folding", "read"]


class FoldedThread(Struct):
    """A thread: its properties, and its events by id, in the order in which they came."""

    properties: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    events: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


class FoldedChat(Struct):
    """A chat: who is there, what is the case, and its threads by id."""

    active: bool = False
    thread_id: str = ""
    present: set[str] = field(default_factory=set[str])
    customers: set[str] = field(default_factory=set[str])
    properties: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    seen: dict[str, datetime] = field(default_factory=dict[str, datetime])
    threads: dict[str, FoldedThread] = field(default_factory=dict[str, FoldedThread])

    def thread(self, thread_id: str) -> FoldedThread:
        return self.threads.setdefault(thread_id, FoldedThread())

    def put(self, thread: Any) -> None:
        """Take a thread with its events."""
        folded = FoldedThread(msgspec.to_builtins(thread.properties or {}))
        self.threads[thread.id] = folded
        for event in thread.events or ():
            self.add(thread.id, event)

    def add(self, thread_id: str, event: Any) -> None:
        self.thread(thread_id).events[event.id] = as_told(event)
        if author_id := getattr(event, "author_id", None):
            self._see(author_id, event.created_at)

    def meet(self, user: Any) -> None:
        if user.present is False:
            return
        self.present.add(user.id)
        if user.type == "customer":
            self.customers.add(user.id)
        if (seen := getattr(user, "events_seen_up_to", None)) is not None:
            self._see(user.id, seen)

    def _see(self, user_id: str, seen: datetime) -> None:
        self.seen[user_id] = max(seen, self.seen.get(user_id, seen))


def as_told(event: Any) -> dict[str, Any]:
    """An event without what is missing or empty."""
    fields: dict[str, Any] = msgspec.to_builtins(event)
    for element in fields.get("elements") or ():
        for button in element.get("buttons") or ():
            button["user_ids"] = sorted(button.get("user_ids") or ())
    return {name: value for name, value in fields.items() if value not in (None, {})}


class Folding:
    """Chats by id, as pushes make them."""

    def __init__(self, *, may_lack_events: bool = False) -> None:
        """``may_lack_events``: a push may be about an event that is there no more."""
        self.chats: dict[str, FoldedChat] = {}
        self._may_lack_events = may_lack_events

    def chat(self, chat_id: str) -> FoldedChat:
        return self.chats.setdefault(chat_id, FoldedChat())

    def apply(self, push: Push) -> None:  # noqa: PLR0912 - a case for each push
        """Take a push."""
        match push:
            case IncomingChat():
                chat = self.chat(push.chat.id)
                chat.active, chat.thread_id = push.chat.thread.active, push.chat.thread.id
                chat.present.clear()
                chat.properties = msgspec.to_builtins(push.chat.properties or {})
                for user in push.chat.users:
                    chat.meet(user)
                chat.put(push.chat.thread)
            case IncomingEvent():
                self.chat(push.chat_id).add(push.thread_id, push.event)
            case EventUpdated():
                if self._event(push, push.event.id):
                    events = self.chat(push.chat_id).thread(push.thread_id).events
                    events[push.event.id] = as_told(push.event)
            case EventDeleted():
                if self._event(push, push.event_id):
                    del self.chat(push.chat_id).thread(push.thread_id).events[push.event_id]
            case ChatDeactivated():
                self.chat(push.chat_id).active = False
            case UserAddedToChat():
                self.chat(push.chat_id).meet(push.user)
            case UserRemovedFromChat():
                self.chat(push.chat_id).present.discard(push.user_id)
            case EventsMarkedAsSeen():
                self.chat(push.chat_id)._see(push.user_id, push.seen_up_to)
            case ChatPropertiesUpdated() | ChatPropertiesDeleted():
                _change(self.chat(push.chat_id).properties, push.properties)
            case ThreadPropertiesUpdated() | ThreadPropertiesDeleted():
                thread = self.chat(push.chat_id).thread(push.thread_id)
                _change(thread.properties, push.properties)
            case EventPropertiesUpdated() | EventPropertiesDeleted():
                event = self._event(push, push.event_id)
                properties = event.setdefault("properties", {})
                _change(properties, push.properties)
                if not properties:
                    del event["properties"]
            case IncomingRichMessagePostback():
                for element in self._event(push, push.event_id).get("elements") or ():
                    for button in element.get("buttons") or ():
                        if button.get("postback_id") == push.postback.id:
                            users = set(button["user_ids"]) - {push.user_id}
                            users |= {push.user_id} if push.postback.toggled else set()
                            button["user_ids"] = sorted(users)
            case _:
                """Changes nothing that is compared."""

    def _event(self, push: Any, event_id: str) -> dict[str, Any]:
        events = self.chat(push.chat_id).thread(push.thread_id).events
        if self._may_lack_events:
            return events.get(event_id, {})
        assert event_id in events, f"{type(push).__name__} about {event_id}, which never came"
        return events[event_id]


def read(chats: Iterable[tuple[Any, Iterable[Any]]]) -> dict[str, FoldedChat]:
    """Take chats as they are read, each with its threads, oldest first."""
    folded: dict[str, FoldedChat] = {}
    for shown, threads in chats:
        chat = folded[shown.id] = FoldedChat(properties=msgspec.to_builtins(shown.properties or {}))
        for user in shown.users:
            chat.meet(user)
        for thread in threads:
            chat.put(thread)
            chat.active, chat.thread_id = thread.active, thread.id
    return folded


def _change(properties: dict[str, dict[str, Any]], change: dict[str, Any]) -> None:
    """Set properties, or remove those of which the names alone are given."""
    for namespace, values in change.items():
        held = properties.setdefault(namespace, {})
        if isinstance(values, dict):
            held.update(values)
        else:
            for name in values:
                held.pop(name, None)
        if not held:
            del properties[namespace]
