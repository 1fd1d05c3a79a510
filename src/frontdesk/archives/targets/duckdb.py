"""A DuckDB database file, with the tables of an export in it."""

import os
import re
import shutil
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from frontdesk.archives.locks import target_in_use
from frontdesk.archives.targets.days import DayChanges, DayTarget
from frontdesk.archives.targets.failures import foreign, unwritable, writing_to
from frontdesk.archives.targets.files import LocalFiles
from frontdesk.archives.targets.rows import reader_of
from frontdesk.archives.targets.states import Stored, read_stored
from frontdesk.extras import importing_extra

with importing_extra("duckdb", "an export to DuckDB"):
    import duckdb

__all__ = ["DuckDBTarget"]

_STATE: Final = "_frontdesk"
_MAGIC: Final = b"DUCK"
_MAGIC_OFFSET: Final = 8
_LOCKED: Final = re.compile(
    r"could not set lock on file.*?(?:\(PID (\d+)\)|$)", re.IGNORECASE | re.DOTALL
)
_MEMORY: Final = "256MB"
"""What DuckDB may keep in memory; it defaults to most of the machine's."""

_open_paths: set[Path] = set()
_open_paths_lock: Final = threading.Lock()


class DuckDBTarget(DayTarget):
    """A DuckDB database file.

    The rows of a commit and the state after it are stored in one transaction; DuckDB's own lock
    keeps other processes off the file. Until then pages lie in a hidden folder beside the file,
    which goes when the run is done.
    """

    kind = "duckdb"

    def __init__(self, address: str) -> None:
        self._path = Path(address)
        self._beside = self._path.with_name(f".{self._path.name}.frontdesk")
        super().__init__(address, LocalFiles(self._beside), "spool")
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._is_new = False

    @property
    def _database(self) -> duckdb.DuckDBPyConnection:
        assert self._connection is not None, "the target is not open"
        return self._connection

    def _lock(self) -> None:
        path = self._path.resolve()
        with _open_paths_lock:
            # Within one process DuckDB would open the file twice.
            if path in _open_paths:
                raise target_in_use(self.address, os.getpid())
            _open_paths.add(path)
        try:
            self._is_new = not _is_database(self._path, self.address)
            if self._is_new:
                self._create()
            self._connection = self._connect()
        except BaseException:
            with _open_paths_lock:
                _open_paths.discard(path)
            raise

    def _unlock(self) -> None:
        if self._connection is None:
            return
        if self._stored is None and self._is_new:
            # Nothing was begun. Removed while it is locked, so that no other run is in it.
            with suppress(OSError):
                self._path.unlink()
        if not self._spool.pages:
            shutil.rmtree(self._beside, ignore_errors=True)
        with suppress(duckdb.Error):  # what was committed is in the log, and is read from there
            self._connection.close()
        self._connection = None
        with _open_paths_lock:
            _open_paths.discard(self._path.resolve())

    def _create(self) -> None:
        """Make an empty database, elsewhere first: no process ever finds half of one."""
        self._beside.mkdir(parents=True, exist_ok=True)
        new = self._beside / f"new-{os.getpid()}.duckdb"
        new.unlink(missing_ok=True)
        duckdb.connect(new).close()
        with suppress(FileNotFoundError):
            if self._path.stat().st_size == 0:
                self._path.unlink()
        try:
            with suppress(FileExistsError):  # another run was faster, and has it locked
                self._path.hardlink_to(new)
        except OSError:  # a file system without links
            new.replace(self._path)
        new.unlink(missing_ok=True)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(self._path, config={"threads": 1, "memory_limit": _MEMORY})
        except duckdb.Error as error:
            locked = _LOCKED.search(str(error))
            if locked is not None:
                process_id = locked[1]
                raise target_in_use(
                    self.address, int(process_id) if process_id else None
                ) from error
            if "no space left" in str(error).lower():
                raise unwritable(self.address, error) from error
            raise foreign(
                self.address, f"cannot be opened as a DuckDB database ({_reason(error)})"
            ) from error
        if not self._path.exists():
            connection.close()
            raise target_in_use(self.address, None)
        return connection

    def _load(self) -> Stored | None:
        names = {str(row[0]) for row in self._all("SELECT table_name FROM duckdb_tables()")}
        if _STATE not in names:
            others = sorted(
                names
                | {
                    str(row[0])
                    for row in self._all("SELECT view_name FROM duckdb_views() WHERE NOT internal")
                }
            )
            if others:
                raise foreign(
                    self.address,
                    f"is a database with other tables ({others[0]!r}"
                    + (f" and {len(others) - 1} more)" if others[1:] else ")"),
                    "give a file that does not exist yet",
                )
            return None
        try:
            ((data,),) = self._all(f'SELECT state FROM "{_STATE}"')  # noqa: S608 - a constant
        except (duckdb.Error, ValueError) as error:
            raise foreign(self.address, f"has a table {_STATE} that is not ours") from error
        return read_stored(str(data).encode(), self.address, self.kind)

    def _save(self, stored: Stored) -> None:
        data = msgspec.json.encode(stored).decode()
        self._database.execute(f'UPDATE "{_STATE}" SET state = ?', [data])  # noqa: S608

    def _save_pending(self, stored: Stored) -> None:
        pass  # rows and state are stored at once: there is nothing to complete

    def _prepare(self, stored: Stored, before: Stored | None) -> None:
        with self._transaction() as database:
            for table in stored.job.tables:
                self._prepare_table(table)
            if before is None:
                database.execute(f'CREATE TABLE "{_STATE}" (state VARCHAR)')
                data = msgspec.json.encode(stored).decode()
                database.execute(f'INSERT INTO "{_STATE}" VALUES (?)', [data])  # noqa: S608

    def _prepare_table(self, table: str) -> None:
        """Make a table, or add the columns that it does not have yet."""
        database = self._database
        with self._registered(reader_of(table, iter(()))):
            database.execute(
                f'CREATE TABLE IF NOT EXISTS "{table}" AS SELECT * FROM new_rows LIMIT 0'  # noqa: S608
            )
        with self._registered(reader_of(table, iter(()))):
            types = {str(row[0]): str(row[1]) for row in self._all("DESCRIBE new_rows")}
        for column, type_ in types.items():
            database.execute(f'ALTER TABLE "{table}" ADD COLUMN IF NOT EXISTS "{column}" {type_}')

    def _apply(self, changes: DayChanges, after: Stored) -> None:
        with self._transaction() as database:
            for table in after.job.tables:
                if after.replaces:
                    database.execute(
                        f'DELETE FROM "{table}" WHERE date >= ? AND (date < ? OR ?)',  # noqa: S608
                        [changes.start, changes.stop, changes.stop == date.max],
                    )
                for day in changes.late:
                    self._remove_late(changes, table, day)
                days = [*changes.late, *changes.days]
                if any(changes.has_rows(table, day) for day in days):
                    rows = (row for day in days for row in changes.batches(table, day))
                    with self._registered(reader_of(table, rows)):
                        database.execute(
                            f'INSERT INTO "{table}" BY NAME SELECT * FROM new_rows'  # noqa: S608
                        )
            self._save(after)

    def _remove_late(self, changes: DayChanges, table: str, day: date) -> None:
        """Remove the rows that come again with threads that came late."""
        if table == "users":
            with self._registered(reader_of(table, changes.batches(table, day))):
                self._database.execute(
                    "DELETE FROM users WHERE date = ? "
                    "AND user_id IN (SELECT user_id FROM new_rows)",
                    [day],
                )
            return
        self._database.execute(
            f'DELETE FROM "{table}" WHERE date = ? AND thread_id IN (SELECT unnest(?))',  # noqa: S608
            [day, sorted(changes.late_threads)],
        )

    @contextmanager
    def _registered(self, rows: pa.RecordBatchReader) -> Generator[None, None, None]:
        """Let statements read rows as ``new_rows``."""
        self._database.register("new_rows", rows)
        try:
            yield
        finally:
            self._database.unregister("new_rows")

    @contextmanager
    def _transaction(self) -> Generator[duckdb.DuckDBPyConnection, None, None]:
        database = self._database
        database.begin()
        try:
            yield database
            database.commit()
        except BaseException:
            with suppress(duckdb.Error):  # it may have been given up already
                database.rollback()
            raise

    def _all(self, statement: str) -> list[tuple[Any, ...]]:
        return self._database.execute(statement).fetchall()

    @contextmanager
    def _failing(self) -> Generator[None, None, None]:
        with writing_to(self.address):
            try:
                yield
            except duckdb.Error as error:
                raise unwritable(self.address, error) from error


def _is_database(path: Path, address: str) -> bool:
    """Whether there is a database; an empty file counts as none.

    Raises:
        ForeignTarget: There is something else. DuckDB itself is not asked: where it takes a file
            for one of another program, it downloads what reads it.
        OSError: It cannot be written.
    """
    try:
        with path.open("rb+") as file:
            start = file.read(_MAGIC_OFFSET + len(_MAGIC))
    except FileNotFoundError:
        return False
    except IsADirectoryError:
        raise foreign(address, "is a folder, not a DuckDB database") from None
    if start and start[_MAGIC_OFFSET:] != _MAGIC:
        raise foreign(address, "is no DuckDB database")
    return bool(start)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".!")
