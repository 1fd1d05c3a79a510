"""Values of the user's own in requests: what JSON would hide is refused, with its path."""

import enum
from collections import ChainMap, Counter, OrderedDict, UserDict, deque, namedtuple
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk import InvalidArgument
from frontdesk.actions import BanCustomer, Multicast, SendEvent, TagThread, UpdateChatProperties
from frontdesk.models import Custom, Message
from frontdesk.spec.json_values import MAX_DEPTH, as_json


class Level(enum.Enum):
    LOW = 1
    NAN = float("nan")
    BYTES = b"x"


class Shade(str, enum.Enum):  # noqa: UP042 - older code writes it so
    RED = "red"


class Word(str):
    __slots__ = ()


class Number(int):
    pass


class Score(float):
    pass


@dataclass
class Point:
    x: Any


Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - as users may have it
RING: dict[str, Any] = {}
RING["again"] = [RING]


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


HIDDEN: list[tuple[Any, str, str]] = [
    (float("nan"), "", "it is nan"),
    (float("inf"), "", "it is inf"),
    (float("-inf"), "", "it is -inf"),
    (Score("nan"), "", "it is nan"),
    (b"x", "", "it is bytes"),
    (bytearray(b"x"), "", "it is bytearray"),
    (memoryview(b"x"), "", "it is memoryview"),
    ({1}, "", "it is set"),
    (frozenset([1]), "", "it is frozenset"),
    (Decimal("1.5"), "", "it is Decimal"),
    (1j, "", "it is complex"),
    (object(), "", "it is object"),
    (deque([1]), "", "it is deque"),
    ((n for n in [1]), "", "it is generator"),
    (int, "", "it is type"),
    (Level.NAN, "", "it is nan"),
    (Level.BYTES, "", "it is bytes"),
    (2**64, "", "more than 64 bits"),
    (-(2**63) - 1, "", "more than 64 bits"),
    (10**5000, "", "more than 64 bits"),
    ("half \ud800", "", "half a surrogate pair"),
    ({1: 2}, "", "must have texts as names, not int"),
    ({None: 2}, "", "must have texts as names, not None"),
    ({True: 2}, "", "must have texts as names, not bool"),
    ({b"a": 2}, "", "must have texts as names, not bytes"),
    ({(1, 2): 2}, "", "must have texts as names, not tuple"),
    ({Level.LOW: 2}, "", "must have texts as names, not Level"),
    ({"\ud800": 2}, "", "half a surrogate pair"),
    (msgspec.UNSET, "", "it is UnsetType"),
    (RING, ".again[0]", "it holds itself"),
    (Point(float("nan")), ".x", "it is nan"),
    ({"a": [0, {"b": float("nan")}]}, ".a[1].b", "it is nan"),
    (MappingProxyType({"a": {1}}), ".a", "it is set"),
    (OrderedDict(a=b"x"), ".a", "it is bytes"),
    (ChainMap({"a": (1, Decimal(1))}), ".a[1]", "it is Decimal"),
    ({"at": [datetime(2026, 2, 1)]}, ".at[0]", "must have a time zone"),
    (Custom(custom_id="ok", content={"a": 1}).content | {"b": {2}}, ".b", "it is set"),
]


@pytest.mark.parametrize(("value", "path", "rule"), HIDDEN, ids=map(str, range(len(HIDDEN))))
def test_what_json_would_hide_is_refused_by_its_path(value: Any, path: str, rule: str) -> None:
    sent = [
        ("content", lambda: Multicast(recipients={"agents": {"all": True}}, content=value)),
        ("content.p", lambda: Custom(content={"p": value})),
        ("content.p[1].q", lambda: Custom(content={"p": [1, {"q": value}]})),
        (
            "event.content.p",
            lambda: SendEvent(chat_id="C", event={"type": "custom", "content": {"p": value}}),
        ),
    ]  # fmt: skip
    for place, build in sent:
        with pytest.raises(InvalidArgument) as caught:
            build()
        assert caught.value.field == place + path
        assert rule in caught.value.rule


PLAIN: list[tuple[Any, Any]] = [
    (None, None), (True, True), (0, 0), (-1.5, -1.5), ("é", "é"), ([], []), ({}, {}),
    (2**64 - 1, 2**64 - 1), (-(2**63), -(2**63)), (1e308, 1e308),
    ((1, (2,)), [1, [2]]), (Pair(1, 2), [1, 2]),
    (Level.LOW, 1), (Shade.RED, "red"), (Word("w"), "w"), (Number(3), 3), (Score(0.5), 0.5),
    ({Word("k"): Word("v")}, {"k": "v"}), ({Shade.RED: 1}, {"red": 1}),
    (MappingProxyType({"a": 1}), {"a": 1}), (UserDict(a=[1]), {"a": [1]}),
    (Counter("aab"), {"a": 2, "b": 1}), (ChainMap({"a": 1}, {"b": 2}), {"b": 2, "a": 1}),
    (Point(1), {"x": 1}), (Message(text="hi"), {"type": "message", "text": "hi"}),
    (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z"), (date(2026, 1, 2), "2026-01-02"),
    (timedelta(days=1), "P1D"), (UUID(int=7), str(UUID(int=7))),
    (nested(MAX_DEPTH - 2), nested(MAX_DEPTH - 2)),
]  # fmt: skip


@pytest.mark.parametrize(("value", "wire"), PLAIN)
def test_what_json_can_hold_is_sent(value: Any, wire: Any) -> None:
    custom = Custom(content={"p": value})
    assert msgspec.json.decode(msgspec.json.encode(custom))["content"] == {"p": wire}


def test_the_depth_has_a_limit() -> None:
    assert as_json("a", nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    for levels in (MAX_DEPTH + 1, 50_000):
        with pytest.raises(InvalidArgument, match="nested more than 100 levels deep") as caught:
            as_json("a", nested(levels))
        assert caught.value.field == "a" + "[0]" * MAX_DEPTH


def test_the_same_part_twice_is_no_circle() -> None:
    part = [1]
    assert as_json("a", [part, {"b": part}, part]) == [[1], {"b": [1]}, [1]]


def test_what_is_plain_stays_the_same_object() -> None:
    value = {"a": [1, "b", {"c": None}], "d": 0.5}
    assert as_json("x", value) is value
    changed = {"a": [1, (2,)], "b": value}
    made = as_json("x", changed)
    assert made == {"a": [1, [2]], "b": value}
    assert made["b"] is value
    assert changed["a"] == [1, (2,)], "what was given is left alone"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(json_values)
def test_any_json_arrives_as_it_is(value: Any) -> None:
    sent = msgspec.json.encode(Custom(content={"p": value}))
    assert msgspec.json.decode(sent)["content"]["p"] == value


def properties(value: Any) -> Any:
    return UpdateChatProperties(id="C", properties={"ns": {"n": value}})


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (float("nan"), "it is nan"),
        (b"x", "not bytes"),
        ({1}, "not set"),
        (Decimal(1), "not Decimal"),
        (date(2026, 1, 2), "not date"),
        (None, "must be true or false, an integer or a text, not None"),
        ([1], "must be true or false, an integer or a text, not a list"),
        ({"a": 1}, "must be true or false, an integer or a text, not a structure"),
        (MappingProxyType({"a": 1}), "must be true or false, an integer or a text"),
        (RING, "must be true or false, an integer or a text, not a structure"),
        (2**64, "more than 64 bits"),
        ("\ud800", "half a surrogate pair"),
        (Level.NAN, "it is nan"),
    ],
)
def test_a_wrong_property_is_named(value: Any, rule: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        properties(value)
    assert caught.value.field == "properties.ns.n"
    assert rule in caught.value.rule


@pytest.mark.parametrize("name", [1, None, b"n", True, ("a",), "\ud800"])
def test_names_of_properties_are_texts(name: Any) -> None:
    for field, given_properties in (
        ("properties", {name: {"n": 1}}),
        ("properties.ns", {"ns": {name: 1}}),
    ):
        with pytest.raises(InvalidArgument, match="must have texts as names") as caught:
            UpdateChatProperties(id="C", properties=given_properties)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (Level.LOW, 1),
        (Word("w"), "w"),
        (Number(3), 3),
        (True, True),
        (UUID(int=1), str(UUID(int=1))),
    ],
)
def test_a_property_of_a_derived_class_is_sent_as_its_value(value: Any, wire: Any) -> None:
    sent = msgspec.json.decode(msgspec.json.encode(properties(value)))
    assert sent["properties"] == {"ns": {"n": wire}}


@pytest.mark.parametrize("value", [date(2026, 1, 2), Decimal(1), timedelta(1), 1j, object()])
def test_a_text_is_nothing_else(value: Any) -> None:
    with pytest.raises(InvalidArgument, match="`tag` must be a text, not "):
        TagThread(chat_id="C", thread_id="T", tag=value)


def test_ids_may_be_uuids_and_texts_of_other_classes() -> None:
    assert BanCustomer(id=UUID(int=5, version=4), ban={"days": 1}).id == str(UUID(int=5, version=4))
    tag = TagThread(chat_id="C", thread_id="T", tag=Word("vip")).tag
    assert type(tag) is str
    assert tag == "vip"
