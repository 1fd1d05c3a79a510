"""Requests to a sandbox as any client may send them, and what it responds."""

import json
from dataclasses import dataclass
from typing import Any

from frontdesk.sandbox import Sandbox


@dataclass
class Response:
    status: int
    content: Any

    @property
    def error(self) -> str | None:
        error: dict[str, str] = self.content.get("error", {})
        return error.get("type")

    @property
    def message(self) -> str:
        message: str = self.content["error"]["message"]
        return message


def raw(
    sandbox: Sandbox,
    method: str,
    body: Any,
    version: str = "3.6",
    token: str | None = "owner",
) -> Response:
    headers = {} if token is None else {"authorization": sandbox.tokens.get(token, token)}
    response = sandbox.backend.respond(
        "POST",
        f"/v{version}/configuration/action/{method}",
        headers,
        json.dumps(body).encode(),
    )
    return Response(response.status, json.loads(response.body))
