"""Secrets that methods take and return are shown by nothing: texts, errors, logs, tracebacks."""

import json
import logging
import pprint
import traceback
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from frontdesk import ConfigurationClient, FrontdeskError
from frontdesk.actions import CONFIGURATION_ACTIONS, Action
from frontdesk.sandbox.calls.secrets import secrets_of_response
from frontdesk.transport import Reply, Request

from ..canary import CANARY
from ..documented import samples

RESPONSES = {path.stem: path for path in samples("configuration/responses")}
SECRET = f"{CANARY}OfMethods"
GIVEN = sorted(name for name, action in CONFIGURATION_ACTIONS.items() if action.not_shown)
RETURNED = sorted(
    name for name, action in CONFIGURATION_ACTIONS.items() if secrets_of_response(action)
)
NEEDED: dict[str, dict[str, Any]] = {
    "batch_create_bots": {"requests": [{"name": "x"}]},
    "create_bot": {"name": "x"},
    "create_bot_template": {"name": "x", "owner_client_id": "c"},
    "issue_bot_token": {
        "bot_id": "b",
        "client_id": "c",
        "organization_id": "o",
        "bot_secret": SECRET,
    },
    "register_webhook": {
        "action": "bot_created",
        "url": "https://bot.test/",
        "owner_client_id": "c",
        "type": "license",
        "secret_key": SECRET,
    },
    "reset_bot_secret": {"id": "b", "owner_client_id": "c"},
    "reset_bot_template_secret": {"id": "b", "owner_client_id": "c"},
}


class Server:
    """Responds with the same to everything."""

    def __init__(self, respond: Callable[[bytes], tuple[int, bytes]]) -> None:
        self.respond = respond

    def send(self, request: Request) -> Reply:
        assert isinstance(request.body, bytes)
        status, body = self.respond(request.body)
        return Reply(status, {"content-type": "application/json"}, body)

    def close(self) -> None:
        pass


def shown_text(problem: BaseException) -> str:
    """Everything that a traceback shows. Not the variables: the caller's own hold the secret."""
    return "".join(traceback.format_exception(problem)) + repr(problem) + str(problem)


def error(text: str, data: Any = None) -> bytes:
    return json.dumps({"error": {"type": "validation", "message": text, "data": data}}).encode()


HOPELESS: dict[str, Callable[[bytes], tuple[int, bytes]]] = {
    "gives the request back": lambda body: (400, error(body.decode())),
    "gives the value back": lambda _: (400, error(f"no such thing as {SECRET}")),
    "gives it back as data": lambda body: (400, error("no", json.loads(body))),
    "is not the API": lambda body: (502, body),
    "is no JSON": lambda body: (200, b"<" + body),
    "has another shape": lambda body: (200, b"[" + body + b"]"),
}


@pytest.mark.parametrize("hopeless", HOPELESS)
@pytest.mark.parametrize("name", GIVEN)
def test_a_failing_call_shows_no_secret(
    name: str, hopeless: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = ConfigurationClient("dal:token", transport=Server(HOPELESS[hopeless]), retry=False)
    with pytest.raises(FrontdeskError) as caught:
        getattr(client, name)(**NEEDED[name])
    assert CANARY not in shown_text(caught.value) + caplog.text


@pytest.mark.parametrize("name", GIVEN)
def test_the_text_of_an_action_shows_no_secret(name: str) -> None:
    action = CONFIGURATION_ACTIONS[name](**NEEDED[name])
    assert CANARY in msgspec.json.encode(action).decode()
    assert CANARY not in repr(action) + str(action) + pprint.pformat([action])


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("wrong", [[SECRET], {SECRET: SECRET}, SECRET.encode(), SECRET + "\ud800"])
def test_a_secret_that_does_not_fit_is_not_shown(name: str, wrong: Any) -> None:
    (field,) = CONFIGURATION_ACTIONS[name].not_shown
    with pytest.raises(FrontdeskError) as caught:
        CONFIGURATION_ACTIONS[name](**NEEDED[name] | {field: wrong})
    assert CANARY not in repr(caught.value) + str(caught.value)


def with_secrets(action: type[Action[Any]], secret: Any) -> Any:
    """A response of a method with other secrets."""
    names = secrets_of_response(action)

    def changed(value: Any) -> Any:
        match value:
            case dict():
                return {
                    name: secret if name in names else changed(part) for name, part in value.items()
                }
            case list():
                return [changed(part) for part in value]
            case _:
                return value

    if action.spec.group == "batch":
        return {"responses": [{"id": "b", "secret": secret}]}
    return changed(json.loads(RESPONSES[action.spec.name].read_bytes()))


@pytest.mark.parametrize("name", RETURNED)
def test_a_result_shows_no_secret(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    response = with_secrets(CONFIGURATION_ACTIONS[name], SECRET)
    client = ConfigurationClient(
        "dal:token", transport=Server(lambda _: (200, json.dumps(response).encode()))
    )
    result = getattr(client, name)(**NEEDED[name])
    assert CANARY in msgspec.json.encode(result).decode()
    assert CANARY not in repr(result) + str(result) + pprint.pformat([result]) + caplog.text


@pytest.mark.parametrize("name", RETURNED)
@pytest.mark.parametrize("wrong", [[SECRET], {"x": SECRET}, {SECRET: 1}])
def test_a_secret_that_is_damaged_is_not_shown(
    name: str, wrong: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[Any] = []
    response = json.dumps(with_secrets(CONFIGURATION_ACTIONS[name], wrong)).encode()
    client = ConfigurationClient(
        "dal:token", transport=Server(lambda _: (200, response)), on_damage=seen.append
    )
    text = ""
    try:
        result = getattr(client, name)(**NEEDED[name])
    except FrontdeskError as problem:
        text = shown_text(problem)
    else:
        text = repr((result, result.damage))
    assert CANARY not in text + repr(seen) + "".join(map(str, seen)) + caplog.text
