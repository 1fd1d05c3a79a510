"""The AsyncAPI 3 document of the RTM API, rendered from the declarations and the pushes.

``asyncapi_text`` is what the documentation publishes, ``asyncapi_json`` what the sandbox
serves. The document describes the server: it receives requests, replies to them, and sends pushes.
"""

import inspect
import json
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import structs

from frontdesk.actions import ACTIONS, Action
from frontdesk.models import ErrorResponse
from frontdesk.pushes import PUSHES, Push
from frontdesk.sandbox.describe.schemas import REF, components_of, plain, received
from frontdesk.sandbox.serve.rtm.push_delivery import SCOPES

__all__ = ["asyncapi", "asyncapi_json", "asyncapi_text"]

_STABLE: Final = (3, 6)
_CHANNEL: Final = "rtm"
_DOCS: Final = "https://platform.text.com/docs/messaging/agent-chat-api"
_OWN_FIELDS: Final = "frontdesk."
"""How the fields of a push begin that are none of its payload's."""

_REQUEST_ID: Final = {"type": "string", "description": "Chosen by the client."}


@cache
def asyncapi_json() -> bytes:
    """The document as compact JSON."""
    return msgspec.json.encode(asyncapi())


def asyncapi_text() -> str:
    """The document as JSON for people, with a line break at its end."""
    return json.dumps(asyncapi(), indent=2, ensure_ascii=False) + "\n"


def asyncapi() -> dict[str, Any]:
    """The document: every method and push of the RTM API at 3.6."""
    actions = _actions()
    responses = [action.spec.returns for action in actions if action.spec.returns is not None]
    payloads = [_payload_type(push) for push in PUSHES.values()]
    used: list[Any] = [*actions, *responses, *payloads, ErrorResponse]
    type_schemas, components = msgspec.json.schema_components(used, ref_template=REF + "{name}")
    schemas = dict(zip(map(str, used), map(received, type_schemas), strict=True))
    messages = _messages(actions, schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Agent Chat RTM API",
            "version": "3.6",
            "description": "LiveChat's Agent Chat RTM API, as frontdesk declares it and its "
            "sandbox serves it. Log in within 30 seconds of opening the connection, then ping "
            "every 15 seconds; at most 10 requests may be pending.",
            "license": {"name": "Apache-2.0"},
            "externalDocs": {"url": f"{_DOCS}/rtm-reference"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "production": {
                "host": "api.livechatinc.com",
                "protocol": "wss",
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            }
        },
        "channels": {_CHANNEL: _channel(messages)},
        "operations": _operations(actions),
        "components": {
            "messages": messages,
            "schemas": _payload_schemas(components_of(components)),
            "securitySchemes": {
                "token": {
                    "type": "userPassword",
                    "description": "The field `token` of the request `login`: `Bearer` and an "
                    "access token.",
                }
            },
        },
    }


def _actions() -> list[type[Action[Any]]]:
    return [
        action
        for action in ACTIONS.values()
        if "rtm" in action.spec.transports and (action.spec.until or _STABLE) >= _STABLE
    ]


def _payload_type(push: type[Push]) -> Any:
    root = push.spec.root
    if root is None:
        return push
    return next(field.type for field in structs.fields(push) if field.name == root)


def _payload_schemas(schemas: dict[str, Any]) -> dict[str, Any]:
    """Take out of pushes what frontdesk adds to them."""
    for schema in schemas.values():
        properties: dict[str, Any] = schema.get("properties", {})
        for name in [name for name in properties if name.startswith(_OWN_FIELDS)]:
            del properties[name]
    return schemas


# Messages


def _messages(actions: list[type[Action[Any]]], schemas: dict[str, Any]) -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for action in actions:
        name = action.spec.name
        response: dict[str, Any] = {"type": "object"}
        if action.spec.returns is not None:
            response = schemas[str(action.spec.returns)]
        messages[f"{name}.request"] = _request(action, schemas[str(action)])
        messages[f"{name}.response"] = _response(name, response)
    messages["ping.request"] = _bare_request("ping", "Say that the connection is alive.")
    messages["ping.response"] = _response("ping", {"type": "object"})
    messages["error"] = _error(schemas[str(ErrorResponse)])
    for push in PUSHES.values():
        messages[f"{push.spec.name}.push"] = _push(push, schemas[str(_payload_type(push))])
    return messages


def _request(action: type[Action[Any]], payload: Any) -> dict[str, Any]:
    spec = action.spec
    summary, _, description = inspect.cleandoc(action.__doc__ or "").partition("\n")
    message = _bare_request(spec.name, summary)
    message["payload"]["properties"]["payload"] = payload
    if any(field.required for field in structs.fields(action)):
        message["payload"]["required"].append("payload")
    if description.strip():
        message["description"] = plain(description.strip())
    message["externalDocs"] = {"url": spec.url}
    message["x-scopes"] = {"names": list(spec.scopes.names), "every": spec.scopes.every}
    return message


def _bare_request(name: str, summary: str) -> dict[str, Any]:
    return _message(
        f"{name} request",
        summary,
        {
            "action": {"const": name},
            "request_id": _REQUEST_ID,
            "version": {
                "type": "string",
                "description": "The connection's version or a higher one.",
            },
            "payload": {"type": "object"},
        },
        required=["action"],
    )


def _response(name: str, payload: Any) -> dict[str, Any]:
    return _message(
        f"{name} response",
        "Done.",
        {
            "request_id": _REQUEST_ID,
            "action": {"const": name},
            "type": {"const": "response"},
            "success": {"const": True},
            "payload": payload,
        },
        required=["action", "type", "success", "payload"],
    )


def _error(payload: Any) -> dict[str, Any]:
    return _message(
        "error response",
        "The request failed; decide by `error.type`.",
        {
            "request_id": _REQUEST_ID,
            "action": {"type": "string"},
            "type": {"const": "response"},
            "success": {"const": False},
            "payload": payload,
        },
        required=["action", "type", "success", "payload"],
    )


def _push(push: type[Push], payload: Any) -> dict[str, Any]:
    spec = push.spec
    summary = inspect.cleandoc(push.__doc__ or "").partition("\n")[0]
    message = _message(
        f"{spec.name} push",
        plain(summary),
        {
            "version": {"type": "string"},
            "request_id": {
                "type": "string",
                "description": "That of the request which caused it, for its requester.",
            },
            "action": {"const": spec.name},
            "type": {"const": "push"},
            "payload": payload,
        },
        required=["version", "action", "type", "payload"],
    )
    message["externalDocs"] = {"url": f"{_DOCS}/rtm-pushes#{spec.name}"}
    if spec.family in SCOPES:
        message["x-scopes"] = {"names": [SCOPES[spec.family]], "every": True}
    return message


def _message(
    title: str, summary: str, properties: dict[str, Any], *, required: list[str]
) -> dict[str, Any]:
    return {
        "title": title,
        "summary": summary.rstrip("."),
        "correlationId": {"location": "$message.payload#/request_id"},
        "payload": {"type": "object", "properties": properties, "required": required},
    }


# Channel and operations


def _channel(messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": "/v3.6/agent/rtm/ws",
        "description": "One connection, over which everything goes.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {
                    "type": "object",
                    "properties": {"organization_id": {"type": "string"}},
                    "required": ["organization_id"],
                },
                "bindingVersion": "0.1.0",
            }
        },
    }


def _operations(actions: list[type[Action[Any]]]) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for name in [*(action.spec.name for action in actions), "ping"]:
        operations[name] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{_CHANNEL}"},
            "messages": [_in_channel(f"{name}.request")],
            "reply": {
                "channel": {"$ref": f"#/channels/{_CHANNEL}"},
                "messages": [_in_channel(f"{name}.response"), _in_channel("error")],
            },
        }
    for name in PUSHES:
        operations[f"push_{name}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_CHANNEL}"},
            "messages": [_in_channel(f"{name}.push")],
        }
    return operations


def _in_channel(message: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{_CHANNEL}/messages/{message}"}
