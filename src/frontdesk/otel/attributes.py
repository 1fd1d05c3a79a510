"""The names of spans' and metrics' attributes, and what their values are made of.

Those without ``frontdesk`` are OpenTelemetry's semantic conventions. No value says anything of a
person, of a chat or of what was written: no bodies, no ids, no tokens, no texts of errors.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from opentelemetry.util.types import AttributeValue

from frontdesk.core.observation import CallStart
from frontdesk.errors import APIError

__all__ = [
    "ACTION",
    "API",
    "ATTEMPT",
    "BILLED",
    "ERROR_TYPE",
    "RESEND_COUNT",
    "RESPONSE_SIZE",
    "STATUS_CODE",
    "TRANSPORT",
    "common_attributes",
    "error_type",
    "span_attributes",
    "span_name",
    "work_attributes",
]

Attributes = dict[str, AttributeValue]

ERROR_TYPE: Final = "error.type"
METHOD: Final = "http.request.method"
RESEND_COUNT: Final = "http.request.resend_count"
STATUS_CODE: Final = "http.response.status_code"
RESPONSE_SIZE: Final = "http.response.body.size"
URL: Final = "url.full"
URL_TEMPLATE: Final = "url.template"
SERVER: Final = "server.address"
PORT: Final = "server.port"
RPC_SYSTEM: Final = "rpc.system"
RPC_SERVICE: Final = "rpc.service"
RPC_METHOD: Final = "rpc.method"
MESSAGING_SYSTEM: Final = "messaging.system"
OPERATION_TYPE: Final = "messaging.operation.type"
OPERATION_NAME: Final = "messaging.operation.name"
DESTINATION: Final = "messaging.destination.name"

ACTION: Final = "frontdesk.action"
API: Final = "frontdesk.api"
TRANSPORT: Final = "frontdesk.transport"
BILLED: Final = "frontdesk.requests.billed"
ATTEMPT: Final = "frontdesk.attempt"
SOURCE: Final = "frontdesk.source"

LIVECHAT: Final = "livechat"
PORTS: Final = {"http": 80, "https": 443}


def error_type(error: BaseException) -> str:
    """Return what kind of error it is: the API's own type, else the name of its class."""
    return error.type if isinstance(error, APIError) else type(error).__name__


def span_name(start: CallStart) -> str:
    """Return the name of a call's span: one for each method and version."""
    if start.transport == "web":
        return f"{start.verb} {start.path}"
    return f"{start.api}/{start.action}"


def common_attributes(start: CallStart) -> Attributes:
    """Return what both spans and metrics have of a call."""
    return {ACTION: start.action, API: start.api, TRANSPORT: start.transport}


@lru_cache(maxsize=1024)
def span_attributes(start: CallStart) -> Mapping[str, AttributeValue]:
    """Return what a span of a call begins with; it is the same for all calls of a method."""
    parts = urlsplit(start.address)
    attributes: Attributes = common_attributes(start)
    attributes[SERVER] = parts.hostname or ""
    attributes[PORT] = parts.port or PORTS.get(parts.scheme, 443)
    if start.transport == "web":
        attributes[METHOD] = start.verb
        # Without its query: that of some methods of customers says which page they are on.
        attributes[URL] = start.address + start.path
        attributes[URL_TEMPLATE] = start.path
    else:
        attributes[RPC_SYSTEM] = LIVECHAT
        attributes[RPC_SERVICE] = start.api
        attributes[RPC_METHOD] = start.action
    return attributes


def work_attributes(source: str, action: str) -> Attributes:
    """Return what spans and metrics have of handlers that are called."""
    return {
        MESSAGING_SYSTEM: LIVECHAT,
        OPERATION_TYPE: "process",
        OPERATION_NAME: "process",
        DESTINATION: action,
        SOURCE: source,
    }
