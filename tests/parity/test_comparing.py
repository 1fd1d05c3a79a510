"""What a comparison finds, with the documentation's own samples."""

import copy
import json

import pytest

from frontdesk.parity import Comparison
from frontdesk.parity.observing import Exchange
from frontdesk.recordings.declared import declared

from ..documented import samples

SAMPLES = [
    (path.stem, json.loads(path.read_text()))
    for folder in ("responses", "pushes", "webhooks", "events")
    for path in samples(folder)
]


def differences(service, sandbox):
    comparison = Comparison()
    comparison.structure("method", service, sandbox)
    return comparison.differences


def fields(value, path=()):
    """The path of each field that is not in a list, and of those in the first item of a list."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*path, name)
            yield from fields(item, (*path, name))
    elif isinstance(value, list) and len(value) == 1:
        yield from fields(value[0], (*path, 0))


def without(content, path):
    changed = copy.deepcopy(content)
    place = changed
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return changed


@pytest.mark.parametrize(("name", "content"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_a_documented_sample_equals_itself(name, content):
    assert differences(content, content) == []


def test_each_field_that_a_documented_sample_lacks_is_found():
    count = 0
    for name, content in SAMPLES:
        for path in fields(content):
            if "properties" in str(path) or "text_vars" in path or "fields" in path:
                continue  # members there are somebody's own
            if {"chats", "content", "groups_status", "session_fields", "pushes"} & set(path):
                continue  # maps, whose members stand for each other
            if path[-1] not in declared().names:
                continue  # an id in the place of a name
            found = differences(content, without(content, path))
            missing = [one for one in found if one.kind == "missing field"]
            assert missing, (name, path)
            assert differences(without(content, path), content) != []
            count += 1
    assert count > 300


def test_texts_and_names_of_others_are_never_shown():
    service = {"name": "Ann", "text": "call Ann", "Ann": 1, "properties": {"Ann": {"Ann": "x"}}}
    sandbox = {"name": 1, "text": None, "properties": {}}
    shown = str([str(one) for one in differences(service, sandbox)])
    assert "type" in shown
    assert "Ann" not in shown


def test_a_failure_in_the_place_of_a_success_is_one_difference():
    comparison = Comparison()
    body = {"error": {"type": "not_found", "message": "m"}}
    refused = Exchange(method="get_chat", via="rtm", success=False, body=body)
    comparison.exchange(refused, Exchange(method="get_chat", via="rtm", success=True, body={}))
    assert [str(one) for one in comparison.differences] == [
        "get_chat: success (service: refused: not_found, sandbox: done)"
    ]


def test_calls_that_one_side_did_not_make():
    one = Exchange(method="get_chat", via="web", success=True, status=200, body={})
    other = Exchange(method="list_chats", via="web", success=True, status=200, body={})
    for service, sandbox, kind in (
        ([one], [], "missing call"),
        ([], [one], "extra call"),
        ([one], [other], "extra call"),
    ):
        comparison = Comparison()
        comparison.exchanges(service, sandbox)
        assert [found.kind for found in comparison.differences] == [kind]


def of_stories(service, sandbox, method="list_agents", own=((), ()), run="ab12"):
    comparison = Comparison(own=own, run=run)
    one, other = (
        Exchange(method=method, via="web", success=True, status=200, body=body)
        for body in (service, sandbox)
    )
    comparison.exchange(one, other)
    return [(one.kind, one.path) for one in comparison.differences]


def test_others_may_have_other_roles_numbers_and_members():
    service = [{"id": "a@x.example", "role": "owner", "suspended": True, "groups": [], "name": ""}]
    sandbox = [{"id": "b@y.example", "role": "normal", "suspended": False, "groups": [{"id": 1}]}]
    sandbox[0]["name"] = "Ann"
    assert of_stories(service, sandbox) == []
    service[0]["role"] = "emperor"
    assert of_stories(service, sandbox) == [("value", "[].role")]


def test_a_field_that_any_of_the_others_has_is_there():
    service = [{"id": "a@x.example", "job_title": "x"}, {"id": "b@x.example"}]
    assert of_stories(service, [{"id": "c@x.example", "job_title": "y"}]) == []
    assert of_stories(service[1:], [{"id": "c@x.example", "job_title": "y"}]) == [
        ("extra field", "[].job_title")
    ]


def test_what_the_story_has_named_is_compared_as_it_is():
    def groups(*names, language="en"):
        return [
            {"id": at, "name": name, "language_code": language} for at, name in enumerate(names)
        ]

    mine, other = "frontdesk parity a ab12", "frontdesk parity b ab12"
    listed = groups("General", mine, other)
    assert of_stories(listed, groups("Sales", "Support", mine, other), "list_groups") == []
    assert of_stories(listed, groups("Sales", other, mine), "list_groups") == [("order", "[]")]
    assert of_stories(listed, groups("Sales", mine), "list_groups") == [("length", "[]")]
    found = of_stories(listed, groups("Sales", mine, other, language="de"), "list_groups")
    assert found == [("value", "[].language_code")]


def test_what_an_earlier_run_has_left_is_as_that_of_others():
    left = [{"id": 4, "name": "frontdesk parity a 0000", "routing_status": "offline"}]
    sandbox = [{"id": 0, "name": "General", "routing_status": "accepting_chats"}]
    assert of_stories(left, sandbox, "list_groups") == []
    properties = {"frontdesk_parity_a_0000": {"type": "int"}, "rating": {"type": "int"}}
    assert of_stories(properties, {}, "list_properties") == []
    assert of_stories(properties, {"frontdesk_parity_a_ab12": {}}, "list_properties") == [
        ("extra field", "*")
    ]


def test_bots_of_the_licence_may_have_entered_the_group_of_a_story():
    service = {"name": "frontdesk parity a ab12", "routing_status": "accepting_chats"}
    sandbox = {**service, "routing_status": "offline", "agent_priorities": {}}
    entered = {**service, "agent_priorities": {"0" * 32: "normal"}}
    assert of_stories(entered, sandbox, "get_group") == []


def test_what_has_an_id_of_the_story_is_found_in_any_order():
    ids = ["1" * 32, "2" * 32], ["a" * 32, "b" * 32]
    comparison = Comparison(own=ids)
    for service, sandbox in zip(*ids, strict=True):
        comparison.structure("register_webhook", {"id": service}, {"id": sandbox})
    service = [{"id": one, "url": "x"} for one in ids[0]]
    sandbox = [{"id": one, "url": "x"} for one in reversed(ids[1])]
    comparison.structure("list_webhooks", service, sandbox)
    assert comparison.differences == []
    comparison.structure("list_webhooks", service, sandbox[1:])
    assert [one.kind for one in comparison.differences] == ["length"]


def test_a_licence_may_have_no_bots_but_not_ids_of_another_form():
    agent, bot = {"agent_id": "a@x.example"}, {"agent_id": "b" * 32}
    assert of_stories([agent], [bot, agent]) == []
    assert of_stories([bot], [bot, agent]) == []
    assert of_stories([agent, {"agent_id": "17"}], [bot, agent]) == [("format", "[].agent_id")]
