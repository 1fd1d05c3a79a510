"""One item that frontdesk does not know never costs the response that it stands in."""

import copy
import gc
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from frontdesk.codec.decoding import as_json, convert, decode, encode
from frontdesk.errors import DecodeError
from frontdesk.models import (
    AgentsForTransfer,
    ArchivesPage,
    Chat,
    ChatsPage,
    Customer,
    CustomSkill,
    DeletedEvent,
    Event,
    LastEvent,
    LoginResponse,
    MessageEvent,
    RestrictedEvent,
    StoreCart,
    StoreOrder,
    SystemEvent,
    SystemMessageEvent,
    Thread,
    ThreadsPage,
    ThreadSummaryMade,
    UnknownEvent,
    UnknownUser,
    User,
)

from .._samples import load
from ..documented import OWN_SAMPLES

PAGE = load(OWN_SAMPLES / "responses" / "list_archives.json")
MESSAGE = load(OWN_SAMPLES / "events" / "message.json")
DELETED = load(OWN_SAMPLES / "events" / "deleted.json")


def page_with(*events: Any, users: list[Any] | None = None) -> Any:
    page = copy.deepcopy(PAGE)
    page["chats"][0]["thread"]["events"] = [*events]
    page["chats"][0]["users"] = PAGE["chats"][0]["users"] if users is None else users
    return page


def events_of(page: Any) -> list[Event]:
    thread = decode(json.dumps(page), ArchivesPage).chats[0].thread
    return thread.events


def test_an_unknown_event_keeps_all_it_came_with() -> None:
    hologram = load(OWN_SAMPLES / "events" / "unknown.json")
    before, unknown, after = events_of(page_with(MESSAGE, hologram, MESSAGE))
    assert isinstance(before, MessageEvent)
    assert isinstance(after, MessageEvent)
    assert isinstance(unknown, UnknownEvent)
    assert unknown.raw == hologram
    assert (unknown.original_type, unknown.id, unknown.visibility) == (
        "hologram",
        hologram["id"],
        "all",
    )
    assert unknown.author_id == hologram["author_id"]
    assert unknown.created_at == datetime(2026, 2, 3, 10, 20, tzinfo=UTC)
    assert (unknown.custom_id, unknown.properties, unknown.deleted) == (None, None, False)
    assert json.loads(encode(unknown)) == hologram


def test_an_unknown_event_may_lack_everything() -> None:
    unknown = decode('{"id":5,"properties":[1]}', Event)
    assert isinstance(unknown, UnknownEvent)
    assert (unknown.type, unknown.original_type, unknown.id) == ("unknown", "", "")
    assert (unknown.author_id, unknown.properties) == (None, None)
    assert unknown.created_at < datetime(1900, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"text": None},
        {"text": 7},
        {"created_at": "yesterday"},
        {"id": None},
        {"type": ["message"]},
        {"type": None},
        {"visibility": 7},
        {"visibility": None},
    ],
)
def test_a_malformed_event_is_kept_as_it_came(change: dict[str, Any]) -> None:
    malformed = {**MESSAGE, **change}
    first, second = events_of(page_with(malformed, MESSAGE))
    assert isinstance(first, UnknownEvent)
    assert first.raw == malformed
    assert isinstance(second, MessageEvent)


def test_unknown_and_malformed_users_are_kept() -> None:
    nameless = {"type": "agent", "id": "nameless"}
    robot = {"type": "robot", "id": "r1", "name": "R", "email": "e", "avatar": "a", "present": True}
    seen = {"events_seen_up_to": "2026-02-03T12:00:00+02:00"}
    chat = decode(json.dumps(page_with(users=[{**robot, **seen}, nameless])), ArchivesPage).chats[0]
    unknown, malformed = chat.users
    assert isinstance(unknown, UnknownUser)
    assert isinstance(malformed, UnknownUser)
    assert malformed.raw == nameless
    assert (unknown.original_type, unknown.id, unknown.name) == ("robot", "r1", "R")
    assert (unknown.email, unknown.avatar, unknown.present) == ("e", "a", True)
    assert unknown.events_seen_up_to == datetime(2026, 2, 3, 10, tzinfo=UTC)
    assert (malformed.name, malformed.present, malformed.events_seen_up_to) == (None, False, None)
    assert chat.agents == {}
    assert chat.customers == {}


def test_a_page_with_unknown_items_encodes_as_it_came() -> None:
    sample = load(OWN_SAMPLES / "responses" / "list_archives.unknown_items.json")
    page = decode(json.dumps(sample), ArchivesPage)
    thread = page.chats[0].thread
    types = [getattr(event, "original_type", event.type) for event in thread.events]
    assert types == [
        "message", "hologram", "message", "file", "message", "system", "rich_message",
    ]  # fmt: skip
    assert b"frontdesk." not in encode(page)
    assert decode(encode(page), ArchivesPage) == page


def test_deleted_events() -> None:
    shown = load(OWN_SAMPLES / "events" / "message.deleted_but_shown.json")
    bare = load(OWN_SAMPLES / "events" / "deleted.bare.json")
    first, second, third = events_of(page_with(shown, DELETED, bare))
    assert isinstance(first, MessageEvent)
    assert first.deleted is True
    assert isinstance(second, DeletedEvent)
    assert (second.original_type, second.id, second.custom_id) == ("message", "R1BBBBBBB2_9", "c-9")
    assert second.created_at == datetime(2026, 2, 3, 10, 19, tzinfo=UTC)
    assert isinstance(third, DeletedEvent)
    assert (third.original_type, third.visibility, third.deleted) == ("file", None, True)


def test_a_deleted_event_that_says_too_little_is_unknown() -> None:
    assert isinstance(decode('{"type":"message","deleted":true}', Event), UnknownEvent)


def test_a_deleted_event_of_a_new_type_keeps_all_it_came_with() -> None:
    event = decode(json.dumps({**DELETED, "type": "hologram", "depth": 3}), Event)
    assert isinstance(event, UnknownEvent)
    assert event.deleted is True
    assert event.raw["depth"] == 3


def test_a_restricted_event_tells_why() -> None:
    raw = {"event": {"restricted_access": "Not part of your plan"}}
    last = decode(json.dumps(raw), LastEvent)
    assert isinstance(last.event, RestrictedEvent)
    assert last.event.restricted_access == "Not part of your plan"
    assert json.loads(encode(last)) == raw


def test_text_that_looks_like_a_stand_in_stays_text() -> None:
    text = '{"type":"frontdesk.unknown","raw":{}}'
    event = decode(json.dumps({**MESSAGE, "text": text}), Event)
    assert json.loads(encode(event))["text"] == text


def test_an_event_may_be_called_like_a_stand_in() -> None:
    cheeky = {"type": "frontdesk.deleted", "id": "1"}
    event = decode(json.dumps(cheeky), Event)
    assert isinstance(event, UnknownEvent)
    assert json.loads(encode(event)) == cheeky


def test_content_may_have_a_type_of_any_kind() -> None:
    page = page_with(
        {**MESSAGE, "type": "hologram"},
        {**MESSAGE, "type": "custom", "content": {"type": []}},
    )
    decoded = decode(json.dumps(page), ArchivesPage)
    assert decode(encode(decoded), ArchivesPage) == decoded


@pytest.mark.parametrize("type", [[], {}, 7, None])
def test_a_deleted_event_with_a_broken_type_is_unknown(type: Any) -> None:
    assert isinstance(decode(json.dumps({**DELETED, "type": type}), Event), UnknownEvent)


def test_unknown_fields_are_ignored() -> None:
    page = page_with({**MESSAGE, "sparkle": 1})
    page["server"] = "new"
    assert isinstance(events_of(page)[0], MessageEvent)


def test_null_stands_for_empty_lists_and_objects() -> None:
    assert decode('{"chats":null,"found_chats":0}', ArchivesPage).chats == []
    assert decode('{"threads":null}', ThreadsPage).threads == []
    assert decode("null", AgentsForTransfer) == []
    assert decode('{"id":"1","users":null,"access":{"group_ids":null}}', Chat).users == []
    form = {**MESSAGE, "type": "form", "form_id": "f", "fields": None}
    assert decode(json.dumps(form), Event).type == "form"
    assert decode(json.dumps({**MESSAGE, "properties": []}), MessageEvent).properties == {}


def test_convert_leaves_the_value_alone() -> None:
    page = page_with({**MESSAGE, "type": "hologram"}, DELETED)
    before = copy.deepcopy(page)
    assert convert(page, ArchivesPage) == decode(json.dumps(page), ArchivesPage)
    assert page == before


def test_text_and_bytes_are_the_same() -> None:
    text = json.dumps(MESSAGE, ensure_ascii=False)
    assert decode(text, Event) == decode(text.encode(), Event)


def test_a_response_without_content_is_only_checked() -> None:
    assert decode(b"{}", None) is None
    assert decode(b'{"chat_id":"R0"}', None) is None
    with pytest.raises(DecodeError):
        decode(b"", None)
    with pytest.raises(DecodeError):
        decode(b"<html>", None)


@pytest.mark.parametrize(
    "data",
    ["", "{", '{"chats":[', "<html><body>Bad gateway</body></html>", "{}x", b"\xff{}"],
)
def test_what_is_not_json(data: str | bytes) -> None:
    with pytest.raises(DecodeError, match="not valid JSON") as caught:
        decode(data, ArchivesPage)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ('{"chats":7,"found_chats":0}', "$.chats"),
        ('{"found_chats":3}', "$.chats"),
        ('{"message":"no API"}', "$.chats"),
        ("{}", "$.chats"),
        ("[]", ""),
        ("7", ""),
    ],
)
def test_what_is_not_a_response(data: str, path: str) -> None:
    with pytest.raises(DecodeError, match="not what the API promises") as caught:
        decode(data, ArchivesPage)
    assert caught.value.path == path
    assert caught.value.excerpt == data
    with pytest.raises(DecodeError):
        convert(json.loads(data), ArchivesPage)


def test_errors_show_an_excerpt_without_secrets() -> None:
    data = json.dumps(
        {"secret_key": "hunter2", "access_token": "dal:abc", "chats": 1, "x": "y" * 999}
    )
    with pytest.raises(DecodeError) as caught:
        decode(data, ArchivesPage)
    assert caught.value.excerpt.startswith('{"secret_key": "…", "access_token": "…"')
    assert len(caught.value.excerpt) <= 81, "80 characters and the mark of what was cut"
    assert "hunter2" not in str(caught.value)
    assert "dal:abc" not in str(caught.value)


def test_timestamps_of_customers_are_in_utc() -> None:
    customer = decode((OWN_SAMPLES / "responses" / "get_customer.json").read_bytes(), Customer)
    assert customer.created_at == datetime(2025, 11, 30, 21, 30, 0, 250000, tzinfo=UTC)
    assert customer.visit is not None
    assert customer.visit.last_pages is not None
    assert customer.statistics is not None
    assert customer.tickets is not None
    assert customer.carts is not None
    for timestamp in (
        customer.created_at,
        customer.events_seen_up_to,
        customer.agent_last_event_created_at,
        customer.customer_last_event_created_at,
        customer.visit.started_at,
        customer.visit.ended_at,
        customer.visit.last_pages[0].opened_at,
        customer.statistics.last_visit_started_at,
        customer.tickets[0].created_at,
        customer.carts[0].last_updated_at,
    ):
        assert timestamp is not None
        assert timestamp.tzinfo is UTC


def test_a_moment_without_an_offset_is_utc() -> None:
    customer = decode('{"type":"customer","id":"1","created_at":"2026-01-01T00:00:00"}', Customer)
    assert customer.created_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_microseconds_survive() -> None:
    event = decode(json.dumps({**MESSAGE, "created_at": "2026-02-03T10:11:12.000001Z"}), Event)
    assert event.created_at.microsecond == 1
    assert json.loads(encode(event))["created_at"] == "2026-02-03T10:11:12.000001Z"


def test_events_and_users_know_their_types() -> None:
    assert decode(json.dumps(MESSAGE), Event).type == "message"
    assert decode('{"type":"customer","id":"1"}', User).type == "customer"
    assert decode('{"type":"agent","id":"1","name":"A"}', User).type == "agent"


def test_users_of_a_chat_by_kind() -> None:
    chat = decode((OWN_SAMPLES / "responses" / "get_chat.json").read_bytes(), Chat)
    assert list(chat.agents) == ["bob@lamps.example", "0123456789abcdef0123456789abcdef"]
    assert [customer.name for customer in chat.customers.values()] == ["Ann Kowalska"]


def test_last_visit_of_older_versions() -> None:
    customer = decode(
        (OWN_SAMPLES / "responses" / "get_customer.before_3_6.json").read_bytes(), Customer
    )
    assert customer.visit == customer.last_visit
    assert customer.visit is not None
    assert customer.visit.ip == "203.0.113.7"


def test_the_private_id_of_a_customer_is_kept() -> None:
    customer = decode('{"type":"customer","id":"1","__priv_lc2_customer_id":"S1"}', Customer)
    assert customer.lc2_customer_id == "S1"
    assert json.loads(encode(customer))["__priv_lc2_customer_id"] == "S1"


def test_agents_for_transfer_over_web_and_rtm() -> None:
    web, rtm = decode(
        '[{"agent_id":"a","total_active_chats":2},{"agent_id":"b","active_chats":5}]',
        AgentsForTransfer,
    )
    assert (web.total_active_chats, rtm.total_active_chats) == (2, 5)


def test_chats_of_3_7_have_the_names_of_3_6() -> None:
    page = decode((OWN_SAMPLES / "responses" / "list_chats.3_7.json").read_bytes(), ChatsPage)
    chat = page.chats_summary[0]
    assert chat.last_thread_summary is not None
    assert chat.last_thread_summary.id == "R1BBBBBBB2"
    assert chat.last_event_per_type is not None
    last = chat.last_event_per_type["message"]
    assert isinstance(last.event, MessageEvent)
    assert (last.thread_id, last.thread_created_at) == (
        "R1BBBBBBB2",
        datetime(2026, 2, 3, 10, 10, tzinfo=UTC),
    )
    login = decode((OWN_SAMPLES / "responses" / "login.3_7.json").read_bytes(), LoginResponse)
    assert login.chats_summary[0].id == "R0AAAAAAA1"


def test_empty_pages_keep_their_lists() -> None:
    assert encode(ChatsPage(found_chats=0)) == b'{"chats_summary":[],"found_chats":0}'
    assert encode(ArchivesPage(chats=[], found_chats=0)) == b'{"chats":[],"found_chats":0}'


def test_a_thread_may_be_restricted_or_without_events() -> None:
    thread = decode(
        '{"id":"1","active":false,"created_at":"2026-01-01T00:00:00Z","restricted_access":"plan"}',
        Thread,
    )
    assert thread.events == []
    assert thread.restricted_access == "plan"


def system(source: str, subtype: str, version: int, details: str) -> SystemEvent:
    return SystemEvent(
        id="1",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        source=source,
        subtype=subtype,
        version=version,
        details=details,
    )


SKILL = '{"agentId":"a","skillId":"s","skillName":"n"}'
FAILED = '{"agentId":"a","skillId":"s","skillName":"n","error":"e","reason":"r"}'
STORE = '"store":{"id":"i","platform":"shopify","uuid":"u"}'
ORDER = (
    "{" + STORE + ',"order":{"id":"o","order_number":"#1","currency":"PLN","total_price":1.5,'
    '"line_items":[{"quantity":2,"price":0.75,"title":"t","product_id":"p"}]}}'
)
CART = (
    "{" + STORE + ',"cart_lines":[{"total_price":"1.50","currency":"PLN","quantity":2,'
    '"product":{"id":"p"}}]}'
)
SUMMARY = '{"summary":{"text":"t","status":"ok"},"requested_by":"bob"}'


@pytest.mark.parametrize(
    ("event", "layout"),
    [
        (system("ai_agents", "custom_skill_started", 1, SKILL), CustomSkill),
        (system("ai_agents", "custom_skill_failed", 2, FAILED), CustomSkill),
        (system("cdp", "store_order_was_created", 2, ORDER), StoreOrder),
        (system("cdp", "store_product_added_to_cart", 1, CART), StoreCart),
        (system("cdp", "store_product_removed_from_cart", 1, CART), StoreCart),
        (system("messaging", "summary", 1, SUMMARY), ThreadSummaryMade),
        (system("messaging", "summary", 99, SUMMARY), dict),
        (system("messaging", "summary", 1, "{}"), dict),
        (system("weather", "rain", 1, '{"mm":3}'), dict),
    ],
)
def test_details_of_system_events(event: SystemEvent, layout: type) -> None:
    details = event.decoded_details()
    assert isinstance(details, layout)
    assert json.loads(encode(details)) == json.loads(event.details)


def test_details_have_readable_names() -> None:
    details = system("ai_agents", "custom_skill_failed", 1, FAILED).decoded_details()
    assert isinstance(details, CustomSkill)
    assert (details.agent_id, details.skill_name, details.reason) == ("a", "n", "r")


@pytest.mark.parametrize("details", ["", "plain text", "[1]", "7"])
def test_details_that_are_no_object(details: str) -> None:
    with pytest.raises(DecodeError, match="details"):
        system("messaging", "summary", 1, details).decoded_details()


def test_system_messages_have_no_author() -> None:
    event = decode(
        '{"type":"system_message","id":"1","created_at":"2026-01-01T00:00:00Z",'
        '"system_message_type":"routing.idle"}',
        Event,
    )
    assert isinstance(event, SystemMessageEvent)
    assert event.author_id is None


def test_reprs_are_short() -> None:
    assert repr(Customer(id="1", name="Ann")) == "Customer(id='1', name='Ann')"


def test_parsed_json_with_half_a_character_is_encoded_as_it_is() -> None:
    value = {"text": "\ud83d", "other": [1, None]}
    assert json.loads(as_json(value)) == value


@pytest.mark.parametrize("size", [1, 25_000])
@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("text", ["a", 7])
def test_the_collector_is_left_as_it_was(size: int, enabled: bool, text: object) -> None:
    data = json.dumps([text] * size).encode()
    was_enabled = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        if isinstance(text, str):
            decode(data, list[str])
        else:
            with pytest.raises(DecodeError):
                decode(data, list[str], strict=True)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()
