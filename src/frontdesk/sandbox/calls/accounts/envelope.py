"""The errors of the accounts server as it sends them.

::

    {"error": "invalid_grant", "error_description": "…", "request_id": "…"}

and to customers::

    {"oauth_exception": "invalid_grant", "exception_description": "…"}

Sources: https://platform.text.com/docs/authorization and
https://platform.text.com/docs/authorization/customer-authorization
"""

from http import HTTPStatus
from typing import Final

import msgspec

from frontdesk.errors import APIError, AuthorizationError, EntityTooLarge, ServiceUnavailable
from frontdesk.sandbox.calls.accounts.names import is_for_customers
from frontdesk.sandbox.calls.faults import Fault
from frontdesk.sandbox.calls.responses import HTTPResponse, status_of
from frontdesk.sandbox.world.accounts.errors import AccountsError

__all__ = ["error_response", "fault_error", "refusal"]

_FAULTS: Final = {
    "too_many_requests": ("temporarily_unavailable", HTTPStatus.TOO_MANY_REQUESTS),
    "service_unavailable": ("temporarily_unavailable", HTTPStatus.SERVICE_UNAVAILABLE),
}
_REFUSALS: Final = (
    (AuthorizationError, "access_denied"),
    (EntityTooLarge, "invalid_request"),
    (ServiceUnavailable, "temporarily_unavailable"),
)


def error_response(error: AccountsError, request_id: str, path: str) -> HTTPResponse:
    """Return the response to a request to a path that failed."""
    if is_for_customers(path):
        content = {
            # The name where the path is none is that of agents.
            "oauth_exception": "resource_not_found" if error.error == "not_found" else error.error,
            "exception_description": error.description,
        }
    else:
        content = {"error": error.error, "error_description": error.description}
        if error.sub_error:
            content["sub_error"] = error.sub_error
        content["request_id"] = request_id
    return HTTPResponse(
        status=error.status,
        body=msgspec.json.encode(content),
        debug_id=request_id,
        headers=(("Cache-Control", "no-store"),),
    )


def fault_error(fault: Fault) -> AccountsError:
    """Return the error that a call fails with because of a fault."""
    name, status = _FAULTS.get(fault.kind, ("server_error", HTTPStatus.INTERNAL_SERVER_ERROR))
    return AccountsError(name, f"a fault of the sandbox: {fault.kind}", status)


def refusal(error: APIError, request_id: str, path: str) -> HTTPResponse:
    """Return the response to a request to a path that the sandbox itself refuses."""
    names = (name for kind, name in _REFUSALS if isinstance(error, kind))
    failure = AccountsError(next(names, "server_error"), error.message, status_of(error))
    return error_response(failure, request_id, path)
