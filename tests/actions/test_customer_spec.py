"""Every method of the Customer Chat API is declared as documented, field by field."""

import json
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from frontdesk import InvalidArgument, models
from frontdesk.actions import CUSTOMER_ACTIONS, customer
from frontdesk.models import InitialChat, Message

from .._samples import load, lost
from ..documented import samples, spec
from .test_spec import bound, documented_kinds, kinds, parts_of, resolve

SPEC = spec("customer-methods")
METHODS: dict[str, dict[str, Any]] = {method["name"]: method for method in SPEC["methods"]}
# The client says it with every request; `license_id` takes its place.
OF_THE_CLIENT = {"organization_id"}
FIELDS = [
    (name, field)
    for name, method in METHODS.items()
    for field in method["request"]
    if field["path"] not in OF_THE_CLIENT
]
RECEIVED_TOO = {
    ("send_rich_message_postback", "postback.ecommerce.product_id"),
    ("resume_chat", "chat.id"),
}
"""Structures that are also received, or shared by two methods: a rule asks for the field."""


def test_each_method_has_a_declaration() -> None:
    assert set(CUSTOMER_ACTIONS) == set(METHODS)
    transports = [action.spec.transports for action in CUSTOMER_ACTIONS.values()]
    counts = SPEC["meta"]["counts"]
    assert sum("web" in each for each in transports) == counts["web"]
    assert sum("rtm" in each for each in transports) == counts["rtm"]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_declared_as_documented(name: str) -> None:
    documented, declared = METHODS[name], CUSTOMER_ACTIONS[name].spec
    assert (declared.name, declared.api, declared.group) == (name, "customer", documented["group"])
    assert list(declared.transports) == documented["transports"]
    assert declared.verb == documented.get("http_method", "POST")
    assert declared.needs_token == (documented.get("auth") != "none")
    assert declared.since == tuple(map(int, documented.get("since", "3.0").split(".")))
    assert declared.until == ((3, 6) if "removed" in documented else None)
    assert set(declared.push) == set(documented["pushes"])
    assert set(declared.webhook) == set(documented["webhooks"])
    assert not declared.all_scopes.replace("none", "")
    assert "/customer-chat-api" in declared.url


@pytest.mark.parametrize("name", METHODS)
def test_no_field_is_missing_and_none_is_made_up(name: str) -> None:
    documented = {
        field["path"].split(".")[0].removesuffix("[]") for field in METHODS[name]["request"]
    }
    fields = msgspec.structs.fields(CUSTOMER_ACTIONS[name])
    assert {field.encode_name for field in fields} == documented - OF_THE_CLIENT


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[f"{n}-{f['path']}" for n, f in FIELDS])
def test_a_field_is_declared_as_documented(name: str, field: dict[str, Any]) -> None:
    path = field["path"]
    if name == "login" and path.startswith("pushes."):
        return
    hint, required = resolve(CUSTOMER_ACTIONS[name], path)
    if isinstance(field["required"], bool) and "<" not in path and path != "customer_page.url":
        assert required == field["required"] or (name, path) in RECEIVED_TOO
    if "enum" in field:
        (literal,) = [part for part in parts_of(hint) if get_origin(part) is Literal]
        assert list(get_args(literal)) == field["enum"]
    for key, limit in (("max", "le"), ("min", "ge"), ("max_items", "max_length")):
        if isinstance(field.get(key), int):
            assert bound(hint, limit) == field[key], key
    if "EventRequest" in field["type"]:
        (events,) = parts_of(hint) if field["type"].startswith("array") else [hint]
        inner = get_args(events)[0] if field["type"].startswith("array") else events
        assert set(parts_of(inner)) == set(get_args(models.NewEvent))
    else:
        words = documented_kinds(field["type"].replace("<string,string>", ""))
        assert kinds(hint) - {"null"} == words - {"null"}


@pytest.mark.parametrize("name", METHODS)
def test_paged_methods_are_paged_as_documented(name: str) -> None:
    page = CUSTOMER_ACTIONS[name].spec.page
    names = {field["path"] for field in METHODS[name]["response"]}
    assert (page is not None) == ("next_page_id" in names)
    if page is not None:
        assert {page.items, page.found} <= names
        (limit,) = [field for field in METHODS[name]["request"] if field["path"] == "limit"]
        assert (page.default, page.maximum) == (limit["default"], limit["max"])


@pytest.mark.parametrize("name", METHODS)
def test_what_responses_hold_is_typed(name: str) -> None:
    documented, returns = METHODS[name], CUSTOMER_ACTIONS[name].spec.returns
    if not documented["response"] or documented.get("empty_response"):
        assert returns is None
        return
    if get_origin(returns) is dict:
        assert all(field["path"].startswith("<") for field in documented["response"])
        return
    for field in documented["response"]:
        path = field["path"]
        if path.startswith("groups_status."):
            path = "groups_status"
        part: Any = returns
        for step in path.split("."):
            (part,) = [one for one in parts_of(part) if one is not type(None)][:1]
            fields = {each.encode_name: each for each in msgspec.structs.fields(part)}
            tag = part.__struct_config__.tag_field
            if step == tag:
                break
            assert step in fields, field["path"]
            part = get_type_hints(part, include_extras=True)[fields[step].name]


def test_what_only_reads_or_sets_a_state_bears_a_repeat() -> None:
    once = {
        "start_chat", "resume_chat", "deactivate_chat", "send_event", "delete_event",
        "send_rich_message_postback", "login", "cancel_greeting", "request_welcome_message",
        "send_greeting_button_clicked", "request_email_verification",
    }  # fmt: skip
    assert {n for n, action in CUSTOMER_ACTIONS.items() if not action.spec.repeatable} == once


@pytest.mark.parametrize("name", METHODS)
def test_a_declaration_explains_itself(name: str) -> None:
    action = CUSTOMER_ACTIONS[name]
    assert (action.__doc__ or "").strip().partition("\n")[0].endswith(".")
    hints = get_type_hints(action, include_extras=True)
    for field in msgspec.structs.fields(action):
        assert bound(hints[field.name], "description"), f"{name}.{field.name}"
    from frontdesk import errors

    for error in action.spec.errors:
        assert issubclass(getattr(errors, error), errors.APIError)


def without_recipients(value: Any) -> Any:
    """Samples have the name of `visibility` before 3.4, which is accepted and ignored."""
    if isinstance(value, dict):
        return {k: without_recipients(v) for k, v in value.items() if k != "recipients"}
    return [without_recipients(item) for item in value] if isinstance(value, list) else value


def requests() -> list[tuple[str, str, Any]]:
    cases = []
    for folder in ("customer/requests", "customer/rtm_requests", "customer/v3.7/requests",
                   "customer/v3.7/rtm_requests"):  # fmt: skip
        for path in samples(folder):
            body = load(path)
            cases.append((folder, path.stem, body["payload"] if "rtm" in folder else body))
    return cases


@pytest.mark.parametrize(("folder", "name", "body"), requests())
def test_a_request_as_documented_is_read_and_sent_whole(
    folder: str, name: str, body: dict[str, Any]
) -> None:
    action = CUSTOMER_ACTIONS[name]
    body = {key: value for key, value in body.items() if key not in OF_THE_CLIENT}
    if name == "get_customer":
        body = {}  # the sample of RTM was copied from another method
    if action.spec.verb == "GET":
        # As they stand in a query, where all values are texts.
        fields = {k: v for k, v in body.items() if not v.startswith("<")}
        read = msgspec.convert(fields, action, strict=False)
        sent = {key: str(value) for key, value in msgspec.to_builtins(read).items()}
        assert sent == fields
        return
    read = msgspec.json.decode(json.dumps(body), type=action)
    assert lost(without_recipients(body), msgspec.to_builtins(read)) == []


BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("list_chats", {"limit": 26}, "limit"),
    ("list_chats", {"page_id": "P", "limit": 5}, "limit"),
    ("list_chats", {"page_id": "P", "sort_order": "asc"}, "sort_order"),
    ("list_threads", {"chat_id": "C", "page_id": "P", "min_events_count": 5}, "min_events_count"),
    ("list_threads", {"chat_id": "C", "min_events_count": 5, "limit": 5}, "limit"),
    ("list_threads", {"chat_id": "C", "limit": 101}, "limit"),
    ("start_chat", {"chat": {"id": "C"}}, "chat.id"),
    ("start_chat", {"chat": {"users": [{"id": "a@b.c", "type": "agent"}]}}, "chat.users"),
    ("start_chat", {"chat": {"thread": {"tags": ["vip"]}}}, "chat.thread.tags"),
    ("start_chat", {"chat": {"thread": {"events": [
        {"type": "message", "text": "a"},
        {"type": "message", "text": "b", "author_id": "a@b.c"}]}}},
     "chat.thread.events[1].author_id"),
    ("resume_chat", {"chat": InitialChat()}, "chat.id"),
    ("resume_chat", {"chat": {"id": "C", "thread": {"events": [
        {"type": "message", "text": "a", "visibility": "agents"}]}}},
     "chat.thread.events[0].visibility"),
    ("send_event", {"chat_id": "C", "event": Message("a", visibility="all")}, "event.visibility"),
    ("send_event", {"chat_id": "C", "event": Message("a", author_id="x")}, "event.author_id"),
    ("send_event", {"chat_id": "C", "event": {"type": "system", "source": "cdp"}}, "event.type"),
    ("update_customer", {}, ""),
    ("update_customer", {"phone_number": "12"}, "phone_number"),
    ("update_customer", {"session_fields": [{str(n): "" for n in range(101)}]}, "session_fields"),
    ("set_customer_session_fields", {"session_fields": [{str(n): ""} for n in range(101)]},
     "session_fields"),
    ("set_customer_session_fields", {"session_fields": [{"a": "", "b": ""}] * 51},
     "session_fields"),
    ("list_group_statuses", {}, "all"),
    ("get_form", {"group_id": 0, "type": "rating"}, "type"),
    ("get_dynamic_configuration", {"license_id": 0}, "license_id"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "field"), BROKEN)
def test_broken_rules_name_the_field(name: str, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        CUSTOMER_ACTIONS[name](**fields)
    assert caught.value.field == field


def test_no_representation_shows_the_token() -> None:
    login = customer.Login(token="Bearer dal:hidden", group_id=3)
    assert "hidden" not in repr(login)
    assert "group_id=3" in repr(login)
