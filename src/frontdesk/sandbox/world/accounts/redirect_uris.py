"""Redirect URIs: which ones a client may have, and which requested ones they allow.

Source: https://platform.text.com/docs/authorization
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from frontdesk.errors import InvalidArgument

__all__ = ["allowed", "check_redirect_uri", "with_fragment", "with_query"]

_TEXT: Final = re.compile(r"[!-~]+")
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 2048


def check_redirect_uri(uri: str) -> None:
    """Check a redirect URI that a client is to have.

    Raises:
        InvalidArgument: It is none, or one that no requested address could fit.
    """
    parts = _split(uri)
    if parts is None:
        raise InvalidArgument(
            "redirect_uris",
            f"must be addresses such as http://localhost:3000/callback, without `..`, a query or "
            f"a fragment, not {uri[:100]!r}",
        )
    # An application on a device may have a scheme of its own, which is a reversed host name
    # (RFC 8252): `javascript:` and `data:` would run in the browser.
    if not (parts.netloc if parts.scheme in _PORTS else "." in parts.scheme):
        raise InvalidArgument(
            "redirect_uris",
            f"must begin with http://, https:// or a scheme such as com.example.app:, not "
            f"{uri[:100]!r}",
        )


def allowed(requested: str, configured: Iterable[str]) -> bool:
    """Return whether a requested redirect URI fits one of those of a client.

    Scheme, host and port are equal, and the configured path is what the requested one begins with.
    """
    parts = _split(requested)
    if parts is None:
        return False
    return any(
        _origin(parts) == _origin(own) and _path(parts).startswith(_path(own))
        for own in map(_split, configured)
        if own is not None
    )


def with_query(uri: str, parameters: Mapping[str, str]) -> str:
    """Return a redirect URI with a query; those that are allowed have none."""
    return f"{uri}?{urlencode(parameters)}"


def with_fragment(uri: str, parameters: Mapping[str, str]) -> str:
    """Return a redirect URI with a fragment, which browsers do not send."""
    return f"{uri}#{urlencode(parameters)}"


def _split(uri: str) -> SplitResult | None:
    """Return the parts of a redirect URI; None if it is none."""
    # Browsers read a backslash as a slash, and look at no host before an `@`.
    if not _TEXT.fullmatch(uri) or len(uri) > _LONGEST or "\\" in uri:
        return None
    if ".." in unquote(uri) or "?" in uri or "#" in uri:
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    if not parts.scheme or "@" in parts.netloc or (parts.scheme in _PORTS and not parts.hostname):
        return None
    return parts


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def _path(parts: SplitResult) -> str:
    return parts.path or "/"
