"""The work on one item: its chat's record, and what was asked of the API meanwhile."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Raw

from frontdesk.bots.engines.base import Claim
from frontdesk.bots.handlers.routes import RouteTable
from frontdesk.bots.identity import Identity
from frontdesk.bots.states.record import ChatRecord
from frontdesk.bots.work.presence import is_absence, join, leave
from frontdesk.bots.work.replies import custom_id_of, with_custom_id
from frontdesk.errors import APIError, InvalidArgument, NotInChat, StateDamaged
from frontdesk.models import Chat
from frontdesk.pushes import IncomingChat
from frontdesk.redaction import one_line

__all__ = ["Run"]

_encode: Final = msgspec.json.Encoder().encode


class Run:
    """What the handlers of one item share.

    Args:
        claim: The item.
        record: What is known of its chat; ``state`` and others are changed here.
        identity: Whom the bot acts as.
        table: The handlers, which ``ask`` names.
        state_type: The class of the user's state, if there is one.
        joins: Whether the bot joins chats that it is not in.
        clock: Returns the time, in seconds since 1970.
        is_again: Whether a worker has been at the item before, as far as it is known.
    """

    # What most messages of a busy bot never need is not set for each of them.
    context: Any = None
    """The context of the handler that was called last."""
    _state: Any = None
    _replies: dict[str, int] | None = None
    _chat: Chat | None = None
    _custom_ids: dict[str, str] | None = None

    def __init__(
        self,
        claim: Claim,
        record: ChatRecord,
        identity: Identity,
        table: RouteTable,
        state_type: type[Any] | None,
        *,
        joins: bool,
        is_again: bool,
        clock: Callable[[], float],
    ) -> None:
        self.claim: Claim = claim
        self.record: ChatRecord = record
        self.identity: Identity = identity
        self.table: RouteTable = table
        self.clock: Callable[[], float] = clock
        self._joins = joins
        self._is_again = (
            is_again or claim.is_redelivered or claim.attempt > 1 or claim.item.is_replayed
        )
        self._state_type = state_type

    @property
    def state(self) -> Any:
        """The user's state of the chat; the defaults if there is none."""
        if self._state is None:
            if self._state_type is None:
                raise InvalidArgument("state", "is not kept: declare it, as in Bot(state=MyState)")
            self._state = self._read_state(self._state_type)
        return self._state

    @state.setter
    def state(self, state: Any) -> None:
        if self._state_type is None or not isinstance(state, self._state_type):
            name = "declared first" if self._state_type is None else self._state_type.__name__
            raise InvalidArgument("state", f"must be a {name}, not {type(state).__name__}")
        self._state = state

    def _read_state(self, state_type: type[Any]) -> Any:
        if not self.record.has_state:
            return state_type()
        try:
            return msgspec.json.decode(self.record.state, type=state_type)
        except msgspec.MsgspecError as error:
            raise StateDamaged(
                f"the state of {self.claim.item.key} does not fit {state_type.__name__}: "
                f"{one_line(str(error))}; give new fields a default, then replay the dead letter"
            ) from None

    def write_state(self) -> None:
        """Put the user's state into the record."""
        if self._state is None:
            return
        try:
            data = _encode(self._state)
            # What cannot be read again would stop the chat for good.
            msgspec.json.decode(data, type=self._state_type or Any)
        except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
            raise InvalidArgument("state", f"cannot be stored: {one_line(str(error))}") from None
        self.record.state = Raw(data)

    async def chat(self, chat_id: str, thread_id: str) -> Chat:
        """Return the chat with a thread, asking the API once: an item is about one of each."""
        payload = self.claim.item.webhook.payload
        if self._chat is None and isinstance(payload, IncomingChat):
            self._chat = payload.chat
        if self._chat is None:
            self._chat = await self.identity.client.get_chat(
                chat_id=chat_id, thread_id=thread_id or None
            )
        return self._chat

    async def be_there(self, chat_id: str) -> None:
        """Join the chat, unless the bot is in it.

        Raises:
            NotInChat: It has left the chat, or is to join none.
        """
        if self.record.present:
            return
        if self.record.away or not self._joins:
            raise NotInChat(f"the bot is no user of the chat {chat_id} and does not join it")
        await join(self.identity.client, chat_id, self.identity.bot_id)
        self.record.present = True

    async def send(self, chat_id: str, thread_id: str, subject: str, event: Any) -> str:
        """Send an event, unless an earlier attempt at the same item has sent it; returns its id.

        ``subject`` is what it replies to.
        """
        replies = self._replies = self._replies or {}
        number = replies[subject] = replies.get(subject, 0) + 1
        event = with_custom_id(event, custom_id_of(subject, number))
        sent = await self._sent_before(chat_id, thread_id, event.custom_id)
        if sent is not None:
            return sent
        await self.be_there(chat_id)
        try:
            return (await self.identity.client.send_event(chat_id=chat_id, event=event)).event_id
        except APIError as error:
            if not is_absence(error):
                raise
            leave(self.record)
            raise NotInChat(
                f"the bot is no user of the chat {chat_id} any more: it was removed, or the chat "
                "was given to somebody else"
            ) from error

    def next_custom_id(self, subject: str) -> str:
        """Return the id that the next reply to ``subject`` will have."""
        return custom_id_of(subject, (self._replies or {}).get(subject, 0) + 1)

    async def _sent_before(self, chat_id: str, thread_id: str, custom_id: str) -> str | None:
        """Look for an event in the chat; nobody can have sent it if the item is new."""
        if not self._is_again:
            return None
        if self._custom_ids is None:
            # A fresh look: what the payload brought is older than the earlier attempt.
            chat = await self.identity.client.get_chat(chat_id=chat_id, thread_id=thread_id or None)
            self._custom_ids = {
                event.custom_id: event.id
                for event in chat.thread.events or ()
                if event.custom_id is not None
            }
        return self._custom_ids.get(custom_id)
