"""Which webhooks the handlers of a bot need."""

from typing import Any, Final, Literal, cast

from msgspec import UNSET, Struct

from frontdesk.bots.handlers.router import Router
from frontdesk.models import RegisteredFilters, WebhookAction, WebhookFilters
from frontdesk.pushes import IncomingEvent
from frontdesk.webhooks.payloads import PAYLOADS

__all__ = ["NeededWebhook", "WebhookNeeds", "webhooks_of"]

PRESENCE: Final[tuple[WebhookAction, ...]] = (
    "user_added_to_chat",
    "user_removed_from_chat",
    "chat_transferred",
    "chat_deactivated",
)
"""What tells a bot whether it is in a chat, and when a question of it is over."""
_ACTIONS: Final[dict[type[Any], WebhookAction]] = {
    payload: cast("WebhookAction", name) for name, payload in PAYLOADS.items()
}


class NeededWebhook(Struct, frozen=True):
    """A webhook that handlers need."""

    action: WebhookAction
    """Its action."""
    author_type: Literal["customer"] | None = None
    """Whose events it tells of; ``None``: everybody's."""

    @property
    def filters(self) -> WebhookFilters | None:
        """Its filters, as ``register_webhook`` takes them; ``None`` without any."""
        return None if self.author_type is None else WebhookFilters(author_type=self.author_type)

    def fits(self, filters: RegisteredFilters | None) -> bool:
        """Tell whether a registration with these filters tells of exactly that."""
        others = filters is not None and any(
            (filters.only_my_chats, filters.chat_presence, filters.source_type, filters.agent_ids)
        )
        return not others and (None if filters is None else filters.author_type) == (
            self.author_type
        )

    def __str__(self) -> str:
        return self.action + (f" of {self.author_type}s" if self.author_type else "")


class WebhookNeeds(Struct, frozen=True):
    """What handlers need."""

    webhooks: tuple[NeededWebhook, ...]
    """The webhooks."""
    rtm_only: tuple[str, ...] = ()
    """Names of pushes that handlers are declared for and that no webhook tells of."""


def webhooks_of(bot: Router) -> WebhookNeeds:
    """Return the webhooks that the handlers of a bot need, those of its routers included.

    Events are those of customers only, unless a handler is declared ``@bot.on(IncomingEvent)``.
    """
    table = bot.declared.table()
    kinds = {route.kind for route in table.routes}
    payloads = dict.fromkeys(payload for route in table.routes for payload in route.payloads)
    needed: dict[WebhookAction, NeededWebhook] = {}
    if kinds - {"on"}:
        events = NeededWebhook("incoming_event", None if IncomingEvent in payloads else "customer")
        needed["incoming_chat"] = NeededWebhook("incoming_chat")
        if kinds - {"on", "chat_started"}:
            needed[events.action] = events
        if kinds & {"postback", "fallback"}:
            action: WebhookAction = "incoming_rich_message_postback"
            needed[action] = NeededWebhook(action)
        needed |= {name: NeededWebhook(name) for name in PRESENCE}
    rtm_only: list[str] = []
    for payload in payloads:
        name = _ACTIONS.get(payload)
        if name is not None:
            needed.setdefault(name, NeededWebhook(name))
        elif getattr(payload, "spec", UNSET) is not UNSET:
            rtm_only.append(payload.__name__)
    return WebhookNeeds(tuple(needed.values()), tuple(rtm_only))
