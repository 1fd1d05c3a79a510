"""Accepted webhooks on disk until they are handled, so that they survive the process.

Each process writes files of its own in the journal's directory and keeps them locked. A process
that starts takes over the files that nobody has locked: those of processes that were killed. It
goes on in them as they are, which takes no room on the disk and leaves nothing to copy twice. A
file goes when everything in it is done.
"""

import asyncio
import errno
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from heapq import merge
from pathlib import Path
from typing import Final, NamedTuple

from frontdesk.errors import InvalidArgument
from frontdesk.spec.arguments import check_count, check_flag
from frontdesk.webhooks.disk import Disk, LogFile, OsDisk
from frontdesk.webhooks.records import Record, accepted_record, done_records, scan

__all__ = ["Entry", "Journal", "JournalTicket"]

_SUFFIX: Final = ".journal"
_ASIDE: Final = ".damaged"
_ATTEMPT: Final = 64

logger: logging.Logger = logging.getLogger("frontdesk.webhooks")


class JournalTicket(NamedTuple):
    """What ``Journal.done`` needs to find an accepted webhook."""

    segment: "_Segment"
    number: int


class Entry(NamedTuple):
    """An accepted webhook that a killed process left.

    ``accepted_at`` is in seconds since 1970. ``ticket`` is None for what had been handled already.
    """

    accepted_at: float
    content: bytes
    ticket: JournalTicket | None


class _Segment:
    """One file of the journal that this process has locked."""

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self.size = 0
        self.pending: set[int] = set()
        self.unwritten: list[int] = []  # done, but the disk was full
        self.damaged = False
        self.abandoned = False  # closed before everything in it was done


class _Waiting(NamedTuple):
    """Somebody who waits until the disk has a segment; None for all of them."""

    written: asyncio.Future[None]
    segment: _Segment | None


class Journal:
    """A directory that keeps accepted webhooks until they are handled.

    What is accepted survives ``kill -9`` of the process. With ``sync`` it survives a crash of the
    machine too: a webhook is acknowledged once the disk has it (``fsync``, one for all that
    arrive meanwhile); without, what the operating system had not yet written is lost then,
    usually the last few seconds.

    The secret is never written; what customers say is, so the files are readable by their owner
    only. Records have checksums. A damaged record costs itself alone: it is logged, the others are
    handled, and the file is kept with the ending ``.damaged``. Several processes may share the
    directory; it must be on a file system with locks (not every network file system has them).

    Args:
        directory: Where the files go; made if it is missing.
        limit: The size in bytes at which another file is begun. A file is deleted when all of its
            webhooks are handled.
        sync: Whether to wait for the disk.
        disk: What to use in place of the operating system's files, in tests.

    Raises:
        InvalidArgument: For a directory that cannot be used, and for other arguments that make no
            sense.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        limit: int = 4 * 1024 * 1024,
        sync: bool = False,
        disk: Disk | None = None,
    ) -> None:
        if not isinstance(directory, (str, Path)) or "\0" in str(directory):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(
                "directory", f"must be the path of a directory, not {directory!r}"
            )
        if directory == "":
            raise InvalidArgument("directory", 'must not be empty; "." is the present one')
        try:
            os.fsencode(directory)
        except UnicodeEncodeError:
            raise InvalidArgument("directory", "has characters that no path can have") from None
        check_count("limit", limit)
        check_flag("sync", sync)
        self._disk: Disk = OsDisk(Path(directory)) if disk is None else disk
        self._to_sync: set[_Segment] = set()  # what the disk itself may not have yet
        self._waiting: list[_Waiting] = []
        self._syncing: asyncio.Task[None] | None = None
        try:
            self._disk.prepare()
        except OSError as error:
            raise _unusable(error) from error
        self._limit = limit
        self._sync = sync
        self._clock: Callable[[], float] = time.time
        self._new_name: Callable[[], str] = _unique_name
        self._begin()

    def _begin(self) -> None:
        self._segments: dict[str, _Segment] = {}
        self._current: _Segment | None = None
        self._next = 0
        self._failing = False

    def open(self) -> list[Entry]:
        """Take over what killed processes left; returns their webhooks in the order of acceptance.

        A file that cannot be taken over is logged and stays as it is.

        Raises:
            InvalidArgument: When the directory cannot be read.
        """
        names = [name for name in self._names() if name not in self._segments]
        files = [self._take_over(name) for name in names]
        return list(merge(*files, key=lambda entry: entry.accepted_at))

    def peek(self) -> Iterator[bytes]:
        """Go through what waits in all files, those of running processes too, and change nothing.

        What is handled or accepted meanwhile may be in it or not.

        Raises:
            InvalidArgument: When the directory or a file cannot be read.
        """
        for name in self._names():
            try:
                data = self._disk.peek(name)
            except OSError as error:
                raise _unusable(error) from error
            if data is not None:
                yield from (record.content for record in scan(data).records if not record.done)

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in self._disk.names() if name.endswith(_SUFFIX))
        except OSError as error:
            raise _unusable(error) from error

    def add(self, content: bytes) -> JournalTicket:
        """Write an accepted webhook; returns what to give to ``done``.

        Raises:
            OSError: When it cannot be written; then it was not accepted.
        """
        segment = self._segment_to_write()
        number = self._next
        record = accepted_record(number, self._clock(), content)
        segment.file.append(record)
        self._next += 1
        segment.size += len(record)
        segment.pending.add(number)
        if self._sync:
            self._to_sync.add(segment)
        if segment.unwritten:
            self._write_done(segment)
        return JournalTicket(segment, number)

    async def synced(self, ticket: JournalTicket) -> None:
        """Wait until the disk has what was added, if the journal is to wait for that.

        To be called at once after ``add``; one ``fsync`` is for all that came meanwhile.

        Raises:
            OSError: When the disk fails.
        """
        if not self._sync:
            return
        if ticket.segment.abandoned:
            raise _closed()
        await self._wait_for_disk(ticket.segment)

    async def all_synced(self) -> None:
        """Wait until the disk has all that is to be handled yet, if the journal is to wait for it.

        To be called before a repeat is acknowledged: the webhook that it repeats may have failed to
        reach the disk, be on its way there, or have been left by a process that was killed.

        Raises:
            OSError: When the disk fails.
        """
        if self._to_sync or self._syncing is not None:
            await self._wait_for_disk(None)

    def done(self, ticket: JournalTicket) -> None:
        """Write that a webhook has been handled.

        When that fails, it is logged once, and written later.
        """
        segment, number = ticket
        segment.pending.discard(number)
        segment.unwritten.append(number)
        # A full disk costs an attempt now and then only.
        if not self._failing or len(segment.unwritten) % _ATTEMPT == 0 or not segment.pending:
            self._write_done(segment)
        if not segment.pending and segment is not self._current:
            self._retire(segment)

    def close(self) -> None:
        """Close the files; those with nothing left to do are deleted."""
        for segment in tuple(self._segments.values()):
            if segment.pending:
                self._write_done(segment)
                segment.abandoned = True
                segment.file.close()
            else:
                self._retire(segment)
        self._begin()

    def abandon(self) -> None:
        """Leave the files to the process that this one was forked from."""
        self._begin()
        self._to_sync.clear()
        self._waiting.clear()
        self._syncing = None

    async def _wait_for_disk(self, segment: "_Segment | None") -> None:
        """Wait until the disk has a segment, or all of them."""
        loop = asyncio.get_running_loop()
        written = loop.create_future()
        self._waiting.append(_Waiting(written, segment))
        if self._syncing is None:
            self._syncing = loop.create_task(self._sync_all())
        await written

    def _take_over(self, name: str) -> list[Entry]:
        try:
            file = self._disk.take(name)
            if file is None:
                return []
            try:
                data = file.read()
            except BaseException:
                file.close()
                raise
        except OSError as error:
            logger.error(  # noqa: TRY400 - its traceback says no more
                "the journal's file %s cannot be taken over: %s", name, _reason(error)
            )
            return []
        segment = self._segments[name] = _Segment(file)
        scanned = scan(data)
        if scanned.damaged:
            segment.damaged = True
            logger.error(
                "the journal's file %s is damaged in %d place(s): what is there is lost, the rest "
                "is handled, the file is kept as %s",
                name,
                scanned.damaged,
                name + _ASIDE,
            )
        elif scanned.torn:
            logger.warning("the journal's file %s ends with a webhook never accepted", name)
        entries = [_entry(segment, record) for record in scanned.records]
        segment.pending.update(record.number for record in scanned.records if not record.done)
        if not segment.pending:
            self._retire(segment)
        elif self._sync:
            # Whoever wrote it may have been killed before the disk had it.
            self._to_sync.add(segment)
        # The clock may have been set back meanwhile; the order within a file is the true one.
        latest = 0.0
        for at, entry in enumerate(entries):
            latest = max(latest, entry.accepted_at)
            entries[at] = entry._replace(accepted_at=latest)
        return entries

    def _segment_to_write(self) -> _Segment:
        current = self._current
        if current is not None and current.size < self._limit:
            return current
        name = f"{self._new_name()}{_SUFFIX}"
        try:
            file = self._disk.create(name)
        except OSError:
            if current is None:
                raise
            return current  # longer than it should be, and better than none
        segment = self._current = self._segments[name] = _Segment(file)
        if current is not None and not current.pending:
            self._retire(current)
        return segment

    def _write_done(self, segment: _Segment) -> None:
        if not segment.unwritten:
            return
        try:
            segment.file.append(done_records(segment.unwritten))
        except OSError as error:
            self._report(error)
        else:
            segment.unwritten.clear()
            self._failing = False

    def _retire(self, segment: _Segment) -> None:
        """Close the file of a segment that has nothing left to do, and delete or keep it."""
        name = segment.file.name
        del self._segments[name]
        self._to_sync.discard(segment)
        try:
            if segment.damaged:
                segment.file.set_aside(name + _ASIDE)
            else:
                segment.file.remove()
        except OSError as error:
            self._report(error)

    def _report(self, error: OSError) -> None:
        """Log that the disk fails, once until it works again."""
        if not self._failing:
            logger.error(
                "the journal cannot be written: %s; what is handled now is handled again if the "
                "process is killed before it can be written",
                _reason(error),
            )
        self._failing = True

    async def _sync_all(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                segments, self._to_sync = self._to_sync, set()
                failures: dict[_Segment, OSError] = {}
                for segment in segments:
                    try:
                        await self._sync_one(segment)
                    except OSError as error:
                        failures[segment] = error
                        if self._has(segment):
                            self._to_sync.add(segment)
                for written, awaited in waiting:
                    if written.done():
                        continue
                    if awaited is None:
                        failure = next(iter(failures.values()), None)
                    else:
                        failure = failures.get(awaited)
                    if failure is None:
                        written.set_result(None)
                    else:
                        written.set_exception(failure)
        finally:
            self._syncing = None

    async def _sync_one(self, segment: _Segment) -> None:
        if segment.abandoned:
            raise _closed()
        if self._has(segment):  # or else all of it is done
            await segment.file.sync()

    def _has(self, segment: _Segment) -> bool:
        return self._segments.get(segment.file.name) is segment


def _unique_name() -> str:
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def _entry(segment: _Segment, record: Record) -> Entry:
    ticket = None if record.done else JournalTicket(segment, record.number)
    return Entry(record.accepted_at, record.content, ticket)


def _closed() -> OSError:
    return OSError(errno.EIO, "the journal was closed")


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _unusable(error: OSError) -> InvalidArgument:
    return InvalidArgument("journal", f"must be a directory to write in: {_reason(error)}")
