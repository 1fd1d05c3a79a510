"""Requests of clients in any language become actions, or errors that name the field."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.actions import (
    ACTIONS,
    BanCustomer,
    ListArchives,
    ListChats,
    ListCustomers,
    ListThreads,
    MarkEventsAsSeen,
    SendEvent,
    StartChat,
    SubscribeCustomers,
    TransferChat,
    UpdateChatProperties,
    UpdateCustomer,
)
from frontdesk.errors import ValidationError
from frontdesk.models import ChatsFilters, InitialChat, InitialThread, InitialUser, Message
from frontdesk.sandbox.calls.decoding import decode_request

CUSTOMER = "b7eff798-f8df-4364-8059-649c35c9ed0c"


def decoded(action, request):
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    return decode_request(action, body)


def message_of(action, request):
    with pytest.raises(ValidationError) as caught:
        decoded(action, request)
    return caught.value.message


def in_event(**fields):
    return {"chat_id": "PJ0MRSHTDG", "event": {"type": "message", "text": "hi", **fields}}


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "", "author_id": "", "created_at": "0001-01-01T00:00:00Z", "order": 12},
        {"custom_id": None, "visibility": None, "properties": None, "postback": None},
        {"visibility": "", "properties": None},
        {"thumbnail_url": "", "unheard_of": {"deeply": ["nested"]}},
    ],
)
def test_fields_that_stand_for_nothing_count_as_left_out(fields):
    action = decoded(SendEvent, in_event(**fields))
    assert action == SendEvent(chat_id="PJ0MRSHTDG", event=Message(text="hi"))


def test_empty_values_are_kept_where_they_mean_something():
    action = decoded(SendEvent, in_event(text="", custom_id="", visibility=None))
    assert action.event == Message(text="", custom_id="")
    properties = {"space": {"empty": "", "zero": 0}}
    assert decoded(SendEvent, in_event(properties=properties)).event.properties == properties


def test_an_empty_page_counts_as_left_out():
    request = {"page_id": "", "sort_order": "", "filters": None}
    assert decoded(ListChats, request) == ListChats()


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (ListArchives, "limit"),
        (ListChats, "limit"),
        (ListCustomers, "limit"),
        (ListThreads, "limit"),
        (ListThreads, "min_events_count"),
        (SubscribeCustomers, "limit"),
    ],
)
def test_zero_is_refused_where_one_is_the_least(action, field):
    request = {"chat_id": "c"} if action is ListThreads else {}
    assert f"`{field}` must be an integer >= 1" in message_of(action, request | {field: 0})
    assert getattr(decoded(action, request | {field: 1}), field) == 1
    assert f"`{field}` must be an integer >= 1" in message_of(
        action, request | {field: 0, "page_id": ""}
    )


def test_null_keeps_its_meaning_where_the_api_gives_it_one():
    request = {"filters": {"active": None, "group_ids": None}}
    assert decoded(ListChats, request) == ListChats(filters=ChatsFilters(active=None))


def test_users_as_the_go_sdk_sends_them():
    user = {
        "id": "smith@example.com",
        "type": "agent",
        "name": "",
        "avatar": "",
        "email": "",
        "present": False,
        "events_seen_up_to": "0001-01-01T00:00:00Z",
        "routing_status": None,
        "last_visit": None,
        "statistics": None,
    }
    event = {"type": "message", "text": "hi", "created_at": "0001-01-01T00:00:00Z", "author_id": ""}
    request = {
        "chat": {"id": "", "access": None, "users": [user], "thread": {"events": [event]}},
        "active": True,
    }
    assert decoded(StartChat, request) == StartChat(
        chat=InitialChat(
            users=[InitialUser(id="smith@example.com", type="agent")],
            thread=InitialThread(events=[Message(text="hi")]),
        ),
        active=True,
    )


def test_buttons_with_empty_pairs():
    button = {
        "text": "Yes",
        "postback_id": "yes",
        "type": "",
        "value": "",
        "user_ids": None,
        "webview_height": "",
    }
    event = {"type": "rich_message", "template_id": "cards", "elements": [{"buttons": [button]}]}
    action = decoded(SendEvent, {"chat_id": "c", "event": event})
    (sent,) = action.event.elements[0].buttons
    assert (sent.text, sent.type, sent.value, sent.webview_height) == ("Yes", None, None, None)


def test_a_moment_of_zero_is_a_moment_where_one_is_required():
    request = {"chat_id": "c", "seen_up_to": "0001-01-01T00:00:00Z"}
    assert decoded(MarkEventsAsSeen, request).seen_up_to == datetime(1, 1, 1, tzinfo=UTC)


def test_no_body_is_an_empty_request():
    assert decoded(StartChat, b"") == StartChat()


def test_a_limit_that_is_a_text_is_refused():
    assert "`limit` must be an integer" in message_of(ListChats, {"limit": "3"})


@pytest.mark.parametrize(
    ("action", "request_", "message"),
    [
        (SendEvent, {}, "`chat_id` is required"),
        (SendEvent, in_event() | {"chat_id": ""}, "`chat_id` is required"),
        (SendEvent, in_event() | {"chat_id": None}, "`chat_id` is required"),
        (SendEvent, in_event() | {"chat_id": 7}, "`chat_id` must be a string, not an integer"),
        (SendEvent, {"chat_id": "c", "event": None}, "`event` is required"),
        (SendEvent, {"chat_id": "c", "event": {"text": "hi"}}, "`event.type` is required"),
        (SendEvent, {"chat_id": "c", "event": {"type": "file"}}, "`event.url` is required"),
        (
            SendEvent,
            in_event(type="system"),
            "`event.type` must be one of `custom`, `file`, `filled_form`, `form`, `message`,",
        ),
        (
            SendEvent,
            in_event(visibility="none"),
            "`event.visibility` must be one of `agents`, `all`, not 'none'",
        ),
        (
            SendEvent,
            in_event(text="ż" * 8193),
            "`event.text` must hold at most 16384 bytes of UTF-8",
        ),
        (
            SendEvent,
            in_event(properties={"fine": {"a": 1}, "odd": {"b": 2, "c": None}}),
            "`event.properties.odd.c` must be true or false or an integer or a string, not null",
        ),
        (ListChats, {"limit": 101}, "`limit` must be an integer <= 100"),
        (ListChats, {"limit": -1}, "`limit` must be an integer >= 1"),
        (ListChats, {"limit": 3, "page_id": "p"}, "`limit` cannot be sent together with `page_id`"),
        (BanCustomer, {"id": "x", "ban": {"days": 0}}, "`ban.days` must be an integer >= 1"),
        (TransferChat, {"id": "c", "target": {"type": "group", "ids": []}}, "`target.ids`"),
        (
            TransferChat,
            {"id": "c", "target": {"type": "group", "ids": [1, "2"]}},
            "`target.ids[1]` must be an integer for a group",
        ),
        (UpdateCustomer, {"id": CUSTOMER}, "give at least one of"),
        (UpdateCustomer, {"id": CUSTOMER, "name": None}, "give at least one of"),
        (
            UpdateCustomer,
            {"id": CUSTOMER, "session_fields": [{"a": "b"}, {"c": 1}]},
            "`session_fields[1].c` must be a string, not an integer",
        ),
        (ListArchives, {"highlights": {"pre_tag": "<b>"}}, "`highlights.post_tag` is required"),
        (
            ListArchives,
            {"filters": {"thread_ids": ["t"], "query": "x"}},
            "`filters.query` cannot be given together with `thread_ids`",
        ),
        (MarkEventsAsSeen, {"chat_id": "c", "seen_up_to": "today"}, "`seen_up_to` must be a time"),
        (
            MarkEventsAsSeen,
            {"chat_id": "c", "seen_up_to": "2026-01-01T00:00:00"},
            "`seen_up_to` must be a time in RFC 3339 with a timezone component",
        ),
        (SendEvent, [], "the request must be an object, not an array"),
        (SendEvent, b"null", "the request must be an object, not null"),
        (SendEvent, b"{", "the request is not valid JSON"),
        (SendEvent, b'{"chat_id": "\xff"}', "the request is not valid JSON"),
        (SendEvent, b"[" * 100_000, "the request is nested too deeply"),
        (SendEvent, b'{"chat_id":' + b"[" * 100_000, "the request is nested too deeply"),
    ],
)
def test_errors_name_the_field_and_the_rule(action, request_, message):
    assert message_of(action, request_).startswith(message)


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        (ListChats, b'{"limit": %s}' % (b"9" * 5000), "`limit`"),
        (ListChats, b'{"filters": {"group_ids": [1, 1e400]}}', "`filters.group_ids[1]`"),
        (SendEvent, b'{"chat_id": "a", "event": {"type": "custom", "content": 1e400}}', "`event"),
        (ListChats, b'{"sort_order": null, "limit": 1e400}', "the request"),
    ],
)
def test_numbers_beyond_all_limits_are_named(action, body, field):
    message = message_of(action, body)
    assert message.startswith(field)
    assert message.endswith("must not hold a number that is out of range")


def test_requests_of_many_empty_values_are_refused_quickly():
    fields = [{"type": "text", "id": str(n), "label": None, "answer": None} for n in range(5000)]
    event = {"type": "filled_form", "form_id": "f", "fields": fields}
    assert message_of(SendEvent, {"chat_id": "c", "event": event})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.sampled_from(sorted(ACTIONS)), JSON)
def test_any_json_gives_an_action_or_a_validation_error(name, value):
    with suppress(ValidationError):
        assert isinstance(decode_request(ACTIONS[name], msgspec.json.encode(value)), ACTIONS[name])


@given(st.sampled_from(sorted(ACTIONS)), st.binary(max_size=200))
def test_any_bytes_give_an_action_or_a_validation_error(name, body):
    with suppress(ValidationError):
        assert isinstance(decode_request(ACTIONS[name], body), ACTIONS[name])


MANY = {f"k{number}": "v" for number in range(60_000)}


@pytest.mark.parametrize("position", [0, 499, 500, 30_000, 59_999])
def test_the_one_member_of_very_many_is_named(position):
    fields = {**MANY, f"k{position}": None}
    message = message_of(UpdateCustomer, {"id": "x", "session_fields": [fields]})
    assert message.startswith(f"`session_fields[0].k{position}` must be a string, not null")


def test_a_namespace_and_its_property_of_very_many_are_named():
    several = {name: MANY[name] for name in list(MANY)[:5_000]}
    properties = {**{name: {} for name in MANY}, "k40000": {**several, "zz": None}}
    message = message_of(UpdateChatProperties, {"id": "x", "properties": properties})
    assert message.startswith("`properties.k40000.zz` must be")


def test_a_name_without_end_is_shortened():
    message = message_of(UpdateCustomer, {"id": "x", "session_fields": [{"k" * 10**6: None}]})
    assert len(message) < 200


def test_no_field_is_called_none(monkeypatch):
    """Not even where the member cannot be found out."""
    monkeypatch.setattr("frontdesk.sandbox.calls.decoding._member", lambda *_: None)
    message = message_of(UpdateCustomer, {"id": "x", "session_fields": [{"a": None}]})
    assert message.startswith("`session_fields[0]` must be a string")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"chat": {"properties": {"": {}}}}, "`chat.properties` must not have an empty name"),
        (
            {"chat": {"thread": {"properties": {"a": {"": 1}}}}},
            "`chat.thread.properties.a` must not have an empty name",
        ),
        ({"chat": {"properties": {"a": {"b": 1}, "": None}}}, "`chat.properties` must not have"),
    ],
)
def test_names_that_do_not_fit_are_told_by_what_holds_them(request_, message):
    with pytest.raises(ValidationError) as caught:
        decode_request(StartChat, json.dumps(request_).encode())
    assert caught.value.message.startswith(message)
