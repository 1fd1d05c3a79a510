"""The driver of the sync RTM client: the session runs in threads of its own."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from math import inf
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

import msgspec

from frontdesk.actions import Action
from frontdesk.auth import Token
from frontdesk.clients._options import fetched
from frontdesk.clients._rtm_line import Carrier, Line, Link
from frontdesk.clients.rtm import RTMDriver, check_callable, report
from frontdesk.core.exchange import Settings
from frontdesk.core.pages import Pages
from frontdesk.core.rtm.calls import RTMCall
from frontdesk.core.rtm.hub import QUEUE, Mailbox
from frontdesk.core.rtm.notices import Notice, PushesLost
from frontdesk.core.rtm.recovery import Reading, Recovery
from frontdesk.errors import APIError, ClientClosed, FrontdeskError, InvalidArgument
from frontdesk.pushes import Push

if TYPE_CHECKING:
    from frontdesk.transport.websocket import SyncSocket

__all__ = ["SyncRTMDriver", "SyncSubscription"]

R = TypeVar("R")
A = TypeVar("A", bound=Push | Notice)
B = TypeVar("B", bound=Push | Notice)
C = TypeVar("C", bound=Push | Notice)
D = TypeVar("D", bound=Push | Notice)
Handler = TypeVar("Handler", bound=Callable[[Any], Any])
P_co = TypeVar("P_co", covariant=True)

_encode = msgspec.json.Encoder().encode

LONGEST_WAIT = threading.TIMEOUT_MAX


class SyncSubscription(Iterator[P_co | PushesLost], Generic[P_co]):
    """Pushes for one subscriber, in the order in which they came.

    Ends when the session is closed, and raises the error that ended it otherwise. When the
    subscriber is too slow for its queue, the oldest pushes are dropped and a ``PushesLost`` comes
    in their place. Leave it with ``close``, a ``with`` block, or by dropping it.
    """

    def __init__(self, line: "SyncLine", kinds: tuple[type[Any], ...], queue: int) -> None:
        self._line = line
        self._news = threading.Event()
        with line.lock:
            self._box: Mailbox = line.hub.subscribe(kinds, queue, self._news.set)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> P_co | PushesLost:
        item = self._next(inf)
        if item is None:
            raise StopIteration
        return item

    def get(self, timeout: float | None = None) -> P_co | PushesLost | None:
        """Wait for the next push, at most ``timeout`` seconds.

        Returns ``None`` when the session was closed. Raises ``TimeoutError``.
        """
        return self._next(inf if timeout is None else time.monotonic() + timeout)

    def close(self) -> None:
        """Get no more pushes."""
        if not self._line.is_here:
            return
        with self._line.lock:
            self._line.hub.unsubscribe(self._box)
            self._box.close(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_box"):
            self._box.abandon()

    def _next(self, until: float) -> P_co | PushesLost | None:
        self._line.check_process()
        while True:
            self._news.clear()
            with self._line.lock:
                item: P_co | PushesLost | None = self._box.take()
                over = self._box.closed
            if item is not None:
                return item
            if over:
                if self._box.error is not None:
                    raise self._box.error.with_traceback(None)
                return None
            if not self._news.wait(min(until - time.monotonic(), LONGEST_WAIT)):
                raise TimeoutError


class _Call(RTMCall, eq=False):
    """A call that a thread waits for."""

    gate: Any = None
    """A lock that is taken until the call is over."""

    def finish(self) -> None:
        self.gate.release()


class SyncLine(Line["SyncSocket"]):
    """Carries a session in threads: one reads, one keeps the time, others come and go."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(carrier)
        self.lock = threading.RLock()
        """Held whenever the session or the subscriptions are touched."""
        self._pid = os.getpid()
        self._bell = threading.Event()
        self._arrived = threading.Event()
        self._finished = threading.Event()
        self._finished.set()
        self._error: Exception | None = None
        self._recovery_run = 0
        self._threads: set[threading.Thread] = set()
        self._handlers: list[tuple[Callable[[Any], Any], tuple[type[Any], ...], int]] = []

    @property
    def is_here(self) -> bool:
        """Whether the session's threads are in this process, and not in the parent of a fork."""
        return self._pid == os.getpid()

    # ------------------------------------------------------------ life

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
            for handler, kinds, queue in self._handlers:
                self._serve(handler, kinds, queue)
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
        with self.lock:
            if self.session is None:
                return
            self.session.close()
            self.settle()
        self._finished.wait()
        patience = time.monotonic() + self.carrier.session.close_timeout
        for thread in self._threads - {threading.current_thread()}:
            thread.join(max(0.0, patience - time.monotonic()))

    def check_process(self) -> None:
        """Refuse to wait for threads that a fork has left behind in the parent process."""
        if not self.is_here:
            raise ClientClosed("the session belongs to the parent process; make a new client")

    def wait_closed(self, timeout: float | None = None) -> None:
        """Wait for the end; raise the error that caused it, if any."""
        if self.session is None:
            raise ClientClosed("the session is not connected; use it in a `with` block")
        if not self._finished.wait(timeout):
            raise TimeoutError
        if self._error is not None:
            raise self._error.with_traceback(None)

    # ------------------------------------------------------------ calls and handlers

    def call(
        self,
        action: Action[R],
        settings: Settings,
        lane: object = None,
        *,
        same_connection: bool = False,
    ) -> R:
        """Send an action and wait for its answer."""
        if self._pid != os.getpid():
            self.check_process()
        gate = threading.Lock()
        gate.acquire()
        now, timeout = time.monotonic(), settings.timeout
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
            gate=gate,
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
        answer: R = call.answer
        return answer

    def handle(
        self, handler: Callable[[Any], Any], kinds: tuple[type[Any], ...], queue: int
    ) -> None:
        """Call the handler for pushes, in this session and later ones."""
        with self.lock:
            self._handlers.append((handler, kinds, queue))
            if not self._finished.is_set():
                self._serve(handler, kinds, queue)

    def _serve(
        self, handler: Callable[[Any], Any], kinds: tuple[type[Any], ...], queue: int
    ) -> None:
        subscription: SyncSubscription[Any] = SyncSubscription(self, kinds, queue)
        self._spawn(self._feed, handler, subscription, PushesLost in kinds)

    def _feed(
        self,
        handler: Callable[[Any], Any],
        subscription: SyncSubscription[Any],
        wants_losses: bool,
    ) -> None:
        name = getattr(handler, "__qualname__", repr(handler))
        with suppress(FrontdeskError):  # `wait_closed` and the calls tell what ended the session
            for item in subscription:
                if isinstance(item, PushesLost) and not wants_losses:
                    self.log.warning("handler %s: %s", name, item)
                    continue
                try:
                    handler(item)
                except Exception:
                    self.log.exception("handler %s failed on %s", name, type(item).__name__)

    # ------------------------------------------------------------ what comes from other threads

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

    # ------------------------------------------------------------ what the session asks for

    def _spawn(self, work: Callable[..., None], *args: Any) -> None:
        def run() -> None:
            try:
                work(*args)
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name=f"frontdesk-{work.__name__}", daemon=True)
        self._threads.add(thread)
        thread.start()

    def _set_alarm(self, when: float) -> None:
        self._bell.set()

    def _keep_time(self) -> None:
        session = self.live_session()
        while not self._finished.is_set():
            self._bell.clear()
            with self.lock:
                wait = self._alarm - time.monotonic()
                if wait <= 0:
                    self._alarm = inf
                    session.tick()
                    self.settle()
                    continue
            self._bell.wait(min(wait, LONGEST_WAIT))

    def _ask(self) -> None:
        self._spawn(self._asking)

    def _asking(self) -> None:
        source = self.carrier.source
        try:
            token = _settled(source() if callable(source) else source)
        except Exception as error:  # noqa: BLE001 - the user's function may raise anything
            with self.lock:
                self.token_failed(error)
            return
        with self.lock:
            self.token_given(token)

    def _open(self, link: Link["SyncSocket"], region: str | None) -> None:
        self._spawn(self._opening, link, region)

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

    def _recover(self, recovery: Recovery) -> None:
        self._spawn(self._recovery, recovery, self._recovery_run)

    def _recovery(self, recovery: Recovery, run: int) -> None:
        reading = Reading(recovery, self.hub.deliver)
        settings = self.carrier.settings
        failure: Exception | None = None
        try:
            with self.lock:
                action = reading.begin()
            while action is not None:
                answer: Any = None
                refusal: APIError | None = None
                try:
                    answer = self.call(action, settings, recovery, same_connection=True)
                except APIError as error:
                    refusal = error
                with self.lock:
                    # What is found has to be delivered before the connection can be lost again.
                    if run != self._recovery_run:
                        return
                    action = reading.refused(refusal) if refusal else reading.answered(answer)
        except Exception as error:  # noqa: BLE001 - pushes may not be held back for ever
            failure = error
        with self.lock:
            if run == self._recovery_run:
                self._recovered(recovery, reading, failure)

    def _stop_recovering(self) -> None:
        self._recovery_run += 1

    def _connected(self) -> None:
        self._arrived.set()

    def _over(self, error: Exception | None) -> None:
        self._error = error
        self._finished.set()
        self._arrived.set()
        self._bell.set()


def _settled(value: object) -> Token:
    """Return the token that a getter gave; refuse a promise of one."""
    if hasattr(value, "__await__"):
        close = getattr(value, "close", None)
        if close is not None:
            close()
        raise InvalidArgument("token", "must not be an async function here; use AsyncAgentRTM")
    return fetched(value)


class SyncRTMDriver(RTMDriver[SyncLine]):
    """What the sync RTM client can do, whatever its methods. Safe to share between threads."""

    def __call__(self, action: Action[R]) -> R:
        """Send an action and return its result.

        Raises ``APIError``, ``TransportError``, ``DecodeError``, ``BudgetExceeded``.
        """
        settings = self._settings
        check_callable(action, settings.version)
        return self._line.call(action, settings, self._lane)

    def connect(self) -> None:
        """Connect and log in; a ``with`` block does it for you.

        Raises ``ConnectError``, ``RequestTimeout``, ``Disconnected`` or the ``APIError`` of the
        log-in.
        """
        self._line.connect()

    def close(self) -> None:
        """Wait for the answers still due, log out and disconnect."""
        self._line.close()

    def wait_closed(self, timeout: float | None = None) -> None:
        """Wait until the session has ended; raise what ended it, unless it was closed here.

        Raises ``TimeoutError`` after ``timeout`` seconds.
        """
        self._line.wait_closed(timeout)

    @overload
    def pushes(self, *, queue: int = QUEUE) -> SyncSubscription[Push]: ...
    @overload
    def pushes(self, kind: type[A], /, *, queue: int = QUEUE) -> SyncSubscription[A]: ...
    @overload
    def pushes(
        self, kind: type[A], kind2: type[B], /, *, queue: int = QUEUE
    ) -> SyncSubscription[A | B]: ...
    @overload
    def pushes(
        self, kind: type[A], kind2: type[B], kind3: type[C], /, *, queue: int = QUEUE
    ) -> SyncSubscription[A | B | C]: ...
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
    ) -> SyncSubscription[A | B | C | D]: ...
    @overload
    def pushes(
        self, *kinds: type[Push | Notice], queue: int = QUEUE
    ) -> SyncSubscription[Push | Notice]: ...
    def pushes(self, *kinds: type[Any], queue: int = QUEUE) -> SyncSubscription[Any]:
        """Subscribe to pushes, from now on: ``for push in rtm.pushes(IncomingEvent): …``.

        Arguments:

        - ``kinds``: classes of pushes, or of notices (``ConnectionLost``, ``Reconnected``); none
          for all pushes.
        - ``queue``: how many may wait for this subscriber. When it is full, the oldest are dropped,
          and a ``PushesLost`` tells how many.
        """
        return SyncSubscription(self._line, kinds, queue)

    def on(self, *kinds: type[Push | Notice], queue: int = QUEUE) -> Callable[[Handler], Handler]:
        """Call the decorated function for each push of these kinds, in a thread of its own.

        Its errors are logged. ``PushesLost`` is logged too, unless it is among the kinds.
        """

        def register(handler: Handler) -> Handler:
            self._line.handle(handler, kinds, queue)
            return handler

        return register

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
        return Pages(self, first)

    @staticmethod
    def _new_line(carrier: Carrier) -> SyncLine:
        return SyncLine(carrier)
