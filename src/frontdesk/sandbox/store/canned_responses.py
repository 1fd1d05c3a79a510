"""The canned responses: read by id, or in pages of those that somebody may see."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import CannedResponseRecord

__all__ = ["CannedResponseTable"]

LARGEST: int = (1 << 63) - 1
"""The largest id that SQLite has."""


class CannedResponseTable:
    """The texts that agents keep ready; a record that was changed must be saved."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._codec = Codec(CannedResponseRecord)

    def add(self, record: CannedResponseRecord) -> CannedResponseRecord:
        """Keep a new one, and return it with its id."""
        row = self._db.row("SELECT seq FROM sqlite_sequence WHERE name = 'canned_responses'")
        record = replace(record, id=1 + (row[0] if row else 0))
        self.save(record)
        return record

    def save(self, record: CannedResponseRecord) -> None:
        """Keep one that is new or has changed."""
        self._db.write(
            "INSERT OR REPLACE INTO canned_responses VALUES (?, ?, ?, ?)",
            record.id,
            record.group_id,
            record.owner_id if record.is_private else None,
            self._codec.encode(record),
        )

    def get(self, record_id: int) -> CannedResponseRecord | None:
        """Return the one of an id."""
        if abs(record_id) > LARGEST:
            return None
        row = self._db.row("SELECT data FROM canned_responses WHERE id = ?", record_id)
        return self._codec.decode(row[0]) if row else None

    def remove(self, record_id: int) -> None:
        """Forget one."""
        self._db.write("DELETE FROM canned_responses WHERE id = ?", record_id)

    def remove_group(self, group_id: int) -> None:
        """Forget those of a group."""
        self._db.write("DELETE FROM canned_responses WHERE group_id = ?", group_id)

    def of_groups(
        self, group_ids: Iterable[int], *, private_of: Iterable[str] | None = ()
    ) -> "ListedCannedResponses":
        """Return those of groups: all public ones, and the private ones of some agents.

        ``private_of`` is ``None`` for everybody's private ones.
        """
        return ListedCannedResponses(self._db, self._codec, group_ids, private_of)


class ListedCannedResponses:
    """Some of the canned responses, in the order of their ids."""

    def __init__(
        self,
        db: Database,
        codec: Codec[CannedResponseRecord],
        group_ids: Iterable[int],
        private_of: Iterable[str] | None,
    ) -> None:
        self._db = db
        self._codec = codec
        # One value each: a statement may have only so many.
        groups = msgspec.json.encode([number for number in group_ids if number <= LARGEST])
        owners = None if private_of is None else msgspec.json.encode(list(private_of)).decode()
        self._values = (groups.decode(), owners, owners)

    def count(self) -> int:
        """Return how many they are."""
        row = self._db.row(
            "SELECT count(*) FROM canned_responses "
            "WHERE group_id IN (SELECT value FROM json_each(?)) AND (private_to IS NULL "
            "OR ? IS NULL OR private_to IN (SELECT value FROM json_each(?)))",
            *self._values,
        )
        return int(row[0]) if row else 0

    def page(self, limit: int, *, after: int = 0) -> list[CannedResponseRecord]:
        """Return the first of those after an id."""
        rows = self._db.rows(
            "SELECT data FROM canned_responses "
            "WHERE group_id IN (SELECT value FROM json_each(?)) AND (private_to IS NULL "
            "OR ? IS NULL OR private_to IN (SELECT value FROM json_each(?))) "
            "AND id > ? ORDER BY id LIMIT ?",
            *self._values,
            after,
            limit,
        )
        return [self._codec.decode(row[0]) for row in rows]
