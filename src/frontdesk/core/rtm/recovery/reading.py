"""The requests that read back what an interruption has cost."""

from typing import Any, Final

from msgspec import Struct

from frontdesk.actions import Action, ListRoutingStatuses
from frontdesk.core.pages import Walk
from frontdesk.core.rtm.recovery.gaps import Gap
from frontdesk.core.rtm.recovery.known_chats import ShownChat
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.recovery.replay import Replayed
from frontdesk.errors import APIError, AuthorizationError, MissingAccess, NotFound
from frontdesk.models import Chat, RoutingStatusesFilters
from frontdesk.pushes import Push

__all__ = ["Read", "ReadingBack"]

WINDOW: Final = 10
"""Requests at a time."""
MOST_THREADS: Final = 200
"""Threads of one chat to read; a chat with more in one gap is named instead."""
GONE: Final = (NotFound, MissingAccess, AuthorizationError)
"""Refusals that concern one chat alone: it was deleted, or taken away from the agent."""


class Read(Struct, eq=False):
    """A request to be made; ``walk`` is the list whose next page it asks for."""

    action: Action[Any]
    gap: Gap | None = None
    walk: Walk | None = None
    group_id: int | None = None
    active: bool | None = None
    """Whether it lists active chats alone; ``None`` if it lists all."""


class ReadingBack:
    """Reads back what is missing, some requests at a time.

    ``take`` returns the requests to make now; ``responded`` and ``refused`` take what became of
    them and return what to deliver. After ``failed`` the request is made once more.
    """

    def __init__(self, recovery: Recovery, *, key_changes: bool) -> None:
        self.events: int = 0
        """Pushes that were read back."""
        self.requests: int = 0
        self.uncertain: list[str] = []
        """Chats of which more was missed than could be read back."""
        self._recovery = recovery
        self._key_changes = key_changes
        self._todo: list[Read] = []
        self._pending = 0
        self._asked: set[int] = set()
        self._blocked: list[Gap] = []
        self._ready: list[Push] = []
        self._view = recovery.view
        self._ready += recovery.from_login()
        self.events += len(self._ready)
        for gap in list(recovery.gaps.values()):
            self._plan(gap)
        self._walks = 0
        self._all_listed = False
        if recovery.unlisted:
            for walking in self._view.lists(all_active_shown=recovery.shows_all):
                self._go_on(walking.walk, active=walking.active)
                self._walks += 1

    @property
    def done(self) -> bool:
        """Whether there is nothing left to ask."""
        return not self._todo and not self._pending and not self._blocked

    def take(self) -> list[Read]:
        """Return the requests to make now."""
        free = max(0, WINDOW - self._pending)
        reads, self._todo = self._todo[:free], self._todo[free:]
        self._pending += len(reads)
        self.requests += len(reads)
        return reads

    def ready(self) -> list[Push]:
        """Return what can be delivered now."""
        ready, self._ready = self._ready, []
        return ready

    def responded(self, read: Read, response: Any) -> None:
        """Take the response to a request."""
        self._pending -= 1
        if read.group_id is not None:
            me = self._recovery.known_chats.me
            self._learn_group(read.group_id, any(status.agent_id == me for status in response))
        elif read.gap is None:
            assert read.walk is not None
            self._chats(read.walk, response, active=read.active)
        elif read.walk is not None:
            self._threads(read.walk, read.gap, response)
        else:
            self._chat(read.gap, response)

    def refused(self, read: Read, error: APIError) -> bool:
        """Take the refusal of a request; return whether the reading can go on without it."""
        if not isinstance(error, GONE):
            return False
        if read.gap is None and read.group_id is None:
            return False
        self._pending -= 1
        if read.group_id is not None:
            self._learn_group(read.group_id, None)
        elif read.gap is not None:
            self._finish(read.gap, None)
        return True

    def failed(self, read: Read) -> None:
        """Make a request once more, later."""
        self._pending -= 1
        self._todo.insert(0, read)

    # What the responses lead to.

    def _plan(self, gap: Gap) -> None:
        gap.threads = []
        start, end, view = gap.start, gap.end, self._view
        same_thread = end is not None and start.thread_id == end.thread_id
        if end is None or (same_thread and view.reads_whole):
            gap.end = None
            self._todo.append(Read(view.get_chat(gap.chat_id), gap))
        elif (
            same_thread
            and end.last_at <= start.last_at
            and start.complete
            and start.transfer is None
            and start.followed >= end.followed
        ):
            # Nothing was said: it is all in the users of the chat.
            self._complete(gap)
        elif same_thread:
            self._todo.append(Read(view.get_chat(gap.chat_id, end.thread_id), gap))
        else:
            self._list_threads(gap)

    def _list_threads(self, gap: Gap) -> None:
        walk = Walk(self._view.list_threads(gap.chat_id))
        self._todo.append(Read(walk.action(), gap, walk))

    def _go_on(self, walk: Walk, *, active: bool | None) -> None:
        self._todo.append(Read(walk.action(), walk=walk, active=active))

    def _chats(self, walk: Walk, page: Any, *, active: bool | None) -> None:
        oldest = False
        recovery = self._recovery
        for summary in walk.take(page):
            shown = self._view.summary(summary)
            is_active = shown.active if active is None else active
            find = recovery.also_active if is_active else recovery.ended_meanwhile
            gap = find(shown, key_changes=self._key_changes)
            if gap is not None:
                self._plan(gap)
            oldest = oldest or recovery.interruption.is_old(shown)
        self.uncertain += recovery.unsure
        recovery.unsure = []
        if not walk.done and (active or not oldest):
            self._todo.insert(0, Read(walk.action(), walk=walk, active=active))
            return
        self._walks -= 1
        if not active:
            self._all_listed = walk.done
        if not self._walks:
            for gap in recovery.resumed_meanwhile():
                self._plan(gap)
            for gap in recovery.vanished(all_listed=self._all_listed):
                self._plan(gap)
            self.uncertain += recovery.unsure
            recovery.unsure = []
            self._ready += recovery.listed()

    def _chat(self, gap: Gap, chat: Chat) -> None:
        shown = ShownChat.chat(chat)
        if gap.end is None:
            self._recovery.found(gap, shown)
            if chat.thread.id and chat.thread.id != gap.start.thread_id:
                self._list_threads(gap)
                return
        gap.threads = [chat.thread] if chat.thread.id else []
        self._complete(gap)

    def _threads(self, walk: Walk, gap: Gap, page: Any) -> None:
        for thread in walk.take(page):
            gap.threads.insert(0, thread)
            # Only one thread is active at a time: those before this one were over by then.
            if thread.id == gap.start.thread_id or thread.created_at <= gap.start.last_at:
                self._complete(gap)
                return
        if walk.done:
            self._complete(gap)
        elif len(gap.threads) >= MOST_THREADS:
            self._finish(gap, None)
        else:
            self._todo.append(Read(walk.action(), gap, walk))

    def _complete(self, gap: Gap) -> None:
        """Go on with a chat that has been read, once it is known whose groups it belongs to."""
        replayed, unknown = self._recovery.replay(gap)
        if not unknown:
            self._finish(gap, replayed)
            return
        self._blocked.append(gap)
        for group_id in unknown - self._asked:
            self._asked.add(group_id)
            filters = RoutingStatusesFilters(group_ids=[group_id])
            self._todo.append(Read(ListRoutingStatuses(filters=filters), group_id=group_id))

    def _learn_group(self, group_id: int, belongs: bool | None) -> None:
        self._recovery.groups[group_id] = belongs
        blocked, self._blocked = self._blocked, []
        for gap in blocked:
            self._complete(gap)

    def _finish(self, gap: Gap, replayed: Replayed | None) -> None:
        pushes, missed, certain = self._recovery.finish(gap, replayed)
        self._ready += pushes
        self.events += missed
        if not certain:
            self.uncertain.append(gap.chat_id)
