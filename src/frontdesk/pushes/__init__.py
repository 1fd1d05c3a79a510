"""What the server tells on its own: one structure per RTM push, shared with the webhooks.

``decode(action, payload)`` makes the structure that belongs to a push; a new or malformed one
becomes an ``UnknownPush``. The fields carry the names on the wire. Where the whole payload is one
thing (a customer, an agent's configuration, a list), the push holds it in one field, its *root*.
In the ``…Updated`` pushes, a field that did not change is ``UNSET``.

Source: https://platform.text.com/docs/messaging/agent-chat-api/rtm-pushes
"""

from functools import cache
from typing import Any

import msgspec
from msgspec import structs

from frontdesk.decoding import convert
from frontdesk.decoding import decode as decode_json
from frontdesk.errors import DecodeError
from frontdesk.pushes._base import PUSHES, Push, PushSpec, UnknownPush
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


def decode(action: str, payload: bytes | str | msgspec.Raw | Any) -> Push:
    """Make the push of a name and its payload, JSON or parsed JSON.

    A push that frontdesk does not know, or whose payload lacks what the API promises, becomes an
    ``UnknownPush`` that keeps everything.

    Raises ``DecodeError`` if the payload is not JSON.
    """
    is_json = isinstance(payload, (bytes, str, msgspec.Raw))
    data = bytes(payload) if isinstance(payload, msgspec.Raw) else payload
    cls = PUSHES.get(action)
    try:
        if cls is not None:
            root = cls.spec.root
            kind = cls if root is None else _type_of_root(cls)
            try:
                value: Any = decode_json(data, kind) if is_json else convert(data, kind)
            except DecodeError:
                pass
            else:
                return value if root is None else cls(**{root: value})
        return UnknownPush(action=action, payload=decode_json(data, Any) if is_json else data)
    except RecursionError:
        raise DecodeError(f"the payload of `{action}` is nested too deeply") from None


def payload_of(push: Push) -> Any:
    """Return what of a push goes on the wire, for ``frontdesk.encode``."""
    if isinstance(push, UnknownPush):
        return push.payload
    if push.spec.root is not None:
        return getattr(push, push.spec.root)
    if push.version is None and push.request_id is None and not push.recovered:
        return push
    return structs.replace(push, version=None, request_id=None, recovered=False)


@cache
def _type_of_root(cls: type[Push]) -> Any:
    return next(info.type for info in structs.fields(cls) if info.name == cls.spec.root)
