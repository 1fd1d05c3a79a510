"""Where a WebSocket connection goes, and what it reports to; without any network library."""

import ssl
from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

__all__ = ["Listener", "ServerAddress"]


class Listener(Protocol):
    """What a connection reports to."""

    def on_message(self, data: bytes) -> None:
        """Take a message."""
        ...

    def on_life(self) -> None:
        """Take note of a ping or pong of the server."""
        ...

    def on_closed(self, why: str) -> None:
        """Take note that the connection has ended."""
        ...


class ServerAddress(Struct, frozen=True, kw_only=True):
    """Where to connect to, and how."""

    base_url: str
    """Beginning with ``https:`` or ``http:``, as for the Web API."""
    path: str
    headers: Mapping[str, str]
    proxy: str | None
    ssl_context: ssl.SSLContext | None
    open_timeout: float
    close_timeout: float
    max_frame: int
    """Size of the largest message to accept, in bytes."""

    def __repr__(self) -> str:
        return f"Address({self.base_url!r})"
