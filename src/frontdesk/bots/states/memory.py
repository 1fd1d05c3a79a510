"""States of chats in this process."""

from collections import OrderedDict
from typing import Final

from frontdesk.bots.states.base import StoredState
from frontdesk.bots.states.checks import check_size
from frontdesk.errors import StateConflict
from frontdesk.spec.arguments import check_count

__all__ = ["MemoryStateStore"]

LIMIT: Final = 100_000


class MemoryStateStore:
    """Keeps states in this process's memory, and loses them with it: for tests and first steps.

    Args:
        limit: Of how many chats; that which was not saved for the longest time is forgotten for
            one more. A chat without a state of yours takes about 500 bytes.

    Raises:
        InvalidArgument: The limit is no number above 0.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        check_count("limit", limit)
        self._limit = limit
        # In the order in which they were saved. A plain dict walks past all that it has dropped to
        # find its first one.
        self._states: OrderedDict[str, StoredState] = OrderedDict()
        # Grows over all keys, so that no revision returns after its key was deleted.
        self._revision = 0

    def __repr__(self) -> str:
        return f"<MemoryStateStore {len(self._states)} states>"

    def __len__(self) -> int:
        return len(self._states)

    async def start(self) -> None:
        """Do nothing: memory is always there."""

    async def load(self, key: str) -> StoredState | None:
        """Return what is stored under a key; ``None`` if nothing is."""
        return self._states.get(key)

    async def save(self, key: str, data: bytes, revision: int) -> int:
        """Store bytes if the key still has that revision; returns the new one.

        Raises:
            StateConflict: Something else was stored under the key meanwhile.
            InvalidArgument: More than 1 MB.
        """
        check_size(data)
        stored = self._states.get(key)
        if (0 if stored is None else stored.revision) != revision:
            raise StateConflict(f"the state of {key} was changed meanwhile")
        self._revision = new = self._revision + 1
        self._states[key] = StoredState(data, new)
        self._states.move_to_end(key)
        if len(self._states) > self._limit:
            self._states.popitem(last=False)
        return new

    async def delete(self, key: str) -> None:
        """Forget what a key has."""
        self._states.pop(key, None)

    async def close(self) -> None:
        """Do nothing: what is stored stays for the next start."""
