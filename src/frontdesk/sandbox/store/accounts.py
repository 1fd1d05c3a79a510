"""What the accounts server knows: small, read whole at start, written through."""

from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, TypeVar

from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import (
    CodeRecord,
    ConsentRecord,
    LoginRecord,
    OAuthClientRecord,
    OrganizationRecord,
    RefreshTokenRecord,
)

__all__ = ["AccountsTable", "Shelf"]

R = TypeVar("R")


class Shelf(Generic[R]):
    """The records of one kind, by id; a record that was changed must be saved.

    Args:
        db: where they are kept.
        kind: the name of the kind.
        record: their type, which has an ``id``.
        changing: called before each change.
    """

    def __init__(
        self, db: Database, kind: str, record: type[R], changing: Callable[[], object]
    ) -> None:
        self._db = db
        self._kind = kind
        self._codec = Codec(record)
        self._changing = changing
        self._records: dict[str, R] = {}

    def load(self) -> None:
        """Read them again."""
        rows = self._db.rows("SELECT id, data FROM accounts WHERE kind = ?", self._kind)
        self._records = {row[0]: self._codec.decode(row[1]) for row in rows}

    def get(self, record_id: str) -> R | None:
        """Return the record of an id."""
        return self._records.get(record_id)

    def save(self, record: R) -> None:
        """Keep a record that is new or has changed."""
        self._changing()
        record_id: str = record.id  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
        self._records[record_id] = record
        self._db.write(
            "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?)",
            self._kind,
            record_id,
            self._codec.encode(record),
        )

    def remove(self, record_id: str) -> None:
        """Forget a record."""
        self._changing()
        self._records.pop(record_id, None)
        self._db.write("DELETE FROM accounts WHERE kind = ? AND id = ?", self._kind, record_id)

    def __iter__(self) -> Iterator[R]:
        # A list, since records are removed on the way.
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)


class AccountsTable:
    """Clients, organizations, codes, refresh tokens, consents and log-ins of browsers."""

    def __init__(self, db: Database) -> None:
        self._changed = False
        self.clients: Final = Shelf(db, "client", OAuthClientRecord, self._note)
        self.organizations: Final = Shelf(db, "organization", OrganizationRecord, self._note)
        self.codes: Final = Shelf(db, "code", CodeRecord, self._note)
        self.refresh_tokens: Final = Shelf(db, "refresh token", RefreshTokenRecord, self._note)
        self.consents: Final = Shelf(db, "consent", ConsentRecord, self._note)
        self.logins: Final = Shelf(db, "login", LoginRecord, self._note)
        self._shelves: tuple[Shelf[Any], ...] = (
            self.clients,
            self.organizations,
            self.codes,
            self.refresh_tokens,
            self.consents,
            self.logins,
        )
        self.load()

    def load(self) -> None:
        """Read everything again, as after a restore or an undone unit of work."""
        for shelf in self._shelves:
            shelf.load()
        self._changed = False

    def remove_agent(self, agent_id: str) -> None:
        """Forget the codes, refresh tokens and log-ins of an agent."""
        for shelf in (self.codes, self.refresh_tokens, self.logins):
            for record in shelf:
                if record.user_id == agent_id:
                    shelf.remove(record.id)

    def end_unit(self, *, keep: bool) -> None:
        """Read again what an undone unit of work had changed."""
        if self._changed and not keep:
            self.load()
        self._changed = False

    def _note(self) -> None:
        self._changed = True
