"""What a recording keeps, and what it replaces."""

import json
import re

import msgspec
import pytest

from frontdesk.pseudonyms import KeyedTokens
from frontdesk.recordings.declared import declared, declared_structs
from frontdesk.recordings.scrubbing import Scrubber

from ._canaries import CANARIES, NUMBER, SEEN, filled


@pytest.fixture(scope="module")
def scrubber():
    return Scrubber(KeyedTokens("a key of these tests"))


def shown(value):
    return json.dumps(value, ensure_ascii=False).lower()


@pytest.mark.parametrize("canary", CANARIES)
def test_no_field_of_any_structure_lets_a_canary_through(scrubber, canary):
    structs = declared_structs()
    assert len(structs) > 400
    leaking = []
    for struct in structs:
        text = shown(scrubber.value({"payload": filled(struct, canary)}))
        leaking += [(struct.__name__, sign) for sign in SEEN if sign in text]
    assert leaking == []


@pytest.mark.parametrize("canary", CANARIES)
def test_no_name_of_a_field_lets_a_canary_through_at_any_depth(scrubber, canary):
    content = {name: [canary, {name: canary}, {canary: NUMBER}] for name in declared().names}
    content |= {"properties": dict(content), "error": dict(content), canary: canary}
    text = shown(scrubber.value(content))
    assert [sign for sign in SEEN if sign in text] == []


def test_what_is_known_to_be_safe_stays(scrubber):
    content = {
        "type": "message",
        "visibility": "agents",
        "created_at": "2026-05-01T10:00:00.123456Z",
        "limit": 25,
        "active": True,
        "recipients": None,
        "error": {"type": "not_found"},
        "text": "",
    }
    assert scrubber.value(content) == content


@pytest.mark.parametrize(
    "content",
    [
        {"type": "Ann"},
        {"created_at": "yesterday, by Ann"},
        {"limit": 4860070},
        {"visibility": "message"},
        {"name": "agent"},
        {"properties": {"0805e283233042b37f460ed8fbf22160": {"type": "message"}}},
    ],
)
def test_a_known_field_keeps_known_values_only(scrubber, content):
    assert scrubber.value(content) != content


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("PJ0MRSHTDG", r"[A-Z0-9]{10}"),
        ("K600PKZON8", r"[A-Z]\d{3}[A-Z]{5}\d"),
        ("b7eff798-f8df-4364-8059-649c35c9ed0c", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("0805e283233042b37f460ed8fbf22160", r"[0-9a-f]{32}"),
        ("smith@example.com", r"email-[0-9a-f]{16}@example\.com"),
        ("7", r"\d+"),
    ],
)
def test_an_id_becomes_one_of_the_same_shape(scrubber, text, shape):
    made = scrubber.value({"id": text})["id"]
    assert re.fullmatch(shape, made)
    assert made != text


def test_the_same_id_is_the_same_everywhere(scrubber):
    chat, agent = "PJ0MRSHTDG", "smith@example.com"
    made = scrubber.value(
        {
            "id": chat,
            "payload": {"chat_id": chat, "chat": {"id": chat}, "chats": {chat: 1}},
            "additional_data": {"chat_presence_user_ids": [agent]},
            "users": [{"id": agent, "email": agent, "name": agent}],
            "properties": {chat: {"holder": agent, "about": chat}},
        }
    )
    assert len(re.findall(re.escape(made["id"]), json.dumps(made))) == 6
    (user,) = made["users"]
    assert user["id"] == user["email"] == user["name"]
    assert made["additional_data"]["chat_presence_user_ids"] == [user["id"]]


def test_the_events_of_a_thread_keep_their_order(scrubber):
    thread = scrubber.id("K600PKZON8")
    assert scrubber.value({"event_id": "K600PKZON8_3"}) == {"event_id": f"{thread}_3"}


def test_short_ids_stay_apart(scrubber):
    made = scrubber.value({"group_ids": list(range(60)), "ids": [str(id) for id in range(60)]})
    assert len(set(made["group_ids"])) == len(set(made["ids"])) == 60
    assert made["group_ids"][0] == 0


def test_secrets_are_gone_rather_than_replaced(scrubber):
    made = scrubber.value({"secret_key": "x1", "token": "dal:secret", "payload": {"token": "y"}})
    assert made == {"secret_key": "…", "token": "…", "payload": {"token": "…"}}


def test_another_key_makes_other_pseudonyms():
    content = {"id": "PJ0MRSHTDG", "name": "Ann", "email": "ann@example.org"}
    first, second = (Scrubber(KeyedTokens(KeyedTokens.new_key())).value(content) for _ in "ab")
    assert [name for name in content if first[name] == second[name]] == []


def test_the_result_is_json_however_deep_it_is(scrubber):
    content = {"text": "x"}
    for _ in range(100):
        content = {"a": [content]}
    assert msgspec.json.decode(msgspec.json.encode(scrubber.value(content)))
