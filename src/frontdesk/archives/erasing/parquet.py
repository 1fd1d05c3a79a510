"""Erasing from a folder of Parquet, local or behind a URL."""

from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from frontdesk.archives.erasing.spooled import SpooledStore, columns_of, known_tables
from frontdesk.archives.erasing.stores import found_in_bytes, found_in_rows
from frontdesk.archives.erasing.terms import Finding, Known, Term
from frontdesk.archives.targets.folders import FolderTarget
from frontdesk.archives.targets.parquet import ParquetTarget, write_rows

__all__ = ["FolderStore", "ParquetStore"]

OURS: Final = "_frontdesk"
DAY: Final = "date="


class FolderStore(SpooledStore, FolderTarget):
    """What the targets have in common that fill a folder."""

    def tables(self) -> list[str]:
        """The tables that are there, or are to come out of the spool."""
        spooled = (table for page in self._spool.pages for table in page.days)
        return known_tables([*self._files.names(""), *spooled])

    def search_files(self, terms: Sequence[Term]) -> Iterator[Finding]:
        """Search all files as they are."""
        for name in self.all_files():
            if name.startswith(f"{OURS}/lock"):
                continue
            self.count(files=1)
            with self._files.open(name) as file:
                yield from found_in_bytes(name, self.chunks(file), terms)

    def all_files(self) -> Iterator[str]:
        """Yield the names of all files."""
        if self._root is not None:
            for path in sorted(self._root.rglob("*")):
                if path.is_file():
                    yield path.relative_to(self._root).as_posix()
            return
        folders = [OURS, f"{OURS}/spool"]
        for table in self.tables():
            folders += [f"{table}/{day}" for day in self._files.names(table) if DAY in day]
        for folder in folders:
            for name in self._files.names(folder):
                if "." in name:
                    yield f"{folder}/{name}"


class ParquetStore(FolderStore, ParquetTarget):
    """A folder of Parquet, whose files are rewritten without the rows."""

    def batches(self, table: str, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of all days."""
        for name in self._names(table):
            with self._files.open(name) as file:
                yield from _batches(file, columns)

    def remove_stored(
        self, table: str, known: Known, keep: Callable[[pa.RecordBatch], pa.RecordBatch]
    ) -> int:
        """Rewrite the files that have such rows; each is replaced whole or not at all."""
        removed = 0
        columns = columns_of(table)
        for name in list(self._names(table)):
            with self._files.open(name) as file:
                count = sum(rows.num_rows - keep(rows).num_rows for rows in _batches(file, columns))
            if count:
                removed += count
                self._rewrite(name, keep)
        return removed

    def _rewrite(self, name: str, keep: Callable[[pa.RecordBatch], pa.RecordBatch]) -> None:
        changes = self._files.changes()
        try:
            with self._files.open(name) as file:
                parquet: Any = pq.ParquetFile(file)
                kept = (rows for rows in map(keep, _batches(file, None)) if rows.num_rows)
                first = next(kept, None)
                if first is None:
                    changes.remove(name)
                else:
                    with changes.writing(name) as target:
                        write_rows(target, parquet.schema_arrow, first, kept)
            changes.apply()
        except BaseException:
            changes.discard()
            raise

    def purge(self) -> None:
        """Remove the hidden files of runs that were killed."""
        if self._root is not None:
            for path in self._root.glob("*/date=*/.*"):
                path.unlink(missing_ok=True)

    def search(self, terms: Sequence[Term]) -> Iterator[Finding]:
        """Search the rows of all tables, and all files as they are."""
        for table in self.tables():
            yield from found_in_rows(table, self.counted(self.batches(table, None)), terms)
        yield from self.search_spool(terms)
        yield from self.search_files(terms)

    def _names(self, table: str) -> Iterator[str]:
        for day in self._files.names(table):
            if day.startswith(DAY):
                for name in self._files.names(f"{table}/{day}"):
                    if name.endswith(".parquet") and not name.startswith("."):
                        yield f"{table}/{day}/{name}"


def _batches(file: IO[bytes], columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    parquet: Any = pq.ParquetFile(file)
    present = set(parquet.schema_arrow.names)
    names = None if columns is None else [name for name in columns if name in present]
    yield from parquet.iter_batches(columns=names, use_threads=False)
