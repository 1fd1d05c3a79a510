"""Who was in a chat, as far as its threads and their system messages tell."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from frontdesk.core.rtm.recovery.known_chats import (
    CUSTOMER,
    LONG_AGO,
    TRANSFERRED,
    KnownChat,
    ShownChat,
)
from frontdesk.core.rtm.recovery.messages import (
    JOINED,
    LEFT,
    closing_of,
    kind_of,
    times_of,
    variables_of,
    was_unassigned,
)
from frontdesk.models import Agent, Customer, SystemMessageEvent, Thread

__all__ = ["Evidence", "People"]


AGENT: Final = "agent"


class Evidence(Struct, kw_only=True):
    """What is known of one chat, and what the API shows of it.

    Args:
        me: the agent.
        start: what was known of the chat when the gap began.
        end: the chat at the end of the gap.
        threads: those that may tell something, oldest first.
        names: the agents who have been seen in any chat, by name.
        gone_from: when the server may have begun to take chats from the agent for his absence.
    """

    me: str
    start: KnownChat
    end: ShownChat
    threads: Sequence[Thread]
    names: Mapping[str, set[str]] = msgspec.field(default_factory=dict[str, set[str]])
    gone_from: datetime | None = None


class People:
    """The users of one chat between what was known of it and what is shown of it."""

    def __init__(self, evidence: Evidence) -> None:
        self._me = evidence.me
        self._names = evidence.names
        self._start = start = evidence.start
        self._end = end = evidence.end
        self._threads = evidence.threads
        self._certain = True
        """Whether all that happened is known."""
        self._present = dict(start.present)
        self._ahead = list(start.ahead)
        self._doubted: set[str] = set()
        """Agents who were in the thread when it began, or came later: nothing says which."""
        self._kinds = {user.id: user for user in end.users}

    def _within(self, thread: Thread) -> list[Any]:
        """Return the events of a thread up to the end of the gap."""
        events = list(thread.events or ())
        if thread.id == self._end.thread_id and self._end.last_at > LONG_AGO:
            last_at = self._end.last_at
            return [event for event in events if event.created_at <= last_at]
        return events

    def _seen(self, events: list[Any]) -> int:
        """Return how many events of the thread were delivered, or came before the agent."""
        start, seen = self._start, 0
        for position, event in enumerate(events):
            if event.id == start.last_id or event.created_at <= start.last_at:
                seen = position + 1
        return seen

    def _first_users(
        self, thread: Thread, first: list[Any], later: list[Any]
    ) -> tuple[dict[str, str], bool]:
        """Return who was in a thread when it began, and whether that is certain.

        ``user_ids`` are in the order in which users came; those who were there at the beginning
        are before all whose coming is known.
        """
        came_later = self._later_comers(thread, first, later)
        transfers = [e for e in later if kind_of(e) == TRANSFERRED]
        targets = {
            user_id
            for event in transfers
            for user_id in self._targets(variables_of(event).get("targets"))
        }
        agents: list[str] = []
        present: dict[str, str] = {}
        for user_id in thread.user_ids or ():
            if self._is_customer(user_id):
                if user_id not in came_later:
                    present[user_id] = CUSTOMER
            elif user_id in came_later:
                break
            else:
                agents.append(user_id)
        by_customer = bool(first) and self._is_customer(first[0].author_id)
        left = any((kind_of(event) or "").startswith("routing.unassigned") for event in later)
        if CUSTOMER not in present.values():
            # Only where a customer is left alone does a message say so.
            left = left or self._was_empty(agents[:1], later)
        if agents and was_unassigned(thread, left=left):
            # They may as well have been given the chat while it waited.
            self._doubted.update(agents)
            return present, False
        certain = not (by_customer and not agents and not was_unassigned(thread, left=False))
        if by_customer:
            # The router has chosen one.
            agents = agents[:1]
        elif len(agents) > 1 and (transfers or left):
            # A transfer to a group or to "another agent" does not tell who came by it.
            certain = False
            kept = [
                user_id
                for user_id in agents
                if user_id == agents[0] or (user_id != self._me and user_id not in targets)
            ]
            self._doubted.update(user_id for user_id in agents if user_id not in kept)
            agents = kept
        present.update(dict.fromkeys(agents, "all"))
        return present, certain

    def _was_empty(self, agents: list[str], events: list[Any]) -> bool:
        """Whether a chat had no agents at some time: then the next one comes without a message."""
        there = set(agents)
        for event in events:
            author_id = getattr(event, "author_id", None)
            if author_id and not self._is_customer(author_id):
                there.add(author_id)
            for user_id, came in self._moves([event]):
                if came:
                    there.add(user_id)
                else:
                    there.discard(user_id)
            if not there:
                return bool(agents)
        return False

    def _later_comers(self, thread: Thread, first: list[Any], later: list[Any]) -> frozenset[str]:
        """Return the users who were not in a thread when it began, as a message tells.

        A message may tell of the second coming of somebody whom a transfer has removed. Whoever
        wrote before it, or is in front of somebody who came before it, was there already.
        """
        comings: dict[str, int] = {}
        seen: dict[str, int] = {}
        for event in first:
            seen.setdefault(event.author_id or "", -1)
        for position, event in enumerate(later):
            for user_id, came in self._moves([event]):
                if user_id not in seen and came:
                    comings[user_id] = position
                seen.setdefault(user_id, position)
            seen.setdefault(getattr(event, "author_id", None) or "", position)
        came_later: set[str] = set()
        by_then = len(later)
        for user_id in reversed(thread.user_ids or ()):
            coming = comings.get(user_id)
            if coming is not None and coming <= by_then:
                came_later.add(user_id)
            by_then = min(by_then, seen.get(user_id, by_then))
        return frozenset(came_later)

    def _targets(self, names: str | None) -> list[str]:
        """Return the agents whom a transfer named."""
        named = self._named(names)
        if named:
            return named
        return [user_id for name in (names or "").split(", ") for user_id in self._named(name)]

    def _moves(self, events: list[Any]) -> Iterator[tuple[str, bool]]:  # noqa: C901 - a case for each kind of message
        """Yield who came (true) and who went, as far as system messages name them."""
        for event in events:
            if not isinstance(event, SystemMessageEvent):
                continue
            kind, names = event.system_message_type, event.text_vars or {}
            if kind in JOINED:
                for user_id in self._named(names.get(JOINED[kind]), JOINED[kind]):
                    yield user_id, True
            elif kind in LEFT or (kind.startswith("routing.") and "agent" in names):
                for user_id in self._named(names.get("agent")):
                    yield user_id, False
            elif kind.startswith("routing.assigned"):
                for name in (names.get("agent_removed") or "").split(", "):
                    for user_id in self._named(name):
                        yield user_id, False
                for user_id in self._named(names.get("agent_added")):
                    yield user_id, True

    def _first_move(self, events: list[Any], user_id: str) -> bool | None:
        """Return whether the first message about a user's coming or going tells that he came.

        Messages that name a user for something else do not count: whoever ends a chat need not
        have been in it. ``None`` if there is no such message.
        """
        for event in events:
            if kind_of(event) == TRANSFERRED:
                if user_id in self._targets(variables_of(event).get("targets")):
                    return True
                continue
            for moved, came in self._moves([event]):
                if moved == user_id:
                    return came
        return None

    def _is_doubtful(self, thread: Thread) -> bool:
        """Whether a thread may have ended before the log-in, or after the cut.

        A log-in tells no time, and no push has since: the cut was too soon after it.
        """
        start, end = self._start, self._end
        still_on = end.active and thread.id == end.thread_id
        if still_on or start.doubtful_until == LONG_AGO:
            return False
        events = self._within(thread)
        if thread.id != start.thread_id:
            until = max(thread.created_at, *times_of(events))
            return start.last_at < thread.created_at and until <= start.doubtful_until
        # What pushes tell of was there after the log-in.
        heard_of = bool(start.last_id or start.ahead)
        ending, _ = closing_of(events)
        if heard_of or ending is None or ending < self._seen(events):
            return False
        return bool(events[ending].created_at <= start.doubtful_until)

    def _complete_start(self) -> None:
        """Find who was there at the beginning, from who is there at the end."""
        first: dict[str, bool] = {}
        for thread in self._threads:
            if thread.id != self._start.thread_id:
                break
            events = self._within(thread)
            for user_id, came in self._moves(events[self._seen(events) :]):
                first.setdefault(user_id, came)
        same_thread = self._end.thread_id == self._start.thread_id
        for user_id, visibility in self._end.present.items():
            if user_id not in first and same_thread and user_id != self._me:
                self._present.setdefault(user_id, visibility)
        for user_id, came in first.items():
            if not came and user_id != self._me:
                kind = CUSTOMER if self._is_customer(user_id) else "all"
                self._present.setdefault(user_id, kind)
            elif came and user_id != self._me and (user_id, True) not in self._ahead:
                self._present.pop(user_id, None)

    def _may_have_left(self) -> bool:
        """Whether an agent may have left without a trace of whom it was not known that he came."""
        thread = next((t for t in self._threads if t.id == self._start.thread_id), None)
        if thread is None:
            return False
        visible_to: dict[str, str] = {}
        gone: set[str] = set()
        for event in self._within(thread):
            if kind_of(event) == TRANSFERRED:
                stay = self._targets(variables_of(event).get("targets"))
                users = thread.user_ids or ()
                gone.update(u for u in users if visible_to.get(u, "all") == "all")
                # Who came by a transfer to a group may have been there before.
                gone.difference_update(stay or users)
                continue
            for user_id, came in self._moves([event]):
                if came:
                    visible_to[user_id] = event.visibility or "all"
                    gone.discard(user_id)
                else:
                    gone.add(user_id)
            gone.discard(getattr(event, "author_id", None) or "")
        if was_unassigned(thread):
            # Whoever had gone may have been given the chat again.
            gone.clear()
        return any(
            user_id not in gone
            and user_id not in self._end.present
            and user_id not in self._start.present
            and not self._is_customer(user_id)
            and self._can_leave_unseen(thread, user_id)
            for user_id in thread.user_ids or ()
        )

    def _can_leave_unseen(self, thread: Thread, user_id: str) -> bool:
        """Whether an agent who was in a chat can have left it meanwhile without a message.

        The server writes one when nobody serves the customer any more.
        """
        if not any(isinstance(user, Customer) for user in self._end.users):
            return True
        if not self._end.active or not self._end.settled or self._end.thread_id != thread.id:
            return True
        events = self._within(thread)
        missed = events[self._seen(events) :]
        serving = {**self._start.present, **self._end.present}
        for event in missed:
            kind = kind_of(event)
            if kind == TRANSFERRED or (kind in JOINED and event.visibility == "all"):
                return True
            author = self._kinds.get(getattr(event, "author_id", None) or "")
            if isinstance(author, Agent) and author.id != user_id:
                return True
            is_hidden = kind in LEFT and event.visibility == "agents"
            if not is_hidden and any(other != user_id for other, _ in self._moves([event])):
                # Whoever goes had served the chat until then.
                return True
        return any(
            visibility == "all" and other != user_id for other, visibility in serving.items()
        )

    def _may_have_been_there(self) -> bool:
        """Whether the agent may have been in the chat at a time between the start and the end.

        He was not then, and is among those who have been in the thread: perhaps only earlier.
        """
        thread = next((t for t in self._threads if t.id == self._end.thread_id), None)
        if thread is None or thread.id != self._start.thread_id or self._me not in self._start.met:
            return True
        events = self._within(thread)
        missed = [kind_of(event) for event in events[self._seen(events) :]]
        if TRANSFERRED in missed or self._me in self._start.present:
            return True
        # Whom the router gives a waiting chat leaves without a message when others have joined.
        return was_unassigned(thread) and (
            not self._end.active or not JOINED.keys().isdisjoint(missed)
        )

    def _named(self, name: str | None, kind: str = AGENT) -> list[str]:
        """Return the users of a name. Customers choose theirs, and may choose that of an agent."""
        if not name:
            return []
        is_customer = kind == CUSTOMER
        return [
            user.id
            for user in self._end.users
            if user.name == name and (user.type == CUSTOMER) is is_customer
        ]

    def _one(self, name: str | None, *, present: bool, kind: str = AGENT) -> str | None:
        """Return the user of a name who is there, or is not; among several, the likely one."""
        ids = self._named(name, kind)
        if len(ids) == 1:
            return ids[0]
        fitting = [user_id for user_id in ids if (user_id in self._present) is present]
        if len(fitting) != 1:
            self._certain = False
        return fitting[0] if fitting else None

    def _requester(self, name: str | None) -> str | None:
        """Return the agent of a name, who need not be in the chat."""
        ids = self._named(name) or sorted(self._names.get(name or "", ()))
        if len(ids) != 1:
            self._certain = False
        return ids[0] if len(ids) == 1 else None

    def _is_customer(self, user_id: str | None) -> bool:
        return isinstance(self._kinds.get(user_id or ""), Customer)
