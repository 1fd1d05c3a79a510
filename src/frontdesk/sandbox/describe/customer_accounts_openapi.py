"""What the OpenAPI document of the accounts server says of customers."""

from http import HTTPStatus
from typing import Any, Final

import msgspec

from frontdesk.sandbox.apis.accounts.customers import (
    GRANTS,
    CustomerTokenInfo,
    IdentityTransferToken,
)

__all__ = ["customer_paths", "customer_schemas"]

_BASE: Final = "/accounts/v2/customer"
_JSON: Final = "application/json"
_TEXT: Final = {"type": "string"}
_ERRORS: Final = {
    HTTPStatus.UNAUTHORIZED: "A parameter, a client or a token does not fit.",
    HTTPStatus.FORBIDDEN: "The web page that sends the request is not allowed.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too long.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The server failed.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Requests are refused for a while.",
}
_TOKEN_REQUEST: Final = {
    "type": "object",
    "properties": {
        "grant_type": {"enum": list(GRANTS)},
        "client_id": _TEXT,
        "response_type": {"enum": ["token"]},
        "organization_id": {**_TEXT, "description": "With `cookie`."},
        "redirect_uri": {**_TEXT, "description": "With `cookie`; defaults to `Origin`."},
        "entity_id": {**_TEXT, "description": "With `agent_token`: an existing customer."},
        "code": {**_TEXT, "description": "With `identity_token`: an identity transfer token."},
        "code_verifier": {**_TEXT, "description": "With `identity_token`: the secret of PKCE."},
        "expires_in": {"type": "integer", "minimum": 1, "description": "Seconds."},
    },
    "required": ["grant_type", "client_id"],
}
_TRANSFER_REQUEST: Final = {
    "type": "object",
    "properties": {
        "bearer_type": {"enum": ["agent", "customer"]},
        "client_id": _TEXT,
        "customer_id": {**_TEXT, "description": "With the bearer type `agent`."},
        "code_challenge": {**_TEXT, "description": "The challenge of PKCE."},
    },
    "required": ["bearer_type", "client_id"],
}


def customer_paths() -> dict[str, Any]:
    """The paths."""
    given = _operation("give_customer_token", "Give a token of a customer", CustomerTokenInfo)
    of_group = _operation(
        "give_customer_token_of_group",
        "Give a browser a token of its customer in a group",
        CustomerTokenInfo,
    )
    for operation in (given, of_group):
        operation["requestBody"] = _body(_TOKEN_REQUEST)
        operation["security"] = [{}, {"bearer": []}]
    of_group["parameters"] = [_parameter("organization_id"), _parameter("group_id")]
    sent_back = _operation(
        "send_back_with_customer_token", "Send an app back to itself, with a token", None
    )
    names = ("flow", "response_type", "client_id", "organization_id", "redirect_uri")
    sent_back["parameters"] = [
        {"name": name, "in": "query", "required": True, "schema": _TEXT} for name in names
    ]
    del sent_back["responses"]["200"]
    sent_back["responses"]["302"] = {"description": "Back, with the token in the fragment."}
    sent_back["security"] = [{}]
    taken = _operation("revoke_customer_token", "Take back a token of a customer", None)
    looked_at = _operation(
        "get_customer_token_info", "Tell what is known of a customer's token", CustomerTokenInfo
    )
    looked_at["parameters"] = [
        {
            "name": "code",
            "in": "query",
            "description": "The token, if no header has it.",
            "schema": _TEXT,
        }
    ]
    looked_at["security"] = [{"bearer": []}, {}]
    handed_over = _operation(
        "transfer_identity", "Give an identity transfer token", IdentityTransferToken
    )
    handed_over["requestBody"] = _body(_TRANSFER_REQUEST)
    return {
        f"{_BASE}/token": {"post": given, "get": sent_back, "delete": taken},
        f"{_BASE}/{{organization_id}}/{{group_id}}/token": {"post": of_group},
        f"{_BASE}/info": {"get": looked_at},
        f"{_BASE}/identity_transfer": {"post": handed_over},
    }


def customer_schemas() -> dict[str, Any]:
    """The schemas that the paths refer to."""
    structures = (CustomerTokenInfo, IdentityTransferToken)
    return {
        **msgspec.json.schema_components(structures)[1],
        "CustomerAccountsError": {
            "type": "object",
            "properties": dict.fromkeys(("oauth_exception", "exception_description"), _TEXT),
            "required": ["oauth_exception", "exception_description"],
        },
    }


def _operation(name: str, summary: str, result: type[msgspec.Struct] | None) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done."}
    if result is not None:
        done["content"] = _content({"$ref": f"#/components/schemas/{result.__name__}"})
    errors = {
        str(status.value): {
            "description": text,
            "content": _content({"$ref": "#/components/schemas/CustomerAccountsError"}),
        }
        for status, text in _ERRORS.items()
    }
    return {
        "operationId": name,
        "summary": summary,
        "responses": {"200": done, **errors},
        "security": [{"bearer": []}],
    }


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": _content(schema)}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {_JSON: {"schema": schema}}


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": _TEXT}
