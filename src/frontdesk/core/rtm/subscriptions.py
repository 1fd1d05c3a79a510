"""From one stream of pushes to many subscribers, each with a bounded queue of its own.

A subscriber that is too slow loses the oldest pushes of its queue and no one else's. The loss is
counted and logged; whoever asks for ``PushesLost`` gets one: in the place of the lost pushes if he
subscribes to pushes as well, and for the losses of all subscribers if he does not.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from frontdesk.codec.damage import DamageReports
from frontdesk.core.rtm.customers import TOTALS, CustomerSubscriptions
from frontdesk.core.rtm.filters import Filter
from frontdesk.core.rtm.frames import Frame
from frontdesk.core.rtm.notices import MOST_CHATS, Notice, PushesLost
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.recovery.views import RECOVERABLE
from frontdesk.core.rtm.stats import Counters
from frontdesk.errors import DecodeError, InvalidArgument
from frontdesk.pushes import PUSHES, Push, UnknownPush
from frontdesk.pushes.reading import read_push
from frontdesk.spec.arguments import check_count

__all__ = ["QUEUE", "Hub", "Mailbox", "Subscriber", "check_kinds"]

QUEUE: Final = 10_000
"""Pushes that wait for a subscriber, unless it asks for another number."""


OnLoss: TypeAlias = Callable[["Subscriber", PushesLost, bool], None]
"""Called with each loss of a subscriber, and whether it is the first of several."""


def check_kinds(kinds: Iterable[object]) -> frozenset[type[Any]]:
    """Return the kinds of pushes and notices; raise ``InvalidArgument`` for anything else."""
    checked: list[type[Any]] = []
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, (Push, Notice))):
            raise InvalidArgument("kinds", f"must be classes of pushes, not {kind!r}")
        checked.append(kind)
    return frozenset(checked)


class Subscriber:
    """Somebody who takes pushes and notices of some kinds."""

    __slots__ = ("closed", "filter", "kinds", "limit", "on_loss", "takes_losses")

    def __init__(self, kinds: Iterable[type[Any]], limit: int, filter: Filter | None) -> None:
        """Take these kinds, all pushes if there are none; ``limit`` of them may wait."""
        self.kinds: frozenset[type[Any]] = check_kinds(kinds) or frozenset((Push,))
        check_count("queue", limit)
        self.limit: int = limit
        self.filter: Filter | None = filter
        self.closed: bool = False
        self.takes_losses: bool = any(issubclass(PushesLost, kind) for kind in self.kinds)
        self.on_loss: OnLoss = _ignore

    @property
    def takes_pushes(self) -> bool:
        """Whether it takes more than notices."""
        return any(issubclass(kind, Push) for kind in self.kinds)

    def takes(self, kind: type[Any]) -> bool:
        """Whether it takes pushes or notices of a kind."""
        return any(issubclass(kind, own) for own in self.kinds)

    def put(self, item: Push | Notice) -> None:
        """Take an item, unless the filter keeps it out."""
        raise NotImplementedError

    def put_loss(self, loss: PushesLost) -> None:
        """Take note of a loss, of its own or of somebody else."""
        raise NotImplementedError

    def close(self, error: Exception | None) -> None:
        """Take note that the session has ended, with the error or in peace."""
        raise NotImplementedError


class Mailbox(Subscriber):
    """The queue of a subscriber that takes the items when it likes to."""

    __slots__ = ("_gap", "_items", "_wake", "error")

    def __init__(
        self,
        kinds: Iterable[type[Any]],
        limit: int,
        wake: Callable[[], None],
        filter: Filter | None = None,
    ) -> None:
        """``wake`` is called when there is something to take, or nothing will come any more."""
        super().__init__(kinds, limit, filter)
        self.error: Exception | None = None
        self._items: deque[Any] = deque()
        self._gap: PushesLost | None = None
        self._wake = wake

    def put(self, item: Push | Notice) -> None:
        """Add an item; drop the oldest if the queue is full."""
        if self.closed or (self.filter is not None and not self.filter(item)):
            return
        items = self._items
        if len(items) >= self.limit:
            oldest = items.popleft()
            is_loss = type(oldest) is PushesLost
            loss = oldest if is_loss else PushesLost(overflow=1)
            first = self._gap is None
            self._gap = loss if self._gap is None else self._gap + loss
            if not is_loss:
                self.on_loss(self, loss, first)
        items.append(item)
        self._wake()

    def put_loss(self, loss: PushesLost) -> None:
        """Add a loss; several in a row become one."""
        items = self._items
        if items and type(items[-1]) is PushesLost:
            items[-1] += loss
        else:
            self.put(loss)

    def take(self) -> Any:
        """Return the next item, ``None`` if there is none now."""
        if self._gap is not None:
            gap, self._gap = self._gap, None
            if self.takes_losses:
                return gap
        return self._items.popleft() if self._items else None

    def abandon(self) -> None:
        """Take nothing more, since nobody reads it.

        Takes no lock and wakes nobody: the garbage collector calls it, in whatever thread and
        whatever that thread is doing.
        """
        self.closed = True
        self._items.clear()

    def close(self, error: Exception | None) -> None:
        """Let the subscriber take what is left, then end with the error or in peace."""
        if not self.closed:
            self.closed: bool = True
            self.error = error
            self._wake()


class Hub:
    """Gives pushes and notices to the subscribers that take them."""

    def __init__(
        self,
        log: logging.Logger,
        counters: Counters | None = None,
        reports: DamageReports | None = None,
        pushes: Mapping[str, type[Push]] = PUSHES,
    ) -> None:
        """``reports`` tells of damage in pushes; ``pushes`` are those that may come, by name."""
        self._pushes = pushes
        self._reports = reports or DamageReports(logger=log)
        self.recovery: Recovery | None = None
        self.counters: Counters = counters or Counters()
        self.customers: CustomerSubscriptions | None = None
        self._log = log
        self._subscribers: list[Subscriber] = []
        self._routes: dict[type[Any], tuple[Subscriber, ...]] = {}

    def subscribe(
        self,
        kinds: Iterable[type[Any]],
        limit: int,
        wake: Callable[[], None],
        filter: Filter | None = None,
    ) -> Mailbox:
        """Open a mailbox for these pushes and notices; without any kind, for all pushes."""
        box = Mailbox(kinds, limit, wake, filter)
        self.add(box)
        return box

    def add(self, subscriber: Subscriber) -> None:
        """Give a subscriber its items from now on."""
        subscriber.on_loss = self._lost
        present = [other for other in self._subscribers if not other.closed]
        self._subscribers = [*present, subscriber]
        self._routes.clear()

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Give a subscriber no more items."""
        self._subscribers = [other for other in self._subscribers if other is not subscriber]
        self._routes.clear()

    def publish(self, frame: Frame) -> None:
        """Decode a push and deliver it, unless nobody takes it."""
        self.counters.pushes += 1
        kind = self._pushes.get(frame.action, UnknownPush)
        route = self._route(kind)
        recovery = self.recovery
        if not route and (recovery is None or frame.action not in recovery.view.watched):
            return
        try:
            push = read_push(frame.action, frame.payload, self._reports, frame.damage, self._pushes)
        except DecodeError as error:
            self._log.warning("ignored a push: %s", error)
            return
        push.version = frame.version
        push.request_id = frame.request_id
        if self.customers is not None and frame.action == TOTALS:
            push = self.customers.incoming(push)
        if recovery is None:
            self.deliver(push)
        else:
            for arrived in recovery.arrived(push):
                self.deliver(arrived)

    def deliver(self, item: Push | Notice) -> None:
        """Give an item to every subscriber that takes it."""
        for subscriber in self._route(type(item)):
            subscriber.put(item)

    def interruption(self, *, recovered: bool) -> None:
        """Report to all who may have missed what cannot be read back, and asked for losses."""
        lost = PushesLost(interruption=True)
        made_up_for = RECOVERABLE if recovered else ()
        for subscriber in self._subscribers:
            if subscriber.takes_losses and not (
                subscriber.takes_pushes
                and all(kind in made_up_for for kind in subscriber.kinds if issubclass(kind, Push))
            ):
                subscriber.put_loss(lost)

    def takes(self, kinds: Iterable[type[Any]]) -> bool:
        """Whether anybody takes pushes of one of these kinds."""
        return any(self._route(kind) for kind in kinds)

    def incomplete(self, chats: tuple[str, ...]) -> None:
        """Report to all who asked for losses that pushes of these chats may have been missed."""
        lost = PushesLost(interruption=True, chats=chats[:MOST_CHATS])
        for subscriber in self._subscribers:
            if subscriber.takes_losses:
                subscriber.put_loss(lost)

    def close(self, error: Exception | None) -> None:
        """End all subscriptions."""
        for subscriber in self._subscribers:
            subscriber.close(error)
        self._subscribers = []
        self._routes.clear()

    def _lost(self, subscriber: Subscriber, loss: PushesLost, first: bool) -> None:
        """Count a loss, log the first of several, and report it to those who asked for all."""
        self.counters.dropped += loss.overflow
        for other in self._subscribers:
            if other.takes_losses and not other.takes_pushes and not other.closed:
                other.put_loss(loss)
        if first and not subscriber.takes_losses:
            names = ", ".join(sorted(kind.__name__ for kind in subscriber.kinds))
            self._log.warning(
                "a subscriber of %s is too slow: of more than %d pushes that wait, the oldest are "
                "dropped; subscribe to PushesLost to learn how many",
                names,
                subscriber.limit,
            )

    def _route(self, kind: type[Any]) -> tuple[Subscriber, ...]:
        route = self._routes.get(kind)
        if route is None:
            route = tuple(other for other in self._subscribers if other.takes(kind))
            self._routes[kind] = route
        return route


def _ignore(subscriber: Subscriber, loss: PushesLost, first: bool) -> None:
    """What a subscriber does with its losses before it belongs to a hub."""
