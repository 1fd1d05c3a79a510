"""States of chats in an SQLite file, for one process or several on one machine."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from frontdesk.bots.states.base import StoredState
from frontdesk.bots.states.checks import KEPT, check_keep_for, check_size
from frontdesk.concurrency.threads import DaemonPool
from frontdesk.errors import InvalidArgument, StateConflict, StateStoreError
from frontdesk.spec.arguments import check_flag

__all__ = ["SQLiteStateStore"]

APPLICATION: Final = 0x46444253
"""Tells the file from the databases of other programs."""
FORMAT: Final = 1
BUSY: Final = 5.0
"""Seconds that a write waits for those of other processes."""

SCHEMA: Final = """
CREATE TABLE states (
    revision INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    data BLOB NOT NULL
)
"""
# AUTOINCREMENT: a revision never comes twice, or a state that was deleted and made anew could be
# taken for the old one.
MARKED: Final = """
CREATE TABLE IF NOT EXISTS marks (at REAL PRIMARY KEY, revision INTEGER NOT NULL)
"""
"""Which revision was the latest at a time: all up to it were saved before. The states themselves
have no time, so that files of version 0.1 can be read, and this one's by that version."""
MARKS: Final = 64
"""How many marks are made in the time for which states are kept."""
CLEANED: Final = 1000
"""How many states are forgotten at once, so that what is saved meanwhile does not wait."""

Operation = Callable[[sqlite3.Cursor], Any]


class _Waiting:
    """An operation that somebody waits for."""

    __slots__ = ("done", "is_write", "operation")

    def __init__(
        self, operation: Operation, done: "asyncio.Future[Any]", *, is_write: bool
    ) -> None:
        self.operation = operation
        self.done = done
        self.is_write = is_write


class SQLiteStateStore:
    """Keeps states in a file, which any number of processes of one machine may share.

    What is saved survives the end of the process, also ``kill -9``. With ``sync`` it survives a
    crash of the machine too. Work is done in a thread; what comes meanwhile shares one transaction,
    and so one wait for the disk.

    Args:
        path: The file; made if it is missing, readable by its owner only. Not on a network file
            system.
        sync: Whether to wait for the disk.
        keep_for: Seconds for which a chat's state is kept after it was saved last, and 2 % longer
            at most while states are saved; defaults to 90 days. ``None`` keeps it for ever. The
            file does not shrink by that: its room is used again.

    Raises:
        InvalidArgument: The path is none of a file, or ``keep_for`` is less than an hour.
    """

    def __init__(
        self, path: str | Path, *, sync: bool = False, keep_for: float | None = KEPT
    ) -> None:
        if not isinstance(path, (str, Path)) or "\0" in str(path):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("path", f"must be the path of a file, not {path!r}")
        if not str(path) or str(path).startswith((":memory:", "file:")):
            raise InvalidArgument(
                "path", f"must be the path of a file, not {path!r}; see MemoryStateStore"
            )
        check_flag("sync", sync)
        self._path = Path(path)
        self._sync = sync
        self._keep_for = check_keep_for(keep_for)
        self._clock: Callable[[], float] = time.time
        self._next_cleaning = 0.0
        self._pool = DaemonPool(1, "frontdesk-states")
        self._database: sqlite3.Connection | None = None
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<SQLiteStateStore {str(self._path)!r}>"

    async def start(self) -> None:
        """Open the file, and make it if it is missing.

        Raises:
            StateStoreError: It cannot be opened, or is something else.
        """
        if self._database is None:
            self._database = await self._run(partial(_open, self._path, sync=self._sync))

    async def load(self, key: str) -> StoredState | None:
        """Return what is stored under a key; ``None`` if nothing is."""
        row: tuple[bytes, int] | None = await self._do(partial(_load, key), is_write=False)
        return None if row is None else StoredState(*row)

    async def save(self, key: str, data: bytes, revision: int) -> int:
        """Store bytes if the key still has that revision; returns the new one.

        Raises:
            StateConflict: Something else was stored under the key meanwhile.
            InvalidArgument: More than 1 MB.
            StateStoreError: It cannot be written.
        """
        check_size(data)
        new: int | None = await self._do(partial(_save, key, data, revision), is_write=True)
        if new is None:
            raise StateConflict(f"the state of {key} was changed meanwhile")
        return new

    async def delete(self, key: str) -> None:
        """Forget what a key has."""
        await self._do(partial(_delete, key), is_write=True)

    async def close(self) -> None:
        """Do what was asked for, and close the file."""
        while self._working is not None:
            await asyncio.wait([self._working])
        database, self._database = self._database, None
        if database is not None:
            await self._run(database.close)
        self._pool.close()

    async def _do(self, operation: Operation, *, is_write: bool) -> Any:
        if self._database is None:
            raise StateStoreError("the state store is not started")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        self._waiting.append(_Waiting(operation, done, is_write=is_write))
        if self._working is None:
            self._working = loop.create_task(self._work())
        return await done

    async def _work(self) -> None:
        """Do all that waits, as long as there is something."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._do_all(batch)
        finally:
            self._working = None

    async def _do_all(self, batch: list[_Waiting]) -> None:
        operations = [waiting.operation for waiting in batch]
        is_write = any(waiting.is_write for waiting in batch)
        assert self._database is not None
        now, keep_for = self._clock(), self._keep_for
        if not is_write or now < self._next_cleaning:
            keep_for = None
        if keep_for is not None:
            operations.append(partial(_clean, now, keep_for))
        try:
            results = await self._run(
                partial(_transact, self._database, operations, is_write=is_write)
            )
        except StateStoreError as error:
            for waiting in batch:
                if not waiting.done.done():
                    # Each has an error of its own: tracebacks grow where one is raised again.
                    waiting.done.set_exception(StateStoreError(*error.args))
            return
        if keep_for is not None:
            is_clean = results.pop()
            self._next_cleaning = now + keep_for / MARKS if is_clean else now
        for waiting, result in zip(batch, results, strict=True):
            if not waiting.done.done():
                waiting.done.set_result(result)

    async def _run(self, call: Callable[[], Any]) -> Any:
        try:
            return await self._pool.run(call)
        except (sqlite3.Error, OSError) as error:
            problem = str(error)
        raise StateStoreError(f"the state file {str(self._path)!r} cannot be used: {problem}")


def _open(path: Path, *, sync: bool) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # SQLite would make it readable by all; its other files get the rights of this one.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        _check(database)
        _write_ahead(database)
        database.execute(f"PRAGMA synchronous = {'FULL' if sync else 'NORMAL'}")
    except BaseException:
        database.close()
        raise
    return database


def _write_ahead(database: sqlite3.Connection) -> None:
    """Have readers and a writer not wait for each other."""
    (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError(f"its journal is {mode!r}; is it on a network drive?")


def _check(database: sqlite3.Connection) -> None:
    """Make the table if the file is new, and refuse the file of another program."""
    cursor = database.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    try:
        _prepare(cursor)
        cursor.execute("COMMIT")
    except BaseException:
        _roll_back(cursor)
        raise


def _prepare(cursor: sqlite3.Cursor) -> None:
    (application,) = cursor.execute("PRAGMA application_id").fetchone()
    (version,) = cursor.execute("PRAGMA user_version").fetchone()
    (tables,) = cursor.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == 0 and version == 0 and tables == 0:
        cursor.execute(f"PRAGMA application_id = {APPLICATION}")
        cursor.execute(f"PRAGMA user_version = {FORMAT}")
        cursor.execute(SCHEMA)
    elif application != APPLICATION:
        raise sqlite3.DatabaseError("it is the database of another program")
    elif version != FORMAT:
        raise sqlite3.DatabaseError(
            f"it was made by another version of frontdesk (format {version}, not {FORMAT})"
        )
    cursor.execute(MARKED)


def _transact(
    database: sqlite3.Connection, operations: list[Operation], *, is_write: bool
) -> list[Any]:
    cursor = database.cursor()
    cursor.execute("BEGIN IMMEDIATE" if is_write else "BEGIN")
    try:
        results = [operation(cursor) for operation in operations]
        cursor.execute("COMMIT")
    except BaseException:
        _roll_back(cursor)
        raise
    return results


def _roll_back(cursor: sqlite3.Cursor) -> None:
    # Some errors, such as a full disk, have ended the transaction already.
    with suppress(sqlite3.Error):
        cursor.execute("ROLLBACK")


def _load(key: str, cursor: sqlite3.Cursor) -> Any:
    return cursor.execute("SELECT data, revision FROM states WHERE key = ?", (key,)).fetchone()


def _save(key: str, data: bytes, revision: int, cursor: sqlite3.Cursor) -> int | None:
    if revision:
        cursor.execute("DELETE FROM states WHERE key = ? AND revision = ?", (key, revision))
        if not cursor.rowcount:
            return None
    cursor.execute("INSERT OR IGNORE INTO states (key, data) VALUES (?, ?)", (key, data))
    return cursor.lastrowid if cursor.rowcount else None


def _delete(key: str, cursor: sqlite3.Cursor) -> None:
    cursor.execute("DELETE FROM states WHERE key = ?", (key,))


def _clean(now: float, keep_for: float, cursor: sqlite3.Cursor) -> bool:
    """Forget states that were not saved for a time; returns whether none is left."""
    # The clock may have been set back.
    cursor.execute("DELETE FROM marks WHERE at > ?", (now,))
    (last,) = cursor.execute("SELECT max(at) FROM marks").fetchone()
    if last is None or last <= now - keep_for / MARKS:
        cursor.execute("INSERT INTO marks SELECT ?, coalesce(max(revision), 0) FROM states", (now,))
    old = (now - keep_for,)
    (revision,) = cursor.execute("SELECT max(revision) FROM marks WHERE at <= ?", old).fetchone()
    if revision is None:
        return True
    cursor.execute(
        "DELETE FROM states WHERE revision IN "
        "(SELECT revision FROM states WHERE revision <= ? ORDER BY revision LIMIT ?)",
        (revision, CLEANED),
    )
    if cursor.rowcount == CLEANED:
        return False
    cursor.execute("DELETE FROM marks WHERE at <= ?", old)
    return True
