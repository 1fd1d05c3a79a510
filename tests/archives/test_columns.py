"""What becomes of a chat in the tables, whatever it is."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk import Damage, DecodeError
from frontdesk.archives.columns import timestamps

from .served import SINCE, chat, event, page_of, read, rows, tables

SAMPLES = Path(__file__).parents[1] / "samples"
LARGE = 2**63


def of_thread(**fields: Any) -> dict[str, Any]:
    return rows([chat(**fields)])["threads"][0]


def test_documented_response_is_read_whole() -> None:
    page = (SAMPLES / "responses" / "list_archives.json").read_bytes()
    sample = json.loads(page)
    del sample["next_page_id"]
    found = tables(read(json.dumps(sample).encode(), raw=True))
    (thread,) = found["threads"]
    (one,) = sample["chats"]
    assert thread["damage"] is None
    assert json.loads(thread["raw"]) == one
    assert thread["thread_id"] == "K600PKZON8"
    assert thread["summary"] == "• Agent greets with a short message."
    assert thread["group_ids"] == [0]
    assert (thread["previous_thread_id"], thread["next_thread_id"]) == ("K600PKZOM8", "K600PKZOO8")
    (said,) = found["events"]
    assert said["text"] == "Hello there"
    assert said["author_type"] == "agent"
    assert said["created_at"] == datetime(2020, 5, 28, 11, 45, 32, 269000, tzinfo=UTC)
    assert json.loads(said["properties"]) == one["thread"]["events"][0]["properties"]
    (visit,) = found["visits"]
    assert (visit["latitude"], visit["longitude"]) == (-14.6973803, -75.1266898)
    assert [
        (row["level"], row["name"], row["value"], row["type"]) for row in found["properties"]
    ] == [
        ("thread", "thread_property", "property_value", "string"),
        ("chat", "chat_property", "property_value", "string"),
    ]
    assert {row["date"] for of in found.values() for row in of} == {date(2020, 5, 28)}


@pytest.mark.parametrize("path", sorted((SAMPLES / "events").glob("*.json")), ids=lambda p: p.stem)
def test_documented_events_lose_nothing(path: Path) -> None:
    sample = json.loads(path.read_text(encoding="utf-8"))
    found = rows([chat(events=[sample])])
    assert found["threads"][0]["damage"] is None
    row = found["events"][0] | {"content": json.loads(found["events"][0]["content"] or "null")}
    file = found["files"][0] if found["files"] else {}
    contents = {"fields", "elements", "content", "text_vars", "postback"}
    dropped = {"thumbnail_url", "thumbnail2x_url"}
    for name, value in sample.items():
        if name in contents or name in dropped:
            continue
        if name == "properties":
            assert json.loads(row["properties"]) == value
        elif name == "created_at":
            assert row["created_at"] == datetime.fromisoformat(value)
        else:
            column = {"id": "event_id"}.get(name, name)
            assert (row | file)[column] == value
    named = [sample[name] for name in contents - {"postback"} if name in sample]
    assert named in ([], [row["content"]])
    if "postback" in sample:
        assert row["postback_id"] == sample["postback"]["id"]


def test_system_event_keeps_what_it_is_about() -> None:
    made = event(type="system", source="cdp", subtype="order", version=2, details='{"a": [1]}')
    row = rows([chat(events=[made])])["events"][0]
    assert json.loads(row["content"]) == {
        "source": "cdp",
        "subtype": "order",
        "version": 2,
        "details": {"a": [1]},
    }


def test_event_of_a_new_type_keeps_its_json() -> None:
    new = event(type="hologram", beam={"of": "light"}, created_at="2026-03-01T00:00:09Z")
    found = rows([chat(events=[event(), None, new, event()])])
    assert [row["type"] for row in found["events"]] == ["message", "hologram", "message"]
    assert json.loads(found["events"][1]["content"]) == new
    assert found["events"][0]["content"] is None


def test_types_of_users_and_authors() -> None:
    bot = "5c9871d5372c824cbf22d860a707a578"
    made = chat(events=[event(author_id=one) for one in (bot, "b7eff798", "nobody", None)])
    made["users"].append({"id": bot, "type": "agent", "name": "Bot"})
    made["thread"]["user_ids"] = ["b7eff798", bot, bot, "gone@example.com"]
    found = rows([made])
    assert [row["author_type"] for row in found["events"]] == ["bot", "customer", None, None]
    assert [(row["user_id"], row["type"]) for row in found["thread_users"]] == [
        ("b7eff798", "customer"),
        (bot, "bot"),
        ("gone@example.com", None),
    ]
    assert {row["user_id"]: row["type"] for row in found["users"]} == {
        "b7eff798": "customer",
        "smith@example.com": "agent",
        bot: "bot",
    }
    del made["thread"]["user_ids"]
    assert len(rows([made])["thread_users"]) == 3


def test_well_known_properties_are_columns_of_their_type() -> None:
    thread = of_thread(
        properties={
            "routing": {"continuous": True, "idle": "no", "unassigned": 1, "start_url": "u"},
            "rating": {"score": 1, "comment": "good"},
            "lc2": {"greeting_id": LARGE},
            "ecommerce": {"has_sale": False},
        }
    )
    assert (thread["continuous"], thread["idle"], thread["unassigned"]) == (True, None, None)
    assert (thread["rating_score"], thread["rating_comment"]) == (1, "good")
    assert (thread["greeting_id"], thread["has_sale"]) == (None, False)


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        ("x", "x", "string"),
        (True, "true", "bool"),
        (7, "7", "int"),
        (LARGE * 2, str(LARGE * 2), "int"),
        (0.5, "0.5", "float"),
        ({"a": [None]}, '{"a":[null]}', "json"),
        (None, None, "json"),
    ],
)
def test_properties_are_texts_with_their_type(value: Any, text: str | None, kind: str) -> None:
    (row,) = rows([chat(properties={"app": {"p": value}})])["properties"]
    assert (row["value"], row["type"]) == (text, kind)


DATES = {
    "2026-03-01T10:00:00.000001Z": datetime(2026, 3, 1, 10, 0, 0, 1, tzinfo=UTC),
    "2026-03-01T10:00:00Z": datetime(2026, 3, 1, 10, tzinfo=UTC),
    "2026-03-01T12:00:00.5+02:00": datetime(2026, 3, 1, 10, 0, 0, 500000, tzinfo=UTC),
    "2026-03-01T12:00:00+0200": datetime(2026, 3, 1, 10, tzinfo=UTC),
    "2026-03-01T10:00:00": datetime(2026, 3, 1, 10, tzinfo=UTC),
    "2026-03-01T10:00:00.123456789Z": datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC),
    "2026-03-01 10:00:00Z": datetime(2026, 3, 1, 10, tzinfo=UTC),
    "1969-12-31T23:59:59Z": datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    "0000-01-01T00:00:00Z": None,
    "2026-13-01T00:00:00Z": None,
    "yesterday": None,
    "": None,
}


@pytest.mark.parametrize("text", DATES)
def test_dates_in_every_spelling(text: str) -> None:
    expected = DATES[text]
    for beside in ([], ["2026-03-01T10:00:00.000001Z"], ["2026-03-01T10:00:00+0200"]):
        times, odd = timestamps([text, None, *beside])
        value = times[0].as_py()
        assert value == expected or abs((value - expected).total_seconds()) < 2e-6
        assert odd == ([0] if expected is None else [])


@given(st.lists(st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 1, 1))))
def test_dates_are_read_exactly(dates: list[datetime | None]) -> None:
    aware = [None if one is None else one.replace(tzinfo=UTC) for one in dates]
    texts = [None if one is None else one.isoformat().replace("+00:00", "Z") for one in aware]
    times, odd = timestamps(texts)
    assert (times.to_pylist(), odd) == (aware, [])


ODD_THREADS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "a number for a text": ({"id": 5}, "$.thread.id", {"thread_id": None}),
    "no date": ({"created_at": "soon"}, "$.thread.created_at", {"created_at": None}),
    "a number for a date": ({"created_at": 5}, "$.thread.created_at", {"created_at": None}),
    "a text for a number": (
        {"queues_duration": "long"}, "$.thread.queues_duration", {"queues_duration": None},
    ),
    "a number too large": (
        {"queues_duration": 10**30}, "$.thread.queues_duration", {"queues_duration": None},
    ),
    "a text for groups": ({"access": {"group_ids": "all"}}, "$.thread.access.group_ids", {}),
    "one odd group": (
        {"access": {"group_ids": [1, "x", 2]}}, "$.thread.access", {"group_ids": [1, 2]},
    ),
    "one odd tag": ({"tags": ["a", 5, "b"]}, "$.thread.tags[1]", {}),
    "no summary": ({"summary": "x"}, "$.thread.summary", {"summary": None}),
    "odd properties": ({"properties": {"routing": 5}}, "$.thread.properties.routing", {}),
    "an odd event": ({"events": [event(), 5]}, "$.thread.events[1]", {"events_count": 1}),
    "an event with an odd date": (
        {"events": [event(), event(created_at="x")]}, "$.thread.events[1].created_at",
        {"events_count": 2, "last_event_at": None},
    ),
    "an event with an odd text": ({"events": [event(text=5)]}, "$.thread.events[0].text", {}),
    "no place": (
        {"customer_visit": {"geolocation": {"latitude": "north"}}},
        "$.thread.customer_visit.geolocation.latitude", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_THREADS)
def test_odd_value_costs_that_value(name: str) -> None:
    fields, path, expected = ODD_THREADS[name]
    reported: list[Damage] = []
    made = [chat(0), chat(1, **fields), chat(2)]
    (page,) = read(page_of(*made), client={"on_damage": reported.append})
    found = tables([page])
    first, odd, last = found["threads"]
    assert first["damage"] is last["damage"] is first["raw"] is last["raw"] is None
    assert path in odd["damage"]
    assert json.loads(odd["raw"]) == made[1]
    assert odd | expected == odd
    assert (odd["chat_id"], page.damaged) == ("CHAT1", 1)
    assert len({row["event_id"] for row in found["events"]}) >= 2
    assert reported[0].path.startswith("$.chats[1].thread")
    assert reported[0].source == "list_archives"


@pytest.mark.parametrize("name", ODD_THREADS)
def test_strict_client_raises(name: str) -> None:
    fields, _, _ = ODD_THREADS[name]
    with pytest.raises(DecodeError, match="not what the API promises"):
        read(page_of(chat(1, **fields)), client={"strict": True})


@pytest.mark.parametrize("odd", [None, 5, "text", [], [chat()], {}, {"id": 5}, {"thread": 1}])
def test_what_is_no_chat_is_kept_as_it_came(odd: Any) -> None:
    found = rows([chat(0), odd, chat(2)])
    first, row, last = found["threads"]
    assert (first["thread_id"], last["thread_id"]) == ("THREAD0", "THREAD2")
    assert json.loads(row["raw"]) == odd
    assert json.loads(row["damage"])
    assert row["date"] == SINCE.date()


@pytest.mark.parametrize(
    ("odd", "kept"),
    [
        (b'"a\xffb"', "a\ufffdb"),
        (b'"a\\ud83db"', "a\ufffdb"),
        (b'"a\tb"', "a\tb"),
        (b"NaN", None),
        (b"-Infinity", None),
        (b"[" * 3000 + b"]" * 3000, None),
    ],
)
@pytest.mark.parametrize("place", ["text", "other", "content", "properties"])
def test_what_is_no_json_costs_no_page(odd: bytes, kept: str | None, place: str) -> None:
    made = event(type="custom") | {place: "@"} if place == "content" else event() | {place: "@"}
    raw = json.dumps(chat(1, events=[made, event()])).encode().replace(b'"@"', odd)
    found = tables(read(page_of(chat(0), raw, chat(2)), raw=True))
    assert [row["thread_id"] for row in found["threads"]] == ["THREAD0", "THREAD1", "THREAD2"]
    assert len(found["events"]) == 4
    assert json.loads(found["threads"][1]["raw"])["id"] == "CHAT1"
    if place == "text":
        assert found["events"][1]["text"] == kept
        assert found["threads"][1]["damage"]
    if place == "content" and kept is not None:
        assert json.loads(found["events"][1]["content"]) == kept


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["id", "created_at", "user_ids", "events", "properties", "access", "tags", "queues_duration",
     "summary", "customer_visit", "restricted_access"]
)  # fmt: skip
EVENT_NAMES = st.sampled_from([*event(), "properties", "content", "size", "deleted", "postback"])


@settings(max_examples=40)
@given(st.dictionaries(NAMES, JSON, max_size=3), st.dictionaries(EVENT_NAMES, JSON, max_size=3))
def test_nothing_at_all_costs_a_page(fields: dict[str, Any], odd: dict[str, Any]) -> None:
    made = chat(1, **({"events": [event(**odd), event()]} | fields))
    found = rows([chat(0), made, chat(2)], raw=True)
    assert [row["chat_id"] for row in found["threads"]] == ["CHAT0", "CHAT1", "CHAT2"]
    assert json.loads(found["threads"][1]["raw"]) == made
    assert [row["thread_id"] for row in found["events"]][-1] == "THREAD2"
