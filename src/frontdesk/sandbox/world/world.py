"""The world: everything that happens in the sandbox, without HTTP and without SQL.

How a piece of work looks::

    chat = access.chat(world, requester, action.chat_id, "rw")   # or MissingAccess, NotFound
    chat_users.require_present(chat, requester)                  # the presence rule
    ...                                                          # validate, then change
    world.push(IncomingTypingIndicator(…), recipients.agents_watching(chat), actor=requester)

``World.unit`` runs it as one unit of work: whatever it raises undoes what it wrote and what it
caused. A commit that the disk refuses undoes all units since the last one. Failures are
``frontdesk.errors.APIError`` subclasses whose messages name the field.
Records come from ``world.store`` and are private to the unit: change one, and the unit saves it; no
other call can see it half changed.

What a call causes is noted with ``world.push``; subscribers get it after ``World.commit``, which
whoever runs the world calls before responses go out::

    world.run_due_timers()
    result = world.unit(send_event, world, requester, action)
    ...                                  # more calls
    world.commit()                       # one commit for all of them, then the subscribers

``World.advance`` moves the clock and runs the timers on the way, each at its time. A world is not
safe to be used by two threads at once: whoever shares it locks it.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from random import Random
from typing import Any, Final, TypeVar

from frontdesk.errors import StoreError
from frontdesk.pushes import Push, QueueState, payload_of
from frontdesk.sandbox.store import DECODING, DamagedFile, SandboxStore
from frontdesk.sandbox.store.records import TimerRow
from frontdesk.sandbox.world.actor import Actor, AuthorType
from frontdesk.sandbox.world.clock import Clock, from_micros
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.ids import Ids
from frontdesk.sandbox.world.login_sessions import CustomerSession, LoginSession
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.webhook_targets import Targets

__all__ = ["Subscriber", "World"]

T = TypeVar("T")
_TIMERS_PER_COMMIT = 500
_TIME_KEPT_AHEAD: Final = 1_000_000
"""Microseconds for which the database knows ahead that the clock runs: it need not be written at
every commit."""
_AHEAD: Final = "clock ahead"
_LAST: Final = "clock last"
_LOG = logging.getLogger("frontdesk.sandbox")
Subscriber = Callable[[list[Effect]], None]
Timers = Mapping[str, Callable[["World", TimerRow], None]]
"""What is done when a timer of a kind is due."""


class World:
    """The state of the sandbox and what may happen to it.

    Args:
        store: Where everything is kept.
        clock: The sandbox's time; defaults to the real one.
        rng: Where ids and other chance come from; seed it to have the same again.
        timers: What is done when a timer of a kind is due, see ``timers.TIMERS``.

    ``files_url`` is what the URLs of uploaded files begin with; a server sets its own address.
    ``sessions`` are the RTM connections of agents that are logged in, by connection id, and
    ``customer_sessions`` those of customers. ``targets`` is
    where webhooks may be sent. ``follow_work_schedules``: working hours change statuses, see
    ``people.shifts``.
    """

    def __init__(
        self,
        store: SandboxStore,
        clock: Clock | None = None,
        rng: Random | None = None,
        *,
        timers: Timers,
    ) -> None:
        self.store = store
        self.clock: Clock = clock or Clock()
        self.rng: Random = rng or Random()  # noqa: S311 - ids of a sandbox are no secrets
        self.ids: Ids = Ids(self.rng)
        self.files_url = "https://cdn.livechat-files.com/api/file/lc/att/"
        self.outbox: list[Effect] = []
        self.rollbacks: int = 0
        """How often everything since the last commit was undone because of the disk."""
        self._undo: list[Callable[[], object]] = []
        self._time_kept = 0
        self.sessions: dict[str, LoginSession] = {}
        self.customer_sessions: dict[str, CustomerSession] = {}
        self.queue_places: dict[str, QueueState] = {}
        """Where customers who are connected know that they stand, by the thread that waits."""
        self.group_statuses: Mapping[int, str] | None = None
        """The statuses of groups that customers know of, while any is connected."""
        self.follow_work_schedules = False
        self._timers = timers
        self.targets: Targets = Targets()
        self._subscribers: list[Subscriber] = []
        self._preparers: list[Subscriber] = []

    def unit(self, work: Callable[..., T], *args: Any) -> T:
        """Run a piece of work that is kept or undone as a whole.

        Raises:
            StoreError: The disk does not take it; see ``commit``.
        """
        store = self.store
        caused, changed = len(self.outbox), len(self._undo)
        store.begin_unit()
        try:
            result = work(*args)
            store.flush()
        except BaseException as error:
            del self.outbox[caused:]
            self._take_back(changed)
            store.end_unit(keep=False)
            if store.lost:
                self._rolled_back()
            if isinstance(error, DECODING) and store.lasting:
                raise store.damaged(error) from error
            raise
        try:
            store.end_unit(keep=True)
        except StoreError:
            self._rolled_back()
            raise
        return result

    def commit(self) -> None:
        """Make what happened durable, and hand it to the subscribers.

        Raises:
            StoreError: The disk does not take it. Then nothing since the last commit has happened:
                neither in the database nor in what is remembered of it, and nobody hears of it.
        """
        try:
            for prepare in self._preparers:
                prepare(self.outbox)
            if self.store.lasting and self.store.writing:
                self._keep_time()
            self.store.commit()
        except BaseException:
            self.store.rollback()
            self._rolled_back()
            raise
        if self._undo:
            self._undo.clear()
        if self.outbox:
            effects, self.outbox = self.outbox, []
            for subscriber in tuple(self._subscribers):
                subscriber(effects)

    def undo_with(self, undo: Callable[[], object]) -> None:
        """Have a function called if the running unit of work is undone.

        It takes back what the unit changes besides the store, such as ``sessions``.
        """
        self._undo.append(undo)

    @property
    def writing(self) -> bool:
        """Whether the next commit has something to write, and so may fail."""
        return self.store.writing

    def _rolled_back(self) -> None:
        self.rollbacks += 1
        self._time_kept = 0
        self.outbox.clear()
        self._take_back(0)

    def _take_back(self, since: int) -> None:
        while len(self._undo) > since:
            self._undo.pop()()

    def prepare_with(self, prepare: Subscriber) -> None:
        """Have a function called with what happened, before each commit: it may write of it."""
        self._preparers.append(prepare)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Have a function called with what happened, after each commit; returns how to stop it."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            self._subscribers.remove(subscriber)

        return unsubscribe

    def push(
        self,
        push: Push,
        recipients: Recipients,
        *,
        actor: Actor | None = None,
        chat_id: str | None = None,
        to_customer: bool = False,
        customer_payload: Any = None,
        author_type: AuthorType | None = None,
    ) -> None:
        """Note a push that the running unit of work causes, and the webhook of its name.

        Args:
            push: What is pushed.
            recipients: Whose connections get it.
            actor: Who caused it; ``None`` for the router and timers.
            chat_id: The chat that it is about.
            to_customer: The customer of the chat learns of it too.
            customer_payload: What the customer gets, see ``Effect``.
            author_type: Whose event it is about.
        """
        if self._subscribers:
            name = push.spec.name
            self.emit(
                Effect(
                    payload=payload_of(push),
                    push=name,
                    webhook=name if push.spec.webhook else None,
                    recipients=recipients,
                    actor=actor,
                    chat_id=chat_id,
                    to_customer=to_customer,
                    customer_payload=customer_payload,
                    author_type=author_type,
                )
            )

    def push_to_customers(
        self,
        push: Push,
        customer_ids: tuple[str, ...] | None,
        *,
        actor: Actor | None = None,
        chat_id: str | None = None,
    ) -> None:
        """Note a push that customers alone get.

        Args:
            push: What is pushed, one of ``CUSTOMER_PUSHES``.
            customer_ids: Whose connections get it; ``None``: those of every customer.
            actor: Who caused it; ``None`` for the router and timers.
            chat_id: The chat that it is about.
        """
        if self._subscribers and self.customer_sessions:
            self.emit(
                Effect(
                    payload=payload_of(push),
                    customer_push=push.spec.name,
                    customer_ids=customer_ids,
                    actor=actor,
                    chat_id=chat_id,
                )
            )

    def emit(self, effect: Effect) -> None:
        """Note anything that the running unit of work causes; ``push`` is for pushes."""
        # A callback is owed whether anybody listens or not.
        if self._subscribers or effect.callback is not None:
            effect.at = self.clock.now()
            self.outbox.append(effect)

    def run_due_timers(self) -> None:
        """Do what is due by now, and make it durable; a server calls it when nobody calls it.

        What the disk does not take stays due: it must not keep anybody from reading.
        """
        due = self.store.timers.next_due
        if due is not None and due <= self.clock.peek():
            with suppress(StoreError):
                for _ in self._run_timers(self.clock.peek()):
                    self.commit()
            # Apart from what the caller does next, which must not fail because of it.
            with suppress(StoreError):
                self.commit()

    def advance(self, seconds: float) -> None:
        """Move the clock forward, doing what is due on the way, each thing at its time.

        All of it is durable afterwards.

        Raises:
            StoreError: The disk does not take it. The clock is where it was, and nothing was done.
                Where very much was due, so that it needs several commits, the clock has come as
                far as the last one, which the message says.
        """
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        target = self.clock.after(seconds)
        position, kept = self.clock.position, 0
        try:
            for _ in self._run_timers(target):
                self.keep_clock()
                self.commit()
                position, kept = self.clock.position, kept + 1
            self.clock.move_to(target)
            self.keep_clock()
            self.commit()
        except StoreError as error:
            self.store.abandon()
            self._rolled_back()
            self.clock.return_to(position)
            if kept:
                raise StoreError(
                    f"{error}; what was due before was kept: the clock has come as far as "
                    f"{from_micros(self.clock.peek()):%Y-%m-%dT%H:%M:%S.%fZ}"
                ) from error
            raise

    def keep_clock(self) -> None:
        """Write where the clock stands, for it to go on there when the database is opened again.

        Raises:
            StoreError: The disk does not take it.
        """
        self._time_kept = self.clock.peek()
        self.store.keep_setting(_AHEAD, str(self.clock.ahead).encode())
        self.store.keep_setting(_LAST, str(self._time_kept).encode())

    def continue_clock(self) -> None:
        """Have the clock go on where it stood when the database was last written."""
        ahead, last = (self.store.company.setting(key) for key in (_AHEAD, _LAST))
        if ahead is not None:
            self.clock.stay_ahead(int(ahead))
        if last is not None:
            self.clock.go_on_after(int(last))

    def _keep_time(self) -> None:
        """Have the database know a time that no timestamp of the next commit is later than."""
        now = self.clock.peek()
        if now > self._time_kept:
            # A stopped clock stands exactly where it stood; a running one is on its way anyway.
            self._time_kept = now + (_TIME_KEPT_AHEAD if self.clock.running else 0)
            self.store.keep_setting(_LAST, str(self._time_kept).encode())

    def take_over(self, other: "World") -> None:
        """Become what another world is, which is in memory and is closed; all of it or nothing.

        Raises:
            StoreError: The disk does not take it.
        """
        self.commit()
        try:
            self.store.take_over(other.store)
        except StoreError:
            other.store.close()
            raise
        self.clock = other.clock
        self.customer_sessions.clear()
        self.queue_places.clear()
        self.group_statuses = None
        self._time_kept = 0
        self.rng.setstate(other.rng.getstate())

    def _run_timers(self, until: int) -> Iterator[None]:
        """Do what is due by a time; yields after every so many timers, for a commit."""
        done = 0
        while True:
            timer = self.store.timers.first(until)
            if timer is None:
                return
            self.clock.move_to(timer.due)
            try:
                self.unit(self._run_timer, timer)
            except DamagedFile:
                # It has been logged; what else is due must not wait for it for good.
                self.unit(self.store.timers.remove, timer)
            except StoreError:
                raise
            except Exception:  # noqa: BLE001 - one defect must not stop time for good
                _LOG.exception("the timer %s failed; this is a defect of the sandbox", timer.kind)
                self.unit(self.store.timers.remove, timer)
            done += 1
            if done % _TIMERS_PER_COMMIT == 0:
                yield

    def _run_timer(self, timer: TimerRow) -> None:
        self.store.timers.remove(timer)
        self._timers[timer.kind](self, timer)

    @property
    def listened(self) -> bool:
        """Whether anybody is subscribed: payloads that cost something are built only then."""
        return bool(self._subscribers)
