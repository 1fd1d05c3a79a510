"""What happened in a chat between what was known of it and what is shown of it later.

The threads tell what was said, and most of who came and went: the server writes a system message
about it. Some changes leave no trace, such as an agent whom the router gives a waiting chat: they
are seen because the users at the end are others than the story says. Where they belong is then
known only to lie between two events.
"""

from datetime import datetime
from typing import Any

from frontdesk.core.rtm.recovery.facts import (
    Came,
    Closed,
    Fact,
    Followed,
    Handed,
    Opened,
    Said,
    Went,
)
from frontdesk.core.rtm.recovery.known_chats import CUSTOMER, TRANSFERRED, serving
from frontdesk.core.rtm.recovery.messages import (
    ARCHIVED_BY_ROUTER,
    JOINED,
    LEFT,
    SAME_TIME,
    UNKNOWN_REQUESTER,
    closing_of,
    was_unassigned,
)
from frontdesk.core.rtm.recovery.people import Evidence, People
from frontdesk.models import Agent, SystemMessageEvent, Thread

__all__ = ["Story"]


class Story(People):
    """The facts about one chat, in order.

    ``certain`` is false when more may have happened than is known.
    """

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence)
        self._facts: list[Fact] = []
        self._gone_from = evidence.gone_from
        self._first = self._present
        self._skipped = False
        self._shaky = False
        self._was_added = False
        """The agent's coming was pushed, and is reported once more by a message that was not."""
        self._left_unseen = False
        """Whether somebody was in the chat of whom it is not known until when."""
        self._waits_for_proof = False
        """The agent's coming was pushed, and it is not known before which event he came."""
        self._server_known = evidence.start.complete
        """Whether it is known exactly who serves the chat."""
        self._ending: int | None = None
        """Where the story of the last thread comes to its end."""
        self._guessed: set[str] = set()
        """Users who came without a trace, so that it was not known who sees them."""
        self._thread: Thread | None = None
        self._open = False

    def tell(self) -> None:
        """Find what happened."""
        if (self._me, True) in self._ahead:
            self._find_coming()
        if not self._start.complete:
            self._complete_start()
            self._left_unseen = self._may_have_left()
            self._certain = self._certain and not self._left_unseen
        self._first = dict(self._present)
        for thread in self._threads:
            if self._is_doubtful(thread):
                self._certain, self._skipped = False, True
            else:
                self._tell(thread)
            if thread.id == self._end.thread_id:
                break
        self._reconcile()
        if self._gone_from is not None:
            self._leave_early(self._gone_from)
        if self._left_no_trace() or self._hidden_threads():
            self._certain = False

    def _leave_early(self, gone_from: datetime) -> None:
        """Have the agent leave as early as the server may have taken him a chat.

        It does so without a message unless a customer is left alone.
        """
        me, present, served, number = self._me, dict(self._first), False, 0
        while number < len(self._facts):
            fact = self._facts[number]
            if isinstance(fact, Opened):
                present, served = dict(fact.present), False
            elif isinstance(fact, Came):
                present[fact.user_id] = fact.visibility
            elif isinstance(fact, Went):
                present.pop(fact.user_id, None)
                if fact.user_id == me and not fact.placed:
                    self._facts.insert(self._last_sign(number, gone_from), self._facts.pop(number))
            served = served or any(user_id != me for user_id in serving(present))
            served = served or CUSTOMER not in present.values()
            if isinstance(fact, Closed) and served and me in present:
                position = self._last_sign(number, gone_from)
                # Who is in the last thread at its end is known.
                is_known = fact.thread.id == self._end.thread_id and self._end.settled
                if position < number and not is_known:
                    self._certain = False
                    self._facts.insert(
                        position,
                        Went(me, "other", None, fact.thread.id, certain=False, placed=False),
                    )
                    number += 1
            number += 1

    def _last_sign(self, before: int, gone_from: datetime) -> int:
        """Return how many facts there are up to the last time that the agent was surely there."""
        position = 0
        for number, fact in enumerate(self._facts[:before], start=1):
            early = isinstance(fact, Said) and fact.event.created_at < gone_from
            early = early or (isinstance(fact, Opened) and fact.thread.created_at < gone_from)
            if early or _proves(fact, self._me):
                position = number
        return position

    def _hidden_threads(self) -> bool:
        """Whether a thread is not shown: the agent has no access to its groups any more."""
        start = self._start
        if not self._threads and self._end.settled and self._end.thread_id == start.thread_id:
            # Nothing was said, and no thread was read.
            return False
        visible = {thread.id for thread in self._threads}
        if start.active and start.thread_id not in visible:
            return True
        return any(
            thread.previous_thread_id not in visible
            for thread in self._threads
            if thread.previous_thread_id not in (None, start.thread_id)
            and thread.id != start.thread_id
            and thread.created_at > start.last_at
        )

    def _left_no_trace(self) -> bool:
        """Whether somebody was in a thread meanwhile of whom nothing else tells."""
        met = {*self._first, *self._start.met}
        for fact in self._facts:
            if isinstance(fact, Opened):
                met.update(fact.present)
            elif isinstance(fact, Came):
                met.add(fact.user_id)
        return any(
            user_id not in met and not self._is_customer(user_id)
            for thread in self._threads
            if thread.id != self._start.thread_id or self._start.complete
            for user_id in thread.user_ids or ()
        )

    def _find_coming(self) -> None:
        """See whether a message tells when the agent came, whose coming was pushed."""
        thread = next((t for t in self._threads if t.id == self._start.thread_id), None)
        events = self._within(thread) if thread is not None else []
        missed = events[self._seen(events) :]
        if self._first_move(missed, self._me) is True:
            self._was_added = True
            self._ahead = [move for move in self._ahead if move[0] != self._me]
            self._present.pop(self._me, None)
            return
        if missed:
            # What was said before the agent came cannot be told from what was said since.
            self._certain = False
            self._waits_for_proof = True

    def _tell(self, thread: Thread) -> None:  # noqa: C901 - begins and ends differ by thread
        events = self._within(thread)
        if thread.restricted_access is not None:
            self._certain = False
        closes = not (self._end.active and thread.id == self._end.thread_id)
        ending, closing = closing_of(events) if closes else (None, None)
        self._ending = None
        if thread.id == self._start.thread_id:
            self._thread, self._open = thread, self._start.active
            begin = self._seen(events)
            if self._start.transfer is not None:
                self._transfer(self._start.transfer.event, events[begin:], events[:begin])
            if closing is None:
                closing = len(events) if closes else None
            elif closing <= begin:
                # A chat that nothing was heard of had ended before.
                self._open = self._open and bool(self._start.last_id)
                closing = begin
        elif thread.created_at <= self._start.last_at:
            return
        else:
            begin = self._opened(thread, events, active=closing is not None or not closes)
        for position in range(begin, len(events)):
            if position == closing:
                self._closed(thread, events)
            if position == ending:
                self._ending = len(self._facts)
            self._say(events[position], events[position + 1 :], events[: position + 1])
        if closing == len(events):
            self._closed(thread, events)

    def _opened(self, thread: Thread, events: list[Any], *, active: bool) -> int:
        """Begin a thread; return how many events it began with."""
        since, first = thread.created_at, 0
        for event in events:
            if isinstance(event, SystemMessageEvent) or event.created_at - since > SAME_TIME:
                break
            since, first = event.created_at, first + 1
        present, certain = self._first_users(thread, events[:first], events[first:])
        self._certain = self._certain and certain
        self._present = dict(present)
        self._ahead.clear()
        self._thread, self._open = thread, active
        self._server_known, self._shaky = certain, self._shaky and not certain
        self._facts.append(Opened(thread, events[:first], present, active, certain))
        return first

    def _say(self, event: Any, later: list[Any], until: list[Any]) -> None:
        thread = self._thread
        assert thread is not None
        if not isinstance(event, SystemMessageEvent):
            author_id = getattr(event, "author_id", None)
            if (
                author_id
                and isinstance(self._kinds.get(author_id), Agent)
                and author_id not in self._present
            ):
                # Only users of a chat write into it, so this one came without a trace.
                self._guessed.add(author_id)
                shown = self._end.present.get(author_id)
                # He may have been there before, as far as is known.
                new = self._start.complete or thread.id != self._start.thread_id
                self._silently_came(author_id, shown or event.visibility or "all", alone=new)
            self._facts.append(Said(event, thread))
            return
        kind, names = event.system_message_type, event.text_vars or {}
        initiator = self._requester(names["initiator"]) if "initiator" in names else None
        if kind in JOINED:
            joined = JOINED[kind]
            user_id = self._one(names.get(joined), present=False, kind=joined)
            requester = initiator if "initiator" in names else user_id
            self._came(user_id, event.visibility or "all", "manual", requester)
        elif kind in LEFT:
            user_id = self._one(names.get("agent"), present=True)
            self._went(user_id, "manual", initiator if "initiator" in names else user_id)
        elif kind == TRANSFERRED:
            self._facts.append(Said(event, thread))
            self._transfer(event, later, until)
            return
        elif kind.startswith("routing.assigned"):
            added = self._one(names.get("agent_added"), present=False)
            # Whoever is taken the chat goes before the new one comes.
            was_pushed = (added or "", True) in self._ahead
            for name in (names.get("agent_removed") or "").split(", "):
                removed = self._one(name, present=True)
                if was_pushed:
                    self._present.pop(removed or "", None)
                else:
                    self._taken(removed, kind)
            self._came(added, "all", "assigned", None)
        elif kind.startswith(("routing.unassigned", ARCHIVED_BY_ROUTER)) and "agent" in names:
            self._taken(self._one(names.get("agent"), present=True), kind)
        self._facts.append(Said(event, thread))

    def _came(
        self, user_id: str | None, visibility: str, reason: str, requester_id: str | None
    ) -> None:
        if user_id is None:
            return
        if self._was_pushed(user_id, came=True):
            return
        if self._is_customer(user_id):
            visibility = CUSTOMER
        if self._present.get(user_id) == visibility:
            self._silently_went(user_id)
        self._present[user_id] = visibility
        self._facts.append(
            Came(
                user_id,
                visibility,
                reason,
                requester_id,
                self._now_open(),
                placed=user_id not in self._doubted,
            )
        )

    def _was_pushed(self, user_id: str, *, came: bool) -> bool:
        """Whether a coming or going was pushed before the gap, and is reported once more now."""
        if (user_id, came) not in self._ahead:
            return False
        self._ahead.remove((user_id, came))
        return True

    def _went(
        self, user_id: str | None, reason: str, requester_id: str | None, *, placed: bool = True
    ) -> None:
        if user_id is None:
            return
        if self._was_pushed(user_id, came=False):
            if (user_id, True) not in self._ahead:
                self._present.pop(user_id, None)
            return
        if user_id not in self._present:
            self._silently_came(user_id)
        self._present.pop(user_id, None)
        thread_id = self._now_open()
        self._facts.append(
            Went(user_id, reason, requester_id, thread_id, certain=placed, placed=placed)
        )

    def _taken(self, user_id: str | None, kind: str) -> None:
        """Tell that the server took a chat from an agent, for the reason of a system message."""
        cause = kind.partition("ed_")[2]
        if cause in UNKNOWN_REQUESTER:
            self._certain = False
        self._went(user_id, "other", user_id if cause == "signed_out" else None)

    def _silently_came(self, user_id: str, visibility: str = "all", *, alone: bool = True) -> None:
        """Put the coming of a user as late as can be; ``alone`` as for one who went."""
        self._server_known = self._certain = False
        # Whoever is seen by others than before has left and come back, nobody knows where.
        was_there = user_id in self._present or (self._shaky and user_id in self._first)
        self._present[user_id] = visibility
        # Perhaps he had not gone at all.
        was_there = was_there or any(
            isinstance(fact, Went) and fact.user_id == user_id and not fact.placed
            for fact in self._facts
        )
        self._shaky = True
        thread, position = self._thread, len(self._facts)
        if self._now_open() is None and self._ending is not None:
            # Nobody is added to a chat that has ended: it was while it still went on.
            position = self._ending
        # The router may have given it the chat, or somebody else: nothing says who.
        waited = thread is None or was_unassigned(thread)
        since = 0
        for number, fact in enumerate(self._facts[:position], start=1):
            if isinstance(fact, Opened) or (isinstance(fact, Went) and fact.user_id == user_id):
                since = number
        self._facts.insert(
            position,
            Came(
                user_id,
                visibility,
                "manual",
                None,
                thread.id if thread is not None else self._now_open(),
                certain=False,
                placed=not waited
                and (user_id == self._me or (alone and since == position))
                and user_id not in self._doubted
                and not was_there,
            ),
        )

    def _silently_went(self, user_id: str, *, alone: bool = True) -> None:
        """Put the going of a user where the user was last known to be there.

        ``alone``: nobody else came or went without a trace, which may have been before.
        """
        self._server_known = self._certain = False
        self._shaky = True
        self._present.pop(user_id, None)
        thread_id, position = self._now_open(), len(self._facts)
        # It may have been before the end or after: reason and thread differ.
        ended = any(isinstance(fact, Closed) for fact in self._facts)
        if thread_id is not None or ended:
            position = 0
            for number, fact in enumerate(self._facts, start=1):
                if _proves(fact, user_id):
                    position = number
        # Nothing is written into a chat that has ended when somebody leaves it.
        self._facts.insert(
            position,
            Went(
                user_id,
                "manual" if thread_id is None else "other",
                None,
                thread_id,
                certain=False,
                # While he follows the chat, the agent is pushed who else comes and goes after.
                placed=not ended
                and (
                    (user_id == self._me and not self._start.followed)
                    or (alone and position == len(self._facts))
                ),
            ),
        )

    def _transfer(  # noqa: C901 - a case for each thing that may not be known
        self, event: SystemMessageEvent, later: list[Any], until: list[Any]
    ) -> None:
        """Tell what followed from a transfer: who left, who came, and who got the chat."""
        thread = self._thread
        assert thread is not None
        pending = self._start.transfer
        resumed = pending is not None and pending.event is event
        before = pending.before if pending is not None and resumed else serving(self._present)
        names = event.text_vars or {}
        initiator = self._requester(names.get("initiator"))
        certain, self._certain = self._certain, True
        target = self._target(names.get("targets") or "", later, thread)
        server_known, self._server_known = self._server_known, self._certain
        # One of several who serve a chat goes offline without a trace.
        alone = resumed or len(before) <= 1
        server_known = server_known and alone
        self._certain = certain and self._certain
        # After a change without a trace it is a guess who was there to be taken the chat.
        self._shaky = self._shaky or was_unassigned(thread)
        # The first agent comes into an empty chat without a message.
        empty = all(visibility == CUSTOMER for visibility in self._present.values())
        first = len(self._facts)
        if self._shaky and self._me in self._present and self._me not in (*before, target):
            # By a change without a trace the agent may serve the chat, and be taken it now.
            self._went(self._me, "manual", initiator, placed=False)
        if not self._start.complete and thread.id == self._start.thread_id:
            self._certain = False
        for user_id in before:
            if user_id != target and user_id in self._present:
                is_known = server_known or user_id == self._me or user_id in self._start.present
                # A group may give the chat back to whom it was taken from.
                surely = alone and is_known and self._server_known
                self._went(user_id, "manual", initiator, placed=surely)
        named = target in self._named(names.get("targets")) and not was_unassigned(thread)
        if target == self._me and self._shaky and not named and target not in self._present:
            # The chat may have waited since, or have been given to others first: what was said
            # before somebody shows that the agent is there may not have been pushed.
            self._certain, target = False, None
        if target is not None and self._present.get(target) != "all":
            self._came(target, "all", "manual", initiator)
        if self._shaky:
            for fact in self._facts[first:]:
                if isinstance(fact, (Came, Went)):
                    fact.placed = fact.certain = False
        if target is None:
            self._shaky = self._shaky or not self._server_known
            return
        unseen = self._left_unseen and thread.id == self._start.thread_id
        doubted = target in self._doubted or self._shaky or unseen or (empty and not resumed)
        if target not in before and not doubted:
            served = before if server_known else None
            self._certain = self._certain and server_known
            self._facts.append(Handed(target, served, until, thread, initiator))

    def _target(self, names: str, later: list[Any], thread: Thread) -> str | None:
        """Return who serves the chat after a transfer; nobody if it waits."""
        exact = self._named(names)
        waited = was_unassigned(thread)
        if len(exact) == 1 and not waited:
            return exact[0]
        if waited:
            # It may have waited in between, and have come back to whom it was taken from.
            self._certain = False
        if exact or names in self._names:
            server = self._server_after(later, thread)
            return server if server in exact else None
        return self._server_after(later, thread)

    def _server_after(self, later: list[Any], thread: Thread) -> str | None:  # noqa: C901, PLR0912 - a case for each kind of message
        """Return whom what followed shows to serve the chat."""
        came: set[str] = set()
        for event in later:
            if not isinstance(event, SystemMessageEvent):
                author = self._kinds.get(getattr(event, "author_id", None) or "")
                to_all = getattr(event, "visibility", None) == "all"
                if to_all and isinstance(author, Agent) and author.id not in came:
                    return author.id
                continue
            variables = event.text_vars or {}
            kind = event.system_message_type
            if kind in JOINED:
                came.update(self._named(variables.get(JOINED[kind]), JOINED[kind]))
            elif kind in LEFT and event.visibility == "agents":
                continue
            elif kind in LEFT or (kind.startswith("routing.") and "agent" in variables):
                gone = [u for u in self._named(variables.get("agent")) if u not in came]
                if len(gone) == 1:
                    return gone[0]
                self._certain = False
                return None
            elif kind.startswith("routing.assigned"):
                gone = self._named(variables.get("agent_removed"))
                if len(gone) == 1:
                    return gone[0]
                self._certain = False
                return None
            elif kind == TRANSFERRED:
                self._certain = False
                return None
        if thread.id == self._end.thread_id and self._end.settled:
            left = [user_id for user_id in serving(self._end.present) if user_id not in came]
            if len(left) == 1:
                return left[0]
            if not left and was_unassigned(thread):
                return None
        self._certain = False
        return None

    def _closed(self, thread: Thread, events: list[Any]) -> None:
        if not self._open:
            return
        self._open = False
        user_id: str | None = None
        certain = True
        for event in reversed(events):
            if not isinstance(event, SystemMessageEvent):
                continue
            names = event.text_vars or {}
            match event.system_message_type:
                case "manual_archived_agent" | "customer_banned":
                    user_id = self._requester(names.get("agent"))
                    certain = user_id is not None
                    break
                case "manual_archived_customer":
                    user_id = next((u.id for u in self._end.users if u.type == CUSTOMER), None)
                    break
                case _:
                    continue
        self._facts.append(Closed(thread, user_id, certain))

    def _reconcile(self) -> None:
        """Add what left no trace, so that the story ends as the chat is shown."""
        end = self._end
        if not end.settled or self._skipped:
            return
        if self._threads and self._threads[-1].id != end.thread_id and end.thread_id:
            self._certain = False
            return
        gone = [user_id for user_id in self._present if user_id not in end.present]
        come = {
            user_id: visibility
            for user_id, visibility in end.present.items()
            if self._present.get(user_id) != visibility
            and not (user_id in self._guessed and user_id in self._present)
        }
        alone = len(gone) + len(come) == 1
        if gone or come:
            # Who else was in a chat that was handed over is not known then.
            self._facts = [fact for fact in self._facts if not isinstance(fact, Handed)]
        for user_id in gone:
            self._silently_went(user_id, alone=alone)
        for user_id, visibility in come.items():
            self._silently_came(user_id, visibility, alone=alone)
        if end.followed and (not self._start.followed or self._reopened()):
            self._facts.insert(self._following(), Followed(self._thread))

    def _reopened(self) -> bool:
        return any(isinstance(fact, Opened) for fact in self._facts)

    def _following(self) -> int:
        """Return where the agent began to follow the chat: while not in it, as late as can be."""
        position = len(self._facts)
        present = self._me in self._present
        for number in range(len(self._facts) - 1, -1, -1):
            fact = self._facts[number]
            if not present or isinstance(fact, Opened):
                break
            position = number
            if isinstance(fact, Came) and fact.user_id == self._me:
                break
        else:
            return len(self._facts)
        return len(self._facts) if isinstance(fact, Opened) and present else position

    def _now_open(self) -> str | None:
        if self._thread is not None:
            return self._thread.id if self._open else None
        return self._start.thread_id if self._start.active else None


def _proves(fact: Fact, user_id: str) -> bool:
    """Whether a fact shows that a user was in the chat."""
    match fact:
        case Came():
            return fact.user_id == user_id
        case Opened():
            return user_id in fact.present
        case Said():
            return getattr(fact.event, "author_id", None) == user_id
        case _:
            return False
