"""Checks of what clients connect to, and for how long."""

from typing import Final
from urllib.parse import urlsplit

from frontdesk.errors import InvalidArgument

__all__ = ["checked_address", "seconds"]

LONGEST_LABEL: Final = 63
"""How long a part of a host name may be."""
LONGEST_TIMEOUT: Final = 24 * 3600


def checked_address(name: str, value: str) -> str:
    """Return the address of a server without a slash at its end.

    Raises:
        InvalidArgument: It is none of HTTP, or holds an account, a query or a fragment.
    """
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(name, f"must be a text, not {type(value).__name__}")
    url = value.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        labels = (parts.hostname or "").removesuffix(".").split(".")
        usable = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError as error:
        raise InvalidArgument(name, f"must be an address: {error}") from None
    named = all(0 < len(label) <= LONGEST_LABEL for label in labels)
    if not (usable and named and url.isascii() and url.isprintable()) or " " in url:
        raise InvalidArgument(name, "must look like https://host or https://host:port")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise InvalidArgument(name, "must not hold an account, a query or a fragment")
    return url


def seconds(name: str, value: float) -> float:
    """Check a time-out; raises ``InvalidArgument``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(name, f"must be a number of seconds, not {value!r}")
    if not 0 < value <= LONGEST_TIMEOUT:
        raise InvalidArgument(name, f"must be above 0 and at most {LONGEST_TIMEOUT} seconds")
    return float(value)
