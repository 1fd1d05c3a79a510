"""What the server sends on its own: one structure per RTM push, shared with the webhooks.

``decode(action, payload)`` makes the structure that belongs to a push; a new one, or one that
cannot be repaired, becomes an ``UnknownPush``. The fields carry the names on the wire. Where the
whole payload is one thing (a customer, an agent's configuration, a list), the push holds it in one
field, its *root*. In the ``…Updated`` pushes, a field that did not change is ``UNSET``.

Source: https://platform.text.com/docs/messaging/agent-chat-api/rtm-pushes
"""

from typing import Any

import msgspec

from frontdesk._damage import DamageReports, OnDamage
from frontdesk.pushes._base import PUSHES, Push, PushSpec, UnknownPush
from frontdesk.pushes._reading import read_push
from frontdesk.pushes.chats import (
    ChatAccessUpdated,
    ChatDeactivated,
    ChatDeleted,
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    ChatTransferred,
    EventDeleted,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventUpdated,
    IncomingChat,
    IncomingEvent,
    IncomingRichMessagePostback,
    ThreadDeleted,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
    ThreadsDeleted,
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
from frontdesk.pushes.other import (
    AgentDisconnected,
    ChatUnfollowed,
    EventsMarkedAsSeen,
    IncomingError,
    IncomingMulticast,
    IncomingSneakPeek,
    IncomingThinkingIndicator,
    IncomingTypingIndicator,
    QueuePosition,
    QueuePositionsUpdated,
    QueueState,
    Region,
    RoutingStatusSet,
    ThreadSummarySet,
)

__all__ = [
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
    "CustomerLeft",
    "CustomerPageUpdated",
    "CustomerStatisticsUpdated",
    "CustomerTransferred",
    "CustomerUpdated",
    "EventDeleted",
    "EventPropertiesDeleted",
    "EventPropertiesUpdated",
    "EventUpdated",
    "EventsMarkedAsSeen",
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
    "IncomingMulticast",
    "IncomingRichMessagePostback",
    "IncomingSneakPeek",
    "IncomingThinkingIndicator",
    "IncomingTypingIndicator",
    "LicensePropertiesUpdated",
    "Push",
    "PushSpec",
    "QueuePosition",
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


def decode(
    action: str,
    payload: bytes | str | msgspec.Raw | Any,
    *,
    strict: bool = False,
    on_damage: OnDamage | None = None,
) -> Push:
    """Make the push of a name and its payload, JSON or parsed JSON.

    One odd value costs that value, and is reported as ``frontdesk.decode`` does. A push that
    frontdesk does not know, or whose payload cannot be repaired, becomes an ``UnknownPush`` that
    keeps everything. Where the payload is one thing, it may also come wrapped (``{"group": …}``).

    Args:
        action: The name of the push on the wire.
        payload: Its payload.
        strict: Raise ``DecodeError`` instead of repairing; a push of a new name is still decoded.
        on_damage: Called with each ``Damage``.

    Raises:
        DecodeError: The payload is not JSON.
    """
    return read_push(action, payload, DamageReports(strict=strict, on_damage=on_damage))


def payload_of(push: Push) -> Any:
    """Return what of a push goes on the wire, for ``frontdesk.encode``."""
    return push.on_the_wire()
