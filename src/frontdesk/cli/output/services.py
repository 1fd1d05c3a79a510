"""What messages call the service that a command talks to."""

from typing import Final
from urllib.parse import urlsplit

from frontdesk.cli.output.terminal import printable
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.hosts import is_loopback
from frontdesk.redaction import redacted

__all__ = ["is_livechat", "is_local", "service"]

LIVECHAT: Final = urlsplit(DEFAULT_BASE_URL).hostname


def service(base_url: str | None) -> str:
    """Return what a command talks to, in words."""
    url = redacted(printable(base_url or DEFAULT_BASE_URL))
    if is_local(base_url):
        return f"the sandbox at {url}"
    return f"LiveChat ({url})" if is_livechat(base_url) else url


def is_livechat(base_url: str | None) -> bool:
    """Return whether that is LiveChat itself."""
    return _host(base_url) == LIVECHAT


def is_local(base_url: str | None) -> bool:
    """Return whether only this machine can be meant: no real service is there."""
    return is_loopback(_host(base_url) or "")


def _host(base_url: str | None) -> str | None:
    return urlsplit(base_url or DEFAULT_BASE_URL).hostname
