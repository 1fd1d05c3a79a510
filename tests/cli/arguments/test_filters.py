"""Filters of the archives on the command line."""

from typing import Any

import pytest

from frontdesk.cli.arguments.filters import read_filters
from frontdesk.errors import InvalidArgument
from frontdesk.models import ArchivesFilters


@pytest.mark.parametrize(
    ("texts", "filters"),
    [
        ([], {}),
        (["query=where is = my parcel"], {"query": "where is = my parcel"}),
        (["tags=support,sales"], {"tags": {"values": ["support", "sales"]}}),
        (["tags=support", "tags=sales"], {"tags": {"values": ["support", "sales"]}}),
        (["tags=2024"], {"tags": {"values": ["2024"]}}),
        (
            ["tags=a", "tags.require_every_value=true"],
            {"tags": {"values": ["a"], "require_every_value": True}},
        ),
        (["agents.exists=false"], {"agents": {"exists": False}}),
        (["goals=1,2"], {"goals": {"values": [1, 2]}}),
        (["group_ids=1,2", "group_ids=3"], {"group_ids": [1, 2, 3]}),
        (["chat_ids=A,B"], {"chat_ids": ["A", "B"]}),
        (
            ["properties.routing.unreplied=true", "properties.rating.score.exclude_values=0"],
            {
                "properties": {
                    "routing": {"unreplied": {"values": [True]}},
                    "rating": {"score": {"exclude_values": [0]}},
                }
            },
        ),
        (
            ["forms.type=pre_chat", "forms.values=5,6", "forms.groups=1"],
            {"forms": [{"type": "pre_chat", "values": ["5", "6"], "groups": {"values": [1]}}]},
        ),
        (["event_types.exclude_values=file"], {"event_types": {"exclude_values": ["file"]}}),
        (
            ["agent_response.first=true", "agent_response.agents=ann@example.com"],
            {"agent_response": {"first": True, "agents": {"values": ["ann@example.com"]}}},
        ),
        (["greetings.from=2026-01-01T00:00:00Z"], {"greetings": {"from": "2026-01-01T00:00:00Z"}}),
        (["agent_types.any_values=human"], {"agent_types": {"any_values": ["human"]}}),
        (['{"query": "x"}', "tags=a"], {"query": "x", "tags": {"values": ["a"]}}),
    ],
)
def test_filters_are_read_as_json_has_them(texts: list[str], filters: dict[str, Any]) -> None:
    assert read_filters(texts) == filters


@pytest.mark.parametrize("name", ArchivesFilters.__struct_encode_fields__)
def test_every_filter_can_be_given(name: str) -> None:
    simple = {
        "from": "2026-01-01T00:00:00Z",
        "to": "2026-01-01T00:00:00Z",
        "properties": "properties.routing.idle=true",
        "group_ids": "1",
        "surveys": '{"surveys": [{"type": "pre_chat", "answer_id": "5"}]}',
        "agent_response": "agent_response.exists=true",
        "agent_types": "agent_types.any_values=human",
        "event_types": "file",
        "greetings": "1",
    }
    value = simple.get(name, "x")
    text = value if value.startswith(("{", f"{name}.")) else f"{name}={value}"
    assert set(read_filters([text])) == {name}


@pytest.mark.parametrize(
    ("texts", "rule"),
    [
        (["refund"], "must look like NAME=VALUE, not 'refund'"),
        (["=refund"], "must look like NAME=VALUE, not '=refund'"),
        (["tag=x"], "does not know `tag`; did you mean `tags`?"),
        (["tags.valeus=x"], "does not know `valeus` in `tags.valeus`; did you mean `values`?"),
        (["tags.exists=maybe"], "cannot be used: `tags.exists` must be true or false, not a text"),
        (["group_ids=x"], "cannot be used: `group_ids[0]` must be an integer, not a text"),
        (["tags=a", "tags.exists=true"], "cannot be used: `tags.values` cannot be given together"),
        (["properties=1"], "must look like properties.NAMESPACE.NAME=VALUE, not 'properties'"),
        (["properties.a=1"], "must look like properties.NAMESPACE.NAME=VALUE, not 'properties.a'"),
        (["from=2026-01-01T00:00:00Z"], "cannot be `from`"),
        (["thread_ids=a"], "cannot be `thread_ids`"),
        (["tags="], "has an empty value for `tags`"),
        (["tags=a,,b"], "has an empty value for `tags`"),
        (["query= "], "has an empty value for `query`"),
        (["{"], "must be JSON, not '{'"),
        (['{"from": 1}'], "cannot be `from`"),
        (['{"tags": 1}'], "cannot be used: `tags` "),
    ],
)
def test_what_is_wrong_is_named(texts: list[str], rule: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        read_filters(texts, reserved={"from": "no", "to": "no", "thread_ids": "no"})
    assert refused.value.field == "--filter"
    assert refused.value.rule.startswith(rule)
