"""The requests on the wire, ten at the most, and those that wait for their turn."""

import heapq
import logging
import random
from collections import deque
from collections.abc import Callable, Iterator
from math import inf
from typing import Any, Final

from frontdesk.core.rtm.calls import RTMCall
from frontdesk.core.rtm.frames import Frame, read_answer, request_frame
from frontdesk.core.rtm.queue import FairQueue
from frontdesk.core.rtm.settings import Step
from frontdesk.errors import (
    APIError,
    ConnectionClosed,
    FrontdeskError,
    RequestTimeout,
    TransportError,
)

__all__ = ["WINDOW", "Window"]

WINDOW: Final = 10
"""Requests that the server accepts at a time on one connection."""
FORGET_AFTER: Final = 30.0
"""Seconds for which a call that was given up still counts as pending: twice the server's limit."""


class Window:
    """Sends calls, matches answers to them by request id, and fails what takes too long.

    Frames to send are appended to ``steps``. A call that its owner has given up (``done``) keeps
    its place on the wire, because the server still works on it.
    """

    def __init__(
        self,
        steps: deque[Step],
        clock: Callable[[], float],
        rng: random.Random,
        log: logging.Logger,
    ) -> None:
        self.open = False
        """Whether calls may be sent now; the session's own ones always may."""
        self._steps = steps
        self._clock = clock
        self._rng = rng
        self._log = log
        self._ids = 0
        self._pending: dict[str | None, RTMCall] = {}
        self._queue = FairQueue()
        self._later: list[tuple[float, int, RTMCall]] = []
        self._expiry = inf
        """A lower bound: no call meets its deadline before."""

    @property
    def full(self) -> bool:
        """Whether the server would refuse one more request."""
        return len(self._pending) >= WINDOW

    @property
    def idle(self) -> bool:
        """Whether nobody waits for an answer."""
        waiting = self._queue.size or self._later
        return not waiting and all(call.done for call in self._pending.values())

    @property
    def retrying(self) -> bool:
        """Whether calls wait for another try."""
        return bool(self._later)

    @property
    def wakeup(self) -> float:
        """When ``tick`` has something to do, in the clock's time."""
        return min(self._expiry, self._later[0][0]) if self._later else self._expiry

    def add(self, call: RTMCall) -> None:
        """Take a call: send it now, or when its turn comes."""
        if self.open and len(self._pending) < WINDOW and not self._queue.size:
            self._send(call)
        else:
            self._queue.add(call)
        if call.deadline < self._expiry:  # noqa: PLR1730 - twice as quick, on every call
            self._expiry = call.deadline

    def add_own(self, call: RTMCall) -> None:
        """Take a call of the session itself, which goes before all others."""
        if self.full:
            self._queue.add_first(call)
        else:
            self._send(call)
        self._expiry = min(self._expiry, call.deadline)

    def pump(self) -> None:
        """Send what waits, as far as there is room."""
        while len(self._pending) < WINDOW:
            call = self._queue.pop()
            if call is None:
                return
            self._send(call)

    def answered(self, frame: Frame) -> RTMCall | None:
        """Take a response; return the call that it ended well, if any."""
        call = self._pending.pop(frame.request_id, None)
        if call is None:
            if frame.action != "ping":
                self._log.warning("ignored a response to an unknown request (%.40r)", frame.action)
            return None
        if self._queue.size and self.open:
            self.pump()
        if call.done:
            return None
        payload = bytes(frame.payload)
        call.size = len(payload)
        try:
            answer = read_answer(frame, payload, call.spec, call.attempts)
        except FrontdeskError as error:
            if not self._try_again(call, error):
                self.settle(call, error=error)
            return None
        self.settle(call, answer=answer)
        return call

    def tick(self, now: float) -> None:
        """Fail the calls whose time is over, and send those whose pause is over."""
        if now >= self._expiry:
            self._expire(now)
        while self._later and self._later[0][0] <= now:
            self._queue.add(heapq.heappop(self._later)[2])
        if self.open:
            self.pump()

    def lose(self) -> None:
        """After the connection ended: keep what may be sent again, fail the rest."""
        self.open = False
        waiting = list(self._waiting())
        on_wire = list(self._pending.values())
        self._pending.clear()
        for call in on_wire:
            lost = ConnectionClosed(
                "the connection ended before the answer came; the work may have been done"
            )
            if not (call.done or call.same_connection) and call.retry.allows(
                lost, attempt=call.attempts, repeatable=call.spec.repeatable
            ):
                self._queue.add_first(call)
            else:
                self.settle(call, error=lost)
        for call in waiting:
            if call.same_connection:
                sent = call.attempts > 0
                self.settle(call, error=ConnectionClosed("the connection ended", maybe_sent=sent))

    def fail_waiting(self, error: Callable[[bool], FrontdeskError]) -> None:
        """Fail what waits; ``error`` is told whether the call may have reached the server."""
        waiting = list(self._waiting())
        self._queue = FairQueue()
        self._later.clear()
        for call in waiting:
            self.settle(call, error=error(call.attempts > 0))

    def fail_all(self, error: Callable[[bool], FrontdeskError]) -> None:
        """Fail everything."""
        self.open = False
        on_wire = list(self._pending.values())
        self._pending.clear()
        for call in on_wire:
            self.settle(call, error=error(True))
        self.fail_waiting(error)
        self._expiry = inf

    def settle(
        self, call: RTMCall, *, answer: Any = None, error: FrontdeskError | None = None
    ) -> None:
        """End a call, once."""
        if call.done:
            return
        if isinstance(error, TransportError):
            error.action, error.attempts = call.spec.name, call.attempts
        call.done = True
        call.answer = answer
        call.error = error
        call.finish()

    def _send(self, call: RTMCall) -> None:
        name = call.spec.name
        try:
            call.meter.count(name)
        except FrontdeskError as error:
            self.settle(call, error=error)
            return
        self._ids += 1
        request_id = str(self._ids)
        call.attempts += 1
        self._pending[request_id] = call
        self._steps.append(request_frame(request_id, name, call.payload))

    def _try_again(self, call: RTMCall, error: FrontdeskError) -> bool:
        """Arrange another try where the policy and the deadline allow it."""
        policy, attempt = call.retry, call.attempts
        refused = isinstance(error, APIError) and error.type == "pending_requests_limit_reached"
        if not policy.allows(error, attempt=attempt, repeatable=call.spec.repeatable) and not (
            refused and attempt < policy.attempts
        ):
            return False
        due = self._clock() + policy.pause(attempt, self._rng)
        if due >= call.deadline or not self.open:
            return False
        self._ids += 1
        heapq.heappush(self._later, (due, self._ids, call))
        return True

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
                text = f"no answer within {call.timeout:g} s; the work may have been done"
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
