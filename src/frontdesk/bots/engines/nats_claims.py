"""Items that a worker has from NATS, and how long they are surely its own."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from frontdesk.bots.items import QueueItem

__all__ = ["Delivery", "NatsClaim", "monotonic", "read_delivery"]

SHARE: Final = 0.9
"""The part of the server's `ack_wait` that a lease lasts; the rest is for the way to the server."""
PLAIN: Final = 9
"""Tokens of the subject that an item is acknowledged with, without a domain of JetStream's."""


def _boot_clock() -> Callable[[], float]:
    # Goes on while the machine sleeps, as the server's clock does; `time.monotonic` may stand.
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic if clock is None else lambda: time.clock_gettime(clock)


monotonic: Callable[[], float] = _boot_clock()


class Delivery(NamedTuple):
    """What the subject says that an item is to be acknowledged with."""

    consumer: str
    attempt: int
    sequence: int


def read_delivery(reply: str) -> Delivery | None:
    """Read the subject that an item is to be acknowledged with; ``None`` if it is none."""
    if not reply.startswith("$JS.ACK."):
        return None
    tokens = reply.split(".")
    # A domain and a hash of the account come before the rest, if there is one.
    first = 2 if len(tokens) == PLAIN else 4
    try:
        _, consumer, attempt, sequence = tokens[first : first + 4]
        return Delivery(consumer, int(attempt), int(sequence))
    except ValueError:
        return None


class ClaimKeeper(Protocol):
    """What a claim tells the server through: the worker that has it."""

    async def acknowledge(self, claim: "NatsClaim") -> None:
        """Say that the item is done."""
        ...

    async def give_back(self, claim: "NatsClaim", delay: float) -> None:
        """Have the item given out again after ``delay`` seconds."""
        ...

    async def give_up(self, claim: "NatsClaim", reason: str) -> None:
        """Make the item a dead letter."""
        ...

    async def beat(self, claim: "NatsClaim") -> None:
        """Have the lease begin anew."""
        ...


class NatsClaim:
    """An item that this worker has from NATS; see ``Claim``."""

    __slots__ = ("_ends_at", "_worker", "attempt", "beat_at", "is_redelivered", "item", "lease",
                 "partition", "reply", "sequence", "settled", "stream")  # fmt: skip

    def __init__(
        self,
        worker: ClaimKeeper,
        item: QueueItem,
        delivery: Delivery,
        *,
        partition: int,
        reply: str,
        stream: str,
        lease: float,
        leased_at: float,
        is_proven: bool,
    ) -> None:
        self.item: QueueItem = item
        self.attempt: int = delivery.attempt
        self.stream: str = stream
        self.sequence: int = delivery.sequence
        self.is_redelivered: bool = delivery.attempt > 1 or not is_proven
        self.lease: float | None = lease
        self.partition: int = partition
        self.reply: str = reply
        self.settled: bool = False
        self.beat_at: float = leased_at
        """When the lease began, or a heartbeat was sent."""
        self._worker = worker
        self._ends_at = leased_at + SHARE * lease

    @property
    def is_fresh(self) -> bool:
        """Whether the item is surely this worker's still."""
        return not self.settled and monotonic() < self._ends_at

    async def ack(self) -> None:
        """Say that the item is done, unless it may be somebody else's by now."""
        # A late acknowledgement would release the item for whoever has it meanwhile.
        if self.is_fresh:
            self.settled = True
            await self._worker.acknowledge(self)

    async def nak(self, delay: float) -> None:
        """Have the item given to a worker again after ``delay`` seconds; its partition waits."""
        if self.is_fresh:
            self.settled = True
            await self._worker.give_back(self, delay)

    async def term(self, reason: str) -> None:
        """Give the item up: it is stored as a dead letter, and then its partition goes on."""
        if self.is_fresh:
            await self._worker.give_up(self, reason)

    async def heartbeat(self) -> None:
        """Say that the worker is still at it. The engine does so by itself while work runs."""
        if self.is_fresh:
            await self._worker.beat(self)

    def confirm(self, sent_at: float) -> None:
        """Begin the lease anew with a heartbeat that the server has confirmed."""
        # One that was confirmed too late may have prolonged somebody else's lease.
        if self.is_fresh and self.lease is not None:
            self._ends_at = max(self._ends_at, sent_at + SHARE * self.lease)

    def lose(self) -> None:
        """Have no say any more: the server may have forgotten who has the item."""
        self._ends_at = 0.0
