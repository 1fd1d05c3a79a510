"""The driver of the sync RTM client: the session runs in threads of its own."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from frontdesk.actions import Action
from frontdesk.auth import Token
from frontdesk.clients.options import asked, fetched
from frontdesk.clients.pages import Pages
from frontdesk.clients.rtm.base import RTMDriver, report, turns
from frontdesk.clients.rtm.carrier import Carrier
from frontdesk.clients.rtm.connection import Line, Link, token_error
from frontdesk.clients.rtm.handlers import ASYNC_HERE, SyncHandlers
from frontdesk.clients.rtm.subscriptions import LONGEST_WAIT
from frontdesk.core.call_cycle import ClientSettings
from frontdesk.core.rtm.customers import OF_CUSTOMERS
from frontdesk.core.rtm.filters import Filter
from frontdesk.core.rtm.notices import Recovered
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.core.rtm.subscriptions import Mailbox
from frontdesk.errors import ClientClosed
from frontdesk.spec.arguments import check_wait, refuse_awaitable

if TYPE_CHECKING:
    from frontdesk.transport.websocket import SyncSocket

__all__ = ["SyncRTMDriver"]

R = TypeVar("R")

_encode = msgspec.json.Encoder().encode


class _SyncCall(RTMCall, eq=False):
    """A call that a thread waits for."""

    gate: Any = None
    """A lock that is taken until the call is over."""

    def finish(self) -> None:
        self.gate.release()


class SyncLine(Line["SyncSocket", SyncHandlers]):
    """Carries a session in threads: one reads, one keeps the time, others come and go."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(carrier)
        self.lock: threading.RLock = threading.RLock()
        """Held whenever the session or the subscriptions are touched."""
        self._bell: SimpleQueue[None] = SimpleQueue()
        """Wakes the thread that keeps the time; may be rung from a garbage collection."""
        self._is_dropped = False
        self._arrived = threading.Event()
        self._finished = threading.Event()
        self._finished.set()
        self._error: Exception | None = None
        self._threads: set[threading.Thread] = set()
        self.handlers: SyncHandlers = SyncHandlers(self.log, self.counters, carrier.concurrency)

    def connect(self) -> None:
        """Connect and log in, or raise why not."""
        self.check_process()
        with self.lock:
            if not self._finished.is_set():
                raise ClientClosed("the session is connected already")
            self._arrived.clear()
            self._finished.clear()
            self._error = None
            session = self._new_session(time.monotonic)
            for handler in self.handlers.registered:
                self.hub.add(handler)
            self._spawn(self._keep_time)
            session.start()
            self.settle()
        try:
            self._arrived.wait()
        except BaseException:
            self.close()
            raise
        if self._finished.is_set():
            self.close()
            self.wait_closed()
            raise ClientClosed("the session was closed while connecting")

    def close(self) -> None:
        """End the session in good order."""
        if not self.is_here:
            return
        patience = time.monotonic() + self.carrier.session.close_timeout
        with self.lock:
            if self.session is None:
                return
            self.session.close()
            self.settle()
        self._finished.wait()
        if self.handlers.is_called_here():
            # Not joined: it waits for the handler that waits here.
            self._spawn(self.handlers.close, patience - time.monotonic(), joined=False)
        else:
            self.handlers.close(patience - time.monotonic())
        for thread in self._threads - {threading.current_thread()}:
            thread.join(max(0.0, patience - time.monotonic()))

    def drop(self) -> None:
        """End the session soon, because its client is gone."""
        self._is_dropped = True
        self._bell.put(None)

    def wait_closed(self, timeout: float | None = None) -> None:
        """Wait for the end; raise the error that caused it, if any."""
        self.check_process()
        if self.session is None:
            raise ClientClosed("the session is not connected; use it in a `with` block")
        check_wait("timeout", timeout)
        if not self._finished.wait(LONGEST_WAIT if timeout is None else min(timeout, LONGEST_WAIT)):
            raise TimeoutError
        if self._error is not None:
            raise self._error.with_traceback(None)

    def call(
        self,
        action: Action[R],
        settings: ClientSettings,
        lane: object = None,
        *,
        same_connection: bool = False,
    ) -> R:
        """Send an action and wait for its response."""
        if self.pid != os.getpid():
            self.check_process()
        gate = threading.Lock()
        gate.acquire()
        of_customers = action.spec.name in OF_CUSTOMERS
        if of_customers:
            action = self.recovering.customers.outgoing(action)
        now, timeout = time.monotonic(), settings.timeout
        call = _SyncCall(
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
            gate=gate,
            reports=settings.reports,
            limiter=settings.limiter,
            paced=settings.paced,
            observer=settings.observer,
            address=settings.base_url,
        )
        with self.lock:
            session = self.live_session()
            session.submit(call)
            if session.steps or session.wakeup < self._alarm:
                self.settle()
        try:
            gate.acquire()
        except BaseException:
            with self.lock:
                session.abandon(call)
            raise
        finally:
            if settings.on_call is not None or settings.logger is not None:
                report(call, settings, time.monotonic())
        if call.error is not None:
            raise call.error
        response: R = call.response
        if of_customers:
            with self.lock:
                self.recovering.customers.done(action, response)
        return response

    def recover(self, timeout: float | None) -> Recovered:
        """Read back now what was missed; wait for the outcome."""
        self.check_process()
        check_wait("timeout", timeout)
        outcome: list[tuple[Recovered | None, Exception | None]] = []
        done = threading.Event()

        def tell(recovered: Recovered | None, error: Exception | None) -> None:
            outcome.append((recovered, error))
            done.set()

        with self.lock:
            self.live_session()
            self._ask_to_recover(tell)
        if not done.wait(LONGEST_WAIT if timeout is None else min(timeout, LONGEST_WAIT)):
            raise TimeoutError
        recovered, error = outcome[0]
        if recovered is None:
            raise error or ClientClosed("the session is closed")
        return recovered

    def subscribe(
        self,
        kinds: tuple[type[Any], ...],
        queue: int,
        wake: Callable[[], None],
        filter: Filter | None,
    ) -> Mailbox:
        """Open a mailbox for one reader, who is woken when there is something in it."""
        self.check_process()
        with self.lock:
            return super().subscribe(kinds, queue, wake, filter)

    def unsubscribe(self, box: Mailbox) -> None:
        """End a subscription; its reader gets what is left."""
        if self.is_here:  # in a forked child the lock may be held for ever
            with self.lock:
                super().unsubscribe(box)

    def handle(
        self,
        function: Callable[[Any], object],
        kinds: tuple[type[Any], ...],
        queue: int,
        filter: Filter | None,
    ) -> None:
        """Call the function for pushes, in this session and later ones."""
        self.check_process()
        with self.lock:
            super().handle(function, kinds, queue, filter)

    def unhandle(self, function: Callable[[Any], object], kinds: tuple[type[Any], ...]) -> bool:
        """Call the function no more; return whether it had been registered."""
        self.check_process()
        with self.lock:
            return super().unhandle(function, kinds)

    def received(self, link: Link["SyncSocket"], data: bytes) -> None:
        """Take a message."""
        with self.lock:
            super().received(link, data)

    def heard(self, link: Link["SyncSocket"]) -> None:
        """Take note of a sign of life."""
        with self.lock:
            super().heard(link)

    def closed(self, link: Link["SyncSocket"], why: str) -> None:
        """Take note that a connection has ended."""
        with self.lock:
            super().closed(link, why)

    def _spawn(self, work: Callable[..., None], *args: Any, joined: bool = True) -> None:
        """Run in a thread; ``close`` waits for it if it is ``joined``."""

        def run() -> None:
            try:
                work(*args)
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name=f"frontdesk-{work.__name__}", daemon=True)
        if joined:
            self._threads.add(thread)
        thread.start()

    def _set_alarm(self, when: float) -> None:
        self._bell.put(None)

    def _keep_time(self) -> None:
        session = self.live_session()
        while not self._finished.is_set():
            with self.lock:
                if self._is_dropped:
                    self._is_dropped = False
                    session.close()
                    self.settle()
                wait = self._alarm - time.monotonic()
                if wait <= 0:
                    self._alarm = inf
                    session.tick()
                    self.settle()
                    continue
            with suppress(Empty):
                self._bell.get(timeout=min(wait, LONGEST_WAIT))

    def _ask(self, refused: Token | None) -> None:
        self._spawn(self._asking, refused, joined=False)

    def _asking(self, refused: Token | None) -> None:
        source = self.carrier.source
        try:
            token = _settled(asked(source, refused))
        except BaseException as error:  # noqa: BLE001 - the user's function may raise anything
            with self.lock:
                self.token_failed(token_error(error))
            return
        with self.lock:
            self.token_given(token)

    def _open(self, link: Link["SyncSocket"], region: str | None) -> None:
        self._spawn(self._opening, link, region, joined=False)

    def _opening(self, link: Link["SyncSocket"], region: str | None) -> None:
        from frontdesk.transport.websocket import SyncSocket

        try:
            socket = SyncSocket.open(self.carrier.address, region, link)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever
            with self.lock:
                self.open_failed(link, error)
        else:
            with self.lock:
                self.opened(link, socket)

    def _cut(self, link: Link["SyncSocket"], *, at_once: bool) -> None:
        if link.socket is None:
            return
        if at_once:
            link.socket.abort()
        else:
            self._spawn(link.socket.close)

    def _connected(self) -> None:
        self._arrived.set()

    def _over(self, error: Exception | None) -> None:
        self._error = error
        self._finished.set()
        self._arrived.set()
        self._bell.put(None)


def _settled(value: object) -> Token:
    """Return the token that a getter gave; refuse a promise of one."""
    refuse_awaitable("token", value, ASYNC_HERE)
    return fetched(value)


class SyncRTMDriver(RTMDriver[SyncLine]):
    """What the sync RTM client can do, whatever its methods. Safe to share between threads."""

    def __call__(self, action: Action[R]) -> R:
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
            time.sleep(pause.seconds)
        return self._line.call(action, settings, self._lane)

    def connect(self) -> None:
        """Connect and log in; a ``with`` block does it for you.

        Raises:
            ConnectError: There is no connection.
            RequestTimeout: It takes too long.
            Disconnected: The server ends the connection.
            APIError: The server refuses the log-in.
        """
        self._line.connect()

    def close(self) -> None:
        """Wait for the responses still due and for handlers at work, log out and disconnect.

        Takes ``close_timeout`` seconds at most. A handler that is still at work then goes on.
        """
        self._line.close()

    def wait_closed(self, timeout: float | None = None) -> None:
        """Wait until the session has ended; raise what ended it, unless it was closed here.

        Raises:
            TimeoutError: It has not ended after ``timeout`` seconds.
        """
        self._line.wait_closed(timeout)

    def recover(self, timeout: float | None = None) -> Recovered:
        """Read back now what was missed while the connection was down, and wait until it is done.

        The session does so by itself after each reconnect, and again after a pause if it fails,
        unless the client was made with ``recover=False``. Without a connection it waits for one.

        Args:
            timeout: Seconds to wait; no limit by default. What was begun goes on afterwards.

        Returns:
            How many pushes were delivered by it, and what it cost; zeros if nothing is missing.

        Raises:
            FrontdeskError: The request that failed, or the error that has ended the session. What
                is missing stays to be read back.
            TimeoutError: It was not done in time.
        """
        return self._line.recover(timeout)

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _pages(self, first: Action[Any]) -> Pages[Any]:
        return Pages(self._paced(), first)

    @staticmethod
    def _new_line(carrier: Carrier) -> SyncLine:
        return SyncLine(carrier)
