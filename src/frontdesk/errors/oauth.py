"""Why there is no token: the accounts server refused, or what keeps the tokens failed."""

from typing import Any, ClassVar

from frontdesk.errors.base import FrontdeskError, shown
from frontdesk.redaction import redacted

__all__ = [
    "AccessDenied",
    "InstallationEnded",
    "InvalidClient",
    "InvalidGrant",
    "InvalidOAuthRequest",
    "InvalidScope",
    "LoginRequired",
    "NotInstalled",
    "OAuthError",
    "RedirectMismatch",
    "StateMismatch",
    "TemporarilyUnavailable",
    "TokenRejected",
    "TokenStoreDamaged",
    "TokenStoreError",
    "TokenStoreExposed",
    "TokenStoreUnavailable",
    "TooManyRedirects",
    "UnauthorizedClient",
]


class OAuthError(FrontdeskError):
    """A log-in, or a call of the accounts server, failed.

    ``error``, ``description`` and ``sub_error`` are the server's own words, ``status`` is the HTTP
    status (0 if no response says it), ``request_id`` the server's id of the request. A type that
    this version of frontdesk does not know is an ``OAuthError`` itself.
    """

    next_step: ClassVar[str] = "See LiveChat's docs on authorization for this error"
    """What to do about it; ends the text of the error."""

    def __init__(
        self,
        description: str = "",
        *,
        error: str = "",
        sub_error: str = "",
        status: int = 0,
        request_id: str | None = None,
    ) -> None:
        self.error: str = redacted(error)
        self.description: str = redacted(description)
        self.sub_error: str = redacted(sub_error)
        self.status = status
        self.request_id: str | None = redacted(request_id) if request_id else request_id
        super().__init__(description)

    def __str__(self) -> str:
        kind = ", ".join(shown(part) for part in (self.error, self.sub_error) if part)
        description = shown(self.description).rstrip(".")
        text = ": ".join(part for part in (kind, description) if part) or "the log-in failed"
        details = [f"HTTP {self.status}"] if self.status else []
        if self.request_id:
            details.append(f"request id {shown(self.request_id)}")
        if details:
            text += f" ({', '.join(details)})"
        return f"{text}. {self.next_step}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.description,), self.__dict__


class LoginRequired(OAuthError):
    """There is no token any more, and none to be had without the user: he has to log in again."""

    next_step = "Log in again, with a new `start_login`"


class InvalidGrant(LoginRequired):
    """The code or the refresh token is not accepted: used before, expired, revoked, or another's.

    A wrong ``code_verifier`` is one, too.
    """


class NotInstalled(LoginRequired):
    """An organization has not installed the app, or has uninstalled it."""

    next_step = "Have somebody of the organization install the app"
    organization_id: str = ""
    """The organization, as far as the error is about a certain one."""


class InstallationEnded(NotInstalled):
    """An organization has installed the app, but its tokens were revoked or have ended.

    ``error`` and ``sub_error`` are the server's reason, in the process that heard it.
    """

    next_step = "Have somebody of the organization install the app again"


class InvalidClient(OAuthError):
    """The client id is unknown, or its secret is wrong."""

    next_step = (
        "Check `client_id` and `client_secret` in the Developer Console; an app of the kind "
        "JavaScript has no secret"
    )


class UnauthorizedClient(OAuthError):
    """The app may not log in that way."""

    next_step = "Check the kind of the app and its authorization block in the Developer Console"


class InvalidScope(OAuthError):
    """A scope is unknown, not one of the app's, or above the role of the user."""

    next_step = "Ask for scopes that the app has and that the role of the user allows"


class InvalidOAuthRequest(OAuthError):
    """A parameter of the request is missing or malformed."""

    next_step = "Check the arguments of the call"


class AccessDenied(OAuthError):
    """The user did not let the app in."""

    next_step = "Start another log-in if the user agrees"


class StateMismatch(OAuthError):
    """The callback belongs to another log-in than the attempt that it was given with.

    The user has a second log-in open, or somebody made him follow a link with a code of theirs.
    """

    next_step = "Do not use its code: start another log-in, and finish the one that was begun last"


class RedirectMismatch(OAuthError):
    """The redirect URI is not the app's, or not that of the log-in."""

    next_step = (
        "Give the same `redirect_uri` throughout, one that the app has in the Developer Console"
    )


class TooManyRedirects(OAuthError):
    """The server has sent the same user to the app too often (3 times in 30 s)."""

    next_step = "Wait 30 s before the next log-in, and do not send the user there in a loop"


class TemporarilyUnavailable(OAuthError):
    """The server takes no more requests at present; ``retry_after`` is the pause it asks for."""

    next_step = "Try again later"
    retry_after: float | None = None
    """Seconds; ``None`` if the server does not say."""


class TokenRejected(OAuthError):
    """The access token is expired, revoked, or not one at all."""

    next_step = "Refresh it, or log in again"


class TokenStoreError(FrontdeskError):
    """What keeps the tokens cannot be used; the message says why and what to do."""


class TokenStoreDamaged(TokenStoreError):
    """The store holds something that is no token, such as a file that was cut in half."""


class TokenStoreExposed(TokenStoreError):
    """Other users of the machine may read or replace the file with the tokens."""


class TokenStoreUnavailable(TokenStoreError):
    """The store does not respond, or another process holds it for too long."""
