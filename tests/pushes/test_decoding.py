"""Every push of the API has a structure that keeps all that was sent."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontdesk import pushes
from frontdesk.codec.decoding import encode
from frontdesk.errors import DecodeError
from frontdesk.models import Customer, MessageEvent, UnknownEvent, UnknownUser
from frontdesk.pushes import (
    PUSHES,
    AgentUpdated,
    CustomerUpdated,
    IncomingCustomer,
    IncomingEvent,
    IncomingMulticast,
    Push,
    SubscribedCustomersTotalsUpdated,
    UnknownPush,
    UserAddedToChat,
    payload_of,
)

from ..documented import OWN_SAMPLES, own_samples, samples, spec

SAMPLES = own_samples("pushes") + samples("pushes")


def sample(name: str) -> Any:
    return json.loads((OWN_SAMPLES / "pushes" / f"{name}.json").read_text())


def leaves(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for position, item in enumerate(value):
            yield from leaves(item, f"{path}[{position}]")
    else:
        yield path, parse_timestamp(value)


def parse_timestamp(value: Any) -> Any:
    """Timestamps are compared as such: ``.000000`` may be missing, offsets may differ."""
    try:
        return msgspec.convert(value, datetime).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        return value


def test_there_is_a_sample_of_each_push():
    assert {path.name.split(".")[0] for path in own_samples("pushes")} == set(PUSHES)
    assert len(PUSHES) == 65


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parents[2].name}-{path.stem}")
def test_sample_becomes_its_structure_and_loses_nothing(path: Path):
    name, data = path.name.split(".")[0], path.read_bytes()
    push = pushes.decode(name, data)
    assert type(push) is PUSHES[name]
    assert dict(leaves(json.loads(encode(payload_of(push))))) == dict(leaves(json.loads(data)))


@pytest.mark.parametrize("name", sorted(PUSHES))
def test_parsed_json_gives_the_same_push_as_bytes(name: str):
    data = (OWN_SAMPLES / "pushes" / f"{name}.json").read_bytes()
    assert pushes.decode(name, json.loads(data)) == pushes.decode(name, data)


@pytest.mark.parametrize("name", sorted(PUSHES))
def test_new_fields_are_ignored(name: str):
    payload = sample(name)
    if isinstance(payload, list):
        payload[0]["brand_new"] = [1]
    elif name != "subscribed_customers_totals_updated":
        payload["brand_new"] = {"x": None}
    assert type(pushes.decode(name, payload)) is PUSHES[name]


@pytest.mark.parametrize("name", sorted(PUSHES))
@pytest.mark.parametrize("payload", [17, "text", [17], {"id": []}])
def test_malformed_payload_becomes_an_unknown_push_that_keeps_it(name: str, payload: Any):
    push = pushes.decode(name, json.dumps(payload))
    if isinstance(push, UnknownPush):
        assert (push.action, push.payload) == (name, payload)
    else:
        assert payload == {"id": []}
        assert all(info.default is not msgspec.NODEFAULT for info in msgspec.structs.fields(push)
                   if info.name != "content")  # fmt: skip


def test_push_of_a_new_name_is_kept():
    push = pushes.decode("greeting_created", b'{"id": 1, "tags": ["a"]}')
    assert push == UnknownPush(action="greeting_created", payload={"id": 1, "tags": ["a"]})
    assert payload_of(push) == {"id": 1, "tags": ["a"]}


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 5000])
def test_payload_that_is_not_json_is_an_error(data: bytes):
    with pytest.raises(DecodeError):
        pushes.decode("incoming_event", data)
    with pytest.raises(DecodeError):
        pushes.decode("brand_new", data)


def test_event_of_a_new_type_does_not_cost_the_push():
    push = pushes.decode("incoming_event", sample("incoming_event.new_type"))
    assert isinstance(push, IncomingEvent)
    assert isinstance(push.event, UnknownEvent)
    assert push.event.raw["depth"] == 3


def test_user_of_a_new_type_does_not_cost_the_push():
    payload = sample("user_added_to_chat")
    payload["user"] = {"id": "r1", "type": "robot"}
    push = pushes.decode("user_added_to_chat", payload)
    assert isinstance(push, UserAddedToChat)
    assert isinstance(push.user, UnknownUser)


def test_whole_payload_in_one_field():
    customer = pushes.decode("incoming_customer", sample("incoming_customer"))
    totals = pushes.decode("subscribed_customers_totals_updated", {"s": 3})
    assert isinstance(customer, IncomingCustomer)
    assert isinstance(customer.customer, Customer)
    assert customer.customer.visit is not None
    assert totals == SubscribedCustomersTotalsUpdated(totals={"s": 3})


def test_what_did_not_change_is_unset_and_what_was_emptied_is_not():
    agent = pushes.decode("agent_updated", {"id": "lee@example.org", "groups": [], "name": None})
    assert isinstance(agent, AgentUpdated)
    assert agent.groups == []
    assert agent.name is None
    assert agent.role is msgspec.UNSET
    customer = pushes.decode("customer_updated", {"id": "c", "address": {"city": "Arica"}})
    assert isinstance(customer, CustomerUpdated)
    assert customer.cart is msgspec.UNSET
    assert json.loads(encode(customer)) == {"id": "c", "address": {"city": "Arica"}}


def test_multicast_content_may_be_anything():
    for content in ("text", 17, None, [1, {"a": None}], {"nested": {"json": True}}):
        push = pushes.decode("incoming_multicast", {"content": content})
        assert isinstance(push, IncomingMulticast)
        assert push.content == content


def test_payload_cannot_pretend_to_be_the_frame():
    payload = {**sample("chat_deleted"), "version": "9", "request_id": "x", "recovered": True}
    push = pushes.decode("chat_deleted", payload)
    assert (push.version, push.request_id, push.recovered) == (None, None, False)


def test_what_the_frame_adds_is_not_part_of_the_payload():
    push = pushes.decode("chat_deleted", sample("chat_deleted"))
    push.version, push.request_id, push.recovered = "3.6", "17", True
    assert json.loads(encode(payload_of(push))) == sample("chat_deleted")
    assert push.request_id == "17"


def test_timestamps_are_in_utc():
    payload = sample("incoming_event")
    payload["event"]["created_at"] = "2026-04-17T10:15:30.123456+02:00"
    push = pushes.decode("incoming_event", payload)
    assert isinstance(push, IncomingEvent)
    assert isinstance(push.event, MessageEvent)
    assert push.event.created_at == datetime(
        2026, 4, 17, 10, 15, 30, 123456, tzinfo=timezone(timedelta(hours=2))
    )


def test_specification_says_the_same():
    for push in spec("pushes")["pushes"]:
        declared = PUSHES[push["name"]].spec
        assert declared.group == push["group"]
        assert declared.family == push["family"].split(" ")[0]
        assert declared.webhook == (push["webhook"] == push["name"])
        since = tuple(map(int, str(push.get("since", "3.0"))[:3].split(".")))
        assert declared.since == since
        required = {
            info.encode_name
            for info in msgspec.structs.fields(PUSHES[push["name"]])
            if info.required and declared.root is None
        }
        documented = {
            name for name, facts in push["payload"].items() if facts.get("presence") == "always"
        }
        if not {"*", "groups[].id"} & set(push["payload"]):
            assert required <= documented


def test_base_of_all_pushes_registers_none_of_itself():
    assert Push not in PUSHES.values()
    assert UnknownPush not in PUSHES.values()
