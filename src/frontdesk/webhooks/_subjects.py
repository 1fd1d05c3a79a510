"""What a webhook is about: the key it is handled in order of, and the state it tells."""

from collections.abc import Callable, Iterable
from typing import Any

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
    IncomingChat,
    IncomingRichMessagePostback,
    TagCreated,
    TagDeleted,
    TagUpdated,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
    ThreadTagged,
    ThreadUntagged,
    UserAddedToChat,
    UserRemovedFromChat,
)
from frontdesk.webhooks._parsing import UnknownWebhook, Webhook
from frontdesk.webhooks._payloads import CustomerSessionFieldsUpdated, Payload, RoutingStatusSet

__all__ = ["chat_id_of", "ordering_key", "state_of"]

Subject = tuple[str, ...]


def _names(properties: dict[str, Iterable[str]]) -> Subject:
    return tuple(sorted(f"{space}.{name}" for space, names in properties.items() for name in names))


def _of_chat(payload: Any) -> Subject:
    return ("properties", payload.chat_id, *_names(payload.properties))


def _of_thread(payload: Any) -> Subject:
    return ("properties", payload.thread_id, *_names(payload.properties))


def _of_event(payload: Any) -> Subject:
    return ("properties", payload.event_id, *_names(payload.properties))


def _of_agent(payload: Any) -> Subject:
    return ("agent", payload.id)


def _of_bot(payload: Any) -> Subject:
    return ("bot", payload.id)


def _of_group(payload: Any) -> Subject:
    return ("group", str(payload.id))


def _of_tag(payload: Any) -> Subject:
    return ("tag", payload.name)


_STATES: dict[type[Any], Callable[[Any], Subject]] = {
    RoutingStatusSet: lambda p: ("status", p.agent_id),
    CustomerSessionFieldsUpdated: lambda p: ("fields", p.id, chat_id_of(p) or ""),
    AutoAccessesUpdated: lambda _: ("auto access",),
    ChatAccessUpdated: lambda p: ("access", p.id),
    ChatTransferred: lambda p: ("access", p.chat_id),
    EventUpdated: lambda p: ("event", p.chat_id, p.event.id),
    IncomingRichMessagePostback: lambda p: ("button", p.event_id, p.user_id, p.postback.id),
    ThreadTagged: lambda p: ("tagged", p.thread_id, p.tag),
    ThreadUntagged: lambda p: ("tagged", p.thread_id, p.tag),
    UserAddedToChat: lambda p: ("user", p.chat_id, p.user.id),
    UserRemovedFromChat: lambda p: ("user", p.chat_id, p.user_id),
    AgentCreated: lambda p: ("agent", p.agent.id),
    BotCreated: lambda p: ("bot", p.bot.id),
    GroupCreated: lambda p: ("group", str(p.group.id)),
    TagCreated: lambda p: ("tag", p.tag.name),
    **dict.fromkeys((ChatPropertiesUpdated, ChatPropertiesDeleted), _of_chat),
    **dict.fromkeys((ThreadPropertiesUpdated, ThreadPropertiesDeleted), _of_thread),
    **dict.fromkeys((EventPropertiesUpdated, EventPropertiesDeleted), _of_event),
    **dict.fromkeys(
        (AgentApproved, AgentUpdated, AgentSuspended, AgentUnsuspended, AgentDeleted), _of_agent
    ),
    **dict.fromkeys((BotUpdated, BotDeleted), _of_bot),
    **dict.fromkeys((GroupUpdated, GroupDeleted), _of_group),
    **dict.fromkeys((TagUpdated, TagDeleted), _of_tag),
}


def state_of(payload: Payload) -> Subject | None:
    """Name the state that a payload tells, such as the tag of a thread.

    A tag that is set, taken away and set again makes the same body twice, and both count. None for
    payloads that happen only once, such as an event.
    """
    subject = _STATES.get(type(payload))
    return subject(payload) if subject else None


def chat_id_of(payload: Any) -> str | None:
    """Tell the chat that a payload is about; None for agents, bots, groups and the like."""
    match payload:
        case IncomingChat():
            return payload.chat.id
        case ChatAccessUpdated():
            return payload.id
        case CustomerSessionFieldsUpdated():
            return payload.active_chat.chat_id if payload.active_chat else None
        case {"chat_id": str(chat_id)}:
            return chat_id
        case _:
            return getattr(payload, "chat_id", None)


def ordering_key(webhook: Webhook[Payload] | UnknownWebhook) -> Subject:
    """Name what has to be handled in order: the chat, or whatever else the webhook is about."""
    chat_id = chat_id_of(webhook.payload)
    if chat_id is not None:
        return (webhook.organization_id, chat_id)
    state = None if isinstance(webhook, UnknownWebhook) else state_of(webhook.payload)
    return (webhook.organization_id, *(state or (webhook.action,)))
