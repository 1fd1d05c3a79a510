"""The OpenAPI 3.1 document of the accounts server, as the sandbox serves it."""

import json
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import msgspec

from frontdesk.sandbox.describe.customer_accounts_openapi import customer_paths, customer_schemas
from frontdesk.sandbox.world.accounts.grants import TokenInfo

__all__ = ["accounts_openapi", "accounts_openapi_json", "accounts_openapi_text"]

_BASE: Final = "/accounts"
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_ERRORS: Final = {
    HTTPStatus.UNAUTHORIZED: "The client, a parameter or a token does not fit.",
    HTTPStatus.FORBIDDEN: "The code, the refresh token or a scope does not fit.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too long.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A parameter is missing.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The server failed.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Requests are refused for a while.",
}
_TEXT: Final = {"type": "string"}
_QUERY: Final = {
    "client_id": "The id of the client.",
    "redirect_uri": "Where the browser comes back to.",
    "response_type": "`code`, or `token` for an implicit log-in.",
    "state": "Comes back as it is.",
    "scope": "Some of the scopes of the client, separated by commas.",
    "prompt": "`consent` shows the page to browsers that have logged in, too.",
    "organization_id": "The organization to log in to.",
    "email": "Whose account is likely to be chosen.",
    "code_challenge": "That of a verifier of PKCE.",
    "code_challenge_method": "`S256` or `plain`.",
}
_PARAMETERS: Final = {
    "grant_type": {"enum": ["authorization_code", "code", "refresh_token"]},
    **dict.fromkeys(
        ("code", "refresh_token", "client_id", "client_secret", "redirect_uri", "code_verifier"),
        _TEXT,
    ),
}


@cache
def accounts_openapi_json() -> bytes:
    """The document as compact JSON."""
    return msgspec.json.encode(accounts_openapi())


def accounts_openapi_text() -> str:
    """The document as JSON for people, with a line break at its end."""
    return json.dumps(accounts_openapi(), indent=2, ensure_ascii=False) + "\n"


def accounts_openapi() -> dict[str, Any]:
    """The document."""
    page = _operation("authorize", "The page where an account is chosen", _html())
    page["parameters"] = [_parameter(name, text) for name, text in _QUERY.items()]
    given = _operation("give_token", "Give tokens for a code or a refresh token", _tokens())
    schema = {"type": "object", "properties": _PARAMETERS, "required": ["grant_type", "client_id"]}
    given["requestBody"] = {
        "required": True,
        "content": {_FORM: {"schema": schema}, _JSON: {"schema": schema}},
    }
    taken = _operation("revoke_token", "Take back a token and the one it makes a pair with", {})
    looked_at = _operation("get_token_info", "Tell what is known of an access token", _tokens())
    for operation in (taken, looked_at):
        operation["parameters"] = [_parameter("code", "The token, if no header has it.")]
        operation["security"] = [{"bearer": []}, {}]
    taken["responses"]["404"] = _error("There is no such token.")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Accounts server",
            "version": "2",
            "description": "Where accounts log in to clients, as frontdesk's sandbox serves it. "
            "LiveChat's own is at https://accounts.livechat.com.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "externalDocs": {"url": "https://platform.text.com/docs/authorization"},
        "servers": [{"url": "/"}],
        "paths": {
            f"{_BASE}/": {"get": page},
            f"{_BASE}/v2/token": {"post": given, "delete": taken},
            f"{_BASE}/v2/info": {"get": looked_at},
            **customer_paths(),
        },
        "components": {
            "schemas": {
                "TokenInfo": msgspec.json.schema_components([TokenInfo])[1]["TokenInfo"],
                "AccountsError": {
                    "type": "object",
                    "properties": dict.fromkeys(
                        ("error", "error_description", "sub_error", "request_id"), _TEXT
                    ),
                    "required": ["error", "error_description", "request_id"],
                },
                **customer_schemas(),
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token."}
            },
        },
    }


def _operation(name: str, summary: str, success: dict[str, Any]) -> dict[str, Any]:
    responses = {
        "200": {"description": "Done.", "content": success or _empty()},
        **{str(status.value): _error(text) for status, text in _ERRORS.items()},
    }
    if name == "authorize":
        responses["302"] = {"description": "Back to the client, or to a page that tells an error."}
    return {"operationId": name, "summary": summary, "responses": responses}


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": _TEXT}


def _tokens() -> dict[str, Any]:
    return {_JSON: {"schema": {"$ref": "#/components/schemas/TokenInfo"}}}


def _html() -> dict[str, Any]:
    return {"text/html": {"schema": _TEXT}}


def _empty() -> dict[str, Any]:
    return {_JSON: {"schema": {"type": "object"}}}


def _error(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/AccountsError"}
    return {"description": description, "content": {_JSON: {"schema": schema}}}
