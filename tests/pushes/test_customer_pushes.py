"""Every push that customers get has a structure that keeps all that was sent."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontdesk import InvalidArgument, pushes
from frontdesk.codec.decoding import encode
from frontdesk.models import TransferTarget
from frontdesk.pushes import CUSTOMER_PUSHES, PUSHES, UnknownPush, payload_of

from .._samples import lost
from ..documented import samples, spec

DOCUMENTED = {push["name"]: push for push in spec("customer-pushes")["pushes"]}
CREATED = "2026-11-20T10:00:00.123456Z"
PAYLOADS: dict[str, Any] = {
    "incoming_event_preview": {"chat_id": "C", "thread_id": "T", "event": {
        "type": "message", "text": "Let me", "author_id": "a@example.com", "created_at": CREATED,
        "custom_id": "1"}},
    "customer_side_storage_updated": {"customer_side_storage": {"customer_visits": "17"}},
    "incoming_welcome_message": {"id": "W", "event": {
        "type": "rich_message", "template_id": "cards", "author_id": "b", "created_at": CREATED,
        "elements": [{"title": "Hello"}]}},
}  # fmt: skip
"""What the samples lack, of those that agents do not get."""


def decoded(name: str, payload: Any) -> Any:
    return pushes.decode(name, json.dumps(payload), api="customer")


def check(name: str, payload: Any) -> Any:
    push = decoded(name, payload)
    assert type(push) is CUSTOMER_PUSHES[name]
    assert lost(payload, json.loads(encode(payload_of(push)))) == []
    assert not push.damage
    return push


def test_each_push_has_a_structure() -> None:
    assert set(CUSTOMER_PUSHES) == set(DOCUMENTED)
    assert len(CUSTOMER_PUSHES) == spec("customer-pushes")["meta"]["count"]


@pytest.mark.parametrize("path", samples("customer/pushes"), ids=lambda path: path.stem)
def test_a_sample_becomes_its_structure_and_loses_nothing(path: Path) -> None:
    check(path.stem, json.loads(path.read_text()))


@pytest.mark.parametrize("name", PAYLOADS)
def test_what_the_samples_lack_loses_nothing_either(name: str) -> None:
    check(name, PAYLOADS[name])


@pytest.mark.parametrize("name", DOCUMENTED)
def test_what_is_documented_is_in_the_structure(name: str) -> None:
    structure = CUSTOMER_PUSHES[name]
    if structure.spec.root is not None:
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(structure)}
    payload = {k: v for k, v in DOCUMENTED[name]["payload"].items() if "." not in k and k != "*"}
    assert set(payload) <= set(fields)
    always = {key for key, facts in payload.items() if facts["presence"] == "always"}
    required = {key for key, field in fields.items() if field.required}
    assert required - {"id"} <= always


def test_what_only_customers_get_is_no_push_of_agents() -> None:
    own = {name for name, push in CUSTOMER_PUSHES.items() if push is not PUSHES.get(name)}
    assert own == {
        "incoming_event_preview", "customer_updated", "customer_side_storage_updated",
        "customer_disconnected", "incoming_greeting", "greeting_accepted", "greeting_canceled",
        "incoming_welcome_message", "queue_position_updated",
    }  # fmt: skip
    for name in own:
        assert CUSTOMER_PUSHES[name].spec.family == "customer"
        since = tuple(map(int, DOCUMENTED[name].get("since", "3.0").split(".")))
        assert CUSTOMER_PUSHES[name].spec.since == since
        assert CUSTOMER_PUSHES[name].spec.group == DOCUMENTED[name]["group"]


def test_the_same_name_is_read_as_whoever_gets_it() -> None:
    payload = {"id": "c", "omnichannel": {"twilio": [{"+18005550100": {
        "phone_number": "+18005550100"}}]}}  # fmt: skip
    own = check("customer_updated", payload)
    assert type(own) is pushes.CustomerDetailsUpdated
    assert own.name is msgspec.UNSET
    assert type(pushes.decode("customer_updated", {"id": "c"})) is pushes.CustomerUpdated
    with pytest.raises(InvalidArgument, match="api"):
        pushes.decode("customer_updated", payload, api="customers")  # type: ignore[arg-type]


@pytest.mark.parametrize("inside", [True, False])
def test_where_a_chat_came_from_may_stand_on_either_side(inside: bool) -> None:
    chat: dict[str, Any] = {"id": "C", "users": [], "thread": {
        "id": "T", "active": True, "created_at": CREATED, "events": []}}  # fmt: skip
    beside: dict[str, Any] = {}
    (chat if inside else beside)["transferred_from"] = {"group_ids": [3]}
    push = check("incoming_chat", {"chat": chat, **beside})
    assert push.transferred_from == TransferTarget(group_ids=[3])


def test_a_transfer_without_a_reason_has_an_empty_one() -> None:
    push = check("chat_transferred", {"chat_id": "C", "transferred_to": {"group_ids": [1]}})
    assert push.reason == ""


def test_dates_are_in_utc() -> None:
    payload = json.loads(json.dumps(PAYLOADS["incoming_event_preview"]))
    payload["event"]["created_at"] = "2026-11-20T12:00:00+02:00"
    push = decoded("incoming_event_preview", payload)
    assert push.event.created_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert push.event.created_at.tzinfo is UTC


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_a_payload_of_another_shape_is_kept(name: str) -> None:
    push = decoded(name, 17)
    assert push == UnknownPush(action=name, payload=17)
