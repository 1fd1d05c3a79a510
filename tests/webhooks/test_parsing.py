"""Every webhook becomes typed, and nothing that the API may change makes that fail."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk import encode, pushes
from frontdesk.errors import DecodeError
from frontdesk.models import MessageEvent, UnknownEvent, UnknownUser
from frontdesk.webhooks import (
    PAYLOADS,
    AgentCreated,
    AutoAccessesUpdated,
    IncomingEvent,
    RoutingStatusSet,
    UnknownWebhook,
    UserAddedToChat,
    Webhook,
    parse,
)

from ..documented import own_samples, samples, spec
from ._bodies import OWN, SECRET, at, body, places, sample

ACTIONS = sorted(path.stem for path in OWN.glob("*.json"))


def on_the_wire(webhook: Webhook[Any]) -> Any:
    payload = webhook.payload
    if isinstance(payload, pushes.Push):
        payload = pushes.payload_of(payload)
    return json.loads(encode(payload))


def lost(before: Any, after: Any) -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        return any(lost(value, after.get(name)) for name, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        pairs = zip(before, after, strict=True)
        return len(before) != len(after) or any(lost(a, b) for a, b in pairs)
    if isinstance(before, str) and isinstance(after, str) and before != after:
        return datetime.fromisoformat(before) != datetime.fromisoformat(after)
    return before != after


def test_there_are_38() -> None:
    assert len(ACTIONS) == 38
    assert set(ACTIONS) == set(PAYLOADS)


def test_they_are_those_of_the_documentation() -> None:
    assert {webhook["name"] for webhook in spec("webhooks")["webhooks"]} == set(PAYLOADS)


@pytest.mark.parametrize(
    "path",
    [*own_samples("webhooks"), *samples("webhooks")],
    ids=lambda path: f"{path.parents[1].name}-{path.stem}",
)
def test_samples_become_typed_and_lose_nothing(path: Path) -> None:
    raw = json.loads(path.read_text(encoding="utf-8"))
    webhook = parse(path.read_bytes())
    assert isinstance(webhook, Webhook)
    assert type(webhook.payload) is PAYLOADS[path.stem]
    assert not lost(raw["payload"], on_the_wire(webhook))
    assert webhook.webhook_id == raw["webhook_id"]
    assert webhook.organization_id == raw["organization_id"]
    assert webhook.action == raw["action"]
    assert webhook.secret_key == raw["secret_key"]
    additional = raw.get("additional_data", {})
    assert webhook.chat_properties == additional.get("chat_properties", {})
    assert webhook.chat_presence_user_ids == additional.get("chat_presence_user_ids", [])
    if "requester" in raw:
        assert webhook.requester is not None
        assert webhook.requester.client_id == raw["requester"]["client_id"]


def test_an_event_is_typed() -> None:
    webhook = parse(body(sample("incoming_event")))
    assert isinstance(webhook, Webhook)
    assert isinstance(webhook.payload, IncomingEvent)
    event = webhook.payload.event
    assert isinstance(event, MessageEvent)
    assert event.text == "Where is my parcel? - żółw ☂"
    assert event.created_at == datetime(2026, 3, 2, 9, 15, 27, 104233, tzinfo=UTC)


def test_text_is_as_good_as_bytes() -> None:
    data = body(sample("incoming_chat"))
    assert parse(data.decode()) == parse(data) == parse(bytearray(data)) == parse(memoryview(data))


@pytest.mark.parametrize("action", ["agent_created", "auto_accesses_updated"])
def test_a_payload_that_is_one_thing_is_in_one_field(action: str) -> None:
    payload = parse(body(sample(action))).payload
    if isinstance(payload, AgentCreated):
        assert payload.agent.name == "Maria"
    else:
        assert isinstance(payload, AutoAccessesUpdated)
        assert [change.status for change in payload.changes] == ["added", "deleted"]


@pytest.mark.parametrize("spelling", ["accepting chats", "accepting_chats"])
def test_both_spellings_of_a_routing_status(spelling: str) -> None:
    raw = sample("routing_status_set")
    raw["payload"]["status"] = spelling
    payload = parse(body(raw)).payload
    assert isinstance(payload, RoutingStatusSet)
    assert payload.status == spelling
    assert payload.routing_status == "accepting_chats"
    with pytest.raises(TypeError):
        RoutingStatusSet("maria@shop.test", spelling)  # type: ignore[call-arg,misc]


@pytest.mark.parametrize("action", ACTIONS)
def test_new_fields_are_ignored(action: str) -> None:
    raw = sample(action)
    before = parse(body(raw))
    for place in [(), *places(raw)]:
        inner = at(raw, place)
        if isinstance(inner, dict) and not set(place) & FREE:
            inner["brand_new"] = {"of": [1, 2.5, None]}
    raw["additional_data"] = {**raw.get("additional_data", {}), "brand_new": 1}
    after = parse(body(raw))
    assert type(after) is Webhook
    assert isinstance(before, Webhook)
    assert after.payload == before.payload


FREE = {"properties", "chat_properties", "session_fields", "agent_priorities"}
"""Objects whose keys are data."""


@pytest.mark.parametrize("change", ["null", "missing"])
@pytest.mark.parametrize("action", ACTIONS)
def test_null_and_missing_fields_never_fail(action: str, change: str) -> None:
    raw = sample(action)
    for place in places(raw):
        changed = copy.deepcopy(raw)
        if change == "null":
            at(changed, place[:-1])[place[-1]] = None
        else:
            del at(changed, place[:-1])[place[-1]]
        webhook = parse(body(changed))
        assert webhook.action == ("" if place == ("action",) else action)
        if place[0] in {"webhook_id", "organization_id", "additional_data", "requester"}:
            assert type(webhook.payload) is PAYLOADS[action], place


OPTIONAL = [
    ("incoming_chat", "transferred_from"),
    ("chat_deactivated", "user_id"),
    ("chat_transferred", "thread_id"),
    ("chat_transferred", "requester_id"),
    ("chat_transferred", "queue"),
    ("user_added_to_chat", "thread_id"),
    ("user_added_to_chat", "requester_id"),
    ("user_added_to_chat", "user_type"),
    ("user_removed_from_chat", "thread_id"),
    ("user_removed_from_chat", "requester_id"),
    ("user_removed_from_chat", "user_type"),
    ("customer_session_fields_updated", "active_chat"),
    ("agent_updated", "name"),
    ("bot_updated", "name"),
    ("group_updated", "name"),
]


@pytest.mark.parametrize(("action", "field"), OPTIONAL)
def test_optional_fields_may_be_missing_or_null(action: str, field: str) -> None:
    raw = sample(action)
    raw["payload"][field] = None
    assert type(parse(body(raw)).payload) is PAYLOADS[action]
    del raw["payload"][field]
    assert type(parse(body(raw)).payload) is PAYLOADS[action]


def test_unknown_action() -> None:
    raw = {**sample("thread_tagged"), "action": "thread_pinned"}
    webhook = parse(body(raw))
    assert isinstance(webhook, UnknownWebhook)
    assert webhook.action == "thread_pinned"
    assert webhook.payload == raw["payload"]
    assert webhook.webhook_id == raw["webhook_id"]
    assert webhook.organization_id == raw["organization_id"]
    assert {**webhook.raw, "secret_key": webhook.secret_key} == raw


@pytest.mark.parametrize("payload", [None, 7, "text", [], {}, {"chat_id": 7}])
def test_a_payload_that_is_something_else(payload: Any) -> None:
    webhook = parse(body({**sample("thread_tagged"), "payload": payload}))
    assert isinstance(webhook, UnknownWebhook)
    assert webhook.payload == payload


def test_unknown_events_and_users_cost_only_themselves() -> None:
    raw = sample("incoming_event")
    raw["payload"]["event"]["type"] = "hologram"
    payload = parse(body(raw)).payload
    assert isinstance(payload, IncomingEvent)
    assert isinstance(payload.event, UnknownEvent)
    assert payload.event.raw["text"] == raw["payload"]["event"]["text"]
    raw = sample("user_added_to_chat")
    raw["payload"]["user"]["type"] = "ghost"
    payload = parse(body(raw)).payload
    assert isinstance(payload, UserAddedToChat)
    assert isinstance(payload.user, UnknownUser)


@pytest.mark.parametrize("action", ["thread_tagged", "thread_pinned"])
def test_the_secret_is_never_shown(action: str) -> None:
    rich = pytest.importorskip("rich.pretty")
    webhook = parse(body({**sample("thread_tagged"), "action": action}))
    assert webhook.secret_key == SECRET
    assert SECRET not in repr(webhook)
    assert SECRET not in rich.pretty_repr(webhook)
    assert action in repr(webhook)
    assert action in rich.pretty_repr(webhook)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{",
        b'{"action":"x"} {}',
        b"<html></html>",
        b"\xff\xfe{}",
        b'{"action":"x","payload":' + b"[" * 100_000,
        b'{"action":"x","payload":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda data: repr(data[:30]),
)
def test_what_is_no_webhook(data: bytes) -> None:
    with pytest.raises(DecodeError):
        parse(data)


def test_an_error_does_not_show_the_secret() -> None:
    with pytest.raises(DecodeError) as caught:
        parse(body(sample("thread_tagged"))[:-1] + b"!")
    assert SECRET not in f"{caught.value!r} {caught.value}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@st.composite
def changed_webhooks(draw: st.DrawFn) -> dict[str, Any]:
    raw = sample(draw(st.sampled_from(ACTIONS)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from(list(places(raw))))
        at(raw, place[:-1])[place[-1]] = draw(JSON)
    return raw


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(changed_webhooks())
def test_whatever_changes_it_is_a_webhook(raw: dict[str, Any]) -> None:
    data = body(raw)
    webhook = parse(data)
    assert isinstance(webhook, Webhook | UnknownWebhook)
    if isinstance(webhook, Webhook):
        assert type(webhook.payload) is PAYLOADS[raw["action"]]
