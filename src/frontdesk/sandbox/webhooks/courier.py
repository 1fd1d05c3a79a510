"""The attempts to deliver webhooks: in order, with the sandbox's time limits and retries."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from frontdesk.concurrency.ordered_executor import OrderedExecutor
from frontdesk.concurrency.threads import BackgroundLoop
from frontdesk.errors import TransportError
from frontdesk.sandbox.webhooks.alarms import TICK, Alarms
from frontdesk.sandbox.webhooks.delivery import USER_AGENT, Attempt, Delivery
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.clock import from_micros, to_micros
from frontdesk.transport import Reply, Request

__all__ = ["CAPACITY", "Courier"]

TIMEOUT: Final = 10
MICROS: Final = 1_000_000
CAPACITY: Final = 100_000
"""Webhooks that may wait; more than that are dead letters at once."""
AT_ONCE: Final = 64
"""Attempts per host at once."""
GRACE: Final = 0.25
"""Real seconds that an attempt gets at least, when the clock is moved past its time-out."""
HEADERS: Final = {"Content-Type": "application/json", "User-Agent": USER_AGENT}


class Courier:
    """Makes the attempts, on the event loop of its thread.

    Args:
        world: whose clock and whose rules of where to send hold.
        background: the loop.
        finish: called with a delivery, and ``delivered``, when its last attempt is over.
        count_retry: called before each attempt but the first.
        attempted: called with a delivery whose attempt failed, and has another one to come.
    """

    def __init__(
        self,
        world: World,
        background: BackgroundLoop,
        finish: Callable[..., None],
        count_retry: Callable[[], None],
        attempted: Callable[[Delivery], None],
    ) -> None:
        # The library that it needs loads only when a webhook is sent.
        from frontdesk.transport.guarded import GuardedTransport

        self._world = world
        self._background = background
        self._finish = finish
        self._count_retry = count_retry
        self._attempted = attempted
        self._transport = GuardedTransport(world.targets.permits)
        self._executor: OrderedExecutor[Delivery] = OrderedExecutor(
            self._deliver, concurrency=CAPACITY, capacity=CAPACITY
        )
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._alarms = Alarms(lambda: world.clock.peek())  # noqa: PLW0108 - a restore replaces it
        self._moving = 0
        self._inbox: deque[Delivery] = deque()
        self._notified = False

    def accept(self, deliveries: list[Delivery]) -> None:
        """Send these; the world's lock is held."""
        self._inbox.extend(deliveries)
        if not self._notified:
            # Once is enough until they are taken: each time costs a call into the system.
            self._notified = True
            self._background.call(self._take)

    def _take(self) -> None:
        self._notified = False
        while self._inbox:
            delivery = self._inbox.popleft()
            key = (delivery.owner_client_id, delivery.url, delivery.ordering_key)
            self._executor.submit(key, delivery)

    async def settle(self, seconds: float) -> None:
        """Wait until nothing moves, for some seconds at most."""
        async with asyncio.timeout(seconds):
            quiet = 0
            # A worker that was just started has not begun to move yet.
            while quiet < 2:  # noqa: PLR2004
                busy = self._moving or self._inbox or self._alarms.due
                quiet = 0 if busy else quiet + 1
                await asyncio.sleep(0 if not self._moving else TICK / 4)

    async def close(self) -> None:
        """Stop sending."""
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
        # Some may have been made before the sandbox was opened.
        made = delivery.attempts
        first = to_micros(made[0].at) if made else self._world.clock.peek()
        planned = (0, *delivery.retries)
        for seconds in planned[len(made) :]:
            if seconds:
                await self._until(first + seconds * MICROS)
                self._count_retry()
            attempt = await self._attempt(delivery)
            delivery.attempts = [*delivery.attempts, attempt]
            if attempt.status == 200:  # noqa: PLR2004 - the one that counts as success
                return True
            if seconds != planned[-1]:
                self._attempted(delivery)
        return False

    async def _until(self, due: int) -> None:
        self._moving -= 1
        try:
            await self._alarms.wait(due)
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
                return Attempt(at=at, error=f"no response within {TIMEOUT} s")
            return Attempt(at=at, status=reply.status)

    async def _send(self, request: Request, until: int) -> Reply:
        """Send until a time of the sandbox's clock, even if that is moved."""
        now = asyncio.get_running_loop().time
        earliest = now() + GRACE
        async with asyncio.timeout(None) as limit:
            alarm = self._alarms.set(until, lambda: limit.reschedule(max(now(), earliest)))
            try:
                return await self._transport.send(request)
            finally:
                self._alarms.drop(alarm)
