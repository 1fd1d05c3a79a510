"""What happens in a sandbox, numbered: every call, every push, and every attempt of a webhook.

::

    recorder ──┐
    world ─────┼──▶ Feed ──▶ the latest, numbered ──▶ readers, each from where it is
    webhooks ──┘

Listening costs every call a little, so the feed listens only while somebody reads, and for a while
after, so that a page that is loaded again learns what it missed.
"""

import secrets
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from frontdesk.actions import ACTIONS
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.recording import RecordedCall, kept_request
from frontdesk.sandbox.webhooks.delivery import Attempt, Delivery
from frontdesk.sandbox.world import Effect
from frontdesk.sandbox.world.actor import Requester

__all__ = ["Feed", "Page"]

KEPT: Final = 20_000
"""Happenings that are kept for readers who come back."""
KEPT_BYTES: Final = 32 * 2**20
"""Bytes of memory for them."""
BATCH: Final = 500
"""Happenings that a reader gets at once."""

_encode = msgspec.json.Encoder().encode


class CallHappening(Struct, frozen=True, kw_only=True, tag_field="kind", tag="call", gc=False):
    """A call. Bodies are JSON as it was sent, empty where they are not kept."""

    n: int
    at: datetime
    number: int
    action: str
    api: Literal["agent", "configuration", "customer", "accounts"]
    version: str
    transport: str
    status: int
    requester_id: str | None
    error: str | None
    fault: str | None
    request: str
    response: str


class PushHappening(Struct, frozen=True, kw_only=True, tag_field="kind", tag="push", gc=False):
    """A push, or what webhooks alone report. ``webhook`` is its name there, if it has one.

    ``audience`` is which API's clients get it; ``actor_id`` caused it, ``None`` for the router and
    for timers.
    """

    n: int
    at: datetime
    action: str
    audience: Literal["agents", "customers", "both", "webhooks"]
    webhook: str | None
    chat_id: str | None
    actor_id: str | None
    author_type: str | None
    payload: str


class WebhookHappening(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag="webhook", gc=False
):
    """A webhook that was queued, or an attempt to deliver it; see ``Delivery``."""

    n: int
    at: datetime
    number: int
    webhook_id: str
    action: str
    url: str
    chat_id: str
    owner_client_id: str
    state: str
    attempts: list[Attempt]
    next_attempt_at: datetime | None
    body: str


class WorldHappening(Struct, frozen=True, kw_only=True, tag_field="kind", tag="world", gc=False):
    """The world became another one: by a reset, or by restoring a snapshot."""

    n: int
    at: datetime
    action: str = "replaced"


class Page(Struct, frozen=True):
    """Happenings after a place: ``lost`` of them are not kept any more, ``last`` is the new place.

    ``happenings`` are the JSON of each.
    """

    happenings: list[bytes]
    last: int
    lost: int


class Feed:
    """The latest happenings of a sandbox, while somebody reads them.

    Args:
        backend: the sandbox.

    ``epoch`` changes with every pause in listening: places of another epoch mean nothing.
    ``process`` stays the same as long as the sandbox runs.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._own = threading.Lock()
        self._kept: deque[bytes] = deque()
        self._bytes = 0
        self._last = 0
        self._stops: list[Callable[[], None]] = []
        self._wakers: dict[int, Callable[[], object]] = {}
        self._keys = 0
        self._awake = False
        self._listening = False
        self.process: str = secrets.token_hex(4)
        self.epoch: str = ""

    @property
    def last(self) -> int:
        """The number of the latest happening."""
        return self._last

    @property
    def listening(self) -> bool:
        """Whether happenings are kept."""
        return self._listening

    def listen(self) -> None:
        """Begin to listen, unless that is done already: first come the calls of before."""
        with self._backend.lock:
            if self._listening:
                return
            self._listening = True
            with self._own:
                self._kept.clear()
                self._bytes = self._last = 0
                self.epoch = secrets.token_hex(4)
            past: list[tuple[datetime, RecordedCall | Delivery]] = [
                *((call.at, call) for call in self._backend.recorder),
                *((delivery.created_at, delivery) for delivery in self._backend.webhooks.all()),
            ]
            past.sort(key=lambda each: each[0])
            for _, happened in past:
                if isinstance(happened, RecordedCall):
                    self._on_call(happened)
                else:
                    self._on_delivery(happened)
            self._stops = [
                self._backend.recorder.subscribe(self._on_call),
                self._backend.world.subscribe(self._on_effects),
                self._backend.webhooks.subscribe(self._on_delivery),
            ]
            self._backend.on_replaced.append(self._on_replaced)

    def stop(self) -> None:
        """Listen no longer, and forget what was kept."""
        with self._backend.lock:
            if not self._listening:
                return
            self._listening = False
            for stop in self._stops:
                stop()
            self._stops.clear()
            self._backend.on_replaced.remove(self._on_replaced)
            with self._own:
                self._kept.clear()
                self._bytes = 0

    def wake(self, waker: Callable[[], object]) -> Callable[[], None]:
        """Have a function called when there is something new, on whatever thread that happens.

        It is called once until somebody reads.

        Returns:
            How to stop it.
        """
        with self._own:
            self._keys += 1
            key = self._keys
            self._wakers[key] = waker

        def stop() -> None:
            with self._own:
                self._wakers.pop(key, None)

        return stop

    def after(self, place: int, most: int = BATCH) -> Page:
        """Return the happenings after a place, oldest first, and how many of them are lost."""
        with self._own:
            self._awake = False
            first = self._last - len(self._kept)
            start = min(max(place, first), self._last)
            happenings = list(islice(self._kept, start - first, start - first + most))
            return Page(happenings, start + len(happenings), max(0, first - place))

    def _add(self, make: Callable[[int], Struct]) -> None:
        with self._own:
            self._last += 1
            content = _encode(make(self._last))
            self._kept.append(content)
            self._bytes += len(content)
            while len(self._kept) > KEPT or (self._bytes > KEPT_BYTES and len(self._kept) > 1):
                self._bytes -= len(self._kept.popleft())
            wakers = () if self._awake else tuple(self._wakers.values())
            self._awake = True
        for waker in wakers:
            waker()

    def _on_call(self, call: RecordedCall) -> None:
        self._add(
            lambda n: CallHappening(
                n=n,
                at=call.at,
                number=call.number,
                action=call.action,
                api=_api_of(call.action),
                version=call.version,
                transport=call.transport,
                status=call.status,
                requester_id=call.requester_id,
                error=call.error,
                fault=call.fault,
                request=_text(call.request_body),
                response=_text(call.response_body),
            )
        )

    def _on_effects(self, effects: list[Effect]) -> None:
        for effect in effects:
            if effect.callback is not None:
                continue  # Nothing but its delivery, which is told of apart.
            self._add(lambda n, effect=effect: _push(n, effect))  # type: ignore[misc]

    def _on_delivery(self, delivery: Delivery) -> None:
        last = delivery.attempts[-1].at if delivery.attempts else delivery.created_at
        self._add(
            lambda n: WebhookHappening(
                n=n,
                at=last,
                number=delivery.number,
                webhook_id=delivery.webhook_id,
                action=delivery.action,
                url=delivery.url,
                chat_id="" if delivery.ordering_key == delivery.action else delivery.ordering_key,
                owner_client_id=delivery.owner_client_id,
                state=delivery.state,
                attempts=delivery.attempts,
                next_attempt_at=delivery.next_attempt_at,
                body=_text(_encode(delivery.webhook)),
            )
        )

    def _on_replaced(self) -> None:
        at = self._backend.now()
        self._add(lambda n: WorldHappening(n=n, at=at))


def _push(n: int, effect: Effect) -> PushHappening:
    names = effect.push or effect.webhook or effect.customer_push or ""
    to_customers = effect.to_customer or effect.customer_push is not None
    audience: Literal["agents", "customers", "both", "webhooks"] = "webhooks"
    if effect.push is not None:
        audience = "both" if to_customers else "agents"
    elif to_customers:
        audience = "customers"
    actor = effect.actor
    return PushHappening(
        n=n,
        at=effect.at,
        action=names,
        audience=audience,
        webhook=effect.webhook,
        chat_id=effect.chat_id,
        actor_id=None if actor is None else actor.id,
        author_type=effect.author_type or _type_of(actor),
        payload=_text(kept_request(effect.json)),
    )


def _type_of(actor: Any) -> str | None:
    if actor is None:
        return None
    return "agent" if isinstance(actor, Requester) else "customer"


def _api_of(action: str) -> Literal["agent", "configuration", "customer", "accounts"]:
    if action.startswith("customer."):
        return "customer"
    if action.startswith("accounts."):
        return "accounts"
    return "agent" if action in ACTIONS else "configuration"


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
