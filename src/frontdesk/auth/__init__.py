"""Tokens and where they come from."""

# Rendered from the modules' own lists by ``make render``; only the docstring is edited by hand.

from importlib import import_module
from typing import TYPE_CHECKING, Any

from frontdesk.auth._tokens import (
    BearerToken,
    PersonalAccessToken,
    Token,
    TokenGetter,
    TokenLike,
    TokenProvider,
    as_token,
)

if TYPE_CHECKING:
    from frontdesk.auth.bot_tokens import BotToken
    from frontdesk.auth.customer_grants import CustomerCookies, CustomerTokenInfo, IdentityTransfer
    from frontdesk.auth.customer_tokens import CustomerToken, CustomerTokenOptions
    from frontdesk.auth.grants import LoginAttempt, TokenGrant, TokenInfo
    from frontdesk.auth.oauth import AsyncOAuth, AsyncOAuthToken, OAuth, OAuthToken
    from frontdesk.auth.stores import (
        FileTokenStore,
        KeyringTokenStore,
        MemoryTokenStore,
        Record,
        RecordStore,
        RedisTokenStore,
        TokenStore,
    )

__all__ = [
    "AsyncOAuth",
    "AsyncOAuthToken",
    "BearerToken",
    "BotToken",
    "CustomerCookies",
    "CustomerToken",
    "CustomerTokenInfo",
    "CustomerTokenOptions",
    "FileTokenStore",
    "IdentityTransfer",
    "KeyringTokenStore",
    "LoginAttempt",
    "MemoryTokenStore",
    "OAuth",
    "OAuthToken",
    "PersonalAccessToken",
    "Record",
    "RecordStore",
    "RedisTokenStore",
    "Token",
    "TokenGetter",
    "TokenGrant",
    "TokenInfo",
    "TokenLike",
    "TokenProvider",
    "TokenStore",
    "as_token",
]

_LATER = (
    (
        "frontdesk.auth.bot_tokens",
        "frontdesk.auth.grants",
        "frontdesk.auth.oauth",
        "frontdesk.auth.stores",
    ),
    (
        "frontdesk.auth.customer_grants",
        "frontdesk.auth.customer_tokens",
    ),
)
"""Groups of modules, each loaded when one of its names is first asked for."""


def __getattr__(name: str) -> Any:
    if name in __all__:
        for group in _LATER:
            for module in group:
                loaded = import_module(module)
                # A package may have names of its own that are something else here.
                for each in loaded.__all__:
                    if each in __all__:
                        globals().setdefault(each, getattr(loaded, each))
            if name in globals():
                return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
