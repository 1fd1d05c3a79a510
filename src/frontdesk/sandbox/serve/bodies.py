"""The bodies of requests, which are kept within bounds while they come.

- how long one may be, and how many bytes of all of them may wait to be complete;
- none is kept of a request that is refused whatever it says.

How long a body may take is the connection's to check: ``serve.http``.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

from frontdesk.errors import ServiceUnavailable
from frontdesk.sandbox.calls.web.uploads import too_large

__all__ = ["MAX_INCOMPLETE", "BodyBudget", "Gone", "Receive", "RequestBody", "discard"]

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_INCOMPLETE: Final = 256 * 2**20
"""Bytes of all bodies that wait to be complete."""
MAX_DISCARDED: Final = 2**30
DISCARD_SECONDS: Final = 10
"""How much of a refused request is read and dropped, so that its sender hears the response."""


class Gone(Exception):
    """The client has gone before its request was complete."""


class BodyBudget:
    """How many bytes may be kept of bodies that are not complete.

    Args:
        most: the limit.
    """

    def __init__(self, most: int = MAX_INCOMPLETE) -> None:
        self._most = most
        self.taken: int = 0
        """How many are kept now."""

    def take(self, size: int) -> None:
        """Keep some more; raises ``ServiceUnavailable`` if that is too much."""
        if self.taken + size > self._most:
            raise ServiceUnavailable(
                "the bodies of too many requests are on their way; retry when they have come"
            )
        self.taken += size

    def give_back(self, size: int) -> None:
        """Keep so much less."""
        self.taken -= size


class RequestBody:
    """The body of one request; used as a context, it gives its bytes back at the end.

    Args:
        receive: ASGI's, of the request.
        announced: how long the body is said to be, None if nothing is said.
        limit: how long it may be.
        budget: what it takes its bytes from while it comes.
    """

    def __init__(
        self, receive: Receive, announced: int | None, limit: int, budget: BodyBudget
    ) -> None:
        self._receive = receive
        self.announced: int | None = announced
        self._limit = limit
        self._budget = budget
        self._chunks: list[bytes] = []
        self._size = 0
        self.complete: bool = False
        """Whether all of it has come."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._chunks.clear()
        self._budget.give_back(self._size)
        self._size = 0

    async def comes_within(self, seconds: float) -> bool:
        """Read on for a time, and return whether all has come; raises as ``read`` does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._gather()
        return self.complete

    async def read(self) -> bytes:
        """Read on, and return the body.

        Raises:
            EntityTooLarge: It is longer than it may be.
            ServiceUnavailable: There are too many bytes of others already.
            Gone: The client has gone before all had come.
        """
        await self._gather()
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    async def _gather(self) -> None:
        if self.announced is not None and self.announced > self._limit:
            raise too_large(self._limit)
        while not self.complete:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Gone
            chunk: bytes = message.get("body", b"")
            if self._size + len(chunk) > self._limit:
                raise too_large(self._limit)
            self._budget.take(len(chunk))
            self._size += len(chunk)
            self._chunks.append(chunk)
            self.complete = not message.get("more_body", False)


async def discard(receive: Receive) -> None:
    """Read what is still sent of a refused request, within bounds."""
    size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            while size <= MAX_DISCARDED:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
