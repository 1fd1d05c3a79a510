"""What every store of chats' states does: it keeps bytes, and compares before it writes."""

from typing import Protocol

from msgspec import Struct

__all__ = ["StateStore", "StoredState"]


class StoredState(Struct, frozen=True):
    """What is stored under a key."""

    data: bytes
    """What was saved."""
    revision: int
    """What tells it from what was there before and after; above 0."""


class StateStore(Protocol):
    """Keeps what a bot knows of each chat, under keys such as ``organization/chat/PJ0MRSHTDG``.

    Every method raises ``StateStoreError`` when the store cannot be used. Nothing is said to be
    saved before it survives what the store promises to survive. A store may forget what was not
    saved for a long time: the bot meets such a chat as for the first time.
    """

    async def start(self) -> None:
        """Connect, and check that what is there fits."""
        ...

    async def load(self, key: str) -> StoredState | None:
        """Return what is stored under a key; ``None`` if nothing is."""
        ...

    async def save(self, key: str, data: bytes, revision: int) -> int:
        """Store bytes if the key still has that revision, in one step.

        Args:
            key: What they are stored under.
            data: At most 1,000,000 bytes.
            revision: That of what ``load`` returned; 0 if nothing was there.

        Returns:
            The new revision.

        Raises:
            StateConflict: Something else was stored under the key meanwhile.
        """
        ...

    async def delete(self, key: str) -> None:
        """Forget what a key has; one that has nothing does no harm."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...
