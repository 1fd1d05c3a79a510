"""The errors of the accounts server for customers, which have names and statuses of their own.

Source: https://platform.text.com/docs/authorization/customer-authorization
"""

from http import HTTPStatus

from frontdesk.sandbox.world.accounts.errors import AccountsError

__all__ = [
    "access_denied",
    "bad_request",
    "forbidden",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "not_found",
    "required",
    "unsupported_grant_type",
]


def bad_request(description: str) -> AccountsError:
    """Return the error of a body that cannot be read."""
    return _error("bad_request", description)


def invalid_request(description: str) -> AccountsError:
    """Return the error of a parameter that does not fit."""
    return _error("invalid_request", description)


def required(name: str) -> AccountsError:
    """Return the error of a parameter that is not there."""
    return _error("invalid_request", f"`{name}` is required")


def invalid_client(description: str) -> AccountsError:
    """Return the error of a client that is not there."""
    return _error("invalid_client", description)


def unsupported_grant_type(description: str) -> AccountsError:
    """Return the error of a grant that gives no token here."""
    return _error("unsupported_grant_type", description)


def invalid_grant(description: str) -> AccountsError:
    """Return the error of an identity transfer token that gives no token."""
    return _error("invalid_grant", description)


def access_denied(description: str) -> AccountsError:
    """Return the error of a token in the header that is none, or of the wrong side."""
    return _error("access_denied", description)


def forbidden(description: str) -> AccountsError:
    """Return the error of a token that works, but does not allow this."""
    return _error("forbidden", description)


def not_found(description: str) -> AccountsError:
    """Return the error of a customer, a group or an organization that is not there."""
    return _error("resource_not_found", description)


def _error(name: str, description: str) -> AccountsError:
    return AccountsError(name, description, HTTPStatus.UNAUTHORIZED)
