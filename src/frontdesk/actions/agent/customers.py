"""Customers: read, update, ban, subscribe, follow."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta

from frontdesk.actions.paging import MAX_PAGE, PageId, PageLimit, SortOrder, alone
from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    Address,
    Ban,
    CreatedCustomer,
    Customer,
    CustomersFilters,
    CustomersPage,
    CustomersSubscription,
    OmnichannelRequest,
)
from frontdesk.spec.actions import Action, Paging, Spec, any_of, no_scope
from frontdesk.spec.checks import Id, given
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe, MaybeFrom

__all__ = [
    "BanCustomer",
    "CreateCustomer",
    "FollowCustomer",
    "GetCustomer",
    "ListCustomers",
    "SubscribeCustomers",
    "UnfollowCustomer",
    "UnsubscribeCustomers",
    "UpdateCustomer",
]

CustomersOrder = Literal[
    "created_at", "threads_count", "visits_count", "agent_last_event", "customer_last_event"
]
READ = any_of("customers:ro")
WRITE = any_of("customers:rw")
UUID4 = re.compile(
    "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
)
E164 = re.compile(r"^\+[1-9][0-9]{1,14}$")


def check_phone_number(number: object) -> None:
    """Refuse a phone number that is neither in E.164 form nor empty."""
    if isinstance(number, str) and number and not E164.fullmatch(number):
        raise InvalidArgument("phone_number", "must look like +48123456789 (E.164), or be empty")


SessionFields = Annotated[
    list[dict[str, str]],
    Meta(description="Each item one key and its value; the order is kept."),
]


class GetCustomer(Action[Customer], frozen=True, kw_only=True):
    """Get a customer."""

    spec: ClassVar[Spec] = Spec(
        name="get_customer",
        errors=("NotFound",),
        group="customers",
        returns=Customer,
        scopes=READ,
        repeatable=True,
    )
    id: Annotated[Id, Meta(description="The customer to get.")]


class UpdateCustomer(Action[None], frozen=True, kw_only=True):
    """Change a customer; at least one field besides `id` is needed."""

    spec: ClassVar[Spec] = Spec(
        name="update_customer",
        errors=("NotFound",),
        group="customers",
        scopes=WRITE,
        repeatable=True,
        push=("customer_updated",),
        webhook=("customer_session_fields_updated",),
    )
    id: Annotated[
        str,
        Meta(
            description="The customer to change; a UUID of version 4.",
            extra_json_schema={"pattern": UUID4.pattern},
        ),
    ]
    name: Annotated[Maybe[str], Meta(description="New name.")] = NOT_SENT
    email: Annotated[Maybe[str], Meta(description="New e-mail address.")] = NOT_SENT
    avatar: Annotated[Maybe[str], Meta(description="URL of the new avatar.")] = NOT_SENT
    phone_number: Annotated[
        Maybe[str],
        Meta(
            description="New phone number in E.164 form, or an empty text to remove it; since 3.6.",
            extra_json_schema={"pattern": f"{E164.pattern}|^$"},
        ),
    ] = NOT_SENT
    session_fields: Annotated[
        MaybeFrom[SessionFields, Sequence[Mapping[str, str]]],
        Meta(description="New session fields, each item one key and its value; order is kept."),
    ] = NOT_SENT
    omnichannel: Annotated[
        MaybeFrom[OmnichannelRequest, OmnichannelRequest | Dict],
        Meta(description="Identities on Facebook Messenger and Twilio; since 3.6."),
    ] = NOT_SENT
    address: Annotated[
        MaybeFrom[Address, Address | Dict], Meta(description="New address; since 3.6.")
    ] = NOT_SENT

    def _rules(self) -> None:
        if not UUID4.fullmatch(self.id):
            raise InvalidArgument("id", "must be a UUID of version 4")
        check_phone_number(self.phone_number)
        values = {name: getattr(self, name) for name in self.__struct_fields__ if name != "id"}
        if not given(**values):
            raise InvalidArgument("", f"give at least one of {', '.join(sorted(values))}")


class BanCustomer(Action[None], frozen=True, kw_only=True):
    """Ban a customer: ends the sessions at once and archives an active chat."""

    spec: ClassVar[Spec] = Spec(
        name="ban_customer",
        errors=("NotFound", "LimitReached"),
        group="customers",
        scopes=any_of("customers.ban:rw"),
        repeatable=True,
        push=("customer_banned",),
    )
    id: Annotated[Id, Meta(description="The customer to ban.")]
    ban: Annotated[From[Ban, Ban | Dict], Meta(description="For how many days.")]


class CreateCustomer(Action[CreatedCustomer], frozen=True, kw_only=True):
    """Create a customer; versions 3.0 to 3.5 only."""

    spec: ClassVar[Spec] = Spec(
        name="create_customer",
        group="customers",
        returns=CreatedCustomer,
        scopes=WRITE,
        until=(3, 5),
        webhook=("incoming_customer",),
    )
    name: Annotated[Maybe[str], Meta(description="Name.")] = NOT_SENT
    email: Annotated[Maybe[str], Meta(description="E-mail address.")] = NOT_SENT
    avatar: Annotated[Maybe[str], Meta(description="URL of the avatar.")] = NOT_SENT
    session_fields: Annotated[
        MaybeFrom[SessionFields, Sequence[Mapping[str, str]]],
        Meta(description="Session fields, each item one key and its value; the order is kept."),
    ] = NOT_SENT


CUSTOMERS_PAGES: Final = Paging(
    items="customers", found="total_customers", default=10, maximum=MAX_PAGE
)


class ListCustomers(Action[CustomersPage], frozen=True, kw_only=True):
    """List customers; versions 3.2 to 3.5 only."""

    spec: ClassVar[Spec] = Spec(
        name="list_customers",
        group="customers",
        returns=CustomersPage,
        scopes=READ,
        repeatable=True,
        since=(3, 2),
        until=(3, 5),
        replaced_by="`subscribe_customers` over RTM for the customers on the website, or "
        "`list_archives` with `filters.customer_email` and `get_customer`",
        page=CUSTOMERS_PAGES,
    )
    filters: Annotated[
        MaybeFrom[CustomersFilters, CustomersFilters | Dict],
        Meta(
            description="Which customers to list; the server remembers it for the following pages."
        ),
    ] = NOT_SENT
    page_id: Annotated[
        Maybe[PageId],
        Meta(
            description="`next_page_id` or `previous_page_id` of an earlier page; excludes every "
            "other argument."
        ),
    ] = NOT_SENT
    sort_order: Annotated[
        Maybe[SortOrder], Meta(description="`desc` or `asc`; defaults to `desc`.")
    ] = NOT_SENT
    sort_by: Annotated[
        Maybe[CustomersOrder],
        Meta(
            description="What to sort by; equal values are sorted by their creation. Defaults to "
            "`created_at`."
        ),
    ] = NOT_SENT
    limit: Annotated[
        Maybe[PageLimit],
        Meta(description=f"Customers a page, {CUSTOMERS_PAGES.limits}."),
    ] = NOT_SENT

    def _rules(self) -> None:
        alone(
            "page_id",
            self.page_id,
            filters=self.filters,
            sort_order=self.sort_order,
            sort_by=self.sort_by,
            limit=self.limit,
        )


class FollowCustomer(Action[None], frozen=True, kw_only=True):
    """Follow a customer: the requester gets pushes of all that changes.

    In LiveChat's docs from 3.3 on until January 2026; whether servers still have it is not known.
    """

    spec: ClassVar[Spec] = Spec(
        name="follow_customer",
        errors=("NotFound",),
        group="customers",
        scopes=READ,
        repeatable=True,
        since=(3, 3),
        documented=False,
        push=("incoming_customer",),
    )
    id: Annotated[Id, Meta(description="The customer to follow.")]


class UnfollowCustomer(Action[None], frozen=True, kw_only=True):
    """Stop following a customer; documented as long as `follow_customer`."""

    spec: ClassVar[Spec] = Spec(
        name="unfollow_customer",
        errors=("NotFound",),
        group="customers",
        scopes=no_scope,
        repeatable=True,
        since=(3, 3),
        documented=False,
        push=("customer_unfollowed",),
    )
    id: Annotated[Id, Meta(description="The customer to stop following.")]


class SubscribeCustomers(Action[CustomersSubscription], frozen=True, kw_only=True):
    """Get the pushes of customers on this RTM connection."""

    spec: ClassVar[Spec] = Spec(
        name="subscribe_customers",
        group="customers",
        returns=CustomersSubscription,
        scopes=READ,
        transports=("rtm",),
        since=(3, 6),
        push=(
            "subscribed_customers_totals_updated",
            "incoming_customer",
            "customer_updated",
            "customer_page_updated",
            "customer_statistics_updated",
            "customer_left",
            "ticket_created",
            "ticket_deleted",
        ),
    )
    group_ids: Annotated[
        MaybeFrom[list[int], Sequence[int]], Meta(description="Only customers of these groups.")
    ] = NOT_SENT
    limit: Annotated[
        Maybe[Annotated[int, Meta(ge=1)]],
        Meta(description="How many customers to follow; beyond it only the total is pushed."),
    ] = NOT_SENT


class UnsubscribeCustomers(Action[None], frozen=True, kw_only=True):
    """End a subscription of customers."""

    spec: ClassVar[Spec] = Spec(
        name="unsubscribe_customers",
        errors=("NotFound",),
        group="customers",
        scopes=READ,
        transports=("rtm",),
        repeatable=True,
        since=(3, 6),
    )
    subscription_id: Annotated[Id, Meta(description="The `subscription_id` to end.")]
