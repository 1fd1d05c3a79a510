"""The customers."""

from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import CustomerRecord
from frontdesk.sandbox.store.timestamps import to_micros

__all__ = ["Customers"]


class Customers:
    """The customers. Within one unit of work ``get`` returns the same record each time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._codec = Codec(CustomerRecord)
        self._read: dict[str, CustomerRecord] = {}

    def get(self, customer_id: str) -> CustomerRecord | None:
        """The customer of an id."""
        customer = self._read.get(customer_id)
        if customer is None:
            row = self._db.one("SELECT data FROM customers WHERE id = ?", customer_id)
            if row is not None:
                customer = self._read[customer_id] = self._codec.decode(row[0])
        return customer

    def save(self, customer: CustomerRecord) -> None:
        """Keep a new or changed customer."""
        self._read[customer.id] = customer
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
            self._codec.encode(customer),
        )

    def named(self, name: str) -> CustomerRecord | None:
        """The first customer of a name."""
        row = self._db.one(
            "SELECT data FROM customers WHERE name = ? ORDER BY created_at, id LIMIT 1", name
        )
        return self._codec.decode(row[0]) if row else None

    def online(self, limit: int = 2000) -> list[CustomerRecord]:
        """The customers on the website now."""
        rows = self._db.all(
            "SELECT data FROM customers WHERE online = 1 ORDER BY created_at, id LIMIT ?", limit
        )
        return [self._codec.decode(row[0]) for row in rows]

    def banned(self, now: int) -> int:
        """How many customers are banned at a moment."""
        row = self._db.one("SELECT count(*) FROM customers WHERE banned_until > ?", now)
        return int(row[0]) if row else 0

    def page(self, after: str = "", limit: int = 100) -> list[CustomerRecord]:
        """Customers in the order of their ids, after one."""
        rows = self._db.all(
            "SELECT data FROM customers WHERE id > ? ORDER BY id LIMIT ?", after, limit
        )
        return [self._codec.decode(row[0]) for row in rows]

    def count(self) -> int:
        """How many customers there are."""
        row = self._db.one("SELECT count(*) FROM customers")
        return int(row[0]) if row else 0

    def forget(self) -> None:
        """Let go of the records that were read, at the end of a unit of work."""
        self._read.clear()
