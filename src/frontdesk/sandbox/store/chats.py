"""Chats, their threads and their events."""

from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec import Struct

from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import ChatRecord, EventRow, ThreadRecord
from frontdesk.sandbox.store.timestamps import to_micros
from frontdesk.sandbox.store.tracked import Tracked

__all__ = ["ChatTable", "EventTable", "ThreadTable", "listed_at"]

_encode = msgspec.json.Encoder().encode
_CONTROL = bytes(range(32))
"""Characters that JSON has only escaped, which the decoder does not mind in what it skips."""


class _AnyObject(Struct, gc=False):
    """An object of JSON with whatever is in it, which is looked through and not kept."""


_decode_objects = msgspec.json.Decoder(list[_AnyObject]).decode


def listed_at(chat: ChatRecord) -> int:
    """Return what a chat is listed by: when its last thread was created, or the chat itself."""
    return to_micros(chat.created_at if chat.last_thread is None else chat.last_thread.created_at)


class ChatTable:
    """The chats, with the groups that have access to them and the agents in them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.tracked: Tracked[ChatRecord] = Tracked(
            Codec(ChatRecord), self._find, self._write, _Links
        )
        self.get: Callable[[str], ChatRecord | None] = self.tracked.get
        self.read: Callable[[str], ChatRecord | None] = self.tracked.read
        self.flush: Callable[[], None] = self.tracked.flush

    def add(self, chat: ChatRecord) -> None:
        """Keep a new chat."""
        self.tracked.add(chat.id, chat)

    def remove(self, chat: ChatRecord) -> None:
        """Delete a chat; its threads are to be removed before."""
        self.tracked.discard(chat.id)
        for table in ("chat_agents", "chat_groups", "chat_properties"):
            self._db.write(f"DELETE FROM {table} WHERE chat = ?", chat.num)  # noqa: S608
        self._db.write("DELETE FROM chats WHERE num = ?", chat.num)

    def at(self, num: int) -> ChatRecord:
        """Return the chat of a row number, as in ``queue.chat``."""
        row = self._db.row("SELECT id FROM chats WHERE num = ?", num)
        chat = self.get(row[0]) if row else None
        if chat is None:
            raise LookupError(f"no chat {num}")
        return chat

    def read_many(self, nums: list[int]) -> list[ChatRecord]:
        """Return the chats of some row numbers to look at, in the order of the numbers."""
        rows = self._db.rows(
            "SELECT num, id, data FROM chats WHERE num IN (SELECT value FROM json_each(?))",
            _encode(nums).decode(),
        )
        chats = {num: self.tracked.adopt(chat_id, data) for num, chat_id, data in rows}
        return [chats[num] for num in nums]

    def next_num(self) -> int:
        """Return the row number of the next chat."""
        self.flush()
        row = self._db.row("SELECT max(num) FROM chats")
        return (row[0] or 0) + 1 if row else 1

    def loads(self) -> dict[str, int]:
        """Return how many places each agent has taken; agents without a chat may be missing."""
        self.flush()
        return dict(self._db.rows("SELECT agent_id, chats FROM loads"))

    def active_of_agent(self, agent_id: str) -> list[str]:
        """Return the ids of the active chats that an agent is in, oldest first."""
        self.flush()
        rows = self._db.rows(
            "SELECT chats.id FROM chat_agents JOIN chats ON chats.num = chat_agents.chat "
            "WHERE agent_id = ? AND active = 1 ORDER BY chats.num",
            agent_id,
        )
        return [row[0] for row in rows]

    def of_agent(self, agent_id: str) -> list[str]:
        """Return the ids of all chats that an agent is in, active or not, oldest first."""
        self.flush()
        rows = self._db.rows(
            "SELECT chats.id FROM chat_agents JOIN chats ON chats.num = chat_agents.chat "
            "WHERE agent_id = ? ORDER BY chats.num",
            agent_id,
        )
        return [row[0] for row in rows]

    def of_group(self, group_id: int) -> list[str]:
        """Return the ids of the chats that belong to a group, oldest first."""
        self.flush()
        rows = self._db.rows(
            "SELECT chats.id FROM chat_groups JOIN chats ON chats.num = chat_groups.chat "
            "WHERE group_id = ? ORDER BY chats.num",
            group_id,
        )
        return [row[0] for row in rows]

    def followed_by(self, agent_id: str) -> list[str]:
        """Return the ids of the chats that an agent follows, oldest first.

        It reads each chat whose blob holds the id: for what happens rarely.
        """
        self.flush()
        rows = self._db.rows(
            "SELECT id, data FROM chats WHERE instr(data, ?) ORDER BY num", agent_id.encode()
        )
        return [
            chat_id
            for chat_id, data in rows
            if agent_id in self.tracked.adopt(chat_id, data).followers
        ]

    def of_customer(self, customer_id: str) -> list[str]:
        """Return the ids of the chats of a customer, oldest first."""
        self.flush()
        rows = self._db.rows("SELECT id FROM chats WHERE customer_id = ? ORDER BY num", customer_id)
        return [row[0] for row in rows]

    def with_property(self, namespace: str, name: str) -> list[str]:
        """Return the ids of the chats that have a property, oldest first."""
        self.flush()
        rows = self._db.rows(
            "SELECT chats.id FROM chat_properties JOIN chats ON chats.num = chat_properties.chat "
            "WHERE namespace = ? AND name = ? ORDER BY chats.num",
            namespace,
            name,
        )
        return [row[0] for row in rows]

    def current_of_customer(self, customer_id: str) -> str | None:
        """Return the id of a customer's active chat, or of the one with the newest thread."""
        self.flush()
        row = self._db.row(
            "SELECT id FROM chats WHERE customer_id = ? "
            "ORDER BY active DESC, listed_at DESC, num DESC LIMIT 1",
            customer_id,
        )
        return row[0] if row else None

    def active_of_customer(self, customer_id: str) -> list[str]:
        """Return the ids of the active chats of a customer, oldest first."""
        self.flush()
        rows = self._db.rows(
            "SELECT id FROM chats WHERE customer_id = ? AND active = 1 ORDER BY num", customer_id
        )
        return [row[0] for row in rows]

    def newest_active(self) -> Iterator[str]:
        """Yield the ids of all active chats, those with the newest thread first."""
        self.flush()
        before: tuple[int, int] = (1 << 62, 0)
        while True:
            rows = self._db.rows(
                "SELECT listed_at, num, id FROM chats WHERE active = 1 "
                "AND (listed_at, num) < (?, ?) ORDER BY listed_at DESC, num DESC LIMIT 100",
                *before,
            )
            for row in rows:
                yield row[2]
            if not rows:
                return
            before = rows[-1][:2]

    def count(self) -> int:
        """Return how many chats there are."""
        self.flush()
        row = self._db.row("SELECT count(*) FROM chats")
        return int(row[0]) if row else 0

    def count_active(self) -> int:
        """Return how many chats are active."""
        self.flush()
        row = self._db.row("SELECT count(*) FROM chats WHERE active = 1")
        return int(row[0]) if row else 0

    def _find(self, chat_id: str) -> bytes | None:
        row = self._db.row("SELECT data FROM chats WHERE id = ?", chat_id)
        return row[0] if row else None

    def _write(self, chat: ChatRecord, data: bytes, before: "_Links | None") -> "_Links":
        links = _Links(chat)
        if before is None:
            self._insert(chat, data)
        elif links.columns == before.columns:
            # Naming a column costs its indexes and triggers, even if its value stays.
            self._db.write("UPDATE chats SET data = ? WHERE num = ?", data, chat.num)
        else:
            self._db.write(
                "UPDATE chats SET customer_id = ?, active = ?, last_thread = ?, properties = ?, "
                "listed_at = ?, data = ? WHERE num = ?",
                chat.customer_id,
                chat.active,
                chat.last_thread.num if chat.last_thread else None,
                _encode(chat.properties).decode(),
                listed_at(chat),
                data,
                chat.num,
            )
        if before is None or links.group_ids != before.group_ids:
            self._write_groups(chat, before.group_ids if before else [])
        if before is None or links.places != before.places:
            self._write_agents(chat.num, links.places, before.places if before else {})
        return links

    def _insert(self, chat: ChatRecord, data: bytes) -> None:
        self._db.write(
            "INSERT INTO chats "
            "(num, id, created_at, customer_id, active, last_thread, properties, data, listed_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            chat.num,
            chat.id,
            to_micros(chat.created_at),
            chat.customer_id,
            chat.active,
            chat.last_thread.num if chat.last_thread else None,
            _encode(chat.properties).decode(),
            data,
            listed_at(chat),
        )

    def _write_groups(self, chat: ChatRecord, before: list[int]) -> None:
        for group_id in set(before) - set(chat.group_ids):
            self._db.write(
                "DELETE FROM chat_groups WHERE group_id = ? AND chat = ?", group_id, chat.num
            )
        for group_id in set(chat.group_ids) - set(before):
            self._db.write("INSERT INTO chat_groups VALUES (?, ?)", group_id, chat.num)

    def _write_agents(self, num: int, places: dict[str, bool], before: dict[str, bool]) -> None:
        """Keep who of the agents is in the chat, and whose places it takes."""
        for agent_id, counts in before.items():
            if places.get(agent_id) != counts:
                self._db.write(
                    "DELETE FROM chat_agents WHERE agent_id = ? AND chat = ?", agent_id, num
                )
        for agent_id, counts in places.items():
            if before.get(agent_id) != counts:
                self._db.write("INSERT INTO chat_agents VALUES (?, ?, ?)", agent_id, num, counts)


class _Links:
    """What columns and other tables hold of a chat: its groups, and the agents in it.

    ``places`` has true for an agent who has a place taken by the chat.
    """

    __slots__ = ("columns", "group_ids", "places")

    def __init__(self, chat: ChatRecord) -> None:
        last = chat.last_thread
        takes_place = last is not None and last.active and chat.customer_id is not None
        self.columns = (
            chat.customer_id,
            last and (last.num, last.active),
            {namespace: dict(values) for namespace, values in chat.properties.items()},
        )
        self.group_ids = list(chat.group_ids)
        self.places = {
            user.id: takes_place and user.visibility == "all"
            for user in chat.users
            if user.present and user.type == "agent"
        }


def _groups(thread: ThreadRecord) -> list[int]:
    """Return what another table holds of a thread."""
    return list(thread.group_ids)


class ThreadTable:
    """The threads, with the groups that have access to them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.tracked: Tracked[ThreadRecord] = Tracked(
            Codec(ThreadRecord), self._find, self._write, _groups
        )
        self.get: Callable[[str], ThreadRecord | None] = self.tracked.get
        self.read: Callable[[str], ThreadRecord | None] = self.tracked.read
        self.flush: Callable[[], None] = self.tracked.flush

    def add(self, thread: ThreadRecord) -> None:
        """Keep a new thread."""
        self.tracked.add(thread.id, thread)

    def read_at(self, num: int) -> ThreadRecord | None:
        """Return the thread of a row number, as in ``events.thread``, to look at."""
        row = self._db.row("SELECT id, data FROM threads WHERE num = ?", num)
        return self.tracked.adopt(row[0], row[1]) if row else None

    def read_many(self, nums: list[int]) -> list[ThreadRecord]:
        """Return the threads of some row numbers to look at, in the order of the numbers."""
        rows = self._db.rows(
            "SELECT num, id, data FROM threads WHERE num IN (SELECT value FROM json_each(?))",
            _encode(nums).decode(),
        )
        threads = {num: self.tracked.adopt(thread_id, data) for num, thread_id, data in rows}
        return [threads[num] for num in nums]

    def of_chat(self, chat_num: int) -> list[ThreadRecord]:
        """Return all threads of a chat to look at, oldest first."""
        self.flush()
        rows = self._db.rows("SELECT id, data FROM threads WHERE chat = ? ORDER BY num", chat_num)
        return [self.tracked.adopt(thread_id, data) for thread_id, data in rows]

    def of_group(self, group_id: int) -> list[str]:
        """Return the ids of the threads that belong to a group, oldest first."""
        self.flush()
        rows = self._db.rows(
            "SELECT threads.id FROM thread_groups JOIN threads ON threads.num = "
            "thread_groups.thread WHERE group_id = ? ORDER BY threads.num",
            group_id,
        )
        return [row[0] for row in rows]

    def closed(self, from_: int | None, to: int | None) -> list[ThreadRecord]:
        """Return the closed threads created between two times, both included, to look at."""
        self.flush()
        rows = self._db.rows(
            "SELECT id, data FROM threads WHERE active = 0 "
            "AND created_at >= coalesce(?, created_at) AND created_at <= coalesce(?, created_at) "
            "ORDER BY num",
            from_,
            to,
        )
        return [self.tracked.adopt(thread_id, data) for thread_id, data in rows]

    def with_property(self, namespace: str, name: str) -> list[str]:
        """Return the ids of the threads that have a property, oldest first.

        It looks through all of them: for what happens rarely.
        """
        self.flush()
        rows = self._db.rows(
            "SELECT id, data FROM threads WHERE instr(data, ?) AND instr(data, ?) ORDER BY num",
            namespace.encode(),
            name.encode(),
        )
        return [
            thread_id
            for thread_id, data in rows
            if name in self.tracked.adopt(thread_id, data).properties.get(namespace, {})
        ]

    def remove(self, thread: ThreadRecord) -> None:
        """Delete a thread with its events."""
        self.tracked.discard(thread.id)
        for table in ("events", "thread_groups"):
            self._db.write(f"DELETE FROM {table} WHERE thread = ?", thread.num)  # noqa: S608
        self._db.write("DELETE FROM threads WHERE num = ?", thread.num)

    def next_num(self) -> int:
        """Return the row number of the next thread."""
        self.flush()
        row = self._db.row("SELECT max(num) FROM threads")
        return (row[0] or 0) + 1 if row else 1

    def touch(self, num: int) -> None:
        """Have the archive index read a thread again, whose events changed."""
        self._db.write("UPDATE threads SET indexed = 0 WHERE num = ? AND indexed = 1", num)

    def count(self) -> int:
        """Return how many threads there are."""
        self.flush()
        row = self._db.row("SELECT count(*) FROM threads")
        return int(row[0]) if row else 0

    def _find(self, thread_id: str) -> bytes | None:
        row = self._db.row("SELECT data FROM threads WHERE id = ?", thread_id)
        return row[0] if row else None

    def _write(self, thread: ThreadRecord, data: bytes, before: list[int] | None) -> list[int]:
        if before is None:
            self._db.write(
                "INSERT INTO threads (num, id, chat, active, created_at, data) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                thread.num,
                thread.id,
                thread.chat,
                thread.active,
                to_micros(thread.created_at),
                data,
            )
        else:
            # The archive index reads the thread again when it is next used.
            self._db.write(
                "UPDATE threads SET active = ?, indexed = 0, data = ? WHERE num = ?",
                thread.active,
                data,
                thread.num,
            )
        if before != thread.group_ids:
            self._write_groups(thread, before or ())
        return list(thread.group_ids)

    def _write_groups(self, thread: ThreadRecord, before: Iterable[int]) -> None:
        for group_id in set(before) - set(thread.group_ids):
            self._db.write(
                "DELETE FROM thread_groups WHERE group_id = ? AND thread = ?", group_id, thread.num
            )
        for group_id in set(thread.group_ids) - set(before):
            self._db.write("INSERT INTO thread_groups VALUES (?, ?)", group_id, thread.num)


def _checked(rows: list[EventRow]) -> list[EventRow]:
    """Return rows whose JSON goes out as it is; raise what decoding raises if one is damaged."""
    # All at once: that costs a third of looking at one after the other.
    try:
        data = b"[%b]" % b",".join([row.data for row in rows])
    except TypeError:
        raise msgspec.DecodeError("an event is no bytes") from None
    if len(_decode_objects(data)) != len(rows) or len(data.translate(None, _CONTROL)) != len(data):
        raise msgspec.DecodeError("an event is no JSON object")
    # The decoder does not look at the bytes of texts that it skips.
    if not data.isascii():
        data.decode()
    return rows


class EventTable:
    """The events, as the JSON that the API sends.

    Reading raises ``msgspec.DecodeError`` or ``UnicodeError`` for one that is damaged.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(
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
        """Return the n-th event of a thread."""
        row = self._db.row(
            "SELECT thread, n, type, author_id, created_at, deleted, data FROM events "
            "WHERE thread = ? AND n = ?",
            thread,
            n,
        )
        return None if row is None else _checked([EventRow(*row)])[0]

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
        """Return the events of a thread, oldest first."""
        rows = self._db.rows(
            "SELECT thread, n, type, author_id, created_at, deleted, data FROM events "
            "WHERE thread = ? ORDER BY n",
            thread,
        )
        return _checked([EventRow(*row) for row in rows])

    def mentioning(self, text: str, other: str) -> list[EventRow]:
        """Return the events that have two texts anywhere in their JSON, oldest first.

        It looks through all of them: for what happens rarely.
        """
        rows = self._db.rows(
            "SELECT thread, n, type, author_id, created_at, deleted, data FROM events "
            "WHERE instr(data, ?) AND instr(data, ?) ORDER BY thread, n",
            _encode(text)[1:-1],
            _encode(other)[1:-1],
        )
        return _checked([EventRow(*row) for row in rows])

    def count(self) -> int:
        """Return how many events there are."""
        row = self._db.row("SELECT count(*) FROM events")
        return int(row[0]) if row else 0
