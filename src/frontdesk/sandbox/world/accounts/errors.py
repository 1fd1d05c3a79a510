"""The errors of the accounts server, which are others than those of the API.

Source: https://platform.text.com/docs/authorization
"""

from http import HTTPStatus

__all__ = [
    "AccountsError",
    "AuthorizeError",
    "IdentityError",
    "ReplayError",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "missing",
]


class AccountsError(Exception):
    """A request to the accounts server that fails.

    Args:
        error: The kind of error, such as ``invalid_grant``.
        description: What is wrong, for people; it holds no secrets.
        status: The HTTP status of the response.
        sub_error: What it is more exactly, where that has a name.
    """

    def __init__(
        self, error: str, description: str, status: int, sub_error: str | None = None
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.error: str = error
        self.description: str = description
        self.status: int = status
        self.sub_error: str | None = sub_error


class ReplayError(AccountsError):
    """Somebody uses a code or a refresh token again: the log-in that it comes from ends."""

    def __init__(self, description: str, grant_id: str) -> None:
        super().__init__("invalid_grant", description, HTTPStatus.FORBIDDEN)
        self.grant_id: str = grant_id


class AuthorizeError(Exception):
    """An authorization that fails: its browser ends at a page that says so, and not at the client.

    Args:
        oauth_exception: The kind of error, such as ``invalid_scope``.
        description: What is wrong, for people.
        exception_details: What it is more exactly, such as ``invalid_redirect_uri``.
    """

    def __init__(
        self, oauth_exception: str, description: str, exception_details: str | None = None
    ) -> None:
        super().__init__(f"{oauth_exception}: {description}")
        self.oauth_exception: str = oauth_exception
        self.description: str = description
        self.exception_details: str | None = exception_details


class IdentityError(Exception):
    """An account that cannot log in: its browser is back where accounts are chosen.

    Args:
        identity_exception: The kind of error, such as ``access_denied``.
    """

    def __init__(self, identity_exception: str) -> None:
        super().__init__(identity_exception)
        self.identity_exception: str = identity_exception


def missing(name: str) -> AccountsError:
    """Return the error of a parameter that is not there."""
    return AccountsError(
        "invalid_request", f"`{name}` is required", HTTPStatus.UNPROCESSABLE_ENTITY
    )


def invalid_request(description: str) -> AccountsError:
    """Return the error of a parameter that does not fit."""
    return AccountsError("invalid_request", description, HTTPStatus.UNAUTHORIZED)


def invalid_client(description: str, sub_error: str | None = None) -> AccountsError:
    """Return the error of a client that is not there, or not who it says."""
    return AccountsError("invalid_client", description, HTTPStatus.UNAUTHORIZED, sub_error)


def invalid_grant(description: str) -> AccountsError:
    """Return the error of a code or a refresh token that gives no tokens."""
    return AccountsError("invalid_grant", description, HTTPStatus.FORBIDDEN)
