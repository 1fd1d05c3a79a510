"""Webhooks: typed, received safely, whatever web framework they come through.

``parse(body)`` makes a ``Webhook`` with a typed payload; ``Receiver`` checks, acknowledges, drops
repeats and has webhooks handled in order. The modules ``asgi``, ``wsgi``, ``starlette`` (FastAPI),
``django``, ``flask`` and ``aiohttp`` connect a receiver to a framework; none is loaded from here.

Source: https://platform.text.com/docs/messaging/webhooks
"""

# Rendered from the modules' own lists by ``make render``; only the docstring is edited by hand.

from frontdesk.pushes import (
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
from frontdesk.webhooks.deduplication import MemorySeen, SeenStore
from frontdesk.webhooks.handlers import AnyWebhook
from frontdesk.webhooks.journal import Journal
from frontdesk.webhooks.organizations import Organizations
from frontdesk.webhooks.parsing import AdditionalData, Initiator, UnknownWebhook, Webhook, parse
from frontdesk.webhooks.payloads import (
    PAYLOADS,
    ActiveChat,
    CustomerSessionFieldsUpdated,
    Payload,
    RoutingStatusSet,
)
from frontdesk.webhooks.processing import Counts, HandlerRetry
from frontdesk.webhooks.receiver import Receiver
from frontdesk.webhooks.responses import WebhookResponse

__all__ = [
    "PAYLOADS",
    "ActiveChat",
    "AdditionalData",
    "AgentApproved",
    "AgentCreated",
    "AgentDeleted",
    "AgentSuspended",
    "AgentUnsuspended",
    "AgentUpdated",
    "AnyWebhook",
    "AutoAccessesUpdated",
    "BotCreated",
    "BotDeleted",
    "BotUpdated",
    "ChatAccessUpdated",
    "ChatDeactivated",
    "ChatPropertiesDeleted",
    "ChatPropertiesUpdated",
    "ChatTransferred",
    "Counts",
    "CustomerSessionFieldsUpdated",
    "EventDeleted",
    "EventPropertiesDeleted",
    "EventPropertiesUpdated",
    "EventUpdated",
    "EventsMarkedAsSeen",
    "GroupCreated",
    "GroupDeleted",
    "GroupUpdated",
    "HandlerRetry",
    "IncomingChat",
    "IncomingEvent",
    "IncomingRichMessagePostback",
    "Initiator",
    "Journal",
    "MemorySeen",
    "Organizations",
    "Payload",
    "Receiver",
    "RoutingStatusSet",
    "SeenStore",
    "TagCreated",
    "TagDeleted",
    "TagUpdated",
    "ThreadPropertiesDeleted",
    "ThreadPropertiesUpdated",
    "ThreadSummarySet",
    "ThreadTagged",
    "ThreadUntagged",
    "UnknownWebhook",
    "UserAddedToChat",
    "UserRemovedFromChat",
    "Webhook",
    "WebhookResponse",
    "parse",
]
