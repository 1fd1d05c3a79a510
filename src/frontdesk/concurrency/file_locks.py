"""Locks that exclude other processes, and that the system gives back when a process is killed."""

import errno
import os
import sys
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["FileLock"]

MODE: Final = 0o600


class FileLock:
    """An exclusive lock of a file, which is removed when the lock is given back.

    It excludes other locks of the same path, in this process too. The child of a fork does not
    have it. Not for network file systems that do not pass locks on to their server.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Take the lock; returns whether it was free. Raises ``OSError`` for the file's sake."""
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | _NOFOLLOW, MODE)
            try:
                if not _lock(handle):
                    return False
                # Whoever had the lock before may have removed the file since it was opened.
                if _is_at(handle, self._path):
                    self._handle, handle = handle, -1
                    _held.add(self)
                    return True
            finally:
                if handle >= 0:
                    os.close(handle)

    def release(self) -> None:
        """Give the lock back."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        # Before it is closed, or it would be somebody else's by then. Windows removes no open file.
        with suppress(OSError):
            self._path.unlink()
        os.close(handle)

    def forget(self) -> None:
        """Leave the lock to the parent of a fork."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(OSError):
                os.close(handle)


_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_held: "weakref.WeakSet[FileLock]" = weakref.WeakSet()


def _lock(handle: int) -> bool:
    """Lock an open file; returns whether it was free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Tell whether an open file still has its name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _forget_in_child() -> None:
    # The lock belongs to the open file, which a forked child shares: were it to keep its handle,
    # the lock of a killed parent would never be free.
    for lock in tuple(_held):
        lock.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
