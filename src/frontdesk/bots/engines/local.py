"""The engine within one process."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from frontdesk.bots.engines.base import DeadLetter, QueueStatus, Work
from frontdesk.bots.engines.dead_letters import DeadLetters, dead_letters_at
from frontdesk.bots.engines.kept_items import KeptItem, KeptItems
from frontdesk.bots.engines.replays import replayed_item
from frontdesk.bots.items import QueueItem
from frontdesk.concurrency.ordered_executor import OrderedExecutor
from frontdesk.errors import InvalidArgument, QueueFull, QueueUnavailable
from frontdesk.redaction import log_failure, one_line, redacted
from frontdesk.spec.arguments import check_count, check_wait
from frontdesk.webhooks.journal import Journal

__all__ = ["LocalClaim", "LocalEngine"]

PAUSE: Final = 1.0
"""Seconds until an item is given out again that nobody settled."""

GRACE: Final = 1.0
"""Seconds that a dead letter has to be written when the engine is closed."""

logger: logging.Logger = logging.getLogger("frontdesk.bots")


class LocalClaim:
    """An item of a ``LocalEngine`` that the worker has; see ``Claim``."""

    __slots__ = ("_engine", "attempt", "is_redelivered", "item", "kept",
                 "lease", "pause", "sequence", "settled", "stream")  # fmt: skip

    def __init__(
        self, engine: "LocalEngine", item: QueueItem, sequence: int, kept: KeptItem | None
    ) -> None:
        self.item: QueueItem = item
        self.attempt: int = 0
        self.stream: str = ""
        self.sequence: int = sequence
        self.is_redelivered: bool = False
        self.lease: float | None = None
        self._engine = engine
        self.kept: KeptItem | None = kept
        self.settled: bool = False
        self.pause: float | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether the item is this worker's still: it is not settled, nor was it given up."""
        return not self.settled

    @property
    def is_done(self) -> bool:
        """Whether the item is acknowledged, or given up and a dead letter."""
        return self.settled and self.pause is None

    async def ack(self) -> None:
        """Say that the item is done."""
        if not self.settled:
            self.settled = True
            if self.kept is not None:
                self._engine.forget(self.kept)

    async def nak(self, delay: float) -> None:
        """Have the item given to the worker again after ``delay`` seconds; its key waits."""
        if not self.settled:
            self.settled = True
            self.pause = max(0.0, delay)

    async def term(self, reason: str) -> None:
        """Give the item up: it becomes a dead letter, and then its key goes on."""
        if not self.settled:
            self.settled = True
            # Until the dead letter is kept, the item is not done: its worker may be cancelled here.
            self.pause = PAUSE
            await self._engine.give_up(self, reason)

    async def heartbeat(self) -> None:
        """Do nothing: nobody takes the item from this process."""


class _Again(Exception):
    """An item is to be given out again after a pause."""

    def __init__(self, pause: float) -> None:
        super().__init__(pause)
        self.pause = pause


class LocalEngine:
    """Moves the items of one process, in its memory: the engine of a bot unless it gets another.

    Items are worked on in order per key, ``concurrency`` of them at once. Without a journal those
    that are not settled are lost with the process. With one they come back when an engine is
    started on it, with their ids and marked as redelivered.

    Args:
        concurrency: How many items are worked on at once.
        capacity: How many may be accepted and not settled; ``publish`` refuses more.
        journal: A directory (or a ``Journal``) that keeps accepted items until they are settled.
            It must be the engine's own, and may be shared by the engines of several processes.
        dead_letters: A directory that keeps what was given up; by default the latest 1000 are kept
            in memory.
        stall_timeout: Seconds that ``close`` waits while no item is settled; None to wait for
            ever.

    Raises:
        InvalidArgument: An argument makes no sense, or a directory cannot be used.
    """

    is_shared: bool = False

    def __init__(
        self,
        *,
        concurrency: int = 100,
        capacity: int = 10_000,
        journal: Journal | str | Path | None = None,
        dead_letters: DeadLetters | str | Path | None = None,
        stall_timeout: float | None = 10.0,
    ) -> None:
        check_count("concurrency", concurrency)
        check_count("capacity", capacity)
        check_wait("stall_timeout", stall_timeout)
        self._capacity = capacity
        self._stall_timeout = stall_timeout
        self.is_durable: bool = journal is not None
        self._kept = None if journal is None else KeptItems(journal)
        self._dead_letters = dead_letters_at(dead_letters)
        self._executor: OrderedExecutor[LocalClaim] = OrderedExecutor(
            self._work_on, concurrency=concurrency, capacity=capacity, on_error=self._failed
        )
        self._waiting: list[LocalClaim] = []
        """What was accepted while nobody consumes."""
        self._work: Work | None = None
        self._started = False
        self._accepts = False
        self._taking_back = False
        self._sequence = 0
        self._replaying: set[str] = set()
        self._giving_up: set[asyncio.Task[None]] = set()
        """Dead letters that are being written."""
        self._ended: asyncio.Event = asyncio.Event()
        self._closer: asyncio.Task[int] | None = None
        """What goes on with a ``close`` that the work called."""

    def __repr__(self) -> str:
        return f"<LocalEngine {self._unsettled} waiting>"

    @property
    def _unsettled(self) -> int:
        return self._executor.unfinished + len(self._waiting)

    async def start(self) -> None:
        """Take over what killed processes left in the journal, and accept items from now on.

        An engine that was closed goes on, with what ``close`` left in the journal.

        Raises:
            InvalidArgument: The journal's directory cannot be read.
            QueueError: The directory of the dead letters cannot be written.
            ForeignQueue: The journal has something else than items.
        """
        if self._started:
            return
        await self._dead_letters.prepare()
        self._ended = asyncio.Event()
        if self._kept is not None:
            for kept in await self._unsettled_of(self._kept):
                claim = self._claim(kept.item, kept)
                claim.attempt = kept.lives
                claim.is_redelivered = True
                self._waiting.append(claim)
        self._started = self._accepts = True

    async def _unsettled_of(self, journal: KeptItems) -> list[KeptItem]:
        """Take over what killed processes left, without what is a dead letter already.

        A process may have been killed after it wrote the dead letter and before the journal said
        so: handled now, the item would be handled again when the letter is replayed.
        """
        # A slow disk may have outlasted the last close.
        await self._written_off()
        left = journal.open()
        if not left:
            return left
        try:
            given_up = await self._given_up()
        except BaseException:
            journal.close()
            raise
        for kept in left:
            if kept.item.id in given_up:
                journal.done(kept)
        return [kept for kept in left if kept.item.id not in given_up]

    async def _given_up(self) -> set[str]:
        return {letter.item.id async for letter in self.dead_letters() if letter.item is not None}

    async def publish(self, item: QueueItem) -> None:
        """Accept an item; nothing is awaited before it is accepted.

        With a journal that waits for the disk, returns once the disk has the item.

        Raises:
            QueueFull: So many items as there is room for are not settled yet.
            QueueUnavailable: The engine has not been started, or is closed; or the disk fails.
        """
        if not self._accepts:
            state = "is closing" if self._started else "is not started"
            raise QueueUnavailable(f"the engine {state}")
        executor = self._executor
        if executor.unfinished + len(self._waiting) >= self._capacity:
            raise QueueFull(f"{self._capacity} items wait already")
        if self._kept is None:
            self._submit(self._claim(item, None))
            return
        try:
            kept = self._kept.add(item)
        except OSError as error:
            raise _unwritten(error) from None
        self._submit(self._claim(item, kept))
        try:
            await self._kept.synced(kept)
        except OSError as error:
            raise _unwritten(error) from None

    async def consume(self, work: Work) -> None:
        """Give items to ``work`` from now on; returns when ``close`` is called.

        Cancelling it stops what is under way; the next ``consume`` gets what is not settled.

        Raises:
            InvalidArgument: Items are consumed already.
            QueueUnavailable: The engine has not been started, or is closed.
        """
        if not self._started:
            raise QueueUnavailable("the engine is not started")
        if self._work is not None:
            raise InvalidArgument("", "the items of this engine are consumed already")
        self._work = work
        waiting, self._waiting = self._waiting, []
        for claim in waiting:
            self._executor.submit(claim.item.key, claim)
        try:
            await self._ended.wait()
        finally:
            if not self._ended.is_set():
                await self._take_back()
            self._work = None

    async def close(self, timeout: float | None = None) -> int:  # noqa: ASYNC109 - returns the rest
        """Accept no more, wait until what was accepted is settled, and end.

        What is left after ``timeout`` seconds, or when no item was settled for ``stall_timeout``
        seconds, is stopped. Returns how many items were not settled: without a journal they are
        lost, with one they come back after the next start.

        The work may call it, too: it returns at once then, with how many are not settled yet, and
        the engine ends when they are.
        """
        check_wait("timeout", timeout)
        self._accepts = False
        if self._executor.is_called_here():
            self._closer = asyncio.get_running_loop().create_task(self._close(timeout))
            return self._unsettled
        return await self._close(timeout)

    async def _close(self, timeout: float | None) -> int:  # noqa: ASYNC109 - returns the rest
        if not self._started:
            return 0
        unsettled = len(self._waiting)
        self._waiting.clear()
        if self._executor.unfinished:
            pending = self._executor.pending()
            await self._executor.drain(timeout, self._stall_timeout)
            await self._written_off(GRACE)
            unsettled += sum(not claim.is_done for claim in pending)
            for claim in pending:
                # Work that goes on in spite of its cancellation must neither save nor acknowledge
                # what the next start gives to somebody else.
                claim.settled = True
        # Who only adds to a journal leaves its items there on purpose.
        if unsettled and self._started and (self._kept is None or self._work is not None):
            fate = "are lost" if self._kept is None else "wait in the journal"
            logger.error("%d accepted items were not settled and %s", unsettled, fate)
        self._started = False
        if self._kept is not None:
            self._kept.close()
        self._ended.set()
        return unsettled

    async def dead_letters(self) -> AsyncIterator[DeadLetter]:
        """Go through what was given up, oldest first."""
        for letter_id in await self._dead_letters.ids():
            letter = await self._dead_letters.read(letter_id)
            if letter is not None:
                yield letter

    async def replay(self, dead_letter_id: str) -> None:
        """Publish the item of a dead letter again, under a new id, and forget the dead letter.

        Raises:
            InvalidArgument: There is no such dead letter, or it is damaged.
            QueueFull: There is no room at present; the dead letter stays.
            QueueUnavailable: The engine is not started.
        """
        letter = await self._dead_letters.read(dead_letter_id)
        item = replayed_item(letter, dead_letter_id)
        if dead_letter_id in self._replaying:
            return
        self._replaying.add(dead_letter_id)
        try:
            await self.publish(item)
            await self._dead_letters.remove(dead_letter_id)
        finally:
            self._replaying.discard(dead_letter_id)

    async def status(self) -> QueueStatus:
        """Return how many items wait, and how many were given up.

        An engine that is not started counts what is in its journal, whichever process has it: so
        one can look at the queue of a bot that runs elsewhere. Nothing is taken over.

        Raises:
            InvalidArgument: The journal's directory cannot be read.
            ForeignQueue: The journal has something else than items.
        """
        waiting = self._unsettled
        if self._kept is not None and not self._started:
            waiting = len(self._kept.peek() - await self._given_up())
        return QueueStatus(waiting=waiting, dead_letters=len(await self._dead_letters.ids()))

    def _claim(self, item: QueueItem, kept: KeptItem | None) -> LocalClaim:
        self._sequence = sequence = self._sequence + 1
        return LocalClaim(self, item, sequence, kept)

    def _submit(self, claim: LocalClaim) -> None:
        if self._work is None or self._taking_back:
            self._waiting.append(claim)
        else:
            self._executor.submit(claim.item.key, claim)

    async def _work_on(self, claim: LocalClaim) -> None:
        claim.attempt += 1
        if claim.is_redelivered and claim.kept is not None and self._kept is not None:
            await self._kept.begin(claim.kept)
        assert self._work is not None
        await self._work(claim)
        if claim.is_done:
            return
        if claim.pause is None:
            logger.error("item %s was not settled by its worker", claim.item.id)
        raise _Again(PAUSE if claim.pause is None else claim.pause)

    def _failed(self, claim: LocalClaim, error: BaseException, attempt: int) -> float | None:
        if isinstance(error, _Again):
            pause = error.pause
        else:
            log_failure(logger, "the worker failed on item %s", claim.item.id, error=error)
            if claim.is_done:
                return None
            pause = PAUSE if claim.pause is None else claim.pause
        claim.settled = False
        claim.pause = None
        claim.is_redelivered = True
        return pause

    def forget(self, kept: KeptItem) -> None:
        """Take an item out of the journal; for its claim."""
        # Work that goes on in spite of its end finds the journal closed.
        if self._kept is not None and self._started:
            self._kept.done(kept)

    async def give_up(self, claim: LocalClaim, reason: str) -> None:
        """Make an item a dead letter, for its claim, whose ``pause`` stays if that fails.

        Goes on when the worker is cancelled meanwhile, so that no item has two dead letters.
        """
        writing = asyncio.get_running_loop().create_task(self._give_up(claim, reason))
        self._giving_up.add(writing)
        writing.add_done_callback(self._giving_up.discard)
        await asyncio.shield(writing)

    async def _give_up(self, claim: LocalClaim, reason: str) -> None:
        reason = one_line(redacted(reason))
        try:
            await self._dead_letters.add(claim.item, reason, claim.attempt)
        except OSError as error:
            logger.error(  # noqa: TRY400 - its traceback says no more
                "the dead letter of item %s cannot be written, so that its chat waits: %s",
                claim.item.id,
                error.strerror or error,
            )
            return
        claim.pause = None
        if claim.kept is not None:
            self.forget(claim.kept)

    async def _written_off(self, seconds: float | None = None) -> None:
        """Wait for dead letters that are being written."""
        if self._giving_up:
            await asyncio.wait(self._giving_up, timeout=seconds)

    async def _take_back(self) -> None:
        """Stop the work, and keep what is not settled for the next consumer."""
        pending = self._executor.pending()
        # What is accepted meanwhile comes behind what is taken back.
        self._taking_back = True
        try:
            await self._executor.drain(0)
            await self._written_off()
        finally:
            self._taking_back = False
        taken: list[LocalClaim] = []
        for claim in pending:
            if claim.is_done:
                continue
            # Work that goes on in spite of its cancellation has no say any more.
            claim.settled = True
            again = self._claim(claim.item, claim.kept)
            again.attempt = claim.attempt
            again.is_redelivered = claim.is_redelivered or claim.attempt > 0
            taken.append(again)
        self._waiting[:0] = taken


def _unwritten(error: OSError) -> QueueUnavailable:
    return QueueUnavailable(f"the journal cannot be written: {error.strerror or error}")
