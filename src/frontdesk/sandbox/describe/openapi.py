"""The OpenAPI 3.1 documents of the Web APIs, rendered from the declarations.

Agents and customers have a document each: what both call alike looks different to them.
``openapi_text`` is what the documentation publishes, ``openapi_json`` what the sandbox serves.
"""

import inspect
import json
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import msgspec
from msgspec import Struct

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action, Spec, UploadFile
from frontdesk.actions.customer import CUSTOMER_ACTIONS
from frontdesk.models import ErrorResponse
from frontdesk.sandbox.describe.schemas import REF, SideName, components_of, plain, received
from frontdesk.spec.actions import dotted

__all__ = ["openapi", "openapi_json", "openapi_text"]

_STABLE: Final = (3, 6)
_JSON: Final = "application/json"

_ERRORS: Final = (
    (
        "BadRequest",
        HTTPStatus.BAD_REQUEST,
        "The request breaks a rule; the message names the field.",
    ),
    ("Unauthorized", HTTPStatus.UNAUTHORIZED, "The access token is missing, invalid or expired."),
    ("Forbidden", HTTPStatus.FORBIDDEN, "The requester may not do this."),
    ("NotFound", HTTPStatus.NOT_FOUND, "What the request names does not exist."),
    ("TooLarge", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large."),
    (
        "Misdirected",
        HTTPStatus.MISDIRECTED_REQUEST,
        "The license lives in another region, see `data.region`.",
    ),
    (
        "TooManyRequests",
        HTTPStatus.TOO_MANY_REQUESTS,
        "The rate limit is reached; it lifts by itself.",
    ),
    ("Internal", HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed."),
    ("Unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "New requests are refused for a while."),
)
"""LiveChat documents error types and no statuses; these are the sandbox's."""


class _Side(Struct, frozen=True):
    """What the document of one side says of itself."""

    title: str
    description: str
    docs: str
    actions: tuple[type[Action[Any]], ...]
    security: dict[str, Any]


_AGENTS: Final = _Side(
    title="Agent Chat Web API",
    description="LiveChat's Agent Chat Web API and its Configuration API, as frontdesk declares "
    "and its sandbox serves them. HTTP statuses other than 200 are the sandbox's own: decide by "
    "`error.type`.",
    docs="https://platform.text.com/docs/messaging/agent-chat-api",
    actions=(*ACTIONS.values(), *CONFIGURATION_ACTIONS.values()),
    security={
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token (`dal:…`) or a bot token.",
        },
        "personalAccessToken": {
            "type": "http",
            "scheme": "basic",
            "description": "Account id and personal access token.",
        },
    },
)
_CUSTOMERS: Final = _Side(
    title="Customer Chat Web API",
    description="LiveChat's Customer Chat Web API, as frontdesk declares and its sandbox serves "
    "it. HTTP statuses other than 200 are the sandbox's own: decide by `error.type`.",
    docs="https://platform.text.com/docs/messaging/customer-chat-api",
    actions=tuple(CUSTOMER_ACTIONS.values()),
    security={
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The access token of a customer (`dal:…`).",
        }
    },
)
_SIDES: Final = {"agent": _AGENTS, "customer": _CUSTOMERS}


@cache
def openapi_json(api: SideName = "agent") -> bytes:
    """The document of a side as compact JSON."""
    return msgspec.json.encode(openapi(api))


def openapi_text(api: SideName = "agent") -> str:
    """The document of a side as JSON for people, with a line break at its end."""
    return json.dumps(openapi(api), indent=2, ensure_ascii=False) + "\n"


def openapi(api: SideName = "agent") -> dict[str, Any]:
    """The document of a side.

    It has every method over HTTP at 3.6, or at the last version that has it.
    """
    side = _SIDES[api]
    actions = [action for action in side.actions if "web" in action.spec.transports]
    responses = [action.spec.returns for action in actions if action.spec.returns is not None]
    used: list[Any] = [*actions, *responses, ErrorResponse]
    type_schemas, components = msgspec.json.schema_components(used, ref_template=REF + "{name}")
    schemas = dict(zip(map(str, used), map(received, type_schemas), strict=True))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": side.title,
            "version": "3.6",
            "description": side.description,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "externalDocs": {"url": side.docs},
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in side.security],
        "paths": {
            _path(action.spec): {action.spec.verb.lower(): _operation(action, schemas)}
            for action in actions
        },
        "components": {
            "schemas": components_of(components, api),
            "responses": {name: _error(text) for name, _, text in _ERRORS},
            "parameters": _PARAMETERS,
            "headers": {
                "X-Debug-Id": {
                    "description": "Id of the response, to name to LiveChat's support.",
                    "schema": {"type": "string"},
                }
            },
            "securitySchemes": side.security,
        },
    }


def _path(spec: Spec) -> str:
    version = min(_STABLE, spec.until or _STABLE)
    return f"/v{dotted(version)}/{spec.api}/action/{spec.name}"


def _operation(action: type[Action[Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    spec = action.spec
    summary, _, description = inspect.cleandoc(action.__doc__ or "").partition("\n")
    operation: dict[str, Any] = {
        "operationId": spec.name,
        "summary": summary.rstrip("."),
        "tags": [spec.group.replace("_", " ")],
        "externalDocs": {"url": spec.url},
        "parameters": [{"$ref": "#/components/parameters/Region"}],
        "responses": {"200": _success(spec, schemas)}
        | {
            str(status.value): {"$ref": f"#/components/responses/{name}"}
            for name, status, _ in _ERRORS
        },
    }
    if description.strip():
        operation["description"] = plain(description.strip())
    if spec.api == "customer":
        operation["parameters"].append({"$ref": "#/components/parameters/Organization"})
    else:
        operation["x-scopes"] = {"names": list(spec.scopes.names), "every": spec.scopes.every}
    if spec.verb == "GET":
        operation["parameters"] += _query(action)
    else:
        operation["requestBody"] = _request(action, schemas)
    if not spec.needs_token:
        operation["security"] = []
    if spec.extra_scopes:
        operation["x-extra-scopes"] = [
            {"names": list(extra.names), "when": plain(extra.when)} for extra in spec.extra_scopes
        ]
    if spec.until is not None:
        operation["deprecated"] = True
    return operation


def _request(action: type[Action[Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    if issubclass(action, UploadFile):
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        form = {"type": "object", "properties": {"file": file}, "required": ["file"]}
        return {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    return {"required": True, "content": {_JSON: {"schema": schemas[str(action)]}}}


def _success(spec: Spec, schemas: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if spec.returns is not None:
        schema = schemas[str(spec.returns)]
    return {
        "description": "Done.",
        "headers": {"X-Debug-Id": {"$ref": "#/components/headers/X-Debug-Id"}},
        "content": {_JSON: {"schema": schema}},
    }


def _error(description: str) -> dict[str, Any]:
    schema = {"$ref": f"{REF}{ErrorResponse.__name__}"}
    return {"description": description, "content": {_JSON: {"schema": schema}}}


def _query(action: type[Action[Any]]) -> list[dict[str, Any]]:
    """The arguments of a GET request."""
    schema = msgspec.json.schema(action)["$defs"][action.__name__]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": plain(field.pop("description", "")),
            "schema": field,
        }
        for name, field in schema["properties"].items()
    ]


_PARAMETERS: Final = {
    "Region": {
        "name": "X-Region",
        "in": "header",
        "required": False,
        "description": "The data centre of the token.",
        "schema": {"enum": ["dal", "fra"]},
    },
    "Organization": {
        "name": "organization_id",
        "in": "query",
        "required": True,
        "description": "The organization that the customer chats with.",
        "schema": {"type": "string"},
    },
}
