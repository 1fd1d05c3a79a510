"""The log-in of customers as a call; what it does in the world is tested there."""

import pytest

from frontdesk.actions.customer import Login
from frontdesk.errors import AuthorizationError, CustomerBanned
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.people import bans

from ..._website import Tab


def test_a_log_in_is_for_connections(desk):
    actor = CustomerActor(desk.customer())
    with pytest.raises(AuthorizationError, match="RTM"):
        desk.call(Login(token="Bearer dal:x"), by=actor)


def test_what_the_client_wants_is_kept_for_the_connection(desk):
    ann = Tab(desk, desk.customer())
    ann.log_in(pushes={"3.6": ["incoming_chat"]}, customer_side_storage={"visits": "1"}, group_id=1)
    session = desk.world.customer_sessions["tab-1"]
    assert session.customer.id == ann.id
    assert session.pushes == {"3.6": ["incoming_chat"]}
    assert session.group_id == 1


def test_a_client_keeps_for_the_server_how_many_visits_there_were(desk):
    ann = Tab(desk, desk.customer())
    ann.log_in(customer_side_storage={"mine": "stays"})
    (push,) = ann.got("customer_side_storage_updated")
    assert push.customer_side_storage == {"mine": "stays", "customer_visits": "1"}
    desk.forget()
    Tab(desk, ann.id, "tab-2").log_in(customer_side_storage=push.customer_side_storage)
    assert ann.got("customer_side_storage_updated") == []


def test_a_client_that_keeps_nothing_is_not_asked_to(desk):
    ann = Tab(desk, desk.customer())
    ann.log_in()
    assert ann.got("customer_side_storage_updated") == []


def test_the_paths_of_the_configuration_name_the_group(desk):
    ann = Tab(desk, desk.customer())
    group = ann.log_in(group_id=1).dynamic_config.customer_groups.monitoring
    assert group.id == 1
    assert group.static_config_url.startswith("/v3.6/customer/action/get_configuration?")
    assert "group_id=1" in group.language_config_url
    assert "language=en" in group.language_config_url


def test_the_visit_knows_the_browser_that_the_connection_comes_from(desk):
    customer_id = desk.customer()
    actor = CustomerActor(
        customer_id, connection_id="tab-1", ip="203.0.113.7", user_agent="Browser/1.0"
    )
    desk.call(Login(token="Bearer dal:x"), by=actor)
    visit = desk.world.store.customers.read(customer_id).profile.visit
    assert (visit.ip, visit.user_agent) == ("203.0.113.7", "Browser/1.0")


def test_whoever_comes_from_a_banned_address_does_not_get_in(desk):
    desk.unit(lambda world: bans.ban_for_seconds(world, 60, None, ip="203.0.113.7"))
    customer_id = desk.customer()
    actor = CustomerActor(customer_id, connection_id="tab-1", ip="203.0.113.7")
    with pytest.raises(CustomerBanned):
        desk.call(Login(token="Bearer dal:x"), by=actor)
    assert desk.world.customer_sessions == {}
