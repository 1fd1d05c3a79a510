"""The side of a queue on NATS that works: it asks for items, and says what became of them.

Each worker asks for one item of each partition. The server gives a partition's next item to one
of those who ask, and no other before it is settled: so workers share all partitions, and take
over from a killed one when its lease ends.

How long an item is surely ours is counted from a time before the server gave it out. Messages of
one connection keep their order, so an item that comes after the echo of a ping was given out after
that ping was sent. What waited in a buffer while the process was paused is seen to be old thereby.
"""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from frontdesk.bots.engines.base import Work
from frontdesk.bots.engines.nats_claims import NatsClaim, monotonic, read_delivery
from frontdesk.bots.engines.nats_cleaning import NatsCleaner
from frontdesk.bots.engines.nats_layout import QueueLayout, counting_since
from frontdesk.bots.items import read_item
from frontdesk.concurrency.ordered_executor import is_interrupt, is_stopped
from frontdesk.errors import DecodeError, FrontdeskError, QueueUnavailable
from frontdesk.redaction import log_failure, one_line, redacted
from frontdesk.transport.nats import API, NatsConnection, NatsFailure

if TYPE_CHECKING:
    from nats.aio.msg import Msg

__all__ = ["NatsWorker"]

SECOND: Final = 1_000_000_000
WAIT: Final = 30.0
"""Seconds that the server keeps a request for an item."""
HEARTBEAT: Final = 5.0
"""Seconds between two signs of life of a request that waits."""
MISSED: Final = 2.5
"""After so many heartbeats that did not come, the request is taken for lost."""
AGAIN: Final = 0.25
"""Seconds until something is asked for again that the server did not take."""
PAUSE: Final = 1.0
"""Seconds until an item is given out again that nobody settled."""
LONGEST_PAUSE: Final = 300.0
"""Seconds that an item may block its partition after a failure."""
FLUSH: Final = 0.5

_encode = msgspec.json.Encoder().encode
ASK: Final = _encode(
    {"batch": 1, "expires": int(WAIT * SECOND), "idle_heartbeat": int(HEARTBEAT * SECOND)}
)
ACK_AND_ASK: Final = b"+NXT " + ASK

logger: logging.Logger = logging.getLogger("frontdesk.bots")


class _Partition:
    """What this worker has asked for in one partition, and what it works on."""

    __slots__ = ("asked_at", "claim", "heard_at", "number", "request", "task")

    def __init__(self, number: int) -> None:
        self.number = number
        self.request = 0
        """Tells the last request from those before it, whose ends mean nothing any more."""
        self.asked_at: float | None = None
        self.heard_at = 0.0
        self.claim: NatsClaim | None = None
        self.task: asyncio.Task[None] | None = None


class NatsWorker:
    """Gives the items of a queue to ``work``. Belongs to one event loop, and is used once.

    Args:
        connection: Where to.
        layout: The queue.
        incarnation: What tells this stream from an earlier one of the same name.
        run: The run of the server that was seen last.
        proven_after: The sequence after which the server's counts of deliveries are proof.
        work: What to call with each claim.
        dead_letters: What stores a dead letter: the message, why, and how often it was given out;
            raises ``QueueUnavailable`` if that fails.
    """

    def __init__(
        self,
        connection: NatsConnection,
        layout: QueueLayout,
        incarnation: str,
        run: str,
        proven_after: int,
        work: Work,
        dead_letters: Any,
    ) -> None:
        self._connection = connection
        self._layout = layout
        self._incarnation = incarnation
        self._work = work
        self._bury = dead_letters
        self._partitions = [_Partition(number) for number in range(layout.partitions)]
        self._numbers = {layout.consumer(number): number for number in range(layout.partitions)}
        self._inbox = ""
        self._subscription: Any = None
        self._known_at = 0.0
        """A time before the server gave out what comes from now on."""
        self._beats: dict[str, tuple[NatsClaim, float]] = {}
        self._beat_number = 0
        self._run = run
        """The run of the server that was seen last."""
        self._proven_after: float = proven_after
        self._tasks: set[asyncio.Task[None]] = set()
        self._noting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._noting.set_result(None)
        self._helpers: list[asyncio.Task[None]] = []
        self._started = asyncio.Event()
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closing = False

    @property
    def unsettled(self) -> int:
        """How many items this worker has."""
        return len(self._tasks)

    async def run(self) -> None:
        """Work until ``close`` is called; raises ``QueueError`` if that is not possible any more.

        Cancelling it gives back what is not settled.
        """
        try:
            self._inbox = self._connection.new_inbox()
            await self._begin()
            if not self._closing:
                cleaner = NatsCleaner(self._connection, self._layout)
                self._helpers = [
                    asyncio.ensure_future(self._tick()),
                    asyncio.ensure_future(cleaner.run()),
                ]
            await self._failed
        except NatsFailure as failure:
            if self._closing:
                return
            raise QueueUnavailable(f"the queue on NATS cannot be used: {failure}") from None
        finally:
            if not self._closing:
                await self.close(0.0)

    def fail(self, error: FrontdeskError) -> None:
        """End with an error."""
        if not self._failed.done():
            self._failed.set_exception(error)

    async def close(self, timeout: float | None) -> int:  # noqa: ASYNC109 - returns the rest
        """Ask for no more, wait for what is under way, and give back what is not settled."""
        self._closing = True
        with suppress(NatsFailure):
            await self._ask_no_more()
        tasks = tuple(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=timeout)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=PAUSE)
        unsettled = 0
        for partition in self._partitions:
            claim = partition.claim
            if claim is not None and not claim.settled:
                unsettled += 1
                # At once, so that another worker need not wait for the end of the lease.
                await claim.nak(0)
        for helper in (*self._helpers, self._noting):
            helper.cancel()
        await asyncio.wait([*self._helpers, self._noting])
        with suppress(NatsFailure):
            await self._connection.flush(FLUSH)
        if not self._failed.done():
            self._failed.set_result(None)
        return unsettled

    async def _ask_no_more(self) -> None:
        """End all requests: the server gives nothing out to those that nobody waits for."""
        if self._subscription is None:
            return
        # Heartbeats are still confirmed, for what is under way.
        await self._connection.subscribe(f"{self._inbox}.h.*", self._receive)
        subscription, self._subscription = self._subscription, None
        await self._connection.unsubscribe(subscription)
        await self._connection.flush(FLUSH)

    async def reconnected(self) -> None:
        """Go on with a connection that is there again: what was asked for is forgotten there."""
        for partition in self._partitions:
            partition.asked_at = None
            # Another run of the server may not remember to whom it gave what.
            if self._connection.server_id != self._run and partition.claim is not None:
                partition.claim.lose()
        if self._connection.server_id != self._run:
            self._proven_after = float("inf")
        if self._started.is_set() and not self._closing:
            with suppress(NatsFailure):
                await self._ping()
            for partition in self._partitions:
                await self._ask(partition)

    async def acknowledge(self, claim: NatsClaim) -> None:
        """Tell the server that an item is done, and ask for the next one; for its claim."""
        partition = self._partitions[claim.partition]
        with suppress(NatsFailure):
            if self._closing:
                await self._connection.send(claim.reply, b"+ACK")
            else:
                await self._connection.send(claim.reply, ACK_AND_ASK, self._requested(partition))

    async def give_back(self, claim: NatsClaim, delay: float) -> None:
        """Tell the server to give an item out again after some seconds; for its claim."""
        order = b"-NAK"
        if delay > 0:
            order += b" " + _encode({"delay": int(min(delay, LONGEST_PAUSE) * SECOND)})
        with suppress(NatsFailure):
            await self._connection.send(claim.reply, order)
        await self._ask(self._partitions[claim.partition])

    async def give_up(self, claim: NatsClaim, reason: str) -> None:
        """Store a dead letter of an item, and then tell the server to forget the item."""
        reason = one_line(redacted(reason))
        try:
            await self._bury(claim.item, None, claim.sequence, reason, claim.attempt)
        except FrontdeskError as error:
            logger.error(  # noqa: TRY400 - its traceback says no more
                "the dead letter of item %s cannot be stored, so that its partition waits: %s",
                claim.item.id,
                error,
            )
            await claim.nak(PAUSE)
            return
        if claim.is_fresh:
            claim.settled = True
            await self._terminate(claim.reply)
            await self._ask(self._partitions[claim.partition])

    async def beat(self, claim: NatsClaim) -> None:
        """Tell the server that an item is being worked on; its response begins the lease anew."""
        self._beat_number += 1
        token = f"{self._inbox}.h.{self._beat_number}"
        now = monotonic()
        claim.beat_at = now
        self._beats[token] = (claim, now)
        with suppress(NatsFailure):
            await self._connection.send(claim.reply, b"+WPI", token)

    async def _begin(self) -> None:
        """Subscribe, and ask for an item of each partition."""
        connection = self._connection
        self._subscription = await connection.subscribe(f"{self._inbox}.>", self._receive)
        await self._ping()
        self._started.set()
        for partition in self._partitions:
            await self._ask(partition)

    async def _note_run(self) -> None:
        """Ask what the counts of another run of the server prove."""
        with suppress(NatsFailure):
            counting = await counting_since(self._connection, self._layout)
            self._run, self._proven_after = counting

    async def _ping(self) -> None:
        await self._connection.send(f"{self._inbox}.b.{monotonic()!r}", b"")

    def _requested(self, partition: _Partition) -> str:
        """Note a request that is about to be sent; returns where its response goes to."""
        partition.request += 1
        partition.asked_at = partition.heard_at = monotonic()
        return f"{self._inbox}.p.{partition.number}.{partition.request}"

    async def _ask(self, partition: _Partition) -> None:
        """Ask for the next item of a partition."""
        if self._closing:
            return
        consumer = self._layout.consumer(partition.number)
        subject = f"{API}CONSUMER.MSG.NEXT.{self._layout.stream}.{consumer}"
        try:
            await self._connection.send(subject, ASK, self._requested(partition))
        except NatsFailure:
            partition.asked_at = None

    async def _receive(self, message: "Msg") -> None:
        """Take what comes to the inbox, in the order in which the server sent it."""
        delivery = read_delivery(message.reply)
        if delivery is not None:
            number = self._numbers.get(delivery.consumer)
            if number is not None:
                await self._take(self._partitions[number], message, delivery)
            return
        kind, _, rest = message.subject[len(self._inbox) + 1 :].partition(".")
        if kind == "b":
            self._known_at = max(self._known_at, float(rest))
        elif kind == "h":
            claim, sent_at = self._beats.pop(message.subject, (None, 0.0))
            if claim is not None and not (message.headers or {}).get("Status"):
                claim.confirm(sent_at)
        elif kind == "p":
            number_text, _, request = rest.partition(".")
            partition = self._partitions[int(number_text)]
            if request == str(partition.request):
                await self._note_status(partition, message.headers or {})

    async def _note_status(self, partition: _Partition, headers: dict[str, str]) -> None:
        """Take what the server says of a request: a sign of life, or that it is over."""
        status = headers.get("Status", "")
        partition.heard_at = monotonic()
        if status == "100":
            return
        if "Consumer Deleted" in headers.get("Description", ""):
            consumer = self._layout.consumer(partition.number)
            self.fail(QueueUnavailable(
                f"the consumer {consumer} of the stream {self._layout.stream} was removed; start "
                "the worker again to have it made anew"
            ))  # fmt: skip
            return
        partition.asked_at = None
        if status == "408":
            await self._ask(partition)
        # Else nobody takes requests at present; it is asked again with the next tick.

    async def _take(self, partition: _Partition, message: "Msg", delivery: Any) -> None:
        """Begin to work on an item."""
        partition.asked_at = None
        leased_at = self._known_at
        layout = self._layout
        try:
            item = read_item(message.data)
        except DecodeError as error:
            await self._bury_unreadable(partition, message, delivery, error)
            return
        claim = NatsClaim(
            self,
            item,
            delivery,
            partition=partition.number,
            reply=message.reply,
            stream=self._incarnation,
            lease=layout.ack_wait,
            leased_at=leased_at,
            is_proven=delivery.sequence > self._proven_after,
        )
        if not claim.is_fresh:
            # It waited while this process was paused, and may be somebody else's by now.
            logger.warning("item %s came too late, and is left to come again", item.id)
            await self._ask(partition)
            return
        if self._closing:
            await claim.nak(0)
            return
        before, partition.claim = partition.task, claim
        task = asyncio.get_running_loop().create_task(self._handle(partition, claim, before))
        partition.task = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(
        self, partition: _Partition, claim: NatsClaim, before: "asyncio.Task[None] | None"
    ) -> None:
        if before is not None and not before.done():
            # The lease ran out while this process was at it; it does not do two things at once.
            await asyncio.wait([before])
        if claim.is_fresh:
            await self._work_on(claim)
        if claim.is_fresh:
            await claim.nak(PAUSE)
        elif not claim.settled:
            logger.warning("item %s took too long, and comes again", claim.item.id)
            claim.settled = True
            await self._ask(partition)
        if partition.claim is claim:
            partition.claim = None
            partition.task = None

    async def _work_on(self, claim: NatsClaim) -> None:
        try:
            await self._work(claim)
        except BaseException as error:
            if is_stopped(error):
                raise
            log_failure(logger, "the worker failed on item %s", claim.item.id, error=error)
            if is_interrupt(error):
                raise
        else:
            if claim.is_fresh:
                logger.error("item %s was not settled by its worker", claim.item.id)

    async def _bury_unreadable(
        self, partition: _Partition, message: "Msg", delivery: Any, error: DecodeError
    ) -> None:
        """Make a dead letter of what is no item."""
        try:
            await self._bury(None, message.data, delivery.sequence, error.message, delivery.attempt)
            await self._terminate(message.reply)
        except FrontdeskError as failure:
            logger.error("what is no item cannot be made a dead letter: %s", failure)  # noqa: TRY400
        await self._ask(partition)

    async def _terminate(self, reply: str) -> None:
        with suppress(NatsFailure):
            await self._connection.send(reply, b"+TERM")

    async def _tick(self) -> None:
        """Do what is due: pings, heartbeats, and requests that were lost."""
        every = self._layout.ack_wait / 20
        while True:
            await asyncio.sleep(every)
            if not self._connection.is_connected:
                continue
            try:
                await self._ping()
                # Beside this: a server that does not respond yet must not keep pings from it.
                if self._connection.server_id != self._run and self._noting.done():
                    self._noting = asyncio.ensure_future(self._note_run())
                await self._keep_up()
            except NatsFailure as failure:
                logger.debug("NATS: %s", failure)
            except Exception as error:  # noqa: BLE001 - the next tick does better
                log_failure(logger, "the worker's clock failed", error=error)

    async def _keep_up(self) -> None:
        now = monotonic()
        lost = HEARTBEAT * MISSED
        for partition in self._partitions:
            claim = partition.claim
            if claim is not None and claim.is_fresh:
                if now - claim.beat_at >= self._layout.ack_wait / 4:
                    await self.beat(claim)
            elif (
                partition.asked_at is None
                or now - partition.heard_at > lost
                or now - partition.asked_at > WAIT + HEARTBEAT
            ) and claim is None:
                await self._ask(partition)
        # Responses that never came.
        for token in [t for t, (_, sent_at) in self._beats.items() if now - sent_at > WAIT]:
            del self._beats[token]
