"""What a push is about: its chat, who caused it, and what it has to be handled in order with."""

from collections.abc import Callable
from typing import Any, Final

from frontdesk.pushes.base import Push, UnknownPush
from frontdesk.pushes.chats import (
    ChatAccessUpdated,
    EventsMarkedAsSeen,
    EventUpdated,
    IncomingChat,
    IncomingEvent,
    IncomingRichMessagePostback,
)
from frontdesk.pushes.configuration import (
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
)
from frontdesk.pushes.customers import (
    CustomerBanned,
    CustomerLeft,
    CustomerPageUpdated,
    CustomerStatisticsUpdated,
    CustomerTransferred,
    CustomerUpdated,
    IncomingCustomer,
    TicketCreated,
    TicketDeleted,
)
from frontdesk.pushes.indicators import IncomingSneakPeek, IncomingTypingIndicator
from frontdesk.pushes.session import RoutingStatusSet

__all__ = ["author_id_of", "chat_id_of", "subject_of"]


def chat_id_of(push: Any) -> str | None:
    """Return the id of the chat that a push is about; None if it is about something else.

    The payload of a webhook will do as well, also one that is only known as a dictionary.
    """
    chat_id = getattr(push, "chat_id", None)
    if isinstance(chat_id, str):
        return chat_id  # nearly always, and much faster than to look for a pattern
    match push:
        case (
            IncomingChat(chat=object(id=str(chat_id)))
            | ChatAccessUpdated(id=str(chat_id))
            | UnknownPush(payload={"chat_id": str(chat_id)})
            | {"chat_id": str(chat_id)}
            # Webhooks of customers, who may be in a chat.
            | object(active_chat=object(chat_id=str(chat_id)))
        ):
            return chat_id
        case _:
            return None


def author_id_of(push: Any) -> str | None:
    """Return the id of the user who wrote, typed or clicked; None where that is not said.

    This is the author of an event, of a sneak peek or of an indicator, the user who pressed a
    button or has seen events, and the author of a multicast.
    """
    match push:
        case IncomingEvent() | EventUpdated():
            author_id = getattr(push.event, "author_id", None)
        case IncomingSneakPeek():
            author_id = push.sneak_peek.author_id
        case IncomingTypingIndicator():
            author_id = push.typing_indicator.author_id
        case IncomingRichMessagePostback() | EventsMarkedAsSeen():
            author_id = push.user_id
        case _:
            author_id = getattr(push, "author_id", None)
    return author_id if isinstance(author_id, str) else None


_OTHERS: Final[dict[type[Any], Callable[[Any], tuple[str, str]]]] = {
    RoutingStatusSet: lambda push: ("agent", push.agent_id),
    AgentCreated: lambda push: ("agent", push.agent.id),
    BotCreated: lambda push: ("bot", push.bot.id),
    GroupCreated: lambda push: ("group", str(push.group.id)),
    TagCreated: lambda push: ("tag", push.tag.name),
    IncomingCustomer: lambda push: ("customer", push.customer.id),
    UnknownPush: lambda push: ("push", push.action),
    **dict.fromkeys(
        (AgentUpdated, AgentApproved, AgentSuspended, AgentUnsuspended, AgentDeleted),
        lambda push: ("agent", push.id),
    ),
    **dict.fromkeys((BotUpdated, BotDeleted), lambda push: ("bot", push.id)),
    **dict.fromkeys((GroupUpdated, GroupDeleted), lambda push: ("group", str(push.id))),
    **dict.fromkeys((TagUpdated, TagDeleted), lambda push: ("tag", push.name)),
    **dict.fromkeys(
        (CustomerUpdated, CustomerTransferred, CustomerLeft),
        lambda push: ("customer", push.id),
    ),
    **dict.fromkeys(
        (
            CustomerPageUpdated,
            CustomerStatisticsUpdated,
            CustomerBanned,
            TicketCreated,
            TicketDeleted,
        ),
        lambda push: ("customer", push.customer_id),
    ),
}
"""What the pushes are about that are not about a chat."""


def subject_of(push: Push) -> tuple[str, str]:
    """Return what a push is about; pushes with the same subject are handled in order.

    The chat, else the customer, agent, bot, group or tag, else the kind of push.
    """
    chat_id = chat_id_of(push)
    if chat_id is not None:
        return ("chat", chat_id)
    other = _OTHERS.get(type(push))
    return ("push", push.spec.name) if other is None else other(push)
