"""Interruptions, and what may have been missed of one chat in them."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from frontdesk.core.rtm.recovery.known_chats import LONG_AGO, KnownChat, KnownChats, ShownChat
from frontdesk.models import Thread
from frontdesk.pushes import Push

__all__ = ["Gap", "Interruption"]

TIME_STEP: Final = timedelta(seconds=1)
"""How exact the time of the server is that comes with a connection."""
GONE_AFTER: Final = timedelta(seconds=30)
"""How long the server waits for an agent whose connection is lost."""


class Gap(Struct, kw_only=True):
    """What may have been missed in one chat.

    ``end`` is ``None`` while the chat as it is now has yet to be read; ``certain`` is false when
    more than that was missed. The pushes that wait for it are ``held``.
    """

    chat_id: str
    start: KnownChat
    end: ShownChat | None
    certain: bool = True
    gone_from: datetime | None = None
    """When the server may have begun to take chats from the agent for his absence."""
    was_followed: bool = False
    """A reading that was interrupted has shown that the agent began to follow the chat."""
    threads: list[Thread] = []
    held: list[Push] = []

    def read_anew(self) -> None:
        """Take note that the reading was interrupted: what it has shown may change meanwhile."""
        end = self.end
        if end is not None and end.settled and end.followed and not self.start.followed:
            self.was_followed = True
        self.end = None


class Interruption:
    """The time in which pushes were missed, and what a chat that is shown after it tells."""

    def __init__(self, known_chats: KnownChats, *, can_lose_chats: bool = True) -> None:
        """``can_lose_chats``: the server takes chats from whoever is away for long."""
        self._can_lose_chats = can_lose_chats
        self.since: datetime = LONG_AGO
        """Nothing that was made before was missed,"""
        self.doubtful_until: datetime = LONG_AGO
        """and what lies between that and this time perhaps."""
        self.gone_from: datetime | None = None
        """When the server may have begun to take chats from the agent for his absence."""
        self.knew_all: bool = True
        """Whether all chats that were active at the beginning were known."""
        self._known_chats = known_chats
        self._left_at = LONG_AGO
        self._logged_in_at = LONG_AGO

    def logged_in(self, server_time: datetime) -> None:
        """Take note of a log-in, and of the server's time then or a little before."""
        self._logged_in_at = self._known_chats.logged_in_at = server_time + TIME_STEP

    def begin(self, *, anew: bool) -> None:
        """Take note that the connection is lost; not ``anew`` if the last gap is still open."""
        known_chats = self._known_chats
        self._left_at = known_chats.newest
        if anew:
            self.since, self.gone_from = known_chats.newest, None
            self.doubtful_until = LONG_AGO if known_chats.heard else self._logged_in_at
            known_chats.settle()

    def end(self, server_time: datetime) -> None:
        """Take note that the session is back."""
        there_until = max(self._left_at, self._logged_in_at)
        self.logged_in(server_time)
        self._known_chats.heard = False
        if not self._can_lose_chats:
            return
        if self.gone_from is None and self._logged_in_at - there_until > GONE_AFTER:
            self.gone_from = self._left_at + GONE_AFTER

    def compare(
        self, chat: ShownChat, start: KnownChat | None, *, key_changes: bool, complete: bool
    ) -> Gap | None:
        """Return what may be missing of an active chat, ``None`` if nothing is.

        Args:
            chat: the chat as it is now.
            start: what was known of it before.
            key_changes: whether anybody wants those of chats that the agent merely has access to.
            complete: whether it would have been known, had it been active then.
        """
        me, certain = self._known_chats.me, True
        if start is None:
            start, certain = self._unknown(chat, complete=complete)
        was_mine = self._known_chats.is_mine(start)
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
        return self._gap(chat, start, end=chat, certain=certain)

    def compare_ended(
        self, chat: ShownChat, start: KnownChat | None, *, key_changes: bool
    ) -> Gap | None:
        """Return what may be missing of a chat without an active thread; see ``compare``."""
        if start is not None and start.thread_id == chat.thread_id and not start.active:
            return self._changed(chat, start)
        me, certain = self._known_chats.me, True
        was_mine = start is not None and self._known_chats.is_mine(start)
        mine = was_mine or chat.followed or me in chat.user_ids or me in chat.present
        if self.is_old(chat):
            # Perhaps the agent has come into it since.
            since = self.since if start is None else start.last_at
            if not mine or chat.last_at <= since:
                return None
            if start is None:
                start, certain = self._unknown(chat, complete=self.knew_all)
                start.active = True
        elif not (mine or key_changes):
            return None
        return self._gap(chat, start or self._nothing_of(chat), end=None, certain=certain)

    def is_old(self, chat: ShownChat) -> bool:
        """Whether the last thread of a chat began before the interruption."""
        return chat.created_at is None or chat.created_at <= self.since

    def unheard(self) -> KnownChat:
        """Return what is known of a chat of which nothing is known."""
        return KnownChat(complete=False, last_at=self.since, doubtful_until=self.doubtful_until)

    def _gap(
        self, chat: ShownChat, start: KnownChat, *, end: ShownChat | None, certain: bool
    ) -> Gap:
        start = start.copy()
        # Who comes and goes in chats of others is not pushed.
        start.complete = start.complete and self._known_chats.is_mine(start)
        return Gap(chat_id=chat.id, start=start, end=end, certain=certain)

    def _changed(self, chat: ShownChat, start: KnownChat) -> Gap | None:
        """Return a gap if the agent left a chat that had ended, or its users changed otherwise."""
        if start.followed == chat.followed:
            if not self._known_chats.is_mine(start):
                return None
            if start.present == chat.present and start.complete:
                return None
        return Gap(chat_id=chat.id, start=start.copy(), end=chat)

    def _unknown(self, chat: ShownChat, *, complete: bool) -> tuple[KnownChat, bool]:
        """Return what a chat that was never heard of was at the beginning."""
        start = self._nothing_of(chat)
        if not self.is_old(chat):
            return start, True
        start.thread_id, start.active = chat.thread_id, chat.active
        if complete:
            return start, True
        # It may have been the agent's all the time, without a push.
        me = self._known_chats.me
        if me in chat.present:
            start.present[me] = chat.present[me]
        start.followed = chat.followed
        return start, False

    def _nothing_of(self, chat: ShownChat) -> KnownChat:
        start = self.unheard()
        start.group_ids = chat.group_ids
        return start
