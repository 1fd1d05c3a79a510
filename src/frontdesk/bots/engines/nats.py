"""The engine for many machines: NATS JetStream."""

import asyncio
import base64
import json
import logging
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from frontdesk.bots.engines.base import DeadLetter, PartitionStatus, QueueStatus, Work
from frontdesk.bots.engines.nats_claims import monotonic
from frontdesk.bots.engines.nats_layout import (
    ConsumerInfo,
    QueueLayout,
    StreamInfo,
    consumers_of,
    counting_since,
    prepare,
    stream_of,
)
from frontdesk.bots.engines.nats_worker import NatsWorker
from frontdesk.bots.engines.replays import replayed_item
from frontdesk.bots.items import QueueItem, read_item, write_item
from frontdesk.errors import (
    DecodeError,
    InvalidArgument,
    ItemTooLarge,
    QueueFull,
    QueueUnavailable,
)
from frontdesk.redaction import one_line, redacted
from frontdesk.spec.arguments import check_wait
from frontdesk.transport.nats import NatsConnection, NatsFailure, NatsRefusal, nats_settings

__all__ = ["NatsEngine"]

DAY: Final = 86_400.0
GIB: Final = 1024**3
SPARE: Final = 4096
"""Bytes of a message that are kept for headers: its own, and those of its dead letter."""
LONGEST_REASON: Final = 500
ONE_ATTEMPT: Final = 2.0
"""Seconds that one attempt to publish waits for the response."""
PAUSE: Final = 0.1
FULL: Final = frozenset({10023, 10028, 10047, 10077, 10122})
"""JetStream's errors that mean that there is no room: of the stream, the account, or the disk."""
NO_MESSAGE: Final = frozenset({10037, 10043})

REASON: Final = "Frontdesk-Reason"
ATTEMPTS: Final = "Frontdesk-Attempts"
FAILED_AT: Final = "Frontdesk-Failed-At"

logger: logging.Logger = logging.getLogger("frontdesk.bots")


class _Stored(Struct):
    seq: int
    data: str = ""
    hdrs: str = ""
    time: str = ""


class _Message(Struct):
    message: _Stored


_message = msgspec.json.Decoder(_Message).decode


class NatsEngine:
    """Moves items over NATS JetStream: any number of processes accept them, and work on them.

    Needs the extra ``frontdesk[nats]`` and a NATS server (2.10 or later) with JetStream. One
    process works on thousands of messages a second without it; see the guide "Going to several
    machines".

    ``publish`` returns once the stream has stored the item. Items are worked on in order per chat.
    A worker that is killed is silent for ``ack_wait`` seconds; then others get its items. While
    ``work`` runs, the engine itself sends heartbeats, so that work may take as long as it needs;
    what blocks the event loop for longer than ``ack_wait`` seconds loses its item.

    Args:
        servers: One address or several of a cluster, such as ``nats://user:password@host:4222``.
        name: The queue's. Engines with the same name share their items.
        partitions: How many parts the queue has, which no one can change later. A chat is in one
            of them, and one item of a part is worked on at a time: there are at most as many
            handlers at work at once, in all processes together. Slow handlers (language models)
            need more of them, such as 512.
        ack_wait: Seconds of silence after which a worker's item is given to another one.
        max_age: Seconds after which an item is forgotten that nobody has worked on.
        max_bytes: What the items may take on the server's disk; ``publish`` refuses more. What is
            done makes room after ``duplicate_window`` seconds.
        duplicate_window: Seconds in which an item is recognized that is published again.
        replicas: On how many servers of a cluster each item is stored.
        publish_timeout: Seconds that ``publish`` tries to reach the server.
        connection: More arguments of ``nats.connect``, such as ``tls`` and ``user_credentials``.

    Raises:
        MissingDependency: The library ``nats-py`` is not installed.
        InvalidArgument: An argument makes no sense.
    """

    is_durable: bool = True
    is_shared: bool = True

    def __init__(
        self,
        servers: str | Iterable[str] = "nats://127.0.0.1:4222",
        *,
        name: str = "bot",
        partitions: int = 64,
        ack_wait: float = 5.0,
        max_age: float = 7 * DAY,
        max_bytes: int = GIB,
        duplicate_window: float = 120.0,
        replicas: int = 1,
        publish_timeout: float = 5.0,
        connection: Mapping[str, Any] | None = None,
    ) -> None:
        self._settings = nats_settings(servers, connection, "NatsEngine")
        self._layout = QueueLayout(
            name=name,
            partitions=partitions,
            ack_wait=ack_wait,
            max_age=max_age,
            max_bytes=max_bytes,
            duplicate_window=duplicate_window,
            replicas=replicas,
        )
        check_wait("publish_timeout", publish_timeout)
        self._publish_timeout = publish_timeout
        self._connection: NatsConnection | None = None
        self._incarnation = ""
        self._counting = "", 0
        """Which run of the server counts deliveries, and after which sequence."""
        self._worker: NatsWorker | None = None
        self._accepts = False
        self._lost = ""
        """Why the connection will not come back."""

    def __repr__(self) -> str:
        return f"<NatsEngine {self._layout.name!r}, {self._layout.partitions} partitions>"

    async def start(self) -> None:
        """Connect, make what the queue consists of, and check that what is there fits.

        Raises:
            QueueUnavailable: No server responds, or it has no JetStream.
            ForeignQueue: What is there is no queue of a bot, or has other settings.
        """
        if self._connection is not None:
            return
        connection = NatsConnection(
            self._settings,
            f"frontdesk {self._layout.name}",
            on_reconnected=self._reconnected,
            on_closed=self._closed,
        )
        try:
            await connection.connect()
            info = await prepare(connection, self._layout)
            self._counting = await counting_since(connection, self._layout)
        except NatsFailure as failure:
            await connection.close()
            hint = ""
            if isinstance(failure, NatsRefusal) and failure.code in FULL:
                hint = f"; it reserves max_bytes={self._layout.max_bytes} on the disk: give less"
            raise QueueUnavailable(f"the queue on NATS cannot be used: {failure}{hint}") from None
        except BaseException:
            await connection.close()
            raise
        self._lost = ""
        # A stream that is made anew counts from 1 again.
        self._incarnation = f"{self._layout.stream}@{info.created}"
        self._connection = connection
        self._accepts = True

    async def publish(self, item: QueueItem) -> None:
        """Accept an item; returns once the stream has stored it.

        Attempts are repeated for ``publish_timeout`` seconds, under the item's id: of several that
        arrive, one is stored.

        Raises:
            QueueFull: There is no room at present.
            QueueUnavailable: Nobody stores it at present; it may have been stored all the same.
            ItemTooLarge: It exceeds what the server takes in a message (1 MiB by default).
        """
        connection = self._connection
        if connection is None or not self._accepts:
            state = "is not started" if connection is None else "is closing"
            raise QueueUnavailable(f"the engine {state}")
        payload = write_item(item)
        headers = {"Nats-Msg-Id": item.id, "Nats-Expected-Stream": self._layout.stream}
        limit = connection.max_payload - SPARE
        if connection.max_payload and len(payload) + len(item.id) > limit:
            raise ItemTooLarge(
                f"a webhook has {len(payload)} bytes, and the queue takes {limit} in an item"
            )
        subject = self._layout.subject(self._layout.partition_of(item.key))
        ends_at = monotonic() + self._publish_timeout
        while True:
            left = ends_at - monotonic()
            try:
                await connection.request(
                    subject, payload, headers, timeout=min(ONE_ATTEMPT, max(PAUSE, left))
                )
            except NatsRefusal as refusal:
                if refusal.code in FULL:
                    raise QueueFull(f"the queue on NATS has no room: {refusal}") from None
                failure: NatsFailure = refusal
            except NatsFailure as error:
                failure = error
            else:
                return
            if self._lost or left <= PAUSE:
                raise QueueUnavailable(f"the queue on NATS stores nothing: {failure}")
            await asyncio.sleep(PAUSE)

    async def consume(self, work: Work) -> None:
        """Give items to ``work`` from now on; returns when ``close`` is called.

        Cancelling it gives back what is not settled.

        Raises:
            InvalidArgument: Items are consumed already.
            QueueUnavailable: The engine has not been started; or the server does not accept the
                log-in any more, or a consumer was removed: to be started again.
        """
        if self._connection is None or not self._accepts:
            raise QueueUnavailable("the engine is not started")
        if self._worker is not None:
            raise InvalidArgument("", "the items of this engine are consumed already")
        worker = self._worker = NatsWorker(
            self._connection,
            self._layout,
            self._incarnation,
            *self._counting,
            work,
            self._bury,
        )
        if self._lost:
            worker.fail(self._gone())
        try:
            await worker.run()
        finally:
            self._worker = None

    async def close(self, timeout: float | None = None) -> int:  # noqa: ASYNC109 - returns the rest
        """Ask for no more items, wait until those under way are settled, and disconnect.

        Returns how many were not settled in ``timeout`` seconds; they are given to another worker
        at once.
        """
        check_wait("timeout", timeout)
        self._accepts = False
        worker, connection = self._worker, self._connection
        unsettled = 0 if worker is None else await worker.close(timeout)
        if connection is not None:
            await connection.close()
            self._connection = None
        return unsettled

    async def dead_letters(self) -> AsyncIterator[DeadLetter]:
        """Go through what was given up, oldest first.

        Raises:
            QueueUnavailable: The server does not respond.
        """
        sequence = 0
        while (stored := await self._stored(sequence + 1)) is not None:
            sequence = stored.seq
            yield _letter(stored)

    async def replay(self, dead_letter_id: str) -> None:
        """Publish the item of a dead letter again, under a new id, and forget the dead letter.

        Raises:
            InvalidArgument: There is no such dead letter, or it has no item.
            QueueFull: There is no room at present; the dead letter stays.
            QueueUnavailable: The server does not respond.
        """
        stored = None
        if dead_letter_id.isascii() and dead_letter_id.isdigit() and len(dead_letter_id) < 20:  # noqa: PLR2004 - digits of a sequence
            stored = await self._stored(int(dead_letter_id))
        letter = None if stored is None else _letter(stored)
        if letter is not None and letter.id != dead_letter_id:
            letter = None  # the next one
        await self.publish(replayed_item(letter, dead_letter_id))
        try:
            await self._there().call(
                f"STREAM.MSG.DELETE.{self._layout.dead_stream}", {"seq": int(dead_letter_id)}
            )
        except NatsRefusal as refusal:
            if refusal.code not in NO_MESSAGE:
                raise QueueUnavailable(f"the dead letter cannot be forgotten: {refusal}") from None
        except NatsFailure as failure:
            raise QueueUnavailable(f"the dead letter cannot be forgotten: {failure}") from None

    async def status(self) -> QueueStatus:
        """Return what waits in each partition, and how many items were given up.

        Raises:
            QueueUnavailable: The server does not respond.
        """
        connection, layout = self._there(), self._layout
        try:
            items = await stream_of(connection, layout.stream)
            dead = await stream_of(connection, layout.dead_stream)
            consumers = await consumers_of(connection, layout)
            partitions = await asyncio.gather(
                *(self._partition(number, info) for number, info in consumers.items())
            )
        except NatsFailure as failure:
            raise QueueUnavailable(f"the queue on NATS cannot be read: {failure}") from None
        if items is None or dead is None:
            raise QueueUnavailable(f"there is no stream {layout.stream} any more")
        return QueueStatus(
            waiting=sum(part.waiting + part.in_progress for part in partitions),
            dead_letters=dead.state.messages,
            partitions=tuple(partitions),
            stored_bytes=_size(items),
            limit_bytes=layout.max_bytes,
        )

    async def _partition(self, number: int, info: ConsumerInfo) -> PartitionStatus:
        oldest_at = None
        if info.num_pending or info.num_ack_pending:
            oldest = await self._message(
                self._layout.stream, info.ack_floor.stream_seq + 1, self._layout.subject(number)
            )
            oldest_at = None if oldest is None else _seconds(oldest.time)
        return PartitionStatus(
            number=number,
            waiting=info.num_pending,
            in_progress=info.num_ack_pending,
            oldest_at=oldest_at,
        )

    async def _bury(
        self, item: QueueItem | None, data: bytes | None, sequence: int, reason: str, attempts: int
    ) -> None:
        """Store a dead letter; raises ``QueueUnavailable`` if that fails."""
        reason = one_line(redacted(reason))[:LONGEST_REASON]
        headers = {
            # The same item may be given up twice, if a worker is killed in between.
            "Nats-Msg-Id": f"{self._incarnation}:{sequence}",
            "Nats-Expected-Stream": self._layout.dead_stream,
            REASON: json.dumps(reason),
            ATTEMPTS: str(attempts),
            FAILED_AT: repr(time.time()),
        }
        payload = (data or b"") if item is None else write_item(item)
        try:
            await self._there().request(self._layout.dead_subject, payload, headers)
        except NatsFailure as failure:
            raise QueueUnavailable(f"{failure}") from None

    async def _stored(self, sequence: int) -> _Stored | None:
        """Return the first dead letter of that sequence or a later one."""
        try:
            return await self._message(
                self._layout.dead_stream, max(1, sequence), self._layout.dead_subject
            )
        except NatsFailure as failure:
            raise QueueUnavailable(f"the dead letters cannot be read: {failure}") from None

    async def _message(self, stream: str, sequence: int, subject: str) -> _Stored | None:
        """Return the first message of a subject that is at a sequence or after it."""
        try:
            data = await self._there().call(
                f"STREAM.MSG.GET.{stream}", {"seq": sequence, "next_by_subj": subject}
            )
        except NatsRefusal as refusal:
            if refusal.code in NO_MESSAGE:
                return None
            raise
        return _message(data).message

    def _there(self) -> NatsConnection:
        if self._connection is None:
            raise QueueUnavailable("the engine is not started")
        return self._connection

    async def _reconnected(self) -> None:
        if self._worker is not None:
            await self._worker.reconnected()

    def _closed(self, reason: str) -> None:
        self._lost = reason
        logger.error("the connection to NATS does not come back: %s", reason)
        if self._worker is not None:
            self._worker.fail(self._gone())

    def _gone(self) -> QueueUnavailable:
        return QueueUnavailable(f"the connection to NATS does not come back: {self._lost}")


def _size(info: StreamInfo) -> int:
    return info.state.bytes


def _letter(stored: _Stored) -> DeadLetter:
    headers = dict(_headers(base64.b64decode(stored.hdrs)))
    data = base64.b64decode(stored.data)
    try:
        item = read_item(data)
    except DecodeError:
        item = None
    try:
        reason = str(json.loads(headers.get(REASON, '""')))
        attempts, failed_at = int(headers.get(ATTEMPTS, "0")), float(headers.get(FAILED_AT, "0"))
    except ValueError:
        reason, attempts, failed_at = "it does not say", 0, 0.0
    return DeadLetter(
        id=str(stored.seq), item=item, reason=reason, attempts=attempts, failed_at=failed_at
    )


def _headers(data: bytes) -> Iterable[tuple[str, str]]:
    for line in data.decode("utf-8", "replace").split("\r\n")[1:]:
        name, separator, value = line.partition(":")
        if separator:
            yield name, value.strip()


def _seconds(timestamp: str) -> float | None:
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except ValueError:
        return None
