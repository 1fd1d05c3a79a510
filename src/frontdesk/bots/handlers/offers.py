"""What handlers of each kind can take."""

import re
from typing import Any, Final

from frontdesk.bots.context import Context, SyncContext
from frontdesk.bots.handlers.signatures import Offer
from frontdesk.models import (
    Chat,
    Customer,
    FilledFormEvent,
    MessageEvent,
    RichMessagePostback,
)
from frontdesk.pushes import IncomingChat, IncomingEvent
from frontdesk.webhooks.parsing import UnknownWebhook, Webhook

__all__ = ["offers_for"]

ALWAYS: Final = [
    Offer(Context, lambda context: context),
    Offer(SyncContext, lambda context: context.for_threads()),
    Offer(Webhook, lambda context: context.webhook),
]
OF_A_CHAT: Final = [
    Offer(Chat, lambda context: context.chat(), is_fetched=True),
    Offer(Customer, lambda context: context.customer(), is_fetched=True),
]


def _payload(context: Context[Any]) -> Any:
    return context.payload


def _event(context: Context[Any]) -> Any:
    return context.event


KINDS: Final[dict[str, list[Offer]]] = {
    "message": [
        Offer(MessageEvent, _event),
        Offer(IncomingEvent, _payload),
    ],
    "chat_started": [Offer(IncomingChat, _payload)],
    # A button may come as a push of its own, or as a message: this is what both say of it.
    "postback": [Offer(RichMessagePostback, lambda context: context.postback)],
    "form": [Offer(FilledFormEvent, _event), Offer(IncomingEvent, _payload)],
    "fallback": [],
    "step": [Offer(IncomingEvent, _payload)],
    "on": [],
    "error": [],
}


def offers_for(
    kind: str,
    payloads: tuple[type[Any], ...],
    state_type: type[Any] | None,
    *,
    has_match: bool = False,
) -> list[Offer]:
    """Return what handlers of a kind can take, in the order in which messages name it.

    Args:
        kind: With what they are declared.
        payloads: The classes of payloads, of ``@bot.on``.
        state_type: The class of the bot's state, if there is one.
        has_match: Whether there is the match of a pattern.
    """
    offers = [*ALWAYS, *KINDS[kind], *(Offer(payload, _payload) for payload in payloads)]
    if UnknownWebhook in payloads:
        offers.append(Offer(UnknownWebhook, lambda context: context.webhook))
    if state_type is not None:
        offers.append(Offer(state_type, lambda context: context.state))
    if has_match:
        offers.append(Offer(re.Match, lambda context: context.match))
    return [*offers, *OF_A_CHAT]
