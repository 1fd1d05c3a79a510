"""What calls of the accounts server are called, in the record of calls and for faults."""

from typing import Final

__all__ = [
    "ACCOUNTS",
    "AUTHORIZE",
    "DOCUMENT",
    "INFO",
    "NAMES",
    "REVOKE",
    "TOKEN",
    "is_accounts",
    "is_page",
]

ACCOUNTS: Final = "/accounts"
"""Where the accounts server is, in the sandbox: what clients take as its base URL."""
DOCUMENT: Final = f"{ACCOUNTS}/openapi.json"
"""Where its OpenAPI document is, for programs."""
AUTHORIZE: Final = "accounts.authorize"
TOKEN: Final = "accounts.token"  # noqa: S105 - the name of a call
REVOKE: Final = "accounts.revoke"
INFO: Final = "accounts.info"
NAMES: Final = (AUTHORIZE, TOKEN, REVOKE, INFO)
_TOKENS: Final = f"{ACCOUNTS}/v2/"


def is_accounts(path: str) -> bool:
    """Return whether a path, with or without a query, is one of the accounts server."""
    return path == ACCOUNTS or path.startswith((f"{ACCOUNTS}/", f"{ACCOUNTS}?"))


def is_page(path: str) -> bool:
    """Return whether a path of the accounts server is that of a page, for a browser."""
    return is_accounts(path) and not path.startswith(_TOKENS) and path != DOCUMENT
