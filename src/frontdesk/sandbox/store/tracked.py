"""Records that know themselves what to save: the identity map of a unit of work."""

from collections.abc import Callable
from typing import Generic, TypeVar

from frontdesk.sandbox.store.codec import Codec

__all__ = ["Tracked"]

R = TypeVar("R")


class Tracked(Generic[R]):
    """The records of one table that a unit of work has read or made, one object for each id.

    ``flush`` writes those that changed, so that nobody who changes a record has to save it: the
    store flushes at the end of a unit, and before a query whose result depends on the records.

    Args:
        codec: Packs the records.
        find: Returns the packed record of an id, or ``None``.
        write: Writes a record: the record, its packed form, and the record as it was stored
            before, ``None`` for a new one.
    """

    def __init__(
        self,
        codec: Codec[R],
        find: Callable[[str], bytes | None],
        write: Callable[[R, bytes, R | None], None],
    ) -> None:
        self._encode = codec.encode
        self._decode = codec.decode
        self._find = find
        self._write = write
        self._records: dict[str, R] = {}
        self._stored: dict[str, bytes | None] = {}
        self._open: dict[str, R] = {}

    def get(self, record_id: str) -> R | None:
        """Return the record of an id; what is changed in it is saved."""
        record = self._open.get(record_id)
        if record is None:
            record = self.read(record_id)
            if record is not None:
                self._open[record_id] = record
        return record

    def read(self, record_id: str) -> R | None:
        """Return the record of an id to look at: what is changed in it may be lost."""
        record = self._records.get(record_id)
        if record is None:
            data = self._find(record_id)
            if data is not None:
                record = self.adopt(record_id, data)
        return record

    def adopt(self, record_id: str, data: bytes) -> R:
        """Return the record of an id to look at, which a query has read."""
        record = self._records.get(record_id)
        if record is None:
            record = self._records[record_id] = self._decode(data)
            self._stored[record_id] = data
        return record

    def add(self, record_id: str, record: R) -> None:
        """Take in a new record."""
        self._records[record_id] = self._open[record_id] = record
        self._stored[record_id] = None

    def flush(self) -> None:
        """Write what changed since it was read or last written."""
        for record_id, record in self._open.items():
            data = self._encode(record)
            stored = self._stored[record_id]
            if data != stored:
                self._write(record, data, None if stored is None else self._decode(stored))
                self._stored[record_id] = data

    def forget(self) -> None:
        """Let go of all records, and of what changed in them."""
        if self._records:
            self._records.clear()
            self._stored.clear()
            self._open.clear()
