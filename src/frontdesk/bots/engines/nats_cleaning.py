"""Making room in a queue on NATS: what is done is removed once nobody asks for its id any more."""

import asyncio
import logging
import random
from collections import deque
from typing import Any, Final

import msgspec
from msgspec import Struct

from frontdesk.bots.engines.nats_claims import monotonic
from frontdesk.bots.engines.nats_layout import ConsumerInfo, QueueLayout, consumers_of, stream_of
from frontdesk.redaction import log_failure
from frontdesk.transport.nats import NatsConnection, NatsFailure, NatsRefusal

__all__ = ["NatsCleaner"]

EVERY: Final = 30.0
"""Seconds between two looks at what the stream need not keep."""
NO_MESSAGE: Final = 10037
CROWDED: Final = 0.5
"""The part of its room from which on a stream is cleaned partition by partition."""

logger: logging.Logger = logging.getLogger("frontdesk.bots")


class _Message(Struct):
    seq: int


class _Found(Struct):
    message: _Message


class _Look(Struct):
    """What was done at some time."""

    at: float
    before: int
    """Everything before this sequence was."""
    floors: dict[int, int]
    """Up to where everything was, by partition."""


_found = msgspec.json.Decoder(_Found).decode


class NatsCleaner:
    """Removes what was done at least ``duplicate_window`` seconds ago.

    Until then the server reads ids from the stream when it starts. Each worker has one; what one of
    them has removed costs the others little.
    """

    def __init__(self, connection: NatsConnection, layout: QueueLayout) -> None:
        self._connection = connection
        self._layout = layout
        self._looks: deque[_Look] = deque()
        self._removed_before = 0
        self._removed: dict[int, int] = {}

    async def run(self) -> None:
        """Clean until this is cancelled."""
        while True:
            # Workers that were started together need not clean together.
            await asyncio.sleep(EVERY * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            try:
                await self.clean()
            except NatsFailure as failure:
                logger.debug("the queue on NATS is not cleaned: %s", failure)
            except Exception as error:  # noqa: BLE001 - the next time does better
                log_failure(logger, "the queue on NATS is not cleaned", error=error)

    async def clean(self) -> None:
        """Look at what is done, and remove what was done long enough ago."""
        info = await stream_of(self._connection, self._layout.stream)
        if info is None:
            return
        # After the stream: what is published meanwhile is not taken for done.
        consumers = await consumers_of(self._connection, self._layout)
        if len(consumers) < self._layout.partitions:
            return
        before = info.state.last_seq + 1
        for number, consumer in consumers.items():
            before = min(before, await self._oldest(number, consumer, before))
        floors = {number: consumer.ack_floor.stream_seq for number, consumer in consumers.items()}
        now = monotonic()
        self._looks.append(_Look(now, before, floors))
        due: _Look | None = None
        while self._looks and now - self._looks[0].at > self._layout.duplicate_window:
            due = self._looks.popleft()
        if due is None:
            return
        if due.before > self._removed_before:
            # All that is older at once, which costs the server next to nothing.
            await self._purge({"seq": due.before})
            self._removed_before = due.before
        if info.state.bytes > CROWDED * self._layout.max_bytes:
            await self._clean_partitions(due)

    async def _clean_partitions(self, due: _Look) -> None:
        """Remove what is done although something older is not, in a partition that waits."""
        for number, floor in due.floors.items():
            if floor >= max(self._removed_before, self._removed.get(number, 0)):
                await self._purge({"filter": self._layout.subject(number), "seq": floor + 1})
                self._removed[number] = floor + 1

    async def _oldest(self, number: int, consumer: ConsumerInfo, before: int) -> int:
        """Return the sequence of the oldest item of a partition that is not done."""
        if not consumer.num_pending and not consumer.num_ack_pending:
            return before
        try:
            data = await self._connection.call(
                f"STREAM.MSG.GET.{self._layout.stream}",
                {
                    "seq": consumer.ack_floor.stream_seq + 1,
                    "next_by_subj": self._layout.subject(number),
                },
            )
        except NatsRefusal as refusal:
            if refusal.code != NO_MESSAGE:
                raise
            return before
        return _found(data).message.seq

    async def _purge(self, what: dict[str, Any]) -> None:
        await self._connection.call(f"STREAM.PURGE.{self._layout.stream}", what)
