"""The small protocol that a transport fulfils."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final, Protocol, TypeVar

from msgspec import Struct

__all__ = [
    "MAX_RESPONSE_BYTES",
    "AsyncTransport",
    "Body",
    "Headers",
    "Reply",
    "Request",
    "Transport",
    "not_sent",
]

E = TypeVar("E", bound=BaseException)

MAX_RESPONSE_BYTES: Final = 32 * 1024 * 1024
"""Bytes a response may have unless the client says otherwise; a page of archives has about one."""


class Body(Protocol):
    """A request body that is streamed; each call of ``chunks`` starts from the beginning."""

    length: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the body."""
        ...


class Headers(dict[str, str]):
    """Headers to send. Their values stay out of ``repr``, and so of tracebacks: one is a token."""

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self)}>"


class Request(Struct, frozen=True, gc=False):
    """One HTTP POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes | Body
    timeout: float
    """Seconds for the whole request: connecting, sending and reading the answer."""
    max_response_bytes: int | None = MAX_RESPONSE_BYTES
    """Bytes that the body of the response may have, after decompression; ``None`` is no limit.
    A larger one raises ``ResponseTooLarge`` before it is read to its end."""

    def __repr__(self) -> str:
        size = len(self.body) if isinstance(self.body, bytes) else self.body.length
        return f"Request({self.url!r}, {size} bytes)"


class Reply(Struct, gc=False):
    """One HTTP answer. ``headers`` finds a name written in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Reply({self.status}, {len(self.body)} bytes)"


class Transport(Protocol):
    """Sends requests from any thread.

    ``send`` raises ``ConnectError`` when the request certainly was not sent, ``RequestTimeout``
    and ``ConnectionClosed`` when it may have been; it does not retry and does not follow redirects.

    Every request counts as sent, whatever ``send`` raises (a cancellation, the error of a body that
    could not be read), unless that has an attribute ``maybe_sent`` which is false: see
    ``not_sent``.
    """

    def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole answer."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncTransport(Protocol):
    """Sends requests from any task of one event loop; otherwise as ``Transport``."""

    async def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole answer."""
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


class Reading:
    """One reading of a body; keeps the error that it failed with, which libraries wrap or lose."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._body.chunks()
        except Exception as error:
            self.error = error
            raise

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk
