"""Attachments: the files that were sent in chats, downloaded beside the rows of an export.

They lie in ``_files/`` within a folder, and in ``NAME.files/`` beside a file, as
``<event id>-<name>``. The rows of ``files`` tell the SHA-256 of each, and its path: relative to the
folder of the export, or to the folder that its file is in.

The links of the API need no token, and none is sent: neither to LiveChat's own hosts nor to others.
Downloads are no requests to the API: they are not billed, and count towards no budget.

A file is written under a temporary name and renamed once it is whole. One that is there is not
downloaded again; one that is there in part is continued where the server allows it. A file that
cannot be downloaded costs that file, and never the run: ``download_error`` says why, and the next
run or update that reads its thread tries again.
"""

import errno
import hashlib
import os
import queue
import re
import ssl
import threading
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import msgspec
import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from frontdesk.archives.beside.file_names import safe_file_name
from frontdesk.archives.beside.places import FILES, files_folder_of
from frontdesk.archives.pages import ArchivePage
from frontdesk.concurrency.threads import run_in_thread
from frontdesk.errors import ExportError, InvalidArgument
from frontdesk.transport.files import FileReply, FileSource, TransferFailed, WebFiles

__all__ = ["CONCURRENCY", "FILES", "Downloads", "files_folder"]

CONCURRENCY: Final = 4
"""Files that are downloaded at once."""
SILENCE: Final = 30.0
"""Seconds without any byte after which a download has failed."""
LONGEST: Final = 600.0
"""Seconds that a download may take."""
TRIES: Final = 2
"""How often a file is tried within a run; the second time goes on where the first one ended."""
CHUNK: Final = 1024 * 1024
PART: Final = ".part"
NOTE: Final = ".part.json"
OK: Final = 200
PARTIAL_CONTENT: Final = 206
RANGE_NOT_SATISFIABLE: Final = 416
CONTENT_RANGE: Final = re.compile(r"bytes\s+(?:(\d+)-(\d+)|\*)/(\d+|\*)", re.IGNORECASE)
FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def files_folder(target: str | os.PathLike[str]) -> Path:
    """Return the folder that the attachments of an export to a path go to.

    Raises:
        InvalidArgument: The export goes to a URL or to the standard output, where no folder is.
    """
    path = os.fspath(target)
    if path == "-" or "://" in path:
        raise InvalidArgument(
            "files", "needs an export to a path on this machine, where the downloads go to"
        )
    return files_folder_of(path.removeprefix("delta:"))


class _Digest(Protocol):
    def update(self, data: bytes, /) -> object: ...

    def hexdigest(self) -> str: ...


class _Attachment(Struct, frozen=True):
    """A file to download."""

    row: int
    name: str
    url: str
    size: int | None


class _Outcome(Struct, frozen=True):
    """What became of it."""

    sha256: str | None = None
    error: str | None = None
    size: int = 0
    reused: bool = False


class _Note(Struct, frozen=True):
    """What is known of a file that is there in part."""

    url: str
    etag: str | None = None
    total: int | None = None


class Downloads:
    """Downloads the attachments of pages; use it as a context manager, or close it.

    Args:
        folder: where the files go to, see ``files_folder``; made when the first one comes.
        max_bytes: larger files are not downloaded; defaults to no limit.
        concurrency: files that are downloaded at once.
        timeout: seconds without any byte after which a download has failed.
        longest: seconds that a download may take.
        proxy: the proxy; defaults to what the environment says.
        ssl_context: defaults to one that verifies certificates.
        source: where files come from; defaults to the web.

    Attributes:
        downloaded: how many files were downloaded.
        reused: how many were there already.
        failed: how many could not be downloaded.
        bytes: how many bytes the downloaded ones have.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int | None = None,
        concurrency: int = CONCURRENCY,
        timeout: float = SILENCE,
        longest: float = LONGEST,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        source: FileSource | None = None,
    ) -> None:
        if max_bytes is not None and max_bytes < 1:
            raise InvalidArgument("max_bytes", "must be at least 1")
        if concurrency < 1:
            raise InvalidArgument("concurrency", "must be at least 1")
        self.downloaded: int = 0
        self.reused: int = 0
        self.failed: int = 0
        self.bytes: int = 0
        self._folder = folder
        self._max_bytes = max_bytes
        self._concurrency = concurrency
        self._longest = longest
        self._source: FileSource = source or WebFiles(
            timeout=timeout, connections=concurrency, proxy=proxy, ssl_context=ssl_context
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._source.close()

    def fill(self, page: ArchivePage) -> ArchivePage:
        """Download the files of a page.

        Returns:
            The page, whose rows of ``files`` say where they are, or why they are not.

        Raises:
            ExportError: The disk is full, or cannot be written.
        """
        return self._fill(page, threading.Event())

    async def fill_async(self, page: ArchivePage) -> ArchivePage:
        """As ``fill``, while the event loop goes on; when cancelled, downloads end unfinished."""
        stop = threading.Event()
        try:
            return await run_in_thread(lambda: self._fill(page, stop), "frontdesk-files")
        finally:
            stop.set()

    def _fill(self, page: ArchivePage, stop: threading.Event) -> ArchivePage:
        batch = page.tables.get("files")
        if batch is None or not batch.num_rows:
            return page
        attachments = _attachments(batch)
        with _writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        outcomes = self._outcomes(attachments, stop)
        for outcome in outcomes.values():
            if outcome.error is not None:
                self.failed += 1
            elif outcome.reused:
                self.reused += 1
            else:
                self.downloaded += 1
                self.bytes += outcome.size
        paths = {
            file.row: f"{self._folder.name}/{file.name}"
            for file in attachments
            if outcomes[file.row].error is None
        }
        rows = range(batch.num_rows)
        columns = {
            "path": [paths.get(row) for row in rows],
            "sha256": [outcomes[row].sha256 if row in outcomes else None for row in rows],
            "download_error": [outcomes[row].error if row in outcomes else None for row in rows],
        }
        return replace(page, tables={**page.tables, "files": _with_texts(batch, columns)})

    def _outcomes(
        self, attachments: list[_Attachment], stop: threading.Event
    ) -> dict[int, _Outcome]:
        """Download in threads of their own, which end soon once the caller is interrupted."""
        tasks: queue.SimpleQueue[_Attachment] = queue.SimpleQueue()
        done: queue.SimpleQueue[tuple[int, _Outcome | BaseException]] = queue.SimpleQueue()
        for attachment in attachments:
            tasks.put(attachment)

        def work() -> None:
            while not stop.is_set():
                try:
                    task = tasks.get_nowait()
                except queue.Empty:
                    return
                try:
                    done.put((task.row, self._outcome(task, stop)))
                except BaseException as error:  # noqa: BLE001 - the caller's thread raises it
                    done.put((task.row, error))

        for _ in range(min(self._concurrency, len(attachments))):
            threading.Thread(target=work, name="frontdesk-files", daemon=True).start()
        outcomes: dict[int, _Outcome] = {}
        try:
            while len(outcomes) < len(attachments):
                row, outcome = done.get()
                if isinstance(outcome, BaseException):
                    raise outcome
                outcomes[row] = outcome
        finally:
            stop.set()
        return outcomes

    def _outcome(self, file: _Attachment, stop: threading.Event) -> _Outcome:
        download = _Download(self._folder, file, self._max_bytes)
        deadline = time.monotonic() + self._longest
        try:
            for left in reversed(range(TRIES)):
                try:
                    return download.run(self._source, deadline, stop)
                except TransferFailed as error:
                    if not (left and error.may_pass) or stop.is_set():
                        return _Outcome(error=str(error))
        except OSError as error:
            if error.errno in FULL:
                raise _unwritable(error, self._folder) from None
            return _Outcome(error=f"it cannot be stored: {error.strerror or error}")
        raise AssertionError


class _Download:
    """The download of one file."""

    def __init__(self, folder: Path, file: _Attachment, max_bytes: int | None) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._path = folder / file.name
        self._part = folder / f".{file.name}{PART}"
        self._note = folder / f".{file.name}{NOTE}"

    def run(self, source: FileSource, deadline: float, stop: threading.Event) -> _Outcome:
        """Download the file, or the rest of it; raises ``TransferFailed``, or ``OSError``."""
        if self._path.is_file() and not self._path.is_symlink():
            digest, size = _digest_of(self._path)
            return _Outcome(sha256=digest.hexdigest(), size=size, reused=True)
        if self._file.size is not None:
            self._check_size(self._file.size)
        note = self._noted()
        offset = self._part.stat().st_size if note is not None else 0
        headers: dict[str, str] = {}
        if note is not None and offset:
            headers["Range"] = f"bytes={offset}-"
            if note.etag is not None:
                headers["If-Range"] = note.etag
        with source.get(self._file.url, headers, deadline) as reply:
            if note is None or not offset:
                return self._whole(reply, stop)
            if reply.status == OK:
                return self._whole(reply, stop)
            if reply.status not in (PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE):
                raise _refused(reply.status)
            if reply.status == PARTIAL_CONTENT and _continues(reply, offset, note.total):
                return self._rest(reply, offset, note.total, stop)
            is_whole = _total(reply) == offset and note.total in (None, offset)
            if reply.status == RANGE_NOT_SATISFIABLE and is_whole:
                return self._completed(*_digest_of(self._part))
        # What is there is no part of what the server has now.
        self._forget()
        with source.get(self._file.url, {}, deadline) as reply:
            return self._whole(reply, stop)

    def _whole(self, reply: FileReply, stop: threading.Event) -> _Outcome:
        if reply.status != OK:
            raise _refused(reply.status)
        encoding = reply.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            raise TransferFailed(f"it is encoded with {encoding!r}, which was not asked for")
        total = _length(reply)
        if total is not None:
            self._check_size(total)
        etag = reply.headers.get("ETag", "")
        note = _Note(
            url=self._file.url,
            etag=etag if etag.startswith('"') else None,  # a weak one says nothing of bytes
            total=total,
        )
        self._part.write_bytes(b"")
        self._note.write_bytes(msgspec.json.encode(note))
        return self._stream(reply, hashlib.sha256(), 0, total, stop)

    def _rest(
        self, reply: FileReply, offset: int, total: int | None, stop: threading.Event
    ) -> _Outcome:
        total = _total(reply) if total is None else total
        if total is not None:
            self._check_size(total)
        digest, _ = _digest_of(self._part)
        return self._stream(reply, digest, offset, total, stop)

    def _stream(
        self,
        reply: FileReply,
        digest: _Digest,
        size: int,
        total: int | None,
        stop: threading.Event,
    ) -> _Outcome:
        with self._part.open("ab") as part:
            for piece in reply.pieces:
                if stop.is_set():
                    raise TransferFailed("the run was interrupted")
                size += len(piece)
                self._check_size(size)
                part.write(piece)
                digest.update(piece)
        expected = self._file.size if total is None else total
        if expected is not None and size < expected:
            raise TransferFailed(f"it ended after {size} of {expected} bytes", may_pass=True)
        if total is not None and size > total:
            self._forget()
            raise TransferFailed(f"it has {size} bytes in place of {total}")
        return self._completed(digest, size)

    def _completed(self, digest: _Digest, size: int) -> _Outcome:
        with self._part.open("rb") as part:
            os.fsync(part.fileno())
        self._part.replace(self._path)
        self._note.unlink(missing_ok=True)
        return _Outcome(sha256=digest.hexdigest(), size=size)

    def _noted(self) -> _Note | None:
        """Return what is known of the part that is there; ``None`` if it is of no use."""
        try:
            note = msgspec.json.decode(self._note.read_bytes(), type=_Note)
            if note.url == self._file.url and self._part.is_file():
                return note
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            pass
        self._forget()
        return None

    def _forget(self) -> None:
        for path in (self._part, self._note):
            with suppress(FileNotFoundError):
                path.unlink()

    def _check_size(self, size: int) -> None:
        if self._max_bytes is not None and size > self._max_bytes:
            self._forget()
            raise TransferFailed(f"it has more than {self._max_bytes} bytes, which is the limit")


def _attachments(batch: pa.RecordBatch) -> list[_Attachment]:
    """Return the files of a page that have an address, each with a name of its own."""
    names: dict[str, str] = {}
    attachments: list[_Attachment] = []
    rows: list[dict[str, Any]] = batch.to_pylist()
    for row, file in enumerate(rows):
        url: str | None = file["url"]
        if not url:
            continue
        event_id = file["event_id"] or f"{file['thread_id']}_{file['position']}"
        name = safe_file_name(event_id, file["name"])
        # File systems that ignore case take `a.png` and `A.png` for the same.
        if names.setdefault(name.casefold(), url) != url:
            name = safe_file_name(event_id, file["name"], url)
        names[name.casefold()] = url
        attachments.append(_Attachment(row=row, name=name, url=url, size=file["size"]))
    return _without_twins(attachments)


def _with_texts(rows: pa.RecordBatch, columns: dict[str, list[str | None]]) -> pa.RecordBatch:
    arrow: Any = pa
    batch: Any = rows
    for name, values in columns.items():
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, batch.schema.field(place), arrow.array(values, pa.string()))
    filled: pa.RecordBatch = batch
    return filled


def _without_twins(attachments: Iterable[_Attachment]) -> list[_Attachment]:
    """Give rows with the very same file names of their own, so that no two threads write one."""
    seen: set[str] = set()
    unique: list[_Attachment] = []
    for file in attachments:
        name, number = file.name, 1
        while name.casefold() in seen:
            number += 1
            stem, dash, rest = file.name.partition("-")
            name = f"{stem}_{number}{dash}{rest}"
        seen.add(name.casefold())
        unique.append(replace(file, name=name))
    return unique


def _digest_of(path: Path) -> tuple[_Digest, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest, size


def _length(reply: FileReply) -> int | None:
    text = reply.headers.get("Content-Length", "").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _total(reply: FileReply) -> int | None:
    ranges = CONTENT_RANGE.fullmatch(reply.headers.get("Content-Range", "").strip())
    return None if ranges is None or ranges[3] == "*" else int(ranges[3])


def _continues(reply: FileReply, offset: int, total: int | None) -> bool:
    """Whether a partial response is the rest of what is there."""
    ranges = CONTENT_RANGE.fullmatch(reply.headers.get("Content-Range", "").strip())
    if ranges is None or ranges[1] is None or int(ranges[1]) != offset:
        return False
    if reply.headers.get("Content-Encoding", "identity").lower() != "identity":
        return False
    present = _total(reply)
    return total is None or present is None or present == total


def _refused(status: int) -> TransferFailed:
    passing = status >= 500 or status in (408, 429)  # noqa: PLR2004 - HTTP's own
    return TransferFailed(f"the server responded with status {status}", may_pass=passing)


@contextmanager
def _writing(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(error, folder) from None


def _unwritable(error: OSError, folder: Path) -> ExportError:
    reason = (error.strerror or str(error)).lower()
    return ExportError(
        f"cannot store files in {folder}: {reason}; run the same command again once that is "
        "mended; it goes on where it was"
    )
