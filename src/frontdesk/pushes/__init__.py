"""What the server sends on its own: one structure per RTM push, shared with the webhooks.

``decode(action, payload)`` makes the structure that belongs to a push; a new one, or one that
cannot be repaired, becomes an ``UnknownPush``. The fields carry the names on the wire. Where the
whole payload is one thing (a customer, an agent's configuration, a list), the push holds it in one
field, its *root*. In the ``…Updated`` pushes, a field that did not change is ``UNSET``.

``CUSTOMER_PUSHES`` are the pushes that customers get; ``decode(…, api="customer")`` decodes one.

Source: https://platform.text.com/docs/messaging/agent-chat-api/rtm-pushes
"""

# Rendered from the modules' own lists by ``make render``; only the docstring is edited by hand.

from importlib import import_module
from typing import TYPE_CHECKING, Any

from frontdesk.pushes.base import PUSHES, Push, PushSpec, UnknownPush
from frontdesk.pushes.chats import (
    ChatAccessUpdated,
    ChatDeactivated,
    ChatDeleted,
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    ChatTransferred,
    ChatUnfollowed,
    EventDeleted,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventsMarkedAsSeen,
    EventUpdated,
    IncomingChat,
    IncomingError,
    IncomingEvent,
    IncomingRichMessagePostback,
    ThreadDeleted,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
    ThreadsDeleted,
    ThreadSummarySet,
    ThreadTagged,
    ThreadUntagged,
    UserAddedToChat,
    UserRemovedFromChat,
)
from frontdesk.pushes.configuration import (
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
    CannedResponseCreated,
    CannedResponseDeleted,
    CannedResponseUpdated,
    GroupCreated,
    GroupDeleted,
    GroupPropertiesUpdated,
    GroupsStatusUpdated,
    GroupStatus,
    GroupUpdated,
    LicensePropertiesUpdated,
    TagCreated,
    TagDeleted,
    TagUpdated,
)
from frontdesk.pushes.customers import (
    BanLength,
    CustomerBanned,
    CustomerLeft,
    CustomerPageUpdated,
    CustomerStatisticsUpdated,
    CustomerTransferred,
    CustomerUpdated,
    IncomingCustomer,
    IncomingCustomers,
    SubscribedCustomersTotalsUpdated,
    TicketCreated,
    TicketDeleted,
    TransferGroups,
)
from frontdesk.pushes.decoding import decode, payload_of
from frontdesk.pushes.indicators import (
    IncomingSneakPeek,
    IncomingThinkingIndicator,
    IncomingTypingIndicator,
)
from frontdesk.pushes.multicast import IncomingMulticast
from frontdesk.pushes.queues import QueuePosition, QueuePositionsUpdated, QueueState
from frontdesk.pushes.session import AgentDisconnected, Region, RoutingStatusSet

if TYPE_CHECKING:
    from frontdesk.pushes.customer_chat import (
        CUSTOMER_PUSHES,
        CustomerDetailsUpdated,
        CustomerDisconnected,
        CustomerSideStorageUpdated,
        DisconnectData,
        GreetingAccepted,
        GreetingCanceled,
        IncomingEventPreview,
        IncomingGreeting,
        IncomingWelcomeMessage,
        QueuePositionUpdated,
    )

__all__ = [
    "CUSTOMER_PUSHES",
    "PUSHES",
    "AgentApproved",
    "AgentCreated",
    "AgentDeleted",
    "AgentDisconnected",
    "AgentSuspended",
    "AgentUnsuspended",
    "AgentUpdated",
    "AutoAccessesUpdated",
    "BanLength",
    "BotCreated",
    "BotDeleted",
    "BotUpdated",
    "CannedResponseCreated",
    "CannedResponseDeleted",
    "CannedResponseUpdated",
    "ChatAccessUpdated",
    "ChatDeactivated",
    "ChatDeleted",
    "ChatPropertiesDeleted",
    "ChatPropertiesUpdated",
    "ChatTransferred",
    "ChatUnfollowed",
    "CustomerBanned",
    "CustomerDetailsUpdated",
    "CustomerDisconnected",
    "CustomerLeft",
    "CustomerPageUpdated",
    "CustomerSideStorageUpdated",
    "CustomerStatisticsUpdated",
    "CustomerTransferred",
    "CustomerUpdated",
    "DisconnectData",
    "EventDeleted",
    "EventPropertiesDeleted",
    "EventPropertiesUpdated",
    "EventUpdated",
    "EventsMarkedAsSeen",
    "GreetingAccepted",
    "GreetingCanceled",
    "GroupCreated",
    "GroupDeleted",
    "GroupPropertiesUpdated",
    "GroupStatus",
    "GroupUpdated",
    "GroupsStatusUpdated",
    "IncomingChat",
    "IncomingCustomer",
    "IncomingCustomers",
    "IncomingError",
    "IncomingEvent",
    "IncomingEventPreview",
    "IncomingGreeting",
    "IncomingMulticast",
    "IncomingRichMessagePostback",
    "IncomingSneakPeek",
    "IncomingThinkingIndicator",
    "IncomingTypingIndicator",
    "IncomingWelcomeMessage",
    "LicensePropertiesUpdated",
    "Push",
    "PushSpec",
    "QueuePosition",
    "QueuePositionUpdated",
    "QueuePositionsUpdated",
    "QueueState",
    "Region",
    "RoutingStatusSet",
    "SubscribedCustomersTotalsUpdated",
    "TagCreated",
    "TagDeleted",
    "TagUpdated",
    "ThreadDeleted",
    "ThreadPropertiesDeleted",
    "ThreadPropertiesUpdated",
    "ThreadSummarySet",
    "ThreadTagged",
    "ThreadUntagged",
    "ThreadsDeleted",
    "TicketCreated",
    "TicketDeleted",
    "TransferGroups",
    "UnknownPush",
    "UserAddedToChat",
    "UserRemovedFromChat",
    "decode",
    "payload_of",
]

_LATER = (("frontdesk.pushes.customer_chat",),)
"""Groups of modules, each loaded when one of its names is first asked for."""


def __getattr__(name: str) -> Any:
    if name in __all__:
        for group in _LATER:
            for module in group:
                loaded = import_module(module)
                # A package may have names of its own that are something else here.
                for each in loaded.__all__:
                    if each in __all__:
                        globals().setdefault(each, getattr(loaded, each))
            if name in globals():
                return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
