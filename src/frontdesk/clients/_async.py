"""The driver of the async client: does what ``exchange`` asks for."""

import asyncio
import ssl
from collections.abc import Callable
from inspect import isawaitable
from types import TracebackType
from typing import Any, Self, TypeVar

from frontdesk._upload import FileLike, Multipart
from frontdesk.actions import Action, UploadFile
from frontdesk.auth import Token, as_token
from frontdesk.clients._driver import Driver
from frontdesk.clients._options import outgoing, result_of, upload
from frontdesk.core.exchange import Answer, NeedToken, Outgoing, Settings, Sleep, exchange
from frontdesk.core.pages import AsyncPages
from frontdesk.errors import TransportError
from frontdesk.models import UploadedFile
from frontdesk.transport import AsyncTransport, Reply, Request

__all__ = ["AsyncDriver"]

R = TypeVar("R")


class AsyncDriver(Driver[AsyncTransport, asyncio.Lock]):
    """What every async client can do, whatever its methods."""

    @staticmethod
    def _default_transport(
        base_url: str, proxy: str | None, ssl_context: ssl.SSLContext | None
    ) -> AsyncTransport:
        from frontdesk.transport.aiohttp import AiohttpTransport

        return AiohttpTransport(base_url, proxy=proxy, ssl_context=ssl_context)

    @staticmethod
    def _new_lock() -> asyncio.Lock:
        return asyncio.Lock()

    async def __call__(self, action: Action[R]) -> R:
        """Send an action and return its result.

        Raises ``APIError``, ``TransportError``, ``DecodeError``, ``BudgetExceeded``.
        """
        request = outgoing(action, self._settings)
        result: R = result_of(type(action), await self._answer(request))
        return result

    async def raw(self, action: Action[Any]) -> Reply:
        """Send an action and return the last answer as it came: status, headers and body.

        An error of the API is not raised.
        """
        return (await self._answer(outgoing(action, self._settings))).reply

    async def close(self) -> None:
        """Close all connections; copies made by ``with_options`` share them."""
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
            result: UploadedFile = result_of(UploadFile, await self._answer(request))
            return result
        finally:
            body.close()

    def _pages(self, first: Action[Any]) -> AsyncPages[Any]:
        return AsyncPages(self, first)

    async def _answer(self, request: Outgoing) -> Answer:
        settings: Settings = self._settings
        send = self._transport.send
        steps = exchange(request, settings)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Request):
                    try:
                        reply = await send(step)
                    except TransportError as error:
                        step = steps.throw(error)
                    else:
                        step = steps.send(reply)
                elif isinstance(step, Sleep):
                    await asyncio.sleep(step.seconds)
                    step = next(steps)
                else:
                    step = steps.send(await self._token(step))
        except StopIteration as end:
            answer: Answer = end.value
            return answer
        finally:
            steps.close()

    async def _token(self, step: NeedToken) -> Token:
        shared = self._settings.shared
        async with self._token_lock:
            if shared.token is None or shared.token == step.refused:
                source = self._source
                value = source() if callable(source) else source
                if isawaitable(value):
                    value = await value
                shared.token = as_token(value)
            return shared.token
