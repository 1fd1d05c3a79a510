"""The OpenAPI document of the accounts server says what the sandbox does."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import given

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.describe.accounts_openapi import (
    accounts_openapi,
    accounts_openapi_json,
    accounts_openapi_text,
)

from .._log_in import APP, LogIn
from ._documented import CHECKS, QUICKLY, app_of

DOCUMENT = accounts_openapi()
OPERATIONS = [
    operation.ok() for operation in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_nothing_fails_and_no_shape_is_undocumented(operation: Any, sandbox: Sandbox) -> None:
    app = app_of(sandbox)
    log_in = LogIn(sandbox, served=False)
    client = log_in.server_side()
    tokens = log_in.tokens(client)
    fields = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "refresh_token": tokens["refresh_token"],
        "redirect_uri": APP,
        "code": tokens["access_token"],
    }
    seen = set()

    @QUICKLY
    @given(operation.as_strategy())
    def call(case: Any) -> None:
        for part in (case.body, case.query):
            if isinstance(part, dict):
                part.update({name: fields[name] for name in fields.keys() & part.keys()})
        seen.add(case.call_and_validate(app=app, checks=CHECKS, allow_redirects=False).status_code)

    call()
    assert seen


def test_it_is_served_and_written_alike(sandbox: Sandbox) -> None:
    response = sandbox.backend.respond("GET", "/accounts/openapi.json", {})
    assert response.status == 200
    assert json.loads(response.body) == json.loads(accounts_openapi_json())
    assert json.loads(accounts_openapi_json()) == json.loads(accounts_openapi_text())


def test_its_paths_are_those_of_the_sandbox(sandbox: Sandbox) -> None:
    log_in = LogIn(sandbox, served=False)
    query = urlencode(log_in.asked(log_in.public()))
    for path, operations in DOCUMENT["paths"].items():
        for verb in operations:
            target = f"{path.removeprefix('/accounts')}?{query}"
            assert log_in.send(verb.upper(), target).status not in (404, 405)
