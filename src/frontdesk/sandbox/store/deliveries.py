"""Webhooks that wait to be sent, and dead letters, so that they outlive the process."""

from collections.abc import Iterable

import msgspec

from frontdesk.sandbox.store.database import Database

__all__ = ["DeliveryTable"]

_encode = msgspec.json.Encoder().encode


class DeliveryTable:
    """The webhooks, packed by whoever sends them; by number, the oldest first."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def lasting(self) -> bool:
        """Whether what is kept here outlives the process."""
        return self._db.path is not None

    def add(self, number: int, data: bytes) -> None:
        """Keep a webhook, in the place of what was kept of it before."""
        self._db.write("INSERT OR REPLACE INTO deliveries VALUES (?, ?)", number, data)

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget some webhooks."""
        self._db.write(
            "DELETE FROM deliveries WHERE number IN (SELECT value FROM json_each(?))",
            _encode(list(numbers)).decode(),
        )

    def clear(self) -> None:
        """Forget all."""
        self._db.write("DELETE FROM deliveries")

    def all(self) -> list[bytes]:
        """Return all, in the order of the numbers."""
        return [row[0] for row in self._db.rows("SELECT data FROM deliveries ORDER BY number")]
