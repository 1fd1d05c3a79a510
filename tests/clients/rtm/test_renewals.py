"""Subscriptions of customers end with their connection, and are made again on the next one."""

import logging
from typing import Any

import pytest

from frontdesk.actions import SubscribeCustomers, UnsubscribeCustomers
from frontdesk.pushes import SubscribedCustomersTotalsUpdated

from ...core.rtm.recovery._line import TRANSIENT, PlayedRTM, started
from ._server import refusing, silent

CUSTOMERS = SubscribeCustomers(limit=5)


def subscribed(rtm: PlayedRTM, *ids: str) -> None:
    """Subscribe, with these ids from the server."""
    for subscription_id in ids:
        rtm.subscribe(CUSTOMERS, {"subscription_id": subscription_id, "customers": []})


def totals(rtm: PlayedRTM, **counts: int) -> dict[str, int]:
    rtm.line.push("subscribed_customers_totals_updated", counts)
    push = rtm.got(SubscribedCustomersTotalsUpdated)[-1]
    return dict(push.totals)


def giving(*ids: str) -> Any:
    """A response that gives these ids, one after the other."""
    left = list(ids)
    return lambda _: {"subscription_id": left.pop(0), "customers": []}


def test_subscriptions_of_customers_are_renewed_at_each_reconnect():
    rtm = started()
    line = rtm.line
    subscribed(rtm, "first", "second")
    line.responses["subscribe_customers"] = giving("1a", "2a", "1b", "2b")
    for number, (one, two) in enumerate((("1a", "2a"), ("1b", "2b")), start=1):
        line.cut()
        line.wait(10)
        assert len(line.times("subscribe_customers")) == 2 * number
        assert totals(rtm, **{one: 3, two: 4}) == {"first": 3, "second": 4}
    sent = [frame["payload"] for _, frame in line.requests if "subscribe_c" in frame["action"]]
    assert sent == [{"limit": 5}] * 4
    # The user ends it by the id that he was given.
    line.responses["unsubscribe_customers"] = lambda _: {}
    rtm.ask(UnsubscribeCustomers(subscription_id="second"))
    assert line.requests[-1][1]["payload"] == {"subscription_id": "2b"}


def test_subscription_that_was_ended_is_not_renewed():
    rtm = started()
    line = rtm.line
    subscribed(rtm, "first", "second")
    line.responses["subscribe_customers"] = giving("1a", "2a", "2b")
    line.cut()
    line.wait(10)
    line.recovering.customers.done(UnsubscribeCustomers(subscription_id="first"), None)
    line.cut()
    line.wait(10)
    assert len(line.times("subscribe_customers")) == 3
    assert totals(rtm, **{"2b": 1}) == {"second": 1}
    assert len(line.recovering.customers) == 1


@pytest.mark.parametrize("error", TRANSIENT)
def test_renewal_that_fails_for_now_is_made_again(error: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING)
    rtm = started()
    line = rtm.line
    subscribed(rtm, "first", "second")
    line.responses["subscribe_customers"] = refusing(error)
    line.cut()
    line.wait(5)
    assert line.times("subscribe_customers") == [1.0, 1.0, 2.0, 2.0, 4.0, 4.0]
    assert "was not renewed" in caplog.text
    line.responses["subscribe_customers"] = giving("1a", "2a")
    line.wait(60)
    assert line.times("subscribe_customers") == [1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0, 8.0]
    assert totals(rtm, **{"1a": 3, "2a": 4}) == {"first": 3, "second": 4}


def test_renewal_that_gets_no_response_is_made_again():
    rtm = started(timeout=5.0)
    line = rtm.line
    subscribed(rtm, "first")
    line.responses["subscribe_customers"] = silent
    line.cut()
    line.wait(2)
    line.responses["subscribe_customers"] = giving("1a")
    line.wait(30)
    assert line.times("subscribe_customers") == [1.0, 7.0]
    assert totals(rtm, **{"1a": 3}) == {"first": 3}


def test_subscription_that_is_ended_before_its_renewal_succeeds_is_not_made_again():
    rtm = started()
    line = rtm.line
    subscribed(rtm, "first", "second")
    line.responses["subscribe_customers"] = refusing("internal")
    line.cut()
    line.wait(1.5)
    line.recovering.customers.done(UnsubscribeCustomers(subscription_id="first"), None)
    line.responses["subscribe_customers"] = giving("2a")
    line.wait(30)
    assert line.times("subscribe_customers") == [1.0, 1.0, 2.0]
    assert totals(rtm, **{"2a": 4}) == {"second": 4}


def test_subscription_that_the_server_refuses_is_forgotten(caplog: pytest.LogCaptureFixture):
    rtm = started()
    line = rtm.line
    subscribed(rtm, "first")
    line.responses["subscribe_customers"] = refusing("authorization", "no longer yours")
    for _ in range(2):
        line.cut()
        line.wait(60)
    assert line.times("subscribe_customers") == [1.0]
    assert "no longer yours" in caplog.text
    assert len(line.recovering.customers) == 0
