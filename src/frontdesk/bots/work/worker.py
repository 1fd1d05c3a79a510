"""The work on a claim: state in, handlers, state out, acknowledgement."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from frontdesk.bots.context import Context
from frontdesk.bots.engines.base import Claim
from frontdesk.bots.handlers.routes import Choice, Route, RouteTable
from frontdesk.bots.handlers.signatures import Plan
from frontdesk.bots.identity import Identities
from frontdesk.bots.states.base import StateStore, StoredState
from frontdesk.bots.states.record import ChatRecord, Trouble, read_record, write_record
from frontdesk.bots.work.happenings import FROM_CUSTOMERS, Happening, happenings_of
from frontdesk.bots.work.presence import track
from frontdesk.bots.work.presses import first_of_press
from frontdesk.bots.work.run import Run
from frontdesk.bots.work.seen import is_repeat
from frontdesk.concurrency.ordered_executor import as_exception, is_interrupt, is_stopped
from frontdesk.concurrency.threads import DaemonPool
from frontdesk.core.observation import Observer, WorkStart, watch_work
from frontdesk.errors import (
    FrontdeskError,
    InternalError,
    InvalidArgument,
    NotInChat,
    PendingRequestsLimitReached,
    ServiceTimeout,
    ServiceUnavailable,
    StateConflict,
    StateDamaged,
    StateStoreError,
    TemporarilyUnavailable,
    TokenStoreUnavailable,
    TooManyRequests,
    TransportError,
)
from frontdesk.pushes import ChatDeactivated
from frontdesk.pushes.subjects import author_id_of
from frontdesk.redaction import log_failure, one_line, redacted
from frontdesk.webhooks.processing import HandlerRetry

__all__ = ["BotCounts", "Worker", "WorkerSettings"]

logger: Final = logging.getLogger("frontdesk.bots")

BUSY: Final = (
    InternalError,
    PendingRequestsLimitReached,
    ServiceTimeout,
    ServiceUnavailable,
    StateStoreError,
    TemporarilyUnavailable,
    TokenStoreUnavailable,
    TooManyRequests,
    TransportError,
)
"""What goes away by itself, so that it says nothing against the message."""
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0
"""Seconds between two looks at a state store that does not respond."""


class BotCounts(Struct):
    """What a bot has done since it was started."""

    handled: int = 0
    """Items that a handler was called for and that are done."""
    ignored: int = 0
    """Items that no handler is for, or that are the bot's own doing."""
    repeated: int = 0
    """Items that were handled already, or delivered before."""
    retried: int = 0
    """Items that were handed back, to be tried again later."""
    failed: int = 0
    """Items that were given up."""


class WorkerSettings(Struct, frozen=True, kw_only=True):
    """How a worker works.

    Args:
        state_type: The class of the user's state, if there is one.
        retry: How often a handler that fails is called again.
        patience: Seconds for which a message waits for a server that does not respond.
        joins: Whether the bot joins chats that it is not in.
        threads: How many handlers run at once that are not async.
        is_durable: Whether items come again after the process has ended, handled ones too.
        is_shared: Whether repeated deliveries have to be recognized here.
        on_failure: Called with the error when a message was given up.
        clock: Returns the time, in seconds since 1970.
        observer: Who hears of the work on each message.
    """

    state_type: type[Any] | None
    retry: HandlerRetry
    patience: float
    joins: bool
    threads: int
    is_durable: bool
    is_shared: bool
    on_failure: Callable[[Exception], object] | None = None
    clock: Callable[[], float] = time.time
    observer: Observer | None = None


class _Loaded(Struct, frozen=True, gc=False):
    """A chat's record as it was stored."""

    data: bytes | None
    revision: int

    def record(self, key: str) -> ChatRecord:
        """Return a copy of it that may be changed."""
        return ChatRecord() if self.data is None else read_record(self.data, key)


class Worker:
    """Calls a bot's handlers for claims; an engine calls it with each of them.

    Args:
        table: The handlers.
        store: Where the state of chats is kept.
        identities: Whom the bot acts as.
        settings: How it works.
        counts: Where to count what it has done.
    """

    def __init__(
        self,
        table: RouteTable,
        store: StateStore,
        identities: Identities,
        settings: WorkerSettings,
        counts: BotCounts,
    ) -> None:
        self.counts: BotCounts = counts
        self._table = table
        self._store = store
        self._identities = identities
        self._settings = settings
        self._threads = DaemonPool(settings.threads, "frontdesk-bots")

    def close(self) -> None:
        """Let the threads end once they have done what they were given."""
        self._threads.close()

    async def __call__(self, claim: Claim) -> None:
        """Work on a claim, and settle it."""
        try:
            again = False
            while await self._handle(claim, is_again=again):
                again = True
        except Exception as error:  # noqa: BLE001 - it is logged, and the item is tried again
            log_failure(logger, "the work on %s failed", claim.item.key, error=error)
            await claim.nak(self._settings.retry.first_pause)

    async def _handle(self, claim: Claim, *, is_again: bool) -> bool:
        """Handle an item; returns whether to do it again, since somebody else changed its state."""
        item = claim.item
        try:
            stored = await self._store.load(item.key)
        except StateStoreError as error:
            stored = await self._load_patiently(item.key, error)
        loaded = _Loaded(None, 0) if stored is None else _Loaded(stored.data, stored.revision)
        try:
            record = loaded.record(item.key)
        except StateDamaged as error:
            await self._give_up(claim, error, None)
            return False
        if self._settings.is_durable and record.has_handled(claim):
            self.counts.repeated += 1
            await claim.ack()
            return False
        if claim.attempt > 1 and self._kills(claim, record):
            ended = RuntimeError(
                "each worker that had it ended without a word: killed, or stuck for too long"
            )
            await self._give_up(claim, ended, None)
            return False
        if self._settings.is_shared and item.digest and await is_repeat(record, item):
            self.counts.repeated += 1
            record.note_handled(claim)
            return await self._save(claim, loaded, record)
        return await self._run(claim, loaded, record, is_again=is_again)

    async def _run(
        self, claim: Claim, loaded: _Loaded, record: ChatRecord, *, is_again: bool
    ) -> bool:
        item = claim.item
        run: Run | None = None
        called = 0
        try:
            identity = await self._identities.of(item.webhook.organization_id)
            payload: Any = item.webhook.payload
            if identity.is_own(author_id_of(payload)):
                self.counts.ignored += 1
                await claim.ack()
                return False
            happenings = happenings_of(item.webhook)
            record.enter(happenings[0].thread_id)
            track(record, payload, identity.bot_id)
            run = Run(
                claim,
                record,
                identity,
                self._table,
                self._settings.state_type,
                joins=self._settings.joins,
                is_again=is_again,
                clock=self._settings.clock,
            )
            start = WorkStart("bot", item.webhook.action, claim.attempt)
            with watch_work(self._settings.observer, start):
                called = await self._call_all(run, record, happenings)
        except NotInChat as error:
            # Somebody else has the chat. What the handler changed before it noticed is dropped.
            logger.info("left %s: %s", item.key, error)
            called = 1
        except BaseException as error:
            if is_stopped(error) or is_interrupt(error):
                raise
            await self._failed(claim, loaded, run, as_exception(error))
            return False
        if called:
            self.counts.handled += 1
            if self._settings.is_durable:
                record.note_handled(claim)
            record.trouble = None
        else:
            self.counts.ignored += 1
        try:
            return await self._save(claim, loaded, record)
        except InvalidArgument as error:
            # The store does not take it: too large, mostly. Another attempt would not be smaller.
            await self._failed(claim, loaded, run, error)
            return False

    async def _call_all(self, run: Run, record: ChatRecord, happenings: Sequence[Happening]) -> int:
        """Call the handlers of an item, and keep what they changed; returns how many."""
        called = 0
        is_new = True
        for happened in happenings:
            if happened.kind == "chat_started":
                is_new = record.started != happened.thread_id
                record.started = happened.thread_id
            # A chat that comes again brings what was handled before.
            if not is_new or not self._concerns(record, happened):
                continue
            happening = first_of_press(record, happened)
            if happening is None:
                continue
            context: Context[Any] = Context(run, happening)
            choice = self._choose(record, happening, context)
            if choice is not None:
                called += 1
                run.context = context
                context.match = choice.match
                if choice.route.middlewares:
                    await self._call_inside(choice.route, context)
                else:
                    await self.invoke(choice.route.plan, context)
        run.write_state()
        return called

    def _concerns(self, record: ChatRecord, happening: Happening) -> bool:
        """Tell whether handlers may be called for a happening, and take note of it."""
        payload = happening.payload
        if isinstance(payload, ChatDeactivated):
            record.step = None
        if happening.kind not in FROM_CUSTOMERS:
            return True
        if record.away or not (self._settings.joins or record.present):
            return False
        event = happening.event
        if event is None:
            return True
        if event.id in record.answered:
            return False
        if happening.came_with_chat:
            # The only ones that come twice: with the chat, and each by itself.
            record.note_answered(event.id)
        return True

    def _choose(
        self, record: ChatRecord, happening: Happening, context: Context[Any]
    ) -> Choice | None:
        step = record.step
        if step is not None and happening.kind in ("message", "form", "event"):
            record.step = None
            is_over = step.until is not None and step.until < self._settings.clock()
            if not is_over and step.thread_id in ("", happening.thread_id):
                route = self._table.step(step.name)
                if route is not None:
                    return Choice(route)
                logger.error(
                    "%s waits for `%s`, which is no handler any more; its message is handled like "
                    "any other",
                    happening.chat_id,
                    step.name,
                )
        return self._table.choose(happening, context)

    async def _call_inside(self, route: Route, context: Context[Any]) -> None:
        """Call a handler inside of its middlewares."""

        def inner(position: int) -> Callable[[], Any]:
            if position == len(route.middlewares):
                return lambda: self.invoke(route.plan, context)
            return lambda: route.middlewares[position](context, inner(position + 1))

        await inner(0)()

    async def invoke(self, plan: Plan, context: Any) -> None:
        """Call a handler with what its parameters name."""
        named: dict[str, Any] = {}
        arguments: list[Any] = []
        if plan.positional is not None:
            arguments = [get(context) for get in plan.positional]
        else:
            for name, get, is_fetched in plan.getters:
                value = get(context)
                named[name] = await value if is_fetched else value
        if plan.is_async:
            result = await plan.function(*arguments, **named)
        else:
            result = await self._threads.call(plan.function, *arguments, **named)
        if result is not None:
            _warn_of(plan, result)

    async def _failed(
        self,
        claim: Claim,
        loaded: _Loaded,
        run: Run | None,
        error: Exception,
    ) -> None:
        """Hand an item back after a failure, or give it up."""
        record = loaded.record(claim.item.key)
        context = None if run is None else run.context
        trouble = record.trouble
        if trouble is None or trouble.item_id != claim.item.id:
            trouble = Trouble(claim.item.id, since=time.time())
        busy = isinstance(error, BUSY)
        failures = trouble.failures + (not busy)
        pause = self._pause(trouble, failures, busy=busy) if _may_pass(error) else None
        if pause is None:
            await self._give_up(claim, error, context)
            return
        record.trouble = Trouble(claim.item.id, trouble.handed_back + 1, failures, trouble.since)
        if run is not None:
            # What was joined is joined, whatever became of the rest.
            record.present, record.away = run.record.present, run.record.away
        try:
            await self._store.save(claim.item.key, write_record(record), loaded.revision)
        except StateStoreError as failure:
            log_failure(logger, "the failures of %s are not counted", claim.item.key, error=failure)
        self.counts.retried += 1
        logger.warning(
            "a handler failed on %s and is called again in %.3g s: %s",
            claim.item.key,
            pause,
            type(error).__name__,
        )
        await claim.nak(pause)

    def _pause(self, trouble: Trouble, failures: int, *, busy: bool) -> float | None:
        """Return after how many seconds to try again; ``None`` to give up."""
        retry = self._settings.retry
        if not busy:
            return retry.pause_after(failures)
        left = trouble.since + self._settings.patience - time.time()
        if left <= 0:
            return None
        return min(retry.pause_before(trouble.handed_back + 1), left)

    def _kills(self, claim: Claim, record: ChatRecord) -> bool:
        """Tell whether too many workers had the item and did not hand it back."""
        trouble = record.trouble
        handed_back = 0
        if trouble is not None and trouble.item_id == claim.item.id:
            handed_back = trouble.handed_back
        return claim.attempt - 1 - handed_back >= self._settings.retry.attempts

    async def _give_up(self, claim: Claim, error: Exception, context: Context[Any] | None) -> None:
        self.counts.failed += 1
        log_failure(
            logger, "gave up on `%s` of %s", claim.item.webhook.action, claim.item.key, error=error
        )
        route = self._table.error_route(error)
        if route is not None and context is not None:
            context.error = error
            try:
                await self.invoke(route.plan, context)
            except Exception as failure:  # noqa: BLE001 - it is logged
                log_failure(logger, "`%s` failed", route.plan.name, error=failure)
        if self._settings.on_failure is not None:
            self._settings.on_failure(error)
        await claim.term(reason_of(error))

    async def _save(self, claim: Claim, loaded: _Loaded, record: ChatRecord) -> bool:
        """Store a record and acknowledge its item; returns whether the work is to be done again."""
        data = write_record(record)
        if data != loaded.data and not (loaded.data is None and data == EMPTY):
            try:
                await self._store_patiently(claim, data, loaded.revision)
            except StateConflict:
                return True
        await claim.ack()
        return False

    async def _load_patiently(self, key: str, error: StateStoreError) -> StoredState | None:
        wait = FIRST_WAIT
        while True:
            log_failure(logger, "the state of %s cannot be read yet", key, error=error)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
            try:
                return await self._store.load(key)
            except StateStoreError as failure:
                error = failure

    async def _store_patiently(self, claim: Claim, data: bytes, revision: int) -> None:
        wait = FIRST_WAIT
        # Whoever has lost the claim must not write any more.
        while claim.is_fresh:
            try:
                await self._store.save(claim.item.key, data, revision)
            except StateConflict:
                raise
            except StateStoreError as error:
                log_failure(
                    logger, "the state of %s cannot be stored yet", claim.item.key, error=error
                )
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
                continue
            return


EMPTY: Final = write_record(ChatRecord())


def _warn_of(plan: Plan, result: object) -> None:
    """Say that nobody gets what a handler returns."""
    logger.warning(
        "`%s` returned a %s, which nobody gets: send it with `ctx.reply`",
        plan.name,
        type(result).__name__,
    )


def _may_pass(error: Exception) -> bool:
    """Tell whether another attempt can have another outcome."""
    if isinstance(error, BUSY) and not isinstance(error, StateDamaged):
        return True
    return not isinstance(error, FrontdeskError)


def reason_of(error: Exception) -> str:
    """Return why an item was given up, in one line without secrets."""
    return one_line(redacted(f"{type(error).__name__}: {error}"))[:500]
