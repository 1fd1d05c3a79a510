"""The sandbox's state in SQLite, and the only package that contains SQL.

``Store`` groups the tables: ``company`` (configuration, cached whole), ``chats``, ``threads``,
``events``, ``customers``, ``archives``, ``queue``, ``timers``, ``files``. Reading is free at any
time. Writing happens in units of work, many of which share one transaction::

    store.begin_unit()
    ...                           # read records, change them, save them
    store.end_unit(keep=True)     # or keep=False, which undoes this unit alone
    store.commit()                # once for many units; what is committed survives the process

``store.db`` is for other modules of this package, such as the archive index.
"""

from pathlib import Path

from frontdesk.sandbox.store.archive.index import ArchiveIndex
from frontdesk.sandbox.store.archive.lists import ListedChats, ListedThreads
from frontdesk.sandbox.store.chats import Chats, Events, Threads
from frontdesk.sandbox.store.company import Company
from frontdesk.sandbox.store.customers import Customers
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.errors import ForeignFile, StoreError, StoreInUse
from frontdesk.sandbox.store.files import Files
from frontdesk.sandbox.store.schedule import Queue, Timers
from frontdesk.sandbox.store.timestamps import from_micros, to_micros

__all__ = [
    "ForeignFile",
    "Store",
    "StoreError",
    "StoreInUse",
    "from_micros",
    "to_micros",
]


class Store:
    """The sandbox's database: a file, or memory when ``path`` is None."""

    def __init__(self, path: str | Path | None = None) -> None:
        self.db = Database(path)
        self.company = Company(self.db)
        self.chats = Chats(self.db)
        self.threads = Threads(self.db)
        self.events = Events(self.db)
        self.customers = Customers(self.db)
        self.queue = Queue(self.db)
        self.timers = Timers(self.db)
        self.files = Files(self.db)
        self.archives = ArchiveIndex(self.db, self.company, self.events)

    def list_chats(self) -> ListedChats:
        """All chats, to be narrowed by conditions and read in pages."""
        return ListedChats(self.db)

    def list_threads(self, chat: int) -> ListedThreads:
        """The threads of a chat, to be narrowed by conditions and read in pages."""
        return ListedThreads(self.db, chat)

    def begin_unit(self) -> None:
        """Start a unit of work: all or none of what it writes is kept."""
        self._forget()
        self.db.begin_unit()

    def end_unit(self, *, keep: bool) -> None:
        """End the unit of work, keeping or undoing what it wrote."""
        self.db.end_unit(keep=keep)
        self._forget()
        self.company.end_unit(keep=keep)
        if not keep:
            self.timers.load()

    def commit(self) -> None:
        """Make everything written so far outlive this process."""
        self.db.commit()

    def snapshot(self) -> bytes:
        """The whole state as bytes."""
        return self.db.snapshot()

    def restore(self, image: bytes) -> None:
        """Replace the whole state by a snapshot."""
        self.db.restore(image)
        self._forget()
        self.company.load()
        self.timers.load()

    def close(self) -> None:
        """Commit and close."""
        self.db.close()

    def _forget(self) -> None:
        self.chats.forget()
        self.threads.forget()
        self.customers.forget()
