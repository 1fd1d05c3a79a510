"""Requests without a token, for methods that need none."""

from msgspec.structs import replace

from frontdesk.core.http_messages import Headers, Reply, Request
from frontdesk.transport.base import Transport

__all__ = ["UNSENT_TOKEN", "AnonymousTransport"]

UNSENT_TOKEN = "Bearer of-nobody-and-never-sent"  # noqa: S105 - it opens nothing
"""What to give a client, which cannot do without a token."""


class AnonymousTransport:
    """Sends what a client sends over another transport, without the client's token."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        headers = Headers(
            {name: value for name, value in request.headers.items() if name != "Authorization"}
        )
        return self._inner.send(replace(request, headers=headers))

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()
