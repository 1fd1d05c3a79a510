"""The recovery of a customer's session: other lists, and more to compare; see ``recovery``."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from frontdesk.core.rtm.recovery.customer_replay import CustomerReplay
from frontdesk.core.rtm.recovery.customer_view import CUSTOMER_VIEW
from frontdesk.core.rtm.recovery.details import ChatDetails, touched_by
from frontdesk.core.rtm.recovery.gaps import TIME_STEP, Gap
from frontdesk.core.rtm.recovery.known_chats import CUSTOMER, KnownChat, KnownChats, ShownChat
from frontdesk.core.rtm.recovery.own_details import OwnDetails
from frontdesk.core.rtm.recovery.people import Evidence
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.recovery.replay import Replay, Replayed
from frontdesk.core.rtm.recovery.views import View
from frontdesk.models import Customer, Thread
from frontdesk.models.customer_chat.session import CustomerLoginResponse
from frontdesk.pushes import ChatDeactivated, IncomingChat, IncomingEvent, Push
from frontdesk.pushes.customer_chat import IncomingGreeting

__all__ = ["CustomerChats", "CustomerRecovery"]

MOST_DETAILED: Final = 25
"""Chats whose details are compared: those that were heard of last. Most customers have one."""


class CustomerChats(KnownChats):
    """The chats of a customer, and their details."""

    mine_as = CUSTOMER

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.details: dict[str, ChatDetails] = {}
        self.own: OwnDetails = OwnDetails()
        self._is_guess = False
        """Nothing has shown a time since the first log-in: the newest time is that of the log-in,
        rounded up."""

    def guess_newest(self, at: datetime) -> None:
        """Take a time for the newest, until a push shows one."""
        self.newest, self._is_guess = at, True

    def is_mine(self, known_chat: KnownChat) -> bool:
        """Return true: a customer gets all pushes of its chats."""
        return True

    def _named(self, chat_id: str) -> KnownChat:
        known_chat = super()._named(chat_id)
        if self.me:
            known_chat.present.setdefault(self.me, CUSTOMER)
        return known_chat

    def apply(self, push: Push) -> None:
        """Take note of a push that was delivered."""
        if self._is_guess:
            self._correct(push)
        super().apply(push)
        if isinstance(push, IncomingChat):
            self.note(push.chat.id, ChatDetails.of(push.chat, push.chat.thread))
            return
        chat_id = getattr(push, "chat_id", None)
        details = self.details.get(chat_id) if chat_id is not None else None
        if details is not None:
            details.apply(push)
        elif chat_id is None:
            self.own.apply(push)

    def note(self, chat_id: str, details: ChatDetails) -> None:
        """Know the details of a chat."""
        self.details.pop(chat_id, None)
        self.details[chat_id] = details
        if len(self.details) > MOST_DETAILED:
            del self.details[next(iter(self.details))]

    def _correct(self, push: Push) -> None:
        """Know from the first push with a time that what is older was not missed."""
        match push:
            case IncomingEvent():
                at = push.event.created_at
            case IncomingChat() if push.chat.thread.id:
                at = push.chat.thread.created_at
            case _:
                return
        self._is_guess = False
        if at >= self.newest:
            return
        for known_chat in self.items().values():
            known_chat.last_at = min(known_chat.last_at, at)
        self.newest: datetime = at


class CustomerRecovery(Recovery):
    """What was delivered, what is held back, and what is missing in a session of a customer."""

    view: View = CUSTOMER_VIEW

    def __init__(self, **limits: int) -> None:
        super().__init__(**limits)
        self._login: CustomerLoginResponse | None = None

    def _new_known_chats(self, memory: int) -> KnownChats:
        self.chats: CustomerChats = CustomerChats(memory)
        """The known chats, with their details."""
        return self.chats

    def logged_in(self, login: CustomerLoginResponse, server_time: datetime) -> None:
        """Take note of the first log-in, and of the server's time then or a little before."""
        super().logged_in(login, server_time)
        # It shows no chat, and so not what is the newest in them.
        self.chats.guess_newest(server_time + TIME_STEP)
        self.chats.own.logged_in(login)

    def back(
        self,
        login: CustomerLoginResponse,
        server_time: datetime,
        *,
        key_changes: bool,
        hold: bool = True,
    ) -> list[Push]:
        """Compare what the log-in shows with what was known; return what to deliver now."""
        self._login = login
        return super().back(login, server_time, key_changes=key_changes, hold=hold)

    def from_login(self) -> list[Push]:
        """Return what the response to the last log-in tells beside chats, to deliver now."""
        login, self._login = self._login, None
        if login is None:
            return []
        pushes = list(self.chats.own.changes(login))
        for push in pushes:
            self.chats.apply(push)
            if (key := self._key(push)) is not None:
                self._recovered.add(key)
        return pushes

    def _key(self, push: Push) -> str | None:
        if isinstance(push, IncomingGreeting):
            return f"greeting {push.greeting.unique_id}"
        return super()._key(push)

    def also_active(self, chat: ShownChat, *, key_changes: bool) -> Gap | None:
        """Return what may be missing of an active chat: a list does not show all of it."""
        gap = super().also_active(chat, key_changes=key_changes)
        return self._look(chat) if gap is None else gap

    def ended_meanwhile(self, chat: ShownChat, *, key_changes: bool) -> Gap | None:
        """Return what may be missing of a chat without an active thread, if anything is."""
        gap = super().ended_meanwhile(chat, key_changes=key_changes)
        if gap is None and chat.id in self.chats.details:
            # Many a chat is rated after its end.
            return self._look(chat)
        return gap

    def _look(self, chat: ShownChat) -> Gap | None:
        if chat.id in self.gaps or chat.id in self._current:
            return None
        start = self._start_of(chat.id)
        return (
            None if start is None else self._add(Gap(chat_id=chat.id, start=start.copy(), end=chat))
        )

    def _replay_of(
        self, evidence: Evidence, reaches: Callable[[tuple[int, ...]], bool | None]
    ) -> Replay:
        return CustomerReplay(evidence)

    def replay(self, gap: Gap) -> tuple[Replayed, set[int]]:
        """Tell what was missed of a chat."""
        self._know_who(gap)
        replayed, unknown = super().replay(gap)
        details = self.chats.details.get(gap.chat_id)
        thread = _thread_of(gap, details.thread_id if details else "")
        if details is not None and thread is not None:
            replayed.pushes = self._with_details(gap, replayed.pushes, details, thread)
        return replayed, unknown

    def _know_who(self, gap: Gap) -> None:
        """Learn from a chat who the customer is, if the log-in could not be read."""
        assert gap.end is not None
        known_chats = self.chats
        if not known_chats.me:
            ids = [user.id for user in gap.end.users if isinstance(user, Customer)]
            known_chats.me = next(iter(ids), "")
        if known_chats.me:
            gap.start.present.setdefault(known_chats.me, CUSTOMER)

    def _with_details(
        self, gap: Gap, pushes: list[Push], details: ChatDetails, thread: Thread
    ) -> list[Push]:
        assert gap.end is not None
        touched = touched_by(gap.held)
        changes = list(details.of_thread(gap.chat_id, thread, touched, gap.start.last_at))
        begins = any(isinstance(push, IncomingChat) for push in (*pushes, *gap.held))
        if not begins and gap.end.thread_id == thread.id:
            changes += details.of_chat(gap.end, thread, touched)
        position = len(pushes)
        for number, push in enumerate(pushes):
            if isinstance(push, (ChatDeactivated, IncomingChat)):
                position = number
                break
        return [*pushes[:position], *changes, *pushes[position:]]

    def finish(self, gap: Gap, replayed: Replayed | None) -> tuple[list[Push], int, bool]:
        """Take what was missed of a chat; see ``Recovery.finish``."""
        if replayed is not None and gap.end is not None:
            self._note(gap)
        return super().finish(gap, replayed)

    def _note(self, gap: Gap) -> None:
        """Know the details of a chat as it was read; those of pushes that wait come on top."""
        end = gap.end
        assert end is not None
        thread = _thread_of(gap, end.thread_id)
        if thread is not None:
            self.chats.note(gap.chat_id, ChatDetails.of(end, thread))


def _thread_of(gap: Gap, thread_id: str) -> Thread | None:
    return next((thread for thread in gap.threads if thread.id == thread_id), None)
