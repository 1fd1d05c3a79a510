"""The customers."""

from collections.abc import Callable

from msgspec import Struct

from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import CustomerRecord
from frontdesk.sandbox.store.timestamps import to_micros
from frontdesk.sandbox.store.tracked import Tracked

__all__ = ["CustomerTable"]


class _Groups(Struct):
    """Of a record no more than its groups: read quickly, where all customers are."""

    group_ids: list[int] = []


class CustomerTable:
    """The customers."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.tracked: Tracked[CustomerRecord] = Tracked(
            Codec(CustomerRecord), self._find, self._write
        )
        self._groups = Codec(_Groups)
        self.get: Callable[[str], CustomerRecord | None] = self.tracked.get
        self.read: Callable[[str], CustomerRecord | None] = self.tracked.read
        self.flush: Callable[[], None] = self.tracked.flush

    def add(self, customer: CustomerRecord) -> None:
        """Keep a new customer."""
        self.tracked.add(customer.id, customer)

    def named(self, name: str) -> CustomerRecord | None:
        """Return the first customer of a name, to look at."""
        self.flush()
        row = self._db.row(
            "SELECT id, data FROM customers WHERE name = ? ORDER BY created_at, id LIMIT 1", name
        )
        return self.tracked.adopt(row[0], row[1]) if row else None

    def online(self, limit: int = 2000) -> list[CustomerRecord]:
        """Return the customers on the website now, to look at; the first ``limit`` that came."""
        self.flush()
        rows = self._db.rows(
            "SELECT id, data FROM customers WHERE online = 1 ORDER BY created_at, id LIMIT ?", limit
        )
        return [self.tracked.adopt(customer_id, data) for customer_id, data in rows]

    def page(self, after: str = "", limit: int = 100) -> list[CustomerRecord]:
        """Return customers to look at in the order of their ids, after one."""
        self.flush()
        rows = self._db.rows(
            "SELECT id, data FROM customers WHERE id > ? ORDER BY id LIMIT ?", after, limit
        )
        return [self.tracked.adopt(customer_id, data) for customer_id, data in rows]

    def of_group(self, group_id: int) -> list[str]:
        """Return the ids of the customers of a group; it reads all customers."""
        self.flush()
        return [
            customer_id
            for customer_id, data in self._db.rows("SELECT id, data FROM customers ORDER BY id")
            if group_id in self._groups.decode(data).group_ids
        ]

    def count(self) -> int:
        """Return how many customers there are."""
        self.flush()
        row = self._db.row("SELECT count(*) FROM customers")
        return int(row[0]) if row else 0

    def _find(self, customer_id: str) -> bytes | None:
        row = self._db.row("SELECT data FROM customers WHERE id = ?", customer_id)
        return row[0] if row else None

    def _write(self, customer: CustomerRecord, data: bytes, _before: object) -> None:
        profile = customer.profile
        self._db.write(
            "INSERT INTO customers (id, created_at, email, name, online, banned_until, data) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET email = excluded.email, "
            "name = excluded.name, online = excluded.online, "
            "banned_until = excluded.banned_until, data = excluded.data",
            customer.id,
            to_micros(profile.created_at) if profile.created_at else 0,
            profile.email,
            profile.name,
            customer.online,
            to_micros(customer.banned_until) if customer.banned_until else None,
            data,
        )
