"""Visits of customers over real connections: how they begin, what follows, and how they end."""

import pytest

from frontdesk.models import Ban

from ..._rtm_line import Refused, customer_token

SHOP = {"url": "https://shop.example/shop", "title": "Shop"}


def record(sandbox, customer_id):
    return sandbox.backend.work(lambda world: world.store.customers.read(customer_id))


def test_agents_see_a_customer_arrive_and_leave(dial, dial_customer):
    agent = dial("owner", customer_monitoring_level="online")
    customer = dial_customer(customer_page=SHOP)
    arrived = agent.push("incoming_customer")["payload"]
    while arrived["id"] != customer.customer_id or not arrived["online"]:
        arrived = agent.push("incoming_customer")["payload"]
    visit = arrived["visit"]
    assert visit["last_pages"][0]["url"] == SHOP["url"]
    assert visit["ip"] == "127.0.0.1"
    assert "websockets" in visit["user_agent"]
    customer.close()
    assert agent.push("customer_left")["payload"]["id"] == customer.customer_id


def test_the_other_tabs_of_a_customer_get_what_one_of_them_does(dial_customer):
    first = dial_customer(customer_page=SHOP)
    second = dial_customer(first.customer_id)
    first.call("update_customer", name="Anna")
    assert second.push("customer_updated")["payload"]["name"] == "Anna"
    stranger = dial_customer()
    first.call("update_customer", name="Annabel")
    second.push("customer_updated")
    assert "customer_updated" not in stranger.names()


def test_a_greeting_of_the_page_comes_by_itself_and_is_closed_in_all_tabs(served, dial_customer):
    customer = dial_customer(group_id=2, customer_page=SHOP)
    greeting = customer.push("incoming_greeting")["payload"]
    assert greeting["event"]["type"] == "message"
    other = dial_customer(customer.customer_id)
    assert other.login["greeting"]["unique_id"] == greeting["unique_id"]
    other.call("cancel_greeting", unique_id=greeting["unique_id"])
    canceled = customer.push("greeting_canceled")["payload"]
    assert canceled == {"unique_id": greeting["unique_id"]}


def test_a_ban_ends_the_connection_and_keeps_the_customer_out(served, dial_customer):
    customer = dial_customer()
    token = customer_token(served, customer.customer_id)
    served.client("owner").ban_customer(id=customer.customer_id, ban=Ban(days=1))
    assert customer.ended()[0] == "customer_banned"
    with pytest.raises(Refused) as refused:
        dial_customer(customer.customer_id, token=token)
    assert refused.value.type == "customer_banned"


def test_a_visit_that_ends_by_itself_ends_the_connection(served, dial_customer):
    served.set_properties({"chats": {"customer_timeout_after_min": 5}})
    customer = dial_customer(customer_page=SHOP)
    served.advance(6 * 60)
    assert customer.ended()[0] == "inactivity_timeout"


@pytest.mark.parametrize("how", ["restore", "reset"])
def test_after_another_world_nobody_is_left_on_the_website(served, dial_customer, how):
    customer = dial_customer(customer_page=SHOP)
    assert record(served, customer.customer_id).online
    if how == "restore":
        served.restore(served.snapshot())
        assert not record(served, customer.customer_id).online
    else:
        served.reset()
    customer.ended()
    assert served.backend.world.customer_sessions == {}
    again = dial_customer()
    assert again.login["customer"]["id"] == again.customer_id


def test_those_who_cannot_log_in_leave_nothing(served, dial_customer):
    for options, error in (
        ({"group_id": 99}, "group_not_found"),
        ({"group_id": "1"}, "validation"),
    ):
        with pytest.raises(Refused) as refused:
            dial_customer(**options)
        assert refused.value.type == error
        assert "group_id" in refused.value.message
    assert served.backend.world.customer_sessions == {}
