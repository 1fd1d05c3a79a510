"""Filters are checked when they are built, and sent under the API's names."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from frontdesk.codec.decoding import decode, encode
from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    AgentResponseFilter,
    AgentTypesFilter,
    ArchivesFilters,
    ChatsFilters,
    EventTypesFilter,
    FormFilter,
    GreetingsFilter,
    IntegerFilter,
    PropertyFilter,
    StringFilter,
    SurveyFilter,
    ThreadsFilters,
    ValueFilter,
)

NOON = datetime(2026, 2, 3, 12, 0, 0, 1, tzinfo=UTC)
NAIVE = datetime(2026, 2, 3, 12, 0)


def on_wire(value: Any) -> Any:
    return json.loads(encode(value))


@pytest.mark.parametrize("active", [True, False, None])
def test_active_has_three_values(active: bool | None) -> None:
    assert on_wire(ChatsFilters(active=active)) == {"active": active}
    assert on_wire(ChatsFilters()) == {}


def test_filters_of_chats() -> None:
    filters = ChatsFilters(
        include_chats_without_threads=False,
        group_ids=[0, 1],
        properties={"routing": {"pinned": PropertyFilter(values=[True])}},
    )
    assert on_wire(filters) == {
        "include_chats_without_threads": False,
        "group_ids": [0, 1],
        "properties": {"routing": {"pinned": {"values": [True]}}},
    }


def test_filters_of_threads() -> None:
    earlier = datetime(2026, 2, 3, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    assert on_wire(ThreadsFilters(from_=earlier, to=NOON)) == {
        "from": "2026-02-03T12:00:00+01:00",
        "to": "2026-02-03T12:00:00.000001Z",
    }


def test_all_filters_of_archives() -> None:
    filters = ArchivesFilters(
        query="oak lamp",
        from_=NOON,
        to=NOON,
        chat_ids=["R0"],
        group_ids=[0],
        properties={"test": {"n": PropertyFilter(exclude_values=[1, "a", False])}},
        agents=ValueFilter(exists=False),
        tags=ValueFilter(values=["sales"], require_every_value=True),
        sales=ValueFilter(exists=True),
        goals=ValueFilter(exclude_values=[3]),
        customer_countries=ValueFilter(values=["PL"]),
        forms=[
            FormFilter(
                from_=NOON,
                to=NOON,
                type="pre_chat",
                values=["a"],
                groups=IntegerFilter(values=[1]),
                answer_id="x",
            ),
            FormFilter(exists=True),
            FormFilter(exclude_values=["b"]),
        ],
        surveys=[SurveyFilter(type="post_chat", answer_id="y")],
        event_types=EventTypesFilter(values=["message", "file"], require_every_value=True),
        greetings=GreetingsFilter(
            from_=NOON, to=NOON, values=[5], groups=IntegerFilter(exclude_values=[2])
        ),
        agent_response=AgentResponseFilter(
            exists=True,
            first=True,
            agents=StringFilter(values=["bob"]),
            groups=IntegerFilter(values=[1]),
        ),
        agent_types=AgentTypesFilter(
            all_values=["human"], any_values=["chatbot"], exclude_values=["ai_agent"]
        ),
        customer_id="c",
        customer_email="c@example.com",
    )
    wire = on_wire(filters)
    assert set(wire) == {
        field.rstrip("_") for field in ArchivesFilters.__struct_fields__ if field != "thread_ids"
    }
    assert wire["forms"][0]["groups"] == {"values": [1]}
    assert wire["greetings"]["from"] == "2026-02-03T12:00:00.000001Z"
    assert decode(encode(filters), ArchivesFilters) == filters


def test_sizes_are_accepted_up_to_their_limits() -> None:
    ArchivesFilters(chat_ids=["x"] * 1000, group_ids=[1] * 200)
    ArchivesFilters(thread_ids=["x"] * 20)
    ChatsFilters(group_ids=[1] * 200)


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (ValueFilter, ""),
        (lambda: ValueFilter(require_every_value=True), ""),
        (lambda: ValueFilter(exists=True, values=["a"]), "values"),
        (lambda: ValueFilter(values=["a"], exclude_values=["b"]), "exclude_values"),
        (lambda: ValueFilter(values=[1.5]), "values[0]"),
        (lambda: ValueFilter(values="sales"), "values"),
        (PropertyFilter, ""),
        (lambda: PropertyFilter(exists=False, exclude_values=["b"]), "exclude_values"),
        (IntegerFilter, ""),
        (lambda: IntegerFilter(values=[1], exclude_values=[2]), "exclude_values"),
        (lambda: IntegerFilter(values=["1"]), "values[0]"),
        (StringFilter, ""),
        (lambda: StringFilter(values=[1]), "values[0]"),
        (EventTypesFilter, ""),
        (lambda: EventTypesFilter(values=["hologram"]), "values[0]"),
        (
            lambda: EventTypesFilter(values=["file"], exclude_values=["message"]),
            "exclude_values",
        ),
        (lambda: FormFilter(type="mid_chat"), "type"),
        (lambda: FormFilter(exists=True, values=["a"]), "values"),
        (lambda: FormFilter(from_=NAIVE), "from"),
        (lambda: SurveyFilter(type="pre_chat", answer_id=""), "answer_id"),
        (lambda: GreetingsFilter(values=[1], exclude_values=[2]), "exclude_values"),
        (lambda: GreetingsFilter(values=["1"]), "values[0]"),
        (lambda: GreetingsFilter(to=NAIVE), "to"),
        (lambda: AgentTypesFilter(all_values=["human", "human"]), "all_values"),
        (lambda: AgentTypesFilter(all_values=["human"], any_values=["human"]), "any_values"),
        (
            lambda: AgentTypesFilter(any_values=["human"], exclude_values=["human"]),
            "exclude_values",
        ),
        (lambda: AgentTypesFilter(any_values=["robot"]), "any_values[0]"),
        (lambda: ChatsFilters(active="yes"), "active"),
        (lambda: ChatsFilters(group_ids=[1] * 201), "group_ids"),
        (lambda: ChatsFilters(properties={"a": {"b": [1]}}), "properties.a.b"),
        (lambda: ThreadsFilters(from_=NAIVE), "from"),
        (lambda: ThreadsFilters(to="yesterday"), "to"),
        (lambda: ArchivesFilters(from_=NAIVE), "from"),
        (lambda: ArchivesFilters(chat_ids=["x"] * 1001), "chat_ids"),
        (lambda: ArchivesFilters(chat_ids=[""]), "chat_ids[0]"),
        (lambda: ArchivesFilters(group_ids=[1] * 201), "group_ids"),
        (lambda: ArchivesFilters(thread_ids=["x"] * 21), "thread_ids"),
        (lambda: ArchivesFilters(thread_ids=["x"], query="a"), "query"),
        (lambda: ArchivesFilters(thread_ids=["x"], from_=NOON), "from"),
        (lambda: ArchivesFilters(thread_ids=["x"], tags=ValueFilter(exists=True)), "tags"),
        (lambda: ArchivesFilters(customer_id=""), "customer_id"),
        (lambda: ArchivesFilters(forms=FormFilter()), "forms"),
    ],
)
def test_broken_rules_are_named(build: Callable[[], Any], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        build()
    assert caught.value.field == field


def test_the_message_tells_what_to_do() -> None:
    with pytest.raises(InvalidArgument, match="exactly one of `exists`, `values`"):
        ValueFilter()
    with pytest.raises(InvalidArgument, match="`values` cannot be given together with `exists`"):
        ValueFilter(exists=True, values=[])
