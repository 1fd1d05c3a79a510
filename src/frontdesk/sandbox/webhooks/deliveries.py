"""Sending webhooks: on a thread of its own, so that no call waits for one.

::

    world ── effects ──▶ Deliveries ── in order per chat and host ──▶ attempt ── 200 ──▶ delivered
                                                          ▲              │ else
                                                          └─ 5, 20, 50 s later ──▶ dead letter

An attempt has 10 s; what fails gets up to three retries within a minute. All of these seconds are
the sandbox's: moving its clock makes retries due. The webhooks of a chat that go to the same host
keep their order, so one that has to be retried holds up those behind it.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Final, Literal

import msgspec
from msgspec import Struct

from frontdesk.concurrency.threads import BackgroundLoop
from frontdesk.sandbox.store.company import nobody_listens
from frontdesk.sandbox.webhooks.calls import WebhookCall, webhook_calls
from frontdesk.sandbox.webhooks.courier import CAPACITY, Courier
from frontdesk.sandbox.webhooks.delivery import Attempt, Delivery
from frontdesk.sandbox.world import Effect, World

__all__ = ["Deliveries", "DeliveryCounts"]

KEPT: Final = 1000
"""Finished deliveries, and dead letters, that are remembered."""
_LOG: Final = logging.getLogger("frontdesk.sandbox")


class DeliveryCounts(Struct):
    """How many webhooks wait, and what became of the others since the sandbox began."""

    waiting: int = 0
    delivered: int = 0
    retries: int = 0
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
        self._courier: Courier | None = None
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
            deliveries = [*self._waiting.values(), *self._delivered, *self._dead]
        selected = [each for each in deliveries if state in (None, each.state)]
        return sorted(selected, key=lambda delivery: delivery.number)

    def dead_letters(self) -> list[Delivery]:
        """The latest webhooks that were given up, oldest first."""
        return self.all("dead")

    def settle(self, timeout: float = 30.0) -> None:
        """Wait until nothing is under way but retries that are not due yet.

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
            deliveries = [
                self._made(call, effect)
                for effect in effects
                if effect.webhook is not None
                for call in webhook_calls(self._world, effect)
            ]
        except Exception:  # noqa: BLE001 - a webhook must not cost the call that caused it
            _LOG.exception("a webhook could not be made; this is a defect of the sandbox")
            return
        if deliveries:
            accepted = [delivery for delivery in deliveries if delivery.state == "waiting"]
            self._started().accept(accepted)

    def _made(self, call: WebhookCall, effect: Effect) -> Delivery:
        delivery = Delivery(
            number=next(self._numbers),
            webhook_id=call.webhook_id,
            action=call.action,
            url=call.url,
            ordering_key=call.ordering_key,
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

    def _started(self) -> "Courier":
        if self._courier is None:
            self._background = BackgroundLoop("frontdesk-sandbox-webhooks")
            self._courier = Courier(self._world, self._background, self._finish, self._count_retry)
        return self._courier

    def _count_retry(self) -> None:
        with self._own:
            self._counts.retries += 1

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
