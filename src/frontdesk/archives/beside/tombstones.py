"""Who was erased from an export, so that a later run does not bring them back.

LiveChat still has the chats of a customer who was erased from an export, and an update reads them
again. So the export remembers the ids of the customer and of their threads: not the ids themselves,
but their HMAC-SHA-256 with a random key that lies beside them. Whoever has an id can tell that it
was erased; nobody can tell which ids were.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute
from msgspec import Struct
from msgspec.structs import replace

from frontdesk.archives.beside.places import Beside
from frontdesk.archives.pages import ArchivePage
from frontdesk.archives.targets.failures import writing_to
from frontdesk.errors import ForeignTarget

__all__ = ["PEOPLE", "Tombstones", "without_values"]

NAME: Final = "erased.json"
PEOPLE: Final = {
    "threads": "customer_id",
    "thread_users": "user_id",
    "events": "author_id",
    "visits": "customer_id",
}
"""The columns that say who took part in a thread."""
_compute: Final[Any] = pyarrow.compute
_arrow: Final[Any] = pa


class Tombstones(Struct, frozen=True):
    """Who was erased; ``bool`` tells whether anybody was."""

    key: str
    customers: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()

    @classmethod
    def load(cls, address: str) -> "Tombstones":
        """Return those of an export.

        Raises:
            ForeignTarget: They cannot be read; to go on would bring back who was erased.
        """
        with writing_to(address):
            data = Beside(address).read(NAME)
        if data is None:
            return cls(secrets.token_hex(32))
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
        raise ForeignTarget(
            f"{address} has a damaged list of erased customers ({NAME}); restore it, or delete it "
            "and erase them again after the next run"
        )

    def store(self, address: str) -> None:
        """Write them beside the rows of an export."""
        stored = {
            "key": self.key,
            "customers": sorted(self.customers),
            "threads": sorted(self.threads),
        }
        Beside(address).write(NAME, msgspec.json.encode(stored))

    def __bool__(self) -> bool:
        return bool(self.customers or self.threads)

    def plus(self, customers: Iterable[str], threads: Iterable[str]) -> "Tombstones":
        """Return these, and further ones."""
        return replace(
            self,
            customers=self.customers.union(map(self._mark, customers)),
            threads=self.threads.union(map(self._mark, threads)),
        )

    def is_erased(self, customer_id: str) -> bool:
        """Whether a customer was erased."""
        return self._mark(customer_id) in self.customers

    def is_thread_erased(self, thread_id: str) -> bool:
        """Whether a thread was erased."""
        return self._mark(thread_id) in self.threads

    def without(self, page: ArchivePage) -> ArchivePage:
        """Return a page without customers who were erased, and without their threads."""
        if not self:
            return page
        people: dict[str, bool] = {}
        threads = set(self._erased_threads(page, people))
        erased = {user_id for user_id, is_erased in people.items() if is_erased}
        users = page.tables.get("users")
        if users is not None:
            erased |= {user_id for user_id in _texts(users, "user_id") if self.is_erased(user_id)}
        if not threads and not erased:
            return page
        tables: dict[str, pa.RecordBatch] = {}
        for name, rows in page.tables.items():
            person = "user_id" if name == "users" else PEOPLE.get(name)
            kept = rows if name == "users" else without_values(rows, "thread_id", threads)
            # Also the rows of a thread that came without an id.
            tables[name] = kept if person is None else without_values(kept, person, erased)
        return replace(page, tables=tables)

    def _erased_threads(self, page: ArchivePage, people: dict[str, bool]) -> Iterator[str]:
        for name, rows in page.tables.items():
            if name == "users" or not rows.num_rows:
                continue
            column = PEOPLE.get(name)
            ids = rows_of(rows, "thread_id")
            users = [None] * len(ids) if column is None else rows_of(rows, column)
            known: dict[str, bool] = {}
            for thread_id, user_id in zip(ids, users, strict=True):
                if user_id is not None and user_id not in people:
                    people[user_id] = self.is_erased(user_id)
                if thread_id is None:
                    continue
                if thread_id not in known:
                    known[thread_id] = self.is_thread_erased(thread_id)
                if known[thread_id] or (user_id is not None and people[user_id]):
                    yield thread_id

    def _mark(self, text: str) -> str:
        return hmac.new(bytes.fromhex(self.key), text.encode(), hashlib.sha256).hexdigest()


def rows_of(rows: pa.RecordBatch, column: str) -> list[str | None]:
    """Return the texts of a column."""
    batch: Any = rows
    texts: list[str | None] = batch.column(column).to_pylist()
    return texts


def _texts(rows: pa.RecordBatch, column: str) -> set[str]:
    return {text for text in rows_of(rows, column) if text is not None}


def without_values(rows: pa.RecordBatch, column: str, values: Iterable[str]) -> pa.RecordBatch:
    """Return the rows whose column has none of the values."""
    batch: Any = rows
    value_set = _arrow.array(sorted(values), pa.string())
    is_kept = _compute.invert(_compute.is_in(batch.column(column), value_set=value_set))
    kept: pa.RecordBatch = batch.filter(is_kept)
    return kept
