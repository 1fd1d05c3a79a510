"""The payload of each webhook: those of the pushes where both are the same thing."""

from typing import Any, Final, TypeAlias

from frontdesk.models.base import Model
from frontdesk.pushes import (
    PUSHES,
    AgentApproved,
    AgentCreated,
    AgentDeleted,
    AgentSuspended,
    AgentUnsuspended,
    AgentUpdated,
    AutoAccessesUpdated,
    BotCreated,
    BotDeleted,
    BotUpdated,
    ChatAccessUpdated,
    ChatDeactivated,
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    ChatTransferred,
    EventDeleted,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventsMarkedAsSeen,
    EventUpdated,
    GroupCreated,
    GroupDeleted,
    GroupUpdated,
    IncomingChat,
    IncomingEvent,
    IncomingRichMessagePostback,
    TagCreated,
    TagDeleted,
    TagUpdated,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
    ThreadSummarySet,
    ThreadTagged,
    ThreadUntagged,
    UserAddedToChat,
    UserRemovedFromChat,
)

__all__ = [
    "PAYLOADS",
    "ActiveChat",
    "CustomerSessionFieldsUpdated",
    "Payload",
    "RoutingStatusSet",
]


class RoutingStatusSet(Model, kw_only=True):
    """The routing status of an agent or bot changed.

    ``status`` is the text on the wire, which LiveChat documents with spaces for the webhook
    (``accepting chats``) and with underscores everywhere else; ``routing_status`` is the latter.
    """

    agent_id: str
    status: str

    @property
    def routing_status(self) -> str:
        """``accepting_chats``, ``not_accepting_chats`` or ``offline``."""
        return self.status.replace(" ", "_")


class ActiveChat(Model, kw_only=True):
    """The chat that the customer is in."""

    chat_id: str
    thread_id: str | None = None


class CustomerSessionFieldsUpdated(Model, kw_only=True):
    """Session fields of a chatting customer changed; there is one webhook for each active chat.

    ``id`` is the customer's.
    """

    id: str
    active_chat: ActiveChat | None = None
    session_fields: list[dict[str, str]]


PAYLOADS: Final[dict[str, type[Any]]] = {
    name: cls for name, cls in PUSHES.items() if cls.spec.webhook
} | {
    "routing_status_set": RoutingStatusSet,
    "customer_session_fields_updated": CustomerSessionFieldsUpdated,
}
"""The type of the payload of each webhook."""

Payload: TypeAlias = (
    AgentApproved
    | AgentCreated
    | AgentDeleted
    | AgentSuspended
    | AgentUnsuspended
    | AgentUpdated
    | AutoAccessesUpdated
    | BotCreated
    | BotDeleted
    | BotUpdated
    | ChatAccessUpdated
    | ChatDeactivated
    | ChatPropertiesDeleted
    | ChatPropertiesUpdated
    | ChatTransferred
    | CustomerSessionFieldsUpdated
    | EventDeleted
    | EventPropertiesDeleted
    | EventPropertiesUpdated
    | EventUpdated
    | EventsMarkedAsSeen
    | GroupCreated
    | GroupDeleted
    | GroupUpdated
    | IncomingChat
    | IncomingEvent
    | IncomingRichMessagePostback
    | RoutingStatusSet
    | TagCreated
    | TagDeleted
    | TagUpdated
    | ThreadPropertiesDeleted
    | ThreadPropertiesUpdated
    | ThreadSummarySet
    | ThreadTagged
    | ThreadUntagged
    | UserAddedToChat
    | UserRemovedFromChat
)
"""Any payload, to be told apart with ``isinstance`` or ``match``."""
