"""Calls of the Configuration API as clients in other languages make them."""

import json
import re
from typing import Any

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.calls.responses import HTTPResponse


def respond(
    sandbox: Sandbox, name: str, body: Any, token: str | None = "owner", version: str = "3.6"
) -> HTTPResponse:
    """The response to a call; ``token`` may be the name of a fixed one, or None for no token."""
    headers = {"content-type": "application/json"}
    if token is not None:
        headers["authorization"] = sandbox.tokens.get(token, token)
    return sandbox.backend.respond(
        "POST",
        f"/v{version}/configuration/action/{name}",
        headers,
        json.dumps(body).encode(),
    )


def call(sandbox: Sandbox, name: str, body: Any, **options: Any) -> Any:
    """What a call returns, which must not fail."""
    response = respond(sandbox, name, body, **options)
    assert response.status == 200, response.body
    return json.loads(response.body)


def refusal(sandbox: Sandbox, name: str, body: Any, **options: Any) -> tuple[str, str]:
    """The type of the error of a call, and the field that its message names first."""
    response = respond(sandbox, name, body, **options)
    assert response.status >= 400, response.body
    error = json.loads(response.body)["error"]
    field = re.search("`([^`]*)`", error["message"])
    return error["type"], field[1] if field else ""
