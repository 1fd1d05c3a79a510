"""Secrets of requests and responses are in no recorded call, whatever the method."""

import json
import logging
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.calls.secrets import SECRETS, secrets_of_response
from frontdesk.sandbox.seeds.company import CLIENT_ID

SECRET = "S3cretThatNobodyMaySee"
METHODS = sorted(
    (action.spec.api, name)
    for actions in (ACTIONS, CONFIGURATION_ACTIONS)
    for name, action in actions.items()
)
OWNER = {"owner_client_id": CLIENT_ID}


def shown(sandbox: Sandbox) -> str:
    """Everything that is shown of recorded calls: by themselves, verbosely, in failed tests."""
    calls = sandbox.calls()
    with pytest.raises(AssertionError) as caught:
        sandbox.assert_called("no_such_method")
    bodies = [(call.request_body, call.response_body) for call in calls]
    parts = (repr(calls), *map(str, calls), str(caught.value), repr(bodies))
    return "".join(parts)


@pytest.fixture
def verbose(sandbox: Sandbox) -> list[str]:
    """What a sandbox that is verbose prints."""
    lines: list[str] = []
    sandbox.backend.recorder.on_call = lambda call: lines.append(f"{call} {call!r}")
    return lines


def call(sandbox: Sandbox, api: str, method: str, body: Any, version: str = "3.6") -> Any:
    response = sandbox.backend.respond(
        "POST",
        f"/v{version}/{api}/action/{method}",
        {"authorization": sandbox.tokens["owner"]},
        body if isinstance(body, bytes) else json.dumps(body).encode(),
    )
    return json.loads(response.body)


def test_secrets_are_those_that_declarations_do_not_show() -> None:
    assert {"bot_secret", "secret", "secret_key", "token", "firebase_token"} == SECRETS


def requests_with(name: str) -> Iterator[Any]:
    """Bodies that hold a secret under a name: where it belongs, deeper, and of a wrong type."""
    for value in (SECRET, [SECRET], {"deeper": SECRET}):
        yield {name: value}
        yield {"requests": [{name: value}], "event": {"properties": {name: value}}}
    escaped = "".join(f"\\u{ord(character):04x}" for character in name)
    yield f'{{"{escaped}": "{SECRET}"}}'.encode()
    yield f'{{"{name}": "{SECRET}", }}'.encode()
    yield f'[{{"{name}": "{SECRET}"}}]'.encode()


@pytest.mark.parametrize(("api", "method"), METHODS)
def test_no_request_shows_a_secret(
    sandbox: Sandbox,
    verbose: list[str],
    caplog: pytest.LogCaptureFixture,
    api: str,
    method: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    responses = [
        call(sandbox, api, method, body, version)
        for version in ("3.6", "3.7")
        for name in sorted(SECRETS)
        for body in requests_with(name)
    ]
    assert SECRET not in shown(sandbox) + "".join(verbose) + caplog.text
    # The text of an error does not give it back either.
    assert SECRET not in json.dumps(responses)


def test_fields_of_the_users_own_are_shown_in_responses(sandbox: Sandbox) -> None:
    chat = {"properties": {"routing": {"continuous": True}}}
    created = call(sandbox, "agent", "start_chat", {"chat": chat})
    assert sandbox.calls()[-1].response == created


Made = dict[type[Action[Any]], list[str]]


def made(sandbox: Sandbox) -> Made:
    """Call each method whose response holds a secret; returns the secrets."""

    def do(method: str, **request: Any) -> Any:
        return call(sandbox, "configuration", method, request)

    bot, template = do("create_bot", name="x"), do("create_bot_template", name="x", **OWNER)
    of_bot = do("reset_bot_secret", id=bot["id"])
    of_template = do("reset_bot_template_secret", id=template["id"], **OWNER)
    token = do(
        "issue_bot_token",
        bot_id=bot["id"],
        client_id=CLIENT_ID,
        bot_secret=of_bot["secret"],
        organization_id=sandbox.organization_id,
    )
    batch = do("batch_create_bots", requests=[{"name": "x"}, {"name": "y"}, {}])["responses"]
    secrets = {
        "create_bot": [bot["secret"]],
        "create_bot_template": [template["secret"]],
        "reset_bot_secret": [of_bot["secret"]],
        "reset_bot_template_secret": [of_template["secret"]],
        "issue_bot_token": [token["token"]],
        "batch_create_bots": [batch[0]["secret"], batch[1]["secret"]],
    }
    return {CONFIGURATION_ACTIONS[name]: values for name, values in secrets.items()}


def test_no_response_shows_a_secret(
    sandbox: Sandbox, verbose: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = made(sandbox)
    text = shown(sandbox) + "".join(verbose) + caplog.text
    assert [value for values in secrets.values() for value in values if value in text] == []
    (issued,) = sandbox.calls("issue_bot_token")
    assert issued.request["bot_secret"] == issued.response["token"] == "…"
    assert sandbox.calls("create_bot")[0].response["id"]
    # What the world keeps shows them no more than what was called.
    company = sandbox.backend.world.store.company
    records = repr((company.agents, [*company.tokens.values()], company.license.bot_templates))
    assert [value for values in secrets.values() for value in values if value in records] == []


def test_every_method_that_returns_a_secret_is_among_them(sandbox: Sandbox) -> None:
    returning = {
        action
        for actions in (ACTIONS, CONFIGURATION_ACTIONS)
        for action in actions.values()
        if secrets_of_response(action)
    }
    assert returning == set(made(sandbox))


def control(sandbox: Sandbox, name: str) -> str:
    with urllib.request.urlopen(f"{sandbox.url}/__sandbox__/{name}") as response:
        text: str = response.read().decode()
        return text


def test_the_controls_show_no_secret(served: Sandbox) -> None:
    secrets = made(served)
    call(
        served,
        "configuration",
        "register_webhook",
        {
            "action": "bot_created",
            "url": "http://127.0.0.1:9/",
            "secret_key": SECRET,
            "type": "license",
            **OWNER,
        },
    )
    call(served, "configuration", "create_bot", {"name": "x"})
    text = "".join(control(served, name) for name in ("", "calls", "webhooks", "deliveries"))
    assert "bot_created" in text
    values = [value for of_method in secrets.values() for value in of_method]
    assert [value for value in (SECRET, *values) if value in text] == []
