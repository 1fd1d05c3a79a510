"""What an uncut session of a customer would have been pushed about one of its chats.

Whoever comes or goes is shown to the customer, and whoever looks at the chat window has to know who
is there. So what has certainly happened is told even where nothing says when: then the chat is
named.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from frontdesk.core.rtm.recovery.facts import Came, Opened, Went
from frontdesk.core.rtm.recovery.known_chats import CUSTOMER, LONG_AGO, users_present
from frontdesk.core.rtm.recovery.people import Evidence
from frontdesk.core.rtm.recovery.replay import Replay, Replayed
from frontdesk.models import Thread
from frontdesk.pushes import (
    ChatDeactivated,
    IncomingChat,
    IncomingEvent,
    Push,
    UserAddedToChat,
    UserRemovedFromChat,
)

__all__ = ["CustomerReplay"]

LOGGING_IN: Final = timedelta(seconds=1)
"""How long before the end of doubt the customer may have been logged in."""


class CustomerReplay(Replay):
    """The story of one chat, as its customer was pushed it."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence, _always)

    def run(self) -> Replayed:
        """Return what was missed."""
        replayed = super().run()
        if self._end.settled:
            replayed.pushes = self._with_the_right_users(replayed.pushes)
        doubts = (self._may_have_come, self._came_into_empty_chat, self._may_have_been_before)
        replayed.certain = self._certain and not any(doubt() for doubt in doubts)
        return replayed

    @property
    def _receives(self) -> bool:
        return True

    def _first_users(
        self, thread: Thread, first: list[Any], later: list[Any]
    ) -> tuple[dict[str, str], bool]:
        present, certain = super()._first_users(thread, first, later)
        return {self._me: CUSTOMER, **present}, certain

    def _chat(self, opened: Opened) -> Iterator[Push]:
        # Without it, the events of the thread would belong to nothing.
        certain, opened.certain = opened.certain, True
        yield from super()._chat(opened)
        self._certain = self._certain and certain

    def _may_have_come(self) -> bool:
        """Whether somebody who is there at the end may have come meanwhile."""
        start = self._start
        if start.complete or any(isinstance(fact, Opened) for fact in self._facts):
            return False
        return any(
            user_id not in start.present and user_id not in self._came_visibly()
            for user_id in self._end.present
        )

    def _came_into_empty_chat(self) -> bool:
        """Whether somebody came when nobody served the customer: no message tells just when."""
        serving = {user_id for user_id in self._first if user_id != self._me}
        for fact in self._facts:
            match fact:
                case Opened():
                    serving = {user_id for user_id in fact.present if user_id != self._me}
                case Came():
                    if not serving:
                        return True
                    serving.add(fact.user_id)
                case Went():
                    serving.discard(fact.user_id)
                case _:
                    """Nobody comes or goes."""
        return False

    def _came_visibly(self) -> set[str]:
        return {fact.user_id for fact in self._facts if isinstance(fact, Came)}

    def _may_have_been_before(self) -> bool:
        """Whether something may be older than the log-in, or may have been missed right after."""
        until = self._start.doubtful_until
        if until == LONG_AGO or self._start.last_id:
            return False
        since = until - LOGGING_IN
        return any(
            since < at <= until
            for thread in self._threads
            for at in (thread.created_at, *(event.created_at for event in thread.events or ()))
        )

    def _with_the_right_users(self, pushes: list[Push]) -> list[Push]:
        """Have everybody come and go whose coming or going is sure, so that the end is right."""
        present = set(self._first)
        for push in pushes:
            match push:
                case IncomingChat():
                    present = set(users_present(push.chat.users))
                case UserAddedToChat():
                    present.add(push.user.id)
                case UserRemovedFromChat():
                    present.discard(push.user_id)
                case _:
                    """Brings and takes nobody."""
        pushes = list(pushes)
        for user_id in sorted(present - self._end.present.keys() - {self._me}):
            self._certain = False
            pushes.append(
                self._push(
                    UserRemovedFromChat, thread_id=self._now_open(), user_id=user_id, reason="other"
                )
            )
        for user_id, visibility in self._end.present.items():
            if user_id in present or user_id == self._me:
                continue
            self._certain = False
            position = _before_the_first_sign(pushes, user_id)
            pushes.insert(
                position,
                self._push(
                    UserAddedToChat,
                    thread_id=self._thread.id if self._thread else self._now_open(),
                    user=self._user(user_id, visibility),
                    reason="other",
                ),
            )
        return pushes


def _before_the_first_sign(pushes: list[Push], user_id: str) -> int:
    """Return where a user has come at the latest."""
    begin = 0
    for position, push in enumerate(pushes):
        match push:
            case IncomingChat():
                begin = position + 1
            case UserRemovedFromChat() if push.user_id == user_id:
                begin = position + 1
            case _:
                """Does not undo an earlier coming."""
    for position in range(begin, len(pushes)):
        push = pushes[position]
        if isinstance(push, ChatDeactivated):
            return position
        if isinstance(push, IncomingEvent) and getattr(push.event, "author_id", "") == user_id:
            return position
    return len(pushes)


def _always(_group_ids: tuple[int, ...]) -> bool:
    """Groups do not matter: a customer gets all that happens in its chats."""
    return True
