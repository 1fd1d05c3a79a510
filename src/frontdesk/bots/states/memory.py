"""States of chats in this process."""

from frontdesk.bots.states.base import StoredState
from frontdesk.bots.states.checks import check_size
from frontdesk.errors import StateConflict

__all__ = ["MemoryStateStore"]


class MemoryStateStore:
    """Keeps states in this process's memory, and loses them with it: for tests and first steps."""

    def __init__(self) -> None:
        self._states: dict[str, StoredState] = {}
        # Grows over all keys, so that no revision returns after its key was deleted.
        self._revision = 0

    def __repr__(self) -> str:
        return f"<MemoryStateStore {len(self._states)} states>"

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
        return new

    async def delete(self, key: str) -> None:
        """Forget what a key has."""
        self._states.pop(key, None)

    async def close(self) -> None:
        """Do nothing: what is stored stays for the next start."""
