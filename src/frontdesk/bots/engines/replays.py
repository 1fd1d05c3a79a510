"""The item that takes the place of a dead letter."""

import msgspec

from frontdesk.bots.engines.base import DeadLetter
from frontdesk.bots.items import QueueItem
from frontdesk.errors import InvalidArgument

__all__ = ["replayed_item"]


def replayed_item(letter: DeadLetter | None, letter_id: str) -> QueueItem:
    """Return the item to publish for a dead letter.

    Its id is new, or it would be taken for the item that was given up, and the same each time that
    the letter is replayed: if the letter could not be forgotten the first time, no more is done.

    Raises:
        InvalidArgument: There is no such letter, or its item could not be read.
    """
    if letter is None:
        raise InvalidArgument("dead_letter_id", f"is that of no dead letter: {letter_id!r}")
    if letter.item is None:
        raise InvalidArgument(
            "dead_letter_id", "is that of an item that cannot be read, so that nothing can be done"
        )
    id = f"{letter.item.id}~{letter.id}"[-250:]
    return msgspec.structs.replace(letter.item, id=id, is_replayed=True)
