"""Reading back what was missed, over the session of a line.

The requests go through the window of the session like all others, in a lane of their own, and need
neither thread nor task. A request that fails is made once more after a pause; until then, and over
further interruptions, what is missing stays to be read.
"""

import logging
from collections import deque
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from msgspec import UNSET, Struct

from frontdesk.actions import Action
from frontdesk.concurrency.ordered_executor import is_interrupt
from frontdesk.core.call_cycle import Call
from frontdesk.core.retry import NOT_DONE, UNKNOWN_OUTCOME
from frontdesk.core.rtm.customers import CustomerSubscriptions
from frontdesk.core.rtm.notices import Reconnected, Recovered
from frontdesk.core.rtm.recovery.reading import Read, ReadingBack
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.recovery.views import KEY_CHANGES
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.core.rtm.settings import LoginOptions
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    BudgetExceeded,
    ConnectionClosed,
    DecodeError,
    FrontdeskError,
)
from frontdesk.models import LoginResponse
from frontdesk.redaction import log_failure

if TYPE_CHECKING:
    from datetime import datetime

    from frontdesk.clients.rtm.carrier import Carrier
    from frontdesk.core.rtm.session import Session
    from frontdesk.core.rtm.stats import Counters
    from frontdesk.core.rtm.subscriptions import Hub

__all__ = ["Recovering", "Waiter"]

PATIENCE: Final = 15.0
"""Seconds of failures after which pushes are held back no longer."""

Waiter = Callable[[Recovered | None, Exception | None], None]
_encode = msgspec.json.Encoder().encode


class RecoveringLine(Protocol):
    """What reading back needs of the connection it goes over."""

    carrier: "Carrier"
    hub: "Hub"
    counters: "Counters"
    log: logging.Logger

    @property
    def is_away(self) -> bool:
        """Whether there is no session that is logged in."""
        ...

    def now(self) -> float:
        """Return the time of the clock, in seconds."""
        ...

    def live_session(self) -> "Session":
        """Return the session, which must have been started."""
        ...

    def back(self, notice: Reconnected) -> None:
        """Say that the session is back."""
        ...


class _RecoveryCall(RTMCall, eq=False, kw_only=True):
    """A request that nobody outside waits for."""

    done_calls: deque[Any]
    read: Read | None = None
    subscription_id: str = ""
    run: int = 0

    def finish(self) -> None:
        self.done_calls.append(self)


class _Cost(Struct):
    events: int = 0
    requests: int = 0


class Recovering:
    """Reads back what was missed, and renews what ended with the connection.

    The line calls ``ready``, ``lost`` and ``ended``, and ``settle`` whenever something may have
    been responded to or ``wakeup`` has come.
    """

    def __init__(self, line: RecoveringLine, *, automatic: bool) -> None:
        self.recovery: Recovery = line.carrier.side.recovery()
        self.customers: CustomerSubscriptions = CustomerSubscriptions()
        self._line = line
        self._automatic = automatic
        self._names = _asked_for(line.carrier.session.login)
        self._reading: ReadingBack | None = None
        self._run = 0
        self._done: deque[Any] = deque()
        self._pending = 0
        self._failure: Exception | None = None
        self._tries = 0
        self._failing_since: float | None = None
        self._retry_at = inf
        self._renewing: set[str] = set()
        """Subscriptions that do not go on yet, by the id that each got first."""
        self._unrenewed: set[str] = set()
        """Those of them that are to be asked for once more."""
        self._renew_at = inf
        self._renewals = 0
        self._away_for: float | None = None
        """How long the session was away, until its return is reported."""
        self._cost = _Cost()
        self._waiters: list[Waiter] = []

    @property
    def busy(self) -> bool:
        """Whether responses have come that are to be dealt with."""
        return bool(self._done)

    @property
    def wakeup(self) -> float:
        """When ``settle`` has something to do, in the clock's time."""
        return min(self._retry_at, self._renew_at, self._release_at)

    @property
    def _release_at(self) -> float:
        """When pushes are held back no longer, unless a request succeeds before."""
        if self._failing_since is None or not self.recovery.holding:
            return inf
        return self._failing_since + PATIENCE

    def logged_in(self, login: LoginResponse, server_time: "datetime") -> None:
        """Take note of the first log-in."""
        self.recovery.logged_in(login, server_time)

    def ready(self, login: LoginResponse, server_time: "datetime", away_for: float) -> None:
        """Go on after another log-in."""
        hub = self._line.hub
        self._renewals = 0
        self._renew()
        hub.interruption(recovered=self._automatic)
        self._away_for = away_for
        key_changes = hub.takes(KEY_CHANGES)
        self._deliver(
            self.recovery.back(login, server_time, key_changes=key_changes, hold=self._automatic)
        )
        if self._automatic or self._waiters:
            self._begin()
        else:
            self._tell(complete=False)

    def lost(self) -> None:
        """Stop, because the connection is lost; go on after the next log-in."""
        self._stop()
        self._deliver(self.recovery.interrupted())

    def ended(self, error: Exception | None, *, for_good: bool) -> None:
        """Stop, because the session is over."""
        self._stop()
        self._deliver(self.recovery.ended(for_good=for_good))
        closed = error or ConnectionClosed("the session was closed before all was read back")
        self._answer(None, closed)

    def start(self, waiter: Waiter) -> None:
        """Read back now what is missing; ``waiter`` is called with the outcome."""
        if not self.recovery.pending and self._reading is None and not self._line.is_away:
            waiter(Recovered(), None)
            return
        self._waiters.append(waiter)
        if self._line.is_away:
            return
        if self._reading is None:
            self._cost = _Cost()
            self._begin()
        elif self._failure is not None and not self._pending:
            self._go_on()

    def settle(self) -> None:
        """Deal with responses, and begin again what failed when its pause is over."""
        while self._done:
            call = self._done.popleft()
            self._report(call)
            if call.run != self._run:
                continue
            if call.read is None:
                self._subscribed(call)
            elif self._reading is not None:
                self._pending -= 1
                self._take(self._reading, call)
                self._next()
        now = self._line.now()
        if now >= self._release_at:
            self._deliver(self.recovery.let_go())
        if now >= self._renew_at:
            again, self._unrenewed = self._unrenewed, set()
            self._renew(again)
        if now >= self._retry_at:
            self._go_on()

    # What is read.

    def _begin(self) -> None:
        self._failure, self._tries, self._failing_since = None, 0, None
        self._retry_at = inf
        self._reading = ReadingBack(self.recovery, key_changes=self._line.hub.takes(KEY_CHANGES))
        self._next()

    def _go_on(self) -> None:
        self._retry_at, self._failure = inf, None
        self._next()

    def _take(self, reading: ReadingBack, call: _RecoveryCall) -> None:
        error, read = call.error, call.read
        assert read is not None
        if error is None:
            try:
                reading.responded(read, call.response)
            except FrontdeskError as odd:
                self._failure = odd
            else:
                self._failing_since = self._failing_since if self._failure else None
            return
        if isinstance(error, APIError) and reading.refused(read, error):
            return
        reading.failed(read)
        self._failure = error

    def _next(self) -> None:
        reading = self._reading
        if reading is None:
            return
        self._deliver(reading.ready())
        if self._failure is None:
            for read in reading.take():
                self._send(read.action, read=read)
            if self._failure is None and reading.done:
                self._finish(reading)
                return
        if self._failure is not None and not self._pending:
            self._pause(reading, self._failure)

    def _finish(self, reading: ReadingBack) -> None:
        self._reading = None
        self._deliver(self.recovery.let_go())
        self._count(reading)
        chats = tuple(reading.uncertain)
        if chats:
            self._line.hub.incomplete(chats)
        self._tell(complete=not chats, chats=chats)

    def _pause(self, reading: ReadingBack, failure: Exception) -> None:
        """Try again later, or not at all."""
        line, now = self._line, self._line.now()
        self._tries += 1
        self._failing_since = now if self._failing_since is None else self._failing_since
        hopeless = _is_hopeless(failure)
        if hopeless:
            self._deliver(self.recovery.let_go())
        self._count(reading)
        if hopeless:
            line.log.warning("missed pushes could not be read back: %s", failure)
            self._reading, self._retry_at, self._failing_since = None, inf, None
        else:
            pause = line.carrier.session.backoff.pause(self._tries, line.carrier.settings.rng)
            line.log.warning(
                "missed pushes could not be read back yet: %s; next attempt in %.1f s",
                failure,
                pause,
            )
            self._retry_at = now + pause
        if self._away_for is not None:
            line.hub.interruption(recovered=False)
            self._tell(complete=False, error=failure)
        else:
            self._answer(None, failure)

    def _count(self, reading: ReadingBack) -> None:
        counters = self._line.counters
        counters.recovered += reading.events
        counters.recovery_requests += reading.requests
        self._cost.events += reading.events
        self._cost.requests += reading.requests
        reading.events = reading.requests = 0

    def _tell(
        self,
        *,
        complete: bool,
        chats: tuple[str, ...] = (),
        error: Exception | None = None,
    ) -> None:
        """Tell that the session is back, or else that what was missed has been read since."""
        cost = self._cost
        self._cost = _Cost()
        recovered = Recovered(
            recovered=cost.events, requests=cost.requests, complete=complete, chats=chats
        )
        if self._away_for is not None:
            away_for, self._away_for = self._away_for, None
            self._line.back(
                Reconnected(
                    seconds=away_for,
                    recovered=cost.events,
                    requests=cost.requests,
                    complete=complete,
                    chats=chats,
                )
            )
        else:
            self._line.hub.deliver(recovered)
        self._answer(None if error else recovered, error)

    def _answer(self, recovered: Recovered | None, error: Exception | None) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter(recovered, error)

    def _stop(self) -> None:
        self._run += 1
        reading, self._reading = self._reading, None
        if reading is not None:
            # What this reading has cost belongs to the notice about the next one.
            self._count(reading)
            if reading.uncertain:
                # Nothing of these chats is left to be read, so that nobody else will name them.
                self._line.hub.incomplete(tuple(reading.uncertain))
        self._pending = 0
        self._retry_at, self._failing_since = inf, None
        self._unrenewed.clear()
        self._renewing.clear()
        self._renew_at = inf

    def _deliver(self, pushes: Any) -> None:
        names = self._names
        for push in pushes:
            # What the log-in has not asked for, an uncut session would not get.
            if names is None or not push.recovered or push.spec.name in names:
                self._line.hub.deliver(push)

    # How it is asked for.

    def _send(
        self, action: Action[Any], *, read: Read | None = None, subscription_id: str = ""
    ) -> None:
        settings, now = self._line.carrier.settings, self._line.now()
        call = _RecoveryCall(
            action=action,
            spec=action.spec,
            payload=_encode(action),
            started=now,
            timeout=settings.timeout,
            deadline=now + settings.timeout,
            retry=settings.retry,
            meter=settings.meter,
            lane=self,
            same_connection=True,
            observer=settings.observer,
            address=settings.base_url,
            is_own=True,
            done_calls=self._done,
            read=read,
            subscription_id=subscription_id,
            run=self._run,
        )
        if read is not None:
            self._pending += 1
        try:
            self._line.live_session().submit(call)
        except FrontdeskError as error:
            call.error = error
            self._done.append(call)

    def _report(self, call: _RecoveryCall) -> None:
        settings = self._line.carrier.settings
        if settings.on_call is None:
            return
        seconds = self._line.now() - call.started
        try:
            settings.on_call(Call(call.spec.name, seconds, 0, call.attempts, call.size, call.error))
        except BaseException as error:
            log_failure(self._line.log, "on_call failed", error=error)
            if is_interrupt(error):
                raise

    def _renew(self, only: set[str] | None = None) -> None:
        self._renew_at = inf
        for first, action in self.customers.to_renew():
            if only is None or first in only:
                self._renewing.add(first)
                self._send(action, subscription_id=first)

    def _subscribed(self, call: _RecoveryCall) -> None:
        """Go on with a subscription that was renewed, or was not."""
        line, first, error = self._line, call.subscription_id, call.error
        if error is None:
            self.customers.renewed(first, call.response)
            self._renewing.discard(first)
            if not self._renewing:
                # What came since the log-in was for other connections.
                line.hub.interruption(recovered=self._automatic)
            return
        if not _is_hopeless(error):
            self._renewals += not self._unrenewed
            self._unrenewed.add(first)
            if self._renew_at == inf:
                backoff, rng = line.carrier.session.backoff, line.carrier.settings.rng
                self._renew_at = line.now() + backoff.pause(self._renewals, rng)
        elif isinstance(error, APIError) and not isinstance(error, AuthenticationError):
            self.customers.forget(first)
            self._renewing.discard(first)
        line.log.warning("a subscription of customers was not renewed: %s", error)


def _asked_for(login: LoginOptions) -> frozenset[str] | None:
    """Return the pushes that a log-in asks for, ``None`` for all of them."""
    if login.pushes is UNSET:
        return None
    names = frozenset(name for listed in login.pushes.values() for name in listed)
    return None if "all" in names else names


def _is_hopeless(error: Exception) -> bool:
    """Whether another try would fail in the same way."""
    if isinstance(error, APIError):
        return error.type not in NOT_DONE | UNKNOWN_OUTCOME
    return isinstance(error, (BudgetExceeded, DecodeError))
