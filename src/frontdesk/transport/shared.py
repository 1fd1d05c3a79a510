"""The connections of another client, for a client that must not close them."""

from frontdesk.core.http_messages import Reply, Request
from frontdesk.errors import ClientClosed
from frontdesk.transport.base import AsyncTransport, Transport, not_sent

__all__ = ["AsyncSharedTransport", "SharedTransport"]

OWN: str = "the client is closed; make a new one"
OWNER: str = "the client that this one has its connections of is closed; make a new one"


class SharedTransport:
    """Sends over the connections of a transport until either of the two is closed."""

    def __init__(self, owner: Transport) -> None:
        # The owner of the owner's, or closing the client in between would end this one.
        self.owner: Transport = owner.owner if isinstance(owner, SharedTransport) else owner
        self._closed = False

    def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        if self._closed:
            raise not_sent(ClientClosed(OWN))
        try:
            return self.owner.send(request)
        except ClientClosed:
            failure = not_sent(ClientClosed(OWNER))
        raise failure

    def close(self) -> None:
        """Refuse further requests; the connections stay as they are."""
        self._closed = True


class AsyncSharedTransport:
    """As ``SharedTransport``, for async clients."""

    def __init__(self, owner: AsyncTransport) -> None:
        self.owner: AsyncTransport = (
            owner.owner if isinstance(owner, AsyncSharedTransport) else owner
        )
        self._closed = False

    async def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        if self._closed:
            raise not_sent(ClientClosed(OWN))
        try:
            return await self.owner.send(request)
        except ClientClosed:
            failure = not_sent(ClientClosed(OWNER))
        raise failure

    async def close(self) -> None:
        """Refuse further requests; the connections stay as they are."""
        self._closed = True
