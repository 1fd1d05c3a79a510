"""The small protocol that a transport fulfils."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, Final, Protocol, Self, TypeVar, overload

from msgspec import Struct

__all__ = [
    "MAX_RESPONSE_BYTES",
    "AsyncTransport",
    "Body",
    "Headers",
    "Pieces",
    "Reply",
    "ReplyHeaders",
    "Request",
    "Transport",
    "not_sent",
]

E = TypeVar("E", bound=BaseException)
T = TypeVar("T")

MAX_RESPONSE_BYTES: Final = 32 * 1024 * 1024
"""Bytes a response may have unless the client says otherwise; a page of archives has about one."""

PIECE: Final = 64 * 1024


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


class ReplyHeaders(dict[str, str]):
    """Headers of a response: names in lower case, found in any. One that comes twice is joined."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Take the headers as they came."""
        headers = cls()
        for name, value in pairs:
            lower = name.lower()
            headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
        return headers

    def __missing__(self, name: str) -> str:
        lower = name.lower()
        if lower == name:
            raise KeyError(name)
        return self[lower]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    @overload
    def get(self, name: str, default: None = None, /) -> str | None: ...
    @overload
    def get(self, name: str, default: str, /) -> str: ...
    @overload
    def get(self, name: str, default: T, /) -> str | T: ...
    def get(self, name: str, default: Any = None, /) -> Any:
        """Return a header, or the default."""
        return super().get(name.lower(), default)


class Request(Struct, frozen=True, gc=False):
    """One HTTP POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes | Body
    timeout: float
    """Seconds for the whole request: connecting, sending and reading the response."""
    max_response_bytes: int | None = MAX_RESPONSE_BYTES
    """Bytes that the body of the response may have, after decompression; ``None`` is no limit.
    A larger one raises ``ResponseTooLarge`` before it is read to its end."""

    def __repr__(self) -> str:
        size = len(self.body) if isinstance(self.body, bytes) else self.body.length
        return f"Request({self.url!r}, {size} bytes)"


class Reply(Struct, gc=False):
    """One HTTP response. ``headers`` finds a name written in lower case."""

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
