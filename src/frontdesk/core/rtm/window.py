"""The requests on the wire, ten at the most, and those that wait for their turn."""

import heapq
import logging
import random
from collections import deque
from collections.abc import Callable, Iterator
from math import inf
from typing import Any, Final

from frontdesk.core.rtm.frames import Frame, read_response, request_frame
from frontdesk.core.rtm.queue import FairQueue
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.core.rtm.settings import Step
from frontdesk.errors import (
    APIError,
    BudgetExceeded,
    ConnectionClosed,
    FrontdeskError,
    RequestTimeout,
    TooManyRequests,
    TransportError,
)
from frontdesk.redaction import excerpt

__all__ = ["WINDOW", "Window"]

WINDOW: Final = 10
"""Requests that the server accepts at a time on one connection."""
SERVER_LIMIT: Final = 15.0
"""Seconds after which the server gives a request up, so that its place is free again."""
FORGET_AFTER: Final = 30.0
"""Seconds for which the response to a call that was given up is still expected."""
PING_ID: Final = "ping"
ID_BEFORE: Final = b'{"request_id":"'
"""How each frame begins; the id follows."""


class Window:
    """Sends calls, matches responses to them by request id, and fails what takes too long.

    Frames to send are appended to ``steps``. A request keeps its place on the wire until the
    response comes or ``SERVER_LIMIT`` is over, whether or not anybody still waits for it, because
    the server works on it for that long.
    """

    def __init__(
        self,
        steps: deque[Step],
        clock: Callable[[], float],
        rng: random.Random,
        log: logging.Logger,
    ) -> None:
        self.open: bool = False
        """Whether calls may be sent now; the session's own ones always may."""
        self._steps = steps
        self._clock = clock
        self._rng = rng
        self._log = log
        self._ids = self._retries = 0
        self._pending: dict[str | None, RTMCall] = {}
        self._places: dict[str | None, float] = {}
        """When each place on the wire is free again, soonest first."""
        self._queue = FairQueue()
        self._unsent: set[str] = set()
        """Those of the pending calls whose frames the connection did not take."""
        self._later: list[tuple[float, int, RTMCall]] = []
        self._expiry = inf
        """A lower bound: no call meets its deadline before."""

    @property
    def idle(self) -> bool:
        """Whether nobody waits for a response."""
        waiting = self._queue.size or self._later
        return not waiting and all(call.done for call in self._pending.values())

    @property
    def retrying(self) -> bool:
        """Whether calls wait for another try."""
        return bool(self._later)

    @property
    def wakeup(self) -> float:
        """When ``tick`` has something to do, in the clock's time."""
        wakeup = self._expiry
        if self._later:
            wakeup = min(wakeup, self._later[0][0])
        if self._queue.size and self._places and self.open:
            wakeup = min(wakeup, next(iter(self._places.values())))
        return wakeup

    def add(self, call: RTMCall) -> bool:
        """Take a call: send it now, or when its turn comes; return whether it was sent."""
        if call.deadline < self._expiry:  # noqa: PLR1730 - twice as quick, on every call
            self._expiry = call.deadline
        call.begin()
        if self.open and not self._queue.size and self._has_room():
            self._send(call)
            return True
        self._queue.add(call)
        if self.open:
            self.pump()
        return False

    def add_own(self, call: RTMCall) -> None:
        """Take a call of the session itself, which goes before all others."""
        call.begin()
        self._expiry = min(self._expiry, call.deadline)
        if self._has_room():
            self._send(call)
        else:
            self._queue.add_first(call)

    def add_ping(self, now: float) -> bool:
        """Take a place for a ping; return whether there was one.

        One ping at a time: check ``pinging`` first.
        """
        if not self._has_room():
            return False
        self._places[PING_ID] = now + SERVER_LIMIT
        return True

    def pinging(self, now: float) -> bool:
        """Whether the server still has a ping to respond to."""
        return self._places.get(PING_ID, -inf) > now

    def abandon(self, call: RTMCall) -> None:
        """Forget a call whose response nobody waits for any more."""
        if not call.done:
            call.end(self._clock(), abandoned=True)
        call.done = True
        call.deadline = min(call.deadline, self._clock() + FORGET_AFTER)
        self._expiry = min(self._expiry, call.deadline)

    def _has_room(self) -> bool:
        places = self._places
        if len(places) >= WINDOW:
            now = self._clock()
            for request_id in [name for name, free_at in places.items() if free_at <= now]:
                del places[request_id]
        return len(places) < WINDOW

    def pump(self) -> None:
        """Send what waits, as far as there is room."""
        while self._has_room():
            call = self._queue.pop()
            if call is None:
                return
            self._send(call)

    def responded(self, frame: Frame) -> RTMCall | None:
        """Take a response; return the call that it ended well, if any."""
        call = self._pending.pop(frame.request_id, None)
        self._places.pop(frame.request_id, None)
        if call is None and frame.action == "ping":
            self._places.pop(PING_ID, None)
        if self._queue.size and self.open:
            self.pump()
        if call is None:
            if frame.action != "ping":
                self._log.warning(
                    "ignored a response to an unknown request (%r)", excerpt(frame.action or "", 40)
                )
            return None
        if call.done:
            return None
        call.size = len(memoryview(frame.payload))
        try:
            response = read_response(frame, call)
        except FrontdeskError as error:
            call.watch.failed(error)
            if isinstance(error, TooManyRequests):
                self._slow_down(call)
            if not self._try_again(call, error):
                self.settle(call, error=error)
            return None
        if call.limiter is not None and (call.paced or call.limiter.active):
            call.limiter.accepted(self._clock())
        self.settle(call, response=response)
        return call

    def tick(self, now: float) -> None:
        """Fail the calls whose time is over, and send those whose pause is over."""
        if now >= self._expiry:
            self._expire(now)
        while self._later and self._later[0][0] <= now:
            self._queue.add(heapq.heappop(self._later)[2])
        if self.open:
            self.pump()

    def unsent(self, frame: bytes) -> None:
        """Take note that the connection did not take a frame, because it is ending."""
        request_id = frame[len(ID_BEFORE) : frame.index(b'"', len(ID_BEFORE))].decode()
        call = self._pending.get(request_id)
        if call is not None:
            self._unsent.add(request_id)
            call.meter.take_back(call.spec.name)
            call.attempts -= 1

    def _off_the_wire(self) -> list[tuple[RTMCall, bool]]:
        """Take all calls off the wire; each with whether its frame was sent."""
        calls = [(call, name not in self._unsent) for name, call in self._pending.items()]
        self._pending.clear()
        self._places.clear()
        self._unsent.clear()
        return calls

    def lose(self) -> None:
        """After the connection ended: keep what may be sent again, fail the rest."""
        self.open = False
        waiting = list(self._waiting())
        for call, sent in self._off_the_wire():
            doubt = "; the work may have been done" if sent else ""
            lost = ConnectionClosed(
                f"the connection ended before the response came{doubt}", maybe_sent=sent
            )
            call.watch.failed(lost)
            if not (call.done or call.same_connection) and call.retry.allows(
                lost, attempt=call.attempts, repeatable=call.spec.repeatable
            ):
                call.failure = lost
                self._queue.add_first(call)
            else:
                self.settle(call, error=lost)
        for call in waiting:
            if call.same_connection:
                sent = call.attempts > 0
                self.settle(call, error=ConnectionClosed("the connection ended", maybe_sent=sent))

    def fail_waiting(self, error: Callable[[bool], FrontdeskError]) -> None:
        """Fail what waits; ``error`` takes whether the call may have reached the server."""
        waiting = list(self._waiting())
        self._queue = FairQueue()
        self._later.clear()
        for call in waiting:
            self.settle(call, error=error(call.attempts > 0))

    def fail_all(self, error: Callable[[bool], FrontdeskError]) -> None:
        """Fail everything."""
        for call, sent in self._off_the_wire():
            self.settle(call, error=error(sent or call.attempts > 0))
        self.fail_waiting(error)
        self._expiry = inf

    def settle(
        self, call: RTMCall, *, response: Any = None, error: FrontdeskError | None = None
    ) -> None:
        """End a call, once."""
        if call.done:
            return
        if isinstance(error, TransportError):
            error.action, error.attempts = call.spec.name, call.attempts
        call.done = True
        call.response = response
        call.error = error
        call.end(self._clock())
        call.finish()

    def _send(self, call: RTMCall) -> None:
        name = call.spec.name
        try:
            call.meter.count(name)
        except BudgetExceeded as spent:
            error = spent
            if call.failure is not None:
                error = BudgetExceeded(spent.limit, call.failure)
                error.__cause__ = call.failure
            self.settle(call, error=error)
            return
        self._ids = call.number = self._ids + 1
        request_id = str(call.number)
        call.attempts += 1
        call.watch.sending(call.attempts)
        call.sent_at = self._clock()
        self._pending[request_id] = call
        self._places[request_id] = call.sent_at + SERVER_LIMIT
        self._steps.append(request_frame(request_id, name, call.payload))

    def _try_again(self, call: RTMCall, error: FrontdeskError) -> bool:
        """Arrange another try where the policy and the deadline allow it."""
        policy, attempt = call.retry, call.attempts
        refused = isinstance(error, APIError) and error.type == "pending_requests_limit_reached"
        if not policy.allows(error, attempt=attempt, repeatable=call.spec.repeatable) and not (
            refused and attempt < policy.attempts
        ):
            return False
        now = self._clock()
        pause = policy.pause(attempt, self._rng)
        if call.paced and call.limiter is not None:
            pause = max(pause, call.limiter.wait(call.limiter.enter(now), now))
        if now + pause >= call.deadline or not self.open:
            return False
        due = now + pause
        call.failure = error
        self._retries += 1
        heapq.heappush(self._later, (due, self._retries, call))
        return True

    def _slow_down(self, call: RTMCall) -> None:
        """Take note that the server refused a call for its rate."""
        call.meter.throttle()
        if call.limiter is not None:
            call.limiter.refused(self._clock(), sent_at=call.sent_at)

    def _waiting(self) -> Iterator[RTMCall]:
        yield from self._queue
        for _, _, call in self._later:
            yield call

    def _expire(self, now: float) -> None:
        for request_id, call in list(self._pending.items()):
            if call.deadline > now or self._pending.get(request_id) is not call:
                continue
            if call.done:
                del self._pending[request_id]
            else:
                call.deadline = now + FORGET_AFTER
                text = f"no response within {call.timeout:g} s; the work may have been done"
                self.settle(call, error=RequestTimeout(text))
        for call in list(self._waiting()):
            if call.deadline <= now:
                text = f"could not be sent within {call.timeout:g} s"
                sent = call.attempts > 0
                self.settle(call, error=RequestTimeout(text, maybe_sent=sent))
        self._queue.discard_done()
        self._later = [entry for entry in self._later if not entry[2].done]
        heapq.heapify(self._later)
        alive = [*self._pending.values(), *self._waiting()]
        self._expiry = min((call.deadline for call in alive), default=inf)
