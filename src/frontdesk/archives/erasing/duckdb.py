"""Erasing from a DuckDB database."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import pyarrow as pa

from frontdesk.archives.erasing.spooled import SpooledStore, columns_of, known_tables
from frontdesk.archives.erasing.stores import found_in_bytes, found_in_rows
from frontdesk.archives.erasing.terms import Finding, Known, Term
from frontdesk.archives.targets.duckdb import DuckDBTarget

__all__ = ["DuckDBStore"]

ROWS: Final = 10_000


class DuckDBStore(SpooledStore, DuckDBTarget):
    """A database file, which a copy without the rows takes the place of."""

    def tables(self) -> list[str]:
        """The tables that are there."""
        return known_tables(row[0] for row in self._all("SELECT table_name FROM duckdb_tables()"))

    def batches(self, table: str, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a table."""
        names = "*" if columns is None else ", ".join(f'"{name}"' for name in columns)
        relation: Any = self._database.sql(f'SELECT {names} FROM "{table}"')  # noqa: S608
        # Versions before 1.4 have another name for it.
        reading = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
        yield from reading(ROWS)

    def remove_stored(
        self, table: str, known: Known, keep: Callable[[pa.RecordBatch], pa.RecordBatch]
    ) -> int:
        """Delete the rows."""
        removed = 0
        with self._transaction() as database:
            for column in columns_of(table):
                ids = sorted(known.threads if column == "thread_id" else known.customers)
                ((count,),) = database.execute(
                    f'DELETE FROM "{table}" WHERE "{column}" IN (SELECT unnest(?::VARCHAR[]))',  # noqa: S608
                    [ids],
                ).fetchall()
                removed += int(count)
        return removed

    def purge(self) -> None:
        """Copy the database into a new file, which has no block of the old rows."""
        new = self._path.with_name(f".{self._path.name}.erased")
        with self._failing():
            for file in self._path.parent.glob(f"{new.name}*"):
                file.unlink()
            ((name,),) = self._all("SELECT current_database()")
            target = str(new).replace("'", "''")
            database = self._database
            database.execute(f"ATTACH '{target}' AS frontdesk_copy")
            database.execute(f'COPY FROM DATABASE "{name}" TO frontdesk_copy')
            database.execute("DETACH frontdesk_copy")
            database.execute("CHECKPOINT")
            if os.name != "nt":
                # While it is locked: no other run may write to what is about to go.
                new.replace(self._path)
            database.close()
            if os.name == "nt":
                new.replace(self._path)
            with suppress(FileNotFoundError):
                self._path.with_name(f"{self._path.name}.wal").unlink()
            self._connection = self._connect()
            for file in self._beside.glob("new-*"):
                file.unlink()

    def search(self, terms: Sequence[Term]) -> Iterator[Finding]:
        """Search the rows of all tables, and the bytes of the file and of what lies beside it."""
        with self._failing():
            for table in self.tables():
                yield from found_in_rows(table, self.counted(self.batches(table, None)), terms)
            yield from self.search_spool(terms)
            ((state,),) = self._all("SELECT state FROM _frontdesk")
            yield from found_in_bytes("_frontdesk.state", [str(state).encode()], terms)
            others = sorted(path for path in self._beside.rglob("*") if path.is_file())
            for path in [self._path, *others]:
                self.count(files=1)
                with path.open("rb") as file:
                    yield from found_in_bytes(path.name, self.chunks(file), terms)
