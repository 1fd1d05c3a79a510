"""Tokens in the memory of this process."""

import time
from collections.abc import Callable

from frontdesk.auth.stores.base import Record, RecordStore
from frontdesk.concurrency.forks import ForkSafeLock

__all__ = ["MemoryTokenStore"]


class MemoryTokenStore(RecordStore):
    """Keeps tokens until the process ends; for scripts, tests, and servers of one process."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = ForkSafeLock()
        self._records: dict[str, Record] = {}
        self._leases: dict[str, tuple[str, float]] = {}

    def keys(self) -> list[str]:
        """Return the keys that have something, in order."""
        with self._lock:
            return sorted(self._records)

    def read(self, key: str) -> Record | None:
        """Return what a key has."""
        with self._lock:
            return self._records.get(key)

    def write(self, key: str, record: Record, expected: str | None) -> bool:
        """Store a record if the key has that version, or none; returns whether it did."""
        with self._lock:
            present = self._records.get(key)
            if (None if present is None else present.version) != expected:
                return False
            self._records[key] = record
            return True

    def remove(self, key: str) -> None:
        """Forget what a key has."""
        with self._lock:
            self._records.pop(key, None)

    def acquire(self, key: str, owner: str, seconds: float) -> bool:
        """Take the lease of a key; returns whether nobody else has it."""
        with self._lock:
            now = self._clock()
            holder, end = self._leases.get(key, (owner, now))
            if holder != owner and now < end:
                return False
            self._leases[key] = (owner, now + seconds)
            return True

    def release(self, key: str, owner: str) -> None:
        """Give a lease back; that of another owner stays."""
        with self._lock:
            if self._leases.get(key, ("", 0.0))[0] == owner:
                del self._leases[key]

    def place(self) -> str:
        """Return what a message calls the store."""
        return "the memory"
