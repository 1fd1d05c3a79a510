"""What an uncut session would have been pushed about one chat, from what the API shows later.

What is certain is delivered. Where the API does not show everything, the result says so, and what
may not have been pushed is omitted.
"""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

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
from frontdesk.core.rtm.recovery.known_chats import TRANSFERRED, KnownChat, serving
from frontdesk.core.rtm.recovery.messages import was_unassigned
from frontdesk.core.rtm.recovery.people import Evidence
from frontdesk.core.rtm.recovery.story import Story
from frontdesk.models import (
    Access,
    Agent,
    Chat,
    Customer,
    SystemMessageEvent,
    Thread,
    TransferTarget,
    UnknownThread,
)
from frontdesk.pushes import (
    ChatDeactivated,
    IncomingChat,
    IncomingEvent,
    Push,
    UserAddedToChat,
    UserRemovedFromChat,
)

__all__ = ["Replay", "Replayed"]


class Replayed(Struct):
    """What to deliver; ``certain`` is false when there was more, or may have been."""

    pushes: list[Push]
    certain: bool
    known_chat: KnownChat


class Replay(Story):
    """The story of one chat, as the agent was pushed it; see ``Story``.

    Args:
        evidence: what is known of the chat, and shown of it.
        reaches: whether the agent belongs to one of the groups, ``None`` if that is not known.
    """

    def __init__(
        self, evidence: Evidence, reaches: Callable[[tuple[int, ...]], bool | None]
    ) -> None:
        super().__init__(evidence)
        self._reaches = reaches
        self._users_now: dict[str, str] = {}
        self._followed = evidence.start.followed
        self._concerned = False
        self._ended = False

    def run(self) -> Replayed:
        """Return what was missed."""
        self.tell()
        pushes = list(self._pushed())
        known_chat = self._end.as_known()
        if not self._end.settled:
            known_chat.present, known_chat.followed = dict(self._present), self._start.followed
            known_chat.thread_id = self._thread.id if self._thread else self._start.thread_id
        return Replayed(pushes, self._certain, known_chat)

    # The story.

    def _pushed(self) -> Iterator[Push]:
        me, end = self._me, self._end
        self._users_now = dict(self._first)
        self._concerned = self._followed or me in self._first or me in end.present or end.followed
        unfollowed = end.settled and self._followed and not end.followed
        if unfollowed and not self._reopened():
            # When is not known: nothing from here on is sure to have been pushed.
            self._followed = False
            self._certain = self._certain and not self._facts
        for fact in self._facts:
            yield from self._pushes_of(fact)
        was_there = me in end.user_ids and self._may_have_been_there()
        touched = self._concerned or was_there or self._skipped
        self._certain = self._certain or not touched

    @property
    def _receives(self) -> bool:
        there = self._me in self._users_now and not self._waits_for_proof
        return self._followed or there

    def _pushes_of(self, fact: Fact) -> Iterator[Push]:  # noqa: C901, PLR0912 - a case for each fact
        match fact:
            case Said():
                if self._waits_for_proof and getattr(fact.event, "author_id", None) == self._me:
                    self._waits_for_proof = False
                if self._receives:
                    yield self._push(IncomingEvent, event=fact.event, thread_id=fact.thread.id)
            case Came():
                yield from self._added(fact)
            case Went():
                yield from self._removed(fact)
            case Opened():
                yield from self._begun(fact)
            case Closed():
                self._ended = True
                if self._receives or self._reached(fact.thread):
                    self._concerned = self._concerned or not fact.certain
                    self._certain = self._certain and fact.certain
                    yield self._push(
                        ChatDeactivated, thread_id=fact.thread.id, user_id=fact.user_id
                    )
            case Handed():
                if fact.to == self._me:
                    yield self._handed(fact, self._users_now)
            case Followed():
                self._concerned = self._followed = True
                if len(self._facts) == 1 and self._knows_users(fact.thread):
                    yield self._whole(fact.thread, requester_id=self._me)
                else:
                    # What happened before, and what after it was followed, is not known.
                    self._certain = False

    def _knows_users(self, thread: Thread | None) -> bool:
        """Whether nobody can have come or gone in the gap without a trace."""
        if self._start.complete:
            return True
        return thread is not None and not was_unassigned(thread) and not self._may_have_left()

    def _added(self, fact: Came) -> Iterator[Push]:
        self._users_now[fact.user_id] = fact.visibility
        if not self._receives:
            return
        self._concerned = True
        self._certain = self._certain and fact.certain
        if self._was_added and fact.user_id == self._me:
            self._was_added = False
        elif fact.placed:
            yield self._push(
                UserAddedToChat,
                thread_id=fact.thread_id,
                user=self._user(fact.user_id, fact.visibility),
                reason=fact.reason,
                requester_id=fact.requester_id,
            )

    def _removed(self, fact: Went) -> Iterator[Push]:
        if self._receives:
            self._certain = self._certain and fact.certain
            if fact.placed:
                yield self._push(
                    UserRemovedFromChat,
                    thread_id=fact.thread_id,
                    user_id=fact.user_id,
                    reason=fact.reason,
                    requester_id=fact.requester_id,
                )
        self._users_now.pop(fact.user_id, None)

    def _begun(self, fact: Opened) -> Iterator[Push]:
        self._users_now = dict(fact.present)
        self._followed = self._ended = self._waits_for_proof = False
        if self._receives:
            yield from self._chat(fact)
        elif self._moved(fact.thread):
            self._certain = False
            self._concerned = True
        elif self._reached(fact.thread):
            yield from self._chat(fact)

    def _reached(self, thread: Thread) -> bool:
        """Whether the agent belongs to the groups of a thread."""
        reached = self._reaches(_groups(thread) or self._end.group_ids)
        if reached is None:
            self._certain = False
            self._concerned = True
        return reached is True

    def _moved(self, thread: Thread) -> bool:
        """Whether a thread may have been moved to other groups, which then are those it has."""
        return any(
            not self._targets(names) and names not in self._names and names != "another agent"
            for event in thread.events or ()
            if isinstance(event, SystemMessageEvent) and event.system_message_type == TRANSFERRED
            for names in [(event.text_vars or {}).get("targets") or ""]
        )

    def _push(self, kind: type[Any], **fields: Any) -> Any:
        return kind(chat_id=self._end.id, recovered=True, **fields)

    def _user(self, user_id: str, visibility: str) -> Any:
        user = self._kinds.get(user_id)
        match user:
            case Agent():
                return replace(user, present=True, visibility=visibility)
            case Customer():
                return replace(user, present=True)
            case None:
                return Agent(id=user_id, name=user_id, present=True, visibility=visibility)
            case _:
                return user

    def _users(self, present: dict[str, str]) -> list[Any]:
        users: list[Any] = []
        for user in self._end.users:
            match user:
                case Agent():
                    visibility = present.get(user.id, user.visibility)
                    users.append(replace(user, present=user.id in present, visibility=visibility))
                case Customer():
                    users.append(replace(user, present=user.id in present))
                case _:
                    users.append(user)
        return users

    def _chat(self, opened: Opened) -> Iterator[Push]:
        self._concerned = True
        self._certain = self._certain and opened.certain
        if not opened.certain:
            return
        thread, present = opened.thread, opened.present
        shown = replace(
            thread,
            active=opened.starts_active,
            events=opened.events,
            user_ids=[u for u in thread.user_ids or () if u in present],
            next_thread_id=None,
            queue=None if serving(present) else thread.queue,
        )
        yield IncomingChat(
            chat=self._with(shown, present),
            requester_id=self._starter(opened),
            recovered=True,
        )

    def _starter(self, opened: Opened) -> str | None:
        """Return the agent who opened a thread, if it was an agent and the API tells."""
        if opened.events:
            author_id = opened.events[0].author_id
            return None if self._is_customer(author_id) else author_id
        source = (opened.thread.properties or {}).get("source", {})
        if opened.thread.previous_thread_id is None and "client_id" in source:
            return next((u for u in opened.present if not self._is_customer(u)), None)
        if opened.thread.previous_thread_id is not None or not source:
            # An agent may have resumed the chat, or the customer: nothing tells.
            self._certain = False
        return None

    def _handed(self, handed: Handed, present: dict[str, str]) -> Push:
        thread = replace(handed.thread, active=True, events=handed.events, next_thread_id=None)
        same = self._start.group_ids == self._end.group_ids and not self._moved(handed.thread)
        self._certain = self._certain and same
        return IncomingChat(
            chat=self._with(thread, present),
            transferred_from=TransferTarget(
                group_ids=list(self._start.group_ids) if same else None,
                agent_ids=None if handed.before is None else list(handed.before),
            ),
            requester_id=handed.requester_id,
            recovered=True,
        )

    def _whole(self, thread: Thread | None, *, requester_id: str | None) -> Push:
        shown = None if thread is None else replace(thread, events=self._within(thread))
        return IncomingChat(
            chat=self._with(shown, self._end.present), requester_id=requester_id, recovered=True
        )

    def _with(self, thread: Thread | None, present: dict[str, str]) -> Chat:
        return Chat(
            id=self._end.id,
            users=self._users(present),
            thread=thread or UnknownThread.missing(),
            properties=self._end.properties,
            access=Access(group_ids=list(self._end.group_ids)) if self._end.group_ids else None,
        )


def _groups(thread: Thread) -> tuple[int, ...]:
    return tuple(thread.access.group_ids) if thread.access else ()
