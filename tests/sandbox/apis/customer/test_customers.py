"""What customers say of themselves, and the pages that they open."""

import pytest

from frontdesk.actions import BanCustomer
from frontdesk.actions.customer import (
    GetCustomer,
    RequestEmailVerification,
    SetCustomerSessionFields,
    UpdateCustomer,
    UpdateCustomerPage,
)
from frontdesk.errors import CustomerBanned, ValidationError
from frontdesk.models import AutoAccessConditions, Ban, TextCondition, TextMatch
from frontdesk.sandbox.store.records import AutoAccessRecord
from frontdesk.sandbox.world.people import customers, email_verification
from frontdesk.sandbox.world.routing import auto_access

from ..._desk import SMITH
from ..._website import SHOP, Tab, visitor


def send_pages_to(desk, group_id, text):
    rule = AutoAccessRecord(
        id="rule",
        group_ids=[group_id],
        conditions=AutoAccessConditions(url=TextCondition(values=[TextMatch(value=text)])),
        description="",
    )
    desk.unit(lambda world: auto_access.replace_rules(world, [rule], None))


def test_customers_see_their_profile_and_statistics(desk):
    ann = visitor(desk)
    shown = ann.call(GetCustomer())
    assert (shown.id, shown.name, shown.email) == (ann.id, "Ann", None)
    assert (shown.statistics.visits_count, shown.statistics.page_views_count) == (1, 1)
    assert shown.statistics.greetings_accepted_count == 0


def test_customers_do_not_see_what_agents_know_of_them(desk):
    ann = visitor(desk)
    shown = ann.call(GetCustomer())
    for name in ("visit", "created_at", "online", "group_ids", "state", "chat_ids", "tickets"):
        assert getattr(shown, name) is None, name


def test_an_update_is_pushed_to_agents_and_to_all_tabs_of_the_customer(desk):
    ann = visitor(desk)
    ann.call(UpdateCustomer(name="Anna", address={"city": "Berlin"}))
    (for_agents,) = desk.pushed("customer_updated")
    assert for_agents.name == "Anna"
    (own,) = ann.got("customer_updated")
    assert (own.id, own.name, own.address.city) == (ann.id, "Anna", "Berlin")
    assert ann.call(GetCustomer()).address.city == "Berlin"


def test_only_what_changed_is_pushed(desk):
    ann = visitor(desk)
    ann.call(UpdateCustomer(avatar="https://shop.example/ann.png"))
    (effect,) = [effect for effect in desk.heard if effect.customer_push == "customer_updated"]
    assert effect.json == (
        b'{"id":"%s","type":"customer","avatar":"https://shop.example/ann.png"}' % ann.id.encode()
    )


def test_nobody_else_gets_to_know_of_an_update(desk):
    ann, bob = visitor(desk), visitor(desk, "Bob", "tab-2")
    ann.call(UpdateCustomer(name="Anna"))
    assert bob.got("customer_updated") == []
    assert bob.call(GetCustomer()).name == "Bob"


def test_what_is_emptied_is_gone(desk):
    ann = visitor(desk, customer={"email": "ann@example.com"})
    ann.call(UpdateCustomer(email=""))
    shown = ann.call(GetCustomer())
    assert (shown.email, shown.email_verified) == (None, None)


def test_a_new_address_is_not_verified_and_the_same_one_stays_so(desk):
    ann = visitor(desk, customer={"email": "ann@example.com"})
    ann.call(RequestEmailVerification(callback_uri="https://shop.example/verified"))
    desk.unit(lambda world: email_verification.verify(world, customers.find(world, ann.id)))
    ann.call(UpdateCustomer(email="ann@example.com"))
    assert ann.call(GetCustomer()).email_verified is True
    ann.call(UpdateCustomer(email="other@example.com"))
    assert ann.call(GetCustomer()).email_verified is False


def test_an_update_of_an_agent_reaches_the_customer(desk):
    from frontdesk.actions import UpdateCustomer as UpdateByAgent

    ann = visitor(desk)
    desk.call(UpdateByAgent(id=ann.id, name="Anna"))
    assert [push.name for push in ann.got("customer_updated")] == ["Anna"]


def test_a_name_change_is_written_into_the_active_chat(desk):
    desk.only(SMITH)
    ann = visitor(desk)
    desk.say(ann.id)
    ann.call(UpdateCustomer(name="Anna"))
    assert desk.system_messages(desk.chat_of(ann.id))[-1] == "customer_updated"


def test_session_fields_are_kept_in_their_order_and_pushed(desk):
    ann = visitor(desk)
    fields = [{"z": "1"}, {"a": "2"}]
    ann.call(SetCustomerSessionFields(session_fields=fields))
    assert ann.call(GetCustomer()).session_fields == fields
    assert ann.got("customer_updated")[0].session_fields == fields


def test_session_fields_are_sent_to_webhooks_once_for_each_active_chat(desk):
    ann = visitor(desk)
    ann.call(SetCustomerSessionFields(session_fields=[{"a": "1"}]))
    assert desk.effects("customer_session_fields_updated") == []
    desk.say(ann.id)
    ann.call(SetCustomerSessionFields(session_fields=[{"a": "2"}]))
    (effect,) = desk.effects("customer_session_fields_updated")
    assert effect.payload["active_chat"]["chat_id"] == desk.chat_of(ann.id)


@pytest.mark.parametrize("fields", [[{"a": "x", "b": "y"}], [{}]])
@pytest.mark.parametrize("action", [SetCustomerSessionFields, UpdateCustomer])
def test_each_session_field_has_one_key(desk, action, fields):
    ann = visitor(desk)
    with pytest.raises(ValidationError, match=r"session_fields\[0\]"):
        ann.call(action(session_fields=fields))


def test_a_page_is_pushed_to_agents(desk):
    ann = visitor(desk)
    response = ann.call(UpdateCustomerPage(url="https://shop.example/hats", title="Hats"))
    assert response.groups is None
    (page,) = desk.pushed("customer_page_updated")
    assert (page.customer_id, page.url, page.title) == (
        ann.id,
        "https://shop.example/hats",
        "Hats",
    )


def test_a_page_that_changes_the_group_is_responded_to_with_the_new_one(desk):
    send_pages_to(desk, 2, "/hats")
    ann = visitor(desk)
    (group,) = ann.call(UpdateCustomerPage(url="https://shop.example/hats")).groups
    assert group.id == 2
    assert group.status in {"online", "online_for_queue", "offline"}
    assert ann.call(UpdateCustomerPage(url="https://shop.example/hats?2")).groups is None
    assert [group.id for group in ann.call(UpdateCustomerPage(url=SHOP)).groups] == [0]


def test_a_page_needs_a_log_in(desk):
    ann = Tab(desk, desk.visitor())
    with pytest.raises(ValidationError, match="not logged in"):
        ann.call(UpdateCustomerPage(url=SHOP))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://[broken", "x" * 5000, "\x00", "https://ü.example/ 😀"]
)
def test_any_text_is_taken_as_the_page_that_a_browser_shows(desk, url):
    ann = visitor(desk)
    ann.call(UpdateCustomerPage(url=url))
    assert ann.record.profile.visit.last_pages[-1].url == url


@pytest.mark.parametrize(
    "action",
    [
        UpdateCustomer(name="Anna"),
        SetCustomerSessionFields(session_fields=[{"a": "b"}]),
        UpdateCustomerPage(url=SHOP),
    ],
)
def test_banned_customers_change_nothing(desk, action):
    ann = visitor(desk)
    desk.call(BanCustomer(id=ann.id, ban=Ban(days=1)))
    before = ann.record
    with pytest.raises(CustomerBanned):
        ann.call(action)
    assert ann.record == before
