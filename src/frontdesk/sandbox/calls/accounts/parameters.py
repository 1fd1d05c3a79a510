"""The parameters of a call: of its query, of a form, or of JSON."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from frontdesk.codec.plain import is_object
from frontdesk.sandbox.world.accounts.errors import invalid_request

__all__ = ["read_body", "read_object", "read_query", "shown"]

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
MOST: Final = 100
"""Parameters of a call."""
_SHOWN: Final = frozenset(
    (
        "bearer_type",
        "client_id",
        "code_challenge_method",
        "customer_id",
        "entity_id",
        "expires_in",
        "grant_type",
        "organization_id",
        "prompt",
        "response_type",
        "scope",
    )
)


def read_query(query: str) -> dict[str, str]:
    """Return the parameters of a query or a form.

    Raises:
        AccountsError: It is none, or one parameter is there twice.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except ValueError:
        raise invalid_request("the parameters are no form in UTF-8, or too many") from None
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if name in parameters:
            raise invalid_request(f"`{name[:64]}` is given twice")
        parameters[name] = value
    return parameters


def read_body(content_type: str, body: bytes) -> dict[str, str]:
    """Return the parameters of a body: a form, or JSON.

    Raises:
        AccountsError: It is neither.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON:
        return _read_json(body)
    if kind not in (FORM, ""):
        raise invalid_request(f"`Content-Type` must be {FORM} or {JSON}, not {kind[:64]}")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise invalid_request("the parameters are no form in UTF-8") from None
    return read_query(text)


def read_object(body: bytes) -> dict[str, Any]:
    """Return the parameters of a JSON object, whatever they are.

    Raises:
        AccountsError: The body is none.
    """
    try:
        content: Any = msgspec.json.decode(body or b"{}")
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise invalid_request("the body is no JSON") from None
    if not is_object(content):
        raise invalid_request("the body must be a JSON object")
    return content


def _read_json(body: bytes) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in read_object(body).items():
        # What is null counts as not sent.
        if value is None:
            continue
        if not isinstance(value, str):
            raise invalid_request(f"`{name[:64]}` must be a text")
        parameters[name] = value
    return parameters


def shown(parameters: Mapping[str, object]) -> bytes:
    """Return what is recorded of parameters as JSON: none that may hold a secret."""
    return msgspec.json.encode(
        {
            # No id has a colon, and each token: somebody may have sent one in its place.
            name: "…" if name != "scope" and isinstance(value, str) and ":" in value else value
            for name, value in parameters.items()
            if name in _SHOWN and isinstance(value, str | int)
        }
    )
