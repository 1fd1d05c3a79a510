"""Items of a bot in a journal, so that they survive the process that accepted them."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from frontdesk.bots.items import QueueItem, read_item, write_item
from frontdesk.errors import DecodeError, ForeignQueue
from frontdesk.webhooks.journal import Journal, JournalTicket

__all__ = ["KeptItem", "KeptItems"]

TICK: Final = 1e-6
"""Seconds between two items at least, so that their order is certain."""


class _Written(Struct, array_like=True):
    place: float
    """Where the item stands among the others; the time when it was accepted, in seconds."""
    lives: int
    """How many processes that had it from another one began to work on it."""
    item: Raw


_decode = msgspec.json.Decoder(_Written).decode
_encode = msgspec.json.Encoder().encode


class KeptItem:
    """An item in the journal."""

    __slots__ = ("earlier", "item", "lives", "place", "ticket")

    def __init__(self, item: QueueItem, place: float, lives: int, ticket: JournalTicket) -> None:
        self.item: QueueItem = item
        self.place: float = place
        self.lives: int = lives
        self.ticket: JournalTicket = ticket
        self.earlier: list[JournalTicket] = []
        """Older records of it, which are needed until the disk has the latest one."""


class KeptItems:
    """Writes items to a journal and reads those of killed processes.

    How often a killed process had worked on an item is written too, when the next one begins with
    it: a handler that kills its process must not do so for ever.
    """

    def __init__(self, journal: Journal | str | Path) -> None:
        self._journal = journal if isinstance(journal, Journal) else Journal(journal)
        self._last = 0.0

    def open(self) -> list[KeptItem]:
        """Take over what killed processes left, in the order in which it was accepted.

        Raises:
            InvalidArgument: The directory cannot be read.
            ForeignQueue: It has something else than items.
        """
        try:
            kept = list(self._entries())
        except ForeignQueue:
            self._journal.close()
            raise
        kept.sort(key=lambda item: item.place)
        latest: dict[str, KeptItem] = {}
        for item in kept:
            other = latest.get(item.item.id)
            if other is None:
                latest[item.item.id] = item
                continue
            # A process was killed between the two records of `begin`. The disk may have the first
            # one only.
            if other.lives < item.lives:
                other.lives, other.ticket, item.ticket = item.lives, item.ticket, other.ticket
            other.earlier.append(item.ticket)
        if kept:
            self._last = kept[-1].place
        return list(latest.values())

    def _entries(self) -> Iterator[KeptItem]:
        for entry in self._journal.open():
            if entry.ticket is not None:
                written, item = _read(entry.content)
                yield KeptItem(item, written.place, written.lives, entry.ticket)

    def peek(self) -> set[str]:
        """Return the ids of the items that are not settled, those of running processes too.

        Nothing is taken over.

        Raises:
            InvalidArgument: The directory cannot be read.
            ForeignQueue: It has something else than items.
        """
        return {_read(content)[1].id for content in self._journal.peek()}

    def add(self, item: QueueItem) -> KeptItem:
        """Write an item; raises ``OSError`` when it cannot be written."""
        # The clock may be set back; the order must not change.
        self._last = place = max(time.time(), self._last + TICK)
        return KeptItem(item, place, 0, self._write(item, place, 0))

    async def begin(self, kept: KeptItem) -> None:
        """Write that one more process works on an item that it has from another one.

        A disk that fails keeps nobody from the work.
        """
        try:
            ticket = self._write(kept.item, kept.place, kept.lives + 1)
        except OSError:
            return
        kept.earlier.append(kept.ticket)
        kept.ticket = ticket
        kept.lives += 1
        try:
            await self._journal.synced(ticket)
        except OSError:
            return
        # Now only: the item is in the journal at every moment, also if the machine crashes.
        self._forget_earlier(kept)

    async def synced(self, kept: KeptItem) -> None:
        """Wait until the disk has an item, if the journal waits for it; raises ``OSError``."""
        await self._journal.synced(kept.ticket)

    def done(self, kept: KeptItem) -> None:
        """Take an item out of the journal."""
        self._forget_earlier(kept)
        self._journal.done(kept.ticket)

    def _forget_earlier(self, kept: KeptItem) -> None:
        earlier, kept.earlier = kept.earlier, []
        for ticket in earlier:
            self._journal.done(ticket)

    def close(self) -> None:
        """Close the files; what is not done stays in them."""
        self._journal.close()

    def _write(self, item: QueueItem, place: float, lives: int) -> JournalTicket:
        content: Any = _Written(place, lives, Raw(write_item(item)))
        return self._journal.add(_encode(content))


def _read(content: bytes) -> tuple[_Written, QueueItem]:
    try:
        written = _decode(content)
        return written, read_item(bytes(written.item))
    except (msgspec.DecodeError, UnicodeError, DecodeError):
        raise ForeignQueue(
            "the journal holds what is no item of a bot, such as webhooks of a Receiver, or "
            "items of a later version of frontdesk; give the engine a directory of its own"
        ) from None
