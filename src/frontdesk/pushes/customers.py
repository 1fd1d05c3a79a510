"""Pushes about customers, their visits, carts and tickets."""

from datetime import datetime
from typing import ClassVar

from msgspec import UNSET, UnsetType

from frontdesk.models import (
    Address,
    Cart,
    Customer,
    CustomerStatistics,
    OmnichannelPush,
)
from frontdesk.models.base import Model, in_utc
from frontdesk.pushes.base import Push, PushSpec

__all__ = [
    "BanLength",
    "CustomerBanned",
    "CustomerLeft",
    "CustomerPageUpdated",
    "CustomerStatisticsUpdated",
    "CustomerTransferred",
    "CustomerUpdated",
    "IncomingCustomer",
    "IncomingCustomers",
    "SubscribedCustomersTotalsUpdated",
    "TicketCreated",
    "TicketDeleted",
    "TransferGroups",
]


class IncomingCustomers(Push, kw_only=True):
    """After the log-in: the customers that the agent should know of.

    ``customer_monitoring_level`` is ``my``, ``chatting``, ``invited``, ``online`` or
    ``highest_available``.
    """

    spec: ClassVar[PushSpec] = PushSpec(
        "incoming_customers", "customers", "customers", since=(3, 3)
    )
    customer_monitoring_level: str
    customers: list[Customer]


class IncomingCustomer(Push, kw_only=True):
    """A customer became available to the agent."""

    spec: ClassVar[PushSpec] = PushSpec(
        "incoming_customer", "customers", "customers", since=(3, 3), root="customer"
    )
    customer: Customer


class CustomerUpdated(Push, kw_only=True):
    """Data of a customer changed; what did not is ``UNSET``. ``cart`` is a single one."""

    spec: ClassVar[PushSpec] = PushSpec("customer_updated", "customers", "customers")
    id: str
    type: str | UnsetType = UNSET
    name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    avatar: str | UnsetType | None = UNSET
    phone_number: str | UnsetType | None = UNSET
    session_fields: list[dict[str, str]] | UnsetType | None = UNSET
    omnichannel: OmnichannelPush | UnsetType | None = UNSET
    address: Address | UnsetType | None = UNSET
    cart: Cart | UnsetType | None = UNSET


class CustomerPageUpdated(Push, kw_only=True):
    """A customer opened another page."""

    spec: ClassVar[PushSpec] = PushSpec("customer_page_updated", "customers", "customers")
    customer_id: str
    visit_id: int
    opened_at: datetime
    url: str
    title: str

    def __post_init__(self) -> None:
        self.opened_at = in_utc(self.opened_at)


class CustomerStatisticsUpdated(Push, kw_only=True):
    """Counters of a customer changed."""

    spec: ClassVar[PushSpec] = PushSpec(
        "customer_statistics_updated", "customers", "customers", since=(3, 6)
    )
    customer_id: str
    statistics: CustomerStatistics


class BanLength(Model, kw_only=True):
    """How long a ban lasts, in days."""

    days: int


class CustomerBanned(Push, kw_only=True):
    """A customer was banned."""

    spec: ClassVar[PushSpec] = PushSpec("customer_banned", "customers", "customers")
    customer_id: str
    ban: BanLength


class TransferGroups(Model, kw_only=True):
    """The groups that a customer went to."""

    group_ids: list[int]


class CustomerTransferred(Push, kw_only=True):
    """A customer is no longer available to the agent; ``id`` is that of the customer."""

    spec: ClassVar[PushSpec] = PushSpec(
        "customer_transferred", "customers", "customers", since=(3, 3)
    )
    id: str
    transferred_to: TransferGroups
    followed: bool


class CustomerLeft(Push, kw_only=True):
    """A customer left the site; ``id`` is that of the customer."""

    spec: ClassVar[PushSpec] = PushSpec("customer_left", "customers", "customers", since=(3, 3))
    id: str
    left_at: datetime

    def __post_init__(self) -> None:
        self.left_at = in_utc(self.left_at)


class SubscribedCustomersTotalsUpdated(Push, kw_only=True):
    """A subscription has reached its limit: how many customers match, by id of subscription."""

    spec: ClassVar[PushSpec] = PushSpec(
        "subscribed_customers_totals_updated",
        "customers",
        "customers",
        since=(3, 6),
        root="totals",
    )
    totals: dict[str, int]


class TicketCreated(Push, kw_only=True):
    """A HelpDesk ticket of a tracked customer was created; ``silo`` is such as ``inbox``."""

    spec: ClassVar[PushSpec] = PushSpec("ticket_created", "customers", "customers", since=(3, 6))
    customer_id: str
    ticket_id: str
    silo: str
    created_at: datetime

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)


class TicketDeleted(Push, kw_only=True):
    """A HelpDesk ticket of a tracked customer was deleted."""

    spec: ClassVar[PushSpec] = PushSpec("ticket_deleted", "customers", "customers", since=(3, 6))
    customer_id: str
    ticket_id: str
