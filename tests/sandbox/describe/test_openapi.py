"""The OpenAPI document says what the sandbox does."""

import json
from collections import Counter

import pytest
from hypothesis import given

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.sandbox.describe.openapi import openapi_json, openapi_text

from ._documented import DOCUMENT, QUICKLY, schema

OPERATIONS = [operation.ok() for operation in schema.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
def test_nothing_fails_and_no_shape_is_undocumented(operation, known):
    statuses = Counter()

    @QUICKLY
    @given(operation.as_strategy())
    def call(case):
        statuses[known.call(case)] += 1

    call()
    assert sum(statuses.values()) >= QUICKLY.max_examples


def test_it_is_served_and_written_alike(sandbox):
    response = sandbox.backend.respond("GET", "/openapi.json", {})
    assert response.status == 200
    assert json.loads(response.body) == json.loads(openapi_json()) == json.loads(openapi_text())


def test_every_web_method_is_in_it():
    names = {path.rpartition("/")[2] for path in DOCUMENT["paths"]}
    known = {**ACTIONS, **CONFIGURATION_ACTIONS}
    assert names == {name for name, action in known.items() if "web" in action.spec.transports}


def test_scopes_for_some_cases_are_in_it():
    paths = DOCUMENT["paths"]
    for name, action in CONFIGURATION_ACTIONS.items():
        (path,) = [path for path in paths if path.endswith(f"/configuration/action/{name}")]
        shown = paths[path]["post"].get("x-extra-scopes", [])
        assert [(tuple(extra["names"]), extra["when"]) for extra in shown] == [
            (extra.names, extra.when) for extra in action.spec.extra_scopes
        ]
    assert paths["/v3.6/configuration/action/delete_agent"]["post"]["x-extra-scopes"] == [
        {"names": ["agents--all:rw", "accounts--all:rw"], "when": "another agent"}
    ]


def test_methods_that_ended_stand_at_their_last_version():
    assert DOCUMENT["paths"]["/v3.5/agent/action/create_customer"]["post"]["deprecated"]


def test_stand_ins_of_the_client_are_not_in_it():
    text = openapi_text()
    assert "frontdesk." not in text
    assert "UnknownEvent" not in text
    assert "original_type" not in text


def test_every_reference_leads_somewhere():
    def references(value):
        if isinstance(value, dict):
            yield from (value[name] for name in value if name == "$ref")
            for part in value.values():
                yield from references(part)
        elif isinstance(value, list):
            for part in value:
                yield from references(part)

    for reference in references(DOCUMENT):
        target = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
