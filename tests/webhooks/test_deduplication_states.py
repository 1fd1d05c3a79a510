"""A state that comes back is no repeat, and the states of others have nothing to do with it."""

from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk.webhooks import MemorySeen, parse
from frontdesk.webhooks.ordering_keys import states_of

from ._bodies import body, sample
from .test_deduplication import handled

PATHS = {
    "agent_created": ("id", "name"),
    "agent_updated": ("id", "name"),
    "bot_created": ("id", "name"),
    "bot_updated": ("id", "name"),
    "group_created": ("id", "name"),
    "group_updated": ("id", "name"),
    "tag_created": ("name", "group_ids"),
    "tag_updated": ("name", "group_ids"),
    "routing_status_set": ("agent_id", "status"),
    "customer_session_fields_updated": ("id active_chat.chat_id", "session_fields"),
    "chat_access_updated": ("id", "access.group_ids"),
    "chat_transferred": ("chat_id", "reason"),
    "event_updated": ("chat_id event.id", "event.text"),
    "incoming_rich_message_postback": ("event_id user_id postback.id", "postback.toggled"),
    "thread_summary_set": ("thread_id", "summary.text"),
    "thread_tagged": ("thread_id tag", ""),
    "thread_untagged": ("thread_id tag", ""),
    "user_added_to_chat": ("chat_id user.id", "reason"),
    "user_removed_from_chat": ("chat_id user_id", "reason"),
}
"""For each action: what says whose state it is, and what may change of it."""
OTHERS: dict[str, Any] = {
    "id": "another",
    "group_ids": [9],
    "session_fields": [{"plan": "silver"}],
    "toggled": False,
    "status": "offline",
}
OPPOSITES = [
    ("thread_tagged", "thread_untagged"),
    ("user_added_to_chat", "user_removed_from_chat"),
    ("agent_suspended", "agent_unsuspended"),
    ("agent_created", "agent_deleted"),
    ("agent_updated", "agent_approved"),
    ("bot_created", "bot_deleted"),
    ("bot_updated", "bot_deleted"),
    ("group_created", "group_deleted"),
    ("group_updated", "group_deleted"),
    ("tag_created", "tag_deleted"),
    ("tag_updated", "tag_deleted"),
    ("chat_access_updated", "chat_transferred"),
]
ONCE = ["chat_deactivated", "event_deleted", "incoming_chat", "incoming_event"]


def with_another(webhook: dict[str, Any], path: str) -> dict[str, Any]:
    """A copy of a webhook with another value at a place in its payload."""
    copy: dict[str, Any] = {**webhook, "payload": dict(webhook["payload"])}
    *parents, name = path.split(".")
    inner = copy["payload"]
    for parent in parents:
        inner[parent] = dict(inner[parent])
        inner = inner[parent]
    number = isinstance(inner[name], int) and not isinstance(inner[name], bool)
    inner[name] = 99 if number else OTHERS.get(name, "another")
    return copy


def changes() -> Iterator[Any]:
    for action, (owners, value) in PATHS.items():
        if value:
            yield pytest.param(action, value, 0, id=f"{action}-{value}")
        for owner in owners.split():
            yield pytest.param(action, owner, 1, id=f"{action}-{owner}")


@pytest.mark.parametrize(("action", "path", "repeats"), list(changes()))
def test_only_another_value_of_the_same_state_ends_it(action: str, path: str, repeats: int) -> None:
    first = sample(action)
    other = with_another(first, path)
    assert other != first
    bodies = [body(one) for one in (first, other, first)]
    got, repeated = handled(bodies, MemorySeen)
    assert {type(webhook).__name__ for webhook in got} == {"Webhook"}
    assert (len(got), repeated) == (3 - repeats, repeats)


@pytest.mark.parametrize(("action", "opposite"), OPPOSITES)
def test_what_is_undone_may_be_done_again(action: str, opposite: str) -> None:
    first, second = sample(action), sample(opposite)
    bodies = [body(one) for one in (first, second, first, second, second)]
    got, repeated = handled(bodies, MemorySeen)
    assert [webhook.action for webhook in got] == [action, opposite] * 2
    assert repeated == 1


def test_changes_of_auto_accesses_are_one_state() -> None:
    first = sample("auto_accesses_updated")
    other = {**first, "payload": first["payload"][:1]}
    bodies = [body(one) for one in (first, other, first, first)]
    got, repeated = handled(bodies, MemorySeen)
    assert (len(got), repeated) == (3, 1)


@pytest.mark.parametrize("action", ONCE)
def test_what_happens_once_is_no_state(action: str) -> None:
    first = sample(action)
    place = "chat.id" if action == "incoming_chat" else "chat_id"
    bodies = [body(one) for one in (first, with_another(first, place), first)]
    assert handled(bodies, MemorySeen)[1] == 1


def test_a_customer_without_a_chat_has_fields_too() -> None:
    first = sample("customer_session_fields_updated")
    del first["payload"]["active_chat"]
    other = with_another(first, "session_fields")
    got, repeated = handled([body(one) for one in (first, other, first, first)], MemorySeen)
    assert (len(got), repeated) == (3, 1)
    assert got[0].payload.active_chat is None
    first["payload"]["active_chat"] = {"chat_id": "C"}
    (webhook,), _ = handled([body(first)], MemorySeen)
    assert webhook.payload.active_chat.thread_id is None


def test_unknown_states_of_two_chats_are_two() -> None:
    first = {**sample("thread_tagged"), "action": "thread_pinned"}
    other = with_another(first, "chat_id")
    assert handled([body(one) for one in (first, other, first)], MemorySeen)[1] == 1
    unchanged = {**first, "payload": 7}
    assert handled([body(unchanged)] * 2, MemorySeen)[1] == 1


NAMES: dict[str, list[tuple[str, ...]]] = {
    "agent_approved": [("agent", "maria@shop.test")],
    "auto_accesses_updated": [("auto access",)],
    "bot_created": [("bot", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")],
    "chat_access_updated": [("access", "QW12ER34TY")],
    "chat_properties_deleted": [
        ("property", "QW12ER34TY", "crm", "deal"),
        ("property", "QW12ER34TY", "crm", "stage"),
    ],
    "chat_transferred": [("access", "QW12ER34TY")],
    "customer_session_fields_updated": [
        ("fields", "3d6f0a52-8c1e-4b7d-9f4a-5a3f1c2b7e90", "QW12ER34TY")
    ],
    "event_properties_updated": [("property", "ZX98CV76BN_3", "status", "delivered")],
    "event_updated": [("event", "QW12ER34TY", "ZX98CV76BN_3")],
    "group_created": [("group", "7")],
    "incoming_rich_message_postback": [
        ("button", "ZX98CV76BN_4", "3d6f0a52-8c1e-4b7d-9f4a-5a3f1c2b7e90", "track")
    ],
    "routing_status_set": [("status", "maria@shop.test")],
    "tag_created": [("tag", "delivery")],
    "thread_properties_updated": [("property", "ZX98CV76BN", "rating", "score")],
    "thread_summary_set": [("summary", "ZX98CV76BN")],
    "thread_tagged": [("tagged", "ZX98CV76BN", "delivery")],
    "thread_untagged": [("tagged", "ZX98CV76BN", "delivery")],
    "user_added_to_chat": [("user", "QW12ER34TY", "maria@shop.test")],
    "user_removed_from_chat": [("user", "QW12ER34TY", "maria@shop.test")],
}


@pytest.mark.parametrize("action", NAMES)
def test_states_keep_their_names(action: str) -> None:
    """Processes of another version that share the store know them by these."""
    states = states_of(parse(body(sample(action))))
    assert [subject for subject, _ in states] == NAMES[action]


def test_the_state_of_an_unknown_webhook_is_named_by_its_chat() -> None:
    unknown = {**sample("thread_tagged"), "action": "thread_pinned"}
    ((subject, value),) = states_of(parse(body(unknown)))
    assert subject == ("unknown", "QW12ER34TY")
    assert value == unknown["payload"]
