"""Sending webhooks: on a thread of its own, so that no call waits for one.

::

    world ── effects ──▶ Deliveries ── lane per chat and host ──▶ attempt ── 200 ──▶ delivered
                                                          ▲            │ else
                                                          └─ 5, 20, 50 s later ──▶ dead letter

An attempt has 10 s; what fails is repeated up to three times within a minute. All of these seconds
are the sandbox's: moving its clock makes repeats due. The webhooks of a chat that go to the same
host keep their order, so one that has to be repeated holds up those behind it.
"""

import asyncio
import heapq
import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from frontdesk._ordered_executor import OrderedExecutor
from frontdesk._threads import BackgroundLoop
from frontdesk.errors import TransportError
from frontdesk.sandbox.store.company import nobody_listens
from frontdesk.sandbox.webhooks.calls import WebhookCall, webhook_calls
from frontdesk.sandbox.world import Effect, World
from frontdesk.sandbox.world.clock import from_micros
from frontdesk.transport import Reply, Request

__all__ = ["Attempt", "Deliveries", "Delivery", "DeliveryCounts"]

REPEATS: Final = (5, 20, 50)
"""Seconds from the first attempt to each repeat."""
TIMEOUT: Final = 10
MICROS: Final = 1_000_000
CAPACITY: Final = 100_000
"""Webhooks that may wait; more than that are dead letters at once."""
KEPT: Final = 1000
"""Finished deliveries, and dead letters, that are remembered."""
AT_ONCE: Final = 64
"""Attempts per host at once."""
GRACE: Final = 0.25
"""Real seconds that an attempt gets at least, when the clock is moved past its time-out."""
TICK: Final = 0.02
"""Seconds between looks at the sandbox's clock while somebody waits for it."""
HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "frontdesk-sandbox"}
_LOG: Final = logging.getLogger("frontdesk.sandbox")


class Attempt(Struct, frozen=True, kw_only=True, gc=False):
    """One try to deliver a webhook: the status of the answer, or why there is none."""

    at: datetime
    status: int | None = None
    error: str | None = None


class Delivery(Struct, kw_only=True):
    """A webhook on its way. ``body`` is what is sent, its secret included."""

    number: int
    webhook_id: str
    action: str
    url: str
    lane: str
    created_at: datetime
    body: bytes
    state: Literal["waiting", "delivered", "dead"] = "waiting"
    attempts: list[Attempt] = []

    @property
    def webhook(self) -> dict[str, Any]:
        """What is sent, without its secret."""
        content: dict[str, Any] = msgspec.json.decode(self.body)
        del content["secret_key"]
        return content

    def __repr__(self) -> str:
        return (
            f"Delivery({self.number}, {self.action!r} to {self.url!r}, {self.state}, "
            f"{len(self.attempts)} attempts)"
        )


class DeliveryCounts(Struct):
    """How many webhooks wait, and what became of the others since the sandbox began."""

    waiting: int = 0
    delivered: int = 0
    repeats: int = 0
    """Attempts after the first one."""
    dead: int = 0
    """Webhooks that were given up."""


class Deliveries:
    """Sends what the world causes to whoever is registered for it.

    Args:
        world: what happens.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._unsubscribe: Callable[[], None] | None = None
        self._numbers = count(1)
        self._own = threading.Lock()
        self._waiting: dict[int, Delivery] = {}
        self._delivered: deque[Delivery] = deque(maxlen=KEPT)
        self._dead: deque[Delivery] = deque(maxlen=KEPT)
        self._counts = DeliveryCounts()
        self._background: BackgroundLoop | None = None
        self._courier: _Courier | None = None
        world.store.company.on_webhooks = self._watch
        self._watch()

    @property
    def counts(self) -> DeliveryCounts:
        """What became of the webhooks so far."""
        with self._own:
            return msgspec.structs.replace(self._counts, waiting=len(self._waiting))

    def all(self, state: Literal["waiting", "delivered", "dead"] | None = None) -> list[Delivery]:
        """The webhooks that wait and the latest finished ones, oldest first.

        ``state`` selects those that wait, that were delivered, or that were given up.
        """
        with self._own:
            found = [*self._waiting.values(), *self._delivered, *self._dead]
        wanted = [one for one in found if state is None or one.state == state]
        return sorted(wanted, key=lambda one: one.number)

    def dead_letters(self) -> list[Delivery]:
        """The latest webhooks that were given up, oldest first."""
        return self.all("dead")

    def settle(self, timeout: float = 30.0) -> None:
        """Wait until nothing is under way but repeats that are not due yet.

        Raises ``TimeoutError`` after ``timeout`` seconds.
        """
        if self._background is not None and self._courier is not None:
            self._background.run(self._courier.settle(timeout))

    async def asettle(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109 - as `settle`
        """Do as ``settle``, without holding up the running event loop."""
        await asyncio.to_thread(self.settle, timeout)

    def clear(self) -> None:
        """Forget everything, what waits included."""
        self._stop()
        with self._own:
            self._waiting.clear()
            self._delivered.clear()
            self._dead.clear()
            self._counts = DeliveryCounts()

    def close(self) -> None:
        """Stop sending; what waits is lost."""
        self._world.store.company.on_webhooks = nobody_listens
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._stop()

    def _stop(self) -> None:
        background, self._background = self._background, None
        courier, self._courier = self._courier, None
        if background is not None and courier is not None:
            background.run(courier.close())
            background.stop()

    def _watch(self) -> None:
        """Listen to the world only while somebody is registered: listening costs every call."""
        registered = bool(self._world.store.company.webhooks)
        if registered and self._unsubscribe is None:
            self._started()
            self._unsubscribe = self._world.subscribe(self._on_effects)
        elif not registered and self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _on_effects(self, effects: list[Effect]) -> None:
        """Queue what is to be sent. The world's lock is held, and a call waits for this."""
        try:
            made = [
                self._made(call, effect)
                for effect in effects
                if effect.webhook is not None
                for call in webhook_calls(self._world, effect)
            ]
        except Exception:  # noqa: BLE001 - a webhook must not cost the call that caused it
            _LOG.exception("a webhook could not be made; this is a defect of the sandbox")
            return
        if made:
            accepted = [delivery for delivery in made if delivery.state == "waiting"]
            self._started().accept(accepted)

    def _made(self, call: WebhookCall, effect: Effect) -> Delivery:
        delivery = Delivery(
            number=next(self._numbers),
            webhook_id=call.webhook_id,
            action=call.action,
            url=call.url,
            lane=call.ordering_key,
            created_at=effect.at,
            body=call.body,
            attempts=[],
        )
        with self._own:
            self._waiting[delivery.number] = delivery
            full = len(self._waiting) > CAPACITY
        if full:
            error = f"{CAPACITY} webhooks wait already"
            delivery.attempts.append(Attempt(at=effect.at, error=error))
            self._finish(delivery, delivered=False)
        return delivery

    def _started(self) -> "_Courier":
        if self._courier is None:
            self._background = BackgroundLoop("frontdesk-sandbox-webhooks")
            self._courier = _Courier(self._world, self._background, self._finish, self._repeated)
        return self._courier

    def _repeated(self) -> None:
        with self._own:
            self._counts.repeats += 1

    def _finish(self, delivery: Delivery, *, delivered: bool) -> None:
        with self._own:
            self._waiting.pop(delivery.number, None)
            if delivered:
                delivery.state = "delivered"
                self._counts.delivered += 1
                self._delivered.append(delivery)
            else:
                delivery.state = "dead"
                self._counts.dead += 1
                self._dead.append(delivery)


class _Courier:
    """Makes the attempts, on the event loop of its thread."""

    def __init__(
        self,
        world: World,
        background: BackgroundLoop,
        finish: Callable[..., None],
        repeated: Callable[[], None],
    ) -> None:
        from frontdesk.transport.guarded import GuardedTransport

        self._world = world
        self._background = background
        self._finish = finish
        self._repeated = repeated
        self._transport = GuardedTransport(world.targets.permits)
        self._executor: OrderedExecutor[Delivery] = OrderedExecutor(
            self._deliver, concurrency=CAPACITY, capacity=CAPACITY
        )
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._alarms = _Alarms(lambda: world.clock.peek())  # noqa: PLW0108 - a restore replaces it
        self._moving = 0
        self._inbox: deque[Delivery] = deque()
        self._told = False

    def accept(self, deliveries: list[Delivery]) -> None:
        """Send these; the world's lock is held."""
        self._inbox.extend(deliveries)
        if not self._told:
            # Once is enough until they are taken: each time costs a call into the system.
            self._told = True
            self._background.call(self._take)

    def _take(self) -> None:
        self._told = False
        while self._inbox:
            delivery = self._inbox.popleft()
            self._executor.submit((urlsplit(delivery.url).netloc, delivery.lane), delivery)

    async def settle(self, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            quiet = 0
            # A worker that was just started has not begun to move yet.
            while quiet < 2:  # noqa: PLR2004
                busy = self._moving or self._inbox or self._alarms.due
                quiet = 0 if busy else quiet + 1
                await asyncio.sleep(0 if not self._moving else TICK / 4)

    async def close(self) -> None:
        await self._executor.drain(0)
        self._alarms.close()
        await self._transport.close()

    async def _deliver(self, delivery: Delivery) -> None:
        self._moving += 1
        try:
            delivered = await self._attempts(delivery)
        finally:
            self._moving -= 1
        self._finish(delivery, delivered=delivered)

    async def _attempts(self, delivery: Delivery) -> bool:
        first = self._world.clock.peek()
        for seconds in (0, *REPEATS):
            if seconds:
                await self._until(first + seconds * MICROS)
                self._repeated()
            attempt = await self._attempt(delivery)
            delivery.attempts = [*delivery.attempts, attempt]
            if attempt.status == 200:  # noqa: PLR2004 - the one that counts as success
                return True
        return False

    async def _until(self, moment: int) -> None:
        self._moving -= 1
        try:
            await self._alarms.wait(moment)
        finally:
            self._moving += 1

    async def _attempt(self, delivery: Delivery) -> Attempt:
        host = urlsplit(delivery.url).netloc
        places = self._hosts.get(host)
        if places is None:
            places = self._hosts[host] = asyncio.Semaphore(AT_ONCE)
        async with places:
            started = self._world.clock.peek()
            at = from_micros(started)
            request = Request(delivery.url, HEADERS, delivery.body, TIMEOUT)
            try:
                reply = await self._send(request, started + TIMEOUT * MICROS)
            except TransportError as error:
                return Attempt(at=at, error=error.message)
            except TimeoutError:
                return Attempt(at=at, error=f"no answer within {TIMEOUT} s")
            return Attempt(at=at, status=reply.status)

    async def _send(self, request: Request, until: int) -> Reply:
        """Send until a moment of the sandbox's clock, even if that is moved."""
        now = asyncio.get_running_loop().time
        earliest = now() + GRACE
        async with asyncio.timeout(None) as limit:
            alarm = self._alarms.set(until, lambda: limit.reschedule(max(now(), earliest)))
            try:
                return await self._transport.send(request)
            finally:
                self._alarms.drop(alarm)


class _Alarm:
    """Something to do at a moment of the sandbox's clock."""

    __slots__ = ("call", "moment", "rang")

    def __init__(self, moment: int, call: Callable[[], object]) -> None:
        self.moment = moment
        self.call = call
        self.rang = False

    def __lt__(self, other: "_Alarm") -> bool:
        return self.moment < other.moment


class _Alarms:
    """Alarms on a clock that can be moved at any time, so it is looked at every now and then."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._set: list[_Alarm] = []
        self._dropped = 0
        self._ticking: asyncio.TimerHandle | None = None

    @property
    def due(self) -> bool:
        """Whether an alarm is about to ring."""
        return bool(self._set) and self._set[0].moment <= self._now()

    def set(self, moment: int, call: Callable[[], object]) -> _Alarm:
        alarm = _Alarm(moment, call)
        heapq.heappush(self._set, alarm)
        if self._ticking is None:
            self._ticking = asyncio.get_running_loop().call_later(TICK, self._tick)
        return alarm

    def drop(self, alarm: _Alarm) -> None:
        """Take back an alarm, which may have rung."""
        if alarm.rang:
            return
        alarm.rang = True
        self._dropped += 1
        if self._dropped * 2 > len(self._set):
            self._set = [one for one in self._set if not one.rang]
            heapq.heapify(self._set)
            self._dropped = 0

    async def wait(self, moment: int) -> None:
        """Wait for a moment."""
        reached = asyncio.get_running_loop().create_future()

        def reach() -> None:
            if not reached.done():
                reached.set_result(None)

        alarm = self.set(moment, reach)
        try:
            await reached
        finally:
            self.drop(alarm)

    def close(self) -> None:
        self._set.clear()
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None

    def _tick(self) -> None:
        self._ticking = None
        now = self._now()
        while self._set and self._set[0].moment <= now:
            alarm = heapq.heappop(self._set)
            if alarm.rang:
                self._dropped -= 1
                continue
            alarm.rang = True
            alarm.call()
        if self._set:
            self._ticking = asyncio.get_running_loop().call_later(TICK, self._tick)
