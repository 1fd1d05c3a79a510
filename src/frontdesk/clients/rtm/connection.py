"""How a session is carried, whatever the kind of waiting.

A *line* does what the session asks for (open a connection, send a frame, get a token …), reads
missed events back after an interruption, and gives pushes to the subscribers.
"""

import logging
import os
import warnings
from collections.abc import Callable
from datetime import datetime
from math import inf
from typing import Any, Generic, Protocol, TypeVar

from frontdesk.auth import Token
from frontdesk.clients.rtm.carrier import Carrier
from frontdesk.clients.rtm.handlers import PushHandlers
from frontdesk.clients.rtm.recovery import Recovering, Waiter
from frontdesk.concurrency.ordered_executor import what_it_did
from frontdesk.core.observation import tell
from frontdesk.core.rtm.filters import Filter
from frontdesk.core.rtm.notices import ConnectionLost, Reconnected
from frontdesk.core.rtm.session import Session, State
from frontdesk.core.rtm.settings import (
    AskToken,
    Cut,
    Ended,
    Lost,
    Open,
    Ping,
    Ready,
    SessionContext,
)
from frontdesk.core.rtm.stats import Counters
from frontdesk.core.rtm.subscriptions import Hub, Mailbox
from frontdesk.errors import ClientClosed, ConnectionClosed, InvalidArgument
from frontdesk.models import LoginResponse
from frontdesk.redaction import redacted

__all__ = ["Keeper", "Line", "Link", "Socket", "token_error"]

S = TypeVar("S", bound="Socket")
H = TypeVar("H", bound=PushHandlers)


class Socket(Protocol):
    """What a line needs of a connection."""

    @property
    def server_time(self) -> datetime:
        """The server's time when the connection was opened."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        ...

    def send_message(self, data: bytes) -> bool:
        """Send a text message; return whether the connection took it."""
        ...

    def send_ping(self) -> None:
        """Send a ping."""
        ...

    def abort(self) -> None:
        """End the connection at once."""
        ...


class Link(Generic[S]):
    """One connection of a line; nobody listens to it once the line has turned to another one."""

    __slots__ = ("_line", "socket")

    def __init__(self, line: "Line[S, Any]") -> None:
        self._line = line
        self.socket: S | None = None

    def on_message(self, data: bytes) -> None:
        """Take a message."""
        self._line.received(self, data)

    def on_life(self) -> None:
        """Take note of a sign of life."""
        self._line.heard(self)

    def on_closed(self, why: str) -> None:
        """Take note that the connection has ended."""
        self._line.closed(self, why)


def token_error(error: BaseException) -> Exception:
    """Return the error of a session whose token function raised this.

    What would end the event loop or the thread that calls the function, and what a future cannot
    hold, becomes an ``InvalidArgument``: it costs this attempt to get a token, and nothing else.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    failure = InvalidArgument("token", f"is a function that {what_it_did(error)}")
    failure.__cause__ = error
    return failure


class Keeper:
    """Belongs to a client and its copies; ends the session when all of them are gone."""

    def __init__(self, line: "Line[Any, Any]") -> None:
        self._line = line

    def __del__(self) -> None:
        line = self._line
        if line.is_here and line.is_running:
            warnings.warn(
                f"unclosed session with {line.carrier.settings.base_url}: use a `with` block, or "
                "call `close`",
                ResourceWarning,
                source=line,
                stacklevel=2,
            )
            line.drop()


class Line(Generic[S, H]):
    """Carries a session; the drivers add how to wait and how to connect."""

    handlers: H

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.log: logging.Logger = carrier.settings.logger or logging.getLogger("frontdesk.rtm")
        self.counters: Counters = Counters()
        self.hub: Hub = Hub(self.log, self.counters, carrier.settings.reports, carrier.side.pushes)
        self.pid: int = os.getpid()
        self.session: Session | None = None
        self.login: LoginResponse | None = None
        self.link: Link[S] | None = None
        self._clock = carrier.settings.clock
        self._lost_at: float | None = None
        self._is_up = False
        self.recovering: Recovering = Recovering(self, automatic=carrier.recover)
        self._resumable = False
        """The server ended the last session, so that another one goes on where it was."""

    def _new_session(self, clock: Callable[[], float]) -> Session:
        settings = self.carrier.settings
        self._alarm = inf
        self._clock = clock
        if not self._resumable:
            self.recovering = Recovering(self, automatic=self.carrier.recover)
            self.hub.recovery = self.recovering.recovery
            self.hub.customers = self.recovering.customers
            self.login = None
            self._lost_at = None
        self.session = Session(
            self.carrier.session,
            SessionContext(
                clock=clock,
                rng=settings.rng,
                retry=settings.retry,
                meter=settings.meter,
                logger=self.log,
                reports=settings.reports,
                side=self.carrier.side,
                observer=settings.observer,
                address=settings.base_url,
            ),
            region=settings.shared.region,
            again=self._resumable,
        )
        return self.session

    @property
    def is_here(self) -> bool:
        """Whether the session belongs to this process, and not to the parent of a fork."""
        return self.pid == os.getpid()

    @property
    def is_running(self) -> bool:
        """Whether there is a session that has not ended."""
        return self.session is not None and self.session.state is not State.CLOSED

    def check_process(self) -> None:
        """Refuse to wait for what a fork has left behind in the parent process."""
        if self.pid != os.getpid():
            raise ClientClosed("the session belongs to the parent process; make a new client")

    def check_open(self) -> None:
        """Refuse to subscribe to a session that has ended; nothing would ever come."""
        if self.session is not None and self.session.state is State.CLOSED:
            raise self.session.refusal()

    def subscribe(
        self,
        kinds: tuple[type[Any], ...],
        queue: int,
        wake: Callable[[], None],
        filter: Filter | None,
    ) -> Mailbox:
        """Open a mailbox for one reader, who is woken when there is something in it."""
        self.check_process()
        self.check_open()
        return self.hub.subscribe(kinds, queue, wake, filter)

    def unsubscribe(self, box: Mailbox) -> None:
        """End a subscription; its reader gets what is left."""
        self.hub.unsubscribe(box)
        box.close(None)

    def handle(
        self,
        function: Callable[[Any], object],
        kinds: tuple[type[Any], ...],
        queue: int,
        filter: Filter | None,
    ) -> None:
        """Call the function for pushes, in this session and later ones."""
        handler = self.handlers.register(function, kinds, queue, filter)
        if self.is_running:
            self.hub.add(handler)

    def unhandle(self, function: Callable[[Any], object], kinds: tuple[type[Any], ...]) -> bool:
        """Call the function no more; return whether it had been registered."""
        removed = self.handlers.remove(function, kinds)
        for handler in removed:
            self.hub.unsubscribe(handler)
        return bool(removed)

    def live_session(self) -> Session:
        """Return the session, which must have been started."""
        if self.session is None:
            raise ClientClosed("the session is not connected; use it in a `with` block")
        return self.session

    def received(self, link: Link[S], data: bytes) -> None:
        """Take a message."""
        session = self.session
        if link is not self.link or session is None:
            return
        frame = session.receive(data)
        if frame is not None:
            self.hub.publish(frame)
        if session.steps or self.recovering.busy or session.wakeup < self._alarm:
            self.settle()

    def heard(self, link: Link[S]) -> None:
        """Take note of a sign of life."""
        if link is self.link:
            self.live_session().heard()

    def closed(self, link: Link[S], why: str) -> None:
        """Take note that a connection has ended."""
        if link is self.link and link.socket is not None:
            self.link = None
            self.live_session().closed(why)
            self.settle()

    def opened(self, link: Link[S], socket: S) -> None:
        """Take a new connection."""
        if link is not self.link:
            socket.abort()
            return
        link.socket = socket
        if socket.is_open:
            self.live_session().opened()
        else:
            self.link = None
            self.live_session().open_failed(ConnectionClosed("the connection ended at once"))
        self.settle()

    def open_failed(self, link: Link[S], error: Exception) -> None:
        """Take note that there is no new connection."""
        if link is self.link:
            self.link = None
            self.live_session().open_failed(error)
            self.settle()

    def token_given(self, token: Token) -> None:
        """Take a token that was asked for."""
        ends_in = None
        if token.expires_at is not None:
            ends_in = (token.expires_at - self.carrier.settings.now()).total_seconds()
        self.live_session().token_given(token, ends_in)
        self.settle()

    def token_failed(self, error: Exception) -> None:
        """Take note that there is no token."""
        self.live_session().token_failed(error)
        self.settle()

    _alarm: float = inf
    """When the timer rings, in the clock's time."""

    def settle(self) -> None:
        """Do what the session asks for, and set the timer."""
        session, recovering = self.live_session(), self.recovering
        steps = session.steps
        while True:
            while steps:
                step = steps.popleft()
                if isinstance(step, bytes):
                    socket = None if self.link is None else self.link.socket
                    if socket is None or not socket.send_message(step):
                        session.unsent(step)
                else:
                    self._do(step)
            if not recovering.busy and recovering.wakeup > self._clock():
                break
            recovering.settle()
        wakeup = min(session.wakeup, recovering.wakeup)
        if wakeup < self._alarm:
            self._alarm = wakeup
            self._set_alarm(wakeup)

    def _do(self, step: AskToken | Open | Ping | Cut | Ready | Lost | Ended) -> None:
        match step:
            case Ping() if self.link is not None and self.link.socket is not None:
                self.link.socket.send_ping()
            case AskToken():
                self._ask(step.refused)
            case Open():
                self.link = Link(self)
                self._open(self.link, step.region)
            case Cut() if self.link is not None:
                link = self.link
                if step.at_once or link.socket is None:
                    self.link = None
                self._cut(link, at_once=step.at_once)
            case Ready():
                self._ready(step)
            case Lost():
                self._lost(step)
            case Ended():
                self._ended(step)
            case _:
                """A connection that is gone needs no ping and no end."""

    def _ready(self, step: Ready) -> None:
        link = self.link
        shared = self.carrier.settings.shared
        region = self.live_session().region
        if region is not None:
            shared.learn_region(region)
        first, self.login = self.login is None, step.login
        self._is_up = True
        self.counters.logins += 1
        self.counters.reconnects += not first
        if not first:
            tell(self.carrier.settings.observer, "reconnected", self.carrier.settings.base_url)
        assert link is not None and link.socket is not None, "a log-in comes over a connection"  # noqa: PT018
        server_time = link.socket.server_time
        if first:
            self.recovering.logged_in(step.login, server_time)
        self._connected()
        if first:
            return
        away_for = 0.0 if self._lost_at is None else self._clock() - self._lost_at
        self._lost_at = None
        self.recovering.ready(step.login, server_time, away_for)

    def _lost(self, step: Lost) -> None:
        if self.login is None:
            return
        self._count_drop()
        if self._lost_at is None:
            self._lost_at = self._clock()
        self.recovering.lost()
        why = redacted(str(step.error))
        self.log.info("connection lost (%s); next attempt in %.1f s", why, step.retry_in)
        self.hub.deliver(ConnectionLost(error=step.error, retry_in=step.retry_in))

    def _ended(self, step: Ended) -> None:
        self._resumable = self.login is not None and step.error is not None
        if self._resumable:
            self._count_drop()
        self._is_up = False
        if self._lost_at is None:
            self._lost_at = self._clock()
        self.recovering.ended(step.error, for_good=not self._resumable)
        self.hub.close(step.error)
        self._over(step.error)

    def _count_drop(self) -> None:
        if self._is_up:
            self._is_up = False
            self.counters.drops += 1
            tell(self.carrier.settings.observer, "disconnected", self.carrier.settings.base_url)
        else:
            self.counters.failed_attempts += 1

    @property
    def is_away(self) -> bool:
        """Whether the session is not logged in just now."""
        return self._lost_at is not None or self.login is None

    def _ask_to_recover(self, waiter: Waiter) -> None:
        session = self.live_session()
        if session.state is State.CLOSED:
            raise ClientClosed("the session is closed")
        self.recovering.start(waiter)
        self.settle()

    def now(self) -> float:
        """Return the time of the session's clock."""
        return self._clock()

    def back(self, notice: Reconnected) -> None:
        """Tell that the session is back."""
        self.log.info(
            "connected again after %.1f s; %d pushes read back with %d requests",
            notice.seconds,
            notice.recovered,
            notice.requests,
        )
        self.hub.deliver(notice)

    def _set_alarm(self, when: float) -> None:
        """Call ``session.tick`` and ``settle`` then."""
        raise NotImplementedError

    def _ask(self, refused: Token | None) -> None:
        """Get another token than this one, and give it to ``token_given`` or ``token_failed``."""
        raise NotImplementedError

    def _open(self, link: Link[S], region: str | None) -> None:
        """Connect, and tell ``opened`` or ``open_failed``."""
        raise NotImplementedError

    def _cut(self, link: Link[S], *, at_once: bool) -> None:
        """End a connection."""
        raise NotImplementedError

    def _connected(self) -> None:
        """Let ``connect`` return."""
        raise NotImplementedError

    def _over(self, error: Exception | None) -> None:
        """Let everybody know who waits for the end."""
        raise NotImplementedError

    def drop(self) -> None:
        """End the session soon, because its client is gone.

        The garbage collector calls it, in whatever thread and whatever that thread is doing: it
        takes no lock and waits for nothing.
        """
        raise NotImplementedError
