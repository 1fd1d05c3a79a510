"""The small protocol that a transport fulfils."""

from collections.abc import AsyncIterator, Iterator
from typing import Final, Protocol, TypeVar

from frontdesk.core.http_messages import Body, Reply, Request

__all__ = ["AsyncTransport", "BodyReading", "Pieces", "Transport", "not_sent"]

E = TypeVar("E", bound=BaseException)

PIECE: Final = 64 * 1024


class Transport(Protocol):
    """Sends requests from any thread.

    ``send`` raises ``ConnectError`` when the request certainly was not sent, ``RequestTimeout``
    and ``ConnectionClosed`` when it may have been; it does not retry and does not follow redirects.

    Every request counts as sent, whatever ``send`` raises (a cancellation, the error of a body that
    could not be read), unless that has an attribute ``maybe_sent`` which is false: see
    ``not_sent``.
    """

    def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncTransport(Protocol):
    """Sends requests from any task of one event loop; otherwise as ``Transport``."""

    async def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


def not_sent(error: E) -> E:
    """Mark an error of any class: no byte of the request was sent.

    A cancellation while the request waited for a free connection is one, or a body that could not
    be opened. The request is not counted then.
    """
    error.maybe_sent = False  # type: ignore[attr-defined]
    return error


class Pieces:
    """A body in memory that is sent piece by piece."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.length: int = len(data)

    def chunks(self) -> Iterator[bytes]:
        """Yield pieces that do not keep an event loop for long."""
        for start in range(0, self.length, PIECE):
            yield self._data[start : start + PIECE]


class BodyReading:
    """One reading of a body; keeps the error that it failed with, which libraries wrap or lose."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._chunks: Iterator[bytes] | None = None
        self._first: bytes | None = None
        self.length: int = body.length
        self.error: Exception | None = None

    def open(self) -> None:
        """Read the first piece, so that a body that cannot be read is not sent at all."""
        try:
            self._chunks = self._body.chunks()
            self._first = next(self._chunks, None)
        except Exception as error:
            self.error = not_sent(error)
            raise

    def __iter__(self) -> Iterator[bytes]:
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        try:
            yield from self._body.chunks() if self._chunks is None else self._chunks
        except Exception as error:
            self.error = error
            raise

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk
