"""A disk that is full: the run ends with one clear line, and goes on once there is room."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from frontdesk.archives.targets import files
from frontdesk.archives.targets.days import DayTarget
from frontdesk.errors import ExportError

from ._pages import midnight, pages_of, position, thread
from ._targets import DELTA, DUCKDB, MEMORY, PARQUET, parameters
from .conftest import Exports

PAGES = pages_of(
    [thread(number, 1 + number // 4, word=f"{number:x}" * 200) for number in range(24)],
    position(),
    size=5,
)
ROOM = 16 * 1024 * 1024


class SmallDisk:
    """A file system of a few megabytes, most of which a file takes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def leave(self, size: int) -> None:
        """Leave so many bytes free."""
        self._ballast.unlink(missing_ok=True)
        found = os.statvfs(self.folder)
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize - size)

    def free(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.strip()}")
    yield SmallDisk(folder)
    subprocess.run(["umount", str(folder)], check=True)


def undisturbed(kind, folder):
    exports = Exports(kind, kind.at(folder))
    folder.mkdir(exist_ok=True)
    exports.run(PAGES)
    return exports.rows()


@pytest.mark.parametrize("kind", parameters([PARQUET, DELTA, DUCKDB]))
@pytest.mark.parametrize("kilobytes", [0, 200])
def test_a_full_disk_ends_a_run_that_goes_on_later(
    kind, kilobytes, small_disk, tmp_path, monkeypatch
):
    monkeypatch.setattr(DayTarget, "pages_per_commit", 2)
    exports = Exports(kind, kind.at(small_disk.folder / "export"))
    (small_disk.folder / "export").mkdir()
    small_disk.leave(kilobytes * 1024)
    try:
        exports.run(PAGES)
    except ExportError as error:
        assert "space" in str(error)  # noqa: PT017 - some sizes may do
        assert "run the same command again once there is room" in str(error)  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert kilobytes == 200
    small_disk.free()
    exports.go_on(PAGES)
    assert exports.rows() == undisturbed(kind, tmp_path / "undisturbed")


@pytest.mark.parametrize("kind", parameters([PARQUET, DELTA, DUCKDB]))
def test_a_full_disk_loses_nothing_of_what_an_update_was_to_replace(kind, small_disk, monkeypatch):
    monkeypatch.setattr(DayTarget, "pages_per_commit", 2)
    (small_disk.folder / "export").mkdir()
    exports = Exports(kind, kind.at(small_disk.folder / "export"))
    exports.run(PAGES)
    before = exports.rows()
    small_disk.leave(0)
    start = position(since=midnight(3), is_update=True)
    with pytest.raises(ExportError):
        exports.run(pages_of([thread(9, 3, word="newer" * 1000)], start), start=start)
    small_disk.free()
    assert exports.rows() == before
    exports.run(PAGES)
    assert exports.rows() == before


class Refusal:
    """Refuses the n-th operation on a file below a folder, and those after it."""

    def __init__(self, folder: str, allowed: int) -> None:
        self.folder = folder
        self.allowed = allowed

    def count(self, path: object) -> None:
        if str(path).startswith(self.folder):
            self.allowed -= 1
            if self.allowed < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class RefusedFile:
    """A file whose writes count."""

    def __init__(self, file, path, refusal):
        self._file, self._path, self._refusal = file, path, refusal

    def write(self, data):
        self._refusal.count(self._path)
        return self._file.write(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def __getattr__(self, name):
        return getattr(self._file, name)


def refuse(context, folder, allowed):
    """Make a disk full after so many operations."""
    refusal = Refusal(str(folder), allowed)
    created, replace, mkdir = files._created, os.replace, os.mkdir

    def refused_file(path, buffering=-1):
        refusal.count(path)
        return RefusedFile(created(path, buffering), path, refusal)

    def refused_replace(path, target):
        refusal.count(path)
        return replace(path, target)

    def refused_mkdir(path, *args, **named):
        if not Path(path).is_dir():
            refusal.count(path)
        mkdir(path, *args, **named)

    context.setattr(files, "_created", refused_file)
    context.setattr(os, "replace", refused_replace)
    context.setattr(os, "mkdir", refused_mkdir)
    return refusal


def test_any_write_may_fail(tmp_path, monkeypatch):
    """Each of a sample, with another number of writes before it."""
    monkeypatch.setattr(DayTarget, "pages_per_commit", 1)
    threads = [thread(number, 1 + number // 3, events=1) for number in range(6)]
    pages = pages_of(threads, position(), size=2)
    whole = Exports(PARQUET, str(tmp_path / "whole"))
    with monkeypatch.context() as context:
        refusal = refuse(context, whole.address, sys.maxsize)
        whole.run(pages)
        writes = sys.maxsize - refusal.allowed
    for allowed in sorted(Random(writes).sample(range(writes), 15)):
        exports = Exports(PARQUET, str(tmp_path / f"chats-{allowed}"))
        with monkeypatch.context() as context:
            refuse(context, exports.address, allowed)
            with pytest.raises(ExportError, match="no space left on device"):
                exports.run(pages)
        exports.go_on(pages)
        assert exports.rows() == whole.rows()
        hidden = [path for path in Path(exports.address).rglob(".*") if path.is_file()]
        assert hidden == []


def test_a_store_that_refuses_a_file_ends_the_run_with_its_reason(monkeypatch):
    exports = Exports(MEMORY, MEMORY.address)
    target = exports.start(PAGES[:1])

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as context:
        context.setattr("fsspec.implementations.memory.MemoryFileSystem.pipe_file", refuse)
        with pytest.raises(ExportError, match=r"memory://chats \(permission denied\)"):
            target.write(PAGES[1])
    target.close()
    exports.go_on(PAGES)
    assert exports.state().position.done
