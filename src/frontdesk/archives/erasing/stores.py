"""What erasing needs of a target: find rows, remove them for good, and search what is left."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute

from frontdesk.archives.beside.file_names import safe_file_name
from frontdesk.archives.beside.tombstones import PEOPLE
from frontdesk.archives.erasing.terms import Finding, Known, Term
from frontdesk.archives.pages import State

__all__ = [
    "FILE",
    "USER",
    "Store",
    "TableStore",
    "found_in_bytes",
    "found_in_rows",
    "names_of_file",
]

_compute: Final[Any] = pyarrow.compute
USER: Final = ("type", "user_id", "name", "email", "phone_number")
FILE: Final = ("thread_id", "path", "event_id", "name", "url", "position")


class Store(ABC):
    """An export that somebody is erased from.

    Attributes:
        rows_searched: how many rows were searched.
        bytes_searched: how many bytes of files were searched.
        files_searched: how many files these were.
    """

    rows_searched: int = 0
    bytes_searched: int = 0
    files_searched: int = 0

    def count(self, *, rows: int = 0, files: int = 0, size: int = 0) -> None:
        """Count what was searched; ``size`` is in bytes."""
        self.rows_searched += rows
        self.files_searched += files
        self.bytes_searched += size

    @abstractmethod
    def open(self) -> State | None:
        """Lock the export; ``None`` if there is none."""

    @abstractmethod
    def close(self) -> None:
        """Unlock it."""

    @abstractmethod
    def identify(self, customers: set[str]) -> Known:
        """Find what is known of customers, and the threads in which they took part."""

    @abstractmethod
    def remove_rows(self, known: Known) -> dict[str, int]:
        """Remove all rows of threads and customers; returns how many, by table."""

    @abstractmethod
    def purge(self) -> None:
        """Remove what still holds the rows that were removed: old versions and free blocks."""

    @abstractmethod
    def search(self, terms: Sequence[Term]) -> Iterator[Finding]:
        """Search all rows and bytes."""


class TableStore(Store):
    """An export whose tables can be read column by column."""

    @abstractmethod
    def tables(self) -> list[str]:
        """The tables that are there."""

    @abstractmethod
    def scan(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Yield the rows of some columns, in portions."""

    def identify(self, customers: set[str]) -> Known:
        """Find what is known of customers, and the threads in which they took part."""
        known = Known(customers)
        tables = self.tables()
        for table, column in PEOPLE.items():
            if table in tables:
                rows = self._rows(table, ("thread_id", column))
                known.threads.update(row[0] for row in rows if row[0] and row[1] in customers)
        if "users" in tables:
            for row in self._rows("users", USER):
                if row[1] in customers:
                    known.add_user(*row)
        if "files" in tables and known.threads:
            for row in self._rows("files", FILE):
                if row[0] in known.threads:
                    known.files.update(names_of_file(*row))
        return known

    def _rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        for rows in self.scan(table, columns):
            yield from rows


def names_of_file(
    thread_id: str, path: str | None, event_id: str | None, name: str | None, url: str | None,
    position: object,
) -> Iterator[str]:  # fmt: skip
    """Yield the names that a downloaded file of a row may have; those in part have no path yet."""
    if path:
        yield path.rpartition("/")[2]
    yield safe_file_name(event_id or f"{thread_id}_{position}", name)
    yield safe_file_name(event_id or f"{thread_id}_{position}", name, url or "")


def found_in_rows(
    place: str, batches: Iterable[pa.RecordBatch], terms: Sequence[Term]
) -> Iterator[Finding]:
    """Search all columns of texts.

    A pattern is compiled anew for each column of each batch, which takes longer than its search. So
    only columns are searched with it that have the text somewhere.
    """
    counts: dict[tuple[Term, str], int] = {}
    folded = [(term, [text.casefold() for text in term.spellings]) for term in terms]
    for rows in batches:
        batch: Any = rows
        for field in batch.schema:
            if not (pa.types.is_string(field.type) or pa.types.is_large_string(field.type)):
                continue
            column = batch.column(field.name)
            text = _text_of(column).casefold()
            for term, spellings in folded:
                if not any(spelling in text for spelling in spellings):
                    continue
                hits = _compute.sum(_compute.match_substring_regex(column, term.re2)).as_py()
                if hits:
                    key = (term, f"{place}.{field.name}")
                    counts[key] = counts.get(key, 0) + hits
    for (term, column), count in counts.items():
        yield Finding(term, column, count)


def _text_of(column: Any) -> str:
    """Return all texts of a column without a gap; perhaps more than those of a slice."""
    data = column.buffers()[2]
    return "" if data is None else str(memoryview(data), "utf-8", "replace")


def found_in_bytes(place: str, chunks: Iterable[bytes], terms: Sequence[Term]) -> Iterator[Finding]:
    """Search bytes as they are, such as those of a state or a log."""
    spellings = {
        term: [text.encode("utf-8", "surrogatepass").lower() for text in term.spellings]
        for term in terms
    }
    longest = max((len(text) for texts in spellings.values() for text in texts), default=1)
    found: set[Term] = set()
    tail = b""
    for chunk in chunks:
        data = tail + chunk.lower()
        found |= {term for term, texts in spellings.items() if any(t in data for t in texts)}
        tail = data[-longest:]
    for term in sorted(found):
        yield Finding(term, place, 1)
