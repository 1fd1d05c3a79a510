"""A journal in SQLite, beside which frontdesk's own is measured."""

import asyncio
import sqlite3
import threading
import time
import zlib
from pathlib import Path
from typing import Any

from frontdesk.concurrency.threads import DaemonPool
from frontdesk.webhooks import Journal


class SqliteJournal(Journal):
    """WAL mode, and one transaction for all that arrive while the one before is written."""

    def __init__(self, directory: str, *, sync: bool) -> None:
        # Nothing of the journal that it stands in for is wanted but its class.
        self._sync = sync
        self._db = sqlite3.connect(
            Path(directory) / "journal.db", isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA locking_mode = exclusive")
        self._db.execute("PRAGMA journal_mode = wal")
        self._db.execute(f"PRAGMA synchronous = {'full' if sync else 'normal'}")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS webhooks "
            "(number INTEGER PRIMARY KEY, at REAL, checksum INTEGER, content BLOB)"
        )
        self._pool = DaemonPool(1, "sqlite-journal")
        self._lock = threading.Lock()
        self._next = 0
        self._added: list[tuple[int, float, int, bytes]] = []
        self._done: list[tuple[int]] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._committing: asyncio.Task[None] | None = None

    def open(self) -> list[Any]:
        return []

    def add(self, content: bytes) -> int:
        self._next += 1
        self._added.append((self._next, time.time(), zlib.crc32(content), content))
        return self._next

    async def synced(self, ticket: int) -> None:
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(written)
        self._start()
        await written

    def done(self, ticket: int) -> None:
        self._done.append((ticket,))
        self._start()

    def close(self) -> None:
        self._commit(self._added, self._done)
        self._db.close()

    def _start(self) -> None:
        if self._committing is None:
            self._committing = asyncio.get_running_loop().create_task(self._commit_all())

    async def _commit_all(self) -> None:
        while self._added or self._done or self._waiting:
            added, self._added = self._added, []
            done, self._done = self._done, []
            waiting, self._waiting = self._waiting, []
            if self._sync:
                await self._pool.run(lambda: self._commit(added, done))  # noqa: B023
            else:
                self._commit(added, done)
            for written in waiting:
                written.set_result(None)
            await asyncio.sleep(0)
        self._committing = None

    def _commit(self, added: list[tuple[int, float, int, bytes]], done: list[tuple[int]]) -> None:
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT INTO webhooks VALUES (?, ?, ?, ?)", added)
            self._db.executemany("DELETE FROM webhooks WHERE number = ?", done)
            self._db.execute("COMMIT")
