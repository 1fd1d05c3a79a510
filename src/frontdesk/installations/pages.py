"""What a browser gets that installs an app."""

from collections.abc import Mapping
from html import escape
from typing import Final
from urllib.parse import parse_qsl

from msgspec import Struct

from frontdesk.errors import (
    AccessDenied,
    FrontdeskError,
    InvalidGrant,
    InvalidScope,
    StateMismatch,
    TemporarilyUnavailable,
    TokenStoreUnavailable,
    TooManyRedirects,
    TransportError,
)

__all__ = ["InstallResponse", "failed", "installed", "is_callback", "refused_method", "sent_to"]

CALLBACK: Final = frozenset({"code", "state", "error", "oauth_exception", "identity_exception"})
"""Parameters that only a browser that comes back from a log-in has."""

PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:1rem/1.5 sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}</style>
<h1>{title}</h1><p>{text}</p>{link}
</html>
"""
HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    # The address holds the code.
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
LATER: Final = "LiveChat or a part of this app does not respond at present. Try again in a minute."
RELOAD: Final = "Nothing is lost: reload this page to go on."
FOREIGN: Final = (
    "This log-in cannot be finished here: it was begun in another browser, is over already, or "
    "took too long, or the browser keeps no cookies. Begin it again."
)
TEXTS: Final[tuple[tuple[type[FrontdeskError], int, str], ...]] = (
    (AccessDenied, 403, "You did not let the app in. Nothing was changed."),
    (
        StateMismatch,
        400,
        FOREIGN,
    ),
    (InvalidGrant, 400, "This log-in was finished before, or took too long. Begin it again."),
    (InvalidScope, 403, "Your role does not allow all that the app needs. Ask an administrator."),
    (TooManyRedirects, 429, "That was too often. Wait half a minute, and begin again."),
    (TemporarilyUnavailable, 503, LATER),
    (TokenStoreUnavailable, 503, LATER),
    (TransportError, 503, LATER),
)
BROKEN: Final = "Something is wrong with the app itself. Its operator finds the reason in its log."


class InstallResponse(Struct, frozen=True):
    """The response to a browser that installs an app."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def __repr__(self) -> str:
        return f"InstallResponse({self.status})"


def is_callback(query: str) -> bool:
    """Tell whether a browser comes back from a log-in, and is not about to begin one."""
    return any(name in CALLBACK for name, _ in parse_qsl(query, keep_blank_values=True))


def sent_to(url: str, cookie: str | None) -> InstallResponse:
    """Redirect the browser."""
    return InstallResponse(302, (("location", url), *_headers(cookie)))


def installed(cookie: str | None) -> InstallResponse:
    """Say that the app is installed."""
    return _page(200, "Installed", "The app is installed. You can close this page.", "", cookie)


def failed(
    error: Exception, again: str, cookie: str | None, *, is_reusable: bool = False
) -> InstallResponse:
    """Say in the user's words why the app is not installed, and where to begin again.

    ``is_reusable`` says that a reload of the page goes on with the same log-in.
    """
    status, text = next(
        ((status, text) for kind, status, text in TEXTS if isinstance(error, kind)), (500, BROKEN)
    )
    if is_reusable:
        text = f"{text} {RELOAD}"
    link = f'<p><a href="{escape(again)}" rel="noreferrer">Begin again</a></p>'
    return _page(status, "Not installed", text, link, cookie)


def refused_method() -> InstallResponse:
    """Respond to a request that is no GET, such as a HEAD, which must not spend the code."""
    page = _page(405, "Not installed", "Open this address in a browser.", "", None)
    return InstallResponse(405, (("allow", "GET"), *page.headers), page.body)


def _page(status: int, title: str, text: str, link: str, cookie: str | None) -> InstallResponse:
    body = PAGE.format(title=escape(title), text=escape(text), link=link).encode()
    headers = (("content-type", "text/html; charset=utf-8"), *_headers(cookie))
    return InstallResponse(status, headers, body)


def _headers(cookie: str | None) -> tuple[tuple[str, str], ...]:
    return (*HEADERS.items(), *(() if cookie is None else (("set-cookie", cookie),)))
