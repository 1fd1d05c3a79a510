"""The AsyncAPI 3 documents of the RTM APIs, rendered from the declarations and the pushes.

Agents and customers have a document each.
``asyncapi_text`` is what the documentation publishes, ``asyncapi_json`` what the sandbox
serves. The document describes the server: it receives requests, replies to them, and sends pushes.
"""

import inspect
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from frontdesk.actions import ACTIONS, Action
from frontdesk.actions.customer import CUSTOMER_ACTIONS
from frontdesk.models import ErrorResponse
from frontdesk.pushes import PUSHES, Push
from frontdesk.pushes.customer_chat import CUSTOMER_PUSHES
from frontdesk.sandbox.describe.schemas import REF, SideName, components_of, plain, received
from frontdesk.sandbox.serve.rtm.push_delivery import SCOPES

__all__ = ["asyncapi", "asyncapi_json", "asyncapi_text"]

_STABLE: Final = (3, 6)
_CHANNEL: Final = "rtm"
_OWN_FIELDS: Final = "frontdesk."
"""How the fields of a push begin that are none of its payload's."""

_REQUEST_ID: Final = {"type": "string", "description": "Chosen by the client."}


class _Side(Struct, frozen=True):
    """What the document of one side says of itself."""

    name: SideName
    title: str
    description: str
    actions: Mapping[str, type[Action[Any]]]
    pushes: Mapping[str, type[Push]]

    @property
    def docs(self) -> str:
        """The page of LiveChat's docs."""
        return f"https://platform.text.com/docs/messaging/{self.name}-chat-api"


_RULES: Final = (
    "Log in within 30 seconds of opening the connection, then ping every 15 seconds; at most 10 "
    "requests may be pending."
)
_SIDES: Final = {
    "agent": _Side(
        name="agent",
        title="Agent Chat RTM API",
        description="LiveChat's Agent Chat RTM API, as frontdesk declares it and its sandbox "
        f"serves it. {_RULES}",
        actions=ACTIONS,
        pushes=PUSHES,
    ),
    "customer": _Side(
        name="customer",
        title="Customer Chat RTM API",
        description="LiveChat's Customer Chat RTM API, as frontdesk declares it and its sandbox "
        f"serves it. {_RULES}",
        actions=CUSTOMER_ACTIONS,
        pushes=CUSTOMER_PUSHES,
    ),
}


@cache
def asyncapi_json(api: SideName = "agent") -> bytes:
    """The document of a side as compact JSON."""
    return msgspec.json.encode(asyncapi(api))


def asyncapi_text(api: SideName = "agent") -> str:
    """The document of a side as JSON for people, with a line break at its end."""
    return json.dumps(asyncapi(api), indent=2, ensure_ascii=False) + "\n"


def asyncapi(api: SideName = "agent") -> dict[str, Any]:
    """The document of a side: every method and push of its RTM API at 3.6."""
    side = _SIDES[api]
    actions = _actions(side)
    responses = [action.spec.returns for action in actions if action.spec.returns is not None]
    payloads = [_payload_type(push) for push in side.pushes.values()]
    used: list[Any] = [*actions, *responses, *payloads, ErrorResponse]
    type_schemas, components = msgspec.json.schema_components(used, ref_template=REF + "{name}")
    schemas = dict(zip(map(str, used), map(received, type_schemas), strict=True))
    messages = _messages(side, actions, schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": side.title,
            "version": "3.6",
            "description": side.description,
            "license": {"name": "Apache-2.0"},
            "externalDocs": {"url": f"{side.docs}/rtm-reference"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "production": {
                "host": "api.livechatinc.com",
                "protocol": "wss",
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            }
        },
        "channels": {_CHANNEL: _channel(side, messages)},
        "operations": _operations(side, actions),
        "components": {
            "messages": messages,
            "schemas": _payload_schemas(components_of(components, api)),
            "securitySchemes": {
                "token": {
                    "type": "userPassword",
                    "description": "The field `token` of the request `login`: `Bearer` and an "
                    "access token.",
                }
            },
        },
    }


def _actions(side: _Side) -> list[type[Action[Any]]]:
    return [
        action
        for action in side.actions.values()
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


def _messages(
    side: _Side, actions: list[type[Action[Any]]], schemas: dict[str, Any]
) -> dict[str, Any]:
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
    for push in side.pushes.values():
        messages[f"{push.spec.name}.push"] = _push(side, push, schemas[str(_payload_type(push))])
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
    if spec.api != "customer":
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


def _push(side: _Side, push: type[Push], payload: Any) -> dict[str, Any]:
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
    message["externalDocs"] = {"url": f"{side.docs}/rtm-pushes#{spec.name}"}
    if side.name == "agent" and spec.family in SCOPES:
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


def _channel(side: _Side, messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": f"/v3.6/{side.name}/rtm/ws",
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


def _operations(side: _Side, actions: list[type[Action[Any]]]) -> dict[str, Any]:
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
    for name in side.pushes:
        operations[f"push_{name}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_CHANNEL}"},
            "messages": [_in_channel(f"{name}.push")],
        }
    return operations


def _in_channel(message: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{_CHANNEL}/messages/{message}"}
