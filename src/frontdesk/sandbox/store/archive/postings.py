"""Which threads have which term: sets of threads, kept as bits.

A set of threads is an ``int`` with the bit ``threads.num`` set for each of them, so that filters
combine with ``&``, ``|`` and ``& ~``, are counted with ``bit_count``, and read in order of time
from either end; 100,000 threads take 12 kB.

A term's set is stored in blocks of 65,536 threads: small ones as sorted 16-bit numbers, large ones
as bits.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

import msgspec

from frontdesk.sandbox.store.database import Database

__all__ = ["Postings", "ThreadSet", "as_bits"]

ThreadSet: TypeAlias = int
"""A set of threads, as bits."""

_BLOCK_BITS = 16
_BLOCK_BYTES = (1 << _BLOCK_BITS) // 8
_IN_BLOCK = (1 << _BLOCK_BITS) - 1
_BLOCKS_PER_TERM = 20
_FEW = 1024
"""Up to how many threads a block is kept as numbers."""

_numbers = msgspec.json.Decoder(list[int]).decode
_encode = msgspec.json.Encoder().encode


def as_bits(numbers: Iterable[int]) -> ThreadSet:
    """Return the set of some row numbers."""
    listed = list(numbers)
    if not listed:
        return 0
    bits = bytearray(max(listed) // 8 + 1)
    for number in listed:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


class Postings:
    """The terms and their threads."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def ids(self, terms: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of those terms that some thread has had."""
        rows = self._db.rows(
            "SELECT name, id FROM terms WHERE name IN (SELECT value FROM json_each(?))",
            _encode(list(terms)).decode(),
        )
        return dict(rows)

    def make_ids(self, terms: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of terms, new ones included."""
        listed = list(terms)
        ids = self.ids(listed)
        new = [(term,) for term in listed if term not in ids]
        if new:
            self._db.write_many("INSERT INTO terms (name) VALUES (?)", sorted(new))
            ids |= self.ids(term for (term,) in new)
        return ids

    def any_of(self, terms: Iterable[str]) -> ThreadSet:
        """Return the threads that have one of the terms."""
        threads = 0
        for term in self.ids(set(terms)).values():
            threads |= self._read(term)
        return threads

    def all_of(self, terms: Iterable[str]) -> ThreadSet:
        """Return the threads that have every one of the terms; none without terms."""
        names = set(terms)
        ids = self.ids(names)
        if not names or len(ids) < len(names):
            return 0
        rest = iter(ids.values())
        threads = self._read(next(rest))
        for term in rest:
            threads &= self._read(term)
        return threads

    def selected(self, sql: str, *values: object) -> ThreadSet:
        """Return the threads whose numbers a query gives as one JSON array."""
        row = self._db.row(sql, *values)
        return as_bits(_numbers(row[0])) if row and row[0] else 0

    def change(
        self, added: Mapping[int, Sequence[int]], removed: Mapping[int, Sequence[int]]
    ) -> None:
        """Add threads to terms and take them away, both by row numbers, threads in order."""
        blocks: dict[int, tuple[list[int], list[int]]] = {}
        for side, changes in enumerate((added, removed)):
            for term, threads in changes.items():
                for block, numbers in _by_block(threads):
                    key = term << _BLOCKS_PER_TERM | block
                    blocks.setdefault(key, ([], []))[side].extend(numbers)
        kept: dict[int, bytes] = dict(
            self._db.rows(
                "SELECT id, threads FROM postings WHERE id IN (SELECT value FROM json_each(?))",
                _encode(list(blocks)).decode(),
            )
        )
        self._db.write_many(
            "INSERT OR REPLACE INTO postings VALUES (?, ?)",
            (
                (block, _changed(kept.get(block, b""), *changes))
                for block, changes in sorted(blocks.items())
            ),
        )

    def _read(self, term: int) -> ThreadSet:
        rows = self._db.rows(
            "SELECT id, threads FROM postings WHERE id BETWEEN ? AND ? ORDER BY id",
            term << _BLOCKS_PER_TERM,
            (term + 1 << _BLOCKS_PER_TERM) - 1,
        )
        first = term << _BLOCKS_PER_TERM
        bits = bytearray()
        for block, data in rows:
            bits += bytes((block - first) * _BLOCK_BYTES - len(bits))
            bits += _bits(data)
        return int.from_bytes(bits, "little")


def _bits(data: bytes) -> bytes | bytearray:
    """Return the bits of a block."""
    if len(data) == _BLOCK_BYTES:
        return data
    bits = bytearray(_BLOCK_BYTES)
    for number in array("H", data):
        bits[number >> 3] |= 1 << (number & 7)
    return bits


def _by_block(threads: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Split row numbers, which are in order, into blocks and the numbers within them."""
    block = threads[0] >> _BLOCK_BITS
    if block == threads[-1] >> _BLOCK_BITS:
        yield block, [thread & _IN_BLOCK for thread in threads]
        return
    for block, numbers in groupby(threads, lambda thread: thread >> _BLOCK_BITS):
        yield block, [number & _IN_BLOCK for number in numbers]


def _changed(data: bytes, added: list[int], removed: list[int]) -> bytes:
    """Return a block with numbers added and removed."""
    if len(data) < _BLOCK_BYTES and len(data) // 2 + len(added) <= _FEW:
        numbers = set(array("H", data)).difference(removed).union(added)
        return array("H", sorted(numbers)).tobytes()
    bits = bytearray(_bits(data))
    for number in removed:
        bits[number >> 3] &= ~(1 << (number & 7))
    for number in added:
        bits[number >> 3] |= 1 << (number & 7)
    return bytes(bits)
