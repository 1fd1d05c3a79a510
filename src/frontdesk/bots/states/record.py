"""What a bot knows of one chat: what it has handled, what it waits for, and the user's state."""

from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from frontdesk.bots.engines.base import Claim
from frontdesk.errors import StateDamaged
from frontdesk.redaction import one_line

__all__ = ["ChatRecord", "PendingStep", "Trouble", "read_record", "write_record"]

FORMAT: Final = 1
HANDLED: Final = 4
"""How many ids of items are remembered; at most one of a chat is under way at a time."""
UNNUMBERED: Final = 64
"""The same where items have no positions: after a power failure more of them may come again."""
ANSWERED: Final = 64
"""How many events of customers are remembered: those that came with a chat may come again."""


NO_STATE: Final = Raw()
"""Is left out of the JSON. None would be another type, and no field can be both."""


class PendingStep(Struct, frozen=True):
    """The handler that the customer's next message goes to."""

    name: str
    thread_id: str
    until: float | None = None
    """In seconds since 1970; ``None`` for ever."""


class Trouble(Struct, frozen=True):
    """What has become of earlier attempts at the item that is under way."""

    item_id: str
    handed_back: int = 0
    """How often a worker has handed it back: other attempts ended with their worker."""
    failures: int = 0
    """How often a handler has failed, for other reasons than a server that does not respond."""
    since: float = 0.0
    """When the first attempt failed, in seconds since 1970."""


class ChatRecord(Struct, omit_defaults=True, kw_only=True, gc=False):
    """What is stored under the key of a chat, all in one piece."""

    format: int = FORMAT
    stream: str = ""
    sequence: int = 0
    """The position of what was handled last, in the engine's ``stream``."""
    handled: tuple[str, ...] = ()
    """The ids of the items that were handled last."""
    answered: tuple[str, ...] = ()
    """The events of customers that were handled last."""
    presses: dict[str, tuple[str, float]] | None = None
    """The buttons that were pressed last: whether a push or a message said so, and when."""
    seen: dict[str, tuple[float, str]] | None = None
    """What the deduplication of webhooks remembers: until when, and what."""
    thread: str = ""
    """The thread of what was handled last."""
    started: str = ""
    """The thread whose start was handled."""
    present: bool | None = None
    """Whether the bot is a user of the chat; ``None``: unknown."""
    away: bool = False
    """Whether the bot has left the chat, or was taken out of it."""
    step: PendingStep | None = None
    trouble: Trouble | None = None
    state: Raw = NO_STATE
    """The user's state, in JSON."""

    @property
    def has_state(self) -> bool:
        """Whether the user's state was ever stored."""
        return self.state is not NO_STATE

    def has_handled(self, claim: Claim) -> bool:
        """Tell whether an item was handled already, before its acknowledgement was lost."""
        if claim.stream and claim.stream == self.stream:
            return claim.sequence <= self.sequence
        return claim.item.id in self.handled

    def note_handled(self, claim: Claim) -> None:
        """Take note that an item is handled."""
        if claim.stream:
            self.stream = claim.stream
            self.sequence = claim.sequence
        limit = HANDLED if claim.stream else UNNUMBERED
        self.handled = (*self.handled[1 - limit :], claim.item.id)

    def enter(self, thread_id: str) -> None:
        """Take note of the thread of what is handled now; each is a conversation of its own."""
        if thread_id and thread_id != self.thread:
            self.thread = thread_id
            # Whoever left the last one may be wanted again, and nobody waits for an answer to what
            # was asked there.
            self.present, self.away, self.step = None, False, None

    def note_answered(self, event_id: str) -> None:
        """Take note that an event of a customer is handled."""
        self.answered = (*self.answered[1 - ANSWERED :], event_id)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ChatRecord).decode


def write_record(record: ChatRecord) -> bytes:
    """Return a record as JSON."""
    return _encode(record)


def read_record(data: bytes, key: str) -> ChatRecord:
    """Return the record of its JSON.

    Raises:
        StateDamaged: It is none, or one of a later version of frontdesk.
    """
    try:
        record = _decode(data)
    except msgspec.MsgspecError as error:
        raise _damaged(key, error) from None
    if record.format != FORMAT:
        raise StateDamaged(
            f"the state of {key} has format {record.format}, and this version reads {FORMAT}; "
            "run the version that wrote it, or delete the state"
        )
    return record


def _damaged(key: str, error: Any) -> StateDamaged:
    return StateDamaged(
        f"the state of {key} cannot be read: {one_line(str(error))}; restore or delete it, then "
        "replay the dead letter"
    )
