"""Pushes about chats: threads, users, events, properties, tags, summaries."""

from datetime import datetime
from typing import ClassVar

from frontdesk.models import (
    Access,
    AISummary,
    Chat,
    Event,
    Properties,
    Queue,
    RichMessagePostback,
    TransferTarget,
    User,
)
from frontdesk.models.base import in_utc
from frontdesk.pushes.base import DeletedNames, Push, PushSpec

__all__ = [
    "ChatAccessUpdated",
    "ChatDeactivated",
    "ChatDeleted",
    "ChatPropertiesDeleted",
    "ChatPropertiesUpdated",
    "ChatTransferred",
    "ChatUnfollowed",
    "EventDeleted",
    "EventPropertiesDeleted",
    "EventPropertiesUpdated",
    "EventUpdated",
    "EventsMarkedAsSeen",
    "IncomingChat",
    "IncomingError",
    "IncomingEvent",
    "IncomingRichMessagePostback",
    "ThreadDeleted",
    "ThreadPropertiesDeleted",
    "ThreadPropertiesUpdated",
    "ThreadSummarySet",
    "ThreadTagged",
    "ThreadUntagged",
    "ThreadsDeleted",
    "UserAddedToChat",
    "UserRemovedFromChat",
]


class IncomingChat(Push, kw_only=True):
    """A chat arrives with a new thread: started, resumed, or newly visible to the agent.

    The first events are in the thread, and do not come as ``IncomingEvent`` again.
    """

    spec: ClassVar[PushSpec] = PushSpec("incoming_chat", "chats", "chats", webhook=True)
    chat: Chat
    requester_id: str | None = None
    transferred_from: TransferTarget | None = None

    def __post_init__(self) -> None:
        # On the customers' side it stands in the chat.
        if self.transferred_from is None:
            self.transferred_from = self.chat.transferred_from


class ChatDeactivated(Push, kw_only=True):
    """The open thread of a chat was closed; without ``user_id`` the router did it."""

    spec: ClassVar[PushSpec] = PushSpec("chat_deactivated", "chats", "chats", webhook=True)
    chat_id: str
    thread_id: str
    user_id: str | None = None


class ChatDeleted(Push, kw_only=True):
    """A chat was deleted."""

    spec: ClassVar[PushSpec] = PushSpec("chat_deleted", "chats", "chats", since=(3, 4))
    chat_id: str


class ThreadDeleted(Push, kw_only=True):
    """A thread was deleted."""

    spec: ClassVar[PushSpec] = PushSpec("thread_deleted", "chats", "chats", since=(3, 4))
    chat_id: str
    thread_id: str


class ThreadsDeleted(Push, kw_only=True):
    """The threads of a range of dates, or with a tag, were deleted."""

    spec: ClassVar[PushSpec] = PushSpec("threads_deleted", "chats", "chats", since=(3, 4))
    date_from: datetime | None = None
    date_to: datetime | None = None
    tag: str | None = None

    def __post_init__(self) -> None:
        self.date_from = in_utc(self.date_from)
        self.date_to = in_utc(self.date_to)


class ChatAccessUpdated(Push, kw_only=True):
    """The groups of a chat changed; ``id`` is that of the chat."""

    spec: ClassVar[PushSpec] = PushSpec(
        "chat_access_updated", "chat_access", "chats", webhook=True, since=(3, 4)
    )
    id: str
    access: Access


class ChatTransferred(Push, kw_only=True):
    """A chat moved to other groups or agents.

    ``reason`` is ``manual``, ``inactive``, ``assigned``, ``unassigned`` or ``other``; without
    ``requester_id`` the router did it. The docs for customers have no ``reason``; it is empty then.
    """

    spec: ClassVar[PushSpec] = PushSpec("chat_transferred", "chat_access", "chats", webhook=True)
    chat_id: str
    thread_id: str | None = None
    requester_id: str | None = None
    reason: str = ""
    transferred_to: TransferTarget
    queue: Queue | None = None


class UserAddedToChat(Push, kw_only=True):
    """A customer or an agent was added to a chat. ``user_type`` comes with the webhook at most."""

    spec: ClassVar[PushSpec] = PushSpec("user_added_to_chat", "chat_users", "chats", webhook=True)
    chat_id: str
    thread_id: str | None = None
    user: User
    reason: str
    requester_id: str | None = None
    user_type: str | None = None


class UserRemovedFromChat(Push, kw_only=True):
    """A user was removed from a chat. ``user_type`` comes with the webhook at most."""

    spec: ClassVar[PushSpec] = PushSpec(
        "user_removed_from_chat", "chat_users", "chats", webhook=True
    )
    chat_id: str
    thread_id: str | None = None
    user_id: str
    reason: str
    requester_id: str | None = None
    user_type: str | None = None


class IncomingEvent(Push, kw_only=True):
    """An event was added to a chat."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_event", "events", "chats", webhook=True)
    chat_id: str
    thread_id: str
    event: Event


class EventDeleted(Push, kw_only=True):
    """An event was deleted."""

    spec: ClassVar[PushSpec] = PushSpec(
        "event_deleted", "events", "chats", webhook=True, since=(3, 6)
    )
    chat_id: str
    thread_id: str
    event_id: str


class EventUpdated(Push, kw_only=True):
    """An event changed."""

    spec: ClassVar[PushSpec] = PushSpec("event_updated", "events", "chats", webhook=True)
    chat_id: str
    thread_id: str
    event: Event


class IncomingRichMessagePostback(Push, kw_only=True):
    """A button of a rich message was used."""

    spec: ClassVar[PushSpec] = PushSpec(
        "incoming_rich_message_postback", "events", "chats", webhook=True
    )
    user_id: str
    chat_id: str
    thread_id: str
    event_id: str
    postback: RichMessagePostback


class ChatPropertiesUpdated(Push, kw_only=True):
    """Properties of a chat were set; these alone."""

    spec: ClassVar[PushSpec] = PushSpec(
        "chat_properties_updated", "properties", "chats", webhook=True
    )
    chat_id: str
    properties: Properties


class ChatPropertiesDeleted(Push, kw_only=True):
    """Properties of a chat were deleted; namespace -> names."""

    spec: ClassVar[PushSpec] = PushSpec(
        "chat_properties_deleted", "properties", "chats", webhook=True
    )
    chat_id: str
    properties: DeletedNames


class ThreadPropertiesUpdated(Push, kw_only=True):
    """Properties of a thread were set; these alone."""

    spec: ClassVar[PushSpec] = PushSpec(
        "thread_properties_updated", "properties", "chats", webhook=True
    )
    chat_id: str
    thread_id: str
    properties: Properties


class ThreadPropertiesDeleted(Push, kw_only=True):
    """Properties of a thread were deleted; namespace -> names."""

    spec: ClassVar[PushSpec] = PushSpec(
        "thread_properties_deleted", "properties", "chats", webhook=True
    )
    chat_id: str
    thread_id: str
    properties: DeletedNames


class EventPropertiesUpdated(Push, kw_only=True):
    """Properties of an event were set; these alone."""

    spec: ClassVar[PushSpec] = PushSpec(
        "event_properties_updated", "properties", "chats", webhook=True
    )
    chat_id: str
    thread_id: str
    event_id: str
    properties: Properties


class EventPropertiesDeleted(Push, kw_only=True):
    """Properties of an event were deleted; namespace -> names."""

    spec: ClassVar[PushSpec] = PushSpec(
        "event_properties_deleted", "properties", "chats", webhook=True
    )
    chat_id: str
    thread_id: str
    event_id: str
    properties: DeletedNames


class ThreadTagged(Push, kw_only=True):
    """A thread got a tag."""

    spec: ClassVar[PushSpec] = PushSpec("thread_tagged", "thread_tags", "chats", webhook=True)
    chat_id: str
    thread_id: str
    tag: str


class ThreadUntagged(Push, kw_only=True):
    """A thread lost a tag."""

    spec: ClassVar[PushSpec] = PushSpec("thread_untagged", "thread_tags", "chats", webhook=True)
    chat_id: str
    thread_id: str
    tag: str


class ChatUnfollowed(Push, kw_only=True):
    """The agent does not follow the chat any more."""

    spec: ClassVar[PushSpec] = PushSpec("chat_unfollowed", "other", "chats", since=(3, 2))
    chat_id: str


class EventsMarkedAsSeen(Push, kw_only=True):
    """A user has seen the events up to a time."""

    spec: ClassVar[PushSpec] = PushSpec("events_marked_as_seen", "other", "chats", webhook=True)
    user_id: str
    chat_id: str
    seen_up_to: datetime

    def __post_init__(self) -> None:
        self.seen_up_to = in_utc(self.seen_up_to)


class ThreadSummarySet(Push, kw_only=True):
    """An AI summary of a thread was made."""

    spec: ClassVar[PushSpec] = PushSpec(
        "thread_summary_set", "other", "chats", webhook=True, since=(3, 6)
    )
    chat_id: str
    thread_id: str
    summary: AISummary


class IncomingError(Push, kw_only=True):
    """A job that goes on after its call failed; ``action`` is not always the method called."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_error", "other", "chats", since=(3, 6))
    action: str
    chat_id: str
    thread_id: str
