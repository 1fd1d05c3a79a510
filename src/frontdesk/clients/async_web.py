"""The driver of the async client: does what ``exchange`` asks for."""

import asyncio
import ssl
from collections.abc import Callable, Generator
from functools import partial
from inspect import isawaitable
from types import TracebackType
from typing import Any, Self, TypeVar, cast, overload
from weakref import WeakKeyDictionary

from frontdesk.actions import Action, UploadFile
from frontdesk.auth import Token, TokenProvider
from frontdesk.clients.base import Driver, paced_copy
from frontdesk.clients.options import (
    TokenSource,
    asked,
    checked_type,
    fetched,
    outgoing,
    refuse_own_client,
    result_of,
    upload,
)
from frontdesk.clients.pages import AsyncPages
from frontdesk.clients.uploads import FileLike, Multipart
from frontdesk.concurrency.event_loops import running_loop
from frontdesk.concurrency.reentry import Inside
from frontdesk.core.call_cycle import (
    NeedToken,
    Outcome,
    Outgoing,
    Sleep,
    Step,
    exchange,
    first_try,
    is_plain,
)
from frontdesk.errors import InvalidArgument
from frontdesk.models import UploadedFile
from frontdesk.transport import AsyncTransport, Reply, Request
from frontdesk.transport.shared import AsyncSharedTransport

__all__ = ["AsyncDriver"]

R = TypeVar("R")
T = TypeVar("T")


class LoopLock:
    """A lock for each event loop, since one lock cannot serve two of them."""

    def __init__(self) -> None:
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )

    def here(self) -> asyncio.Lock:
        """Return the lock of the running loop."""
        return self._locks.setdefault(running_loop(), asyncio.Lock())


class AsyncDriver(Driver[AsyncTransport, LoopLock]):
    """What every async client can do, whatever its methods."""

    @staticmethod
    def _default_transport(
        base_url: str, proxy: str | None, ssl_context: ssl.SSLContext | None
    ) -> AsyncTransport:
        from frontdesk.transport.aiohttp import AiohttpTransport

        return AiohttpTransport(base_url, proxy=proxy, ssl_context=ssl_context)

    @staticmethod
    def _new_lock() -> LoopLock:
        return LoopLock()

    @classmethod
    def from_client(cls, client: "AsyncDriver") -> Self:
        """Make a client of this class on the connections of another async client.

        Both have the same token, fetched and renewed once for the two of them, and the same meter,
        budget, limiter, region, retries, hooks and other options; ``with_options`` gives one of
        them others. The client that was made first owns the connections: closing it ends both.
        Closing the one made here ends this one alone.

        Args:
            client: The client to share with; of any API.

        Returns:
            A client that has yet to open a connection where the other has none to spare.

        Raises:
            InvalidArgument: That is no async client of the Web API.
        """
        given = cast("object", client)
        if not isinstance(given, AsyncDriver):
            rule = "must be an async client, such as an AsyncAgentClient, not "
            raise InvalidArgument("client", rule + type(given).__name__)
        transport = AsyncSharedTransport(client._transport)  # noqa: SLF001 - it is of its own kind
        return client._shared_as(cls, transport)  # noqa: SLF001

    @overload
    async def __call__(self, action: Action[R], *, returns: None = None) -> R: ...
    @overload
    async def __call__(self, action: Action[Any], *, returns: type[T]) -> T: ...
    async def __call__(self, action: Action[Any], *, returns: type[Any] | None = None) -> Any:
        """Send an action and return its result.

        Args:
            action: What to call, such as ``ListArchives(limit=100)``.
            returns: Another type than the declared one to decode the response into: a structure of
                your own with the fields that you need, ``msgspec.Raw``, ``dict[str, Any]``. What
                does not fit is repaired as ever, and reported to the log and ``on_damage``; it is
                in ``damage`` too if the type is a ``frontdesk.models.base.Result``.

        Raises:
            APIError: The server refuses the call.
            TransportError: There is no response.
            DecodeError: The response is not what the API promises, or does not fit ``returns``.
            BudgetExceeded: The budget is spent; nothing is sent.
            InvalidArgument: Nothing can be decoded into ``returns``; nothing is sent.
        """
        request = outgoing(action, self._settings)
        read = partial(result_of, type(action), self._settings, returns=checked_type(returns))
        return await self._finished(request, read)

    async def raw(self, action: Action[Any]) -> Reply:
        """Send an action and return the last response as it came: status, headers and body.

        An error of the API is not raised.
        """
        return await self._finished(outgoing(action, self._settings), _reply)

    async def close(self) -> None:
        """Close all connections; copies made by ``with_options`` share them.

        A client that shares the connections of another, as ``from_client`` makes them, leaves them
        open, and only ends itself.
        """
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _upload(
        self,
        file: FileLike,
        *,
        name: str | None,
        content_type: str | None,
        on_progress: Callable[[int, int], object] | None,
    ) -> UploadedFile:
        body = Multipart(file, name=name, content_type=content_type, on_progress=on_progress)
        try:
            request = upload(body, self._settings)
            read = partial(result_of, UploadFile, self._settings)
            result: UploadedFile = await self._finished(request, read)
            return result
        finally:
            body.close()

    def _pages(self, first: Action[Any]) -> AsyncPages[Any]:
        return AsyncPages(paced_copy(self), first)

    async def _finished(self, request: Outgoing, result: Callable[[Outcome], R]) -> R:
        settings = self._settings
        first = first_try(request, settings)
        if first is not None:
            try:
                reply = await self._transport.send(first.request)
            except BaseException as error:  # noqa: BLE001 - the exchange decides what comes next
                first.error = error
            else:
                if is_plain(reply, settings):
                    return result(Outcome(reply, None))
                first.reply = reply
        return await self._carried_out(exchange(request, settings, result, first))

    async def _carried_out(self, steps: Generator[Step, Any, R]) -> R:
        """Do what a call cycle asks for."""
        send = self._transport.send
        try:
            step = next(steps)
            while True:
                done: object = None
                try:
                    if isinstance(step, Request):
                        done = await send(step)
                    elif isinstance(step, Sleep):
                        await asyncio.sleep(step.seconds)
                    else:
                        done = await self._token(step)
                except BaseException as error:  # noqa: BLE001 - the exchange decides what comes next
                    step = steps.throw(error)
                else:
                    step = steps.send(done)
        except StopIteration as end:
            finished: R = end.value
            return finished
        finally:
            steps.close()

    async def _token(self, step: NeedToken) -> Token:
        shared = self._settings.shared
        refuse_own_client(self._token_lock)
        async with self._token_lock.here():
            token = shared.fit_token(self._settings.clock())
            if token is None or token == step.refused:
                with Inside(self._token_lock):
                    token = shared.token = fetched(await _called(self._source, step.refused))
            return token


async def _called(source: TokenSource, refused: Token | None) -> object:
    if isinstance(source, TokenProvider):
        return await source.token_async(refused)
    value = asked(source, refused)
    return await value if isawaitable(value) else value


def _reply(outcome: Outcome) -> Reply:
    return outcome.reply
