"""What calls of the accounts server are called, in the record of calls and for faults."""

from typing import Final

__all__ = [
    "ACCOUNTS",
    "AUTHORIZE",
    "CUSTOMERS",
    "CUSTOMER_INFO",
    "CUSTOMER_REVOKE",
    "CUSTOMER_TOKEN",
    "DOCUMENT",
    "IDENTITY_TRANSFER",
    "INFO",
    "NAMES",
    "REVOKE",
    "TOKEN",
    "base_path",
    "is_accounts",
    "is_for_customers",
    "is_page",
    "path_at_host",
]

ACCOUNTS: Final = "/accounts"
"""Where the accounts server is, in the sandbox: what clients take as its base URL."""
DOCUMENT: Final = f"{ACCOUNTS}/openapi.json"
"""Where its OpenAPI document is, for programs."""
AUTHORIZE: Final = "accounts.authorize"
TOKEN: Final = "accounts.token"  # noqa: S105 - the name of a call
REVOKE: Final = "accounts.revoke"
INFO: Final = "accounts.info"
CUSTOMERS: Final = f"{ACCOUNTS}/v2/customer"
"""Where customers get their tokens."""
CUSTOMER_TOKEN: Final = "accounts.customer_token"  # noqa: S105 - the name of a call
CUSTOMER_REVOKE: Final = "accounts.customer_revoke"
CUSTOMER_INFO: Final = "accounts.customer_info"
IDENTITY_TRANSFER: Final = "accounts.identity_transfer"
NAMES: Final = (
    AUTHORIZE,
    TOKEN,
    REVOKE,
    INFO,
    CUSTOMER_TOKEN,
    CUSTOMER_REVOKE,
    CUSTOMER_INFO,
    IDENTITY_TRANSFER,
)
HOSTS: Final = frozenset(("accounts.livechat.com", "accounts.livechatinc.com"))
"""The names of LiveChat's own accounts server, which has nothing but that."""
_TOKENS: Final = f"{ACCOUNTS}/v2/"


def is_accounts(path: str) -> bool:
    """Return whether a path, with or without a query, is one of the accounts server."""
    return path == ACCOUNTS or path.startswith((f"{ACCOUNTS}/", f"{ACCOUNTS}?"))


def is_for_customers(path: str) -> bool:
    """Return whether a path, with or without a query, is one of customers."""
    return path.partition("?")[0] == CUSTOMERS or path.startswith(f"{CUSTOMERS}/")


def base_path(host: str) -> str:
    """Return what the paths of the accounts server begin with for callers who use a host name.

    Args:
        host: the header ``Host``, with or without a port.
    """
    name = host.rpartition(":")[0] if ":" in host else host
    return "" if name.lower().removesuffix(".") in HOSTS else ACCOUNTS


def path_at_host(host: str, path: str) -> str:
    """Return the path of the sandbox that a path stands for at a host name.

    At the names of LiveChat's accounts server, which has to be allowed, there is nothing else, so
    that ``/v2/token`` is what ``/accounts/v2/token`` is elsewhere.
    """
    return path if base_path(host) or is_accounts(path) else f"{ACCOUNTS}{path}"


def is_page(path: str) -> bool:
    """Return whether a path of the accounts server is that of a page, for a browser."""
    return is_accounts(path) and not path.startswith(_TOKENS) and path != DOCUMENT
