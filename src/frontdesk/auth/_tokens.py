"""Tokens: what goes into the ``Authorization`` header, and the data centre they belong to."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import NoneType
from typing import Protocol, TypeAlias, runtime_checkable

from frontdesk.errors import InvalidArgument
from frontdesk.redaction import register
from frontdesk.spec.arguments import check_text

__all__ = [
    "BearerToken",
    "PersonalAccessToken",
    "Token",
    "TokenGetter",
    "TokenLike",
    "TokenProvider",
    "as_token",
    "region_of",
]

PREFIX = re.compile(r"(dal|fra)(?:-[a-z]+)?(:|%3[Aa])")
"""The data centre at the beginning of a token; ``%3A`` where it was taken from a URL."""


class Token:
    """A token with its scheme. Never printed: ``repr`` and ``str`` show the scheme only.

    ``expires_at``, if known, lets an RTM session swap the token before it ends. From ``renew_at``
    on (seconds of ``time.monotonic``), a Web client asks for another one before its next call.
    """

    __slots__ = ("authorization", "expires_at", "region", "renew_at")

    authorization: str
    region: str | None
    expires_at: datetime | None
    renew_at: float | None

    def __init__(
        self,
        authorization: str,
        region: str | None = None,
        *,
        expires_at: datetime | None = None,
        renew_at: float | None = None,
    ) -> None:
        # First of all, so that no error from here on shows it.
        register(*_secrets_of(authorization))
        if not isinstance(expires_at, (datetime, NoneType)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(
                "expires_at", f"must be a datetime, not {type(expires_at).__name__}"
            )
        if expires_at is not None and expires_at.tzinfo is None:
            raise InvalidArgument("expires_at", "must have a time zone")
        if not (authorization.isascii() and authorization.isprintable()):
            raise InvalidArgument(
                "token", "must be printable ASCII; check for a line break or a character too many"
            )
        self.authorization = authorization
        self.region = region
        self.expires_at = expires_at
        self.renew_at = renew_at

    def __repr__(self) -> str:
        # A traceback may show a token that could not be made.
        scheme, _, secret = getattr(self, "authorization", "").partition(" ")
        return f"<{type(self).__name__} {scheme if secret else ''}…>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and other.authorization == self.authorization

    def __hash__(self) -> int:
        return hash(self.authorization)


class BearerToken(Token):
    """An access token or a bot token.

    ``token`` as LiveChat hands it out, such as ``dal:…``, or with its scheme, ``Bearer dal:…``; the
    prefix tells the data centre.
    ``expires_at`` is when it ends, if you know; ``renew_at`` as for ``Token``.
    Source: https://platform.text.com/docs/authorization
    """

    __slots__ = ()

    def __init__(
        self, token: str, *, expires_at: datetime | None = None, renew_at: float | None = None
    ) -> None:
        try:
            token = _decoded(_without_scheme(_text("token", token)))
            super().__init__(
                f"Bearer {token}", region_of(token), expires_at=expires_at, renew_at=renew_at
            )
        except InvalidArgument as error:
            # The frames that are cut, and this one, would show the token in a traceback.
            raise error.with_traceback(None) from None
        finally:
            del token


class PersonalAccessToken(Token):
    """A personal access token, which acts as the agent who made it.

    ``account_id`` and ``token`` as the Developer Console shows them.
    Source: https://platform.text.com/docs/authorization/personal-access-tokens
    """

    __slots__ = ()

    def __init__(self, account_id: str, token: str) -> None:
        pair = ""
        try:
            account_id, token = _text("account_id", account_id), _text("token", token)
            check_text("account_id", account_id)
            check_text("token", token)
            _refuse_colon(account_id)
            pair = base64.b64encode(f"{account_id}:{token}".encode()).decode("ascii")
            super().__init__(f"Basic {pair}", region_of(token))
        except InvalidArgument as error:
            # As above.
            raise error.with_traceback(None) from None
        finally:
            del token, pair


TokenLike: TypeAlias = str | Token
TokenGetter: TypeAlias = Callable[[], TokenLike | Awaitable[TokenLike]]


@runtime_checkable
class TokenProvider(Protocol):
    """A source of tokens that gets to know which one was refused, such as ``BotToken``.

    Clients take one in place of a token. They ask for a token with their first call, when the
    server refuses the one they have, and from its ``renew_at`` on. One provider may serve any
    number of clients, from any thread and event loop.

    One that has a method ``region_learned(region)`` is told when a server names another data centre
    than that of the token, in the middle of a call: it returns at once, and raises nothing.
    """

    def token(self, refused: Token | None = None) -> Token:
        """Return a token that is fit for use.

        Args:
            refused: the token that the server does not accept any more; it is not returned again.

        Returns:
            The token, with ``renew_at`` and ``expires_at`` where its end is known.
        """
        ...

    async def token_async(self, refused: Token | None = None) -> Token:
        """Return a token that is fit for use, without keeping the event loop from its work."""
        ...


def as_token(value: object) -> Token:
    """Make a token of ``Bearer dal:…``, ``Basic …``, a bare ``dal:…`` or a ready one.

    Raises:
        InvalidArgument: It is anything else.
    """
    try:
        return value if isinstance(value, Token) else _parsed(_text("token", value))
    except InvalidArgument as error:
        # The frames that are cut, and this one, would show the token in a traceback.
        raise error.with_traceback(None) from None
    finally:
        del value


def _without_scheme(text: str) -> str:
    scheme, _, rest = text.partition(" ")
    return rest.strip() if scheme.lower() == "bearer" and rest.strip() else text


def _parsed(text: str) -> Token:
    scheme, _, rest = text.partition(" ")
    rest = rest.strip()
    match scheme.lower():
        case "bearer" if rest:
            return BearerToken(rest)
        case "basic" if rest:
            return Token(f"Basic {rest}", _region_of_pair(rest))
        case word if not rest and word not in ("bearer", "basic"):
            return BearerToken(text)
        case _:
            raise InvalidArgument("token", "must be `Bearer …`, `Basic …` or a bare access token")


def region_of(token: str) -> str | None:
    """Tell the data centre from the prefix of a token (``dal:…``, ``fra-a:…``, ``fra%3A…``)."""
    match = PREFIX.match(token)
    return match[1] if match else None


def _decoded(token: str) -> str:
    """Undo what a URL made of the colon after the prefix."""
    match = PREFIX.match(token)
    return f"{match[0][:-3]}:{token[match.end() :]}" if match and match[2] != ":" else token


def _region_of_pair(encoded: str) -> str | None:
    return region_of(_pair(encoded).partition(":")[2])


def _pair(encoded: str) -> str:
    """Return account and token of a Basic header, empty if it holds something else."""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _secrets_of(authorization: str) -> tuple[str, ...]:
    """Return what of a header must not be shown: all behind the scheme, and what is inside."""
    scheme, _, rest = authorization.partition(" ")
    secret = rest.strip() or scheme
    pair = _pair(secret) if scheme.lower() == "basic" else ""
    return (secret, pair, pair.partition(":")[2])


def _refuse_colon(account_id: str) -> None:
    if ":" in account_id:
        raise InvalidArgument("account_id", "must not contain a colon")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidArgument(name, f"must be a text or a token, not {type(value).__name__}")
    if not value.strip():
        raise InvalidArgument(name, "must not be empty")
    return value.strip()
