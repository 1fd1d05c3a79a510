"""Erasing from a folder of Delta tables."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import pyarrow as pa

from frontdesk.archives.erasing.parquet import FolderStore
from frontdesk.archives.erasing.spooled import columns_of
from frontdesk.archives.erasing.stores import found_in_rows
from frontdesk.archives.erasing.terms import Finding, Known, Term
from frontdesk.archives.targets.delta import DeltaTarget

__all__ = ["DeltaStore"]

IDS: Final = 500
"""Ids of one statement."""
LOG: Final = "_delta_log"
VERSION: Final = re.compile(r"^(\d{20})\.")


class DeltaStore(FolderStore, DeltaTarget):
    """A folder of Delta tables, whose older versions go too."""

    def batches(self, table: str, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the latest version."""
        delta = self._table(table)
        if delta is not None:
            names = None if columns is None else list(columns)
            yield from delta.to_pyarrow_dataset().to_batches(columns=names, use_threads=False)

    def remove_stored(
        self, table: str, known: Known, keep: Callable[[pa.RecordBatch], pa.RecordBatch]
    ) -> int:
        """Delete the rows."""
        delta = self._table(table)
        if delta is None:
            return 0
        removed = 0
        for column in columns_of(table):
            ids = sorted(known.threads if column == "thread_id" else known.customers)
            for start in range(0, len(ids), IDS):
                texts = ", ".join(_quoted(id) for id in ids[start : start + IDS])
                metrics: dict[str, Any] = delta.delete(f"{column} IN ({texts})")
                removed += int(metrics.get("num_deleted_rows") or 0)
        return removed

    def purge(self) -> None:
        """Remove the files of older versions, and begin the logs anew: they quote values.

        All of it is done again where an erasure was killed, whatever rows are left by then.
        """
        with self._failing():
            for table in self.tables():
                delta = self._table(table)
                if delta is not None:
                    delta.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
                    delta.create_checkpoint()
                    self._shorten_log(table, delta.version())

    def _shorten_log(self, table: str, version: int) -> None:
        """Remove the commits before a version whose checkpoint holds all that is valid."""
        for name in self._files.names(f"{table}/{LOG}"):
            number = VERSION.match(name)
            if number is not None and int(number[1]) < version:
                self._files.remove(f"{table}/{LOG}/{name}")

    def search(self, terms: Sequence[Term]) -> Iterator[Finding]:
        """Search the rows of all tables, and all files as they are."""
        for table in self.tables():
            yield from found_in_rows(table, self.counted(self.batches(table, None)), terms)
        yield from self.search_spool(terms)
        yield from self.search_files(terms)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
