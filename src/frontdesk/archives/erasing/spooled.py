"""Erasing from targets that gather pages in a spool before their rows are stored."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any, Final

import pyarrow as pa

from frontdesk.archives.beside.tombstones import PEOPLE, without_values
from frontdesk.archives.erasing.stores import TableStore, found_in_rows
from frontdesk.archives.erasing.terms import Finding, Known, Term
from frontdesk.archives.pages import ArchivePage
from frontdesk.archives.tables import TABLES
from frontdesk.archives.targets.days import DayTarget

__all__ = ["SpooledStore", "columns_of", "known_tables", "remaining", "rows_in"]

CHUNK: Final = 1024 * 1024


class SpooledStore(DayTarget, TableStore):
    """What a folder of Parquet, a folder of Delta tables and DuckDB have in common."""

    def identify(self, customers: set[str]) -> Known:
        """Find what is known of customers, and the threads in which they took part."""
        with self._failing():
            return TableStore.identify(self, customers)

    def scan(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Yield the rows of some columns, stored and spooled."""
        for rows in self.batches(table, columns):
            yield rows_in(rows, columns)
        for page in self._spool.pages:
            if table in page.days:
                yield rows_in(self._spool.rows(page, table), columns)

    def batches(self, table: str, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the stored rows of a table; all columns if none are named."""
        raise NotImplementedError

    def search_spool(self, terms: Sequence[Term]) -> Iterator[Finding]:
        """Search the rows in the spool."""
        for page in self._spool.pages:
            for table in page.days:
                rows = self.counted([self._spool.rows(page, table)])
                yield from found_in_rows(f"spool/{table}", rows, terms)

    def counted(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield batches, whose rows count as searched."""
        for rows in batches:
            self.count(rows=rows.num_rows)
            yield rows

    def chunks(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield a file piece by piece, whose bytes count as searched."""
        while chunk := file.read(CHUNK):
            self.count(size=len(chunk))
            yield chunk

    def remove_rows(self, known: Known) -> dict[str, int]:
        """Remove all rows of threads and customers, also those in the spool."""
        with self._failing():
            removed = self._remove_spooled(known)
            for table in self.tables():
                keep = remaining(table, known)
                count = self.remove_stored(table, known, keep) + removed.get(table, 0)
                if count:
                    removed[table] = count
        return removed

    def remove_stored(
        self, table: str, known: Known, keep: Callable[[pa.RecordBatch], pa.RecordBatch]
    ) -> int:
        """Remove rows of a table that are no longer in the spool; returns how many."""
        raise NotImplementedError

    def _remove_spooled(self, known: Known) -> dict[str, int]:
        removed: dict[str, int] = {}
        for page in list(self._spool.pages):
            tables = {table: self._spool.rows(page, table) for table in page.days}
            kept = {table: remaining(table, known)(rows) for table, rows in tables.items()}
            counts = {table: tables[table].num_rows - rows.num_rows for table, rows in kept.items()}
            if any(counts.values()):
                # It takes the place of the page's file, whole or not at all.
                self._spool.add(page.number, ArchivePage(tables=kept, position=page.position))
                for table, count in counts.items():
                    removed[table] = removed.get(table, 0) + count
        self._spool.sync()
        stored = self._stored
        if removed and stored is not None:
            self._spool.open(stored.run, stored.first)
        return removed


def remaining(table: str, known: Known) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
    """Return the function that takes the rows of customers and their threads out."""
    person = "user_id" if table == "users" else PEOPLE.get(table)

    def keep(rows: pa.RecordBatch) -> pa.RecordBatch:
        if table != "users":
            rows = without_values(rows, "thread_id", known.threads)
        # Also those of a thread that came without an id.
        return rows if person is None else without_values(rows, person, known.customers)

    return keep


def columns_of(table: str) -> list[str]:
    """Return the columns that tell whether a row goes."""
    person = "user_id" if table == "users" else PEOPLE.get(table)
    columns = [] if table == "users" else ["thread_id"]
    return columns if person is None else [*columns, person]


def rows_in(rows: pa.RecordBatch, columns: Iterable[str]) -> list[tuple[Any, ...]]:
    """Return some columns of rows; those that they do not have are empty."""
    batch: Any = rows
    names = set(batch.schema.names)
    values = [
        batch.column(name).to_pylist() if name in names else [None] * batch.num_rows
        for name in columns
    ]
    return list(zip(*values, strict=True))


def known_tables(names: Iterable[str]) -> list[str]:
    """Return those of the tables of exports that are among some names."""
    present = set(names)
    return [name for name in TABLES if name in present]
