"""Reading the archives page by page, as record batches and a position after each page.

``reading`` has neither input nor output nor a clock: it yields the calls to make and the pages that
are complete, and is sent a ``Response`` for each call. The drivers around it make the calls.
"""

from array import array
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import Raw

from frontdesk.actions import Action, ListArchives, ListChats
from frontdesk.archives.calls import AsyncCaller, Caller, Response
from frontdesk.archives.chats import ChatRecord, read_chats, without_collector
from frontdesk.archives.columns import DAY, INT, batches, timestamps
from frontdesk.archives.pages import ArchivePage, Job, Position
from frontdesk.archives.plan import first_page, make_job, start_position, utc_now, window_end
from frontdesk.archives.pseudonyms import Pseudonyms
from frontdesk.clients.async_web import AsyncDriver
from frontdesk.clients.sync_web import SyncDriver
from frontdesk.codec.damage import Damage, DamageReports
from frontdesk.core.pages import Walk
from frontdesk.errors import APIError, ExportError, ValidationError
from frontdesk.models import ArchivesFilters, ChatsPage

__all__ = [
    "PAGE_ID_LIFE",
    "oldest_open",
    "pages",
    "pages_async",
    "read_archives",
    "read_archives_async",
    "reading",
]

PAGE_ID_LIFE: Final = timedelta(days=29)
"""How long a page id is used; the API keeps them for a month."""
NO_DATE: Final = "not a date; null is in its place"
CHAT: Final = "$.chats["


Reading = Generator[Action[Any] | ArchivePage, Response, None]


def oldest_open() -> Generator[ListChats, Response, datetime | None]:
    """Ask when the oldest thread was created that is open; ``None`` where that is unknown.

    The time of the response where none is open. It costs one request.
    """
    response = yield ListChats(filters={"active": True}, sort_order="asc", limit=1)
    if isinstance(response.error, APIError):
        return None
    if response.error is not None:
        raise response.error
    page: ChatsPage = response.result
    if not page.chats_summary:
        return None if page.damage else response.at
    summary = page.chats_summary[0].last_thread_summary
    return None if summary is None else summary.created_at


def reading(
    job: Job,
    position: Position,
    reports: DamageReports,
    now: datetime,
    pseudonyms: Pseudonyms | None = None,
) -> Reading:
    """Read from a position to the end of the run.

    Args:
        job: What to read.
        position: Where to begin, or to go on.
        reports: What damaged chats are reported with.
        now: The time at which reading goes on, to know the age of the page id.
        pseudonyms: Replaces what identifies people.

    Yields:
        Calls to make, each of which is to be sent a ``Response``; and pages, which are sent none.
        The position of the last page has ``window`` at ``until``.

    Raises:
        ExportError: The page ids are too old, and what was read was not in order.
        DecodeError: The API sends what leads nowhere.
        FrontdeskError: Whatever a call ended with.
    """
    while position.window < position.until:
        window = _Window(job, position, reports, pseudonyms)
        yield from window.read(now)
        position = window.position


class _Window:
    """Reading one window of time: what was read of it, and where to go on."""

    def __init__(
        self,
        job: Job,
        position: Position,
        reports: DamageReports,
        pseudonyms: Pseudonyms | None,
    ) -> None:
        self.position = position
        self._job = job
        self._reports = reports
        self._pseudonyms = pseudonyms
        self._end = window_end(position.window, position.until)
        last = position.last_created_at
        self._last: int | None = None if last is None else _microseconds(last)
        self._last_ids = list(position.last_thread_ids)
        self._ordered = position.ordered
        self._seen: array[int] | set[int] = array("q")
        """Hashes of the thread ids of this window: 8 bytes a thread. They are looked up only where
        the threads are not in order."""

    def read(self, now: datetime) -> Reading:
        """Read the window; ``position`` is the start of the next one then."""
        walk = self._resumed(now)
        progress = True
        while walk is not None:
            response: Response = yield walk.action()
            self._count(response)
            if response.error is not None:
                is_refused = isinstance(response.error, ValidationError) and walk.page_id
                if not is_refused or not progress:
                    raise response.error
                # The page id has expired, or the server forgot it.
                walk, progress = self._from_time(), False
                continue
            chats = walk.take(response.result)
            with without_collector():
                page = self._page(chats, walk, response)
            progress = progress or page.position.threads > self.position.threads
            self.position = page.position
            yield page
            if walk.done:
                return
            if walk.lost and progress:
                walk, progress = self._from_time(), False
        self.position = self._next_window()

    def _resumed(self, now: datetime) -> Walk | None:
        position = self.position
        saved_at = position.saved_at or now
        if position.page_id is None or now - saved_at > PAGE_ID_LIFE:
            return self._from_time()
        return Walk(ListArchives(page_id=position.page_id))

    def _from_time(self) -> Walk | None:
        """Begin at the time of the last thread that was read, or at that of the window.

        ``None`` if there is nothing from there on.
        """
        start = self.position.window
        if self._last is not None:
            if not self._ordered:
                raise ExportError(
                    "the server does not take the page id of this export any more, and the threads "
                    "did not come in the order of their creation, so it cannot go on by time; "
                    "export to another path, or delete this one and begin again"
                )
            start = max(start, _time(self._last))
        return Walk(first_page(self._job, start, self._end)) if start < self._end else None

    def _count(self, response: Response) -> None:
        requests = self.position.requests + response.requests
        self.position = msgspec.structs.replace(self.position, requests=requests)

    def _next_window(self) -> Position:
        return msgspec.structs.replace(
            self.position,
            window=self._end,
            page_id=None,
            saved_at=None,
            last_created_at=None,
            last_thread_ids=(),
            ordered=True,
        )

    def _page(self, chats: Sequence[Raw], walk: Walk, response: Response) -> ArchivePage:
        records = self._records(chats, response.result.damage)
        new = [record for record in records if self._is_new(record)]
        tables = batches(
            new,
            self._job.tables,
            raw=self._job.raw,
            default_day=_microseconds(self.position.window) // DAY,
        )
        self._report(records)
        return ArchivePage(
            tables=tables,
            position=self._after(walk, response, len(new)),
            found=walk.found or 0,
            damaged=sum(1 for record in new if record.damage),
        )

    def _records(self, chats: Sequence[Raw], damage: Iterable[Damage]) -> list[ChatRecord]:
        pseudonyms = self._pseudonyms
        records = read_chats(chats, None if pseudonyms is None else pseudonyms.chat)
        for one in damage:
            # What was mended in the JSON of the page, before its chats were taken apart.
            number, _, path = one.path.removeprefix(CHAT).partition("]")
            if one.path.startswith(CHAT) and number.isdigit() and int(number) < len(records):
                path = f"${path}" if pseudonyms is None else pseudonyms.path(f"${path}")
                records[int(number)].damage.append(Damage(path, one.problem))
        times, odd = timestamps([record.thread.created_at for record in records])
        for record, time in zip(records, times.cast(INT).to_pylist(), strict=True):
            record.created_at = time
        for n in odd:
            records[n].damage.append(Damage("$.thread.created_at", NO_DATE))
        return records

    def _is_new(self, record: ChatRecord) -> bool:
        """Tell whether a thread was not read in this window yet, and take note of it."""
        thread_id, created_at = record.thread.id, record.created_at
        last = self._last
        if created_at is not None and last is not None and created_at < last:
            if not isinstance(self._seen, set):
                self._seen = set(self._seen)
            if thread_id is not None and hash(thread_id) in self._seen:
                return False
            self._ordered = False
        elif created_at is not None and (last is None or created_at > last):
            self._last, self._last_ids = created_at, []
        elif thread_id in self._last_ids:
            return False
        if thread_id is not None:
            if created_at is None or created_at == self._last:
                self._last_ids.append(thread_id)
            if isinstance(self._seen, set):
                self._seen.add(hash(thread_id))
            else:
                self._seen.append(hash(thread_id))
        return True

    def _report(self, records: Sequence[ChatRecord]) -> None:
        damage = [
            Damage(f"{CHAT}{n}]{one.path.removeprefix('$')}", one.problem)
            for n, record in enumerate(records)
            for one in record.damage
        ]
        if damage:
            self._reports(damage, ListArchives.spec.name)

    def _after(self, walk: Walk, response: Response, new: int) -> Position:
        """Return the position after a page."""
        threads = self.position.threads + new
        if walk.done:
            return msgspec.structs.replace(self._next_window(), threads=threads)
        page_id = None if walk.lost else walk.page_id
        return msgspec.structs.replace(
            self.position,
            page_id=page_id,
            saved_at=None if page_id is None else response.at,
            last_created_at=None if self._last is None else _time(self._last),
            last_thread_ids=tuple(self._last_ids),
            ordered=self._ordered,
            threads=threads,
        )


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _microseconds(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1)


def _time(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def pages(call: Caller, steps: Reading) -> Generator[ArchivePage]:
    """Make the calls of a reading, and yield its pages."""
    with closing(steps):
        step = next(steps, None)
        while step is not None:
            if isinstance(step, ArchivePage):
                yield step
                step = next(steps, None)
            else:
                step = _sent(steps, call(step))


async def pages_async(call: AsyncCaller, steps: Reading) -> AsyncGenerator[ArchivePage]:
    """Make the calls of a reading, and yield its pages."""
    with closing(steps):
        step = next(steps, None)
        while step is not None:
            if isinstance(step, ArchivePage):
                yield step
                step = next(steps, None)
            else:
                step = _sent(steps, await call(step))


def _sent(steps: Reading, response: Response) -> Action[Any] | ArchivePage | None:
    try:
        return steps.send(response)
    except StopIteration:
        return None


def read_archives(
    client: SyncDriver,
    *,
    since: datetime,
    until: datetime | None = None,
    filters: ArchivesFilters | Mapping[str, Any] | None = None,
    tables: Iterable[str] | None = None,
    raw: bool = False,
    position: Position | None = None,
    pseudonyms: Pseudonyms | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Iterator[ArchivePage]:
    """Read closed threads as record batches, page by page, oldest first.

    A request a page of 100 threads; each calendar month of UTC begins a page of its own. It waits
    for the client's limiter, as ``iter_archives`` does, and one page is in memory at a time. A chat
    that is not what the API promises costs what cannot be read of it: the rest is in the tables,
    and its JSON in ``threads.raw``.

    After an error, or in another process, give the ``position`` of the last page that was stored to
    go on after it: nothing is lost, and no thread of a window comes twice.

    Args:
        client: A client of the Agent Chat API.
        since: Threads created at that time or later; with a time zone.
        until: Threads created before that time; defaults to now.
        filters: The filters of ``list_archives``, without ``from``, ``to`` and ``thread_ids``.
        tables: The tables to make; defaults to all.
        raw: Keep the JSON of every chat in ``threads.raw``.
        position: Where to go on; its ``until`` counts then.
        pseudonyms: Replaces names, addresses and the like by keyed tokens.
        clock: Returns the time of day.

    Returns:
        An iterator over the pages.

    Raises:
        InvalidArgument: An argument does not fit.
        BudgetExceeded: The client's budget is spent.
        ExportError: Reading cannot go on where it was.
        APIError: The server refuses a call.
        TransportError: There is no response.
    """
    job = make_job(since=since, until=until, filters=filters, tables=tables, raw=raw)
    now = clock()
    start = position or start_position(job, now)
    call = Caller(client, clock)
    return pages(call, reading(job, start, call.reports, now, pseudonyms))


def read_archives_async(
    client: AsyncDriver,
    *,
    since: datetime,
    until: datetime | None = None,
    filters: ArchivesFilters | Mapping[str, Any] | None = None,
    tables: Iterable[str] | None = None,
    raw: bool = False,
    position: Position | None = None,
    pseudonyms: Pseudonyms | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[ArchivePage]:
    """Read closed threads with an async client; otherwise as ``read_archives``.

    Tables are made in the thread of the event loop: some milliseconds a page.

    Raises:
        InvalidArgument: An argument does not fit.
        BudgetExceeded: The client's budget is spent.
        ExportError: Reading cannot go on where it was.
        APIError: The server refuses a call.
        TransportError: There is no response.
    """
    job = make_job(since=since, until=until, filters=filters, tables=tables, raw=raw)
    now = clock()
    start = position or start_position(job, now)
    call = AsyncCaller(client, clock)
    return pages_async(call, reading(job, start, call.reports, now, pseudonyms))
