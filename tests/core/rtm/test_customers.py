"""Subscriptions of customers: their ids over reconnects, as the user and the server know them."""

import pytest

from frontdesk.actions import ListChats, SubscribeCustomers, UnsubscribeCustomers
from frontdesk.core.rtm.customers import OF_CUSTOMERS, CustomerSubscriptions
from frontdesk.models import CustomersSubscription
from frontdesk.pushes import ChatDeleted, SubscribedCustomersTotalsUpdated

FIRST = SubscribeCustomers(group_ids=[1])
OTHER = SubscribeCustomers(group_ids=[2])


def response(subscription_id: str) -> CustomersSubscription:
    return CustomersSubscription(subscription_id=subscription_id, customers=[])


def end(subscription_id: str) -> UnsubscribeCustomers:
    return UnsubscribeCustomers(subscription_id=subscription_id)


@pytest.fixture
def customers() -> CustomerSubscriptions:
    """Two subscriptions, of which the server knows the first by another id by now."""
    made = CustomerSubscriptions()
    made.done(FIRST, response("first"))
    made.done(OTHER, response("other"))
    made.renewed("first", response("second"))
    return made


def test_what_begins_and_ends_a_subscription_concerns_it():
    assert {FIRST.spec.name, end("x").spec.name} == OF_CUSTOMERS


def test_subscriptions_are_asked_for_again_with_the_ids_that_they_got_first(
    customers: CustomerSubscriptions,
):
    assert customers.to_renew() == [("first", FIRST), ("other", OTHER)]
    customers.renewed("first", response("third"))
    assert customers.to_renew() == [("first", FIRST), ("other", OTHER)]
    assert customers.outgoing(end("first")) == end("third")


def test_ended_with_the_id_that_the_server_knows(customers: CustomerSubscriptions):
    assert customers.outgoing(end("first")) == end("second")
    for action in (end("other"), end("foreign"), end("second"), ListChats(), FIRST):
        assert customers.outgoing(action) is action


@pytest.mark.parametrize("known_as", ["first", "second"])
def test_ended_subscription_is_asked_for_no_more(customers: CustomerSubscriptions, known_as: str):
    customers.done(end(known_as), None)
    assert customers.to_renew() == [("other", OTHER)]
    assert len(customers) == 1
    customers.renewed("first", response("third"))  # came too late
    assert customers.outgoing(end("first")) == end("first")
    customers.done(end(known_as), None)
    customers.done(end("other"), None)
    assert len(customers) == 0


def test_other_calls_concern_no_subscription(customers: CustomerSubscriptions):
    customers.done(ListChats(), response("x"))
    customers.done(OTHER, None)
    assert len(customers) == 2


def test_totals_have_the_ids_that_the_user_knows(customers: CustomerSubscriptions):
    push = SubscribedCustomersTotalsUpdated(totals={"second": 3, "other": 1, "foreign": 2})
    assert customers.incoming(push) == SubscribedCustomersTotalsUpdated(
        totals={"first": 3, "other": 1, "foreign": 2}
    )
    assert push.totals == {"second": 3, "other": 1, "foreign": 2}
    deleted = ChatDeleted(chat_id="A")
    assert customers.incoming(deleted) is deleted
    assert CustomerSubscriptions().incoming(push) is push
