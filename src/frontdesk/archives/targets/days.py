"""What targets have in common that replace their rows by whole days."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Final

import msgspec
import pyarrow as pa

from frontdesk.archives.pages import ArchivePage, Job, Position, State
from frontdesk.archives.targets.failures import writing_to
from frontdesk.archives.targets.files import Files
from frontdesk.archives.targets.rows import newest_users, without_threads
from frontdesk.archives.targets.spool import Spool, SpooledPage, is_before
from frontdesk.archives.targets.states import Commit, Stored, check_job, new_id

__all__ = ["DayChanges", "DayTarget"]

PAGES_PER_COMMIT: Final = 64
"""How many pages are gathered before their whole days are stored, which has a cost of its own."""


class DayChanges:
    """The days of a commit, and their rows.

    Attributes:
        commit: number, frontier and last page.
        start: the first day that is replaced.
        stop: the first day that is not.
        days: the days from ``start`` on that get rows; those without any lose what they have.
        late: days before ``start`` that get more rows, which replace those of the same threads.
        late_threads: the threads of the late rows.
    """

    def __init__(self, spool: Spool, stored: Stored, commit: Commit) -> None:
        self.commit = commit
        self.start: date = stored.frontier
        self.stop: date = commit.frontier
        self._spool = spool
        self._pages = [page for page in spool.pages if page.number <= commit.page]
        # Rows before the frontier of earlier pages are stored already.
        self._stored_page = stored.page
        self._late_pages = [page for page in self._pages if page.number > stored.page]
        self._replaced = _replaced_threads(self._pages)
        self._pages_of = self._indexed()
        self.days: list[date] = sorted(_days_of(self._pages, self.start, self.stop))
        self.late: list[date] = sorted(_days_of(self._late_pages, date.min, self.start))
        self.late_threads: frozenset[str] = (
            frozenset(thread_id for page in self._late_pages for thread_id in page.thread_ids)
            if self.late
            else frozenset[str]()
        )

    def batches(self, table: str, day: date) -> Iterator[pa.RecordBatch]:
        """Yield the new rows of a table and day, in the order they were read."""
        batches = self._batches(table, day)
        if table != "users":
            yield from batches
            return
        rows = newest_users(list(batches))
        if rows is not None:
            yield rows

    def replaces(self, day: date) -> bool:
        """Whether the rows that the target has of a day make room for the new ones."""
        return self.start <= day and is_before(day, self.stop)

    def has_rows(self, table: str, day: date) -> bool:
        """Whether there are new rows of a table and day."""
        return (table, day) in self._pages_of

    def has_any_rows(self, table: str) -> bool:
        """Whether there are new rows of a table on any day."""
        return any(self.has_rows(table, day) for day in (*self.late, *self.days))

    def size(self, table: str, day: date) -> int:
        """Return about how many bytes the new rows of a table and day have."""
        return sum(page.size(table, day) for page in self._pages_of.get((table, day), ()))

    def _indexed(self) -> dict[tuple[str, date], list[SpooledPage]]:
        """Return the pages that have new rows of a table and day."""
        index: dict[tuple[str, date], list[SpooledPage]] = {}
        for page in self._pages:
            is_late = page.number > self._stored_page
            for table, days in page.days.items():
                for day in days:
                    if is_late or day >= self.start:
                        index.setdefault((table, day), []).append(page)
        return index

    def _batches(self, table: str, day: date) -> Iterator[pa.RecordBatch]:
        for page in self._pages_of.get((table, day), ()):
            replaced = self._replaced.get(page.number)
            for rows in page.slices(table, day, self._spool.rows(page, table)):
                if replaced and table != "users":
                    rows = without_threads(rows, replaced)  # noqa: PLW2901
                if rows.num_rows:
                    yield rows


class DayTarget(ABC):
    """A target that gets its rows by whole days.

    Each page is first written to the spool, with its position. Threads come in the order of their
    creation, so a day is whole once the next one has begun: then its rows take the place of those
    that the target has of that day. The state names the first day that is not stored yet, the
    frontier. A thread that comes late, for a day before it, is merged into that day.
    """

    can_resume = True
    can_update = True
    kind: str
    """The format, as ``open_target`` names it."""
    pages_per_commit = PAGES_PER_COMMIT

    def __init__(self, address: str, files: Files, spool: str) -> None:
        self.address = address
        self._files = files
        self._spool = Spool(files, spool)
        self._stored: Stored | None = None
        self._last_page = 0
        self._uncommitted = 0

    def open(self) -> State | None:
        """Lock the target, drop torn pages, and return its state."""
        try:
            with self._failing():
                self._lock()
                self._stored = stored = self._load()
                if stored is None:
                    return None
                self._spool.open(stored.run, stored.first)
                self._forget_if_pages_are_missing(stored)
        except BaseException:
            self.close()
            raise
        stored = self._known
        pages = self._spool.pages
        self._last_page = pages[-1].number if pages else stored.page
        self._uncommitted = self._last_page - stored.page
        position = pages[-1].position if self._uncommitted else stored.position
        return State(job=stored.job, position=position, format=stored.format, schema=stored.schema)

    def begin(self, job: Job, position: Position) -> None:
        """Start a run: an update replaces the days from its ``since`` on, another one all days.

        Raises:
            ForeignTarget: The target holds an export of another job.
        """
        before = self._stored
        if before is not None:
            check_job(before.job, job, self.address)
        stored = Stored(
            target=self.kind,
            job=job,
            position=position,
            export=before.export if before else new_id(),
            run=new_id(),
            frontier=_day(position.since) if position.is_update else date.min,
            replaces=before is not None,
            number=before.number if before else 0,
            tables_with_rows=before.tables_with_rows if before else (),
        )
        with self._failing():
            self._prepare(stored, before)
            self._save(stored)
            self._stored = stored
            self._spool.clear(stored.run)
        self._last_page = self._uncommitted = 0

    def write(self, page: ArchivePage) -> None:
        """Store a page in the spool, and the days that are whole now in the target."""
        with self._failing():
            number = self._last_page + 1
            self._spool.add(number, page)
            self._last_page = number
            self._uncommitted += 1
            if self._uncommitted >= self.pages_per_commit:
                self._commit(_first_open_day(page.position))

    def finish(self, position: Position) -> None:
        """Store the last days, and remove those that hold no threads any more."""
        with self._failing():
            self._commit(date.max, position)

    def close(self) -> None:
        """Unlock the target."""
        self._unlock()

    @property
    def _known(self) -> Stored:
        assert self._stored is not None, "nothing was begun"
        return self._stored

    def _forget_if_pages_are_missing(self, stored: Stored) -> None:
        """Begin the run again where pages are gone that were stored: nothing else is sure."""
        last = self._spool.pages[-1].number if self._spool.pages else stored.first - 1
        if last >= (stored.pending.page if stored.pending else stored.page):
            return
        start = stored.position
        self._stored = msgspec.structs.replace(
            stored,
            run=new_id(),
            position=msgspec.structs.replace(
                start,
                window=start.since,
                page_id=None,
                saved_at=None,
                last_created_at=None,
                last_thread_ids=(),
                ordered=True,
                threads=0,
                done=False,
            ),
            frontier=_day(start.since) if start.is_update else date.min,
            replaces=True,
            page=0,
            first=1,
            pending=None,
        )
        self._save(self._stored)
        self._spool.clear(self._stored.run)

    def _commit(self, frontier: date, position: Position | None = None) -> None:
        """Store whole days, up to a frontier, and the rows that came late."""
        if self._known.pending is not None:
            self._apply_pending()
        if position is None and frontier <= self._known.frontier:
            return
        stored = self._known
        commit = Commit(number=stored.number + 1, frontier=frontier, page=self._last_page)
        self._spool.sync()
        self._stored = msgspec.structs.replace(stored, pending=commit)
        self._save_pending(self._stored)
        self._apply_pending(position)

    def _apply_pending(self, position: Position | None = None) -> None:
        stored = self._known
        commit = stored.pending
        assert commit is not None
        changes = DayChanges(self._spool, stored, commit)
        if position is None:
            last = (page.position for page in self._spool.pages if page.number == commit.page)
            position = next(last, stored.position)
        after = msgspec.structs.replace(
            stored,
            position=position,
            frontier=max(commit.frontier, stored.frontier),
            number=commit.number,
            page=commit.page,
            tables_with_rows=tuple(
                table
                for table in stored.job.tables
                if table in stored.tables_with_rows or changes.has_any_rows(table)
            ),
            first=next(
                (
                    page.number
                    for page in self._spool.pages
                    if not is_before(page.newest, commit.frontier)
                ),
                self._last_page + 1,
            ),
            pending=None,
        )
        self._apply(changes, after)
        self._stored = after
        self._uncommitted = self._last_page - after.page
        self._spool.drop(after.first)

    def _failing(self) -> AbstractContextManager[None]:
        """Turn what goes wrong with the target into ``ExportError``."""
        return writing_to(self.address)

    def _save_pending(self, stored: Stored) -> None:
        """Write down what is going to be done, for a process that has to complete it."""
        self._save(stored)

    @abstractmethod
    def _lock(self) -> None:
        """Lock the target, and make its folder."""

    @abstractmethod
    def _unlock(self) -> None:
        """Unlock the target, if it is locked."""

    @abstractmethod
    def _load(self) -> Stored | None:
        """Return the state; raises ``ForeignTarget`` for what is none of our exports."""

    @abstractmethod
    def _save(self, stored: Stored) -> None:
        """Write the state, whole or not at all."""

    @abstractmethod
    def _prepare(self, stored: Stored, before: Stored | None) -> None:
        """Make the target ready for the first rows of a run, before its state is written."""

    @abstractmethod
    def _apply(self, changes: DayChanges, after: Stored) -> None:
        """Store the days of a commit, then the state; done again, it stores the same rows."""


def _first_open_day(position: Position) -> date:
    """Return the first day that may get more threads."""
    if position.done:
        return date.max
    if position.last_created_at is None or not position.ordered:
        return _day(position.window)
    return max(_day(position.window), _day(position.last_created_at))


def _day(time: datetime) -> date:
    return time.astimezone(UTC).date()


def _days_of(pages: list[SpooledPage], start: date, stop: date) -> set[date]:
    return {
        day
        for page in pages
        for days in page.days.values()
        for day in days
        if start <= day and is_before(day, stop)
    }


def _replaced_threads(pages: list[SpooledPage]) -> dict[int, set[str]]:
    """Return, by page, the threads that a later page has again."""
    latest: dict[str, int] = {}
    replaced: dict[int, set[str]] = {}
    for page in pages:
        for thread_id in page.thread_ids:
            earlier = latest.get(thread_id)
            if earlier is not None:
                replaced.setdefault(earlier, set()).add(thread_id)
            latest[thread_id] = page.number
    return replaced
