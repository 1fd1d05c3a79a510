"""The records that a journal's file consists of, and how they are read from a damaged one.

A record is a head and its content. The head has a checksum of its own, so that a length is never
believed that was damaged, and the content has one, so that a damaged webhook is never handled.
Every head begins with the same four bytes, which no JSON text contains: reading goes on with the
next of them when a record is damaged.
"""

from collections.abc import Iterable
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

__all__ = ["Record", "Scan", "accepted_record", "done_records", "scan"]

_MARK: Final = b"\xffFJ1"
_ACCEPTED: Final = b"A"
_DONE: Final = b"D"
_FIELDS: Final = Struct("<4scQdII")  # mark, kind, number, time, length and checksum of the content
_CHECKSUM: Final = Struct("<I")
_HEAD_SIZE: Final = _FIELDS.size + _CHECKSUM.size


class Record(NamedTuple):
    """An accepted webhook as it was written; ``accepted_at`` is in seconds since 1970."""

    number: int
    accepted_at: float
    content: bytes
    done: bool


class Scan(NamedTuple):
    """What a file contains.

    ``records`` are the accepted webhooks in the order in which they were written, ``damaged`` is
    the number of places that could not be read. ``torn``: the file ends in the middle of a
    record, as it does when its process was killed while it wrote.
    """

    records: list[Record]
    damaged: int
    torn: bool


def accepted_record(number: int, accepted_at: float, content: bytes) -> bytes:
    """Encode an accepted webhook."""
    return _record(_ACCEPTED, number, accepted_at, content)


def done_records(numbers: Iterable[int]) -> bytes:
    """Encode that the webhooks of these numbers are done."""
    return b"".join([_record(_DONE, number, 0.0, b"") for number in numbers])


def scan(data: bytes) -> Scan:
    """Read a file's records, past the damaged ones."""
    accepted: dict[int, Record] = {}
    done: set[int] = set()
    damaged = 0
    intact = True  # the bytes before `position` are whole records
    position = 0
    while 0 <= position < len(data):
        entry = _read(data, position)
        if entry is not None:
            kind, record, position = entry
            if kind == _ACCEPTED:
                accepted[record.number] = record
            else:
                done.add(record.number)
            intact = True
            continue
        if _is_torn(data, position):
            return Scan(_merged(accepted, done), damaged, torn=True)
        damaged += intact
        intact = False
        position = data.find(_MARK, position + 1)  # -1 if there is none
    return Scan(_merged(accepted, done), damaged, torn=False)


def _merged(accepted: dict[int, Record], done: set[int]) -> list[Record]:
    return [record._replace(done=record.number in done) for record in accepted.values()]


def _read(data: bytes, start: int) -> tuple[bytes, Record, int] | None:
    """Read one record: its kind, what it says and where it ends; None if it is not whole."""
    head = _head(data, start)
    if head is None:
        return None
    _, kind, number, accepted_at, length, checksum = head
    end = start + _HEAD_SIZE + length
    content = data[start + _HEAD_SIZE : end]
    if len(content) < length or crc32(content) != checksum:
        return None
    return kind, Record(number, accepted_at, content, done=False), end


def _head(data: bytes, start: int) -> tuple[bytes, bytes, int, float, int, int] | None:
    fields = data[start : start + _FIELDS.size]
    checksum = data[start + _FIELDS.size : start + _HEAD_SIZE]
    if not fields.startswith(_MARK) or checksum != _CHECKSUM.pack(crc32(fields)):
        return None
    return _FIELDS.unpack(fields)


def _is_torn(data: bytes, start: int) -> bool:
    """Tell whether the file ends here with the beginning of a record that was never finished."""
    if data.find(_MARK, start + 1) != -1:
        return False
    rest = len(data) - start
    if rest < _HEAD_SIZE:
        return _MARK.startswith(data[start : start + len(_MARK)])
    head = _head(data, start)
    return head is not None and rest < _HEAD_SIZE + head[4]


def _record(kind: bytes, number: int, accepted_at: float, content: bytes) -> bytes:
    fields = _FIELDS.pack(_MARK, kind, number, accepted_at, len(content), crc32(content))
    return fields + _CHECKSUM.pack(crc32(fields)) + content
