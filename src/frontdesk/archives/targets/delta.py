"""A folder with a Delta table for each table of an export."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from frontdesk.archives.targets.days import DayChanges
from frontdesk.archives.targets.failures import unwritable, writing_to
from frontdesk.archives.targets.folders import FolderTarget
from frontdesk.archives.targets.rows import (
    fields_of,
    newest_users,
    reader_of,
    rows_with_columns,
    without_threads,
)
from frontdesk.archives.targets.states import Stored
from frontdesk.errors import InvalidArgument
from frontdesk.extras import importing_extra

with importing_extra("delta", "an export to Delta tables"):
    import deltalake
    import deltalake.exceptions

__all__ = ["DeltaTarget"]

_LOG: Final = "_delta_log"
_POSITION: Final = "frontdesk.position"
_deltalake: Final[Any] = deltalake


class DeltaTarget(FolderTarget):
    """A folder of Delta tables, divided by ``date``.

    Each commit carries an application transaction, with the export's id and the number of the
    commit: what a killed run had committed already is not committed again. Replaced rows stay in
    the history of the tables until they are vacuumed.
    """

    kind = "delta"

    def __init__(self, address: str) -> None:
        if "://" in address:
            raise InvalidArgument("target", "must be a local folder for Delta tables, not a URL")
        super().__init__(address)
        self._folder = Path(address)
        self._tables: dict[str, Any] = {}
        """Those that are open. To open one reads its whole log, which grows with each commit."""

    def _prepare(self, stored: Stored, before: Stored | None) -> None:
        pass  # the tables are made by the first commit, when the state says whose they are

    def _apply(self, changes: DayChanges, after: Stored) -> None:
        properties = _deltalake.CommitProperties(
            app_transactions=[_deltalake.Transaction(after.export, after.number)],
            custom_metadata={_POSITION: msgspec.json.encode(after.position).decode()},
        )
        written: list[str] = []
        for name in after.job.tables:
            table = self._table(name)
            version = -1 if table is None else table.version()
            if self._commit_table(name, table, changes, after, properties):
                written += self._files_since(name, version)
        self._files.sync(written)
        self._save(after)

    def _commit_table(
        self, name: str, table: Any, changes: DayChanges, after: Stored, properties: Any
    ) -> bool:
        """Commit the new rows of a table; returns whether there was something to do."""
        if table is not None:
            done = table.transaction_version(after.export)
            if done is not None and done >= after.number:
                return True  # by a process that was killed before it could say so
        days = [*changes.late, *changes.days]
        has_rows = any(changes.has_rows(name, day) for day in days)
        if table is None:
            _deltalake.DeltaTable.create(
                str(self._folder / name), pa.schema(fields_of(name)), partition_by=["date"]
            )
            table = self._table(name)
        if not has_rows and not after.replaces and not changes.late:
            return True
        replaced: dict[str, Any] = {"mode": "append"}
        if after.replaces or changes.late:
            replaced = {"mode": "overwrite", "predicate": _predicate(changes, after)}
        # Read before it is written: the library cannot do both at a time.
        stored = {day: _stored_rows(table, name, day) for day in changes.late}
        rows = (batch for day in days for batch in _rows(name, stored.get(day), changes, day))
        _deltalake.write_deltalake(
            table,
            reader_of(name, rows),
            commit_properties=properties,
            schema_mode="merge",
            **replaced,
        )
        return True

    def _table(self, name: str) -> Any:
        if name not in self._tables:
            path = self._folder / name
            _remove_torn_commit(path / _LOG)
            if not _deltalake.DeltaTable.is_deltatable(str(path)):
                return None
            self._tables[name] = _deltalake.DeltaTable(str(path))
        return self._tables[name]

    def _files_since(self, name: str, version: int) -> list[str]:
        """Return the files that the commits after a version have added, and those commits."""
        found: list[str] = []
        for path in (self._folder / name / _LOG).glob("*.json"):
            if not path.stem.isdigit() or int(path.stem) <= version:
                continue
            found.append(f"{name}/{_LOG}/{path.name}")
            for line in path.read_bytes().splitlines():
                added = json.loads(line).get("add")
                if added is not None:
                    found.append(f"{name}/{added['path']}")
        return found

    @contextmanager
    def _failing(self) -> Generator[None, None, None]:
        with writing_to(self.address):
            try:
                yield
            except deltalake.exceptions.DeltaError as error:
                raise unwritable(self.address, error) from error


def _rows(
    name: str, stored: list[pa.RecordBatch] | None, changes: DayChanges, day: date
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a day; one before the frontier keeps those of its other threads."""
    new = changes.batches(name, day)
    if stored is None:
        yield from new
    elif name == "users":
        newest = newest_users([*stored, *new])
        if newest is not None:
            yield newest
    else:
        for batch in stored:
            yield without_threads(batch, changes.late_threads)
        yield from new


def _predicate(changes: DayChanges, after: Stored) -> str:
    """Return which rows make room for the new ones."""
    parts = [f"date = '{day}'" for day in changes.late]
    if after.replaces:
        first = f"date >= '{changes.start}'" if changes.start > date.min else "true"
        last = f"date < '{changes.stop}'" if changes.stop < date.max else "true"
        parts.append(f"({first} AND {last})")
    else:
        parts += [f"date = '{day}'" for day in changes.days]
    return " OR ".join(parts)


def _stored_rows(table: Any, name: str, day: date) -> list[pa.RecordBatch]:
    rows = table.to_pyarrow_table(filters=[("date", "=", day)])
    return [rows_with_columns(batch, fields_of(name)) for batch in rows.to_batches()]


def _remove_torn_commit(log: Path) -> None:
    """Remove the last commit of a table if the power went before the disk had it."""
    commits = sorted(path for path in log.glob("*.json") if path.stem.isdigit())
    if commits and not commits[-1].read_bytes().endswith((b"}", b"}\n")):
        commits[-1].unlink()
