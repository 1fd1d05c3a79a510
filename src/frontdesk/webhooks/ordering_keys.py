"""What a webhook is about: the key by which it is handled in order, and the states it reports."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

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
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    ChatTransferred,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventUpdated,
    GroupCreated,
    GroupDeleted,
    GroupUpdated,
    IncomingRichMessagePostback,
    Push,
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
from frontdesk.pushes.subjects import chat_id_of, subject_of
from frontdesk.webhooks.parsing import UnknownWebhook, Webhook
from frontdesk.webhooks.payloads import (
    PAYLOADS,
    CustomerSessionFieldsUpdated,
    Payload,
    RoutingStatusSet,
)

__all__ = ["is_unreadable_state", "ordering_key", "states_of"]

Subject: TypeAlias = tuple[str, ...]
States: TypeAlias = tuple[tuple[Subject, Any], ...]


_STATES: Final[dict[type[Any], Callable[[Any], Subject]]] = {
    RoutingStatusSet: lambda p: ("status", p.agent_id),
    CustomerSessionFieldsUpdated: lambda p: ("fields", p.id, chat_id_of(p) or ""),
    AutoAccessesUpdated: lambda _: ("auto access",),
    ChatAccessUpdated: lambda p: ("access", p.id),
    ChatTransferred: lambda p: ("access", p.chat_id),
    EventUpdated: lambda p: ("event", p.chat_id, p.event.id),
    IncomingRichMessagePostback: lambda p: ("button", p.event_id, p.user_id, p.postback.id),
    ThreadSummarySet: lambda p: ("summary", p.thread_id),
    ThreadTagged: lambda p: ("tagged", p.thread_id, p.tag),
    ThreadUntagged: lambda p: ("tagged", p.thread_id, p.tag),
    UserAddedToChat: lambda p: ("user", p.chat_id, p.user.id),
    UserRemovedFromChat: lambda p: ("user", p.chat_id, p.user_id),
    **dict.fromkeys(
        (
            AgentApproved,
            AgentCreated,
            AgentDeleted,
            AgentSuspended,
            AgentUnsuspended,
            AgentUpdated,
            BotCreated,
            BotDeleted,
            BotUpdated,
            GroupCreated,
            GroupDeleted,
            GroupUpdated,
            TagCreated,
            TagDeleted,
            TagUpdated,
        ),
        subject_of,
    ),
}


_DELETED: Final = (ChatPropertiesDeleted, ThreadPropertiesDeleted, EventPropertiesDeleted)
_OWNER_OF_PROPERTIES: Final[dict[type[Any], Callable[[Any], str]]] = {
    ChatPropertiesUpdated: lambda p: p.chat_id,
    ChatPropertiesDeleted: lambda p: p.chat_id,
    ThreadPropertiesUpdated: lambda p: p.thread_id,
    ThreadPropertiesDeleted: lambda p: p.thread_id,
    EventPropertiesUpdated: lambda p: p.event_id,
    EventPropertiesDeleted: lambda p: p.event_id,
}


def states_of(webhook: Webhook[Payload] | UnknownWebhook) -> States:
    """Name the states that a webhook tells, such as the tag of a thread, each with its value.

    A tag that is set, taken away and set again makes the same body twice, and both count. Each
    property is a state of its own. Empty for what happens only once, such as an event.
    """
    payload: Any = webhook.payload
    if isinstance(webhook, UnknownWebhook):
        # It may tell a state. A repeat that is handled twice does less harm than a loss.
        return ((("unknown", chat_id_of(payload) or ""), payload),)
    owner_of = _OWNER_OF_PROPERTIES.get(payload.__class__)
    if owner_of is not None:
        return tuple(_properties(owner_of(payload), payload))
    state_of = _STATES.get(payload.__class__)
    return () if state_of is None else ((state_of(payload), payload),)


def is_unreadable_state(webhook: Webhook[Payload] | UnknownWebhook) -> bool:
    """Tell whether a webhook changes states without telling which: its payload is damaged."""
    if not isinstance(webhook, UnknownWebhook):
        return False
    payload = PAYLOADS.get(webhook.action)
    return payload in _STATES or payload in _OWNER_OF_PROPERTIES


def _properties(owner: str, payload: Any) -> Iterator[tuple[Subject, Any]]:
    for namespace, properties in payload.properties.items():
        # Names alone, when the properties were deleted.
        deleted = isinstance(payload, _DELETED)
        values: dict[str, Any] = dict.fromkeys(properties) if deleted else properties
        for name, value in values.items():
            yield ("property", owner, namespace, name), value


def ordering_key(webhook: Webhook[Payload] | UnknownWebhook) -> Subject:
    """Name what has to be handled in order, as for pushes: a chat, an agent, a customer."""
    payload: Any = webhook.payload
    chat_id = chat_id_of(payload)
    if chat_id is not None:
        subject = ("chat", chat_id)
    elif isinstance(payload, RoutingStatusSet):
        subject = ("agent", payload.agent_id)
    elif isinstance(payload, CustomerSessionFieldsUpdated):
        subject = ("customer", payload.id)
    elif isinstance(payload, Push):
        subject = subject_of(payload)
    else:
        subject = ("webhook", webhook.action)
    return (webhook.organization_id, *subject)
