"""What goes over HTTP: a request to send, and the response to it.

These are plain values; ``transport`` sends them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol, Self, TypeVar, overload

from msgspec import Struct

__all__ = ["MAX_RESPONSE_BYTES", "Body", "Headers", "Reply", "ReplyHeaders", "Request"]

T = TypeVar("T")

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
    """One HTTP request."""

    url: str
    headers: Mapping[str, str]
    body: bytes | Body
    timeout: float
    """Seconds for the whole request: connecting, sending and reading the response."""
    max_response_bytes: int | None = MAX_RESPONSE_BYTES
    """Bytes that the body of the response may have, after decompression; ``None`` is no limit.
    A larger one raises ``ResponseTooLarge`` before it is read to its end."""
    verb: str = "POST"
    """The method of HTTP. The APIs know ``POST`` only; the accounts server has others."""

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
