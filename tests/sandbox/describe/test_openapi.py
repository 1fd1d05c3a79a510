"""The OpenAPI document says what the sandbox does."""

import json
from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.models import Message
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.describe.openapi import openapi, openapi_json, openapi_text
from frontdesk.sandbox.seeds.company import CLIENT_ID
from frontdesk.sandbox.serve.asgi import App

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DOCUMENT = openapi()
schema = schemathesis.openapi.from_dict(DOCUMENT)


QUICKLY = settings(
    max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


class Known:
    """A sandbox with some life in it, and the ids of what lives there."""

    def __init__(self, sandbox):
        self.app = App(sandbox.backend)
        self.token = sandbox.tokens["owner"]
        customer = sandbox.customer("Ann")
        customer.say("hello")
        client = sandbox.client()
        chat = client.start_chat(continuous=True)
        sent = client.send_event(chat_id=chat.chat_id, event=Message(text="hi"))
        self.ids = {
            "chat_id": chat.chat_id,
            "thread_id": chat.thread_id,
            "event_id": sent.event_id,
            "user_id": "jones@example.com",
            "agent_id": "smith@example.com",
            "tag": "support",
        }
        self.chat_id = chat.chat_id
        self.customer_id = customer.id

    def call(self, case):
        headers = dict(case.headers or {})
        if headers.get("X-Region") != "dal":
            headers.pop("X-Region", None)
        case.headers = {**headers, "Authorization": self.token}
        if isinstance(case.body, dict) and case.method == "POST":
            ids = {name: value for name, value in self.ids.items() if name in case.body}
            if "id" in case.body:
                ids["id"] = self.customer_id if "customer" in case.path else self.chat_id
            if "owner_client_id" in case.body:
                ids["owner_client_id"] = CLIENT_ID
            case.body = {**case.body, **ids}
        return case.call_and_validate(app=self.app, checks=CHECKS).status_code


@pytest.fixture(scope="module")
def known():
    with Sandbox("demo") as sandbox:
        yield Known(sandbox)


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


@pytest.fixture
def documented():
    return schema


@pytest.mark.soak
# Its cases take seconds to make: through a fixture they are made when it runs, not whenever tests
# are collected.
@schemathesis.pytest.from_fixture("documented").parametrize()
@settings(QUICKLY, max_examples=200)
def test_nothing_fails_in_the_long_run(case, known):
    known.call(case)


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
