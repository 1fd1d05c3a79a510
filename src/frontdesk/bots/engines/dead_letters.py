"""What was given up: in memory, or as files in a directory."""

import logging
import os
import re
import secrets
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

import msgspec
from msgspec import Raw, Struct

from frontdesk.bots.engines.base import DeadLetter
from frontdesk.bots.items import QueueItem, read_item, write_item
from frontdesk.concurrency.threads import DaemonPool
from frontdesk.errors import DecodeError, InvalidArgument, QueueError

__all__ = ["DeadLetters", "DirectoryDeadLetters", "MemoryDeadLetters", "dead_letters_at"]

T = TypeVar("T")

MOST: Final = 1000
ID: Final = re.compile(r"[0-9]{14}-[0-9a-f]{8}")
SUFFIX: Final = ".dead"
UNFINISHED: Final = ".part"

logger: logging.Logger = logging.getLogger("frontdesk.bots")


class DeadLetters(Protocol):
    """Keeps what was given up until it is replayed."""

    async def prepare(self) -> None:
        """Check that letters can be kept; raises ``QueueError`` otherwise."""
        ...

    async def add(self, item: QueueItem, reason: str, attempts: int) -> None:
        """Keep an item that was given up; raises ``OSError`` if that fails."""
        ...

    async def ids(self) -> list[str]:
        """Return the ids of all letters, oldest first."""
        ...

    async def read(self, letter_id: str) -> DeadLetter | None:
        """Return a letter; ``None`` if there is none of this id."""
        ...

    async def remove(self, letter_id: str) -> None:
        """Forget a letter."""
        ...


class MemoryDeadLetters:
    """Keeps the latest dead letters in this process.

    Args:
        limit: How many; the oldest is dropped, with a line in the log, for one more.
    """

    def __init__(self, limit: int = MOST) -> None:
        self._limit = limit
        self._letters: dict[str, DeadLetter] = {}

    async def prepare(self) -> None:
        """Do nothing: memory needs no preparation."""

    async def add(self, item: QueueItem, reason: str, attempts: int) -> None:
        """Keep an item that was given up."""
        letter = DeadLetter(
            id=item.id, item=item, reason=reason, attempts=attempts, failed_at=time.time()
        )
        self._letters.pop(letter.id, None)
        self._letters[letter.id] = letter
        if len(self._letters) > self._limit:
            oldest = next(iter(self._letters))
            del self._letters[oldest]
            logger.error(
                "more than %d dead letters: that of item %s is dropped; give the engine a "
                "directory for them to keep all",
                self._limit,
                oldest,
            )

    async def ids(self) -> list[str]:
        """Return the ids of all letters, oldest first."""
        return list(self._letters)

    async def read(self, letter_id: str) -> DeadLetter | None:
        """Return a letter; ``None`` if there is none of this id."""
        return self._letters.get(letter_id)

    async def remove(self, letter_id: str) -> None:
        """Forget a letter."""
        self._letters.pop(letter_id, None)


class _Written(Struct, kw_only=True):
    item: Raw
    reason: str
    attempts: int
    failed_at: float


_decode = msgspec.json.Decoder(_Written).decode
_encode = msgspec.json.Encoder().encode


class DirectoryDeadLetters:
    """Keeps each dead letter in a file of its own, which is on the disk before ``add`` returns.

    Several processes may share the directory. The files have what customers say, so that only
    their owner can read them.

    Args:
        directory: Where the files go; made if it is missing.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pool = DaemonPool(1, "frontdesk-dead-letters")

    async def prepare(self) -> None:
        """Make the directory; raises ``QueueError`` if it cannot be written."""
        try:
            await self._pool.run(partial(_prepare, self._directory))
        except OSError as error:
            raise QueueError(
                f"the directory of the dead letters cannot be written: {error.strerror or error}"
            ) from None

    async def add(self, item: QueueItem, reason: str, attempts: int) -> None:
        """Write an item that was given up; raises ``OSError`` if that fails."""
        failed_at = time.time()
        content = _encode(
            _Written(
                item=Raw(write_item(item)), reason=reason, attempts=attempts, failed_at=failed_at
            )
        )
        # The names are in the order of time.
        name = f"{int(failed_at * 1000):014d}-{secrets.token_hex(4)}"
        await self._pool.run(partial(_write, self._directory, name, content))

    async def ids(self) -> list[str]:
        """Return the ids of all letters, oldest first."""
        return await self._run(partial(_ids, self._directory))

    async def read(self, letter_id: str) -> DeadLetter | None:
        """Return a letter; ``None`` if there is none of this id. A damaged one has no item."""
        path = self._path(letter_id)
        if path is None:
            return None
        try:
            data = await self._run(path.read_bytes)
        except FileNotFoundError:
            return None
        try:
            written = _decode(data)
            item = read_item(bytes(written.item))
        except (msgspec.DecodeError, UnicodeError, DecodeError):
            return DeadLetter(
                id=letter_id, item=None, reason="its file is damaged", attempts=0, failed_at=0.0
            )
        return DeadLetter(
            id=letter_id,
            item=item,
            reason=written.reason,
            attempts=written.attempts,
            failed_at=written.failed_at,
        )

    async def remove(self, letter_id: str) -> None:
        """Delete the file of a letter."""
        path = self._path(letter_id)
        if path is not None:
            await self._run(partial(path.unlink, missing_ok=True))

    async def _run(self, call: Callable[[], T]) -> T:
        try:
            return await self._pool.run(call)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise QueueError(
                f"the dead letters cannot be read: {error.strerror or error}"
            ) from None

    def _path(self, letter_id: str) -> Path | None:
        # An id comes from a command line; it must not lead out of the directory.
        if not ID.fullmatch(letter_id):
            return None
        return self._directory / f"{letter_id}{SUFFIX}"


def dead_letters_at(place: "DeadLetters | str | Path | None") -> DeadLetters:
    """Return what keeps dead letters at a place: in memory by default.

    Raises:
        InvalidArgument: It is no directory.
    """
    if place is None:
        return MemoryDeadLetters()
    if isinstance(place, (str, Path)):
        if not str(place) or "\0" in str(place) or Path(place).is_file():
            raise InvalidArgument("dead_letters", "must be a directory")
        return DirectoryDeadLetters(Path(place))
    if not callable(getattr(place, "add", None)):  # pyright: ignore[reportUnnecessaryComparison]
        raise InvalidArgument("dead_letters", f"must be a directory, not {place!r}")
    return place


def _prepare(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    if not os.access(directory, os.W_OK | os.X_OK):
        raise PermissionError(0, "no permission")


def _write(directory: Path, name: str, content: bytes) -> None:
    part = directory / f"{name}{UNFINISHED}"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Under its name once it is whole: whoever reads meanwhile sees no half of it.
        part.rename(directory / f"{name}{SUFFIX}")
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _ids(directory: Path) -> list[str]:
    try:
        return sorted(path.stem for path in directory.glob(f"*{SUFFIX}"))
    except FileNotFoundError:
        return []
