"""Every method of the Configuration API is declared as documented, field by field."""

from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest

from frontdesk import InvalidArgument
from frontdesk.actions import CONFIGURATION_ACTIONS, Action
from frontdesk.actions.configuration.webhooks import check_url

from ..documented import spec
from .test_spec import bound, documented_kinds, kinds, parts_of, resolve

SPEC = spec("configuration")
METHODS: dict[str, dict[str, Any]] = {
    method["name"]: method for method in (*SPEC["methods"], *SPEC["methods_3_7"])
}
SINGLE = {name: method for name, method in METHODS.items() if "of" not in method}
BATCHES = {name: method["of"] for name, method in METHODS.items() if "of" in method}
FIELDS = [(name, field) for name, method in SINGLE.items() for field in method["request"]]

# `required: conditional` in the docs, and what a declaration makes of it.
BY_RULE = {"access.<location>", "access.<location>.<user>"}


def field_of(name: str, path: str) -> tuple[Any, bool]:
    """The type of a documented path, whose alternatives are written as `{url,domain}`."""
    path = path.replace("{url,domain}", "url").replace("{values,exclude_values}", "values")
    return resolve(CONFIGURATION_ACTIONS[name], path)


def test_each_method_has_a_declaration() -> None:
    assert set(CONFIGURATION_ACTIONS) == set(METHODS)
    assert len([name for name, method in METHODS.items() if method["since"] != "3.7"]) == 73
    assert len([name for name, method in METHODS.items() if method["since"] == "3.7"]) == 11


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_declared_as_documented(name: str) -> None:
    documented, declared = METHODS[name], CONFIGURATION_ACTIONS[name].spec
    assert (declared.name, declared.api, declared.group) == (
        name, "configuration", documented["group"],
    )  # fmt: skip
    assert declared.transports == ("web",)
    assert declared.since == tuple(map(int, documented["since"].split(".")))
    assert declared.until is None
    assert declared.documented == (documented.get("basis") != "sdk")


@pytest.mark.parametrize("name", SINGLE)
def test_the_scopes_and_consequences_are_those_documented(name: str) -> None:
    documented, declared = SINGLE[name], CONFIGURATION_ACTIONS[name].spec
    scopes = documented["scopes"]
    assert set(declared.scopes.names) == set(scopes.get("any_of") or scopes.get("all_of") or [])
    if len(declared.scopes.names) > 1:
        assert declared.scopes.every == ("all_of" in scopes)
    assert [set(extra.names) for extra in declared.extra_scopes] == [
        set(extra["all_of"]) for extra in scopes.get("also", [])
    ]
    assert set(declared.push) == set(documented["pushes"])
    assert set(declared.webhook) == set(documented["webhooks"])


@pytest.mark.parametrize("name", SINGLE)
def test_no_field_is_missing_and_none_is_made_up(name: str) -> None:
    documented = {
        field["path"].split(".")[0].removesuffix("[]") for field in SINGLE[name]["request"]
    }
    fields = msgspec.structs.fields(CONFIGURATION_ACTIONS[name])
    assert {field.encode_name for field in fields} == documented


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[f"{n}-{f['path']}" for n, f in FIELDS])
def test_a_field_is_declared_as_documented(name: str, field: dict[str, Any]) -> None:
    if field["path"] in BY_RULE:
        return_type, _ = field_of(name, "access.chat.agent")
        assert kinds(return_type) == {"array<string>"}
        return
    hint, required = field_of(name, field["path"])
    if isinstance(field["required"], bool) and "<" not in field["path"]:
        # Agents and bots share the structure; what a bot needs is a rule with a test of its own.
        assert required == field["required"] or field["path"] == "work_scheduler.timezone"
    if "enum" in field:
        items = [part for part in parts_of(hint) if get_origin(part) is list]
        (literal,) = [
            part
            for part in parts_of(get_args(items[0])[0] if items else hint)
            if get_origin(part) is Literal
        ]
        assert set(get_args(literal)) - {"text"} == set(field["enum"])
    for key, limit in (("max", "le"), ("min", "ge"), ("max_length", "max_length"),
                       ("max_items", "max_length"), ("min_items", "min_length")):  # fmt: skip
        if key in field:
            assert bound(hint, limit) == field[key], key
    assert kinds(hint) - {"null"} == documented_kinds(field["type"]) - {"null"}


@pytest.mark.parametrize("name", SINGLE)
def test_paged_methods_are_paged_as_documented(name: str) -> None:
    page = CONFIGURATION_ACTIONS[name].spec.page
    names = {field["path"] for field in SINGLE[name]["response"]}
    assert (page is not None) == ("next_page_id" in names)
    if page is not None:
        assert {page.items, page.found} <= names
        (limit,) = [field for field in SINGLE[name]["request"] if field["path"] == "limit"]
        assert (page.default, page.maximum) == (limit["default"], limit["max"])


@pytest.mark.parametrize("name", SINGLE)
def test_what_responses_hold_is_typed(name: str) -> None:
    documented, returns = SINGLE[name], CONFIGURATION_ACTIONS[name].spec.returns
    if not documented["response"] or documented.get("empty_response"):
        assert returns is None
        return
    assert (get_origin(returns) is list) == (documented.get("response_root") == "array")
    assert (get_origin(returns) is dict) == (documented.get("response_root") == "map")
    result = get_args(returns)[-1] if get_origin(returns) else returns
    if not isinstance(result, type) or not issubclass(result, msgspec.Struct):
        return
    fields = {field.encode_name for field in msgspec.structs.fields(result)}
    for field in documented["response"]:
        path = field["path"].removeprefix("[].").removeprefix("<name>.")
        first = path.split(".")[0].removesuffix("[]")
        # The sdk's word for a key that no sample has: a registration's secret is not returned.
        assert first in fields or first in ("*", "secret_key"), field["path"]


@pytest.mark.parametrize(("name", "single"), BATCHES.items())
def test_a_batch_is_as_its_single_method(name: str, single: str) -> None:
    batch, alone = CONFIGURATION_ACTIONS[name], CONFIGURATION_ACTIONS[single]
    hint, required = resolve(batch, "requests")
    (array,) = parts_of(hint)
    assert required
    assert get_args(array) == (alone,)
    for key in ("scopes", "extra_scopes", "push", "webhook", "repeatable"):
        assert getattr(batch.spec, key) == getattr(alone.spec, key)


ONCE = {
    "create_agent", "delete_agent", "request_agent_unsuspension", "add_auto_access",
    "delete_auto_access", "create_bot_template", "create_bot", "delete_bot_template", "delete_bot",
    "issue_bot_token", "reset_bot_template_secret", "reset_bot_secret", "create_greeting",
    "update_greeting", "delete_greeting", "create_group", "delete_group", "register_property",
    "unregister_property", "create_tag", "delete_tag", "register_webhook", "unregister_webhook",
    "batch_create_agents", "batch_delete_agents", "batch_create_bots", "batch_delete_bots",
    "add_allowed_domain", "delete_allowed_domain", "ban_customer", "create_canned_response",
    "delete_canned_response",
}  # fmt: skip


def test_what_only_reads_or_sets_a_state_bears_a_repeat() -> None:
    """A method that is listed would add something twice, or fail the second time.

    `update_greeting` gives buttons without an id new ones.
    """
    declared = {name for name, action in CONFIGURATION_ACTIONS.items()
                if not action.spec.repeatable}  # fmt: skip
    assert declared == ONCE


BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("create_agent", {"id": "a@b.c", "name": "A", "role": "owner"}, "role"),
    ("create_agent", {"id": "a@b.c", "name": "A", "max_chats_count": 21}, "max_chats_count"),
    ("create_agent", {"id": "a@b.c", "name": "A", "groups": [{"id": 1}]}, "groups[0].priority"),
    ("create_agent", {"id": "a@b.c", "name": "A", "groups": [{"id": -1, "priority": "first"}]},
     "groups[0].id"),
    ("create_agent", {"id": "a@b.c", "name": "A", "login_status": "accepting_chats"},
     "login_status"),
    ("update_agent", {"id": "a@b.c", "work_scheduler": {"schedule": [
        {"day": "monday", "enabled": True, "start": "8:00", "end": "16:00"}]}},
     "work_scheduler.schedule[0].start"),
    ("update_agent", {"id": "a@b.c", "work_scheduler": {"schedule": [
        {"day": "monday", "enabled": True, "start": "08:00", "end": "16:00"}]}},
     "work_scheduler.timezone"),
    ("get_agent", {"id": "a@b.c", "fields": ["role"]}, "fields[0]"),
    ("create_bot", {"name": "B", "max_chats_count": 501}, "max_chats_count"),
    ("create_bot", {"name": "B", "work_scheduler": {"schedule": []}}, "work_scheduler.timezone"),
    ("update_bot", {"id": "b", "work_scheduler": {"schedule": [], "timezone": ""}},
     "work_scheduler.timezone"),
    ("create_group", {"name": "x" * 181, "agent_priorities": {}}, "name"),
    ("create_group", {"name": "x", "agent_priorities": {"a@b.c": "second"}},
     "agent_priorities[...]"),
    ("add_auto_access", {"access": {"groups": []}, "conditions": {"url": {"values": [
        {"value": "a"}]}}}, "access.groups"),
    ("add_auto_access", {"access": {"groups": [1]}, "conditions": {}}, "conditions"),
    ("add_auto_access", {"access": {"groups": [1]}, "conditions": {"url": {}}},
     "conditions.url.values"),
    ("add_auto_access", {"access": {"groups": [1]}, "conditions": {"domain": {
        "values": [{"value": "a"}], "exclude_values": [{"value": "b"}]}}},
     "conditions.domain.values"),
    ("add_auto_access", {"access": {"groups": [1]}, "conditions": {"geolocation": {
        "values": [{}]}}}, "conditions.geolocation.values[0]"),
    ("update_auto_access", {"id": "a", "next_id": "a"}, "next_id"),
    ("unban_customer", {}, "ip"),
    ("unban_customer", {"ip": "127.0.0.1", "customer_id": "c"}, "ip"),
    ("ban_customer", {"seconds": 5}, "customer_id"),
    ("ban_customer", {"seconds": 0, "ip": "127.0.0.1"}, "seconds"),
    ("create_greeting", {"type": "normal", "active": True, "name": "g", "group": 0, "rules": [
        {"condition": "and", "type": "url_funnel"}]}, "rules[0].urls"),
    ("create_greeting", {"type": "normal", "active": True, "name": "g", "group": 0, "rules": [
        {"condition": "and", "type": "visit_time_page", "operator": "equals", "value": "901"}]},
     "rules[0].value"),
    ("create_greeting", {"type": "normal", "active": True, "name": "g", "group": 0, "rules": [
        {"condition": "and", "type": "ads_traffic", "session_field": {"bing": "x"}}]},
     "rules[0].session_field"),
    ("create_greeting", {"type": "normal", "active": True, "name": "g", "group": 0, "rules": [
        {"condition": "and", "type": "custom_variable", "session_field": {"a": "", "b": ""}}]},
     "rules[0].session_field"),
    ("create_greeting", {"type": "normal", "active": True, "name": "g", "group": 0, "rules": [],
        "active_from": "2026-02-01T00:00:00Z", "active_until": "2026-01-01T00:00:00Z"},
     "active_until"),
    ("list_greetings", {"page_id": "P", "limit": 5}, "limit"),
    ("list_greetings", {"page_id": "P", "groups": [1]}, "groups"),
    ("list_greetings", {"limit": 101}, "limit"),
    ("register_property", {"name": "p", "owner_client_id": "c", "type": "int", "access": {}},
     "access"),
    ("register_property", {"name": "p", "owner_client_id": "c", "type": "int",
                           "access": {"chat": {}}}, "access.chat"),
    ("register_property", {"name": "p", "owner_client_id": "c", "type": "int",
                           "access": {"chat": {"agent": ["read"]}}, "default_value": 1},
     "default_value"),
    ("register_property", {"name": "p", "owner_client_id": "c", "type": "string",
                           "access": {"group": {"agent": ["read"]}}, "range": {"from": 1}},
     "range"),
    ("register_property", {"name": "p", "owner_client_id": "c", "type": "int",
                           "access": {"group": {"agent": ["read"]}}, "range": {"from": 2, "to": 1}},
     "range.from"),
    ("register_property", {"name": "p", "owner_client_id": "c", "type": "int",
                           "access": {"group": {"agent": ["read"]}}, "default_value": True},
     "default_value"),
    ("register_property", {"name": "p", "owner_client_id": "c", "type": "int",
                           "access": {"group": {"agent": ["read"]}}, "range": {"to": 5},
                           "default_value": 6}, "default_value"),
    ("register_property", {"name": "p", "owner_client_id": "c", "type": "string",
                           "access": {"license": {"agent": ["read"]}}, "domain": ["a", 1]},
     "domain[1]"),
    ("register_property", {"name": "p", "owner_client_id": "c", "type": "string",
                           "access": {"license": {"agent": ["read"]}}, "domain": ["a"],
                           "default_value": "b"}, "default_value"),
    ("batch_create_agents", {"requests": [{"id": "a@b.c", "name": "A"}, {"id": "a@b.c"}]},
     "requests[1].name"),
    ("batch_delete_bots", {"requests": [{"id": ""}]}, "requests[0].id"),
    ("update_translations", {"group_id": 0, "language": "en", "phrases": {"Hello": "x"}},
     "phrases"),
    ("add_allowed_domain", {"domain": "x" * 256}, "domain"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "field"), BROKEN)
def test_broken_rules_name_the_field(name: str, fields: dict[str, Any], field: str) -> None:
    action: type[Action[Any]] = CONFIGURATION_ACTIONS[name]
    with pytest.raises(InvalidArgument) as caught:
        action(**fields)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("https://example.com:99999/", "must be an absolute address with a port from 1 to 65535"),
        ("https://example.com:0/", "must be an absolute address with a port from 1 to 65535"),
        ("https://example.com:x/", "must be an absolute address with a port from 1 to 65535"),
        ("https://[::1]:70000/", "must be an absolute address with a port from 1 to 65535"),
        ("https://example.com/a b", "must not hold spaces or control characters"),
        ("https://example.com/\n", "must not hold spaces or control characters"),
        (" https://example.com/", "must not hold spaces or control characters"),
        ("https:///path", "must be an absolute address that begins with https:// or http://"),
        ("ftp://example.com/", "must be an absolute address that begins with https:// or http://"),
        ("https://[::1/", "must be an absolute address that begins with https:// or http://"),
    ],
)
def test_the_error_of_a_webhook_url_says_what_is_wrong_with_it(url, rule):
    with pytest.raises(InvalidArgument) as caught:
        check_url(url)
    assert (caught.value.field, caught.value.rule) == ("url", rule)
