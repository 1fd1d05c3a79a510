"""What a browser has to hear before a page of another origin may use the API."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from frontdesk.sandbox.calls.accounts.names import is_accounts, is_for_customers
from frontdesk.sandbox.calls.responses import HTTPResponse

__all__ = ["allow", "preflight"]

_ALWAYS: Final = (("Vary", "Origin"), ("Access-Control-Expose-Headers", "X-Debug-Id"))
_CREDENTIALS: Final = ("Access-Control-Allow-Credentials", "true")
_SECONDS: Final = "600"


def allow(path: str, origin: str) -> tuple[tuple[str, str], ...]:
    """The headers that let a page of an origin read the response from a path.

    Where customers get their tokens, pages send cookies along: then the origin must be named, and
    not be any.
    """
    named = ("Access-Control-Allow-Origin", origin)
    if is_for_customers(path):
        return (named, _CREDENTIALS, *_ALWAYS)
    return (named, *_ALWAYS)


def preflight(headers: Mapping[str, str], path: str) -> HTTPResponse:
    """The response to the question whether a page may send a request to a path.

    Source: https://fetch.spec.whatwg.org/#http-cors-protocol
    """
    methods = "GET, HEAD, POST, DELETE" if is_accounts(path) else "GET, HEAD, POST"
    allowed = [
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Max-Age", _SECONDS),
    ]
    if is_for_customers(path):
        allowed.append(_CREDENTIALS)
    asked = headers.get("access-control-request-headers", "")
    if asked:
        allowed.append(("Access-Control-Allow-Headers", asked))
    if headers.get("access-control-request-private-network") == "true":
        allowed.append(("Access-Control-Allow-Private-Network", "true"))
    return HTTPResponse(status=HTTPStatus.OK, body=b"", headers=tuple(allowed))
