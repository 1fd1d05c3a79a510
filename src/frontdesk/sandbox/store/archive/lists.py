"""Lists that pages are read from: chats, the threads of a chat, and sets of archived threads."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from frontdesk.sandbox.store.archive.postings import ThreadSet
from frontdesk.sandbox.store.archive.tokenizer import Query, words
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.paging import NumberedRows, Place

__all__ = ["BitRows", "ChatKey", "ListedChats", "ListedThreads", "PropertyCondition"]

SEVERAL: Final = 50
"""Conditions of properties that are conditions of SQL; of those, SQLite takes less than 1000."""
_encode = msgspec.json.Encoder().encode


def _array(values: Iterable[Any]) -> str:
    return _encode(list(values)).decode()


class BitRows(NumberedRows):
    """A set of archived threads, as a list."""

    def __init__(self, threads: ThreadSet) -> None:
        self._threads = threads

    def take(self, limit: int, *, than: int | None, older: bool) -> list[int]:
        """Return the next threads that are older (or newer) than one, nearest first."""
        threads = self._threads
        taken: list[int] = []
        if older:
            rest = threads if than is None else threads & ((1 << than) - 1)
            while rest and len(taken) < limit:
                taken.append(rest.bit_length() - 1)
                rest ^= 1 << taken[-1]
            return taken
        first = 0 if than is None else than + 1
        rest = threads >> first
        while rest and len(taken) < limit:
            skipped = (rest & -rest).bit_length()
            first += skipped
            taken.append(first - 1)
            rest >>= skipped
        return taken

    def count(self) -> int:
        """Return how many there are."""
        return self._threads.bit_count()


class _SqlRows:
    """Rows of a table that fulfil all of some conditions."""

    _table = ""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._conditions: list[str] = []
        self._values: list[Any] = []

    def _require(self, condition: str, *values: Any, holds: bool = True) -> None:
        self._conditions.append(condition if holds else f"NOT ({condition})")
        self._values += values

    def count(self) -> int:
        """Return how many there are."""
        row = self._db.row(
            f"SELECT count(*) FROM {self._table} "  # noqa: S608
            f"WHERE {' AND '.join(self._conditions) or 1}",
            *self._values,
        )
        return int(row[0]) if row else 0


ChatKey: TypeAlias = tuple[int, int]
"""What a chat is listed by: the creation of its last thread in microseconds, and its number."""


class _Listing(Struct, frozen=True):
    """An SQL expression that chats are listed by, the chats it is for, and the values of both."""

    key: str
    key_values: tuple[Any, ...] = ()
    condition: str = "1"
    condition_values: tuple[Any, ...] = ()


class PropertyCondition(Struct, frozen=True, gc=False):
    """What the property of a chat must be, or (``holds`` false) must not be.

    Args:
        namespace: Of the property.
        name: Of the property.
        values: It has one of these; ``None``: it is set.
        holds: Whether that must be so.
        tokenized: The property has a value when it has each word of it.
    """

    namespace: str
    name: str
    values: Sequence[Any] | None
    holds: bool
    tokenized: bool = False


class ListedChats(_SqlRows):
    """Chats, narrowed by conditions; without any, all of them.

    They are listed by the creation of their last threads; a chat without threads by its own.

    Args:
        db: The database.
        as_of: The time in microseconds that a walk began at: the chats are listed as they were
            then, so that one that gets another thread is neither met again nor missed. Defaults to
            the present.
    """

    _table = "chats"
    _in_groups = (
        "EXISTS (SELECT 1 FROM chat_groups WHERE chat = chats.num "
        "AND group_id IN (SELECT value FROM json_each(?)))"
    )
    _holding = "EXISTS (SELECT 1 FROM chat_agents WHERE agent_id = ? AND chat = chats.num)"
    _listed_then = (
        "coalesce((SELECT max(threads.created_at) FROM threads "
        "WHERE threads.chat = chats.num AND threads.created_at <= ?), chats.created_at)"
    )

    def __init__(self, db: Database, as_of: int | None = None) -> None:
        super().__init__(db)
        self._as_of = as_of

    def take(self, limit: int, *, than: ChatKey | None, older: bool) -> list[ChatKey]:
        """Return the next chats that are older (or newer) than one, nearest first."""
        if self._as_of is None:
            return self._beyond(_Listing("listed_at"), limit, than, older=older)
        then = (self._as_of,)
        unmoved = _Listing("listed_at", condition="listed_at <= ?", condition_values=then)
        since_moved = _Listing(
            self._listed_then,
            key_values=then,
            condition="listed_at > ? AND chats.created_at <= ?",
            condition_values=then * 2,
        )
        still = self._beyond(unmoved, limit, than, older=older)
        moved = self._beyond(since_moved, limit, than, older=older)
        return sorted([*still, *moved], reverse=older)[:limit] if moved else still

    def _beyond(
        self, listing: _Listing, limit: int, than: ChatKey | None, *, older: bool
    ) -> list[ChatKey]:
        beyond, order = ("<", "DESC") if older else (">", "ASC")
        place = "1" if than is None else f"({listing.key}, num) {beyond} (?, ?)"
        return self._db.rows(
            f"SELECT {listing.key} AS at, num FROM chats "  # noqa: S608
            f"WHERE {' AND '.join([listing.condition, *self._conditions])} AND {place} "
            f"ORDER BY at {order}, num {order} LIMIT ?",
            *listing.key_values,
            *listing.condition_values,
            *self._values,
            *(() if than is None else (*listing.key_values, *than)),
            limit,
        )

    def count(self) -> int:
        """Return how many there are, or were then."""
        everything = super().count()
        if self._as_of is None:
            return everything
        # Counting the few that are new is quick; comparing the creation of all would read them all.
        conditions = ["listed_at > ?", "chats.created_at > ?", *self._conditions]
        row = self._db.row(
            f"SELECT count(*) FROM chats WHERE {' AND '.join(conditions)}",  # noqa: S608
            self._as_of,
            self._as_of,
            *self._values,
        )
        return everything - (row[0] if row else 0)

    def place(self, key: ChatKey, *, after: bool) -> Place:
        """Return the place after a chat, or before it."""
        return Place(key[1], after, key[0])

    def key(self, place: Place, offset: int = 0) -> ChatKey:
        """Return the key that a place is beside, or the one next to it."""
        return place.at, place.num + offset

    def reached(self, agent_id: str, group_ids: Iterable[int]) -> None:
        """Those that share one of the groups, or that an agent is in."""
        self._require(f"({self._in_groups} OR {self._holding})", _array(group_ids), agent_id)

    def of_customer(self, customer_id: str) -> None:
        """Those of a customer."""
        self._require("customer_id = ?", customer_id)

    def active(self, active: bool) -> None:
        """Those with an open thread, or those without."""
        self._require("active = 1", holds=active)

    def with_threads(self) -> None:
        """Those that have threads."""
        self._require("last_thread IS NOT NULL")

    def in_groups(self, group_ids: Iterable[int]) -> None:
        """Those that one of the groups has access to."""
        self._require(self._in_groups, _array(group_ids))

    def with_properties(self, conditions: Sequence[PropertyCondition]) -> None:
        """Those that fulfil all of some conditions of their properties."""
        if len(conditions) > SEVERAL:
            self._with_very_many(conditions)
            return
        for condition in conditions:
            having = ""
            values: tuple[str, ...] = ()
            if condition.values is not None:
                having = " AND value IN (SELECT value FROM json_each(?))"
                values = (_array(self._spelled(condition)),)
            self._require(
                "num IN (SELECT chat FROM chat_properties "  # noqa: S608
                f"WHERE namespace = ? AND name = ?{having})",
                condition.namespace,
                condition.name,
                *values,
                holds=condition.holds,
            )

    def _with_very_many(self, conditions: Sequence[PropertyCondition]) -> None:
        """Do as ``with_properties`` in SQL that is as long for any number of conditions."""
        matching = (
            "SELECT property.chat FROM json_each(?) AS condition "
            "JOIN chat_properties AS property "
            "ON property.namespace = json_extract(condition.value, '$[0]') "
            "AND property.name = json_extract(condition.value, '$[1]') "
            "WHERE json_type(condition.value, '$[2]') = 'null' OR property.value IN "
            "(SELECT value FROM json_each(condition.value, '$[2]'))"
        )
        rows: dict[bool, list[tuple[str, str, Sequence[Any] | None]]] = {True: [], False: []}
        for condition in conditions:
            values = None if condition.values is None else self._spelled(condition)
            rows[condition.holds].append((condition.namespace, condition.name, values))
        if rows[True]:
            # A chat has each property once, so it matches each condition once at most.
            self._require(
                f"num IN ({matching} GROUP BY property.chat HAVING count(*) = ?)",
                _array(rows[True]),
                len(rows[True]),
            )
        if rows[False]:
            self._require(f"num IN ({matching})", _array(rows[False]), holds=False)

    def _spelled(self, condition: PropertyCondition) -> list[Any]:
        """Return the values that a property has if the condition holds."""
        values = list(condition.values or ())
        if condition.tokenized:
            values += self._spellings(condition.namespace, condition.name, values)
        return values

    def _spellings(self, namespace: str, name: str, values: Sequence[Any]) -> list[str]:
        queries = [Query(value).terms for value in values if isinstance(value, str)]
        rows = self._db.rows(
            "SELECT DISTINCT value FROM chat_properties WHERE namespace = ? AND name = ?",
            namespace,
            name,
        )
        return [
            text for (text,) in rows if any(terms and terms <= words(text) for terms in queries)
        ]


class ListedThreads(NumberedRows, _SqlRows):
    """The threads of a chat, narrowed by conditions."""

    _table = "threads"

    def __init__(self, db: Database, chat: int) -> None:
        super().__init__(db)
        self._require("chat = ?", chat)

    def take(self, limit: int, *, than: int | None, older: bool) -> list[int]:
        """Return the numbers of the next rows that are older (or newer) than one, nearest first."""
        beyond, order = ("<", "DESC") if older else (">", "ASC")
        conditions = (
            [*self._conditions, f"num {beyond} ?"] if than is not None else self._conditions
        )
        rows = self._db.rows(
            f"SELECT num FROM threads WHERE {' AND '.join(conditions)} "  # noqa: S608
            f"ORDER BY num {order} LIMIT ?",
            *self._values,
            *(() if than is None else (than,)),
            limit,
        )
        return [row[0] for row in rows]

    def in_groups(self, group_ids: Iterable[int]) -> None:
        """Those that one of the groups has access to."""
        self._require(
            "EXISTS (SELECT 1 FROM thread_groups "
            "WHERE thread = threads.num AND group_id IN (SELECT value FROM json_each(?)))",
            _array(group_ids),
        )

    def events(self, num: int) -> int:
        """Return how many events a thread has."""
        row = self._db.row("SELECT count(*) FROM events WHERE thread = ?", num)
        return int(row[0]) if row else 0

    def created(self, from_: int | None, to: int | None) -> None:
        """Those created between two times, both included."""
        if from_ is not None:
            self._require("created_at >= ?", from_)
        if to is not None:
            self._require("created_at <= ?", to)
