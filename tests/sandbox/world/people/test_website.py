"""Pages of customers who are connected, and the greetings that follow by themselves."""

import pytest

from frontdesk.actions import CreateGreeting, DeleteGreeting
from frontdesk.actions.customer import SetCustomerSessionFields, UpdateCustomerPage
from frontdesk.models import NewGreetingProperties, NewGreetingRule
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import SMITH
from ..._website import Tab, visitor

HATS = "https://shop.example/hats"


@pytest.fixture(autouse=True)
def no_greetings(desk):
    """None but those that a test makes."""
    for group in desk.world.store.company.groups.values():
        for greeting in list(group.greetings):
            desk.call(DeleteGreeting(id=greeting.id))


def make(desk, kind="url_current", value="/hats", operator="contains", text="Hello", **more):
    rule = NewGreetingRule(condition="and", type=kind, value=value, operator=operator)
    return desk.call(
        CreateGreeting(
            type=more.pop("type", "normal"),
            active=more.pop("active", True),
            name=text,
            group=more.pop("group", 0),
            rules=more.pop("rules", [rule]),
            properties=NewGreetingProperties(message_text=text),
            **more,
        )
    ).id


def turn(tab, url=HATS):
    return tab.call(UpdateCustomerPage(url=url))


def texts(tab):
    return [push.event.text for push in tab.got("incoming_greeting")]


def test_a_greeting_is_shown_on_its_page(desk):
    greeting_id = make(desk)
    ann = visitor(desk)
    turn(ann)
    (greeting,) = ann.got("incoming_greeting")
    assert (greeting.id, greeting.displayed_first_time) == (greeting_id, True)
    assert greeting.is_exit_intent is False
    assert greeting.event.author_id == greeting.agent.id
    assert ann.record.profile.statistics.greetings_shown_count == 1


def test_a_greeting_comes_after_the_log_in_too_and_is_not_in_the_response_to_it(desk):
    make(desk)
    ann = Tab(desk, desk.customer())
    assert ann.log_in(HATS).greeting is None
    assert texts(ann) == ["Hello"]


def test_a_greeting_that_waits_is_repeated_in_the_response_to_a_log_in(desk):
    make(desk)
    ann = visitor(desk, url=HATS)
    shown = Tab(desk, ann.id, "tab-2").log_in(None).greeting
    assert shown.unique_id == ann.record.greeting.unique_id
    assert (shown.accepted, shown.event.text) == (False, "Hello")
    assert shown.agent.id


def test_the_repeated_greeting_has_the_same_event(desk):
    make(desk)
    ann = visitor(desk)
    turn(ann)
    (pushed,) = ann.got("incoming_greeting")
    repeated = Tab(desk, ann.id, "tab-2").log_in(None).greeting
    assert (repeated.event.id, repeated.event.created_at) == (
        pushed.event.id,
        pushed.event.created_at,
    )


def test_a_newer_greeting_cancels_the_one_that_is_shown(desk):
    make(desk)
    make(desk, value="/shoes", text="Shoes")
    ann = visitor(desk, url=HATS)
    before = ann.record.greeting.unique_id
    turn(ann, "https://shop.example/shoes")
    assert [push.unique_id for push in ann.got("greeting_canceled")] == [before]
    assert texts(ann) == ["Shoes"]


def test_a_greeting_is_shown_once_a_visit(desk):
    make(desk)
    ann = visitor(desk, url=HATS)
    turn(ann)
    assert texts(ann) == []
    ann.close()
    ann.log_in(HATS)
    (again,) = ann.got("incoming_greeting")
    assert again.displayed_first_time is False


def test_of_several_greetings_the_oldest_is_shown(desk):
    make(desk, text="First")
    make(desk, text="Second")
    ann = visitor(desk)
    turn(ann)
    assert texts(ann) == ["First"]


def test_time_on_the_page_shows_a_greeting(desk):
    make(desk, "visit_time_page", "30", "greater_or_equal")
    ann = visitor(desk)
    desk.advance(seconds=29)
    assert texts(ann) == []
    desk.advance(seconds=2)
    assert texts(ann) == ["Hello"]


def test_time_on_another_page_begins_anew(desk):
    make(desk, "visit_time_page", "30", "greater_or_equal")
    ann = visitor(desk)
    desk.advance(seconds=20)
    turn(ann)
    desk.advance(seconds=20)
    assert texts(ann) == []
    desk.advance(seconds=11)
    assert texts(ann) == ["Hello"]


def test_nobody_is_greeted_who_has_left_meanwhile(desk):
    make(desk, "visit_time_site", "30", "greater_or_equal")
    ann = visitor(desk)
    ann.close()
    desk.advance(seconds=60)
    assert texts(ann) == []
    assert ann.record.greeting is None


def test_session_fields_show_a_greeting(desk):
    rule = NewGreetingRule(condition="and", type="custom_variable", session_field={"plan": "gold"})
    make(desk, rules=[rule])
    ann = visitor(desk)
    ann.call(SetCustomerSessionFields(session_fields=[{"plan": "gold"}]))
    assert texts(ann) == ["Hello"]


def test_greetings_are_those_of_the_customers_group(desk):
    make(desk, group=1, text="One")
    make(desk, group=2, text="Two")
    ann = visitor(desk, group_id=2)
    turn(ann)
    assert texts(ann) == ["Two"]


def test_who_chats_is_not_greeted(desk):
    make(desk)
    ann = visitor(desk)
    desk.unit(customer_actions.say, ann.id, "hello")
    turn(ann)
    assert texts(ann) == []


def test_what_no_customer_would_see_is_not_shown(desk):
    make(desk, active=False)
    ann = visitor(desk)
    turn(ann)
    assert texts(ann) == []


def test_no_more_greetings_than_the_license_says(desk):
    desk.set_license("greeting.max_invites", 1, namespace="smart_actions")
    make(desk)
    make(desk, value="/shoes", text="Shoes")
    ann = visitor(desk, url=HATS)
    turn(ann, "https://shop.example/shoes")
    assert texts(ann) == []


def test_customers_who_are_not_connected_are_not_greeted(desk):
    make(desk, value="shop.example")
    ann = desk.visitor()
    assert desk.world.store.customers.read(ann).greeting is None


def test_nothing_of_the_agent_but_what_customers_may_see_is_in_a_greeting(desk):
    make(desk)
    desk.only(SMITH)
    ann = visitor(desk, url=None)
    turn(ann)
    (greeting,) = ann.got("incoming_greeting")
    assert (greeting.agent.name, greeting.agent.is_bot) == ("Agent Smith", False)
    assert "@" not in repr(greeting.agent) + repr(greeting.event)


def test_an_announcement_says_so(desk):
    make(desk, type="announcement")
    ann = visitor(desk)
    turn(ann)
    assert ann.got("incoming_greeting")[0].subtype == "announcement"


def test_a_greeting_that_was_deleted_is_not_repeated(desk):
    greeting_id = make(desk)
    ann = visitor(desk, url=HATS)
    desk.call(DeleteGreeting(id=greeting_id))
    assert Tab(desk, ann.id, "tab-2").log_in(None).greeting is None
