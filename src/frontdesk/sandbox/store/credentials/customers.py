"""What stands for a customer: access tokens, cookies of browsers, identity transfer tokens.

There may be very many, since whoever asks without cookies is a new customer: so they are read one
by one, by their key, and those that have ended are dropped whenever another one is kept.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from msgspec import Struct

from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.timestamps import to_micros

__all__ = [
    "CredentialShelf",
    "CustomerCookieRecord",
    "CustomerCredentials",
    "CustomerTokenRecord",
    "IdentityTransferRecord",
]

KEPT_MICROS: Final = 3600 * 1_000_000
"""How long one is kept after its end, so that it is known to have ended."""


class CustomerTokenRecord(Struct, kw_only=True, frozen=True):
    """An access token of a customer: ``id`` is what the client sends.

    ``client_id`` is the application that it was given to. ``organization_id`` is empty for the
    license's own organization.
    """

    id: str
    customer_id: str
    client_id: str
    organization_id: str = ""
    region: str = "dal"
    created_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        return f"CustomerTokenRecord({self.customer_id!r}, client_id={self.client_id!r})"


class CustomerCookieRecord(Struct, kw_only=True, frozen=True):
    """The customer that a browser is in an organization.

    ``secret`` and ``customer_id`` are its cookies; ``id`` is made of the secret, the organization
    and ``group_id``, the group that the customer is one for, ``None`` for all of them.
    """

    id: str
    secret: str
    customer_id: str
    client_id: str
    organization_id: str = ""
    group_id: int | None = None
    created_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        return f"CustomerCookieRecord({self.customer_id!r})"


class IdentityTransferRecord(Struct, kw_only=True, frozen=True):
    """An identity transfer token, whose ``id`` it is; kept for a while after it is ``used``.

    ``code_challenge`` is empty if there was none.
    """

    id: str
    customer_id: str
    client_id: str
    organization_id: str = ""
    code_challenge: str = ""
    used: bool = False
    created_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        return f"IdentityTransferRecord({self.customer_id!r}, used={self.used!r})"


class _Credential(Protocol):
    """What all of them have."""

    @property
    def id(self) -> str: ...
    @property
    def customer_id(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...


R = TypeVar("R", bound=_Credential)


class CredentialShelf(Generic[R]):
    """The records of one kind.

    Args:
        db: where they are kept.
        kind: the name of the kind.
        record: their type.
        removing: called before one is removed.
    """

    def __init__(
        self, db: Database, kind: str, record: type[R], removing: Callable[[], object]
    ) -> None:
        self._db = db
        self._kind = kind
        self._codec = Codec(record)
        self._removing = removing

    def find(self, record_id: str) -> R | None:
        """Return the record of an id; it may have ended."""
        row = self._db.row(
            "SELECT data FROM customer_credentials WHERE kind = ? AND id = ?", self._kind, record_id
        )
        return self._codec.decode(row[0]) if row else None

    def of_customer(self, customer_id: str) -> list[R]:
        """Return the records of a customer, oldest first; some may have ended."""
        rows = self._db.rows(
            "SELECT data FROM customer_credentials WHERE customer_id = ? AND kind = ?"
            " ORDER BY created_at, id",
            customer_id,
            self._kind,
        )
        return [self._codec.decode(row[0]) for row in rows]

    def save(self, record: R) -> None:
        """Keep a record that is new or has changed."""
        self._db.write(
            "INSERT OR REPLACE INTO customer_credentials VALUES (?, ?, ?, ?, ?, ?, ?)",
            self._kind,
            record.id,
            record.customer_id,
            record.client_id,
            to_micros(record.created_at),
            to_micros(record.expires_at),
            self._codec.encode(record),
        )

    def remove(self, record_id: str) -> None:
        """Forget a record."""
        self._removing()
        self._db.write(
            "DELETE FROM customer_credentials WHERE kind = ? AND id = ?", self._kind, record_id
        )

    def __len__(self) -> int:
        row = self._db.row("SELECT count(*) FROM customer_credentials WHERE kind = ?", self._kind)
        return int(row[0]) if row else 0


class CustomerCredentials:
    """The tokens, the cookies and the identity transfer tokens of customers.

    ``generation`` is another number after tokens may have ended before their time: what is
    remembered of one is to be looked up again.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.generation: int = 0
        self.tokens: Final = CredentialShelf(db, "token", CustomerTokenRecord, self.distrust)
        self.cookies: Final = CredentialShelf(db, "cookie", CustomerCookieRecord, self.distrust)
        self.transfers: Final = CredentialShelf(
            db, "transfer", IdentityTransferRecord, self.distrust
        )

    def remove_expired(self, now: int) -> None:
        """Forget what ended a while before a time, in microseconds since 1970."""
        # Asked first, since most often there is nothing to write.
        ended = now - KEPT_MICROS
        if self._db.row("SELECT 1 FROM customer_credentials WHERE expires_at <= ? LIMIT 1", ended):
            self._db.write("DELETE FROM customer_credentials WHERE expires_at <= ?", ended)

    def remove_client(self, client_id: str) -> None:
        """Forget what was given to a client; browsers keep their customers for other clients."""
        self.distrust()
        self._db.write(
            "DELETE FROM customer_credentials WHERE client_id = ? AND kind <> 'cookie'", client_id
        )

    def distrust(self) -> None:
        """Take note that tokens may have ended, as when the database becomes another."""
        self.generation += 1
