"""Sending webhooks: on a thread of its own, so that no call waits for one.

::

    world ── effects ──▶ Deliveries ── in order per chat and URL ──▶ attempt ── 200 ──▶ delivered
                                                          ▲              │ else
                                                          └─ 5, 20, 50 s later ──▶ dead letter

An attempt has 10 s; what fails gets up to three retries within a minute. All of these seconds are
the sandbox's: moving its clock makes retries due. The webhooks of a chat that one client id has
registered for one URL keep their order, so one that has to be retried holds up those behind it, and
none of others.

With a database file, what waits is written with the commit of what caused it, and sent after a
restart, the attempts that failed before being counted; an attempt whose outcome was not written yet
is made again. What waits has a limit in bytes; what is over it becomes a dead letter at once.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from typing import Final, Literal

import msgspec
from msgspec import Struct

from frontdesk.concurrency.threads import BackgroundLoop
from frontdesk.errors import StoreError, ValidationError
from frontdesk.sandbox.arguments import checks_arguments
from frontdesk.sandbox.listeners import Listeners
from frontdesk.sandbox.store import DECODING
from frontdesk.sandbox.store.company import nobody_listens
from frontdesk.sandbox.webhooks.courier import CAPACITY, Courier
from frontdesk.sandbox.webhooks.delivery import Attempt, Delivery
from frontdesk.sandbox.webhooks.webhook_calls import WebhookCall, callback_call, webhook_calls
from frontdesk.sandbox.world import Effect, World

__all__ = ["DeliveryCounts", "DeliveryQueue"]

KEPT: Final = 1000
"""Finished deliveries, and dead letters, that are remembered."""
KEPT_BYTES: Final = 16 * 2**20
"""Memory for each of the two; the latest is remembered whatever it takes."""
MOST_WAITING: Final = 128 * 2**20
"""Memory for the webhooks that wait; what is over it becomes a dead letter."""
_LOG: Final = logging.getLogger("frontdesk.sandbox")
_decode = msgspec.json.Decoder(Delivery).decode
_encode = msgspec.json.Encoder().encode


class DeliveryCounts(Struct):
    """How many webhooks wait, and what became of the others since the sandbox was opened."""

    waiting: int = 0
    delivered: int = 0
    retries: int = 0
    """Attempts after the first one."""
    dead: int = 0
    """Webhooks that were given up, those included that were too many to wait, and those that were
    dead letters when the sandbox was opened."""


class _Recent:
    """The latest finished deliveries, as many as fit."""

    def __init__(self) -> None:
        self._deliveries: deque[Delivery] = deque()
        self._bytes = 0

    def add(self, delivery: Delivery) -> list[Delivery]:
        """Remember one, and return the oldest ones, which do not fit any more."""
        kept = self._deliveries
        kept.append(delivery)
        self._bytes += delivery.cost
        forgotten: list[Delivery] = []
        while len(kept) > KEPT or (self._bytes > KEPT_BYTES and len(kept) > 1):
            forgotten.append(kept.popleft())
            self._bytes -= forgotten[-1].cost
        return forgotten

    def clear(self) -> None:
        """Forget all."""
        self._deliveries.clear()
        self._bytes = 0

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._deliveries)


@checks_arguments
class DeliveryQueue:
    """Sends what the world causes to whoever is registered for it.

    Args:
        world: what happens.
        lock: the world's; defaults to one of its own.

    Nothing is sent before ``resume``, when it is known where the sandbox is served.
    """

    def __init__(self, world: World, lock: AbstractContextManager[object] | None = None) -> None:
        self._world = world
        self._lock = lock or threading.RLock()
        self._table = world.store.deliveries
        self._unsubscribe: Callable[[], None] | None = None
        self._own = threading.Lock()
        self._closed = False
        self._listeners: Listeners[Delivery] = Listeners()
        self._waiting: dict[int, Delivery] = {}
        self._waiting_bytes = 0
        self._overflowing = False
        self._delivered = _Recent()
        self._dead = _Recent()
        self._counts = DeliveryCounts()
        self._background: BackgroundLoop | None = None
        self._courier: Courier | None = None
        self._prepared: list[Delivery] = []
        self._prepared_bytes = 0
        self._unsaved: dict[int, Delivery | None] = {}
        """What the database does not know yet, by number: dead letters, attempts that failed, and
        (``None``) what it may forget."""
        self._last = 0
        for delivery in self._stored():
            self._last = delivery.number
            if delivery.state == "waiting":
                self._wait(delivery)
            else:
                self._bury(delivery)
        self._paused: list[Delivery] | None = list(self._waiting.values())
        world.prepare_with(self._prepare)
        world.store.company.on_webhooks = self._watch
        self._watch()

    def _stored(self) -> list[Delivery]:
        try:
            return [_decode(data) for data in self._table.all()]
        except DECODING as error:
            raise self._world.store.damaged(error) from None

    def resume(self) -> None:
        """Begin to send: first of all what waited when the database was opened."""
        with self._lock:
            paused, self._paused = self._paused, None
            if paused:
                self._running_courier().accept(paused)

    def subscribe(self, listener: Callable[[Delivery], object]) -> Callable[[], None]:
        """Have a function called with each webhook that is queued, and after each attempt.

        It is called on whatever thread that happens, and must not call the queue. What it raises
        is logged, and changes nothing.

        Returns:
            How to stop it; it may be called several times.

        Raises:
            InvalidArgument: The listener is no function.
        """
        return self._listeners.add(listener)

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
        with self._lock:
            self._stop()
            with self._own:
                self._waiting.clear()
                self._waiting_bytes = 0
                self._delivered.clear()
                self._dead.clear()
                self._unsaved.clear()
                self._counts = DeliveryCounts()
            if self._paused:
                self._paused.clear()
            if self._table.lasting and not self._closed:
                self._table.clear()
                self._world.commit()

    def close(self) -> None:
        """Stop sending; what waits is lost, unless a database file has it."""
        self._closed = True
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
            self._running_courier()
            self._listen()
        elif not registered and self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _listen(self) -> None:
        self._unsubscribe = self._world.subscribe(self._on_effects)

    def _prepare(self, effects: list[Effect]) -> None:
        """Make what is to be sent, and write it with the commit that is about to be."""
        self._prepared = []
        self._prepared_bytes = 0
        if self._unsubscribe is None and any(effect.callback for effect in effects):
            self._listen()
        if effects and self._unsubscribe is not None:
            try:
                for number, (call, effect) in enumerate(
                    self._calls_caused(effects), self._last + 1
                ):
                    self._prepared.append(self._new_delivery(number, call, effect))
            except StoreError:
                raise
            except Exception:  # noqa: BLE001 - a webhook must not cost the call that caused it
                _LOG.exception("a webhook could not be made; this is a defect of the sandbox")
        if self._table.lasting:
            for delivery in self._prepared:
                if delivery.state == "waiting":
                    self._table.add(delivery.number, _encode(delivery))
            if self._world.store.writing:
                self._save_finished()

    def tidy(self) -> None:
        """Have the database know of what waits no more, if the disk takes it."""
        with self._lock, suppress(StoreError):
            self._save_finished()
            self._world.commit()

    def _calls_caused(self, effects: list[Effect]) -> Iterator[tuple[WebhookCall, Effect]]:
        for effect in effects:
            if effect.callback is not None:
                yield callback_call(effect, effect.callback), effect
            elif effect.webhook is not None:
                for call in webhook_calls(self._world, effect):
                    yield call, effect

    def _save_finished(self) -> None:
        """Have the next commit keep attempts and dead letters, and forget what waits no more.

        A commit that only reads must not fail because of them.
        """
        with self._own:
            unsaved, self._unsaved = self._unsaved, {}
        if not unsaved:
            return

        def still_unsaved() -> None:
            with self._own:
                self._unsaved = unsaved | self._unsaved

        try:
            self._table.remove(number for number, letter in unsaved.items() if letter is None)
            for number, letter in unsaved.items():
                if letter is not None:
                    self._table.add(number, _encode(letter))
        except StoreError:
            still_unsaved()
            raise
        self._world.undo_with(still_unsaved)

    def _on_effects(self, _: list[Effect]) -> None:
        """Queue what was prepared. The world's lock is held, and a call waits for this."""
        prepared, self._prepared = self._prepared, []
        if not prepared:
            return
        self._last = prepared[-1].number
        accepted: list[Delivery] = []
        for delivery in prepared:
            if delivery.state == "waiting":
                self._wait(delivery)
                accepted.append(delivery)
            else:
                self._finish(delivery, delivered=False)
        if self._paused is None:
            self._running_courier().accept(accepted)
        else:
            self._paused += accepted
        self._watch()

    def _new_delivery(self, number: int, call: WebhookCall, effect: Effect) -> Delivery:
        delivery = Delivery(
            number=number,
            webhook_id=call.webhook_id,
            action=call.action,
            url=call.url,
            ordering_key=call.ordering_key,
            created_at=effect.at,
            body=call.body,
            attempts=[],
            owner_client_id=call.owner_client_id,
            once=call.once,
        )
        if call.once:
            # Nobody has checked it before, as registrations of webhooks are.
            try:
                self._world.targets.check(call.url, "callback_uri")
            except ValidationError as error:
                return _dead(delivery, error.message)
        with self._own:
            waiting = len(self._waiting) + len(self._prepared)
            taken = self._waiting_bytes + self._prepared_bytes
        if taken + delivery.cost > MOST_WAITING or waiting >= CAPACITY:
            self._overflow(delivery, waiting)
        else:
            self._prepared_bytes += delivery.cost
            # A little room is no reason to warn again as soon as it is taken.
            self._overflowing = self._overflowing and taken > MOST_WAITING // 2
        return delivery

    def _overflow(self, delivery: Delivery, waiting: int) -> None:
        error = f"{waiting} webhooks wait already, which is as much as is kept"
        _dead(delivery, error)
        if not self._overflowing:
            self._overflowing = True
            _LOG.warning("%s; further ones become dead letters", error)

    def _wait(self, delivery: Delivery) -> None:
        with self._own:
            self._waiting[delivery.number] = delivery
            self._waiting_bytes += delivery.cost
        self._listeners.tell(delivery)

    def _running_courier(self) -> "Courier":
        if self._courier is None:
            self._background = BackgroundLoop("frontdesk-sandbox-webhooks")
            self._courier = Courier(
                self._world, self._background, self._finish, self._count_retry, self._attempted
            )
        return self._courier

    def _count_retry(self) -> None:
        with self._own:
            self._counts.retries += 1

    def _attempted(self, delivery: Delivery) -> None:
        with self._own:
            if delivery.number in self._waiting:
                self._note(delivery.number, delivery)
        self._listeners.tell(delivery)

    def _finish(self, delivery: Delivery, *, delivered: bool) -> None:
        self._keep_finished(delivery, delivered=delivered)
        self._listeners.tell(delivery)

    def _keep_finished(self, delivery: Delivery, *, delivered: bool) -> None:
        with self._own:
            if self._waiting.pop(delivery.number, None) is not None:
                self._waiting_bytes -= delivery.cost
            if not delivered:
                delivery.state = "dead"
                self._note(delivery.number, delivery)
                self._bury(delivery)
                return
            delivery.state = "delivered"
            self._note(delivery.number, None)
            self._counts.delivered += 1
            self._delivered.add(delivery)

    def _bury(self, delivery: Delivery) -> None:
        """Remember a dead letter, and have those forgotten that are too old."""
        self._counts.dead += 1
        for forgotten in self._dead.add(delivery):
            self._note(forgotten.number, None)

    def _note(self, number: int, letter: Delivery | None) -> None:
        if self._table.lasting:
            self._unsaved[number] = letter


def _dead(delivery: Delivery, error: str) -> Delivery:
    """Make a webhook a dead letter that was never sent, and return it."""
    delivery.attempts.append(Attempt(at=delivery.created_at, error=error))
    delivery.state = "dead"
    return delivery
