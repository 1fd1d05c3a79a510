"""A lock that keeps two runs off one local target."""

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from frontdesk.errors import TargetInUse

__all__ = ["TargetLock", "target_in_use"]


class TargetLock:
    """A lock on a file; the operating system frees it when the process ends, however it ends.

    Beside the file lies another with the id of the process that holds the lock, for the message of
    those that do not get it. The file itself stays: were it removed, two processes could hold locks
    on two files of the same name.

    Args:
        path: the file to lock; its folder must exist.
        target: the target, as messages name it.
    """

    def __init__(self, path: Path, target: str) -> None:
        # Not one object for all threads: a second run in this process must not get the lock either.
        self._lock = FileLock(path, timeout=0, thread_local=False)
        self._holder = path.with_name(f"{path.name}.pid")
        self._target = target

    def acquire(self) -> None:
        """Lock the file.

        Raises:
            TargetInUse: Another run has locked it, in this process or in another.
            OSError: The file cannot be made.
        """
        try:
            self._lock.acquire()
        except Timeout:
            raise target_in_use(self._target, self._process_id()) from None
        with suppress(OSError):  # only a message needs it
            self._holder.write_text(str(os.getpid()))

    def release(self) -> None:
        """Unlock the file; nothing happens if it is not locked by this object."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._holder.unlink()
            self._lock.release()

    def _process_id(self) -> int | None:
        try:
            return int(self._holder.read_text())
        except (OSError, ValueError):
            return None


def target_in_use(target: str, process_id: int | None) -> TargetInUse:
    """Return the error for a target that another run has locked."""
    holder = f" (process {process_id})" if process_id else ""
    return TargetInUse(
        f"another export{holder} is writing to {target}; wait until it ends, or stop it, "
        "and run the command again"
    )
