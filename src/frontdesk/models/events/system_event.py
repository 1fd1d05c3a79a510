"""The details of system events, as far as LiveChat documents their layouts.

Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#system
"""

from typing import Any, TypeAlias

import msgspec
from msgspec import field

from frontdesk.errors import DecodeError
from frontdesk.models.base import Model

__all__ = [
    "CartLine",
    "CartProduct",
    "CustomSkill",
    "Discount",
    "Order",
    "OrderLine",
    "SalesChannel",
    "Store",
    "StoreCart",
    "StoreOrder",
    "SummaryDetails",
    "SystemDetails",
    "ThreadSummaryMade",
]


class CustomSkill(Model, kw_only=True):
    """What an AI agent's skill did; ``error`` and ``reason`` come when it failed."""

    agent_id: str = field(name="agentId")
    skill_id: str = field(name="skillId")
    skill_name: str = field(name="skillName")
    error: str | None = None
    reason: str | None = None


class Store(Model, kw_only=True):
    """An online shop."""

    id: str
    platform: str
    uuid: str
    url: str | None = None
    name: str | None = None


class SalesChannel(Model, kw_only=True):
    """Where an order was placed."""

    id: str
    name: str


class Discount(Model, kw_only=True):
    """A discount of an order."""

    code: str


class OrderLine(Model, kw_only=True):
    """One product of an order; ``title`` and ``product_id`` are always there in version 2."""

    quantity: float
    price: float
    title: str | None = None
    sku: str | None = None
    variant_id: str | None = None
    product_id: str | None = None


class Order(Model, kw_only=True):
    """An order; ``currency`` is an ISO 4217 code."""

    id: str
    order_number: str
    currency: str
    total_price: float
    line_items: list[OrderLine]
    sales_channel: SalesChannel | None = None
    discounts: list[Discount] | None = None


class StoreOrder(Model, kw_only=True):
    """The customer placed an order."""

    store: Store
    order: Order


class CartProduct(Model, kw_only=True):
    """A product in a cart."""

    id: str
    title: str | None = None
    sku: str | None = None
    variant_id: str | None = None


class CartLine(Model, kw_only=True):
    """One line of a cart; price and quantity are documented as texts and sent as numbers."""

    total_price: float | str
    currency: str
    quantity: float | str
    product: CartProduct


class StoreCart(Model, kw_only=True):
    """The customer put products into the cart, or took them out."""

    store: Store
    cart_lines: list[CartLine]


class SummaryDetails(Model, kw_only=True):
    """An AI summary; ``status`` is ``ok`` or ``error``."""

    text: str
    status: str


class ThreadSummaryMade(Model, kw_only=True):
    """The summary that an agent asked for was made."""

    summary: SummaryDetails
    requested_by: str


SystemDetails: TypeAlias = CustomSkill | StoreOrder | StoreCart | ThreadSummaryMade
"""The known layouts."""

# The docs call the layouts of skills version 1 and their sample files version 2.
_LAYOUTS: dict[tuple[str, str], tuple[type[SystemDetails], tuple[int, ...]]] = {
    ("ai_agents", "custom_skill_awaiting_feedback"): (CustomSkill, (1, 2)),
    ("ai_agents", "custom_skill_completed"): (CustomSkill, (1, 2)),
    ("ai_agents", "custom_skill_failed"): (CustomSkill, (1, 2)),
    ("ai_agents", "custom_skill_rejected"): (CustomSkill, (1, 2)),
    ("ai_agents", "custom_skill_started"): (CustomSkill, (1, 2)),
    ("cdp", "store_order_was_created"): (StoreOrder, (1, 2)),
    ("cdp", "store_product_added_to_cart"): (StoreCart, (1,)),
    ("cdp", "store_product_removed_from_cart"): (StoreCart, (1,)),
    ("messaging", "summary"): (ThreadSummaryMade, (1,)),
}


def decode_details(
    source: str, subtype: str, version: int, details: str
) -> SystemDetails | dict[str, Any]:
    """Parse ``details`` into its known layout, or into a plain dict."""
    try:
        plain = msgspec.json.decode(details, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise DecodeError(f"`details` is no JSON object: {error}", path="$.details") from None
    layout, versions = _LAYOUTS.get((source, subtype), (None, ()))
    if layout is None or version not in versions:
        return plain
    try:
        return msgspec.convert(plain, layout)
    except msgspec.ValidationError:
        return plain
