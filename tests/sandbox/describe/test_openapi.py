"""The OpenAPI documents say what the sandbox does."""

import json
from collections import Counter

import pytest
from hypothesis import given

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.actions.customer import CUSTOMER_ACTIONS
from frontdesk.sandbox.describe.openapi import openapi_json, openapi_text

from ._documented import CUSTOMER_DOCUMENT, DOCUMENT, QUICKLY, customer_schema, schema

OPERATIONS = [operation.ok() for operation in schema.get_all_operations()]
OPERATIONS_OF_CUSTOMERS = [operation.ok() for operation in customer_schema.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
def test_nothing_fails_and_no_shape_is_undocumented(operation, known):
    statuses = Counter()

    @QUICKLY
    @given(operation.as_strategy())
    def call(case):
        statuses[known.call(case)] += 1

    call()
    assert sum(statuses.values()) >= QUICKLY.max_examples


@pytest.mark.parametrize("operation", OPERATIONS_OF_CUSTOMERS, ids=lambda operation: operation.path)
def test_nothing_fails_for_customers_either(operation, known_to_customer):
    statuses = Counter()

    @QUICKLY
    @given(operation.as_strategy())
    def call(case):
        statuses[known_to_customer.call(case)] += 1

    call()
    assert sum(statuses.values()) >= QUICKLY.max_examples


def test_the_document_of_customers_is_served_and_written_alike(sandbox):
    response = sandbox.backend.respond("GET", "/customer-openapi.json", {})
    assert response.status == 200
    assert json.loads(response.body) == json.loads(openapi_text("customer"))


def test_every_web_method_of_customers_is_in_it():
    shown = {
        (path.rpartition("/")[2], verb.upper())
        for path, operations in CUSTOMER_DOCUMENT["paths"].items()
        for verb in operations
    }
    assert shown == {
        (name, action.spec.verb)
        for name, action in CUSTOMER_ACTIONS.items()
        if "web" in action.spec.transports
    }


def test_customers_are_told_nothing_of_what_agents_have_for_themselves():
    for name, component in CUSTOMER_DOCUMENT["components"]["schemas"].items():
        hidden = {"visibility", "tags", "summary"} & set(component.get("properties", ()))
        assert not hidden, name


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


@pytest.mark.parametrize("document", [DOCUMENT, CUSTOMER_DOCUMENT])
def test_every_reference_leads_somewhere(document):
    def references(value):
        if isinstance(value, dict):
            yield from (value[name] for name in value if name == "$ref")
            for part in value.values():
                yield from references(part)
        elif isinstance(value, list):
            for part in value:
                yield from references(part)

    for reference in references(document):
        target = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
