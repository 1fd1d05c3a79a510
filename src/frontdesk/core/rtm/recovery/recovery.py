"""Which pushes an interruption has cost, and reading them back.

The server repeats nothing after a reconnect. So the session remembers where the pushes have led
each chat (``known_chats``). The response to the next log-in shows where the active chats stand, and
from there on the new connection pushes again: what lies between was missed. After a log-in

1. chats that look the same as before are left alone;
2. the threads of the others are read, as are those that began and ended meanwhile;
3. what an uncut session would have been pushed is found from them (``replay``) and delivered.

Pushes of the new connection about a chat that is being read wait, so that they do not overtake
what was missed; all others are delivered at once.

What was begun and not finished, because a request failed or the connection was lost again, stays
to be done from where it was begun.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from frontdesk.core.rtm.recovery.delivered import (
    Keys,
    Overtaken,
    chat_of,
    key_of,
    move_of,
)
from frontdesk.core.rtm.recovery.gaps import Gap, Interruption
from frontdesk.core.rtm.recovery.known_chats import LONG_AGO, KnownChat, KnownChats, ShownChat
from frontdesk.core.rtm.recovery.people import Evidence
from frontdesk.core.rtm.recovery.replay import Replay, Replayed
from frontdesk.core.rtm.recovery.views import AGENT_VIEW, View
from frontdesk.models import Thread
from frontdesk.pushes import IncomingChat, Push, UserAddedToChat, UserRemovedFromChat

__all__ = ["Recovery"]

MEMORY: Final = 10_000
"""Chats, and pushes read back, to remember; up to twice that."""
HOLD: Final = 10_000
"""Pushes to hold back; more are let go, and order is lost rather than memory."""
CLOCK_SKEW: Final = timedelta(minutes=1)
"""How far the time of a connection may be from that of events."""
MOST_ENDED: Final = 100
"""Chats of colleagues that ended unseen to read one by one; further ones are named instead."""
EVERYBODY: Final = 0
"""The group that all agents belong to."""


class Recovery:
    """What was delivered, what is held back, and what is missing.

    ``view`` is how the API shows chats to those whose session it is.

    Args:
        memory: chats, and pushes read back, to remember; up to twice that.
        hold: pushes to hold back at most.
    """

    view: View = AGENT_VIEW

    def __init__(self, *, memory: int = MEMORY, hold: int = HOLD) -> None:
        self.known_chats: KnownChats = self._new_known_chats(memory)
        self.gaps: dict[str, Gap] = {}
        """The chats of which something may be missing, by id."""
        self.unlisted: bool = False
        """Whether chats that are not active are to be looked through still."""
        self.holding: bool = False
        """Whether pushes wait for what was missed; once there are too many, none does any more."""
        self.unsure: list[str] = []
        """Chats that may have come without a push, found by looking through all."""
        self.overtaken: dict[str, Overtaken] = {}
        """Chats of which newer pushes were delivered than may be missing."""
        self.interruption: Interruption = Interruption(
            self.known_chats, can_lose_chats=self.view.can_lose_chats
        )
        self.groups: dict[int, bool | None] = {EVERYBODY: True}
        """Whether the agent belongs to a group, as far as was asked."""
        self._hold = hold
        self._memory = memory
        self._held = 0
        self._waiting: dict[str, list[Push]] = {}
        """Held pushes of chats that may turn out to have a gap."""
        self._current: set[str] = set()
        """Chats that the log-in showed, that began since or that were read since: their gaps are
        all that is missing of them."""
        self._listed: set[str] = set()
        """Chats that were listed since the last log-in,"""
        self._listed_since = LONG_AGO
        """and when the thread of the last of them began."""
        self._recovered = Keys(memory)
        self._passed = Keys(memory)
        """Events that were let go while something older of their chat was missing."""
        self._complete = True
        self._is_down = False
        self._names: dict[str, set[str]] = {}
        """The agents in the chats that were shown lately, by name."""

    def _new_known_chats(self, memory: int) -> KnownChats:
        return KnownChats(memory)

    @property
    def shows_all(self) -> bool:
        """Whether the last log-in has shown all chats that were active."""
        return self._complete

    @property
    def pending(self) -> bool:
        """Whether there is something to read back."""
        return bool(self.gaps) or self.unlisted

    # What arrives.

    def logged_in(self, login: Any, server_time: datetime) -> None:
        """Take note of the first log-in, and of the server's time then or a little before."""
        self.interruption.logged_in(server_time)
        # What is older was not missed, even if the log-in has shown no chat at all.
        self.known_chats.newest = max(self.known_chats.newest, server_time - CLOCK_SKEW)
        user = self.view.user(login)
        self.known_chats.me = user.id
        self.met([user])
        for shown in self.view.shown(login):
            self.known_chats.put(shown.id, shown.as_known())
            self._saw(shown)
        self._complete = self.view.shows_all(login)

    def arrived(self, push: Push) -> Iterable[Push]:
        """Take note of a push; return what to deliver now."""
        if self._recovered and (key := self._key(push)) is not None and key in self._recovered:
            return ()
        chat_id = chat_of(push) if self.holding or self._is_down else None
        if chat_id is None:
            self._deliver(push)
            return (push,)
        gap = self.gaps.get(chat_id)
        if gap is not None:
            gap.held.append(push)
        elif self._is_down or self._may_lack(chat_id, push):
            self._waiting.setdefault(chat_id, []).append(push)
        else:
            self._deliver(push)
            return (push,)
        self._held += 1
        return self.let_go() if self._held > self._hold else ()

    def _deliver(self, push: Push) -> None:
        if (self.gaps or self.unlisted) and isinstance(push, self.view.read_back):
            self._overtake(push)
        self.known_chats.apply(push)

    def _overtake(self, push: Push) -> None:
        """Take note of a push that is delivered though something older may be missing."""
        chat_id = chat_of(push)
        assert chat_id is not None
        overtaken = self.overtaken.get(chat_id)
        if overtaken is None:
            gap = self.gaps.get(chat_id)
            if gap is None and not self._may_lack(chat_id, push):
                return
            if len(self.overtaken) >= self._memory:
                self.known_chats.forgot = True
                return
            start = self.known_chats.get(chat_id)
            overtaken = self.overtaken[chat_id] = Overtaken(
                None if start is None else start.copy(),
                shown=gap is not None and gap.end is not None,
            )
        overtaken.note(push, self.known_chats.me)
        if (key := self._key(push)) is not None:
            self._passed.add(key)

    def _may_lack(self, chat_id: str, push: Push) -> bool:
        """Whether something older of a chat may turn out to be missing, if it has no gap yet."""
        if not self.unlisted or chat_id in self._current:
            return False
        if chat_id in self._waiting or not self._follows(chat_id, push):
            return True
        if len(self._current) < self._memory:
            self._current.add(chat_id)
        return False

    def _follows(self, chat_id: str, push: Push) -> bool:
        """Whether a push begins a thread right after the one that was known."""
        if not isinstance(push, IncomingChat) or self._key(push) is None:
            return False
        start, previous = self.known_chats.get(chat_id), push.chat.thread.previous_thread_id
        if start is None:
            return previous is None
        return not start.active and start.thread_id == previous

    def _key(self, push: Push) -> str | None:
        return key_of(push, self.known_chats.me)

    def _start_of(self, chat_id: str) -> KnownChat | None:
        """Return what was known of a chat before all that may be missing of it."""
        overtaken = self.overtaken.get(chat_id)
        return self.known_chats.get(chat_id) if overtaken is None else overtaken.start

    def met(self, users: Iterable[Any]) -> None:
        """Remember the names of agents: system messages tell those alone."""
        for user in users:
            if user.type == "agent" and user.name and len(self._names) < self._memory:
                self._names.setdefault(user.name, set()).add(user.id)

    def _saw(self, shown: ShownChat) -> None:
        self.met(shown.users)
        newest = max(shown.last_at, shown.created_at or LONG_AGO)
        self.known_chats.newest = max(self.known_chats.newest, newest)

    # Interruptions.

    def interrupted(self) -> list[Push]:
        """Take note that the connection is lost; return what is no use to hold back any longer.

        Held pushes that can be read back are let fall: the next log-in finds them, in order.
        """
        if not self._is_down:
            self._is_down = True
            self.interruption.begin(anew=not self.unlisted)
        freed = self._drain(keep=True)
        self.holding = False
        return freed

    def ended(self, *, for_good: bool) -> list[Push]:
        """Take note that the session is over; return what was held back.

        Unless it is over ``for_good``, another session finds again what can be read back.
        """
        if for_good:
            return self.let_go()
        return self.interrupted()

    def let_go(self) -> list[Push]:
        """Hold nothing back any longer; return what was held, chat by chat in order."""
        self.holding = False
        return self._drain(keep=False)

    def _drain(self, *, keep: bool) -> list[Push]:
        held = [push for pushes in self._waiting.values() for push in pushes]
        self._waiting.clear()
        for gap in self.gaps.values():
            held += gap.held
            gap.held = []
        self._held = 0
        if keep:
            return [push for push in held if not isinstance(push, self.view.read_back)]
        for push in held:
            self._deliver(push)
        return held

    # What is missing.

    def back(
        self, login: Any, server_time: datetime, *, key_changes: bool, hold: bool = True
    ) -> list[Push]:
        """Compare what the log-in shows with what was known; return what to deliver now.

        Args:
            login: the response.
            server_time: the server's time then, or a little before.
            key_changes: whether anybody wants those of chats that the agent merely has access to.
            hold: whether to hold back pushes until what was missed has been read.
        """
        self._is_down = False
        interruption = self.interruption
        interruption.end(server_time)
        self._names.clear()
        self.met([self.view.user(login)])
        self.holding = hold
        self.groups = {EVERYBODY: True}
        left, self.gaps = self.gaps, {}
        for unfinished in left.values():
            unfinished.read_anew()
        all_known = self.known_chats.items()
        shown = self.view.shown(login)
        interruption.knew_all = complete = self._complete and not self.known_chats.forgot
        for chat in shown:
            before = left.pop(chat.id, None)
            start = before.start if before is not None else self._start_of(chat.id)
            gap = interruption.compare(chat, start, key_changes=key_changes, complete=complete)
            if gap is not None:
                gap.certain = before is None or before.certain
                gap.gone_from = before.gone_from if before is not None else None
                gap.was_followed = before is not None and before.was_followed
                self.gaps[chat.id] = gap
            elif before is not None and before.was_followed:
                self.unsure.append(chat.id)
            self._go_on_from(chat, gap)
            self._saw(chat)
        for chat_id, gap in left.items():
            self.gaps[chat_id] = gap
            self.known_chats.drop(chat_id)
        self._current = {chat.id for chat in shown}
        for chat_id, start in all_known.items():
            # Those that are not the agent's are looked for in the list.
            mine = key_changes or self.known_chats.is_mine(start)
            if mine and start.active and chat_id not in self._current and chat_id not in self.gaps:
                self.gaps[chat_id] = Gap(chat_id=chat_id, start=start.copy(), end=None)
        for gap in self.gaps.values():
            gap.gone_from = gap.gone_from or interruption.gone_from
        self._complete = self.view.shows_all(login)
        self._listed.clear()
        self.unlisted = True
        return self._sort_early() if hold else self.let_go()

    def _go_on_from(self, chat: ShownChat, gap: Gap | None) -> None:
        """Know a chat as the log-in shows it: what is pushed from now on was after that."""
        self.known_chats.put(chat.id, chat.as_known())
        if gap is None:
            self.overtaken.pop(chat.id, None)
        elif (overtaken := self.overtaken.get(chat.id)) is not None:
            overtaken.shown, overtaken.begun = True, ""

    def _sort_early(self) -> list[Push]:
        """Let pushes that came before the response to the log-in wait for what they belong to."""
        early, self._waiting = self._waiting, {}
        self._held = 0
        return [
            push
            for pushes in early.values()
            for waiting in pushes
            for push in self.arrived(waiting)
        ]

    def also_active(self, chat: ShownChat, *, key_changes: bool) -> Gap | None:
        """Return what may be missing of an active chat that the log-in has not shown."""
        self._list(chat)
        if chat.id in self.gaps or chat.id in self._current:
            return None
        start = self._start_of(chat.id)
        gap = self.interruption.compare(chat, start, key_changes=key_changes, complete=False)
        if gap is not None:
            return self._add(gap)
        if self.overtaken.pop(chat.id, None) is None:
            self.known_chats.put(chat.id, chat.as_known())
        return None

    def _list(self, chat: ShownChat) -> None:
        self.met(chat.users)
        self._listed.add(chat.id)

    def vanished(self, *, all_listed: bool) -> list[Gap]:
        """Return gaps for chats that were not listed though they should have been.

        Chats of the agent have been taken away from him, perhaps after something else had happened
        in them; those that are older than the listed ones are not looked for, unless all were
        listed. Active ones that were not his have ended, perhaps after he had come into them.
        """
        gaps: list[Gap | None] = []
        ended = 0
        since = LONG_AGO if all_listed else self._listed_since
        for chat_id in self.known_chats.items():
            start = self._start_of(chat_id)
            if start is None or chat_id in self.gaps:
                continue
            if chat_id in self._listed or chat_id in self._current:
                continue
            if self.known_chats.is_mine(start):
                if start.last_at >= since:
                    gaps.append(self._add(Gap(chat_id=chat_id, start=start.copy(), end=None)))
            elif start.active:
                ended += 1
                if ended > MOST_ENDED:
                    self.known_chats.drop(chat_id)
                    self.unsure.append(chat_id)
                else:
                    gaps.append(self._add(Gap(chat_id=chat_id, start=start.copy(), end=None)))
        self._listed.clear()
        return [gap for gap in gaps if gap is not None]

    def _add(self, gap: Gap) -> Gap | None:
        """Add a gap, and let the pushes that wait belong to it; ``None`` if there are too many."""
        if len(self.gaps) >= self._memory:
            self.unsure.append(gap.chat_id)
            return None
        gap.held = self._waiting.pop(gap.chat_id, [])
        gap.gone_from = self.interruption.gone_from
        self.gaps[gap.chat_id] = gap
        if gap.end is not None:
            self.found(gap, gap.end)
        return gap

    def found(self, gap: Gap, end: ShownChat) -> None:
        """Take what a response shows of a chat with a gap."""
        gap.end = end
        if gap.chat_id not in self.overtaken:
            # What overtakes the gap from now on goes on from here.
            self.known_chats.put(gap.chat_id, end.as_known())

    def ended_meanwhile(self, chat: ShownChat, *, key_changes: bool) -> Gap | None:
        """Return what may be missing of a chat without an active thread, if anything is."""
        self._list(chat)
        self._listed_since = chat.created_at or LONG_AGO
        if chat.id in self.gaps or chat.id in self._current:
            return None
        start = self._start_of(chat.id)
        gap = self.interruption.compare_ended(chat, start, key_changes=key_changes)
        if gap is not None:
            return self._add(gap)
        if chat.followed and (start is None or not start.followed):
            # Since when is not known: the first log-in has shown active chats alone.
            self.unsure.append(chat.id)
            self.known_chats.put(chat.id, chat.as_known())
        elif start is not None and start.active and chat.id not in self.overtaken:
            self.known_chats.put(chat.id, chat.as_known())
        return None

    def resumed_meanwhile(self) -> list[Gap]:
        """Return what may be missing of chats that became active before they could be listed.

        The thread that the new connection has brought tells which one was before it.
        """
        begun: dict[str, str | None] = {
            chat_id: overtaken.previous
            for chat_id, overtaken in self.overtaken.items()
            if chat_id not in self.gaps
        }
        for chat_id, pushes in self._waiting.items():
            begins = (p for p in pushes if isinstance(p, IncomingChat) and self._key(p))
            begun[chat_id] = next((push.chat.thread.previous_thread_id for push in begins), None)
        gaps: list[Gap | None] = []
        for chat_id, previous in begun.items():
            start = self._start_of(chat_id)
            if previous is None or (start is not None and start.thread_id == previous):
                continue
            start = self.interruption.unheard() if start is None else start
            gaps.append(self._add(Gap(chat_id=chat_id, start=start.copy(), end=None)))
        return [gap for gap in gaps if gap is not None]

    def listed(self) -> list[Push]:
        """Take note that all chats have been looked through; return what waited for it."""
        self.unlisted = False
        freed = [push for pushes in self._waiting.values() for push in pushes]
        self._waiting.clear()
        self._held -= len(freed)
        self.overtaken = {
            chat_id: overtaken
            for chat_id, overtaken in self.overtaken.items()
            if chat_id in self.gaps
        }
        for push in freed:
            self._deliver(push)
        return freed

    def replay(self, gap: Gap) -> tuple[Replayed, set[int]]:
        """Tell what was missed of a chat, and which groups it takes to be sure."""
        assert gap.end is not None
        threads, end = self._before_new_pushes(gap, gap.end)
        unknown: set[int] = set()

        def reaches(group_ids: tuple[int, ...]) -> bool | None:
            memberships = [self.groups.get(group_id) for group_id in group_ids]
            if True in memberships:
                return True
            unknown.update(group_id for group_id in group_ids if group_id not in self.groups)
            return None if None in memberships else False

        evidence = Evidence(
            me=self.known_chats.me,
            start=gap.start,
            end=end,
            threads=threads,
            names=self._names,
            gone_from=gap.gone_from,
        )
        return self._replay_of(evidence, reaches).run(), unknown

    def _replay_of(
        self, evidence: Evidence, reaches: Callable[[tuple[int, ...]], bool | None]
    ) -> Replay:
        return Replay(evidence, reaches)

    def from_login(self) -> list[Push]:
        """Return what the response to the last log-in tells beside chats, to deliver now."""
        return []

    def finish(self, gap: Gap, replayed: Replayed | None) -> tuple[list[Push], int, bool]:
        """Take what was missed of a chat; without it, the chat could not be read.

        Returns the pushes to deliver now, how many of them were read back, and whether that is
        all that was missed.
        """
        del self.gaps[gap.chat_id]
        self._current.add(gap.chat_id)
        overtaken = self.overtaken.pop(gap.chat_id, None)
        if replayed is None:
            if overtaken is None:
                self.known_chats.drop(gap.chat_id)
            return [*self._after(gap)], 0, False
        pushes = self._without_held(gap, replayed.pushes)
        if overtaken is not None:
            pushes = overtaken.without_delivered(pushes, self.known_chats.me)
        missed: list[Push] = []
        for push in pushes:
            key = self._key(push)
            if key is not None:
                if key in self._recovered or key in self._passed:
                    continue
                self._recovered.add(key)
            missed.append(push)
        certain = gap.certain and replayed.certain
        # Nothing is left of it once the chat is resumed or followed no more.
        certain = certain and (replayed.known_chat.followed or not gap.was_followed)
        if overtaken is None or gap.chat_id not in self.known_chats:
            self.known_chats.put(gap.chat_id, replayed.known_chat)
        elif not overtaken.is_exact:
            self._merge(gap.chat_id, overtaken, replayed.known_chat.present)
        if overtaken is not None:
            # Newer pushes have been delivered already, so the order is lost.
            certain = certain and not missed
        return [*missed, *self._after(gap)], len(missed), certain

    def _merge(self, chat_id: str, overtaken: Overtaken, present: dict[str, str]) -> None:
        """Know who else is in a chat of which newer pushes have shown a part."""
        now, me, moves = self.known_chats.get(chat_id), self.known_chats.me, overtaken.moves
        assert now is not None
        there = {user: by for user, by in present.items() if (user, False) not in moves}
        if me in there and (me, True) not in moves:
            # An event shows that the agent is there, and not who sees him.
            now.present.pop(me, None)
        now.present, now.complete = {**there, **now.present}, False

    def _without_held(self, gap: Gap, pushes: list[Push]) -> list[Push]:
        """Take out what came twice: the chat was read later than the new connection began."""
        both = (UserAddedToChat, UserRemovedFromChat)
        for held in [push for push in gap.held if isinstance(push, both)]:
            for push in reversed(pushes):
                if move_of(push) == move_of(held):
                    # Without a message it was a guess: the push tells more.
                    if getattr(push, "requester_id", None) is None:
                        pushes = [other for other in pushes if other is not push]
                    else:
                        gap.held = [other for other in gap.held if other is not held]
                        self._held -= 1
                    break
        return pushes

    def _after(self, gap: Gap) -> Iterable[Push]:
        self._held -= len(gap.held)
        for push in gap.held:
            key = self._key(push)
            if key is None or key not in self._recovered:
                self.known_chats.apply(push)
                yield push
        gap.held = []

    def _before_new_pushes(self, gap: Gap, end: ShownChat) -> tuple[list[Thread], ShownChat]:
        """Return the threads without those that the new connection has brought."""
        overtaken = self.overtaken.get(gap.chat_id)
        live = set[str]() if overtaken is None else {overtaken.begun}
        live |= {
            push.chat.thread.id
            for push in gap.held
            if isinstance(push, IncomingChat) and self._key(push) is not None
        }
        threads: list[Thread] = []
        for thread in gap.threads:
            is_new = thread.id != gap.start.thread_id
            # The log-in has shown all active chats, so another one has become active since.
            began_since = thread.active and self._complete and gap.chat_id not in self._current
            if is_new and (thread.id in live or began_since):
                return threads, end.before(threads[-1] if threads else None, gap.start)
            if thread.id == end.thread_id and end.user_ids:
                # It was read later than the end, and others may have come since.
                thread = replace(thread, user_ids=list(end.user_ids))  # noqa: PLW2901
            threads.append(thread)
        return threads, end
