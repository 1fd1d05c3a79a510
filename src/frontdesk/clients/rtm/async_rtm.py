"""The driver of the async RTM client."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from inspect import isawaitable
from math import inf
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import msgspec

from frontdesk.actions import Action
from frontdesk.auth import Token, TokenProvider
from frontdesk.clients.options import fetched
from frontdesk.clients.pages import AsyncPages
from frontdesk.clients.rtm.base import RTMDriver, report, turns
from frontdesk.clients.rtm.carrier import Carrier
from frontdesk.clients.rtm.connection import Line, Link, token_error
from frontdesk.clients.rtm.handlers import AsyncHandlers
from frontdesk.concurrency.event_loops import running_loop
from frontdesk.concurrency.ordered_executor import is_interrupt, is_stopped
from frontdesk.concurrency.threads import run_in_thread
from frontdesk.core.call_cycle import ClientSettings
from frontdesk.core.rtm.customers import OF_CUSTOMERS
from frontdesk.core.rtm.notices import Recovered
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.errors import ClientClosed
from frontdesk.spec.arguments import is_async

if TYPE_CHECKING:
    from frontdesk.transport.websocket import AsyncSocket

__all__ = ["AsyncRTMDriver"]

R = TypeVar("R")

GRACE: Final = 1.0
"""Seconds that cancelled tasks have to end."""
_encode = msgspec.json.Encoder().encode


class _AsyncCall(RTMCall, eq=False):
    """A call that a task waits for."""

    future: Any = None

    def finish(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class AsyncLine(Line["AsyncSocket", AsyncHandlers]):
    """Carries a session in an event loop."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(carrier)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._connecting: asyncio.Task[None] | None = None
        self._asking_task: asyncio.Task[None] | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._end: asyncio.Future[None] | None = None
        self.handlers: AsyncHandlers = AsyncHandlers(self.log, self.counters, carrier.concurrency)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that the session runs in."""
        assert self._loop is not None, "the session has been started"
        return self._loop

    async def connect(self) -> None:
        """Connect and log in, or raise why not."""
        self.check_process()
        loop = running_loop()
        self._leave_dead_loop()
        if self._end is not None and not self._end.done():
            raise ClientClosed("the session is connected already")
        self._loop = loop
        self._arrival, self._end = self._loop.create_future(), self._loop.create_future()
        self._end.add_done_callback(_retrieved)
        session = self._new_session(self._loop.time)
        self.handlers.begin(self._loop)
        for handler in self.handlers.registered:
            self.hub.add(handler)
        self._spawn(self._guard(self._end))
        session.start()
        self.settle()
        try:
            await self._arrival
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End the session in good order."""
        if not self.is_here or self._leave_dead_loop() or self.session is None or not self._end:
            return
        loop = self.loop
        if running_loop() is not loop:
            raise ClientClosed("the session runs in another event loop; close it there")
        patience = loop.time() + self.carrier.session.close_timeout
        self.session.close()
        self.settle()
        await asyncio.wait([self._end])
        if not self.handlers.is_called_here():
            await self.handlers.close(patience - loop.time())
        if tasks := self._tasks - {asyncio.current_task()}:
            _, late = await asyncio.wait(tasks, timeout=max(0.0, patience - loop.time()))
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=GRACE)

    def _leave_dead_loop(self) -> bool:
        """End what is left of a session whose event loop was closed meanwhile."""
        if self._loop is None or not self._loop.is_closed():
            return False
        self._arrival = self._end = None
        self._timer = self._connecting = self._asking_task = None
        self._tasks.clear()
        if self.session is not None:
            self.session.give_up()
            self.link = None
            self.settle()
        return True

    async def _guard(self, end: "asyncio.Future[None]") -> None:
        """Hang up when the event loop ends before the session does."""
        try:
            await asyncio.wait([end])
        except asyncio.CancelledError:
            if not end.done():
                self._hang_up()
            raise

    def _hang_up(self) -> None:
        """End the session at once."""
        if self.session is None:
            return
        if self.link is not None and self.link.socket is not None:
            self.link.socket.abort()
        self.link: Link[AsyncSocket] | None = None
        self.session.give_up()
        self.settle()

    def drop(self) -> None:
        """End the session soon, because its client is gone."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._hang_up)

    async def wait_closed(self) -> None:
        """Wait for the end; raise the error that caused it, if any."""
        self.check_process()
        if self._leave_dead_loop():
            return
        if self._end is None:
            raise ClientClosed("the session is not connected; use it in an `async with` block")
        await asyncio.shield(self._end)

    async def call(
        self,
        action: Action[R],
        settings: ClientSettings,
        lane: object = None,
        *,
        same_connection: bool = False,
    ) -> R:
        """Send an action and wait for its response."""
        session = self.live_session()
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self.check_process()
            raise ClientClosed("the session runs in another event loop, or its loop was closed")
        of_customers = action.spec.name in OF_CUSTOMERS
        if of_customers:
            action = self.recovering.customers.outgoing(action)
        now, timeout = loop.time(), settings.timeout
        call = _AsyncCall(
            action,
            action.spec,
            _encode(action),
            now,
            timeout,
            now + timeout,
            settings.retry,
            settings.meter,
            lane,
            same_connection,
            future=loop.create_future(),
            reports=settings.reports,
            limiter=settings.limiter,
            paced=settings.paced,
            observer=settings.observer,
            address=settings.base_url,
        )
        session.submit(call)
        if session.steps or session.wakeup < self._alarm:
            self.settle()
        try:
            await call.future
        except asyncio.CancelledError:
            session.abandon(call)
            raise
        finally:
            if settings.on_call is not None or settings.logger is not None:
                report(call, settings, loop.time())
        if call.error is not None:
            raise call.error
        response: R = call.response
        if of_customers:
            self.recovering.customers.done(action, response)
        return response

    async def recover(self) -> Recovered:
        """Read back now what was missed; wait for the outcome."""
        self.live_session()
        self.check_process()
        outcome: asyncio.Future[Recovered] = asyncio.get_running_loop().create_future()

        def settle(recovered: Recovered | None, error: Exception | None) -> None:
            if outcome.done():
                return
            if recovered is not None:
                outcome.set_result(recovered)
            else:
                outcome.set_exception(error or ClientClosed("the session is closed"))

        self._ask_to_recover(settle)
        return await outcome

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _set_alarm(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_at(when, self._rings)

    def _rings(self) -> None:
        self._alarm = inf
        self.live_session().tick()
        self.settle()

    def _ask(self, refused: Token | None) -> None:
        if self._asking_task is not None:
            self._asking_task.cancel()
        self._asking_task = self._spawn(self._asking(refused))
        self._asking_task.add_done_callback(_retrieved)

    async def _asking(self, refused: Token | None) -> None:
        source = self.carrier.source
        try:
            value: object = source
            if isinstance(source, TokenProvider):
                value = source.token_async(refused)
            elif callable(source) and is_async(source):
                value = source()
            elif callable(source):
                value = await run_in_thread(partial(_called, source), "frontdesk-token")
            token = fetched(await value if isawaitable(value) else value)
        except BaseException as error:
            if is_stopped(error):
                raise
            self.token_failed(token_error(error))
            if is_interrupt(error):
                raise
        else:
            self.token_given(token)

    def _open(self, link: Link["AsyncSocket"], region: str | None) -> None:
        self._connecting = self._spawn(self._opening(link, region))

    async def _opening(self, link: Link["AsyncSocket"], region: str | None) -> None:
        from frontdesk.transport.websocket import AsyncSocket

        try:
            socket = await AsyncSocket.open(self.carrier.address, region, link)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever
            self.open_failed(link, error)
        else:
            self.opened(link, socket)

    def _cut(self, link: Link["AsyncSocket"], *, at_once: bool) -> None:
        if link.socket is None:
            if self._connecting is not None:
                self._connecting.cancel()
        elif at_once:
            link.socket.abort()
        else:
            socket = link.socket
            closing = self._spawn(socket.close())
            # A loop that ends cancels it, even before its first step; what would be open still
            # would be collected as a leak. Where it is closed already, this does nothing.
            closing.add_done_callback(lambda _: socket.abort())

    def _connected(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def _over(self, error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for task in (self._connecting, self._asking_task):
            if task is not None and task is not asyncio.current_task(self._loop):
                task.cancel()
        for future in (self._arrival, self._end):
            if future is None or future.done():
                continue
            if error is not None:
                future.set_exception(error)
            elif future is self._arrival:
                future.set_exception(ClientClosed("the session was closed while connecting"))
            else:
                future.set_result(None)


def _called(source: Callable[[], object]) -> object:
    """Call a token function in its thread, where nothing that it raises is anybody's Ctrl-C."""
    try:
        return source()
    except BaseException as error:  # noqa: BLE001 - the user's function may raise anything
        raise token_error(error)  # noqa: B904 - it has its cause already


def _retrieved(future: "asyncio.Future[None]") -> None:
    """Mark the error as seen: not everybody waits for it."""
    if not future.cancelled():
        future.exception()


class AsyncRTMDriver(RTMDriver[AsyncLine]):
    """What the async RTM client can do, whatever its methods."""

    async def __call__(self, action: Action[R]) -> R:
        """Send an action and return its result.

        Raises:
            APIError: The server refuses the call.
            TransportError: There is no response.
            DecodeError: The response is not what the API promises.
            BudgetExceeded: The budget is spent; nothing is sent.
        """
        settings = self._settings
        if action.__class__ not in self._callable:
            self._check_callable(action)
        for pause in turns(settings, self._line.now):
            await asyncio.sleep(pause.seconds)
        return await self._line.call(action, settings, self._lane)

    async def connect(self) -> None:
        """Connect and log in; an ``async with`` block does it for you.

        Raises:
            ConnectError: There is no connection.
            RequestTimeout: It takes too long.
            Disconnected: The server ends the connection.
            APIError: The server refuses the log-in.
        """
        await self._line.connect()

    async def close(self) -> None:
        """Wait for the responses still due and for handlers at work, log out and disconnect.

        Takes ``close_timeout`` seconds at most, and a second more for handlers that do not end
        when they are cancelled.
        """
        await self._line.close()

    async def wait_closed(self) -> None:
        """Wait until the session has ended; raise what ended it, unless it was closed here."""
        await self._line.wait_closed()

    async def recover(self) -> Recovered:
        """Read back now what was missed while the connection was down, and wait until it is done.

        The session does so by itself after each reconnect, and again after a pause if it fails,
        unless the client was made with ``recover=False``. Without a connection it waits for one.

        Returns:
            How many pushes were delivered by it, and what it cost; zeros if nothing is missing.

        Raises:
            FrontdeskError: The request that failed, or the error that has ended the session. What
                is missing stays to be read back.
        """
        return await self._line.recover()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _pages(self, first: Action[Any]) -> AsyncPages[Any]:
        return AsyncPages(self._paced(), first)

    @staticmethod
    def _new_line(carrier: Carrier) -> AsyncLine:
        return AsyncLine(carrier)
