"""One SQLite connection: opening, grouped commits, units of work, snapshots."""

import logging
import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

from frontdesk.errors import ForeignFile, StoreError, StoreInUse
from frontdesk.sandbox.store.schema import APPLICATION_ID, MIGRATIONS, STATEMENTS, VERSION

__all__ = ["DamagedFile", "Database"]

Row = tuple[Any, ...]

_JOURNAL_BYTES = slice(18, 20)
"""Where a database file says that it uses a write-ahead log, which memory cannot have."""
_MAGIC = b"SQLite format 3\0"
_DISK: Final = frozenset(
    (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
    )
)
"""The errors of SQLite that speak of the disk or the machine, and not of a statement."""
_DAMAGE: Final = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))
"""The errors of SQLite that speak of what stands in the file."""
_UNREADABLE: Final = (sqlite3.DatabaseError, UnicodeError)
"""What reading raises; the second when SQLite says what it met, and that is no text."""
_APPLICATION_ID: Final = slice(68, 72)
"""Where a database file says what made it."""
MOST_CHECKED: Final = 16 * 2**20
"""Bytes of a file that is looked through when it is opened; a longer one would take too long."""
PRESENT_SECONDS: Final = 0.25
"""How long it is believed that the file is still there."""
_LOG: Final = logging.getLogger("frontdesk.sandbox")
_OPEN: Final["WeakValueDictionary[tuple[int, int], Database]"] = WeakValueDictionary()
"""The databases that this process has open, by device and inode of their files.

Whoever closes a file drops all locks that the process has on it, so a file that is open here must
not be looked into by itself: another process could then open it too.
"""


class DamagedFile(StoreError):
    """The database file holds something that no sandbox has written there."""


def damaged(name: str, detail: object) -> DamagedFile:
    """Return the error of a file that holds what it should not."""
    return DamagedFile(
        f"the database {name} is damaged ({detail}); nothing of this was kept. Go on with a copy "
        "from before, or with a new file"
    )


def _head(path: Path) -> bytes | None:
    """Return how a file begins, None if there is none."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return file.read(_APPLICATION_ID.stop)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _is_read_only(path: Path) -> bool:
    """Return whether a file cannot be written, or where it is to be made none can."""
    places = [place for place in (path, path.parent) if place.exists()]
    return not all(os.access(place, os.W_OK) for place in places)


def _foreign(name: str) -> ForeignFile:
    return ForeignFile(f"{name} is not a database; give the sandbox a file of its own")


def _migrate(connection: sqlite3.Connection) -> None:
    """Make of a database of an older format one of this."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    while version in MIGRATIONS:
        for statement in MIGRATIONS[version]:
            connection.execute(statement)
        version += 1
        connection.execute(f"PRAGMA user_version = {version}")


def _shape(connection: sqlite3.Connection) -> dict[tuple[str, str], list[str]]:
    """Return what there is in a database, and the columns of its tables."""
    things = connection.execute(
        "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    ).fetchall()
    columns = "SELECT name FROM pragma_table_info(?) ORDER BY cid"
    return {
        (kind, name): [row[0] for row in connection.execute(columns, (name,))]
        for kind, name in things
    }


@cache
def _expected_shape() -> dict[tuple[str, str], list[str]]:
    connection = sqlite3.connect(":memory:")
    try:
        for statement in STATEMENTS:
            connection.execute(statement)
        return _shape(connection)
    finally:
        connection.close()


@cache
def _empty_image() -> bytes:
    """Return a new database, with its tables: to make them takes 100 statements."""
    empty = Database()
    try:
        return empty.snapshot()
    finally:
        empty.close()


class Database:
    """The connection to the sandbox's database, a file or (``path=None``) memory.

    Writes of many units of work share one transaction until ``commit``. A unit that fails is
    undone alone; one that only reads costs no statement of its own. Not safe to be used by two
    threads at once.

    A full, locked or read-only disk makes the statement or the commit that meets it raise
    ``StoreError``. Where SQLite gives up the whole transaction, ``lost`` is true, and the next
    commit fails as well: it must not seem to have kept what was written before.

    One in memory that ``awaits_image`` is soon replaced by a snapshot, and opens in half the time.

    Raises ``StoreInUse`` when another process has the file, ``ForeignFile`` when the file is
    something else, ``StoreError`` when it cannot be opened.
    """

    def __init__(self, path: str | Path | None = None, *, awaits_image: bool = False) -> None:
        # SQLite's own name for memory, which people give where a file is asked for.
        self.path: Path | None = None if path in (None, ":memory:") else Path(path)
        self.is_new: bool = False
        """Whether there was nothing in the file."""
        self._head: bytes | None = None
        """How the file began when it was opened; None if there was none."""
        self.closed: bool = False
        self._open_transaction = False
        self._unit = False
        self._unit_wrote = False
        self._marked = False
        self._failing = False
        self._damaged = False
        self._present_until = 0.0
        self.starting: bool = False
        """Whether a world is being opened, so that there are no calls yet."""
        self.lost: str | None = None
        """Why units of work that had ended well are undone; the next commit raises it."""
        self._file: tuple[int, int] | None = None
        self._awaits_image = awaits_image and self.path is None
        self._connection = self._connect()
        if self.path is not None:
            self._file = _identity(self.path)
            _OPEN[self._file] = self

    @property
    def _name(self) -> str:
        return ":memory:" if self.path is None else str(self.path)

    def _connect(self) -> sqlite3.Connection:
        name = self._name
        if self.path is not None:
            self._look_at(self.path)
        try:
            connection = sqlite3.connect(
                name,
                timeout=0,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=512,
            )
        except sqlite3.Error as error:
            raise self._unusable("open", error) from None
        try:
            self._prepare(connection)
        except sqlite3.DatabaseError as error:
            connection.close()
            unusable = self._unusable("use", error)
            # Whoever has it is perhaps filling it.
            if not isinstance(unusable, StoreInUse):
                self._leave_as_found()
            raise unusable from None
        except UnicodeError as error:
            connection.close()
            raise damaged(name, error) from None
        except StoreError:
            connection.close()
            raise
        return connection

    def _look_at(self, path: Path) -> None:
        """Refuse a file that this process has open, and one that is no database."""
        try:
            if path.exists() and _identity(path) in _OPEN:
                raise StoreInUse(
                    f"the database {path} is used by another process, or by another sandbox of "
                    "this one; stop that one first, or give this one another file"
                )
            self._head = _head(path)
        except OSError as error:
            raise StoreError(
                f"cannot open the database {path}: {error.strerror}; give the sandbox a file that "
                "it can read and write"
            ) from None
        # SQLite would overwrite a short file, whatever it is.
        if self._head and not self._head.startswith(_MAGIC):
            raise _foreign(str(path))

    def _unusable(self, verb: str, error: sqlite3.Error) -> StoreError:
        """Return why the file cannot be opened."""
        name, code = self._name, getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreInUse(
                f"the database {name} is used by another process; stop that one first, or give "
                "this one another file"
            )
        if self.path is not None and code not in _DAMAGE and _is_read_only(self.path):
            return StoreError(
                f"cannot {verb} the database {name}: it is read-only, or its folder is, and the "
                "sandbox has to write both; give it a file elsewhere"
            )
        made_by = (self._head or b"")[_APPLICATION_ID]
        if code in _DAMAGE and made_by != APPLICATION_ID.to_bytes(4, "big"):
            return _foreign(name)
        if code in _DAMAGE or (isinstance(error, sqlite3.DatabaseError) and not code):
            return damaged(name, error)
        return StoreError(f"cannot {verb} the database {name}: {error}")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        execute = connection.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        if self._awaits_image:
            self.is_new = True
            connection.deserialize(_empty_image())
            return
        tables = execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        self._check_owner(connection, tables)
        self.is_new = tables == 0
        if self.path is not None:
            execute("PRAGMA journal_mode = WAL")
        # The log is written at every commit, so a dead process loses nothing that was responded to;
        # only the power of the whole machine failing may lose the latest commits.
        execute("PRAGMA synchronous = NORMAL")
        # Each move of the log into the file makes the calls of that time wait for the disk; with
        # the default of 1000 pages those are several percent of all calls under load.
        execute("PRAGMA wal_autocheckpoint = 8000")
        execute("PRAGMA temp_store = MEMORY")
        execute("PRAGMA cache_size = -16384")
        execute("BEGIN IMMEDIATE")
        if self.is_new:
            for statement in STATEMENTS:
                execute(statement)
            execute(f"PRAGMA application_id = {APPLICATION_ID}")
            execute(f"PRAGMA user_version = {VERSION}")
        else:
            _migrate(connection)
            self._look_through(connection)
        execute("COMMIT")

    def _look_through(self, connection: sqlite3.Connection) -> None:
        """Raise ``DamagedFile`` if the file has not the tables, or (a short one) not the form."""
        if self.path is None:
            return
        if _shape(connection) != _expected_shape():
            raise damaged(self._name, "it has other tables than a sandbox of this version")
        if self.path.stat().st_size <= MOST_CHECKED:
            findings = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if findings != "ok":
                raise damaged(self._name, " ".join(findings.rpartition("***")[2].split()))

    def _check_owner(self, connection: sqlite3.Connection, tables: int) -> None:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if tables == 0 and application in (0, APPLICATION_ID):
            return
        if application != APPLICATION_ID and self.path is None:
            raise ForeignFile("the snapshot holds the database of something else")
        if application != APPLICATION_ID:
            raise ForeignFile(
                f"{self.path} is the database of something else; give the sandbox a file of its own"
            )
        if version != VERSION and version not in MIGRATIONS:
            made_by = "a newer" if version > VERSION else "an older"
            way_out = (
                "use that version of frontdesk"
                if version > VERSION
                else "use the version of frontdesk that made it"
            )
            raise ForeignFile(
                f"{self.path or 'the snapshot'} was made by {made_by} version of the sandbox "
                f"(format {version}, this one reads {min((*MIGRATIONS, VERSION))} to {VERSION}); "
                f"{way_out}, or start with a new file"
            )

    def row(self, sql: str, *values: Any) -> Row | None:
        """Return the first row of a query."""
        try:
            row: Row | None = self._connection.execute(sql, values).fetchone()
        except _UNREADABLE as error:
            raise self._failed(error) from error
        return row

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return all rows of a query."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except _UNREADABLE as error:
            raise self._failed(error) from error

    def write(self, sql: str, *values: Any) -> None:
        """Run a statement that writes."""
        if not self._unit_wrote:
            self._before_writing()
        try:
            self._connection.execute(sql, values)
        except sqlite3.DatabaseError as error:
            raise self._failed(error) from error

    def write_many(self, sql: str, rows: Iterable[Row]) -> None:
        """Run a statement that writes, once for each row."""
        if not self._unit_wrote:
            self._before_writing()
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.DatabaseError as error:
            raise self._failed(error) from error

    def _before_writing(self) -> None:
        first = not self._open_transaction
        if first:
            self._connection.execute("BEGIN")
            self._open_transaction = True
        if self._unit:
            self._unit_wrote = True
            # The first unit of a transaction is all there is in it, and needs no mark of its own.
            self._marked = not first
            if self._marked:
                self._connection.execute("SAVEPOINT unit")

    def begin_unit(self) -> None:
        """Start a unit of work: all or none of what it writes is kept."""
        if self._unit:
            raise RuntimeError("units of work do not nest")
        self._unit = True

    def end_unit(self, *, keep: bool) -> None:
        """End the unit of work, keeping or undoing what it wrote.

        Raises:
            StoreError: It was to be kept, and cannot be.
        """
        self._unit = False
        if not self._unit_wrote:
            return
        self._unit_wrote = False
        if not self._connection.in_transaction:
            # SQLite ends a transaction by itself when it cannot go on, as on some full disks.
            self._lose("the transaction was undone")
            if keep:
                raise StoreError(self._not_kept("the transaction was undone"))
            return
        try:
            if self._marked:
                if not keep:
                    self._connection.execute("ROLLBACK TO unit")
                self._connection.execute("RELEASE unit")
            elif not keep:
                self._connection.execute("ROLLBACK")
                self._open_transaction = False
        except sqlite3.DatabaseError as error:
            self._lose(str(error))
            if keep:
                raise self._unwritable(error) from error

    def _lose(self, reason: str) -> None:
        """Undo the whole transaction, the units of work included that had ended well."""
        if self._marked:
            self.lost = reason
        self.rollback()

    def commit(self) -> None:
        """Make everything written so far outlive this process.

        Raises:
            StoreError: That is not possible; everything since the last commit is undone.
        """
        if self.lost is not None:
            reason, self.lost = self.lost, None
            self.rollback()
            raise StoreError(self._not_kept(reason))
        if not self._open_transaction:
            return
        self._check_present()
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.rollback()
            raise self._unwritable(error) from error
        self._open_transaction = False
        if self._failing:
            self._failing = False
            _LOG.warning("the database %s can be written again", self._name)

    @property
    def writing(self) -> bool:
        """Whether something was written since the last commit."""
        return self._open_transaction

    def rollback(self) -> None:
        """Undo everything since the last commit."""
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
        self._open_transaction = False
        self._unit_wrote = False

    def _failed(self, error: sqlite3.DatabaseError | UnicodeError) -> Exception:
        """Return the error to raise for a statement: of the disk, or, as a defect, its own."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        # What is no text in a column of texts has no code.
        if isinstance(error, UnicodeError) or (not code and "decode to UTF-8" in str(error)):
            return self.damaged(error)
        if code in _DAMAGE:
            return self.damaged(error)
        return self._unwritable(error) if code in _DISK else error

    def damaged(self, detail: object) -> StoreError:
        """Return the error of a record, or a page, that is not what was written."""
        error = damaged(self._name, detail)
        if not self._damaged and not self.starting:
            self._damaged = True
            _LOG.error("%s", error)
        return error

    def _check_present(self) -> None:
        """Refuse to write what nobody will find again: somebody deleted the file, or moved it."""
        if self.path is None or time.monotonic() < self._present_until:
            return
        try:
            present = _identity(self.path) == self._file
        except OSError:
            present = False
        if not present:
            self.rollback()
            raise self._unwritable("the file was deleted, or is another one now")
        self._present_until = time.monotonic() + PRESENT_SECONDS

    def _unwritable(self, error: sqlite3.Error | str) -> StoreError:
        # The log gets the first of a row only, since each further call and timer meets it too.
        if not self._failing and not self.starting:
            self._failing = True
            _LOG.error(
                "the database %s cannot be written (%s); calls that change something fail "
                "until it can",
                self._name,
                error,
            )
        return StoreError(self._not_kept(str(error)))

    def _not_kept(self, reason: str) -> str:
        if self.starting:
            return (
                f"the sandbox cannot start: its database {self._name} cannot be written ({reason})"
            )
        return (
            f"the sandbox cannot write its database ({reason}); nothing of this call was kept, and "
            "calls work again as soon as it can"
        )

    def snapshot(self) -> bytes:
        """Return the whole database as bytes, for ``restore``."""
        self.commit()
        copy = sqlite3.connect(":memory:", isolation_level=None)
        try:
            self._connection.backup(copy)
            image = bytearray(copy.serialize())
        finally:
            copy.close()
        image[_JOURNAL_BYTES] = b"\x01\x01"
        return bytes(image)

    def restore(self, image: bytes) -> None:
        """Replace the whole database by a snapshot.

        Raises:
            ForeignFile: The bytes are not a snapshot of this version.
        """
        self.commit()
        source = self._load(image)
        if self.path is None:
            self._connection.close()
            self._connection = source
            return
        try:
            source.backup(self._connection)
        finally:
            source.close()

    def check(self) -> None:
        """Look through the whole database.

        Raises:
            ForeignFile: It is damaged, or has other tables than it should.
        """
        damaged = "the snapshot is damaged"
        try:
            findings = self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            shape = _shape(self._connection)
        except sqlite3.DatabaseError as error:
            raise ForeignFile(f"{damaged}: {error}") from None
        if findings != "ok":
            raise ForeignFile(f"{damaged}: {findings}")
        if shape != _expected_shape():
            raise ForeignFile(f"{damaged}: it has other tables than a sandbox of this version")

    def take_over(self, other: "Database") -> None:
        """Become what another database in memory is, which is closed; as a whole or not at all.

        Raises:
            StoreError: The disk does not take it.
        """
        self.commit()
        other.commit()
        if self.path is None:
            self._connection.close()
            self._connection = other.release()
            return
        source = other.release()
        try:
            source.backup(self._connection)
        except sqlite3.DatabaseError as error:
            raise self._unwritable(error) from error
        finally:
            source.close()

    def release(self) -> sqlite3.Connection:
        """Give away the connection, for another database to go on with."""
        return self._connection

    def _load(self, image: bytes) -> sqlite3.Connection:
        if not image.startswith(_MAGIC):
            raise ForeignFile("these bytes are not a snapshot of the sandbox")
        connection = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, cached_statements=512
        )
        try:
            connection.deserialize(image)
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            self._check_owner(connection, tables or 1)
            _migrate(connection)
        except sqlite3.DatabaseError:
            connection.close()
            raise ForeignFile("these bytes are not a snapshot of the sandbox") from None
        except ForeignFile:
            connection.close()
            raise
        return connection

    def discard(self) -> None:
        """Close it because it could not be filled: a new file is none afterwards, or empty again.

        One that had something in it is kept as of the last commit.
        """
        self.rollback()
        self.close()
        self._leave_as_found()

    def _leave_as_found(self) -> None:
        """Remove what was begun where nothing was, or the next sandbox would refuse it."""
        if self.path is None or not self.is_new or self._head:
            return
        # Where a link leads to, as SQLite has written there.
        path = self.path.resolve()
        with suppress(OSError):
            if self._head is None:
                path.unlink()
            else:
                os.truncate(path, 0)
        for suffix in ("-wal", "-shm", "-journal"):
            with suppress(OSError):
                path.with_name(path.name + suffix).unlink()

    def close(self) -> None:
        """Commit, if the disk takes it, and close; a second call does nothing."""
        with suppress(sqlite3.ProgrammingError, StoreError):
            self.commit()
        self._connection.close()
        self.closed = True
        if self._file is not None:
            _OPEN.pop(self._file, None)
            self._file = None
