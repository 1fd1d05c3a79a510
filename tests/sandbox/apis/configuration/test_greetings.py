"""Greetings through the Configuration API, and what becomes of them on the website."""

from datetime import timedelta
from typing import Any

import pytest

from frontdesk import ConfigurationClient
from frontdesk.errors import LimitReached, NotFound, ValidationError
from frontdesk.models import Message
from frontdesk.sandbox import Sandbox, SandboxCustomer

from ._raw_calls import call, refusal

RULE = {"condition": "and", "type": "url_current", "operator": "contains", "value": "/shop"}
BUTTON = {"type": "message", "text": "Yes", "value": "yes", "postback_id": "p"}
GREETING: dict[str, Any] = {
    "type": "normal", "active": True, "name": "Help", "group": 2, "rules": [RULE],
}  # fmt: skip


@pytest.fixture
def sandbox() -> Any:
    with Sandbox("empty") as sandbox:
        client = sandbox.configuration_client()
        for name in ("Support", "Sales"):
            client.create_group(name=name, agent_priorities={"smith@example.com": "normal"})
        yield sandbox


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client()


@pytest.fixture
def customer(sandbox: Sandbox) -> SandboxCustomer:
    return sandbox.customer("Ann")


def create(configuration: ConfigurationClient, **fields: Any) -> int:
    """Make a greeting; its id."""
    return configuration.create_greeting(**{**GREETING, **fields}).id


def test_a_greeting_is_shown_as_it_was_given(sandbox: Sandbox) -> None:
    given = {
        **GREETING,
        "rules": [
            RULE,
            {"condition": "or", "type": "custom_variable", "session_field": {"plan": "gold"}},
            {"condition": "or", "type": "url_funnel",
             "urls": [{"url": "/a", "operator": "equals"}, {"url": "/b", "operator": "contains"}]},
        ],
        "active_from": "2026-01-02T03:04:05Z",
        "active_until": "2036-01-02T03:04:05.678901Z",
        "properties": {"addon": "x", "greeting-message_text": "Hello", "is_exit_intent": "true"},
        "rich_message": {
            "template_id": "text",
            "elements": [{"title": "t", "subtitle": "s", "buttons": [
                {**BUTTON, "button_id": "mine", "role": "primary"}, BUTTON,
            ]}],
        },
    }  # fmt: skip
    greeting_id = call(sandbox, "create_greeting", given)["id"]
    shown = call(sandbox, "get_greeting", {"id": greeting_id})
    made = shown["rich_message"]["elements"][0]["buttons"][1].pop("button_id")
    assert len(made) == 36
    assert shown == {**given, "id": greeting_id}
    page = call(sandbox, "list_greetings", {})
    assert page["found_greetings"] == len(page["greetings"]) == 1
    assert "next_page_id" not in page


def test_what_is_empty_is_shown(sandbox: Sandbox) -> None:
    assert call(sandbox, "list_greetings", {}) == {"greetings": [], "found_greetings": 0}
    call(sandbox, "create_greeting", {**GREETING, "active": False, "group": 0, "rules": []})
    assert call(sandbox, "get_greeting", {"id": 1}) == {
        **GREETING, "active": False, "group": 0, "rules": [], "id": 1,
    }  # fmt: skip


def test_dates_are_shown_in_utc(configuration: ConfigurationClient, sandbox: Sandbox) -> None:
    fields = {"active_from": "2026-06-01T12:00:00+02:00"}
    greeting_id = call(sandbox, "create_greeting", {**GREETING, **fields})["id"]
    shown = call(sandbox, "get_greeting", {"id": greeting_id})
    assert shown["active_from"] == "2026-06-01T10:00:00Z"


def test_what_is_given_replaces_as_a_whole(configuration: ConfigurationClient) -> None:
    message = {
        "template_id": "cards",
        "elements": [{"title": "t", "subtitle": "s", "buttons": [BUTTON, BUTTON]}],
    }
    greeting_id = create(
        configuration, rich_message=message, properties={"addon": "a", "is_exit_intent": "true"}
    )
    before = configuration.get_greeting(id=greeting_id)
    configuration.update_greeting(id=greeting_id, name="New", active=False)
    renamed = configuration.get_greeting(id=greeting_id)
    assert (renamed.name, renamed.active) == ("New", False)
    assert renamed.rich_message == before.rich_message
    assert renamed.rules == before.rules
    old = buttons(before)
    configuration.update_greeting(
        id=greeting_id,
        rules=[],
        properties={"addon": "b"},
        rich_message={
            "template_id": "cards",
            "elements": [
                {
                    "title": "t",
                    "subtitle": "s",
                    "buttons": [{**BUTTON, "button_id": old[1]}, BUTTON],
                }
            ],
        },
    )
    after = configuration.get_greeting(id=greeting_id)
    assert after.rules == []
    assert after.properties is not None
    assert (after.properties.addon, after.properties.is_exit_intent) == ("b", None)
    assert buttons(after)[0] == old[1]
    assert buttons(after)[1] not in old
    assert (after.group, after.name) == (2, "New")


def buttons(greeting: Any) -> list[str]:
    return [button.button_id for button in greeting.rich_message.elements[0].buttons]


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"group": 99}, "group_not_found", "group"),
        ({"group": -1}, "validation", "group"),
        ({"type": "loud"}, "validation", "type"),
        ({"active": "yes"}, "validation", "active"),
        ({"name": 7}, "validation", "name"),
        ({"rules": [RULE] * 11}, "validation", "rules"),
        ({"rules": [{**RULE, "type": "moon"}]}, "validation", "rules[0].type"),
        ({"rules": [RULE, {"condition": "and", "type": "url_current", "operator": "equals"}]},
         "validation", "rules[1].value"),
        ({"rules": [{**RULE, "type": "visit_time_site", "value": "901"}]}, "validation",
         "rules[0].value"),
        ({"rules": [{"condition": "and", "type": "ads_traffic",
                     "session_field": {"google": "a", "yahoo": "b"}}]}, "validation",
         "rules[0].session_field"),
        ({"active_from": "2026-01-02T00:00:00Z", "active_until": "2026-01-01T00:00:00Z"},
         "validation", "active_until"),
        ({"active_from": "yesterday"}, "validation", "active_from"),
        ({"rich_message": {"template_id": "poster"}}, "validation", "rich_message.template_id"),
        ({"properties": {"addon": True}}, "validation", "properties.addon"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    sandbox: Sandbox, configuration: ConfigurationClient, fields: Any, error: str, field: str
) -> None:
    greeting_id = create(configuration)
    before = configuration.list_greetings()
    assert refusal(sandbox, "create_greeting", {**GREETING, **fields}) == (error, field)
    if "group" not in fields:
        request = {"id": greeting_id, "name": "New", **fields}
        assert refusal(sandbox, "update_greeting", request) == (error, field)
    assert configuration.list_greetings() == before


def test_a_period_is_checked_against_what_was_there(configuration: ConfigurationClient) -> None:
    start = "2026-05-01T00:00:00Z"
    greeting_id = create(configuration, active_from=start)
    with pytest.raises(ValidationError, match="`active_until`"):
        configuration.update_greeting(id=greeting_id, active_until="2026-04-01T00:00:00Z")
    assert configuration.get_greeting(id=greeting_id).active_until is None


def test_greetings_that_are_not_there(configuration: ConfigurationClient) -> None:
    first = create(configuration)
    configuration.delete_greeting(id=first)
    for refused in (
        lambda: configuration.get_greeting(id=first),
        lambda: configuration.update_greeting(id=first, active=False),
        lambda: configuration.delete_greeting(id=first),
        lambda: configuration.get_greeting(id=-5),
    ):
        with pytest.raises(NotFound, match="`id`"):
            refused()
    # An id is not used again.
    assert create(configuration) > first


def test_announcements_are_limited(configuration: ConfigurationClient) -> None:
    normal = create(configuration)
    ids = [create(configuration, type="announcement") for _ in range(10)]
    with pytest.raises(LimitReached, match="10"):
        create(configuration, type="announcement")
    with pytest.raises(LimitReached):
        configuration.update_greeting(id=normal, type="announcement")
    configuration.update_greeting(id=ids[0], type="announcement", name="New")
    configuration.update_greeting(id=ids[0], type="normal")
    configuration.update_greeting(id=normal, type="announcement")


def test_pages_hold_everything_once(configuration: ConfigurationClient) -> None:
    ids = [create(configuration, group=number % 3) for number in range(11)]
    page = configuration.list_greetings(limit=4, groups=[0, 1])
    listed = [greeting.id for greeting in page.greetings]
    # What is added and deleted meanwhile moves nothing else.
    configuration.delete_greeting(id=ids[0])
    late = create(configuration, group=1)
    while page.next_page_id is not None:
        page = configuration.list_greetings(page_id=page.next_page_id)
        listed += [greeting.id for greeting in page.greetings]
        assert page.found_greetings == 8
    assert listed == [*(i for number, i in enumerate(ids) if number % 3 != 2), late]


def test_a_full_last_page_leads_nowhere(configuration: ConfigurationClient) -> None:
    for _ in range(4):
        create(configuration)
    first = configuration.list_greetings(limit=2)
    assert first.next_page_id is not None
    last = configuration.list_greetings(page_id=first.next_page_id)
    assert len(last.greetings) == 2
    assert last.next_page_id is None


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"page_id": "x", "limit": 5}, "limit"),
        ({"page_id": "x", "groups": [1]}, "groups"),
        ({"page_id": "x"}, "page_id"),
        ({"groups": ["1"]}, "groups[0]"),
    ],
)
def test_pages_that_do_not_exist(sandbox: Sandbox, request_: Any, field: str) -> None:
    assert refusal(sandbox, "list_greetings", request_) == ("validation", field)


def test_a_page_id_of_another_method_is_refused(sandbox: Sandbox) -> None:
    for name in ("a", "b"):
        sandbox.customer(name).start_chat(Message("x"))
    page = sandbox.client().list_chats(limit=1)
    request = {"page_id": page.next_page_id}
    assert refusal(sandbox, "list_greetings", request) == ("validation", "page_id")


def test_groups_that_are_not_there_have_none(configuration: ConfigurationClient) -> None:
    create(configuration)
    assert configuration.list_greetings(groups=[99]).greetings == []
    assert configuration.list_greetings(groups=[]).found_greetings == 0


# On the website


def test_a_greeting_of_the_store_is_shown_and_begins_a_chat(
    sandbox: Sandbox, configuration: ConfigurationClient, customer: SandboxCustomer
) -> None:
    greeting_id = create(configuration)
    unique_id = customer.see_greeting(greeting_id)
    customer.accept_greeting(unique_id)
    chat_id = customer.start_chat(Message("Yes, please"))
    thread = sandbox.client().get_chat(chat_id=chat_id).thread
    assert thread.properties is not None
    assert thread.properties["lc2"] == {
        "greeting_id": greeting_id, "greeting_unique_id": unique_id,
    }  # fmt: skip
    statistics = customer.profile.statistics
    assert statistics is not None
    assert (statistics.greetings_shown_count, statistics.greetings_converted_count) == (1, 1)


def test_only_greetings_that_are_there_are_shown(
    configuration: ConfigurationClient, customer: SandboxCustomer
) -> None:
    with pytest.raises(NotFound, match="`greeting_id`: there is no greeting 1"):
        customer.see_greeting(1)
    greeting_id = create(configuration)
    unique_id = customer.see_greeting(greeting_id)
    configuration.delete_greeting(id=greeting_id)
    with pytest.raises(NotFound):
        customer.see_greeting(greeting_id)
    customer.accept_greeting(unique_id)


def test_a_greeting_is_shown_while_it_is_active(
    sandbox: Sandbox, configuration: ConfigurationClient, customer: SandboxCustomer
) -> None:
    greeting_id = create(
        configuration,
        active_from=sandbox.now + timedelta(hours=1),
        active_until=sandbox.now + timedelta(hours=2),
    )
    with pytest.raises(ValidationError, match="begins"):
        customer.see_greeting(greeting_id)
    sandbox.advance(timedelta(hours=1, minutes=1))
    customer.see_greeting(greeting_id)
    configuration.update_greeting(id=greeting_id, active=False)
    with pytest.raises(ValidationError, match="not active"):
        customer.see_greeting(greeting_id)
    configuration.update_greeting(id=greeting_id, active=True)
    sandbox.advance(timedelta(hours=1))
    with pytest.raises(ValidationError, match="no longer shown"):
        customer.see_greeting(greeting_id)


def test_properties_switch_greetings_off(
    sandbox: Sandbox, configuration: ConfigurationClient, customer: SandboxCustomer
) -> None:
    of_everybody, of_sales = create(configuration, group=0), create(configuration)
    configuration.update_group_properties(
        group_id=2, properties={"smart_actions": {"greeting.hide_when_offline": True}}
    )
    customer.see_greeting(of_sales)
    sandbox.client().set_routing_status(status="not_accepting_chats")
    with pytest.raises(ValidationError, match="hidden"):
        customer.see_greeting(of_sales)
    customer.see_greeting(of_everybody)
    configuration.update_license_properties(
        properties={"smart_actions": {"greeting.enabled": False}}
    )
    with pytest.raises(ValidationError, match=r"greeting\.enabled"):
        customer.see_greeting(of_everybody)


def test_greetings_and_properties_go_with_their_group(configuration: ConfigurationClient) -> None:
    kept, gone = create(configuration, group=1), create(configuration)
    configuration.update_group_properties(
        group_id=2, properties={"chats": {"queue.routing_priority": 3}}
    )
    configuration.delete_group(id=2)
    assert [greeting.id for greeting in configuration.list_greetings().greetings] == [kept]
    with pytest.raises(NotFound):
        configuration.get_greeting(id=gone)
    assert [group.id for group in configuration.list_groups_properties(group_ids=[])] == [0, 1]


def test_the_demo_company_greets() -> None:
    with Sandbox("quiet") as sandbox:
        page = sandbox.configuration_client().list_greetings()
        assert [greeting.id for greeting in page.greetings] == [1, 2, 3, 4, 5, 6, 7]
        for greeting in page.greetings:
            sandbox.customer("Ann").see_greeting(greeting.id)
