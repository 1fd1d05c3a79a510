"""Chats, their threads and their events."""

from collections.abc import Iterable, Iterator

import msgspec

from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import ChatRecord, EventRow, Properties, ThreadRecord
from frontdesk.sandbox.store.timestamps import to_micros

__all__ = ["Chats", "Events", "Threads"]

_encode = msgspec.json.Encoder().encode


def _json(properties: Properties) -> str:
    """Properties as the column keeps them, for the triggers that index them."""
    return _encode(properties).decode()


class Chats:
    """The chats. Within one unit of work ``get`` returns the same record each time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._codec = Codec(ChatRecord)
        self._read: dict[str, ChatRecord] = {}

    def get(self, chat_id: str) -> ChatRecord | None:
        """The chat of an id."""
        chat = self._read.get(chat_id)
        if chat is None:
            row = self._db.one("SELECT data FROM chats WHERE id = ?", chat_id)
            if row is not None:
                chat = self._read[chat_id] = self._codec.decode(row[0])
        return chat

    def at(self, num: int) -> ChatRecord:
        """The chat of a row number, as in ``chat_agents.chat``."""
        row = self._db.one("SELECT id FROM chats WHERE num = ?", num)
        chat = self.get(row[0]) if row else None
        if chat is None:
            raise LookupError(f"no chat {num}")
        return chat

    def next_num(self) -> int:
        """The row number of the next chat."""
        row = self._db.one("SELECT max(num) FROM chats")
        return (row[0] or 0) + 1 if row else 1

    def insert(self, chat: ChatRecord) -> None:
        """Keep a new chat, with its groups and agents."""
        self._read[chat.id] = chat
        self._db.write(
            "INSERT INTO chats "
            "(num, id, created_at, customer_id, active, last_thread, properties, data) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            chat.num,
            chat.id,
            to_micros(chat.created_at),
            chat.customer_id,
            chat.active,
            chat.thread.num if chat.thread else None,
            _json(chat.properties),
            self._codec.encode(chat),
        )
        self.save_groups(chat, ())
        self.save_agents(chat)

    def save(self, chat: ChatRecord) -> None:
        """Keep what changed inside the record: members' details, events seen, properties."""
        self._db.write(
            "UPDATE chats SET properties = ?, data = ? WHERE num = ?",
            _json(chat.properties),
            self._codec.encode(chat),
            chat.num,
        )

    def save_state(self, chat: ChatRecord) -> None:
        """Keep a chat whose customer, thread or agents changed."""
        self._db.write(
            "UPDATE chats SET customer_id = ?, active = ?, last_thread = ?, properties = ?, "
            "data = ? WHERE num = ?",
            chat.customer_id,
            chat.active,
            chat.thread.num if chat.thread else None,
            _json(chat.properties),
            self._codec.encode(chat),
            chat.num,
        )
        self.save_agents(chat)

    def save_groups(self, chat: ChatRecord, before: Iterable[int]) -> None:
        """Keep the groups of a chat that had the groups ``before``."""
        for group_id in set(before) - set(chat.group_ids):
            self._db.write(
                "DELETE FROM chat_groups WHERE group_id = ? AND chat = ?", group_id, chat.num
            )
        for group_id in set(chat.group_ids) - set(before):
            self._db.write("INSERT INTO chat_groups VALUES (?, ?)", group_id, chat.num)

    def save_agents(self, chat: ChatRecord) -> None:
        """Keep who of the agents is in the chat, and whose places it takes."""
        takes_place = chat.active and chat.customer_id is not None
        wanted = {
            member.id: int(takes_place and member.visibility == "all") for member in chat.agents()
        }
        kept: dict[str, int] = dict(
            self._db.all("SELECT agent_id, counts FROM chat_agents WHERE chat = ?", chat.num)
        )
        for agent_id, counts in kept.items():
            if wanted.get(agent_id) != counts:
                self._db.write(
                    "DELETE FROM chat_agents WHERE agent_id = ? AND chat = ?", agent_id, chat.num
                )
        for agent_id, counts in wanted.items():
            if kept.get(agent_id) != counts:
                self._db.write(
                    "INSERT INTO chat_agents VALUES (?, ?, ?)", agent_id, chat.num, counts
                )

    def loads(self) -> dict[str, int]:
        """How many places each agent has taken; agents without a chat may be missing."""
        return dict(self._db.all("SELECT agent_id, chats FROM loads"))

    def active_of_agent(self, agent_id: str) -> list[str]:
        """Ids of the active chats that an agent is in, oldest first."""
        rows = self._db.all(
            "SELECT chats.id FROM chat_agents JOIN chats ON chats.num = chat_agents.chat "
            "WHERE agent_id = ? AND active = 1 ORDER BY chats.num",
            agent_id,
        )
        return [row[0] for row in rows]

    def of_customer(self, customer_id: str) -> list[str]:
        """Ids of the chats of a customer, oldest first."""
        rows = self._db.all("SELECT id FROM chats WHERE customer_id = ? ORDER BY num", customer_id)
        return [row[0] for row in rows]

    def newest_active(self) -> Iterator[str]:
        """Ids of all active chats, newest first."""
        before = 1 << 62
        while True:
            rows = self._db.all(
                "SELECT num, id FROM chats WHERE active = 1 AND num < ? ORDER BY num DESC "
                "LIMIT 100",
                before,
            )
            for row in rows:
                yield row[1]
            if not rows:
                return
            before = rows[-1][0]

    def count(self) -> int:
        """How many chats there are."""
        row = self._db.one("SELECT count(*) FROM chats")
        return int(row[0]) if row else 0

    def forget(self) -> None:
        """Let go of the records that were read, at the end of a unit of work."""
        self._read.clear()


class Threads:
    """The threads. Within one unit of work ``get`` returns the same record each time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._codec = Codec(ThreadRecord)
        self._read: dict[str, ThreadRecord] = {}

    def get(self, thread_id: str) -> ThreadRecord | None:
        """The thread of an id."""
        thread = self._read.get(thread_id)
        if thread is None:
            row = self._db.one("SELECT data FROM threads WHERE id = ?", thread_id)
            if row is not None:
                thread = self._read[thread_id] = self._codec.decode(row[0])
        return thread

    def at(self, num: int) -> ThreadRecord | None:
        """The thread of a row number, as in ``events.thread``."""
        row = self._db.one("SELECT id, data FROM threads WHERE num = ?", num)
        if row is None:
            return None
        thread = self._read.get(row[0])
        if thread is None:
            thread = self._read[row[0]] = self._codec.decode(row[1])
        return thread

    def decode(self, data: bytes) -> ThreadRecord:
        """The thread of a blob, for queries that read many."""
        return self._codec.decode(data)

    def next_num(self) -> int:
        """The row number of the next thread."""
        row = self._db.one("SELECT max(num) FROM threads")
        return (row[0] or 0) + 1 if row else 1

    def insert(self, thread: ThreadRecord) -> None:
        """Keep a new thread, with its groups."""
        self._read[thread.id] = thread
        self._db.write(
            "INSERT INTO threads (num, id, chat, active, created_at, data) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            thread.num,
            thread.id,
            thread.chat,
            thread.active,
            to_micros(thread.created_at),
            self._codec.encode(thread),
        )
        self.save_groups(thread, ())

    def save(self, thread: ThreadRecord) -> None:
        """Keep a changed thread; the archive index learns of it when it is next used."""
        self._db.write(
            "UPDATE threads SET active = ?, indexed = 0, data = ? WHERE num = ?",
            thread.active,
            self._codec.encode(thread),
            thread.num,
        )

    def save_groups(self, thread: ThreadRecord, before: Iterable[int]) -> None:
        """Keep the groups of a thread that had the groups ``before``."""
        for group_id in set(before) - set(thread.group_ids):
            self._db.write(
                "DELETE FROM thread_groups WHERE group_id = ? AND thread = ?", group_id, thread.num
            )
        for group_id in set(thread.group_ids) - set(before):
            self._db.write("INSERT INTO thread_groups VALUES (?, ?)", group_id, thread.num)

    def touch(self, num: int) -> None:
        """Tell the archive index that the events of a thread changed."""
        self._db.write("UPDATE threads SET indexed = 0 WHERE num = ? AND indexed = 1", num)

    def of_chat(self, chat_num: int) -> list[ThreadRecord]:
        """All threads of a chat, oldest first."""
        rows = self._db.all("SELECT data FROM threads WHERE chat = ? ORDER BY num", chat_num)
        return [self._codec.decode(row[0]) for row in rows]

    def count(self) -> int:
        """How many threads there are."""
        row = self._db.one("SELECT count(*) FROM threads")
        return int(row[0]) if row else 0

    def forget(self) -> None:
        """Let go of the records that were read, at the end of a unit of work."""
        self._read.clear()


class Events:
    """The events, as the JSON that the API sends."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def insert(
        self,
        thread: int,
        n: int,
        kind: str,
        author_id: str | None,
        created_at: int,
        data: bytes,
    ) -> None:
        """Keep a new event."""
        self._db.write(
            "INSERT INTO events (thread, n, type, author_id, created_at, data) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            thread,
            n,
            kind,
            author_id,
            created_at,
            data,
        )

    def get(self, thread: int, n: int) -> EventRow | None:
        """The n-th event of a thread."""
        row = self._db.one(
            "SELECT thread, n, type, author_id, created_at, deleted, data FROM events "
            "WHERE thread = ? AND n = ?",
            thread,
            n,
        )
        return None if row is None else EventRow(*row)

    def save(self, thread: int, n: int, data: bytes, *, deleted: bool = False) -> None:
        """Keep a changed event."""
        self._db.write(
            "UPDATE events SET data = ?, deleted = ? WHERE thread = ? AND n = ?",
            data,
            deleted,
            thread,
            n,
        )

    def of_thread(self, thread: int) -> list[EventRow]:
        """The events of a thread, oldest first."""
        rows = self._db.all(
            "SELECT thread, n, type, author_id, created_at, deleted, data FROM events "
            "WHERE thread = ? ORDER BY n",
            thread,
        )
        return [EventRow(*row) for row in rows]

    def count(self) -> int:
        """How many events there are."""
        row = self._db.one("SELECT count(*) FROM events")
        return int(row[0]) if row else 0
