"""The parameters of a call: of its query, of a form, or of JSON."""

from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from frontdesk.codec.plain import is_object
from frontdesk.sandbox.world.accounts.errors import invalid_request

__all__ = ["read_body", "read_query", "shown"]

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
MOST: Final = 100
"""Parameters of a call."""
_SHOWN: Final = frozenset(
    (
        "client_id",
        "code_challenge_method",
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


def _read_json(body: bytes) -> dict[str, str]:
    try:
        content: Any = msgspec.json.decode(body or b"{}")
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise invalid_request("the body is no JSON") from None
    if not is_object(content):
        raise invalid_request("the body must be a JSON object")
    parameters: dict[str, str] = {}
    for name, value in content.items():
        # What is null counts as not sent.
        if value is None:
            continue
        if not isinstance(value, str):
            raise invalid_request(f"`{name[:64]}` must be a text")
        parameters[name] = value
    return parameters


def shown(parameters: dict[str, str]) -> bytes:
    """Return what is recorded of parameters as JSON: none that may hold a secret."""
    return msgspec.json.encode(
        {name: value for name, value in parameters.items() if name in _SHOWN}
    )
