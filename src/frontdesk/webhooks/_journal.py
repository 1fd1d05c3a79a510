"""Accepted webhooks on disk until they are handled, so that they survive the process.

Each process writes a file of its own in the journal's directory and keeps it locked. A process
that starts takes over the files that nobody has locked: those of processes that were killed.
A file is a row of records: kind, number, time, length, content. An ``A`` record is an accepted
webhook, a ``D`` record says that the one of that number is done.
"""

import errno
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple

from frontdesk.errors import InvalidArgument

__all__ = ["Entry", "Journal"]

_HEAD: Final = Struct("<cQdI")
_SUFFIX: Final = ".journal"


class Entry(NamedTuple):
    """What a killed process left: when it was accepted (unix time), what, and its number.

    ``number`` is None for what had been handled already.
    """

    moment: float
    content: bytes
    number: int | None


class Journal:
    """A directory that keeps accepted webhooks until they are handled.

    What is written survives ``kill -9`` of the process at once, and a crash of the machine once
    the operating system has written it to the disk (usually within seconds). The secret is never
    written; what customers say is, so the files are readable by their owner only. Not for Windows.

    ``limit``: size in bytes at which a file is rewritten without what is done.

    Raises ``InvalidArgument`` for a directory that cannot be used.
    """

    def __init__(self, directory: str | Path, *, limit: int = 16 * 1024 * 1024) -> None:
        self._directory = Path(directory)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(error.strerror) from error
        if not os.access(self._directory, os.W_OK | os.X_OK):
            raise _unusable("permission denied")
        self._limit = limit
        self._clock: Callable[[], float] = time.time
        self._open: dict[int, bytes] = {}
        self._open_size = 0
        self._next = 0
        self._file = -1
        self._path = self._directory
        self._size = 0

    def open(self) -> list[Entry]:
        """Start a file of this process, and return what processes that were killed left behind."""
        try:
            self._new_file()
        except OSError as error:
            raise _unusable(error.strerror) from error
        orphans = [path for path in self._directory.glob(f"*{_SUFFIX}") if path != self._path]
        with ExitStack() as locked:
            taken = [path for path in orphans if _take(path, locked)]
            found = [entry for path in taken for entry in _entries(path.read_bytes())]
            entries = [self._kept(entry) for entry in sorted(found, key=lambda one: one.moment)]
            for path in taken:
                path.unlink()
        return entries

    def add(self, content: bytes) -> int:
        """Write an accepted webhook; returns the number to give to ``done``."""
        number = self._next
        self._write(b"A", number, self._clock(), content)
        self._next += 1
        self._open[number] = content
        self._open_size += len(content)
        return number

    def done(self, number: int) -> None:
        """Write that a webhook has been handled."""
        self._open_size -= len(self._open.pop(number))
        self._write(b"D", number, 0.0, b"")
        if self._size > self._limit and self._size > 2 * self._open_size:
            self._rewrite()

    def close(self) -> None:
        """Close the file, and remove it if nothing in it is left to do."""
        if self._file < 0:
            return
        if not self._open:
            self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1

    def abandon(self) -> None:
        """Leave the file to the process that this one was forked from."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1
        self._open = {}
        self._open_size = 0

    def _write(self, kind: bytes, number: int, moment: float, content: bytes) -> None:
        record = _HEAD.pack(kind, number, moment, len(content)) + content
        written = os.write(self._file, record)
        if written < len(record):
            os.ftruncate(self._file, self._size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += written

    def _new_file(self) -> None:
        self._path = self._directory / f"{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
        # Nobody may take the file over before it is locked, so it gets its name afterwards.
        unnamed = self._path.with_suffix(".new")
        self._file = os.open(unnamed, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        _lock(self._file)
        unnamed.rename(self._path)
        self._size = 0

    def _rewrite(self) -> None:
        old_file, old_path = self._file, self._path
        self._new_file()
        for number, content in self._open.items():
            self._write(b"A", number, self._clock(), content)
        old_path.unlink(missing_ok=True)
        os.close(old_file)

    def _kept(self, entry: Entry) -> Entry:
        """The entry with its number in the file of this process."""
        return entry if entry.number is None else entry._replace(number=self.add(entry.content))


def _take(path: Path, locked: ExitStack) -> bool:
    """Lock the file of a process that was killed; False if it lives, or if another took it."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    locked.callback(os.close, file)
    return _lock(file) and path.exists()


def _unusable(reason: str | None) -> InvalidArgument:
    return InvalidArgument("journal", f"must be a directory to write in: {reason}")


def _entries(data: bytes) -> list[Entry]:
    found: dict[int, Entry] = {}
    for kind, number, moment, content in _records(data):
        if kind == b"A":
            found[number] = Entry(moment, content, number)
        elif number in found:
            found[number] = found[number]._replace(number=None)
    return list(found.values())


def _records(data: bytes) -> Iterator[tuple[bytes, int, float, bytes]]:
    """Read the records; the last one may be incomplete, which ends them."""
    position = 0
    while position + _HEAD.size <= len(data):
        kind, number, moment, length = _HEAD.unpack_from(data, position)
        position += _HEAD.size
        if position + length > len(data) or kind not in (b"A", b"D"):
            return
        yield kind, number, moment, data[position : position + length]
        position += length


def _lock(file: int) -> bool:
    """Lock an open file for this process; False if another process has it locked."""
    if sys.platform == "win32":
        raise _unusable("this system cannot rename and remove open files")
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
