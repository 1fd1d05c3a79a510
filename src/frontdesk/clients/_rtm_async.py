"""The driver of the async RTM client."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from inspect import isawaitable
from math import inf
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

import msgspec

from frontdesk.actions import Action
from frontdesk.clients._options import fetched
from frontdesk.clients._rtm_line import Carrier, Line, Link
from frontdesk.clients.rtm import RTMDriver, check_callable, report
from frontdesk.core.exchange import Settings
from frontdesk.core.pages import AsyncPages
from frontdesk.core.rtm.calls import RTMCall
from frontdesk.core.rtm.hub import QUEUE, Mailbox
from frontdesk.core.rtm.notices import Notice, PushesLost
from frontdesk.core.rtm.recovery import Reading, Recovery
from frontdesk.errors import APIError, ClientClosed, FrontdeskError, InvalidArgument
from frontdesk.pushes import Push

if TYPE_CHECKING:
    from frontdesk.transport.websocket import AsyncSocket

__all__ = ["AsyncRTMDriver", "AsyncSubscription"]

R = TypeVar("R")
A = TypeVar("A", bound=Push | Notice)
B = TypeVar("B", bound=Push | Notice)
C = TypeVar("C", bound=Push | Notice)
D = TypeVar("D", bound=Push | Notice)
Handler = TypeVar("Handler", bound=Callable[[Any], Any])
P_co = TypeVar("P_co", covariant=True)


_encode = msgspec.json.Encoder().encode


class AsyncSubscription(AsyncIterator[P_co | PushesLost], Generic[P_co]):
    """Pushes for one subscriber, in the order in which they came.

    Ends when the session is closed, and raises the error that ended it otherwise. When the
    subscriber is too slow for its queue, the oldest pushes are dropped and a ``PushesLost`` comes
    in their place. Leave it with ``close``, an ``async with`` block, or by dropping it.
    """

    def __init__(self, line: "AsyncLine", kinds: tuple[type[Any], ...], queue: int) -> None:
        self._line = line
        self._alarm = _Alarm()
        self._box: Mailbox = line.hub.subscribe(kinds, queue, self._alarm.ring)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> P_co | PushesLost:
        box = self._box
        while True:
            item: P_co | PushesLost | None = box.take()
            if item is not None:
                return item
            if box.closed:
                if box.error is not None:
                    raise box.error.with_traceback(None)
                raise StopAsyncIteration
            await self._alarm.wait()

    def close(self) -> None:
        """Get no more pushes."""
        self._line.hub.unsubscribe(self._box)
        self._box.close(None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_box"):
            self._box.abandon()


class _Alarm:
    """Wakes the one task that waits."""

    __slots__ = ("_waiter",)

    def __init__(self) -> None:
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            raise InvalidArgument("subscription", "has one reader; subscribe again for another one")
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


class _Call(RTMCall, eq=False):
    """A call that a task waits for."""

    future: Any = None

    def finish(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class AsyncLine(Line["AsyncSocket"]):
    """Carries a session in an event loop."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(carrier)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._connecting: asyncio.Task[None] | None = None
        self._recovering: asyncio.Task[None] | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._end: asyncio.Future[None] | None = None
        self._handlers: list[tuple[Callable[[Any], Any], tuple[type[Any], ...], int]] = []

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that the session runs in."""
        assert self._loop is not None, "the session has been started"
        return self._loop

    # ------------------------------------------------------------ life

    async def connect(self) -> None:
        """Connect and log in, or raise why not."""
        if self._end is not None and not self._end.done():
            raise ClientClosed("the session is connected already")
        self._loop = asyncio.get_running_loop()
        self._arrival, self._end = self._loop.create_future(), self._loop.create_future()
        self._end.add_done_callback(_retrieved)
        session = self._new_session(self._loop.time)
        for handler, kinds, queue in self._handlers:
            self._serve(handler, kinds, queue)
        session.start()
        self.settle()
        try:
            await self._arrival
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End the session in good order."""
        if self.session is None or self._end is None:
            return
        self.session.close()
        self.settle()
        await asyncio.wait([self._end])
        patience = self.carrier.session.close_timeout
        while tasks := self._tasks - {asyncio.current_task()}:
            _, late = await asyncio.wait(tasks, timeout=patience)
            for task in late:
                task.cancel()

    async def wait_closed(self) -> None:
        """Wait for the end; raise the error that caused it, if any."""
        if self._end is None:
            raise ClientClosed("the session is not connected; use it in an `async with` block")
        await asyncio.shield(self._end)

    # ------------------------------------------------------------ calls and handlers

    async def call(
        self,
        action: Action[R],
        settings: Settings,
        lane: object = None,
        *,
        same_connection: bool = False,
    ) -> R:
        """Send an action and wait for its answer."""
        session = self.live_session()
        loop = self.loop
        now, timeout = loop.time(), settings.timeout
        call = _Call(
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
        answer: R = call.answer
        return answer

    def handle(
        self, handler: Callable[[Any], Any], kinds: tuple[type[Any], ...], queue: int
    ) -> None:
        """Call the handler for pushes, in this session and later ones."""
        self._handlers.append((handler, kinds, queue))
        if self._end is not None and not self._end.done():
            self._serve(handler, kinds, queue)

    def _serve(
        self, handler: Callable[[Any], Any], kinds: tuple[type[Any], ...], queue: int
    ) -> None:
        subscription: AsyncSubscription[Any] = AsyncSubscription(self, kinds, queue)
        self._spawn(self._feed(handler, subscription, PushesLost in kinds))

    async def _feed(
        self,
        handler: Callable[[Any], Any],
        subscription: AsyncSubscription[Any],
        wants_losses: bool,
    ) -> None:
        name = getattr(handler, "__qualname__", repr(handler))
        try:
            async for item in subscription:
                if isinstance(item, PushesLost) and not wants_losses:
                    self.log.warning("handler %s: %s", name, item)
                    continue
                try:
                    result = handler(item)
                    if isawaitable(result):
                        await result
                except Exception:
                    self.log.exception("handler %s failed on %s", name, type(item).__name__)
        except FrontdeskError:
            """The session has ended; `wait_closed` and the calls tell why."""

    # ------------------------------------------------------------ what the session asks for

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

    def _ask(self) -> None:
        self._connecting = self._spawn(self._asking())

    async def _asking(self) -> None:
        source = self.carrier.source
        try:
            value = source() if callable(source) else source
            token = fetched(await value if isawaitable(value) else value)
        except Exception as error:  # noqa: BLE001 - the user's function may raise anything
            self.token_failed(error)
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
            self._spawn(link.socket.close())

    def _recover(self, recovery: Recovery) -> None:
        self._recovering = self._spawn(self._recovery(recovery))

    async def _recovery(self, recovery: Recovery) -> None:
        reading = Reading(recovery, self.hub.deliver)
        settings = self.carrier.settings
        failure: Exception | None = None
        try:
            action = reading.begin()
            while action is not None:
                try:
                    answer = await self.call(action, settings, recovery, same_connection=True)
                except APIError as error:
                    action = reading.refused(error)
                else:
                    action = reading.answered(answer)
        except Exception as error:  # noqa: BLE001 - pushes may not be held back for ever
            failure = error
        self._recovered(recovery, reading, failure)

    def _stop_recovering(self) -> None:
        if self._recovering is not None:
            self._recovering.cancel()
            self._recovering = None

    def _connected(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def _over(self, error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
        for future in (self._arrival, self._end):
            if future is None or future.done():
                continue
            if error is not None:
                future.set_exception(error)
            elif future is self._arrival:
                future.set_exception(ClientClosed("the session was closed while connecting"))
            else:
                future.set_result(None)


def _retrieved(future: "asyncio.Future[None]") -> None:
    """Mark the error as seen: not everybody waits for the end."""
    if not future.cancelled():
        future.exception()


class AsyncRTMDriver(RTMDriver[AsyncLine]):
    """What the async RTM client can do, whatever its methods."""

    async def __call__(self, action: Action[R]) -> R:
        """Send an action and return its result.

        Raises ``APIError``, ``TransportError``, ``DecodeError``, ``BudgetExceeded``.
        """
        settings = self._settings
        check_callable(action, settings.version)
        return await self._line.call(action, settings, self._lane)

    async def connect(self) -> None:
        """Connect and log in; an ``async with`` block does it for you.

        Raises ``ConnectError``, ``RequestTimeout``, ``Disconnected`` or the ``APIError`` of the
        log-in.
        """
        await self._line.connect()

    async def close(self) -> None:
        """Wait for the answers still due, log out and disconnect."""
        await self._line.close()

    async def wait_closed(self) -> None:
        """Wait until the session has ended; raise what ended it, unless it was closed here."""
        await self._line.wait_closed()

    @overload
    def pushes(self, *, queue: int = QUEUE) -> AsyncSubscription[Push]: ...
    @overload
    def pushes(self, kind: type[A], /, *, queue: int = QUEUE) -> AsyncSubscription[A]: ...
    @overload
    def pushes(
        self, kind: type[A], kind2: type[B], /, *, queue: int = QUEUE
    ) -> AsyncSubscription[A | B]: ...
    @overload
    def pushes(
        self, kind: type[A], kind2: type[B], kind3: type[C], /, *, queue: int = QUEUE
    ) -> AsyncSubscription[A | B | C]: ...
    @overload
    def pushes(
        self,
        kind: type[A],
        kind2: type[B],
        kind3: type[C],
        kind4: type[D],
        /,
        *,
        queue: int = QUEUE,
    ) -> AsyncSubscription[A | B | C | D]: ...
    @overload
    def pushes(
        self, *kinds: type[Push | Notice], queue: int = QUEUE
    ) -> AsyncSubscription[Push | Notice]: ...
    def pushes(self, *kinds: type[Any], queue: int = QUEUE) -> AsyncSubscription[Any]:
        """Subscribe to pushes, from now on: ``async for push in rtm.pushes(IncomingEvent): …``.

        Arguments:

        - ``kinds``: classes of pushes, or of notices (``ConnectionLost``, ``Reconnected``); none
          for all pushes.
        - ``queue``: how many may wait for this subscriber. When it is full, the oldest are dropped,
          and a ``PushesLost`` tells how many.
        """
        return AsyncSubscription(self._line, kinds, queue)

    def on(self, *kinds: type[Push | Notice], queue: int = QUEUE) -> Callable[[Handler], Handler]:
        """Call the decorated function, async or not, for each push of these kinds, one by one.

        Its errors are logged. ``PushesLost`` is logged too, unless it is among the kinds.
        """

        def register(handler: Handler) -> Handler:
            self._line.handle(handler, kinds, queue)
            return handler

        return register

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
        return AsyncPages(self, first)

    @staticmethod
    def _new_line(carrier: Carrier) -> AsyncLine:
        return AsyncLine(carrier)
