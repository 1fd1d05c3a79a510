"""What keeps a bot from its work: its queue, and where the state of its chats is kept."""

from typing import Any, Literal

from frontdesk.errors.base import FrontdeskError
from frontdesk.grammar import counted

__all__ = [
    "BotError",
    "ForeignQueue",
    "ItemTooLarge",
    "ModelBudgetExceeded",
    "NotInChat",
    "QueueError",
    "QueueFull",
    "QueueUnavailable",
    "StateConflict",
    "StateDamaged",
    "StateStoreError",
]


class BotError(FrontdeskError):
    """A bot cannot do its work; the message says why and what to do."""


class NotInChat(BotError):
    """The bot is no user of the chat, and is not to join it: nothing was sent.

    It has given the chat away, was removed from it, or is to answer only where it was assigned.
    """


class QueueError(BotError):
    """The queue of a bot cannot be used."""


class QueueUnavailable(QueueError):
    """Nobody stores items at present: no server, no leader, no response in time.

    A webhook that was to be stored gets 503, so that LiveChat sends it again.
    """


class QueueFull(QueueUnavailable):
    """The queue has no room at present: its workers are behind, or the disk is full."""


class ItemTooLarge(QueueError):
    """A webhook exceeds what the queue takes in one item."""


class ForeignQueue(QueueError):
    """The queue on the server is not of this bot, or was made with other settings."""


class StateStoreError(BotError):
    """What keeps the state of chats cannot be used."""


class StateConflict(StateStoreError):
    """Somebody else changed the state of a chat meanwhile; nothing was stored."""


class StateDamaged(StateStoreError):
    """The stored state of a chat cannot be read, or does not fit the bot's state any more."""


class ModelBudgetExceeded(BotError):
    """A chat has used up what its language model may cost; hand it over to a person.

    ``unit`` is ``tokens`` or ``calls``, ``limit`` how many there may be, ``used`` how many there
    were.
    """

    def __init__(self, unit: Literal["tokens", "calls"], limit: int, used: int) -> None:
        self.unit = unit
        self.limit = limit
        self.used = used
        super().__init__(
            f"the chat's budget of {counted(limit, unit[:-1])} of a language model is spent "
            f"({used:,} used); hand it over with `ctx.hand_over(note=…)`, or raise the "
            f"ModelBudget's `{unit}`"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.unit, self.limit, self.used), self.__dict__
