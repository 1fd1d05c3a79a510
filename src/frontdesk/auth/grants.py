"""What a log-in begins with, what it ends with, and what the server says of a token."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final, Self

import msgspec
from msgspec import Struct

from frontdesk.auth._tokens import BearerToken
from frontdesk.errors import InvalidArgument
from frontdesk.redaction import GONE, redacted, register

__all__ = ["LoginAttempt", "TokenGrant", "TokenInfo"]

_encode = msgspec.json.Encoder().encode


class Hiding(Struct, frozen=True, kw_only=True):
    """A structure whose secrets are registered when it is made, and in no ``repr``."""

    not_shown: ClassVar[frozenset[str]] = frozenset()
    """Fields that hold secrets."""

    def __post_init__(self) -> None:
        register(*(getattr(self, name) or "" for name in self.not_shown))

    def __repr__(self) -> str:
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        shown = (
            f"{name}={GONE if name in self.not_shown and value else redacted(repr(value))}"
            for name, value in fields
        )
        return f"{type(self).__name__}({', '.join(shown)})"


class LoginAttempt(Hiding, frozen=True, kw_only=True):
    """A log-in that was begun: what has to be remembered until the user comes back.

    ``OAuth.start_login`` makes it. Keep it where no other user reads it, such as in the session of
    the one who logs in; ``dump`` and ``load`` make a text of it and back. Send the browser to
    ``url``, and give ``OAuth.exchange`` the address that the browser comes back to.
    """

    not_shown: ClassVar[frozenset[str]] = frozenset({"state", "code_verifier"})
    url: str
    """Where to send the browser."""
    client_id: str
    redirect_uri: str
    state: str
    """Ties the callback to this attempt."""
    code_verifier: str | None = None
    """The secret of PKCE; ``None`` without it."""
    scopes: tuple[str, ...] = ()
    """What was asked for; empty for all scopes of the app."""

    def dump(self) -> str:
        """Return the attempt as a text; it holds a secret."""
        return _encode(self).decode()

    @classmethod
    def load(cls, text: str | bytes) -> Self:
        """Make an attempt of the text that ``dump`` returned.

        Raises:
            InvalidArgument: It is something else.
        """
        try:
            return msgspec.json.decode(text, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, TypeError):
            pass
        raise InvalidArgument("text", "must be what LoginAttempt.dump returned, whole")


class TokenGrant(Hiding, frozen=True, kw_only=True):
    """What a log-in or a refresh gave: an access token, and what is to know of it.

    Times are the server's own, by the date of its response.
    """

    not_shown: ClassVar[frozenset[str]] = frozenset({"access_token", "refresh_token"})
    access_token: str
    refresh_token: str | None = None
    scopes: tuple[str, ...] = ()
    account_id: str | None = None
    organization_id: str | None = None
    client_id: str | None = None
    """The app that it was issued to."""
    issued_at: datetime
    expires_in: float
    """Seconds from ``issued_at`` to the end of the access token."""
    generation: int = 1
    """How many grants a store has had under its key, up to this one."""
    id: str = ""
    """Tells one grant from all others."""

    @property
    def expires_at(self) -> datetime:
        """When the access token ends."""
        return self.issued_at + timedelta(seconds=self.expires_in)

    @property
    def region(self) -> str | None:
        """The data centre of the organization, ``dal`` or ``fra``, if the token tells."""
        return BearerToken(self.access_token).region

    def bearer(self, *, renew_at: float | None = None) -> BearerToken:
        """Return the access token as clients take it."""
        return BearerToken(self.access_token, expires_at=self.expires_at, renew_at=renew_at)


class TokenInfo(Hiding, frozen=True, kw_only=True):
    """What the accounts server says of an access token."""

    not_shown: ClassVar[frozenset[str]] = frozenset({"access_token", "refresh_token"})
    access_token: str = ""
    refresh_token: str | None = None
    """The refresh token that was issued with it, if any."""
    account_id: str | None = None
    organization_id: str | None = None
    client_id: str | None = None
    scopes: tuple[str, ...] = ()
    expires_in: float | None = None
    """Seconds that the token has left."""
    token_type: str = "Bearer"  # noqa: S105 - the scheme


LONGEST_LIFE: Final = 10 * 365 * 24 * 3600.0
"""Seconds; a token that lives longer counts as living that long, which any date can hold."""


def now_in_utc() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


def as_seconds(value: Any, default: float | None) -> float | None:
    """Read a number of seconds, also one written as a text; the default for anything else."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return min(max(number, 0.0), LONGEST_LIFE) if number == number else default  # noqa: PLR0124 - NaN
