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
