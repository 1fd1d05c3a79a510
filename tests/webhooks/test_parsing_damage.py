"""What is reported of a webhook that is not what the API promises, and what is in its place."""

import json
from typing import Any

import pytest

from frontdesk import Damage, encode, to_dict
from frontdesk.errors import DecodeError
from frontdesk.webhooks import IncomingEvent, Initiator, UnknownWebhook, Webhook, parse

from ._bodies import SECRET, body, sample
from .test_receiver import response_to

EMPTY = "Expected `str`, got `int`; an empty text is in its place"
ACTION = "thread_tagged"


def without(name: str) -> dict[str, Any]:
    webhook = sample(ACTION)
    del webhook[name]
    return webhook


def reported(data: bytes, **options: Any) -> tuple[Any, list[tuple[str, str, str]]]:
    """Parse a body; returns the webhook and what the hook got."""
    damage: list[Any] = []
    webhook: Any = parse(data, on_damage=damage.append, **options)
    assert webhook.damage == tuple(damage)
    return webhook, [(one.path, one.problem, one.source) for one in damage]


@pytest.mark.parametrize("name", ["webhook_id", "organization_id"])
@pytest.mark.parametrize("action", [ACTION, "thread_pinned"])
def test_an_envelope_without_a_text_has_an_empty_one(name: str, action: str) -> None:
    for raw, problem in ((without(name), "is missing"), ({**sample(ACTION), name: 7}, EMPTY)):
        webhook, damage = reported(body({**raw, "action": action}))
        assert getattr(webhook, name) == ""
        assert webhook.secret_key == SECRET
        assert webhook.action == action
        assert damage == ([(f"$.{name}", problem, action)] if action == ACTION else [])


def test_without_an_action_nobody_knows_what_it_is() -> None:
    for raw, problem in (
        (without("action"), "is missing"),
        ({**sample(ACTION), "action": 7}, EMPTY),
    ):
        webhook, damage = reported(body(raw))
        assert isinstance(webhook, UnknownWebhook)
        assert webhook.action == ""
        assert webhook.webhook_id == raw["webhook_id"]
        assert webhook.payload == raw["payload"]
        assert damage == [("$.action", problem, "webhook")]


def test_a_webhook_without_a_secret_is_whole() -> None:
    webhook, damage = reported(body({**without("secret_key"), "requester": 7}))
    assert webhook.secret_key == ""
    assert [path for path, _, _ in damage] == ["$.requester"]
    assert reported(body({**without("secret_key"), "action": "new"}))[1] == []


def test_a_secret_of_another_type_is_an_empty_one() -> None:
    webhook, damage = reported(body({**sample(ACTION), "secret_key": 7}))
    assert webhook.secret_key == ""
    assert damage == [("$.secret_key", EMPTY, ACTION)]


def test_the_other_parts_of_a_repaired_webhook_are_kept() -> None:
    raw = sample("incoming_event")
    whole = parse(body(raw))
    assert isinstance(whole, Webhook)
    raw["payload"]["event"]["created_at"] = 7
    webhook, damage = reported(body(raw))
    assert [(path, source) for path, _, source in damage] == [
        ("$.payload.event.created_at", "incoming_event")
    ]
    assert isinstance(webhook.payload, IncomingEvent)
    for name in ("webhook_id", "secret_key", "action", "organization_id", "additional_data"):
        assert getattr(webhook, name) == getattr(whole, name), name
    assert webhook.webhook_id == raw["webhook_id"]


def test_text_is_repaired_like_bytes() -> None:
    data = body({**sample(ACTION), "requester": 7})
    damage: list[Any] = []
    assert parse(data.decode(), on_damage=damage.append) == reported(data)[0]
    assert [one.path for one in damage] == ["$.requester"]
    assert parse(bytearray(data)) == parse(memoryview(data)) == parse(data)


def test_odd_additions_are_not_there() -> None:
    raw = {**sample(ACTION), "additional_data": 7, "requester": [1]}
    webhook, damage = reported(body(raw))
    assert type(webhook) is Webhook
    assert webhook.additional_data is None
    assert webhook.requester is None
    assert damage == [
        (
            "$.additional_data",
            "Expected `object | null`, got `int`; the default is in its place",
            ACTION,
        ),
        (
            "$.requester",
            "Expected `object | null`, got `array`; the default is in its place",
            ACTION,
        ),
    ]


def test_additions_survive_the_repair_of_others() -> None:
    raw = {
        **without("webhook_id"),
        "additional_data": {"chat_properties": {"ns": {"a": 1}}, "chat_presence_user_ids": ["x"]},
        "requester": {"user_id": "U"},
    }
    webhook, _ = reported(body(raw))
    assert webhook.chat_properties == {"ns": {"a": 1}}
    assert webhook.chat_presence_user_ids == ["x"]
    assert webhook.requester == Initiator(user_id="U")
    assert (webhook.requester.account_id, webhook.requester.client_id) == (None, None)


def test_what_was_not_asked_for_is_not_there() -> None:
    raw = sample(ACTION)
    raw.pop("additional_data", None)
    raw.pop("requester", None)
    for data in (body(raw), body({**raw, "secret_key": 7})):
        webhook, _ = reported(data)
        assert (webhook.additional_data, webhook.requester) == (None, None)
        assert (webhook.chat_properties, webhook.chat_presence_user_ids) == ({}, [])
    webhook, _ = reported(body({**raw, "additional_data": {}, "requester": {"account_id": "A"}}))
    assert webhook.additional_data.chat_properties is None
    assert webhook.additional_data.chat_presence_user_ids is None
    assert (webhook.requester.user_id, webhook.requester.client_id) == (None, None)


@pytest.mark.parametrize(("payload", "kind"), [(7, "int"), (None, "null")])
def test_a_payload_that_does_not_fit_is_kept_as_it_came(payload: Any, kind: str) -> None:
    webhook, damage = reported(body({**sample(ACTION), "payload": payload}))
    assert isinstance(webhook, UnknownWebhook)
    assert webhook.payload == payload
    assert webhook.raw["webhook_id"] == webhook.webhook_id
    assert webhook.secret_key == SECRET
    problem = f"Expected `object`, got `{kind}`; the webhook is kept as it came"
    assert damage == [("$.payload", problem, ACTION)]


def test_a_missing_payload_is_like_null() -> None:
    webhook, damage = reported(body(without("payload")))
    assert webhook.payload is None
    assert damage[0][:2] == (
        "$.payload",
        "Expected `object`, got `null`; the webhook is kept as it came",
    )


def test_what_was_repaired_of_a_payload_that_is_given_up_is_not_reported() -> None:
    raw = sample("incoming_event")
    raw["payload"] = {"chat_id": 7, "thread_id": 7}
    _, damage = reported(body({**raw, "webhook_id": raw["webhook_id"]}))
    assert len(damage) == 1
    assert damage[0][1].endswith("; the webhook is kept as it came")


def test_names_that_are_no_text_are_repaired() -> None:
    webhook, damage = reported(body({**sample(ACTION), "action": "new"})[:-1] + b',"\xff":1}')
    assert webhook.raw["\ufffd"] == 1
    assert damage == [("$", "a name is not UTF-8; U+FFFD is in its place", "new")]


def test_odd_values_of_unknown_webhooks_are_null() -> None:
    data = body({**sample(ACTION), "action": "new"})[:-1] + b',"n":1e99999,"m":[1]}'
    webhook, damage = reported(data)
    assert webhook.raw["n"] is None
    assert webhook.raw["m"] == [1]
    assert damage == [("$.n", "Number out of range; null is in its place", "new")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"webhook_id": 7}, f"{EMPTY} - at `$.webhook_id`"),
        ({"payload": 7}, "Expected `object`, got `int` - at `$.payload`"),
        ({"requester": 7}, "Expected `object | null`, got `int`"),
    ],
)
def test_strict_parsing_raises_what_it_would_repair(change: dict[str, Any], message: str) -> None:
    assert parse(body(sample(ACTION)), strict=True)
    with pytest.raises(DecodeError) as caught:
        parse(body({**sample(ACTION), **change}), strict=True)
    assert str(caught.value).startswith(f"not what the API promises: {message}")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[]", "a webhook must be a JSON object"),
        (b"{", "not valid JSON: Input data was truncated"),
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not valid JSON: nested too deeply"),
    ],
    ids=["list", "cut off", "deep"],
)
def test_errors_say_what_is_wrong_and_show_nothing(data: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse(data)
    assert str(caught.value) == message
    assert caught.value.__suppress_context__


def test_webhooks_show_what_they_are() -> None:
    raw = {**sample(ACTION), "additional_data": {"chat_presence_user_ids": ["x"]}}
    webhook: Any = parse(body({**raw, "requester": {"user_id": "U"}}))
    assert repr(webhook) == f"Webhook({ACTION}, payload={webhook.payload!r})"
    assert list(webhook.__rich_repr__()) == [
        ACTION,
        ("payload", webhook.payload),
        ("webhook_id", raw["webhook_id"]),
        ("organization_id", raw["organization_id"]),
        ("additional_data", webhook.additional_data, None),
        ("requester", webhook.requester, None),
    ]
    unknown: Any = parse(body({**raw, "action": "new"}))
    assert repr(unknown).startswith("UnknownWebhook('new', payload={'chat_id': ")
    assert list(unknown.__rich_repr__()) == ["new", ("raw", unknown.raw)]


def test_a_webhook_of_the_wire_stays_what_it_is() -> None:
    raw = sample("agent_created")
    webhook: Any = parse(body(raw))
    assert webhook.on_the_wire().webhook_id == raw["webhook_id"]
    assert parse(body({**raw, "action": "new"})).payload == raw["payload"]


def test_a_receiver_reports_damage_to_its_hook_and_its_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[Damage] = []
    webhook = sample("incoming_event")
    webhook["payload"]["event"]["custom_id"] = 7
    assert response_to(body(webhook), on_damage=seen.append).status == 200
    assert [damage.path for damage in seen] == ["$.payload.event.custom_id"]
    (record,) = caplog.records
    assert record.name == "frontdesk.webhooks"
    assert "`$.payload.event.custom_id` is not what the API promises" in record.getMessage()


def test_an_unknown_webhook_comes_out_as_it_came_in() -> None:
    damaged = sample(ACTION)
    damaged["payload"] |= {"tag": None, "event": {"type": "new"}}
    for raw in ({**sample(ACTION), "action": "thread_pinned"}, damaged):
        webhook = parse(body(raw))
        assert isinstance(webhook, UnknownWebhook)
        assert json.loads(encode(webhook)) == to_dict(webhook) == raw
        assert SECRET not in repr(webhook)
        assert to_dict([webhook]) == [raw]
        assert parse(encode(webhook)) == webhook


def test_the_secret_of_a_webhook_is_encoded_whether_it_is_known_or_not() -> None:
    for action in (ACTION, "thread_pinned"):
        webhook = {**sample(ACTION), "action": action}
        assert to_dict(parse(body(webhook)))["secret_key"] == SECRET
        del webhook["secret_key"]
        assert "secret_key" not in to_dict(parse(body(webhook)))


@pytest.mark.parametrize("action", ["incoming_event", "incoming_hologram"])
def test_a_raw_control_character_costs_nothing(action: str) -> None:
    text = body({**sample("incoming_event"), "action": action, "note": "@"})
    webhook, damage = reported(text.replace(b'"@"', b'"a\tb\n"'))
    assert webhook.secret_key == SECRET
    assert [(path, "control character" in problem) for path, problem, _ in damage] == [
        ("$.note", True)
    ]
    assert response_to(text.replace(b'"@"', b'"a\tb\n"')).status == 200
