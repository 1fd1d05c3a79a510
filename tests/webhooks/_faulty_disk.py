"""A journal's directory in which operations can be made to fail."""

import errno
import os
from pathlib import Path

from frontdesk.webhooks.disk import Disk, LogFile, OsDisk
from frontdesk.webhooks.journal import Journal


def error(number: int = errno.ENOSPC) -> OSError:
    return OSError(number, os.strerror(number))


class FaultyDisk(Disk):
    """Passes everything to the real directory; operations named in ``failing`` raise instead."""

    def __init__(self, directory: Path) -> None:
        self._disk = OsDisk(directory)
        self.failing: dict[str, OSError] = {}
        self.attempts: dict[str, int] = {}
        self.synced: list[str] = []

    def reach(self, operation: str) -> None:
        self.attempts[operation] = self.attempts.get(operation, 0) + 1
        if operation in self.failing:
            raise self.failing[operation]

    def prepare(self) -> None:
        self.reach("prepare")
        self._disk.prepare()

    def names(self) -> list[str]:
        self.reach("names")
        return self._disk.names()

    def create(self, name: str, /) -> LogFile:
        self.reach("create")
        return FaultyFile(self, self._disk.create(name))

    def take(self, name: str, /) -> LogFile | None:
        self.reach("take")
        file = self._disk.take(name)
        return file and FaultyFile(self, file)

    def peek(self, name: str, /) -> bytes | None:
        self.reach("peek")
        return self._disk.peek(name)


class FaultyFile(LogFile):
    def __init__(self, disk: FaultyDisk, file: LogFile) -> None:
        self._disk = disk
        self._file = file

    @property
    def name(self) -> str:
        return self._file.name

    def read(self) -> bytes:
        self._disk.reach("read")
        return self._file.read()

    def append(self, data: bytes, /) -> None:
        self._disk.reach("append")
        self._file.append(data)

    async def sync(self) -> None:
        self._disk.reach("sync")
        await self._file.sync()
        self._disk.synced.append(self.name)

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        if "remove" in self._disk.failing:
            self._file.close()
        self._disk.reach("remove")
        self._file.remove()

    def set_aside(self, name: str, /) -> None:
        self._disk.reach("set_aside")
        self._file.set_aside(name)


def crash(journal: Journal) -> None:
    """End a journal as a killed process does: the system closes its files and frees the locks."""
    for segment in journal._segments.values():
        segment.file.close()
    journal._begin()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
