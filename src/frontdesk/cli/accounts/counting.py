"""Connections that count what is sent over them, so that a command can say what it cost."""

from frontdesk.core.http_messages import Reply, Request
from frontdesk.transport.base import Transport

__all__ = ["CountedTransport"]


class CountedTransport:
    """A ``Transport`` to one server, which is connected to with the first request.

    Args:
        url: the address of the server.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._transport: Transport | None = None
        self.requests: int = 0
        """How many requests were sent."""

    def send(self, request: Request) -> Reply:
        """Send a request; one that certainly did not arrive does not count."""
        if self._transport is None:
            from frontdesk.transport.urllib3 import Urllib3Transport

            self._transport = Urllib3Transport(self._url)
        self.requests += 1
        try:
            return self._transport.send(request)
        except Exception as error:
            if not getattr(error, "maybe_sent", True):
                self.requests -= 1
            raise

    def close(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            self._transport.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._url}>"
