"""The pages whose rows are not part of the target yet, each in a file with its position."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final
from zlib import crc32

import msgspec
import pyarrow as pa
from msgspec import Struct

from frontdesk.archives.pages import ArchivePage, Position
from frontdesk.archives.targets.files import Files
from frontdesk.archives.targets.rows import day_runs, decoded_rows, encoded_rows, texts_of

__all__ = ["Spool", "SpooledPage", "is_before"]

_MAGIC: Final = b"frontdesk page 1\n"
_ALIGNMENT: Final = 64  # Arrow reads what lies so without a copy
_SUFFIX: Final = ".page"
_IN_MEMORY: Final = 24 * 1024 * 1024
"""Bytes of rows that are kept in memory too, so that they need not be read again."""


class _Header(Struct, frozen=True):
    """What a file begins with."""

    run: str
    number: int
    position: Position
    tables: dict[str, tuple[int, int]]
    """Where the rows of each table lie: offset and length."""


class SpooledPage:
    """A page in the spool: what is needed of it again and again.

    Attributes:
        number: its place in the run, from 1.
        position: where to go on after it.
        thread_ids: the threads that it has rows of.
        days: the runs of rows of each day, by table: ``{table: {day: [(offset, length)]}}``.
    """

    def __init__(self, number: int, position: Position, tables: dict[str, pa.RecordBatch]) -> None:
        self.number = number
        self.position = position
        self.thread_ids: tuple[str, ...] = _thread_ids(tables)
        self.days: dict[str, dict[date, list[tuple[int, int]]]] = {
            name: day_runs(batch) for name, batch in tables.items() if batch.num_rows
        }
        self.newest: date = max(
            (day for days in self.days.values() for day in days), default=date.min
        )
        self.places: dict[str, tuple[int, int]] = {}

    def size(self, table: str, day: date) -> int:
        """Return about how many bytes the rows of a day have."""
        days = self.days[table]
        rows = sum(length for _, length in days[day])
        total = sum(length for runs in days.values() for _, length in runs)
        return self.places[table][1] * rows // total

    def slices(self, table: str, day: date, rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a day."""
        for offset, length in self.days.get(table, {}).get(day, ()):
            yield rows.slice(offset, length)


class Spool:
    """The pages of a run, from the first one that is still needed.

    Each is written when it came, in a file of its own: whole or not at all. Pages are dropped in
    their order only, so that an older page never takes the place of a newer one.

    Args:
        files: where the spool lies.
        folder: the name of its folder there.
    """

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self._folder = folder
        self.pages: list[SpooledPage] = []
        self._run = ""
        self._rows: dict[tuple[int, str], tuple[pa.RecordBatch, int]] = {}
        self._bytes = 0
        self._unsynced: list[str] = []

    def open(self, run: str, first: int) -> None:
        """Read the pages of a run from number ``first`` on, and remove all others.

        What follows a page that is torn or missing was written later, and is removed as well.
        """
        self._reset(run)
        expected = first
        for name in self._files.names(self._folder):
            page = self._read(name) if name == _name(expected) else None
            if page is None:
                self._files.remove(f"{self._folder}/{name}")
            else:
                self.pages.append(page)
                expected += 1

    def clear(self, run: str) -> None:
        """Remove all pages, because a run begins."""
        self._reset(run)
        for name in self._files.names(self._folder):
            self._files.remove(f"{self._folder}/{name}")

    def add(self, number: int, page: ArchivePage) -> SpooledPage:
        """Write a page."""
        spooled = SpooledPage(number, page.position, page.tables)
        name = _name(number)
        data, spooled.places = _encoded(self._run, spooled, page.tables)
        self._files.write(f"{self._folder}/{name}", data, durable=False)
        self._unsynced.append(f"{self._folder}/{name}")
        self.pages.append(spooled)
        for table in spooled.days:
            self._remember(spooled, table, page.tables[table])
        return spooled

    def sync(self) -> None:
        """Make sure that the pages survive a power cut."""
        self._files.sync(self._unsynced)
        self._unsynced.clear()

    def rows(self, page: SpooledPage, table: str) -> pa.RecordBatch:
        """Return the rows of a table in a page."""
        remembered = self._rows.get((page.number, table))
        if remembered is not None:
            rows, _ = remembered
        else:
            offset, length = page.places[table]
            name = f"{self._folder}/{_name(page.number)}"
            data = self._files.read_part(name, offset, length)
            rows = decoded_rows(data, table)
            self._remember(page, table, rows)
        return rows

    def first_page_from(self, day: date, none: int) -> int:
        """Return the number of the first page with rows of a day or later; ``none`` without any."""
        pages = (page.number for page in self.pages if not is_before(page.newest, day))
        return next(pages, none)

    def drop(self, before: int) -> None:
        """Remove the first pages, up to the one of a number."""
        dropped = [page for page in self.pages if page.number < before]
        self.pages = [page for page in self.pages if page.number >= before]
        for page in dropped:
            self._files.remove(f"{self._folder}/{_name(page.number)}")
            for table in page.days:
                self._forget((page.number, table))

    def _reset(self, run: str) -> None:
        self._run = run
        self.pages = []
        self._rows.clear()
        self._bytes = 0
        self._unsynced.clear()

    def _read(self, name: str) -> SpooledPage | None:
        """Return a page; ``None`` if it is torn, or of another run."""
        data = self._files.read(f"{self._folder}/{name}")
        header = _header(data)
        if header is None or header.run != self._run:
            return None
        whole = memoryview(data)
        tables = {
            table: decoded_rows(whole[offset : offset + length], table)
            for table, (offset, length) in header.tables.items()
        }
        page = SpooledPage(header.number, header.position, tables)
        page.places = header.tables
        return page

    def _remember(self, page: SpooledPage, table: str, rows: pa.RecordBatch) -> None:
        size = page.places[table][1]
        self._rows[page.number, table] = (rows, size)
        self._bytes += size
        while self._bytes > _IN_MEMORY and len(self._rows) > 1:
            self._forget(next(iter(self._rows)))

    def _forget(self, key: tuple[int, str]) -> None:
        _, size = self._rows.pop(key, (None, 0))
        self._bytes -= size


def is_before(day: date, stop: date) -> bool:
    """Whether a day comes before another; the last of the calendar stands for no end at all."""
    return day < stop or stop == date.max


def _name(number: int) -> str:
    return f"{number:08}{_SUFFIX}"


def _encoded(
    run: str, page: SpooledPage, tables: dict[str, pa.RecordBatch]
) -> tuple[bytes, dict[str, tuple[int, int]]]:
    """Return a page as bytes, and where its tables lie in them."""
    parts = {name: encoded_rows(tables[name]) for name in page.days}
    # The header holds the offsets, which begin behind it: so it is written with a fixed size.
    lengths = {name: len(part) for name, part in parts.items()}
    probe = _Header(run, page.number, page.position, dict.fromkeys(parts, (2**40, 2**40)))
    size = _aligned(len(_MAGIC) + 4 + len(msgspec.json.encode(probe)))
    places: dict[str, tuple[int, int]] = {}
    offset = size
    for name, length in lengths.items():
        places[name] = (offset, length)
        offset = _aligned(offset + length)
    header = msgspec.json.encode(_Header(run, page.number, page.position, places))
    start = _MAGIC + len(header).to_bytes(4, "little") + header
    chunks: list[bytes | memoryview] = [start.ljust(size, b"\0")]
    for name, part in parts.items():
        chunks.append(part)
        chunks.append(bytes(_aligned(lengths[name]) - lengths[name]))
    body = b"".join(chunks)
    return body + crc32(body).to_bytes(4, "little"), places


def _header(data: bytes) -> _Header | None:
    """Return the header of a page; ``None`` if the file is torn."""
    start = len(_MAGIC)
    if not data.startswith(_MAGIC) or len(data) < start + 8:
        return None
    if crc32(memoryview(data)[:-4]) != int.from_bytes(data[-4:], "little"):
        return None
    length = int.from_bytes(data[start : start + 4], "little")
    try:
        return msgspec.json.decode(data[start + 4 : start + 4 + length], type=_Header)
    except msgspec.MsgspecError:
        return None


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _thread_ids(tables: dict[str, pa.RecordBatch]) -> tuple[str, ...]:
    """Return the ids of the threads of a page; all are in ``threads``, if that is exported."""
    if "threads" in tables:
        batches: Iterable[pa.RecordBatch] = (tables["threads"],)
    else:
        batches = (batch for name, batch in tables.items() if name != "users")
    ids: dict[str | None, None] = {}
    for batch in batches:
        ids.update(dict.fromkeys(texts_of(batch, "thread_id")))
    # Of a damaged one even the id may be missing: it is no other's, whatever comes later.
    return tuple(id_ for id_ in ids if id_ is not None)
