"""Pushes of the Customer Chat RTM API.

Those that agents and customers get alike have one structure for both.
Source: https://platform.text.com/docs/messaging/customer-chat-api/rtm-pushes
"""

from datetime import datetime
from typing import ClassVar, Final

from msgspec import UNSET, UnsetType

from frontdesk.models import Address, CustomerStatistics, OmnichannelResponse
from frontdesk.models.base import Model, in_utc
from frontdesk.models.customer_chat.greetings import EventPreview, ShownGreeting
from frontdesk.pushes.base import CUSTOMER_PUSHES, Push, PushSpec
from frontdesk.pushes.chats import (
    ChatDeactivated,
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    ChatTransferred,
    EventDeleted,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventsMarkedAsSeen,
    EventUpdated,
    IncomingChat,
    IncomingEvent,
    IncomingRichMessagePostback,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
    UserAddedToChat,
    UserRemovedFromChat,
)
from frontdesk.pushes.configuration import GroupsStatusUpdated
from frontdesk.pushes.indicators import IncomingThinkingIndicator, IncomingTypingIndicator
from frontdesk.pushes.multicast import IncomingMulticast
from frontdesk.pushes.queues import QueueState

__all__ = [
    "CUSTOMER_PUSHES",
    "CustomerDetailsUpdated",
    "CustomerDisconnected",
    "CustomerSideStorageUpdated",
    "DisconnectData",
    "GreetingAccepted",
    "GreetingCanceled",
    "IncomingEventPreview",
    "IncomingGreeting",
    "IncomingWelcomeMessage",
    "QueuePositionUpdated",
]


class IncomingEventPreview(Push, kw_only=True):
    """An agent or bot shows the text so far of a longer message.

    The ``IncomingEvent`` with the same ``custom_id`` takes its place.
    """

    spec: ClassVar[PushSpec] = PushSpec(
        "incoming_event_preview", "events", "customer", since=(3, 6)
    )
    chat_id: str
    thread_id: str
    event: EventPreview


class CustomerDetailsUpdated(Push, kw_only=True):
    """Data of the customer changed; what did not is ``UNSET``.

    On the wire it is ``customer_updated``, as the ``CustomerUpdated`` that agents get.
    """

    spec: ClassVar[PushSpec] = PushSpec("customer_updated", "customers", "customer")
    id: str
    type: str | UnsetType = UNSET
    name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    email_verified: bool | UnsetType | None = UNSET
    avatar: str | UnsetType | None = UNSET
    phone_number: str | UnsetType | None = UNSET
    session_fields: list[dict[str, str]] | UnsetType | None = UNSET
    present: bool | UnsetType | None = UNSET
    events_seen_up_to: datetime | UnsetType | None = UNSET
    omnichannel: OmnichannelResponse | UnsetType | None = UNSET
    address: Address | UnsetType | None = UNSET
    statistics: CustomerStatistics | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        if isinstance(self.events_seen_up_to, datetime):
            self.events_seen_up_to = in_utc(self.events_seen_up_to)


class CustomerSideStorageUpdated(Push, kw_only=True):
    """What the client is to keep, and to give back with the next log-in."""

    spec: ClassVar[PushSpec] = PushSpec("customer_side_storage_updated", "customers", "customer")
    customer_side_storage: dict[str, str]


class DisconnectData(Model, kw_only=True):
    """``region`` is the data centre to connect to, for ``misdirected_connection``."""

    region: str | None = None


class CustomerDisconnected(Push, kw_only=True):
    """The server is about to close this connection; it may come before the log-in."""

    spec: ClassVar[PushSpec] = PushSpec("customer_disconnected", "status", "customer")
    reason: str
    data: DisconnectData | None = None


class IncomingGreeting(Push, kw_only=True):
    """A greeting is to be shown; the payload is the greeting itself."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_greeting", "other", "customer", root="greeting")
    greeting: ShownGreeting


class GreetingAccepted(Push, kw_only=True):
    """The customer has seen a greeting."""

    spec: ClassVar[PushSpec] = PushSpec("greeting_accepted", "other", "customer")
    unique_id: str


class GreetingCanceled(Push, kw_only=True):
    """The customer has closed a greeting, or another one took its place."""

    spec: ClassVar[PushSpec] = PushSpec("greeting_canceled", "other", "customer")
    unique_id: str


class IncomingWelcomeMessage(Push, kw_only=True):
    """The welcome message that ``request_welcome_message`` asked for; ``id`` is that of both."""

    spec: ClassVar[PushSpec] = PushSpec(
        "incoming_welcome_message", "other", "customer", since=(3, 6)
    )
    id: str
    event: EventPreview


class QueuePositionUpdated(Push, kw_only=True):
    """The place in the queue of the customer's chat changed."""

    spec: ClassVar[PushSpec] = PushSpec("queue_position_updated", "other", "customer", since=(3, 2))
    chat_id: str
    thread_id: str
    queue: QueueState


SHARED: Final[tuple[type[Push], ...]] = (
    IncomingChat,
    ChatDeactivated,
    ChatTransferred,
    UserAddedToChat,
    UserRemovedFromChat,
    IncomingEvent,
    EventDeleted,
    EventUpdated,
    IncomingRichMessagePostback,
    ChatPropertiesUpdated,
    ChatPropertiesDeleted,
    ThreadPropertiesUpdated,
    ThreadPropertiesDeleted,
    EventPropertiesUpdated,
    EventPropertiesDeleted,
    GroupsStatusUpdated,
    IncomingThinkingIndicator,
    IncomingTypingIndicator,
    IncomingMulticast,
    EventsMarkedAsSeen,
)
"""What customers get as agents do, less what they may not see."""

CUSTOMER_PUSHES.update({push.spec.name: push for push in SHARED})
