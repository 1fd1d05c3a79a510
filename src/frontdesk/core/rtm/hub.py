"""From one stream of pushes to many subscribers, each with a bounded queue of its own.

A subscriber that is too slow loses the oldest pushes of its queue and no one else's; a
``PushesLost`` then stands in their place.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from frontdesk.core.rtm.frames import Frame
from frontdesk.core.rtm.notices import Notice, PushesLost
from frontdesk.core.rtm.recovery import RECOVERABLE, WATCHED, Recovery
from frontdesk.errors import DecodeError, InvalidArgument
from frontdesk.pushes import PUSHES, Push, UnknownPush, decode

__all__ = ["QUEUE", "Hub", "Mailbox"]

QUEUE: Final = 10_000
"""Pushes that wait for a subscriber, unless it asks for another number."""


class Mailbox:
    """The queue of one subscriber."""

    __slots__ = ("_gap", "_items", "_limit", "_wake", "closed", "error", "kinds")

    def __init__(self, kinds: frozenset[type[Any]], limit: int, wake: Callable[[], None]) -> None:
        """``wake`` is called when there is something to take, or nothing will come any more."""
        self.kinds = kinds
        self.closed = False
        self.error: Exception | None = None
        self._items: deque[Any] = deque()
        self._limit = limit
        self._gap: PushesLost | None = None
        self._wake = wake

    def put(self, item: Push | Notice) -> None:
        """Add an item; drop the oldest if the queue is full."""
        if self.closed:
            return
        items = self._items
        if len(items) >= self._limit:
            oldest = items.popleft()
            lost = oldest if isinstance(oldest, PushesLost) else PushesLost(overflow=1)
            self._gap = lost if self._gap is None else self._gap + lost
        items.append(item)
        self._wake()

    def take(self) -> Any:
        """Return the next item, ``None`` if there is none now."""
        if self._gap is not None:
            gap, self._gap = self._gap, None
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
            self.closed = True
            self.error = error
            self._wake()


class Hub:
    """Gives pushes and notices to the mailboxes that want them."""

    def __init__(self, log: logging.Logger) -> None:
        self.recovery: Recovery | None = None
        self._log = log
        self._boxes: list[Mailbox] = []
        self._routes: dict[type[Any], tuple[Mailbox, ...]] = {}

    def subscribe(
        self, kinds: Iterable[type[Any]], limit: int, wake: Callable[[], None]
    ) -> Mailbox:
        """Open a mailbox for these pushes and notices; without any kind, for all pushes."""
        wanted = frozenset(kinds) or frozenset((Push,))
        for kind in wanted:
            if not (isinstance(kind, type) and issubclass(kind, (Push, Notice))):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidArgument("kinds", f"must be classes of pushes, not {kind!r}")
        if limit < 1:
            raise InvalidArgument("queue", "must be 1 or more")
        box = Mailbox(wanted, limit, wake)
        self._boxes = [*(other for other in self._boxes if not other.closed), box]
        self._routes.clear()
        return box

    def unsubscribe(self, box: Mailbox) -> None:
        """Give a mailbox no more items."""
        self._boxes = [other for other in self._boxes if other is not box]
        self._routes.clear()

    def publish(self, frame: Frame) -> None:
        """Decode a push and deliver it, unless nobody wants it."""
        kind = PUSHES.get(frame.action, UnknownPush)
        boxes = self._routes.get(kind)
        if boxes is None:
            boxes = self._route(kind)
        recovery = self.recovery
        if not boxes and (recovery is None or frame.action not in WATCHED):
            return
        try:
            push = decode(frame.action, frame.payload)
        except DecodeError as error:
            self._log.warning("ignored a push: %s", error)
            return
        push.version = frame.version
        push.request_id = frame.request_id
        if isinstance(push, UnknownPush) and kind is not UnknownPush:
            self._log.warning("push %s lacks what the API promises", frame.action)
        if recovery is None:
            self.deliver(push)
        else:
            for arrived in recovery.arrived(push):
                self.deliver(arrived)

    def deliver(self, item: Push | Notice) -> None:
        """Put an item into every mailbox that wants it."""
        kind = type(item)
        boxes = self._routes.get(kind)
        for box in self._route(kind) if boxes is None else boxes:
            box.put(item)

    def interruption(self, *, recovered: bool) -> None:
        """Tell every subscriber that may have missed what cannot be read back."""
        lost = PushesLost(interruption=True)
        made_up_for = RECOVERABLE if recovered else ()
        for box in self._boxes:
            if any(issubclass(kind, Push) and kind not in made_up_for for kind in box.kinds):
                box.put(lost)

    def close(self, error: Exception | None) -> None:
        """End all subscriptions."""
        for box in self._boxes:
            box.close(error)
        self._boxes = []
        self._routes.clear()

    def _route(self, kind: type[Any]) -> tuple[Mailbox, ...]:
        route = tuple(
            box for box in self._boxes if any(issubclass(kind, wanted) for wanted in box.kinds)
        )
        self._routes[kind] = route
        return route
