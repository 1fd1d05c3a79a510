"""Which pushes an interruption has cost, and reading them back.

The server repeats nothing after a reconnect. So the session remembers where the pushes have led
each chat (``known``). The response to the next log-in shows where the active chats stand, and from
there on the new connection pushes again: what lies between was missed. After a log-in

1. chats that look the same as before are left alone;
2. the threads of the others are read, as are those that began and ended meanwhile;
3. what an uncut session would have been pushed is told from them (``replay``) and delivered.

Pushes of the new connection about a chat that is being read wait, so that they do not overtake
what was missed; all others are delivered at once.

What was begun and not finished, because a request failed or the connection was lost again, stays
to be done from where it was begun.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from frontdesk.core.rtm.recovery.known import (
    LONG_AGO,
    Keys,
    Known,
    KnownChats,
    Shown,
    chat_of,
    move_of,
    without_moves,
)
from frontdesk.core.rtm.recovery.people import Evidence
from frontdesk.core.rtm.recovery.replay import Replay, Replayed
from frontdesk.models import LoginResponse, Thread
from frontdesk.pushes import (
    ChatDeactivated,
    IncomingChat,
    IncomingEvent,
    Push,
    UserAddedToChat,
    UserRemovedFromChat,
)

__all__ = ["KEY_CHANGES", "RECOVERABLE", "WATCHED", "Gap", "Recovery"]

RECOVERABLE: Final = (
    IncomingEvent,
    IncomingChat,
    ChatDeactivated,
    UserAddedToChat,
    UserRemovedFromChat,
)
"""The pushes that are delivered after an interruption as if there had been none."""
KEY_CHANGES: Final = (IncomingChat, ChatDeactivated)
"""Those that agents get who merely have access to a chat."""
WATCHED: Final = frozenset(
    {
        "incoming_event",
        "incoming_chat",
        "chat_deactivated",
        "user_added_to_chat",
        "user_removed_from_chat",
        "chat_transferred",
        "chat_access_updated",
        "chat_unfollowed",
        "chat_deleted",
    }
)
"""The pushes that must be seen here although nobody has subscribed to them."""

MEMORY: Final = 10_000
"""Chats, and pushes read back, to remember; up to twice that."""
HOLD: Final = 10_000
"""Pushes to hold back; more are let go, and order is lost rather than memory."""
TIME_STEP: Final = timedelta(seconds=1)
"""How exact the time of the server is that comes with a connection."""
CLOCK_SKEW: Final = timedelta(minutes=1)
"""How far the time of a connection may be from that of events."""
GONE_AFTER: Final = timedelta(seconds=30)
"""How long the server waits for an agent whose connection is lost."""
LISTED: Final = 100
"""Chats that a log-in shows at most: fewer are all that are active."""
EVERYBODY: Final = 0
"""The group that all agents belong to."""


class Gap(Struct, kw_only=True):
    """What may have been missed in one chat.

    ``end`` is ``None`` while the chat as it is now has yet to be read; ``certain`` is false when
    more than that was missed. The pushes that wait for it are ``held``.
    """

    chat_id: str
    start: Known
    end: Shown | None
    certain: bool = True
    threads: list[Thread] = []
    held: list[Push] = []


class Recovery:
    """What was delivered, what is held back, and what is missing."""

    def __init__(self, *, memory: int = MEMORY, hold: int = HOLD) -> None:
        self.known: KnownChats = KnownChats(memory)
        self.gaps: dict[str, Gap] = {}
        """The chats of which something may be missing, by id."""
        self.unlisted: bool = False
        """Whether chats that are not active are to be looked through still."""
        self.holding: bool = False
        """Whether pushes wait for what was missed; once there are too many, none does any more."""
        self.unsure: list[str] = []
        """Chats that may have come while nobody was told, found by looking through all."""
        self.overtaken: dict[str, Counter[tuple[str, bool]]] = {}
        """Chats whose pushes were let go before what was missed, and who came and went by these."""
        self.since: datetime = LONG_AGO
        """Nothing that was made before was missed,"""
        self.doubtful_until: datetime = LONG_AGO
        """and what lies between that and this moment perhaps."""
        self._at = LONG_AGO
        """A moment shortly after the last log-in."""
        self.groups: dict[int, bool | None] = {EVERYBODY: True}
        """Whether the agent belongs to a group, as far as was asked."""
        self._hold = hold
        self._memory = memory
        self._held = 0
        self._waiting: dict[str, list[Push]] = {}
        """Held pushes of chats that may turn out to have a gap."""
        self._active: frozenset[str] = frozenset()
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

    @property
    def shows_all(self) -> bool:
        """Whether the last log-in has shown all chats that were active."""
        return self._complete

    @property
    def pending(self) -> bool:
        """Whether there is something to read back."""
        return bool(self.gaps) or self.unlisted

    # What arrives.

    def logged_in(self, login: LoginResponse, server_time: datetime) -> None:
        """Take note of the first log-in, and of the server's time then or a little before."""
        self._at = self.known.logged_in_at = server_time + TIME_STEP
        # What is older was not missed, even if the log-in has shown no chat at all.
        self.known.newest = max(self.known.newest, server_time - CLOCK_SKEW)
        self.known.me = login.my_profile.id
        self.met([login.my_profile])
        for summary in login.chats_summary:
            shown = Shown.summary(summary)
            self.known.put(shown.id, shown.known())
            self._saw(shown)
        self._complete = len(login.chats_summary) < LISTED

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
        elif self._is_down or (self.unlisted and chat_id not in self._active):
            self._waiting.setdefault(chat_id, []).append(push)
        else:
            self._deliver(push)
            return (push,)
        self._held += 1
        return self.let_go() if self._held > self._hold else ()

    def _deliver(self, push: Push) -> None:
        self.known.apply(push)
        if self.gaps and isinstance(push, RECOVERABLE):
            chat_id = chat_of(push)
            if chat_id in self.gaps:
                moves = self.overtaken.setdefault(chat_id, Counter())
                if (move := move_of(push)) is not None:
                    moves[move] += 1
                key = self._key(push)
                if key is not None:
                    self._passed.add(key)

    def _key(self, push: Push) -> str | None:
        """Return what tells a push from all others, as far as anything does."""
        match push:
            case IncomingEvent():
                return push.event.id or None
            case ChatDeactivated():
                return f"end of {push.thread_id}"
            case IncomingChat() if push.chat.thread.id:
                followed = push.requester_id == self.known.me and not any(
                    user.id == self.known.me and user.present for user in push.chat.users
                )
                # A chat comes again when the agent begins to follow it, or takes it over.
                again = followed or push.transferred_from is not None
                return None if again else f"begin of {push.chat.thread.id}"
            case _:
                return None

    def met(self, users: Iterable[Any]) -> None:
        """Remember the names of agents: system messages tell those alone."""
        for user in users:
            if user.type == "agent" and user.name and len(self._names) < self._memory:
                self._names.setdefault(user.name, set()).add(user.id)

    def _saw(self, shown: Shown) -> None:
        self.met(shown.users)
        newest = max(shown.last_at, shown.created_at or LONG_AGO)
        self.known.newest = max(self.known.newest, newest)

    # Interruptions.

    def interrupted(self) -> list[Push]:
        """Take note that the connection is lost; return what is no use to hold back any longer.

        Held pushes that can be read back are let fall: the next log-in finds them, in order.
        """
        if not self._is_down:
            self._is_down = True
            if not self.unlisted:
                self.since = self.known.newest
                self.doubtful_until = LONG_AGO if self.known.heard else self._at
                self.known.settle()
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
            return [push for push in held if not isinstance(push, RECOVERABLE)]
        for push in held:
            self._deliver(push)
        return held

    # What is missing.

    def back(
        self, login: LoginResponse, server_time: datetime, *, key_changes: bool, hold: bool = True
    ) -> list[Push]:
        """Compare what the log-in shows with what was known; return what to deliver now.

        Args:
            login: the response.
            server_time: the server's time then, or a little before.
            key_changes: whether anybody wants those of chats that the agent merely has access to.
            hold: whether to hold back pushes until what was missed has been read.
        """
        self._is_down = False
        self._at = self.known.logged_in_at = server_time + TIME_STEP
        self.known.heard = False
        self._names.clear()
        self.met([login.my_profile])
        self.holding = hold
        self.groups = {EVERYBODY: True}
        left, self.gaps = self.gaps, {}
        known = self.known.items()
        shown = [Shown.summary(summary) for summary in login.chats_summary]
        complete = self._complete and not self.known.forgot
        for chat in shown:
            before = left.pop(chat.id, None)
            start = before.start if before is not None else known.get(chat.id)
            gap = self._compared(chat, start, key_changes=key_changes, complete=complete)
            if gap is not None:
                gap.certain = before is None or before.certain
                self.gaps[chat.id] = gap
            if gap is None or before is not None:
                # What overtakes the gap now goes on from here.
                self.known.put(chat.id, chat.known())
            self._saw(chat)
        for chat_id, gap in left.items():
            gap.end = None
            self.gaps[chat_id] = gap
            self.known.drop(chat_id)
        listed = {chat.id for chat in shown}
        for chat_id, start in known.items():
            if not start.active or chat_id in listed or chat_id in self.gaps:
                continue
            if key_changes or self.known.is_mine(start):
                self.gaps[chat_id] = Gap(chat_id=chat_id, start=start.copy(), end=None)
            else:
                self.known.drop(chat_id)
        self._active = frozenset(listed)
        self._complete = len(login.chats_summary) < LISTED
        self._listed.clear()
        self.unlisted = True
        return self._sort_early() if hold else self.let_go()

    def _sort_early(self) -> list[Push]:
        """Let pushes that came before the response to the log-in wait for what they belong to."""
        early, self._waiting = self._waiting, {}
        self._held = 0
        return [push for pushes in early.values() for one in pushes for push in self.arrived(one)]

    def also_active(self, chat: Shown, *, key_changes: bool) -> Gap | None:
        """Return what may be missing of an active chat that the log-in has not shown."""
        self._list(chat)
        if chat.id in self.gaps or chat.id in self._active:
            return None
        start = self.known.get(chat.id)
        gap = self._compared(chat, start, key_changes=key_changes, complete=False)
        if gap is None:
            self.known.put(chat.id, chat.known())
            return None
        return self._add(gap)

    def _list(self, chat: Shown) -> None:
        self.met(chat.users)
        self._listed.add(chat.id)

    def vanished(self, *, all_listed: bool) -> list[Gap]:
        """Return gaps for chats of the agent that were not listed though they should have been.

        They have been taken away from him, perhaps after something else had happened in them. Chats
        that are older than those listed are not looked for, unless all were listed.
        """
        gaps: list[Gap] = []
        since = LONG_AGO if all_listed else self._listed_since
        for chat_id, start in self.known.items().items():
            if chat_id in self._listed or chat_id in self._active or chat_id in self.gaps:
                continue
            if self.known.is_mine(start) and start.last_at >= since:
                gap = self._add(Gap(chat_id=chat_id, start=start.copy(), end=None))
                if gap is not None:
                    gaps.append(gap)
        self._listed.clear()
        return gaps

    def _add(self, gap: Gap) -> Gap | None:
        """Add a gap, and let the pushes that wait belong to it; ``None`` if there are too many."""
        if len(self.gaps) >= self._memory:
            self.unsure.append(gap.chat_id)
            return None
        gap.held = self._waiting.pop(gap.chat_id, [])
        self.gaps[gap.chat_id] = gap
        return gap

    def _compared(
        self, chat: Shown, start: Known | None, *, key_changes: bool, complete: bool
    ) -> Gap | None:
        """Return what may be missing of a chat, ``None`` if nothing is."""
        me = self.known.me
        certain = True
        if start is None:
            start, certain = self._unknown(chat, complete=complete)
        was_mine = self.known.is_mine(start)
        mine = was_mine or chat.followed or me in chat.present
        same_thread = start.thread_id == chat.thread_id
        if same_thread and start.active == chat.active:
            moved = chat.last_at > start.last_at
            # Who else was there may not be known: then the thread shows who has left since.
            same = start.present == chat.present and start.followed == chat.followed
            # What follows from a transfer may have been pushed in part.
            same = same and start.complete and start.transfer is None
            if mine and not moved and same:
                return None
            if not mine and not (moved and me in chat.user_ids):
                return None
        elif not (mine or key_changes or me in chat.user_ids or me in start.present):
            return None
        start = start.copy()
        if not was_mine:
            start.complete = False
        return Gap(chat_id=chat.id, start=start, end=chat, certain=certain)

    def _unknown(self, chat: Shown, *, complete: bool) -> tuple[Known, bool]:
        """Return what a chat that was never heard of was at the beginning."""
        start = self._nothing_of(chat)
        if chat.created_at is None or chat.created_at > self.since:
            return start, True
        start.thread_id, start.active = chat.thread_id, chat.active
        if complete:
            return start, True
        # It may have been the agent's all the time, and nobody told.
        if self.known.me in chat.present:
            start.present[self.known.me] = chat.present[self.known.me]
        start.followed = chat.followed
        return start, False

    def _nothing_of(self, chat: Shown) -> Known:
        return Known(
            group_ids=chat.group_ids,
            complete=False,
            last_at=self.since,
            doubtful_until=self.doubtful_until,
        )

    def ended_meanwhile(self, chat: Shown, *, key_changes: bool) -> Gap | None:
        """Return what may be missing of a chat without an active thread, if anything is."""
        self._list(chat)
        self._listed_since = chat.created_at or LONG_AGO
        if chat.id in self.gaps or chat.id in self._active:
            return None
        start = self.known.get(chat.id)
        if start is not None and start.thread_id == chat.thread_id:
            return self._changed(chat, start)
        is_old = chat.created_at is None or chat.created_at <= self.since
        if chat.followed and (start is None or (is_old and not start.followed)):
            # Since when is not known: the first log-in has shown active chats alone.
            self.known.put(chat.id, chat.known())
            self.unsure.append(chat.id)
        if is_old:
            return None
        me = self.known.me
        mine = me in chat.user_ids or me in chat.present or chat.followed
        mine = mine or (start is not None and self.known.is_mine(start))
        if not (mine or key_changes):
            return None
        if start is None:
            start = self._nothing_of(chat)
        else:
            start = start.copy()
            start.complete = start.complete and self.known.is_mine(start)
        gap = Gap(chat_id=chat.id, start=start, end=None)
        return self._add(gap)

    def _changed(self, chat: Shown, start: Known) -> Gap | None:
        """Return a gap if the agent left a chat that had ended, or its users changed otherwise."""
        if start.followed == chat.followed:
            if not self.known.is_mine(start):
                return None
            if start.present == chat.present and start.complete:
                return None
        gap = Gap(chat_id=chat.id, start=start.copy(), end=chat)
        return self._add(gap)

    def resumed_meanwhile(self) -> list[Gap]:
        """Return what may be missing of chats that became active before they could be listed.

        The thread that the new connection has brought tells which one was before it.
        """
        gaps: list[Gap] = []
        for chat_id, pushes in list(self._waiting.items()):
            begun = next((p for p in pushes if isinstance(p, IncomingChat) and self._key(p)), None)
            start = self.known.get(chat_id)
            before = begun.chat.thread.previous_thread_id if begun is not None else None
            if before is None or (start is not None and start.thread_id == before):
                continue
            if start is None:
                start = Known(
                    complete=False, last_at=self.since, doubtful_until=self.doubtful_until
                )
            gap = self._add(Gap(chat_id=chat_id, start=start.copy(), end=None))
            if gap is not None:
                gaps.append(gap)
        return gaps

    def listed(self) -> list[Push]:
        """Take note that all chats have been looked through; return what waited for it."""
        self.unlisted = False
        freed = [push for pushes in self._waiting.values() for push in pushes]
        self._waiting.clear()
        self._held -= len(freed)
        for push in freed:
            self._deliver(push)
        return freed

    def replay(self, gap: Gap) -> tuple[Replayed, set[int]]:
        """Tell what was missed of a chat, and which groups it takes to be sure."""
        assert gap.end is not None
        threads, end = self._before_new_pushes(gap, gap.end)
        unknown: set[int] = set()

        def reaches(group_ids: tuple[int, ...]) -> bool | None:
            answers = [self.groups.get(group_id) for group_id in group_ids]
            if True in answers:
                return True
            unknown.update(one for one in group_ids if one not in self.groups)
            return None if None in answers else False

        evidence = Evidence(
            me=self.known.me,
            start=gap.start,
            end=end,
            threads=threads,
            names=self._names,
            away_long=self._at - self.since > GONE_AFTER,
        )
        return Replay(evidence, reaches).run(), unknown

    def finish(self, gap: Gap, replayed: Replayed | None) -> tuple[list[Push], int, bool]:
        """Take what was missed of a chat; without it, the chat could not be read.

        Returns the pushes to deliver now, how many of them were read back, and whether that is
        all that was missed.
        """
        del self.gaps[gap.chat_id]
        moves = self.overtaken.pop(gap.chat_id, None)
        if replayed is None:
            if moves is None:
                self.known.drop(gap.chat_id)
            return [*self._after(gap)], 0, False
        missed: list[Push] = []
        for push in without_moves(moves, self._without_held(gap, replayed.pushes)):
            key = self._key(push)
            if key is not None:
                if key in self._recovered or key in self._passed:
                    continue
                self._recovered.add(key)
            missed.append(push)
        now = self.known.get(gap.chat_id)
        if moves is not None and now is not None:
            # Newer pushes have been delivered already, so the order is lost.
            present = replayed.known.present
            there = {user: by for user, by in present.items() if (user, False) not in moves}
            now.present, now.complete = {**there, **now.present}, False
            if self.known.me in there:
                # An event shows that the agent is there, and not who sees him.
                now.present[self.known.me] = there[self.known.me]
            return missed, len(missed), not missed and gap.certain and replayed.certain
        self.known.put(gap.chat_id, replayed.known)
        return [*missed, *self._after(gap)], len(missed), gap.certain and replayed.certain

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
                self.known.apply(push)
                yield push
        gap.held = []

    def _before_new_pushes(self, gap: Gap, end: Shown) -> tuple[list[Thread], Shown]:
        """Return the threads without those that the new connection has brought."""
        live = {
            push.chat.thread.id
            for push in gap.held
            if isinstance(push, IncomingChat) and self._key(push) is not None
        }
        threads: list[Thread] = []
        for thread in gap.threads:
            is_new = thread.id != gap.start.thread_id
            # The log-in has shown all active chats, so another one has become active since.
            began_since = thread.active and self._complete and gap.chat_id not in self._active
            if is_new and (thread.id in live or began_since):
                return threads, end.before(threads[-1] if threads else None, gap.start)
            if thread.id == end.thread_id and end.user_ids:
                # It was read later than the end, and others may have come since.
                thread = replace(thread, user_ids=list(end.user_ids))  # noqa: PLW2901
            threads.append(thread)
        return threads, end
