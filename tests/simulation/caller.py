"""Calls by a program: safe ones and others, many at a time, some of them given up."""

import asyncio
from collections import Counter
from collections.abc import Callable
from math import inf
from random import Random
from typing import Any

from msgspec import Struct

from frontdesk.actions import Action, GetChat, ListChats, ListThreads, SendEvent, TagThread
from frontdesk.errors import APIError, ConnectError, FrontdeskError, TransportError
from frontdesk.models import ChatsFilters, Message
from frontdesk.sandbox.world import Effect

from .clock import SimulatedLoop
from .company import Company
from .listener import TokenServiceDown
from .server import TAGS, Server
from .trace import Trace

TIMEOUTS = (1.0, 5.0, 20.0)
NEVER_DONE = ("validation", "authorization", "missing_access", "not_found", "chat_inactive",
              "too_many_requests", "service_unavailable", "authentication")  # fmt: skip
"""Errors with which the server says that it has not done the work."""


class Made(Struct):
    """A call that was made."""

    number: int
    action: str
    begun: float
    by: float
    """When it has to be over."""
    text: str | None = None
    """What it sends; nobody else sends the same."""
    ended: float | None = None
    outcome: str = "none"
    may_be_done: bool = True
    must_be_done: bool = False


class Caller:
    """Makes calls at random through one client, and writes down how each one ends.

    Args:
        limit: how long a call with this time-out may take at the most.
    """

    def __init__(
        self,
        name: str,
        client: Any,
        loop: SimulatedLoop,
        company: Company,
        trace: Trace,
        rng: Random,
        *,
        limit: Callable[[float], float],
    ) -> None:
        self.name = name
        self.made: list[Made] = []
        self.strange: list[str] = []
        self._loop = loop
        self._company = company
        self._trace = trace
        self._rng = rng
        self._limit = limit
        self._clients = {timeout: client.with_options(timeout=timeout) for timeout in TIMEOUTS}
        self._tasks: list[asyncio.Task[None]] = []

    async def live(self, seconds: float, pause: float) -> None:
        """Make calls for some time, in bursts."""
        until = self._loop.time() + seconds
        while True:
            wait = self._rng.expovariate(1 / pause)
            if self._loop.time() + wait >= until:
                return
            await asyncio.sleep(wait)
            for _ in range(self._rng.choice((1, 1, 2, 14))):
                self.begin()

    @property
    def over(self) -> bool:
        """Whether no call is under way."""
        return all(made.ended is not None for made in self.made)

    def begin(self) -> None:
        """Make one call."""
        action = self._action()
        if action is None:
            return
        timeout = self._rng.choice(TIMEOUTS)
        now = self._loop.time()
        text: str | None = None
        if isinstance(action, SendEvent) and isinstance(action.event, Message):
            text = action.event.text or None
        made = Made(len(self.made), action.spec.name, now, now + self._limit(timeout), text=text)
        self.made.append(made)
        self._trace(self.name, f"call {made.number} {made.action} within {timeout:g} s")
        task = self._loop.create_task(self._call(made, self._clients[timeout], action))
        self._tasks.append(task)
        if self._rng.random() < 0.1:
            self._loop.call_later(self._rng.expovariate(1.0), task.cancel)

    async def _call(self, made: Made, client: Any, action: Action[Any]) -> None:
        try:
            await client(action)
        except FrontdeskError as error:
            made.outcome = f"{type(error).__name__}: {error}"
            made.may_be_done = _may_be_done(error)
        except TokenServiceDown as error:
            made.outcome = str(error)
        except asyncio.CancelledError:
            made.outcome = "cancelled"
        except Exception as error:
            made.outcome = f"{error!r}"
            self.strange.append(f"{self.name}: call {made.number} raised {error!r}")
        else:
            made.outcome = "ok"
            made.must_be_done = True
        made.ended = self._loop.time()
        self._trace(self.name, f"call {made.number} {made.action}: {made.outcome}")

    def _action(self) -> Action[Any] | None:
        rng = self._rng
        chat = self._company.draw(rng, active=None)
        kind = rng.random()
        if kind < 0.2 or chat is None or chat.last_thread is None:
            return ListChats(filters=ChatsFilters(active=rng.random() < 0.5))
        if kind < 0.7:
            text = f"{self.name} {len(self.made)}"
            return SendEvent(chat_id=chat.id, event=Message(text=text))
        if kind < 0.8:
            return GetChat(chat_id=chat.id)
        if kind < 0.9:
            return ListThreads(chat_id=chat.id)
        return TagThread(chat_id=chat.id, thread_id=chat.last_thread.id, tag=rng.choice(TAGS))


def _may_be_done(error: FrontdeskError) -> bool:
    match error:
        case ConnectError():
            return False
        case TransportError():
            return error.maybe_sent
        case APIError():
            return error.type not in NEVER_DONE
        case _:
            return True


class Effects:
    """What the calls have done in the world: how often each text was written."""

    def __init__(self, server: Server) -> None:
        self.texts: Counter[str] = Counter()
        server.world.subscribe(self._happened)

    def _happened(self, effects: list[Effect]) -> None:
        for one in effects:
            if one.push == "incoming_event":
                text = getattr(one.payload.event, "text", None)
                if text is not None:
                    self.texts[text] += 1


def calls_end(caller: Caller, now: float) -> list[str]:
    """Every call ended, in time, with what a client may raise."""
    faults = list(caller.strange)
    for made in caller.made:
        ended = inf if made.ended is None else made.ended
        if ended > made.by + 0.001 and now > made.by:
            how = "did not end" if made.ended is None else f"ended at {ended:.3f}"
            faults.append(
                f"{caller.name}: call {made.number} {made.action} of {made.begun:.3f} {how}, "
                f"due by {made.by:.3f} ({made.outcome})"
            )
    return faults


def calls_do(caller: Caller, effects: Effects) -> list[str]:
    """No call was carried out twice, and its result tells whether it was carried out."""
    faults: list[str] = []
    for made in caller.made:
        if made.text is None:
            continue
        times = effects.texts[made.text]
        description = f"{caller.name}: call {made.number} {made.action} ({made.outcome})"
        if times > 1:
            faults.append(f"{description} was carried out {times} times")
        if made.must_be_done and not times:
            faults.append(f"{description} was not carried out")
        if times and not made.may_be_done:
            faults.append(f"{description} was carried out")
    return faults
