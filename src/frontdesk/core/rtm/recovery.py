"""Which events an interruption has cost, and reading them back.

The server repeats nothing after a reconnect. So the session remembers the events that it has
delivered lately, and after an interruption

1. lists the summaries of the active chats, and of the inactive ones whose last thread is new;
2. reads the threads of the chats that have changed;
3. delivers the events that were not delivered before, each once and in the order of its thread.

Meanwhile the pushes of the new connection are held back, so that new events do not overtake the
missed ones. Only chats count whose pushes the agent gets: those he is a user of or follows.

Times are compared with times of the server alone; the clock of this machine does not matter.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from frontdesk.actions import Action, GetChat, ListChats, ListThreads
from frontdesk.core.pages import Walk
from frontdesk.errors import APIError, AuthorizationError, MissingAccess, NotFound
from frontdesk.models import Chat, ChatsFilters, ChatSummary, LoginResponse, Thread
from frontdesk.pushes import ChatDeactivated, IncomingChat, IncomingEvent, Push

__all__ = ["RECOVERABLE", "WATCHED", "Reading", "Recovery"]

RECOVERABLE: Final = (IncomingEvent,)
"""The pushes that are delivered after an interruption as if there had been none."""
WATCHED: Final = frozenset({"incoming_event", "incoming_chat", "chat_deactivated"})
"""The pushes that must be seen here although nobody has subscribed to them."""

MEMORY: Final = 20_000
"""Events, and chats, to remember; up to twice that between two clean-ups."""
HOLD: Final = 10_000
"""Pushes to hold back; more are let go, and order is lost rather than memory."""
OVERLAP: Final = timedelta(seconds=10)
"""How much later than a younger event an older one may arrive."""
TICK: Final = timedelta(microseconds=1)
LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
CHATS_A_PAGE: Final = 100
THREADS_A_PAGE: Final = 20


class Memory:
    """The newest keys with their values, in two generations."""

    __slots__ = ("_new", "_old")

    def __init__(self) -> None:
        self._new: dict[str, Any] = {}
        self._old: dict[str, Any] = {}

    def put(self, key: str, value: Any = None) -> int:
        """Remember a key; return the size of the new generation."""
        self._new[key] = value
        return len(self._new)

    def age(self) -> None:
        """Forget the old generation and begin a new one."""
        self._old, self._new = self._new, {}

    def drop(self, key: str) -> None:
        """Forget a key."""
        self._new.pop(key, None)
        self._old.pop(key, None)

    def __len__(self) -> int:
        return len(self._new)

    def __contains__(self, key: str) -> bool:
        return key in self._new or key in self._old

    def items(self) -> dict[str, Any]:
        """Return all keys with their values."""
        return {**self._old, **self._new}


class Changed(Struct, frozen=True):
    """A chat to read: this one thread of it, or all that are new."""

    chat_id: str
    thread_id: str | None


Step = Action[Any] | list[Push]
"""A request whose answer is awaited, or pushes to deliver."""


class Recovery:
    """What was delivered, what is held back, and what is missing."""

    def __init__(
        self, *, memory: int = MEMORY, hold: int = HOLD, overlap: timedelta = OVERLAP
    ) -> None:
        self._limit = memory
        self._hold = hold
        self._overlap = overlap
        self._seen = Memory()
        self._recovered = Memory()
        self._active = Memory()
        self._newest: datetime | None = None
        self._began = self._forgotten = self._forgotten_next = LONG_AGO
        self._logged_in_at: datetime | None = None
        self._me = ""
        self._since: datetime | None = None
        self._interrupted = False
        self._overflowed = False
        self._patchy = False
        """Events were delivered that are younger than some which are missing still."""
        self._held: deque[Push] = deque()
        self._held_ids: set[str] = set()
        self._stale: dict[str, IncomingEvent] = {}

    def logged_in(self, login: LoginResponse, moment: datetime) -> None:
        """Take note of the first log-in and the server's time then."""
        self._me = login.my_profile.id
        self._logged_in_at = moment
        for summary in login.chats_summary:
            thread = summary.last_thread_summary
            if thread is not None and thread.active:
                self._goes_on(summary.id, thread.id)

    # ------------------------------------------------------------ what arrives

    def arrived(self, push: Push) -> Iterable[Push]:
        """Take note of a push; return what to deliver now."""
        if isinstance(push, IncomingEvent) and push.event.id in self._recovered:
            return ()
        if not self._interrupted or self._overflowed:
            self._delivered(push)
            return (push,)
        self._held.append(push)
        self._held_ids.update(event_id for event_id, _ in _events_of(push))
        if len(self._held) <= self._hold:
            return ()
        self._overflowed = self._patchy = True
        return self._let_go()

    def _delivered(self, push: Push) -> None:
        match push:
            case IncomingEvent():
                self._saw(push.event.id, push.event.created_at)
                self._goes_on(push.chat_id, push.thread_id)
            case IncomingChat():
                for event_id, created_at in _events_of(push):
                    self._saw(event_id, created_at)
                if push.chat.thread is not None and push.chat.thread.active:
                    self._goes_on(push.chat.id, push.chat.thread.id)
            case ChatDeactivated():
                self._active.drop(push.chat_id)
            case _:
                pass

    def _saw(self, event_id: str, created_at: datetime) -> None:
        if self._newest is None or created_at > self._newest:
            self._newest = created_at
        size = self._seen.put(event_id)
        if self._interrupted or (size < self._limit and created_at - self._began <= self._overlap):
            return
        self._seen.age()
        self._began = created_at
        self._forgotten, self._forgotten_next = self._forgotten_next, self._newest

    def _goes_on(self, chat_id: str, thread_id: str) -> None:
        if self._active.put(chat_id, thread_id) >= self._limit:
            self._active.age()

    # ------------------------------------------------------------ interruptions

    def interrupted(self) -> list[Push]:
        """Take note that the connection is lost; return what is no use to hold back any longer.

        From now on pushes are held back. Events held already stay so, because older ones of their
        thread may be missing still.
        """
        self._begin_gap()
        freed: list[Push] = []
        for push in self._held:
            if isinstance(push, IncomingEvent):
                self._stale[push.event.id] = push
            else:
                freed.append(push)
        self._held.clear()
        self._held_ids.clear()
        for push in freed:
            self._delivered(push)
        self._patchy = self._patchy or bool(freed)
        return freed

    def ended(self) -> list[Push]:
        """Take note that the session is over; return what was held back.

        ``steps`` reads back from here if there is another session. What is returned may overtake
        events that are missing still: there may be no other session to deliver it.
        """
        self._begin_gap()
        held = self._let_go()
        self._patchy = self._patchy or bool(held)
        return held

    def _begin_gap(self) -> None:
        if not self._interrupted:
            self._interrupted = True
            self._since = self._known_until()

    def _known_until(self) -> datetime | None:
        """Return the moment before which nothing can be missing."""
        if self._newest is None:
            return self._logged_in_at
        return max(self._newest - self._overlap, self._forgotten + TICK)

    def release(self) -> list[Push]:
        """Stop holding back; return what was held, in order."""
        held = self._let_go()
        self._interrupted = self._overflowed = self._patchy = False
        self._since = None
        if len(self._recovered) > self._limit:
            self._recovered.age()
        return held

    def _let_go(self) -> list[Push]:
        held = [*self._stale.values(), *self._held]
        self._stale.clear()
        self._held.clear()
        self._held_ids.clear()
        for push in held:
            self._delivered(push)
        return held

    # ------------------------------------------------------------ reading back

    def steps(self) -> Generator[Step, Any, None]:
        """Read back what is missing; ``release`` what was held afterwards."""
        since = self._since
        if since is None:
            return
        believed_active = self._active.items()
        changed: list[Changed] = []
        listed: set[str] = set()
        for active in (True, False):
            walk = Walk(ListChats(filters=ChatsFilters(active=active), limit=CHATS_A_PAGE))
            while not walk.done:
                summaries: list[ChatSummary] = walk.take((yield walk.action()))
                listed.update(summary.id for summary in summaries)
                changed += [c for s in summaries if (c := self._changed(s, since)) is not None]
                if not active:
                    for summary in summaries:
                        self._active.drop(summary.id)
                if not active and any(_last_thread_older(s, since) for s in summaries):
                    break
        changed += [
            Changed(chat_id, thread_id)
            for chat_id, thread_id in believed_active.items()
            if chat_id not in listed
        ]
        for chat in changed:
            threads = yield from self._read(chat, since)
            missed = list(self._missed(chat.chat_id, threads, since))
            if missed:
                yield missed

    def _changed(self, summary: ChatSummary, since: datetime) -> Changed | None:
        thread = summary.last_thread_summary
        if thread is None or not self._concerns_me(summary):
            return None
        is_new = thread.created_at is None or thread.created_at >= since
        last = summary.last_event_per_type
        if last is None:
            worth_reading = is_new or thread.active or summary.id in self._active
        else:
            worth_reading = any(self._is_missed(entry.event, since) for entry in last.values())
        return Changed(summary.id, None if is_new else thread.id) if worth_reading else None

    def _concerns_me(self, summary: ChatSummary) -> bool:
        thread = summary.last_thread_summary
        return (
            bool(summary.is_followed)
            or summary.id in self._active
            or (thread is not None and self._me in (thread.user_ids or ()))
            or any(user.id == self._me and user.present for user in summary.users)
        )

    def _is_missed(self, event: Any, since: datetime) -> bool:
        created_at = getattr(event, "created_at", None)
        if created_at is None or created_at < since:
            return False
        return self._patchy or event.id not in self._seen

    def _read(self, chat: Changed, since: datetime) -> Generator[Step, Any, list[Thread]]:
        """Read the threads that may hold missed events, oldest first."""
        threads: list[Thread] = []
        try:
            if chat.thread_id is not None:
                answer: Chat = yield GetChat(chat_id=chat.chat_id, thread_id=chat.thread_id)
                if answer.thread is None or not answer.thread.active:
                    self._active.drop(chat.chat_id)
                return [] if answer.thread is None else [answer.thread]
            walk = Walk(ListThreads(chat_id=chat.chat_id, limit=THREADS_A_PAGE))
            while not walk.done:
                for thread in walk.take((yield walk.action())):
                    threads.insert(0, thread)
                    # Only one thread is active at a time: those before this one were over by then.
                    if thread.created_at < since:
                        return threads
        except (NotFound, MissingAccess, AuthorizationError):
            # The chat was deleted or taken away from the agent, so its pushes ended as well.
            self._active.drop(chat.chat_id)
        return threads

    def _missed(self, chat_id: str, threads: Iterable[Thread], since: datetime) -> Iterable[Push]:
        for thread in threads:
            for event in thread.events or ():
                if event.created_at < since or event.id in self._seen:
                    continue
                if event.id in self._held_ids:
                    # From here on the events come, or have come, over the new connection.
                    return
                push = self._stale.pop(event.id, None)
                if push is None:
                    push = IncomingEvent(
                        chat_id=chat_id, thread_id=thread.id, event=event, recovered=True
                    )
                    self._recovered.put(event.id)
                self._delivered(push)
                yield push


class Reading:
    """One go at reading back what is missing.

    ``begin``, ``answered`` and ``refused`` deliver what has been found, at once and before
    anything else can happen, and return the next request, or ``None`` at the end.
    """

    def __init__(self, recovery: Recovery, deliver: Callable[[Push], None]) -> None:
        self.events = 0
        self.requests = 0
        self._steps = recovery.steps()
        self._deliver = deliver

    def begin(self) -> Action[Any] | None:
        """Return the first request."""
        return self._go(lambda: next(self._steps))

    def answered(self, answer: Any) -> Action[Any] | None:
        """Take the answer to the last request."""
        return self._go(lambda: self._steps.send(answer))

    def refused(self, error: APIError) -> Action[Any] | None:
        """Take the refusal of the last request; raises it when nothing can be read back."""
        return self._go(lambda: self._steps.throw(error))

    def _go(self, move: Callable[[], Step]) -> Action[Any] | None:
        try:
            step = move()
            while isinstance(step, list):
                for push in step:
                    self._deliver(push)
                self.events += len(step)
                step = next(self._steps)
        except StopIteration:
            return None
        self.requests += 1
        return step


def _events_of(push: Push) -> Iterable[tuple[str, datetime]]:
    match push:
        case IncomingEvent():
            return [(push.event.id, push.event.created_at)]
        case IncomingChat() if push.chat.thread is not None:
            return [(event.id, event.created_at) for event in push.chat.thread.events or ()]
        case _:
            return []


def _last_thread_older(summary: ChatSummary, moment: datetime) -> bool:
    thread = summary.last_thread_summary
    return thread is None or (thread.created_at is not None and thread.created_at < moment)
