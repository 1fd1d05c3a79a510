"""The sandbox's state in SQLite, and the only package that contains SQL.

``SandboxStore`` groups the tables: ``company`` (configuration, cached whole), ``chats``,
``threads``, ``events``, ``customers``, ``archives``, ``queue``, ``timers``, ``files``,
``deliveries``, ``canned_responses``, ``accounts``, ``customer_credentials``. Reading is free at any
time. Writing happens in units of work, many of which share one transaction::

    store.begin_unit()
    ...                           # read chats, threads and customers with `get`, change them
    store.flush()                 # writes what changed
    store.end_unit(keep=True)     # or keep=False, which undoes this unit alone
    store.commit()                # once for many units; what is committed survives the process

``store.db`` is for other modules of this package, such as the archive index.
"""

from pathlib import Path
from typing import Final

import msgspec

from frontdesk.errors import ForeignFile, StoreError
from frontdesk.sandbox.store.accounts import AccountsTable
from frontdesk.sandbox.store.archive.index import ArchiveIndex
from frontdesk.sandbox.store.archive.lists import ListedChats, ListedThreads
from frontdesk.sandbox.store.canned_responses import CannedResponseTable
from frontdesk.sandbox.store.chats import ChatTable, EventTable, ThreadTable
from frontdesk.sandbox.store.company import Company
from frontdesk.sandbox.store.credentials.customers import CustomerCredentials
from frontdesk.sandbox.store.customers import CustomerTable
from frontdesk.sandbox.store.database import DamagedFile, Database
from frontdesk.sandbox.store.deliveries import DeliveryTable
from frontdesk.sandbox.store.files import FileTable
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord
from frontdesk.sandbox.store.schedule import QueueTable, TimerTable
from frontdesk.sandbox.store.timestamps import from_micros, to_micros

__all__ = [
    "DECODING",
    "DamagedFile",
    "SandboxStore",
    "from_micros",
    "to_micros",
]

DECODING: Final = (msgspec.MsgspecError, UnicodeError)
"""What is raised for a record that is not what was written."""


class SandboxStore:
    """The sandbox's database: a file, or memory when ``path`` is None.

    One that ``awaits_image`` is going to ``restore`` a snapshot.
    """

    def __init__(self, path: str | Path | None = None, *, awaits_image: bool = False) -> None:
        self.db: Database = Database(path, awaits_image=awaits_image)
        self.db.starting = True
        try:
            self._open()
        except DECODING as error:
            self.db.close()
            raise self.damaged(error) from None
        except BaseException:
            self.db.discard()
            raise
        finally:
            self.db.starting = False

    def _open(self) -> None:
        self.company: Company = Company(self.db)
        self.accounts: AccountsTable = AccountsTable(self.db)
        self.chats: ChatTable = ChatTable(self.db)
        self.threads: ThreadTable = ThreadTable(self.db)
        self.events: EventTable = EventTable(self.db)
        self.customers: CustomerTable = CustomerTable(self.db)
        self.customer_credentials: CustomerCredentials = CustomerCredentials(self.db)
        self.queue: QueueTable = QueueTable(self.db, self.flush)
        self.timers: TimerTable = TimerTable(self.db)
        self.files: FileTable = FileTable(self.db)
        self.deliveries: DeliveryTable = DeliveryTable(self.db)
        self.canned_responses: CannedResponseTable = CannedResponseTable(self.db)
        self._archives = ArchiveIndex(self.db, self.company, self.events)
        self._tracked = (self.chats.tracked, self.threads.tracked, self.customers.tracked)

    @property
    def archives(self) -> ArchiveIndex:
        """The archive index, which sees what the running unit of work has changed."""
        self.flush()
        return self._archives

    def list_chats(self, as_of: int | None = None) -> ListedChats:
        """Return all chats, to be narrowed by conditions and read in pages.

        ``as_of`` lists them as they were at a time, in microseconds since 1970.
        """
        self.flush()
        return ListedChats(self.db, as_of)

    def list_threads(self, chat: int) -> ListedThreads:
        """Return the threads of a chat, to be narrowed by conditions and read in pages."""
        self.flush()
        return ListedThreads(self.db, chat)

    def remove_thread(self, thread: ThreadRecord) -> None:
        """Delete a thread with its events."""
        self.archives.forget(thread.num)
        self.queue.remove(thread.num)
        self.threads.remove(thread)

    def remove_chat(self, chat: ChatRecord) -> None:
        """Delete a chat with all its threads."""
        for thread in self.threads.of_chat(chat.num):
            self.remove_thread(thread)
        self.chats.remove(chat)

    def begin_unit(self) -> None:
        """Start a unit of work: all or none of what it writes is kept."""
        self._forget()
        self.db.begin_unit()

    def flush(self) -> None:
        """Write the records that the unit of work has changed."""
        for table in self._tracked:
            if table.open:
                table.flush()

    def end_unit(self, *, keep: bool) -> None:
        """End the unit of work, keeping or undoing what it wrote.

        Raises:
            StoreError: It was to be kept, and the disk does not take it.
        """
        try:
            self.db.end_unit(keep=keep)
        except BaseException:
            self.rollback()
            raise
        if self.db.lost is not None:
            self.rollback()
            return
        for table in self._tracked:
            if not keep:
                table.distrust()
            elif table.open:
                table.remember()
        self._forget()
        self.company.end_unit(keep=keep)
        self.accounts.end_unit(keep=keep)
        if not keep:
            self.timers.load()

    def commit(self) -> None:
        """Make everything written so far outlive this process.

        Raises:
            StoreError: The disk does not take it; everything since the last commit is undone.
        """
        try:
            self.db.commit()
        except BaseException:
            self.rollback()
            raise

    def rollback(self) -> None:
        """Undo everything since the last commit, and what is remembered of it."""
        self.db.rollback()
        self.reload()

    def abandon(self) -> None:
        """Undo as ``rollback`` does, and let the next commit work: whoever waits is told here."""
        self.db.lost = None
        self.rollback()

    @property
    def lasting(self) -> bool:
        """Whether what is kept here outlives the process."""
        return self.db.path is not None

    def damaged(self, error: Exception) -> StoreError:
        """Return the error of a record that cannot be read, for ``error`` of its decoding."""
        return self.db.damaged(error)

    @property
    def closed(self) -> bool:
        """Whether the database was closed."""
        return self.db.closed

    def keep_setting(self, key: str, data: bytes) -> None:
        """Keep a value about the sandbox itself, besides the unit of work and its configuration."""
        self.db.write("INSERT OR REPLACE INTO settings VALUES (?, ?)", key, data)

    @property
    def writing(self) -> bool:
        """Whether the next commit has something to write."""
        return self.db.writing

    @property
    def lost(self) -> bool:
        """Whether units of work that had ended well are undone; the next commit will fail."""
        return self.db.lost is not None

    def snapshot(self) -> bytes:
        """Return the whole state as bytes."""
        return self.db.snapshot()

    def restore(self, image: bytes) -> None:
        """Replace the whole state by a snapshot."""
        self.db.restore(image)
        self.reload()

    @classmethod
    def of_image(cls, image: bytes) -> "SandboxStore":
        """Make a store in memory of a snapshot, which is checked as a whole.

        Raises:
            ForeignFile: It is none of this version, or is damaged.
        """
        store = cls(awaits_image=True)
        try:
            store.db.restore(image)
            store.db.check()
            store.reload()
            seeded = store.company.seeded
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            store.close()
            raise ForeignFile(f"the snapshot is damaged: {error}") from None
        except BaseException:
            store.close()
            raise
        if not seeded:
            store.close()
            raise ForeignFile("the snapshot is damaged: it has no license")
        return store

    def take_over(self, other: "SandboxStore") -> None:
        """Have the whole state of a store in memory, which is closed; all of it or nothing.

        Raises:
            StoreError: The disk does not take it.
        """
        self.commit()
        self.db.take_over(other.db)
        self.reload()

    def reload(self) -> None:
        """Forget all that is remembered of the database, after it became another."""
        for table in self._tracked:
            table.distrust()
            table.forget()
        self.company.load()
        self.accounts.load()
        self.customer_credentials.distrust()
        self.timers.load()

    def close(self) -> None:
        """Commit and close."""
        self.db.close()

    def discard(self) -> None:
        """Close it because it could not be filled: a new file is none afterwards, or empty again.

        One that had something in it is kept as of the last commit.
        """
        self.db.discard()

    def _forget(self) -> None:
        for table in self._tracked:
            if table.records:
                table.forget()
