"""The world: everything that happens in the sandbox, without HTTP and without SQL.

How a handler works::

    @handles(SendTypingIndicator, fidelity="assumed", note="…")
    def send_typing_indicator(world, requester, action) -> None:
        chat = access.chat(world, requester, action.chat_id, "rw")   # or MissingAccess, NotFound
        members.require(chat, requester)                             # the presence rule
        ...                                                          # validate, then change
        world.tell(IncomingTypingIndicator(…), audience.members(chat))

``World.call`` runs it as one unit of work: whatever it raises undoes what it wrote and what it
caused. Failures are ``frontdesk.errors.APIError`` subclasses whose messages name the field.
Records come from ``world.store`` and are private to the unit: change one, and the unit saves it; no
other call can see it half changed.

What a call causes is noted with ``world.tell``; subscribers get it after ``World.commit``, which
whoever runs the world calls before answers go out::

    result = world.call(requester, action)
    ...                                  # more calls
    world.commit()                       # one commit for all of them, then the subscribers

Time passes by itself: ``World.call`` first runs the timers that are due. ``World.advance`` moves
the clock and runs the timers on the way, each at its moment. A world is not safe to be used by two
threads at once: whoever shares it locks it.
"""

import logging
from collections.abc import Callable
from random import Random
from typing import Any, Literal, TypeVar, cast

from frontdesk.actions import Action
from frontdesk.errors import AuthorizationError, NotFound
from frontdesk.pushes import Push, payload_of
from frontdesk.sandbox.store import Store
from frontdesk.sandbox.store.records import TimerRow
from frontdesk.sandbox.world.actor import Requester, Session
from frontdesk.sandbox.world.clock import Clock
from frontdesk.sandbox.world.effects import Happening, Receivers
from frontdesk.sandbox.world.ids import Ids
from frontdesk.sandbox.world.registry import HANDLERS, TIMERS
from frontdesk.sandbox.world.webhook_targets import Targets

__all__ = ["Subscriber", "World"]

R = TypeVar("R")
T = TypeVar("T")
_TIMERS_PER_COMMIT = 500
_LOG = logging.getLogger("frontdesk.sandbox")
Subscriber = Callable[[list[Happening]], None]


class World:
    """The state of the sandbox and what may happen to it.

    Args:
        store: where everything is kept.
        clock: the sandbox's time; the real one by default.
        rng: where ids and other chance come from; seed it to make them repeatable.

    ``files_url`` is what the URLs of uploaded files begin with; a server sets its own address.
    ``sessions`` are the RTM connections that are logged in, by connection id. ``targets`` tells
    where webhooks may be sent.
    """

    def __init__(self, store: Store, clock: Clock | None = None, rng: Random | None = None) -> None:
        self.store = store
        self.clock = clock or Clock()
        self.rng = rng or Random()  # noqa: S311 - ids of a sandbox are no secrets
        self.ids = Ids(self.rng)
        self.files_url = "https://cdn.livechat-files.com/api/file/lc/att/"
        self.outbox: list[Happening] = []
        self.sessions: dict[str, Session] = {}
        self.targets = Targets()
        self._subscribers: list[Subscriber] = []

    def call(self, requester: Requester, action: Action[R]) -> R:
        """Run one method for one requester.

        Raises the ``APIError`` that the API would answer with; nothing is changed then.
        """
        handler = HANDLERS.get(type(action))
        if handler is None:
            raise NotFound(f"there is no method `{action.spec.name}`")
        if handler.scopes_needed and not requester.allows(action.spec.scopes):
            raise AuthorizationError(
                f"`{action.spec.name}` needs the scope {action.spec.scopes}, which the token lacks"
            )
        self.run_due_timers()
        return cast("R", self.unit(handler.function, self, requester, action))

    def unit(self, work: Callable[..., T], *args: Any) -> T:
        """Run a piece of work that is kept or undone as a whole."""
        store = self.store
        caused = len(self.outbox)
        store.begin_unit()
        try:
            result = work(*args)
            store.flush()
        except BaseException:
            del self.outbox[caused:]
            store.end_unit(keep=False)
            raise
        store.end_unit(keep=True)
        return result

    def commit(self) -> None:
        """Make what happened durable, and tell the subscribers."""
        self.store.commit()
        if self.outbox:
            happenings, self.outbox = self.outbox, []
            for subscriber in tuple(self._subscribers):
                subscriber(happenings)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Have a function called with what happened, after each commit; returns how to stop it."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            self._subscribers.remove(subscriber)

        return unsubscribe

    def tell(
        self,
        push: Push,
        receivers: Receivers,
        *,
        chat_id: str | None = None,
        to_customer: bool = False,
        author_type: Literal["agent", "customer"] | None = None,
        requester: Requester | None = None,
    ) -> None:
        """Note a push that the running unit of work caused, and the webhook of its name."""
        spec = push.spec
        self.note(
            payload_of(push),
            push=spec.name,
            webhook=spec.name if spec.webhook else None,
            receivers=receivers,
            chat_id=chat_id,
            to_customer=to_customer,
            author_type=author_type,
            requester=requester,
        )

    def note(
        self,
        payload: Any,
        *,
        push: str | None = None,
        webhook: str | None = None,
        receivers: Receivers | None = None,
        chat_id: str | None = None,
        to_customer: bool = False,
        author_type: Literal["agent", "customer"] | None = None,
        requester: Requester | None = None,
    ) -> None:
        """Note anything that the running unit of work caused; ``tell`` is for pushes."""
        if not self._subscribers:
            return
        self.outbox.append(
            Happening(
                at=self.clock.now(),
                payload=payload,
                push=push,
                webhook=webhook,
                to_customer=to_customer,
                receivers=receivers or Receivers(),
                chat_id=chat_id,
                author_type=author_type,
                requester_id=requester.id if requester else None,
                requester_client_id=requester.client_id if requester else None,
                requester_connection_id=requester.connection_id if requester else None,
                request_id=requester.request_id if requester else None,
            )
        )

    def run_due_timers(self) -> None:
        """Do what is due by now; a server calls it when nobody calls it."""
        due = self.store.timers.next_due
        if due is not None and due <= self.clock.peek():
            self._run_timers(self.clock.peek())

    def advance(self, seconds: float) -> None:
        """Move the clock forward, doing what is due on the way, each thing at its moment."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        target = self.clock.after(seconds)
        self._run_timers(target)
        self.clock.move_to(target)

    def _run_timers(self, until: int) -> None:
        done = 0
        while True:
            timer = self.store.timers.first(until)
            if timer is None:
                return
            self.clock.move_to(timer.due)
            try:
                self.unit(self._run_timer, timer)
            except Exception:  # noqa: BLE001 - one defect must not stop time for good
                _LOG.exception("the timer %s failed; this is a defect of the sandbox", timer.kind)
                self.unit(self.store.timers.remove, timer)
            done += 1
            if done % _TIMERS_PER_COMMIT == 0:
                self.commit()

    def _run_timer(self, timer: TimerRow) -> None:
        self.store.timers.remove(timer)
        TIMERS[timer.kind](self, timer)

    @property
    def listened(self) -> bool:
        """Whether anybody is subscribed: payloads that cost something are built only then."""
        return bool(self._subscribers)
