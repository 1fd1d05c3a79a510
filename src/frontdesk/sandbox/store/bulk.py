"""Writing very many finished records at once, as a seed does."""

from typing import Any

import msgspec

from frontdesk.sandbox.store import SandboxStore
from frontdesk.sandbox.store.archive.documents import Document, document
from frontdesk.sandbox.store.archive.index import IsTokenized
from frontdesk.sandbox.store.chats import listed_at
from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.records import (
    ChatRecord,
    CustomerRecord,
    EventRow,
    ThreadRecord,
)
from frontdesk.sandbox.store.timestamps import to_micros

__all__ = ["BulkWriter", "last_created_at"]

_properties = msgspec.json.Encoder().encode


class BulkWriter:
    """Collects closed threads with their chats and customers, and writes them in batches.

    Threads must come in the order of their numbers, which is the order of their creation. A chat
    and its customer come when their last thread has come; only who is in the chat must be known
    from its first thread on. Each batch is committed with its part of the archive index.
    """

    def __init__(self, store: SandboxStore, is_tokenized: IsTokenized) -> None:
        self._store = store
        self._is_tokenized = is_tokenized
        self._thread = Codec(ThreadRecord).encode
        self._chat = Codec(ChatRecord).encode
        self._customer = Codec(CustomerRecord).encode
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _INSERTS}
        self._documents: dict[int, Document] = {}

    @property
    def waiting(self) -> int:
        """How many threads the next batch has so far."""
        return len(self._documents)

    def thread(
        self, thread: ThreadRecord, rows: list[EventRow], chat: ChatRecord, customer: CustomerRecord
    ) -> None:
        """Add a thread with its events; its chat and customer need not be final yet."""
        add = self._rows
        if thread.previous_id is None:
            add["chat_agents"] += [(user.id, chat.num) for user in chat.present_agents()]
        add["threads"].append(
            (
                thread.num,
                thread.id,
                thread.chat,
                to_micros(thread.created_at),
                self._thread(thread),
            )
        )
        add["thread_groups"] += [(group_id, thread.num) for group_id in thread.group_ids]
        add["events"] += [
            (row.thread, row.n, row.type, row.author_id, row.created_at, row.deleted, row.data)
            for row in rows
        ]
        self._documents[thread.num] = document(
            thread,
            chat,
            customer,
            rows,
            agents=self._store.archives.agents(thread, chat),
            is_tokenized=self._is_tokenized,
        )

    def chat(self, chat: ChatRecord, customer: CustomerRecord) -> None:
        """Add a chat and its customer as they are in the end."""
        add = self._rows
        profile = customer.profile
        add["customers"].append(
            (
                customer.id,
                to_micros(profile.created_at or chat.created_at),
                profile.email,
                profile.name,
                self._customer(customer),
            )
        )
        add["chats"].append(
            (
                chat.num,
                chat.id,
                to_micros(chat.created_at),
                chat.customer_id,
                chat.last_thread.num if chat.last_thread else None,
                _properties(chat.properties).decode(),
                self._chat(chat),
                listed_at(chat),
            )
        )
        add["chat_groups"] += [(group_id, chat.num) for group_id in chat.group_ids]

    def flush(self) -> None:
        """Write and commit what came since the last time."""
        db = self._store.db
        for table, statement in _INSERTS.items():
            db.write_many(statement, sorted(self._rows[table]))
            self._rows[table] = []
        self._store.archives.keep(self._documents, new=True)
        self._documents = {}
        self._store.commit()


def last_created_at(store: SandboxStore) -> int | None:
    """Return when the newest thread was created, in microseconds since 1970."""
    row = store.db.row("SELECT max(created_at) FROM threads")
    return row[0] if row else None


_INSERTS = {
    "chat_agents": "INSERT INTO chat_agents VALUES (?, ?, 0)",
    "customers": (
        "INSERT INTO customers (id, created_at, email, name, online, data) "
        "VALUES (?, ?, ?, ?, 0, ?)"
    ),
    "chats": (
        "INSERT INTO chats "
        "(num, id, created_at, customer_id, active, last_thread, properties, data, listed_at) "
        "VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?)"
    ),
    "chat_groups": "INSERT INTO chat_groups VALUES (?, ?)",
    "threads": (
        "INSERT INTO threads (num, id, chat, active, created_at, indexed, data) "
        "VALUES (?, ?, ?, 0, ?, 1, ?)"
    ),
    "thread_groups": "INSERT INTO thread_groups VALUES (?, ?)",
    "events": (
        "INSERT INTO events (thread, n, type, author_id, created_at, deleted, data) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)"
    ),
}
"""Agents come first, so that the triggers find no thread to index again."""
