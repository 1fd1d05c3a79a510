"""The OpenAPI 3.1 document of the Web API, rendered from the declarations.

``openapi_text`` is what the documentation publishes, ``openapi_json`` what the sandbox
serves.
"""

import inspect
import json
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import msgspec

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action, Spec, UploadFile
from frontdesk.models import ErrorResponse
from frontdesk.sandbox.describe.schemas import REF, components_of, plain, received
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


@cache
def openapi_json() -> bytes:
    """The document as compact JSON."""
    return msgspec.json.encode(openapi())


def openapi_text() -> str:
    """The document as JSON for people, with a line break at its end."""
    return json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n"


def openapi() -> dict[str, Any]:
    """The document: every method over HTTP at 3.6, or at the last version that has it."""
    all_actions = [*ACTIONS.values(), *CONFIGURATION_ACTIONS.values()]
    actions = [action for action in all_actions if "web" in action.spec.transports]
    responses = [action.spec.returns for action in actions if action.spec.returns is not None]
    used: list[Any] = [*actions, *responses, ErrorResponse]
    type_schemas, components = msgspec.json.schema_components(used, ref_template=REF + "{name}")
    schemas = dict(zip(map(str, used), map(received, type_schemas), strict=True))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Agent Chat Web API",
            "version": "3.6",
            "description": "LiveChat's Agent Chat Web API and the part of its Configuration API "
            "that is about webhooks, as frontdesk declares and its sandbox serves them. HTTP "
            "statuses other than 200 are the sandbox's own: decide by `error.type`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "externalDocs": {"url": "https://platform.text.com/docs/messaging/agent-chat-api"},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"personalAccessToken": []}],
        "paths": {_path(action.spec): {"post": _operation(action, schemas)} for action in actions},
        "components": {
            "schemas": components_of(components),
            "responses": {name: _error(text) for name, _, text in _ERRORS},
            "parameters": {"Region": _region()},
            "headers": {
                "X-Debug-Id": {
                    "description": "Id of the response, to name to LiveChat's support.",
                    "schema": {"type": "string"},
                }
            },
            "securitySchemes": {
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
        "x-scopes": {"names": list(spec.scopes.names), "every": spec.scopes.every},
        "parameters": [{"$ref": "#/components/parameters/Region"}],
        "requestBody": _request(action, schemas),
        "responses": {"200": _success(spec, schemas)}
        | {
            str(status.value): {"$ref": f"#/components/responses/{name}"}
            for name, status, _ in _ERRORS
        },
    }
    if description.strip():
        operation["description"] = plain(description.strip())
    if spec.extra_scopes:
        operation["x-extra-scopes"] = [
            {"names": list(extra.names), "when": plain(extra.when)} for extra in spec.extra_scopes
        ]
    if spec.until is not None:
        operation["deprecated"] = True
    return operation


def _request(action: type[Action[Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    if action is UploadFile:
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


def _region() -> dict[str, Any]:
    return {
        "name": "X-Region",
        "in": "header",
        "required": False,
        "description": "The data centre of the token.",
        "schema": {"enum": ["dal", "fra"]},
    }
