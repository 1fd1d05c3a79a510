"""Connections of customers: log-in, tabs, groups, limits, and their end."""

import pytest

from frontdesk.actions import BanCustomer, GetCustomer
from frontdesk.actions.customer import Login
from frontdesk.errors import (
    CustomerBanned,
    GroupNotFound,
    LimitReached,
    UsersLimitReached,
    ValidationError,
)
from frontdesk.models import (
    AutoAccessConditions,
    Ban,
    TextCondition,
    TextMatch,
)
from frontdesk.sandbox.store.records import AutoAccessRecord
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.people import customer_sessions, customers
from frontdesk.sandbox.world.properties import limits
from frontdesk.sandbox.world.routing import auto_access

from ..._desk import SMITH

SHOP = {"url": "https://shop.example/", "title": "Shop"}


def log_in(desk, customer_id, tab="tab-1", **login):
    actor = CustomerActor(customer_id, connection_id=tab)
    return desk.call(Login(token="Bearer dal:x", **login), by=actor)


def close(desk, tab="tab-1"):
    desk.unit(customer_sessions.close, tab)


def record(desk, customer_id):
    return desk.world.store.customers.read(customer_id)


def send_pages_to(desk, group_id, text):
    """Customers on pages whose address has a text belong to a group."""
    rule = AutoAccessRecord(
        id="rule",
        group_ids=[group_id],
        conditions=AutoAccessConditions(url=TextCondition(values=[TextMatch(value=text)])),
        description="",
    )
    desk.unit(lambda world: auto_access.replace_rules(world, [rule], None))


def test_a_customer_who_logs_in_is_on_the_website_until_the_connection_ends(desk):
    ann = desk.customer()
    desk.forget()
    log_in(desk, ann, customer_page=SHOP, referrer="https://search.example/")
    (arrived,) = desk.pushed("incoming_customer")
    assert (arrived.id, arrived.online, arrived.state) == (ann, True, "browsing")
    assert arrived.visit.referrer == "https://search.example/"
    assert [page.url for page in arrived.visit.last_pages] == [SHOP["url"]]
    close(desk)
    (left,) = desk.pushed("customer_left")
    assert left.id == ann
    assert not record(desk, ann).online


def test_a_customer_is_there_as_long_as_one_of_several_tabs_is(desk):
    ann = desk.customer()
    log_in(desk, ann, "tab-1", customer_page=SHOP)
    desk.forget()
    log_in(desk, ann, "tab-2", customer_page={"url": "https://shop.example/hats"})
    assert desk.pushed("incoming_customer") == []
    assert [page.url for page in desk.pushed("customer_page_updated")] == [
        "https://shop.example/hats"
    ]
    close(desk, "tab-1")
    assert desk.pushed("customer_left") == []
    close(desk, "tab-2")
    assert len(desk.pushed("customer_left")) == 1


def test_the_end_of_a_connection_that_was_never_logged_in_is_nothing(desk):
    ann = desk.visitor()
    desk.forget()
    close(desk, "tab-9")
    assert desk.names() == []
    assert record(desk, ann).online


def test_a_customer_without_a_page_is_online_and_no_page_is_counted(desk):
    ann = desk.customer()
    shown = log_in(desk, ann).customer
    assert (shown.statistics.visits_count, shown.statistics.page_views_count) == (1, 0)
    assert record(desk, ann).profile.visit.last_pages == []


def test_the_response_has_all_that_a_client_needs(desk):
    ann = desk.customer(email="ann@example.com")
    response = log_in(desk, ann, customer_page=SHOP)
    assert (response.customer.id, response.customer.name) == (ann, "Ann")
    assert response.customer.statistics.greetings_accepted_count == 0
    assert response.chats == []
    assert response.has_active_thread is False
    assert response.dynamic_config.customer_groups.monitoring.id == 0
    assert 0 in response.dynamic_config.online_groups_ids
    assert response.dynamic_config.organization_id == (
        desk.world.store.company.license.organization_id
    )


def test_without_anybody_there_no_group_is_named_as_online(desk):
    ann = desk.customer()
    desk.only()
    assert log_in(desk, ann).dynamic_config.online_groups_ids is None


def test_what_is_for_agents_alone_is_not_in_the_response(desk):
    ann = desk.visitor()
    shown = log_in(desk, ann).customer
    for name in ("visit", "group_ids", "state", "online", "followed", "carts", "created_at"):
        assert getattr(shown, name) is None, name


def test_the_response_tells_of_chats_and_what_is_unread_in_them(desk):
    desk.only(SMITH)
    ann = desk.visitor()
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    (chat,) = log_in(desk, ann).chats
    assert (chat.chat_id, chat.has_unread_events, chat.has_active_thread) == (chat_id, False, True)
    desk.write(chat_id)
    (chat,) = log_in(desk, ann, "tab-2").chats
    assert chat.has_unread_events


def test_details_are_kept_as_by_an_update(desk):
    ann = desk.customer("Ann")
    desk.forget()
    log_in(desk, ann, customer={"name": "Anna", "session_fields": [{"plan": "gold"}]})
    (update,) = desk.pushed("customer_updated")
    assert (update.name, update.session_fields) == ("Anna", [{"plan": "gold"}])
    assert desk.call(GetCustomer(id=ann)).name == "Anna"


def test_details_that_are_known_already_change_nothing(desk):
    ann = desk.customer("Ann", email="ann@example.com")
    desk.forget()
    log_in(desk, ann, customer={"name": "Ann", "email": "ann@example.com", "avatar": ""})
    assert desk.pushed("customer_updated") == []


def test_session_fields_end_with_the_session(desk):
    ann = desk.customer()
    log_in(desk, ann, customer={"session_fields": [{"plan": "gold"}]})
    close(desk)
    assert log_in(desk, ann).customer.session_fields is None


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ([{f"key{number}": "x"} for number in range(101)], LimitReached),
        ([{"a": "x", "b": "y"}], ValidationError),
        ([{}], ValidationError),
    ],
)
def test_session_fields_that_do_not_fit_are_refused_by_their_name(desk, fields, error):
    ann = desk.customer()
    with pytest.raises(error, match=r"customer\.session_fields"):
        log_in(desk, ann, customer={"session_fields": fields})
    assert desk.world.customer_sessions == {}
    assert not record(desk, ann).online


def test_a_banned_customer_does_not_get_in(desk):
    ann = desk.visitor()
    desk.call(BanCustomer(id=ann, ban=Ban(days=1)))
    with pytest.raises(CustomerBanned):
        log_in(desk, ann)
    desk.advance(days=2)
    assert log_in(desk, ann).customer.id == ann


def test_a_ban_ends_the_connections_that_the_customer_has(desk):
    ann, bob = desk.customer("Ann"), desk.customer("Bob")
    log_in(desk, ann)
    log_in(desk, bob, "tab-2")
    desk.call(BanCustomer(id=ann, ban=Ban(days=1)))
    ends = {tab: session.ends for tab, session in desk.world.customer_sessions.items()}
    assert ends == {"tab-1": "customer_banned", "tab-2": None}


def test_a_visit_in_which_nothing_happens_ends_the_connections(desk):
    desk.set_license("customer_timeout_after_min", 30)
    ann = desk.customer()
    log_in(desk, ann, customer_page=SHOP)
    session = desk.world.customer_sessions["tab-1"]
    desk.advance(minutes=29)
    assert session.ends is None
    desk.advance(minutes=2)
    assert session.ends == "inactivity_timeout"
    assert len(desk.pushed("customer_left")) == 1


def test_the_limit_counts_customers_and_not_their_tabs(desk):
    desk.set_license("monitored_customers.base", 1, namespace="limits")
    desk.set_license("monitored_customers.additional", 0, namespace="limits")
    ann, bob = desk.customer("Ann"), desk.customer("Bob")
    log_in(desk, ann, "tab-1")
    log_in(desk, ann, "tab-2")
    with pytest.raises(UsersLimitReached):
        log_in(desk, bob, "tab-3")
    close(desk, "tab-1")
    close(desk, "tab-2")
    assert log_in(desk, bob, "tab-3").customer.id == bob


def test_a_license_of_the_sandbox_has_room_for_load_tests(desk):
    assert limits.limit_of(desk.world, "monitored_customers") == 2000


def test_the_website_may_name_the_group(desk):
    ann = desk.customer()
    response = log_in(desk, ann, group_id=1)
    assert response.dynamic_config.customer_groups.monitoring.id == 1
    assert record(desk, ann).group_ids == [1]


def test_a_group_that_is_not_there_is_refused(desk):
    ann = desk.customer()
    with pytest.raises(GroupNotFound, match="group_id"):
        log_in(desk, ann, group_id=99)


def test_the_group_that_the_website_names_counts_until_a_rule_names_another(desk):
    send_pages_to(desk, 2, "/hats")
    ann = desk.customer()
    actor = CustomerActor(ann, connection_id="tab-1")
    log_in(desk, ann, group_id=1, customer_page=SHOP)

    def turn(url):
        desk.unit(
            lambda world: customers.visit(
                world, customers.find(world, actor.id), customers.PageView(url=url)
            )
        )
        return record(desk, ann).group_ids

    assert turn("https://shop.example/shoes") == [1]
    assert turn("https://shop.example/hats") == [2]
    assert turn("https://shop.example/shoes") == [1]


def test_the_group_of_a_visit_does_not_outlive_it(desk):
    ann = desk.customer()
    log_in(desk, ann, group_id=1)
    close(desk)
    assert log_in(desk, ann).dynamic_config.customer_groups.monitoring.id == 0


def test_a_connection_logs_in_once(desk):
    ann = desk.customer()
    log_in(desk, ann)
    with pytest.raises(ValidationError, match="already"):
        log_in(desk, ann)


def test_a_log_in_that_fails_leaves_nothing_behind(desk):
    ann = desk.customer()
    before = record(desk, ann)

    def fail(world):
        actor = CustomerActor(ann, connection_id="tab-1")
        customer_sessions.log_in(world, actor, Login(token="x", group_id=1))
        raise ValidationError("something later in the unit")

    with pytest.raises(ValidationError):
        desk.unit(fail)
    assert desk.world.customer_sessions == {}
    assert record(desk, ann) == before


def test_connections_that_are_lost_with_the_world_leave_nobody_on_the_website(desk):
    ann, bob = desk.customer("Ann"), desk.visitor("Bob")
    log_in(desk, ann)
    desk.unit(customer_sessions.end_lost)
    assert not record(desk, ann).online
    assert record(desk, bob).online
    assert desk.world.customer_sessions == {}
