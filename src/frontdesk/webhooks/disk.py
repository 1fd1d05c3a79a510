"""The files of a journal: all that it does with a disk goes through here.

``Disk`` and ``LogFile`` are what a simulated disk has to implement; ``Journal(disk=...)`` takes it.
"""

import errno
import os
import sys
import weakref
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from frontdesk.concurrency.threads import DaemonPool

__all__ = ["Disk", "LogFile", "OsDisk"]


_BINARY: Final = getattr(os, "O_BINARY", 0)
_CHUNK: Final = 1 << 20


class LogFile(Protocol):
    """A file that is appended to, locked by this process while it is open.

    Every method may raise ``OSError``.
    """

    @property
    def name(self) -> str:
        """The name in the directory."""
        ...

    def read(self) -> bytes:
        """Return all that is in it."""
        ...

    def append(self, data: bytes, /) -> None:
        """Write at the end. When that fails, what was written of ``data`` is cut off again."""
        ...

    async def sync(self) -> None:
        """Wait until the disk itself has what was written."""
        ...

    def close(self) -> None:
        """Close and unlock the file. Does nothing the second time."""
        ...

    def remove(self) -> None:
        """Close the file and delete it."""
        ...

    def set_aside(self, name: str, /) -> None:
        """Close the file and give it another name."""
        ...


class Disk(Protocol):
    """The directory of a journal. Every method may raise ``OSError``."""

    def prepare(self) -> None:
        """Make the directory if there is none, and check that it can be written."""
        ...

    def names(self) -> list[str]:
        """List the files."""
        ...

    def create(self, name: str, /) -> LogFile:
        """Make a new file, locked by this process."""
        ...

    def take(self, name: str, /) -> LogFile | None:
        """Open and lock a file; None if a running process has it locked, or if it is gone."""
        ...

    def peek(self, name: str, /) -> bytes | None:
        """Return all that is in a file, whoever has it locked; None if it is gone."""
        ...


class OsDisk:
    """A directory of the operating system."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pool = DaemonPool(1, "frontdesk-journal")

    def prepare(self) -> None:
        """Make the directory if there is none, and check that it can be written."""
        self._directory.mkdir(parents=True, exist_ok=True)
        if not os.access(self._directory, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def names(self) -> list[str]:
        """List the files."""
        return [path.name for path in self._directory.iterdir()]

    def create(self, name: str, /) -> LogFile:
        """Make a new file, locked by this process."""
        path = self._directory / name
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BINARY, 0o600)
        file = _OsFile(path, handle, self._pool)
        try:
            ours = _lock(handle) and _is_at(handle, path)
        except BaseException:
            file.remove()
            raise
        if not ours:
            # Another process was faster; it deletes the file, which has nothing to do in it.
            file.close()
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return file

    def take(self, name: str, /) -> LogFile | None:
        """Open and lock a file; None if a running process has it locked, or if it is gone."""
        path = self._directory / name
        try:
            handle = os.open(path, os.O_RDWR | os.O_APPEND | _BINARY)
        except FileNotFoundError:
            return None
        file = _OsFile(path, handle, self._pool)
        try:
            if _lock(handle) and _is_at(handle, path):
                return file
        except BaseException:
            file.close()
            raise
        file.close()
        return None

    def peek(self, name: str, /) -> bytes | None:
        """Return all that is in a file, whoever has it locked; None if it is gone."""
        # Without a lock, however short: a process that starts meanwhile would not take it over.
        try:
            return (self._directory / name).read_bytes()
        except FileNotFoundError:
            return None


class _OsFile:
    def __init__(self, path: Path, handle: int, pool: DaemonPool) -> None:
        self._path = path
        self._handle = handle
        self._pool = pool
        self._is_listed = False  # the disk itself knows the file's name
        _open_files.add(self)

    @property
    def name(self) -> str:
        return self._path.name

    def read(self) -> bytes:
        os.lseek(self._handle, 0, os.SEEK_SET)
        chunks: list[bytes] = []
        while chunk := os.read(self._handle, _CHUNK):
            chunks.append(chunk)
        return b"".join(chunks)

    def append(self, data: bytes, /) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        except OSError:
            written = len(data) - len(rest)
            if written:
                os.ftruncate(self._handle, os.fstat(self._handle).st_size - written)
            raise

    async def sync(self) -> None:
        # A handle of its own: the file may be closed while the disk is at work.
        handle = os.dup(self._handle)
        directory = None if self._is_listed else self._path.parent
        await self._pool.run(partial(_sync_and_close, handle, directory))
        self._is_listed = True

    def close(self) -> None:
        if self._handle != -1:
            handle, self._handle = self._handle, -1
            os.close(handle)

    def remove(self) -> None:
        if sys.platform == "win32":
            self.close()  # an open file cannot be deleted there
        try:
            self._path.unlink(missing_ok=True)
        finally:
            self.close()

    def set_aside(self, name: str, /) -> None:
        if sys.platform == "win32":
            self.close()
        try:
            self._path.rename(self._path.with_name(name))
        finally:
            self.close()


def _sync_and_close(handle: int, directory: Path | None) -> None:
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    if directory is not None and sys.platform != "win32":
        _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    """Tell whether an open file still has its name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _lock(handle: int) -> bool:
    """Lock an open file for this process; False if it is locked already."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # Locked bytes cannot be read by others, so it is one that no file has.
            os.lseek(handle, 1 << 40, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


_open_files: "weakref.WeakSet[_OsFile]" = weakref.WeakSet()


def _close_in_child() -> None:
    # A lock belongs to the open file, which a forked child shares: were it to keep its handle, the
    # files of a killed parent would look as if somebody still wrote them.
    for file in tuple(_open_files):
        file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
