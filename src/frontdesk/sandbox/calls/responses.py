"""Responses: HTTP status, body and headers, and the one envelope of errors."""

from http import HTTPStatus
from typing import Final

import msgspec
from msgspec import Struct

from frontdesk.errors import APIError
from frontdesk.sandbox.calls.event_limits import TooManyKeys
from frontdesk.sandbox.calls.faults import Fault

__all__ = ["EMPTY", "JSON", "HTTPResponse", "error_body", "error_response", "status_of"]

JSON: Final = "application/json"
EMPTY: Final = b"{}"
"""The body of a method that has no result."""

_encode = msgspec.json.Encoder().encode

MAX_MESSAGE: Final = 2_000
"""Characters of the longest message of an error; of longer ones the middle is missing."""
_TAIL: Final = 500

STATUSES: Final[dict[str, int]] = {
    "authentication": HTTPStatus.UNAUTHORIZED,
    "authorization": HTTPStatus.FORBIDDEN,
    "customer_banned": HTTPStatus.FORBIDDEN,
    "entity_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "greeting_not_found": HTTPStatus.NOT_FOUND,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "license_expired": HTTPStatus.FORBIDDEN,
    "license_not_found": HTTPStatus.NOT_FOUND,
    "misdirected_request": HTTPStatus.MISDIRECTED_REQUEST,
    "missing_access": HTTPStatus.FORBIDDEN,
    "not_allowed": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "group_not_found": HTTPStatus.NOT_FOUND,
    "request_timeout": HTTPStatus.REQUEST_TIMEOUT,
    "requester_awaiting_approval": HTTPStatus.FORBIDDEN,
    "requester_suspended": HTTPStatus.FORBIDDEN,
    "service_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "too_many_requests": HTTPStatus.TOO_MANY_REQUESTS,
}
"""The HTTP status of each error type that has another one than 400.

LiveChat documents types only, so these are assumptions that clients must not rely on.
"""


class HTTPResponse(Struct, kw_only=True, gc=False):
    """A response over HTTP.

    ``fault`` is what goes wrong while it is sent. ``for_pages``: web pages of the origins that are
    allowed may read it.
    """

    status: int
    body: bytes
    debug_id: str = ""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    fault: Fault | None = None
    for_pages: bool = True


def error_response(error: APIError) -> HTTPResponse:
    """The response to a request that failed."""
    return HTTPResponse(status=status_of(error), body=error_body(error))


def status_of(error: APIError) -> int:
    """The HTTP status for an error."""
    if isinstance(error, TooManyKeys):
        return error.http_status
    return STATUSES.get(error.type, HTTPStatus.BAD_REQUEST)


def error_body(error: APIError) -> bytes:
    """The envelope of an error.

    Source: https://platform.text.com/docs/messaging/agent-chat-api#errors
    """
    content = {"type": error.type, "message": _shortened(error.message)}
    if error.data is not None:
        content["data"] = error.data
    return _encode({"error": content})


def _shortened(message: str) -> str:
    """Return a message without its middle if it is long.

    Messages name what is wrong, such as an id, and a caller may send one of many kilobytes.
    """
    if len(message) <= MAX_MESSAGE:
        return message
    return f"{message[: MAX_MESSAGE - _TAIL - 1]}…{message[-_TAIL:]}"
