"""The list of all customers, as versions up to 3.5 have it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.actions import ListCustomers
from frontdesk.models import (
    Customer,
    CustomersFilters,
    CustomersPage,
    DateRangeFilter,
    IntegerFilter,
    RangeFilter,
    StringFilter,
)
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import GO_SDK, assumed, seen
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.paging import Cursor, PageIds, Place
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.world import World

__all__ = ["list_customers"]

COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "lt": lt,
    "lte": le,
    "gt": gt,
    "gte": ge,
    "eq": eq,
}
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@handles(
    ListCustomers,
    rules=(
        seen(
            "Request and response, since the docs of 3.4 and 3.5 leave parts open.",
            GO_SDK,
        ),
        assumed(
            "Texts match exactly, `country` matches the name or the code, and a customer "
            "without the compared value matches no range."
        ),
    ),
)
def list_customers(world: World, requester: Requester, action: ListCustomers) -> CustomersPage:
    """List the customers, as they are now, that were there when the first page was read."""
    ids = PageIds(world.store.company.license.organization_id)
    now, start = world.clock.peek(), 0
    if action.page_id is not UNSET:
        cursor = ids.read(action.page_id, action.spec.name, now)
        # With the time of the first page, customers that come later do not move the pages.
        now, start = cursor.issued_at, cursor.place.num
        action = msgspec.json.decode(cursor.request, type=ListCustomers)
    matching = [
        customer
        for customer in _all(world, requester)
        if to_micros(_created(customer)) <= now and _matches(customer, action.filters)
    ]
    matching.sort(key=_sort_key(action), reverse=action.sort_order != "asc")
    limit = 10 if action.limit is UNSET else action.limit

    def page_id(place: int) -> str:
        return ids.write(Cursor(action.spec.name, now, msgspec.json.encode(action), Place(place)))

    end = start + limit
    return CustomersPage(
        customers=matching[start:end],
        total_customers=len(matching),
        next_page_id=page_id(end) if end < len(matching) else None,
        previous_page_id=page_id(max(0, start - limit)) if start else None,
    )


def _all(world: World, requester: Requester) -> Iterator[Customer]:
    records = world.store.customers.page()
    while records:
        for record in records:
            yield customers.shown(world, requester, record)
        records = world.store.customers.page(after=records[-1].id)


def _created(customer: Customer) -> datetime:
    return customer.created_at or LONG_AGO


def _sort_key(action: ListCustomers) -> Callable[[Customer], Any]:
    order = "created_at" if action.sort_by is UNSET else action.sort_by

    def key(customer: Customer) -> tuple[Any, ...]:
        last = {
            "agent_last_event": customer.agent_last_event_created_at,
            "customer_last_event": customer.customer_last_event_created_at,
        }
        first: Any = 0
        if order in last:
            first = last[order] or LONG_AGO
        elif order in {"threads_count", "visits_count"}:
            first = _count(customer, order)
        return first, _created(customer), customer.id

    return key


def _count(customer: Customer, name: str) -> int:
    return getattr(customer.statistics, name, None) or 0


def _matches(customer: Customer, filters: CustomersFilters | UnsetType) -> bool:
    if filters is UNSET:
        return True
    visit = customer.visit
    place = visit.geolocation if visit else None
    countries = [place.country, place.country_code] if place else []
    return (
        _has(filters.country, countries)
        and _has(filters.email, [customer.email])
        and _has(filters.name, [customer.name])
        and _has(filters.customer_id, [customer.id])
        and _has(filters.chat_group_ids, customer.group_ids or [])
        and _within(filters.chats_count, _count(customer, "chats_count"))
        and _within(filters.threads_count, _count(customer, "threads_count"))
        and _within(filters.visits_count, _count(customer, "visits_count"))
        and _within(filters.created_at, customer.created_at)
        and _within(filters.agent_last_event_created_at, customer.agent_last_event_created_at)
        and _within(filters.customer_last_event_created_at, customer.customer_last_event_created_at)
        and (
            filters.include_customers_without_chats is not False
            or _count(customer, "chats_count") > 0
        )
    )


def _has(condition: StringFilter | IntegerFilter | UnsetType, held: list[Any]) -> bool:
    """Whether one of the values is listed, or none is excluded."""
    if condition is UNSET:
        return True
    if condition.values is not UNSET:
        return any(value in condition.values for value in held)
    excluded: list[Any] = [] if condition.exclude_values is UNSET else [*condition.exclude_values]
    return not any(value in excluded for value in held)


def _within(condition: RangeFilter | DateRangeFilter | UnsetType, value: Any) -> bool:
    if condition is UNSET:
        return True
    bounds = {name: getattr(condition, name) for name in COMPARISONS}
    return value is not None and all(
        COMPARISONS[name](value, bound) for name, bound in bounds.items() if bound is not UNSET
    )
