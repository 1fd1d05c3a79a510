"""Leases as locks of files: the system gives them back when a process is killed."""

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct

from frontdesk.concurrency.file_locks import FileLock
from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.errors import TokenStoreUnavailable

__all__ = ["FileLeases"]

LONGEST_WAIT: Final = 10.0
"""Seconds to wait for a lock that others hold for a few milliseconds at a time."""
POLL: Final = 0.005


class _Lease(Struct, frozen=True):
    owner: str
    end: float
    lock: FileLock


class FileLeases:
    """Locks beside a file: one for each key, and one for writing.

    ``path`` is what the names of the locks begin with.
    """

    def __init__(
        self,
        path: Path,
        *,
        longest_wait: float = LONGEST_WAIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._clock = clock
        self._longest_wait = longest_wait
        self._guard = ForkSafeLock()
        self._held: dict[str, _Lease] = {}
        self._pid = os.getpid()

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        """Take the lease of a key; returns whether nobody else has it.

        ``seconds`` count within this process, where an owner may be gone without having given it
        back: a thread that was never resumed.
        """
        with self._guard:
            if self._pid != os.getpid():
                self._held, self._pid = {}, os.getpid()  # the parent of the fork has those
            lease = self._held.get(key)
            if lease is not None:
                if lease.owner != owner and self._clock() < lease.end:
                    return False
                self._held[key] = _Lease(owner, self._clock() + seconds, lease.lock)
                return True
            lock = FileLock(self._lock_path(sha256(key.encode()).hexdigest()[:16]))
            with self._explained():
                if not lock.acquire():
                    return False
            self._held[key] = _Lease(owner, self._clock() + seconds, lock)
            return True

    def release(self, key: str, owner: str) -> None:
        """Give a lease back; that of another owner stays."""
        with self._guard:
            if key in self._held and self._held[key].owner == owner:
                self._held.pop(key).lock.release()

    @contextmanager
    def writing(self) -> Generator[None]:
        """Keep all others from writing for the length of a ``with`` block."""
        lock = FileLock(self._lock_path("write"))
        end = self._clock() + self._longest_wait
        with self._explained():
            while not lock.acquire():
                if self._clock() >= end:
                    raise TokenStoreUnavailable(
                        f"another process has held the lock of {self._path} for "
                        f"{self._longest_wait:g} s; see whether it hangs, and end it"
                    )
                time.sleep(POLL)
        try:
            yield
        finally:
            lock.release()

    def _lock_path(self, name: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{name}.lock")

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise TokenStoreUnavailable(
                f"no lock can be made in {self._path.parent}: {reason}; check its rights, and "
                "that the disk is not full"
            ) from None
