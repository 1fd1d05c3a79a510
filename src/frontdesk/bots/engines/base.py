"""What every engine does: it takes items, and gives them to a worker, in order per key."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from frontdesk.bots.items import QueueItem

__all__ = ["Claim", "DeadLetter", "Engine", "PartitionStatus", "QueueStatus", "Work"]


class Claim(Protocol):
    """An item that this worker has, until it says what became of it.

    Exactly one of ``ack``, ``nak`` and ``term`` is called, once. Until then no other item of the
    same key is given to anybody. An engine over the network forgets a claim whose worker is silent
    for ``lease`` seconds, and gives the item to another worker.
    """

    item: QueueItem
    attempt: int
    """1 when the item is given to a worker for the first time. Some servers forget it when they
    are killed: it proves that an item came before, not that it did not."""
    stream: str
    """What ``sequence`` counts in. Empty where the engine keeps no order over restarts."""
    sequence: int
    """The item's position: those of one key grow. What a chat's state was written with."""
    is_redelivered: bool
    """Whether somebody may have worked on the item before."""
    lease: float | None
    """Seconds of silence after which another worker gets the item; ``None``: never."""

    @property
    def is_fresh(self) -> bool:
        """Whether the item is surely this worker's still: the lease has not run out."""
        ...

    async def ack(self) -> None:
        """Say that the item is done. Does nothing once the claim is not fresh any more."""
        ...

    async def nak(self, delay: float) -> None:
        """Have the item given to a worker again after ``delay`` seconds; its key waits."""
        ...

    async def term(self, reason: str) -> None:
        """Give the item up: it becomes a dead letter, durable before its key goes on."""
        ...

    async def heartbeat(self) -> None:
        """Say that the worker is still at it, so that the lease begins anew."""
        ...


Work = Callable[[Claim], Awaitable[None]]
"""What an engine calls with each claim. It settles the claim and raises nothing."""


class DeadLetter(Struct, frozen=True, kw_only=True):
    """An item that was given up."""

    id: str
    """What ``Engine.replay`` takes."""
    item: QueueItem | None
    """The item; ``None`` where it could not even be read."""
    reason: str
    """Why it was given up, in one line without secrets."""
    attempts: int
    """How often a worker had it."""
    failed_at: float
    """When it was given up, in seconds since 1970."""


class PartitionStatus(Struct, frozen=True, kw_only=True):
    """What waits in one partition of a queue."""

    number: int
    """Which one, from 0 on."""
    waiting: int
    """Items that were not given to any worker yet."""
    in_progress: int
    """Items that a worker has, or that wait to be given out again; 0 or 1."""
    oldest_at: float | None = None
    """When the oldest unsettled item was stored, in seconds since 1970, if that is known."""


class QueueStatus(Struct, frozen=True, kw_only=True):
    """What waits in a queue."""

    waiting: int
    """Items that are not settled: those that wait, and those that workers have."""
    dead_letters: int
    """Items that were given up and not replayed yet."""
    partitions: tuple[PartitionStatus, ...] = ()
    """The parts of the queue, if it has any."""
    stored_bytes: int = 0
    """What the queue takes on the server's disk, if there is a server."""
    limit_bytes: int | None = None
    """How much it may take; items are refused then."""


class Engine(Protocol):
    """Moves items from whoever accepts them to whoever works on them.

    In order per key, many keys at once; an accepted item is given to workers until one of them
    acknowledges it or gives it up. Belongs to one event loop.
    """

    is_durable: bool
    """Whether items outlive the process, so that one may come again that was handled already."""
    is_shared: bool
    """Whether items come from several processes: repeated deliveries are then recognized by the
    worker, since no process sees all of them."""

    async def start(self) -> None:
        """Connect, and check that what is there fits; raises ``QueueError`` otherwise."""
        ...

    async def publish(self, item: QueueItem) -> None:
        """Accept an item; returns once it is stored.

        Raises:
            QueueFull: There is no room at present.
            QueueUnavailable: Nobody stores it at present.
            ItemTooLarge: No queue takes an item of that size.
        """
        ...

    async def consume(self, work: Work) -> None:
        """Give items to ``work`` from now on; returns when ``close`` is called.

        Called once. Cancelling it gives back what is not settled.
        """
        ...

    async def close(self, timeout: float | None = None) -> int:  # noqa: ASYNC109 - returns the rest
        """Give out no more items, wait until those under way are settled, and disconnect.

        Returns how many were not settled in ``timeout`` seconds; they are given to another worker
        where items outlive the process, and are lost where they do not.
        """
        ...

    def dead_letters(self) -> AsyncIterator[DeadLetter]:
        """Go through what was given up, oldest first."""
        ...

    async def replay(self, dead_letter_id: str) -> None:
        """Publish the item of a dead letter again, under a new id, and forget the dead letter.

        Raises:
            InvalidArgument: There is no such dead letter.
        """
        ...

    async def status(self) -> QueueStatus:
        """Return what waits at present; raises ``QueueUnavailable`` if nobody knows."""
        ...
