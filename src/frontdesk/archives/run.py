"""An export from its beginning to its end: what to read, in which order what is stored."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from frontdesk.actions import Action
from frontdesk.archives.beside.tombstones import Tombstones
from frontdesk.archives.calls import AsyncCaller, Caller
from frontdesk.archives.pages import ArchivePage, Job, Position, State
from frontdesk.archives.plan import checked_job, start_position, utc_now
from frontdesk.archives.pseudonyms import Pseudonyms
from frontdesk.archives.reader import oldest_open, reading
from frontdesk.archives.targets.base import Target
from frontdesk.archives.targets.open import open_target
from frontdesk.clients.async_web import AsyncDriver
from frontdesk.clients.sync_web import SyncDriver
from frontdesk.codec.damage import DamageReports
from frontdesk.concurrency.stepwise import drive, drive_async
from frontdesk.errors import ExportError, ForeignTarget, InvalidArgument
from frontdesk.redaction import log_failure

__all__ = ["Progress", "Summary", "export", "export_async", "update_position"]

UNKNOWN_OPEN: Final = timedelta(days=30)
"""How far back an update reads where it is not known which thread was open."""
CHANGED_LATER: Final = timedelta(days=1)
"""How far back an update reads at least: agents tag closed threads, and customers rate them."""
STALE: Final = timedelta(hours=1)
"""An interrupted run that ends further back than this is brought up to date after it is resumed."""

NOBODY: Final = Tombstones(key="")
"""The customers who were erased, before the target is open."""

log: Final = logging.getLogger("frontdesk")


class Progress(Struct, frozen=True, kw_only=True):
    """How far a run is, after a page was stored."""

    position: Position
    """Where it goes on; ``threads`` and ``requests`` are those of the whole run."""
    events: int
    """Events stored in the whole run."""
    damaged: int
    """Damaged chats stored since this process began."""
    found: int
    """How many threads the window of time holds, as the API estimates it."""

    @property
    def part(self) -> float:
        """How much of the period has been read, from 0 to 1, by its time."""
        position = self.position
        length = position.until - position.since
        if not length:
            return 1.0
        reached = position.last_created_at or position.window
        return min(max((reached - position.since) / length, 0.0), 1.0)


class Summary(Struct, frozen=True, kw_only=True):
    """What a run has done."""

    outcome: Literal["exported", "resumed", "updated", "unchanged"]
    """``unchanged``: everything was there already, and nothing was sent."""
    threads: int
    """Threads read in the whole run, before it was interrupted too."""
    events: int
    """Events stored in the whole run, before it was interrupted too."""
    damaged: int
    """Damaged chats stored by this process; their JSON is in ``threads.raw``."""
    requests: int
    """Requests of the whole run."""
    seconds: float
    """How long this process took."""
    since: datetime
    """Where the run began: for an update, later than the export."""
    until: datetime
    """The export holds what was created before that time."""


class Work(Struct, frozen=True):
    """A call of the target, which takes its time."""

    call: Callable[[], Any]


class Download(Struct, frozen=True):
    """Download the attachments of a page; the page comes back with their paths."""

    page: ArchivePage


Step: TypeAlias = Action[Any] | Work | Download
OnProgress: TypeAlias = Callable[[Progress], object]


def export(
    client: SyncDriver,
    target: Target | str | os.PathLike[str],
    job: Job,
    *,
    update: bool = False,
    on_progress: OnProgress | None = None,
    downloads: Callable[[ArchivePage], ArchivePage] | None = None,
    pseudonyms: Pseudonyms | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Summary:
    """Export archives to a target: from the beginning, or on from where a run was interrupted.

    A page is stored together with the position after it. After an error, Ctrl-C or a killed process
    the same call goes on where it was, and costs at most one request more. The request for the
    oldest open chat, with which a run begins, tells the next update how far back it has to read.

    Args:
        client: A client of the Agent Chat API; its limiter and budget count.
        target: Where to export to: a path or URL, see ``open_target``, or a target of your own.
        job: What to export, see ``make_job``.
        update: Bring a finished export up to date. Everything is read again, and replaced, from the
            day on which the oldest thread was created that was open at the last run, and at least
            from the day before that run on, because closed threads are tagged and rated too; 30
            days where that is unknown. An interrupted run is finished first.
        on_progress: Called with a ``Progress`` after each page; what it raises ends the run.
        downloads: Downloads the attachments of a page; for a job with ``files``.
        pseudonyms: Replaces names and the like; their ``fingerprint`` is the job's ``pseudonyms``.
        clock: Returns the time of day.

    Returns:
        What was done.

    Raises:
        InvalidArgument: An argument does not fit.
        TargetInUse: Another run is writing to the target.
        ForeignTarget: The target holds something else.
        ExportError: The export cannot go on, or the target cannot do what is asked.
        BudgetExceeded: The budget is spent; the same call goes on with a higher one.
        APIError: The server refuses a call.
        TransportError: There is no response.
    """
    if not isinstance(client, SyncDriver):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("client", "must be a sync client; use export_async for an async one")
    call = Caller(client, clock)
    run = _Run(_target_of(target), job, call.reports, clock, pseudonyms, on_progress)
    run.check(has_downloads=downloads is not None)

    def do(step: Step) -> Any:
        if isinstance(step, Work):
            return step.call()
        if isinstance(step, Download):
            return step.page if downloads is None else downloads(step.page)
        return call(step)

    return drive(run.steps(update=update), do)


async def export_async(
    client: AsyncDriver,
    target: Target | str | os.PathLike[str],
    job: Job,
    *,
    update: bool = False,
    on_progress: OnProgress | None = None,
    downloads: Callable[[ArchivePage], Awaitable[ArchivePage]] | None = None,
    pseudonyms: Pseudonyms | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Summary:
    """Export archives with an async client; otherwise as ``export``.

    The target is used in a thread of its own. A task that is cancelled stops after the page that is
    being stored, and closes the target; the same call goes on there.

    Raises:
        InvalidArgument: An argument does not fit.
        TargetInUse: Another run is writing to the target.
        ForeignTarget: The target holds something else.
        ExportError: The export cannot go on, or the target cannot do what is asked.
        BudgetExceeded: The budget is spent; the same call goes on with a higher one.
        APIError: The server refuses a call.
        TransportError: There is no response.
    """
    if not isinstance(client, AsyncDriver):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("client", "must be an async client; use export for a sync one")
    call = AsyncCaller(client, clock)
    run = _Run(_target_of(target), job, call.reports, clock, pseudonyms, on_progress)
    run.check(has_downloads=downloads is not None)
    # One thread for the whole run: locks and databases belong to the thread that opened them.
    worker = ThreadPoolExecutor(1, "frontdesk-export")

    async def do(step: Step) -> Any:
        if isinstance(step, Work):
            return await _to_its_end(worker, step.call)
        if isinstance(step, Download):
            return step.page if downloads is None else await downloads(step.page)
        return await call(step)

    try:
        return await drive_async(run.steps(update=update), do)
    finally:
        worker.shutdown(wait=False)


def _target_of(target: Target | str | os.PathLike[str]) -> Target:
    return open_target(target) if isinstance(target, (str, os.PathLike)) else target


async def _to_its_end(worker: ThreadPoolExecutor, call: Callable[[], Any]) -> Any:
    """Call a function in the thread; a cancelled task waits for its end too."""
    future = asyncio.get_running_loop().run_in_executor(worker, call)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return future.result()
    failure = future.exception()
    if failure is not None:
        log_failure(log, "a cancelled export failed", error=failure)
    raise cancelled


class _Run:
    """What a run does, step by step; whoever drives it does the steps."""

    def __init__(
        self,
        target: Target,
        job: Job,
        reports: DamageReports,
        clock: Callable[[], datetime],
        pseudonyms: Pseudonyms | None,
        on_progress: OnProgress | None,
    ) -> None:
        self._target = target
        self._job = checked_job(job)
        self._reports = reports
        self._clock = clock
        self._pseudonyms = pseudonyms
        self._on_progress = on_progress
        self._erased = NOBODY
        self._events = 0
        self._damaged = 0
        self._started = time.monotonic()

    def check(self, *, has_downloads: bool) -> None:
        """Refuse a job without what it needs."""
        if self._job.files and not has_downloads:
            raise InvalidArgument("downloads", "is required for a job with `files`")
        fingerprint = None if self._pseudonyms is None else self._pseudonyms.fingerprint
        if fingerprint != self._job.pseudonyms:
            raise InvalidArgument(
                "job.pseudonyms", "must be the `fingerprint` of the pseudonyms that are given"
            )

    def steps(self, *, update: bool) -> Generator[Step, Any, Summary]:
        """Yield the steps of the run; each is to be sent what came of it."""
        target = self._target
        if update and not target.can_update:
            raise ExportError(
                "this target cannot be updated, since its rows cannot be replaced; "
                "export to a folder of Parquet, a Delta table or a DuckDB file instead"
            )
        now = self._clock()
        start = start_position(self._job, now)
        try:
            state: State | None = yield Work(target.open)
            self._erased = yield Work(partial(Tombstones.load, target.address))
            if state is None:
                position = yield from self._begun(start)
                outcome: Any = "exported"
            else:
                self._check_state(state, update=update)
                position, outcome = state.position, "unchanged"
                if not position.done:
                    outcome = "resumed"
                    position = yield from self._read(position, now)
            is_behind = start.until - position.until > STALE
            if update and outcome != "exported" and (outcome == "unchanged" or is_behind):
                outcome = "updated"
                position = yield from self._begun(update_position(self._job, position, now))
        except BaseException:
            yield from self._closed_after_error()
            raise
        yield Work(target.close)
        return Summary(
            outcome=outcome,
            threads=position.threads,
            events=self._events,
            damaged=self._damaged,
            requests=0 if outcome == "unchanged" else position.requests,
            seconds=time.monotonic() - self._started,
            since=position.since,
            until=position.until,
        )

    def _closed_after_error(self) -> Generator[Step, Any, None]:
        try:
            yield Work(self._target.close)
        except Exception as error:  # noqa: BLE001 - what the run failed with counts
            log_failure(log, "the target of a failed export could not be closed", error=error)

    def _check_state(self, state: State, *, update: bool) -> None:
        """Refuse to go on with an export of something else."""
        before, job = state.job, self._job
        for name in ("since", "filters", "tables", "raw", "files", "pseudonyms"):
            if getattr(before, name) != getattr(job, name):
                raise ForeignTarget(
                    f"the target holds an export with another `{name}`: "
                    f"{_shown(getattr(before, name))}, not {_shown(getattr(job, name))}; "
                    "go on with the same one, or export to another path"
                )
        if update or before.until == job.until:
            return
        way_out = "run it with `update`" if state.position.done else "finish it with the same one"
        raise ForeignTarget(
            f"the target holds an export with another `until`: {_shown(before.until)}, "
            f"not {_shown(job.until)}; {way_out}, or export to another path"
        )

    def _begun(self, position: Position) -> Generator[Step, Any, Position]:
        """Begin a run, and read it to its end."""
        if self._target.can_update:
            asking = oldest_open()
            response = yield next(asking)
            try:
                asking.send(response)
            except StopIteration as end:
                position = msgspec.structs.replace(
                    position, open_since=end.value, requests=response.requests
                )
        yield Work(partial(self._target.begin, self._job, position))
        return (yield from self._read(position, self._clock()))

    def _read(self, position: Position, now: datetime) -> Generator[Step, Any, Position]:
        """Read from a position to the end of the run, and store each page."""
        self._events = position.events
        steps = reading(self._job, position, self._reports, now, self._pseudonyms)
        response: Any = None
        try:
            while True:
                step = steps.send(response)
                response = None
                if isinstance(step, ArchivePage):
                    position = yield from self._store(step)
                else:
                    response = yield step
        except StopIteration:
            pass
        finally:
            steps.close()
        position = msgspec.structs.replace(position, done=True)
        yield Work(partial(self._target.finish, position))
        return position

    def _store(self, page: ArchivePage) -> Generator[Step, Any, Position]:
        page = self._erased.without(page)
        if self._job.files:
            page = yield Download(page)
        self._events += _events_of(page)
        position = msgspec.structs.replace(page.position, events=self._events)
        page = msgspec.structs.replace(page, position=position)
        yield Work(partial(self._target.write, page))
        self._damaged += page.damaged
        if self._on_progress is not None:
            self._on_progress(
                Progress(
                    position=page.position,
                    events=self._events,
                    damaged=self._damaged,
                    found=page.found,
                )
            )
        return page.position


def update_position(job: Job, last: Position, now: datetime) -> Position:
    """Return where an update begins, given the position of the last finished run.

    It is the UTC day of the oldest thread that was open then: threads are listed once they are
    closed, but by their creation. Never later than a day before that run ended.
    """
    open_since = last.open_since or last.until - UNKNOWN_OPEN
    start = min(open_since, last.until - CHANGED_LATER)
    start = start.replace(hour=0, minute=0, second=0, microsecond=0)
    start = max(start, job.since)
    # A clock that went back must not remove what was exported.
    until = max(start_position(job, now).until, last.until)
    return Position(since=start, until=until, window=start, is_update=True)


def _events_of(page: ArchivePage) -> int:
    if "events" in page.tables:
        return page.tables["events"].num_rows
    if "threads" in page.tables:
        threads: Any = page.tables["threads"]
        counts: list[int] = threads["events_count"].to_pylist()
        return sum(counts)
    return 0


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "none" if value is None else str(value)
