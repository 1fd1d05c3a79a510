"""What a browser has to hear before a page of another origin may use the API."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from frontdesk.sandbox.calls.accounts.names import is_accounts
from frontdesk.sandbox.calls.responses import HTTPResponse

__all__ = ["CORS", "preflight"]

CORS: Final = (("Vary", "Origin"), ("Access-Control-Expose-Headers", "X-Debug-Id"))
"""The headers of every response to a page of another origin, besides the one that names it."""
_SECONDS: Final = "600"


def preflight(headers: Mapping[str, str], path: str) -> HTTPResponse:
    """The response to the question whether a page may send a request to a path.

    Source: https://fetch.spec.whatwg.org/#http-cors-protocol
    """
    methods = "GET, HEAD, POST, DELETE" if is_accounts(path) else "GET, HEAD, POST"
    allowed = [
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Max-Age", _SECONDS),
    ]
    asked = headers.get("access-control-request-headers", "")
    if asked:
        allowed.append(("Access-Control-Allow-Headers", asked))
    if headers.get("access-control-request-private-network") == "true":
        allowed.append(("Access-Control-Allow-Private-Network", "true"))
    return HTTPResponse(status=HTTPStatus.OK, body=b"", headers=tuple(allowed))
