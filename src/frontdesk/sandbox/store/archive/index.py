"""The archive index: built when it is next searched, and searched with filters.

``ArchiveIndex.refresh`` indexes the threads that were archived or changed since; each of the other
methods returns a set of threads (see ``postings``), for the caller to combine.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec

from frontdesk.sandbox.store.archive.documents import AgentKind, Document, Terms, document
from frontdesk.sandbox.store.archive.postings import Postings, ThreadSet
from frontdesk.sandbox.store.chats import EventTable
from frontdesk.sandbox.store.codec import Codec
from frontdesk.sandbox.store.company import Company
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import ChatRecord, CustomerRecord, ThreadRecord

__all__ = ["ArchiveIndex", "IsTokenized"]

IsTokenized = Callable[[str, str], bool]

_BATCH = 1000
_encode = msgspec.json.Encoder().encode


class ArchiveIndex:
    """Finds archived threads."""

    def __init__(self, db: Database, company: Company, events: EventTable) -> None:
        self._db = db
        self._company = company
        self._events = events
        self._thread = Codec(ThreadRecord)
        self._chat = Codec(ChatRecord)
        self._customer = Codec(CustomerRecord)
        self.postings: Postings = Postings(db)

    def refresh(self, is_tokenized: IsTokenized) -> None:
        """Index every archived thread whose present state the index does not know.

        ``is_tokenized`` decides which properties are searched by their words.
        """
        while numbers := self._refresh_some(is_tokenized):
            self._db.write(
                "UPDATE threads SET indexed = 1 WHERE num IN (SELECT value FROM json_each(?))",
                _encode(numbers).decode(),
            )

    def _refresh_some(self, is_tokenized: IsTokenized) -> list[int]:
        rows = self._db.rows(
            "SELECT threads.data, chats.data, customers.data FROM threads "
            "JOIN chats ON chats.num = threads.chat "
            "LEFT JOIN customers ON customers.id = chats.customer_id "
            "WHERE indexed = 0 AND threads.active = 0 ORDER BY threads.num LIMIT ?",
            _BATCH,
        )
        documents: dict[int, Document] = {}
        for thread_data, chat_data, customer_data in rows:
            thread: ThreadRecord = self._thread.decode(thread_data)
            chat: ChatRecord = self._chat.decode(chat_data)
            documents[thread.num] = document(
                thread,
                chat,
                None if customer_data is None else self._customer.decode(customer_data),
                self._events.of_thread(thread.num),
                agents=self.agents(thread, chat),
                is_tokenized=is_tokenized,
            )
        self.keep(documents)
        return list(documents)

    def agents(self, thread: ThreadRecord, chat: ChatRecord) -> dict[str, AgentKind]:
        """Return the agents among the users of a thread, and of what kind they are."""
        kinds: dict[str, AgentKind] = {}
        for user_id in thread.user_ids:
            kind = self._agent_kind(chat, user_id)
            if kind is not None:
                kinds[user_id] = kind
        return kinds

    def _agent_kind(self, chat: ChatRecord, user_id: str) -> AgentKind | None:
        agent = self._company.agents.get(user_id)
        if agent is None:
            user = chat.user(user_id)
            return "human" if user is not None and user.type == "agent" else None
        if not agent.bot:
            return "human"
        return "ai_agent" if agent.bot_type == "ai_agent" else "chatbot"

    def keep(self, documents: dict[int, Document], *, new: bool = False) -> None:
        """Put threads into the index, or what changed of them.

        ``new`` promises that the index has none of them.
        """
        terms: set[str] = set()
        for indexed in documents.values():
            terms |= indexed.terms
        ids = self.postings.make_ids(terms)
        before: dict[int, bytes] = {} if new else self._before(documents)
        added: defaultdict[int, list[int]] = defaultdict(list)
        removed: defaultdict[int, list[int]] = defaultdict(list)
        kept: list[tuple[int, bytes]] = []
        for num, indexed in documents.items():
            now = array("I", sorted(map(ids.__getitem__, indexed.terms)))
            kept.append((num, now.tobytes()))
            old = array("I", before.get(num, b""))
            for term in set(now).difference(old) if old else now:
                added[term].append(num)
            for term in set(old).difference(now):
                removed[term].append(num)
        self.postings.change(added, removed)
        self._db.write_many("INSERT OR REPLACE INTO archived VALUES (?, ?)", kept)
        if not new:
            self._db.write_many(
                "DELETE FROM term_timestamps WHERE thread = ?", ((num,) for num in documents)
            )
        self._db.write_many(
            "INSERT INTO term_timestamps VALUES (?, ?, ?)",
            sorted(
                (ids[term], at, num)
                for num, indexed in documents.items()
                for term, at in indexed.dated
            ),
        )

    def forget(self, num: int) -> None:
        """Take a thread out of the index."""
        self.keep({num: Document(set(), set())})
        self._db.write("DELETE FROM archived WHERE thread = ?", num)

    def _before(self, documents: Iterable[int]) -> dict[int, bytes]:
        rows = self._db.rows(
            "SELECT thread, terms FROM archived WHERE thread IN (SELECT value FROM json_each(?))",
            _encode(list(documents)).decode(),
        )
        return dict(rows)

    def every(self) -> ThreadSet:
        """Return all archived threads."""
        return self.postings.any_of((Terms.EVERY,))

    def reached(self, agent_id: str, group_ids: Iterable[int]) -> ThreadSet:
        """Return the archived threads of some groups, and those of chats that an agent is in."""
        terms = {Terms.value("group", group_id) for group_id in group_ids}
        return self.postings.any_of((Terms.value("in", agent_id), *terms))

    def dated(self, terms: Sequence[str], from_: int | None, to: int | None) -> ThreadSet:
        """Return the threads that have one of the terms between two times, both included."""
        if from_ is None and to is None:
            return self.postings.any_of(terms)
        return self.postings.selected(
            "SELECT json_group_array(thread) FROM term_timestamps "
            "WHERE term IN (SELECT value FROM json_each(?)) AND at BETWEEN ? AND ?",
            _encode(list(self.postings.ids(terms).values())).decode(),
            _OLDEST if from_ is None else from_,
            _NEWEST if to is None else to,
        )

    def created(self, from_: int | None, to: int | None) -> ThreadSet:
        """Return the threads, archived or not, created between two times, both included."""
        span = (_OLDEST if from_ is None else from_, _NEWEST if to is None else to)
        row = self._db.row(
            "SELECT min(num), max(num), count(*) FROM threads WHERE created_at BETWEEN ? AND ?",
            *span,
        )
        assert row is not None
        first, last, count = row
        if not count:
            return 0
        if last - first + 1 == count:
            return int((1 << last + 1) - (1 << first))
        return self.postings.selected(
            "SELECT json_group_array(num) FROM threads WHERE created_at BETWEEN ? AND ?", *span
        )

    def of_chats(self, chat_ids: Sequence[str]) -> ThreadSet:
        """Return the threads of some chats."""
        return self.postings.selected(
            "SELECT json_group_array(threads.num) FROM chats "
            "JOIN threads ON threads.chat = chats.num "
            "WHERE chats.id IN (SELECT value FROM json_each(?))",
            _encode(chat_ids).decode(),
        )

    def of_ids(self, thread_ids: Sequence[str]) -> ThreadSet:
        """Return the threads of some ids."""
        return self.postings.selected(
            "SELECT json_group_array(num) FROM threads "
            "WHERE id IN (SELECT value FROM json_each(?))",
            _encode(thread_ids).decode(),
        )

    def of_customer(self, customer_id: str) -> ThreadSet:
        """Return the threads of a customer."""
        return self.postings.selected(
            "SELECT json_group_array(threads.num) FROM chats "
            "JOIN threads ON threads.chat = chats.num WHERE chats.customer_id = ?",
            customer_id,
        )

    def of_email(self, email: str) -> ThreadSet:
        """Return the threads of the customers with an e-mail address; case does not matter."""
        return self.postings.selected(
            "SELECT json_group_array(threads.num) FROM customers "
            "JOIN chats ON chats.customer_id = customers.id "
            "JOIN threads ON threads.chat = chats.num WHERE customers.email = ?",
            email,
        )

    def neighbour(
        self, thread: ThreadRecord, group_ids: Iterable[int], *, newer: bool
    ) -> str | None:
        """Return the id of the chat's nearest thread of one of the groups, before or after."""
        beyond, order = (">", "ASC") if newer else ("<", "DESC")
        row = self._db.row(
            f"SELECT id FROM threads WHERE chat = ? AND num {beyond} ? AND EXISTS ("  # noqa: S608
            "SELECT 1 FROM thread_groups WHERE thread = threads.num "
            "AND group_id IN (SELECT value FROM json_each(?))) "
            f"ORDER BY num {order} LIMIT 1",
            thread.chat,
            thread.num,
            _encode(list(group_ids)).decode(),
        )
        return None if row is None else row[0]


_OLDEST = -(1 << 62)
_NEWEST = 1 << 62
