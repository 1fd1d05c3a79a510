"""The driver of the sync client: does what ``exchange`` asks for."""

import ssl
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from frontdesk._upload import FileLike, Multipart
from frontdesk.actions import Action, UploadFile
from frontdesk.auth import Token, as_token
from frontdesk.clients._driver import Driver
from frontdesk.clients._options import outgoing, result_of, upload
from frontdesk.core.exchange import Answer, NeedToken, Outgoing, Settings, Sleep, exchange
from frontdesk.core.pages import Pages
from frontdesk.errors import InvalidArgument, TransportError
from frontdesk.models import UploadedFile
from frontdesk.transport import Reply, Request, Transport

__all__ = ["SyncDriver"]

R = TypeVar("R")


class SyncDriver(Driver[Transport, threading.Lock]):
    """What every sync client can do, whatever its methods."""

    @staticmethod
    def _default_transport(
        base_url: str, proxy: str | None, ssl_context: ssl.SSLContext | None
    ) -> Transport:
        from frontdesk.transport.urllib3 import Urllib3Transport

        return Urllib3Transport(base_url, proxy=proxy, ssl_context=ssl_context)

    @staticmethod
    def _new_lock() -> threading.Lock:
        return threading.Lock()

    def __call__(self, action: Action[R]) -> R:
        """Send an action and return its result.

        Raises ``APIError``, ``TransportError``, ``DecodeError``, ``BudgetExceeded``.
        """
        result: R = result_of(type(action), self._answer(outgoing(action, self._settings)))
        return result

    def raw(self, action: Action[Any]) -> Reply:
        """Send an action and return the last answer as it came: status, headers and body.

        An error of the API is not raised.
        """
        return self._answer(outgoing(action, self._settings)).reply

    def close(self) -> None:
        """Close all connections; copies made by ``with_options`` share them."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _upload(
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
            result: UploadedFile = result_of(UploadFile, self._answer(request))
            return result
        finally:
            body.close()

    def _pages(self, first: Action[Any]) -> Pages[Any]:
        return Pages(self, first)

    def _answer(self, request: Outgoing) -> Answer:
        settings: Settings = self._settings
        send = self._transport.send
        steps = exchange(request, settings)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Request):
                    try:
                        reply = send(step)
                    except TransportError as error:
                        step = steps.throw(error)
                    else:
                        step = steps.send(reply)
                elif isinstance(step, Sleep):
                    time.sleep(step.seconds)
                    step = next(steps)
                else:
                    step = steps.send(self._token(step))
        except StopIteration as end:
            answer: Answer = end.value
            return answer
        finally:
            steps.close()

    def _token(self, step: NeedToken) -> Token:
        shared = self._settings.shared
        with self._token_lock:
            if shared.token is None or shared.token == step.refused:
                source = self._source
                value = source() if callable(source) else source
                if hasattr(value, "__await__"):
                    close = getattr(value, "close", None)
                    if close is not None:
                        close()
                    raise InvalidArgument(
                        "token", "must not be an async function here; use AsyncAgentClient"
                    )
                shared.token = as_token(value)
            return shared.token
