"""The rules of greetings: when each of them holds."""

from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.models import Geolocation, Greeting, GreetingRule, GreetingUrl
from frontdesk.sandbox.world.people.greeting_rules import VisitState, fits, next_look

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def visit(**changes):
    values = {
        "now": NOW,
        "started_at": NOW - timedelta(seconds=60),
        "entered_at": NOW - timedelta(seconds=10),
        "pages": ["https://shop.example/", "https://shop.example/hats"],
        "page_views": 2,
        "visits": 3,
        "referrer": "https://search.example/?q=straw+hat",
        "place": Geolocation(country="Germany", city="Berlin"),
        "session_fields": [{"plan": "gold"}],
    }
    return VisitState(**(values | changes))


def rule(kind, value=None, operator="equals", condition="and", **more):
    return GreetingRule(type=kind, value=value, operator=operator, condition=condition, **more)


def greeting(*rules):
    return Greeting(id=1, type="normal", active=True, name="Hello", group=0, rules=list(rules))


def holds(*rules, **changes):
    return fits(greeting(*rules), visit(**changes))


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("equals", [False, True, False]),
        ("doesnt_equal", [True, False, True]),
        ("lower_than", [False, False, True]),
        ("lower_or_equal", [False, True, True]),
        ("greater_than", [True, False, False]),
        ("greater_or_equal", [True, True, False]),
        ("contains", [False, False, False]),
    ],
)
def test_numbers_are_compared(operator, expected):
    assert [holds(rule("visits_number", number, operator)) for number in "234"] == expected


def test_time_on_the_site_and_on_the_page():
    assert holds(rule("visit_time_site", "60", "greater_or_equal"))
    assert not holds(rule("visit_time_site", "61", "greater_or_equal"))
    assert holds(rule("visit_time_page", "10", "equals"))
    assert not holds(rule("visit_time_page", "10", "greater_than"))


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("equals", "https://shop.example/hats", True),
        ("equals", "HTTPS://SHOP.EXAMPLE/HATS", True),
        ("equals", "https://shop.example/", False),
        ("contains", "/Hats", True),
        ("contains", "/shoes", False),
        ("doesnt_contain", "/shoes", True),
        ("doesnt_equal", "https://shop.example/hats", False),
    ],
)
def test_the_present_page(operator, value, expected):
    assert holds(rule("url_current", value, operator)) is expected


def test_without_a_page_no_rule_about_it_holds():
    assert not holds(rule("url_current", "/x", "doesnt_contain"), pages=[])


def test_pages_that_were_visited():
    assert holds(rule("url_visited", "https://shop.example/"))
    assert not holds(rule("url_visited", "/shoes", "contains"))
    assert holds(rule("url_visited", "/shoes", "doesnt_contain"))
    assert not holds(rule("url_visited", "/hats", "doesnt_contain"))


def test_a_way_through_pages_ends_at_the_present_one():
    def way(*texts):
        urls = [GreetingUrl(url=text, operator="contains") for text in texts]
        return rule("url_funnel", urls=urls)

    pages = ["https://x/a", "https://x/b", "https://x/c"]
    assert holds(way("/a", "/c"), pages=pages)
    assert holds(way("/a", "/b", "/c"), pages=pages)
    assert not holds(way("/b", "/a", "/c"), pages=pages)
    assert not holds(way("/a", "/b"), pages=pages)
    assert not holds(way("/a", "/a", "/c"), pages=pages)


def test_how_many_pages_and_how_many_of_them_match():
    assert holds(rule("pages_view_number", "2"))
    urls = [GreetingUrl(url="/hats", operator="contains")]
    assert holds(rule("url_match_page_view_number", "1", urls=urls))
    assert not holds(rule("url_match_page_view_number", "2", urls=urls))


def test_where_the_customer_came_from():
    assert holds(rule("url_referrer", "search.example", "contains"))
    assert holds(rule("search_keyword", "straw hat"))
    assert not holds(rule("search_keyword", "shoes", "contains"))
    assert not holds(rule("search_keyword", "hat", "contains"), referrer="https://[broken")


def test_where_the_customer_is():
    assert holds(rule("geolocation", "germany", "contains"))
    assert holds(rule("geolocation", "Berlin"))
    assert not holds(rule("geolocation", "Berlin"), place=None)
    assert not holds(rule("geolocation", "Berlin", "doesnt_equal"))


def test_a_session_field():
    assert holds(rule("custom_variable", session_field={"plan": "gold"}))
    assert not holds(rule("custom_variable", session_field={"plan": "silver"}))
    assert not holds(rule("custom_variable", session_field={"plan": "gold"}), session_fields=[])


@pytest.mark.parametrize(
    ("landing", "platform", "campaign", "expected"),
    [
        ("https://x/?gclid=1&utm_campaign=Spring", "google", "spring", True),
        ("https://x/?gclid=1&utm_campaign=Spring", "google", "autumn", False),
        ("https://x/?utm_source=Facebook", "facebook", "", True),
        ("https://x/?utm_source=facebook", "twitter", "", False),
        ("https://x/", "google", "", False),
    ],
)
def test_an_advertisement(landing, platform, campaign, expected):
    ads = rule("ads_traffic", session_field={platform: campaign})
    assert holds(ads, pages=[landing, "https://x/next"]) is expected


def test_rules_are_joined_from_first_to_last():
    yes, no = rule("visits_number", "3"), rule("visits_number", "9")
    also = rule("visits_number", "9", condition="or")
    or_yes = rule("visits_number", "3", condition="or")
    assert holds(yes)
    assert not holds(yes, no)
    assert holds(no, or_yes)
    assert holds(yes, also)
    assert not holds(no, or_yes, no)


def test_a_greeting_without_rules_and_one_of_a_new_type_are_not_shown():
    assert not holds()
    assert not holds(rule("phase_of_the_moon", "full"))


@pytest.mark.parametrize("value", [None, "", "many", "9" * 30])
def test_numbers_that_are_none_are_never_reached(value):
    assert not holds(rule("visit_time_site", value, "greater_or_equal"))


def test_the_next_look_is_when_a_rule_about_time_may_hold():
    soon = greeting(rule("visit_time_page", "30", "greater_or_equal"))
    later = greeting(rule("visit_time_site", "90", "greater_than"))
    assert next_look([soon, later], visit()) == 20
    assert next_look([later], visit()) == 31
    assert next_look([greeting(rule("visits_number", "9"))], visit()) is None
    assert next_look([greeting(rule("visit_time_page", "5"))], visit()) is None
