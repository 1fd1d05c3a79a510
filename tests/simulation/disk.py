"""A disk in memory: it fills up, it fails, and at a crash it loses what it was not made to keep."""

import asyncio
import errno
import os
from collections.abc import Callable
from random import Random

from frontdesk.webhooks.disk import LogFile

from .trace import Trace


class Killed(BaseException):
    """The process has ended in the middle of what it did."""


class _Stored:
    """A file on the disk, whoever has it open."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = b""
        self.durable = 0
        """Bytes that survive a crash of the machine."""
        self.listed = False
        """Its name survives too."""
        self.owner: Mount | None = None


class SimulatedDisk:
    """What outlives a process; each process has a ``Mount`` of it.

    ``full`` and ``broken`` make writing fail; ``kill_at`` is after how many further operations the
    process is killed, in the middle of the last one.
    """

    def __init__(self, rng: Random, trace: Trace) -> None:
        self.files: dict[str, _Stored] = {}
        self.full = False
        self.broken = False
        self.denied = False
        """Files that are there already can be neither opened nor read."""
        self.kill_at: int | None = None
        self.on_kill: Callable[[], object] = lambda: None
        self.operations = 0
        self._rng = rng
        self._trace = trace

    def crash(self) -> None:
        """Lose what was written and not synced, as a machine does whose power fails.

        Files end somewhere between what is durable and what was written; what lies beyond the
        durable part may be garbage.
        """
        for name, file in list(self.files.items()):
            if not file.listed and self._rng.random() < 0.5:
                del self.files[name]
                continue
            kept = self._rng.randint(file.durable, len(file.data))
            lost = len(file.data) - kept
            file.data = file.data[:kept]
            if lost and self._rng.random() < 0.3:
                file.data += self._rng.randbytes(self._rng.randrange(1, 40))
            file.durable = len(file.data)
            file.listed = True

    def reach(self, mount: "Mount", operation: str) -> bool:
        """Begin an operation; whether the process is to be killed in the middle of it."""
        if mount.dead:
            raise Killed
        self.operations += 1
        if self.kill_at is not None:
            self.kill_at -= 1
            if self.kill_at <= 0:
                self.kill_at = None
                self._trace("disk", f"killed at {operation}")
                return True
        return False

    def kill(self) -> None:
        """End the process."""
        self.on_kill()
        raise Killed

    def partial(self, data: bytes) -> bytes:
        """As much of the data as was written when the process was killed."""
        return data[: self._rng.randrange(len(data) + 1)]


class Mount:
    """The disk as one process sees it; fulfils ``frontdesk.webhooks.disk.Disk``."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self.disk = disk
        self.dead = False
        self.failures = 0
        """How often an operation failed without ending the process."""
        self.denials = 0
        """How many files could not be taken over."""

    def unmount(self) -> None:
        """Free the locks, because the process has ended."""
        self.dead = True
        for file in self.disk.files.values():
            if file.owner is self:
                file.owner = None

    def fail(self, number: int) -> OSError:
        """An error of the disk, which the process lives through."""
        self.failures += 1
        return OSError(number, os.strerror(number))

    def prepare(self) -> None:
        """The directory is there."""
        if self.disk.reach(self, "prepare"):
            self.disk.kill()

    def names(self) -> list[str]:
        """List the files."""
        if self.disk.reach(self, "names"):
            self.disk.kill()
        return sorted(self.disk.files)

    def create(self, name: str, /) -> LogFile:
        """Make a new file, locked by this process."""
        kill = self.disk.reach(self, "create")
        if self.disk.full:
            raise self.fail(errno.ENOSPC)
        file = self.disk.files[name] = _Stored(name)
        file.owner = self
        if kill:
            self.disk.kill()
        return _Open(self, file)

    def take(self, name: str, /) -> LogFile | None:
        """Open and lock a file; None if a process has it locked, or if it is gone."""
        if self.disk.reach(self, "take"):
            self.disk.kill()
        if self.disk.denied and name in self.disk.files:
            self.denials += 1
            raise self.fail(errno.EACCES)
        file = self.disk.files.get(name)
        if file is None or file.owner is not None:
            return None
        file.owner = self
        return _Open(self, file)

    def peek(self, name: str, /) -> bytes | None:
        """Return all that is in a file; None if it is gone."""
        if self.disk.reach(self, "peek"):
            self.disk.kill()
        file = self.disk.files.get(name)
        return None if file is None else file.data


class _Open:
    """An open file; fulfils ``frontdesk.webhooks.disk.LogFile``."""

    def __init__(self, mount: Mount, file: _Stored) -> None:
        self._mount = mount
        self._disk = mount.disk
        self._file = file

    @property
    def name(self) -> str:
        """The name in the directory."""
        return self._file.name

    def read(self) -> bytes:
        """Return all that is in it."""
        if self._disk.reach(self._mount, "read"):
            self._disk.kill()
        return self._file.data

    def append(self, data: bytes, /) -> None:
        """Write at the end."""
        if self._disk.reach(self._mount, "append"):
            self._file.data += self._disk.partial(data)
            self._disk.kill()
        if self._disk.full:
            raise self._mount.fail(errno.ENOSPC)
        self._file.data += data

    async def sync(self) -> None:
        """Wait until the disk itself has what was written."""
        kill = self._disk.reach(self._mount, "sync")
        written = len(self._file.data)
        await asyncio.sleep(0.002)
        if self._mount.dead:
            raise Killed
        if self._disk.broken:
            raise self._mount.fail(errno.EIO)
        if not kill or self._disk.partial(b"x"):
            self._file.durable = max(self._file.durable, written)
            self._file.listed = True
        if kill:
            self._disk.kill()

    def close(self) -> None:
        """Close and unlock the file."""
        if self._file.owner is self._mount:
            self._file.owner = None

    def remove(self) -> None:
        """Close the file and delete it."""
        kill = self._disk.reach(self._mount, "remove")
        if not kill or self._disk.partial(b"x"):
            self._disk.files.pop(self._file.name, None)
        if kill:
            self._disk.kill()
        self.close()

    def set_aside(self, name: str, /) -> None:
        """Close the file and give it another name."""
        if self._disk.reach(self._mount, "set_aside"):
            self._disk.kill()
        self._disk.files[name] = self._disk.files.pop(self._file.name)
        self._file.name = name
        self.close()
