"""Tokens and where they come from."""

from frontdesk.auth._tokens import (
    BearerToken,
    PersonalAccessToken,
    Token,
    TokenGetter,
    TokenLike,
    as_token,
)

__all__ = [
    "BearerToken",
    "PersonalAccessToken",
    "Token",
    "TokenGetter",
    "TokenLike",
    "as_token",
]
