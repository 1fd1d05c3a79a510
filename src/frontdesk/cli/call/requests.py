"""What would be sent, for ``--dry-run``: built by the client itself, and kept from the network."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Struct

from frontdesk.actions import Action
from frontdesk.codec.plain import is_object
from frontdesk.core.http_messages import Reply, ReplyHeaders, Request
from frontdesk.redaction import redacted

__all__ = ["HIDDEN", "Draft", "Recorder", "frame", "http"]

HIDDEN: Final = "…"
"""Stands for a secret."""


class Recorder:
    """A transport that keeps the request, and sends nothing."""

    def __init__(self) -> None:
        self.request: Request | None = None

    def send(self, request: Request) -> Reply:
        """Keep the request; the response is that of a call that worked."""
        self.request = request
        return Reply(200, ReplyHeaders.of([("content-type", "application/json")]), b"{}")

    def close(self) -> None:
        """There is no connection."""


class Draft(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request that was not sent, without its secrets."""

    method: str
    """Of HTTP, or ``WebSocket``."""
    url: str
    headers: Mapping[str, str]
    body: Any = None
    cost: Mapping[str, Any]


def http(
    action: Action[Any],
    request: Request,
    scheme: str | None,
    cost: Mapping[str, Any],
    file: str,
) -> Draft:
    """Return a request over HTTP as it would go out.

    Args:
        action: what is sent.
        request: the same, as the client built it.
        scheme: how the token is sent; ``None``: without one.
        cost: what it costs.
        file: the name of the file that is uploaded; empty for any other method.
    """
    headers = {name: value for name, value in request.headers.items() if name != "Authorization"}
    if scheme is not None:
        headers["Authorization"] = f"{scheme} {HIDDEN}"
    body: Any = None
    if file:
        body = {"file": file, "bytes": len(getattr(action, "file", b""))}
    elif isinstance(request.body, bytes) and request.body:
        body = _without_secrets(json.loads(request.body), action)
    return Draft(
        method=request.verb,
        url=redacted(request.url),
        headers=headers,
        body=body,
        cost=cost,
    )


def frame(action: Action[Any], url: str, version: str, cost: Mapping[str, Any]) -> Draft:
    """Return a call over RTM, which has a connection with a log-in of its own."""
    parts = urlsplit(url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    payload = _without_secrets(msgspec.to_builtins(action), action)
    return Draft(
        method="WebSocket",
        url=redacted(urlunsplit((scheme, *parts[1:]))),
        headers={},
        body={"action": action.spec.name, "version": version, "payload": payload},
        cost=cost,
    )


def _without_secrets(body: object, action: Action[Any]) -> Any:
    if not is_object(body):
        return body
    return {name: HIDDEN if name in action.not_shown else value for name, value in body.items()}
