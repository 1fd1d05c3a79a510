"""Records that are saved by themselves: the identity map of a unit of work."""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from frontdesk.sandbox.store.codec import Codec

__all__ = ["Tracked"]

R = TypeVar("R")

RECENT: Final = 1000
"""Packed records that are remembered from one unit to the next."""


def _nothing(_record: object) -> None:
    """Return that there is nothing to know of a record."""


class Tracked(Generic[R]):
    """The records of one table that a unit of work has read or made, one object for each id.

    ``flush`` writes those that changed, so that nobody who changes a record has to save it: the
    store flushes at the end of a unit, and before a query whose result depends on the records.

    Args:
        codec: Packs the records.
        find: Returns the packed record of an id, or ``None``.
        write: Writes a record: it takes the record, its packed form, and what ``links`` returned
            of it when it was read or last written (``None`` for a new one), and returns its links.
        links: Returns what other tables hold of a record.
    """

    def __init__(
        self,
        codec: Codec[R],
        find: Callable[[str], bytes | None],
        write: Callable[[R, bytes, Any], Any],
        links: Callable[[R], Any] = _nothing,
    ) -> None:
        self._encode = codec.encode
        self._decode = codec.decode
        self._find = find
        self._write = write
        self._links = links
        self._stored: dict[str, bytes] = {}
        self._recent: dict[str, bytes] = {}
        self._linked: dict[str, Any] = {}
        self.records: dict[str, R] = {}
        """All records that the unit has read or made."""
        self.open: dict[str, R] = {}
        """Those that may change."""

    def get(self, record_id: str) -> R | None:
        """Return the record of an id; what is changed in it is saved."""
        record = self.open.get(record_id)
        if record is None:
            record = self.read(record_id)
            if record is not None:
                self.open[record_id] = record
                self._linked[record_id] = self._links(record)
        return record

    def read(self, record_id: str) -> R | None:
        """Return the record of an id to look at: what is changed in it may be lost."""
        record = self.records.get(record_id)
        if record is None:
            data = self._recent.get(record_id) or self._find(record_id)
            if data is not None:
                record = self.adopt(record_id, data)
        return record

    def adopt(self, record_id: str, data: bytes) -> R:
        """Return the record of an id to look at, which a query has read."""
        record = self.records.get(record_id)
        if record is None:
            record = self.records[record_id] = self._decode(data)
            self._stored[record_id] = data
        return record

    def add(self, record_id: str, record: R) -> None:
        """Take in a new record."""
        self.records[record_id] = self.open[record_id] = record

    def discard(self, record_id: str) -> None:
        """Let go of a record whose row is deleted."""
        for kept in (self.records, self.open, self._stored, self._linked, self._recent):
            kept.pop(record_id, None)

    def flush(self) -> None:
        """Write what changed since it was read or last written."""
        for record_id, record in self.open.items():
            data = self._encode(record)
            if data != self._stored.get(record_id):
                linked = self._linked
                linked[record_id] = self._write(record, data, linked.get(record_id))
                self._stored[record_id] = data

    def remember(self) -> None:
        """Keep the packed records that may have changed for the next unit, which gets the same."""
        recent, stored = self._recent, self._stored
        if len(recent) > RECENT:
            recent.clear()
        for record_id in self.open.keys() & stored.keys():
            recent[record_id] = stored[record_id]

    def distrust(self) -> None:
        """Forget what was remembered, after a unit was undone or everything was replaced."""
        self._recent.clear()

    def forget(self) -> None:
        """Let go of all records, and of what changed in them."""
        self.records.clear()
        self.open.clear()
        self._stored.clear()
        self._linked.clear()
