"""The driver of the sync client: does what ``exchange`` asks for."""

import ssl
import time
from collections.abc import Callable, Generator
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, cast, overload

from frontdesk.actions import Action, UploadFile
from frontdesk.auth import Token
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
from frontdesk.clients.pages import Pages
from frontdesk.clients.uploads import FileLike, Multipart
from frontdesk.concurrency.forks import ForkSafeLock
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
from frontdesk.transport import Reply, Request, Transport
from frontdesk.transport.shared import SharedTransport

__all__ = ["SyncDriver"]

R = TypeVar("R")
T = TypeVar("T")


class SyncDriver(Driver[Transport, ForkSafeLock]):
    """What every sync client can do, whatever its methods."""

    @staticmethod
    def _default_transport(
        base_url: str, proxy: str | None, ssl_context: ssl.SSLContext | None
    ) -> Transport:
        from frontdesk.transport.urllib3 import Urllib3Transport

        return Urllib3Transport(base_url, proxy=proxy, ssl_context=ssl_context)

    @staticmethod
    def _new_lock() -> ForkSafeLock:
        return ForkSafeLock()

    @classmethod
    def from_client(cls, client: "SyncDriver") -> Self:
        """Make a client of this class on the connections of another sync client.

        Both have the same token, fetched and renewed once for the two of them, and the same meter,
        budget, limiter, region, retries, hooks and other options; ``with_options`` gives one of
        them others. The client that was made first owns the connections: closing it ends both.
        Closing the one made here ends this one alone.

        Args:
            client: The client to share with; of any API.

        Returns:
            A client that has yet to open a connection where the other has none to spare.

        Raises:
            InvalidArgument: That is no sync client of the Web API.
        """
        given = cast("object", client)
        if not isinstance(given, SyncDriver):
            rule = "must be a sync client, such as an AgentClient, not "
            raise InvalidArgument("client", rule + type(given).__name__)
        transport = SharedTransport(client._transport)  # noqa: SLF001 - it is of its own kind
        return client._shared_as(cls, transport)  # noqa: SLF001

    @overload
    def __call__(self, action: Action[R], *, returns: None = None) -> R: ...
    @overload
    def __call__(self, action: Action[Any], *, returns: type[T]) -> T: ...
    def __call__(self, action: Action[Any], *, returns: type[Any] | None = None) -> Any:
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
        return self._finished(request, read)

    def raw(self, action: Action[Any]) -> Reply:
        """Send an action and return the last response as it came: status, headers and body.

        An error of the API is not raised.
        """
        return self._finished(outgoing(action, self._settings), _reply)

    def close(self) -> None:
        """Close all connections; copies made by ``with_options`` share them.

        A client that shares the connections of another, as ``from_client`` makes them, leaves them
        open, and only ends itself.

        It waits for nothing: a request that another thread has under way goes on to its end, at
        most its ``timeout``, and its connection is closed then.
        """
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
            read = partial(result_of, UploadFile, self._settings)
            result: UploadedFile = self._finished(request, read)
            return result
        finally:
            body.close()

    def _pages(self, first: Action[Any]) -> Pages[Any]:
        return Pages(paced_copy(self), first)

    def _finished(self, request: Outgoing, result: Callable[[Outcome], R]) -> R:
        settings = self._settings
        first = first_try(request, settings)
        if first is not None:
            try:
                reply = self._transport.send(first.request)
            except BaseException as error:  # noqa: BLE001 - the exchange decides what comes next
                first.error = error
            else:
                if is_plain(reply, settings):
                    return result(Outcome(reply, None))
                first.reply = reply
        return self._carried_out(exchange(request, settings, result, first))

    def _carried_out(self, steps: Generator[Step, Any, R]) -> R:
        """Do what a call cycle asks for."""
        send = self._transport.send
        try:
            step = next(steps)
            while True:
                done: object = None
                try:
                    if isinstance(step, Request):
                        done = send(step)
                    elif isinstance(step, Sleep):
                        time.sleep(step.seconds)
                    else:
                        done = self._token(step)
                except BaseException as error:  # noqa: BLE001 - the exchange decides what comes next
                    step = steps.throw(error)
                else:
                    step = steps.send(done)
        except StopIteration as end:
            finished: R = end.value
            return finished
        finally:
            steps.close()

    def _token(self, step: NeedToken) -> Token:
        shared = self._settings.shared
        refuse_own_client(self._token_lock)
        with self._token_lock:
            token = shared.fit_token(self._settings.clock())
            if token is None or token == step.refused:
                with Inside(self._token_lock):
                    token = shared.token = fetched(_called(self._source, step.refused))
            return token


def _called(source: TokenSource, refused: Token | None) -> object:
    value = asked(source, refused)
    if not hasattr(value, "__await__"):
        return value
    close = getattr(value, "close", None)
    if close is not None:
        close()
    raise InvalidArgument("token", "must not be an async function here; use AsyncAgentClient")


def _reply(outcome: Outcome) -> Reply:
    return outcome.reply
