"""The journal's files: locks, partial writes, and forks."""

import asyncio
import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from frontdesk.webhooks.disk import OsDisk

from .. import forked
from ._faulty_disk import open_files

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


@pytest.fixture
def disk(tmp_path: Path) -> OsDisk:
    made = OsDisk(tmp_path)
    made.prepare()
    return made


def test_the_directory_is_made(tmp_path: Path) -> None:
    OsDisk(tmp_path / "a" / "b").prepare()
    assert (tmp_path / "a" / "b").is_dir()


def test_a_file_is_locked_while_it_is_open(disk: OsDisk) -> None:
    file = disk.create("1")
    assert disk.take("1") is None
    file.append(b"ab")
    file.append(b"cd")
    file.close()
    file.close()
    taken = disk.take("1")
    assert taken is not None
    assert taken.read() == b"abcd"
    taken.append(b"ef")
    assert taken.read() == b"abcdef"
    assert disk.take("1") is None
    taken.remove()
    assert disk.names() == []
    assert disk.take("1") is None


def test_a_file_is_never_made_twice(disk: OsDisk) -> None:
    file = disk.create("1")
    before = open_files()
    with pytest.raises(FileExistsError):
        disk.create("1")
    assert open_files() == before
    file.close()


def test_a_file_can_be_set_aside(disk: OsDisk) -> None:
    file = disk.create("1")
    file.append(b"abc")
    file.set_aside("1.damaged")
    assert disk.names() == ["1.damaged"]
    kept = disk.take("1.damaged")
    assert kept is not None
    assert kept.read() == b"abc"
    kept.close()


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_others_cannot_read_it(disk: OsDisk, tmp_path: Path) -> None:
    file = disk.create("1")
    assert stat.S_IMODE((tmp_path / "1").stat().st_mode) == 0o600
    file.close()


def test_a_deleted_file_is_not_taken(disk: OsDisk, tmp_path: Path) -> None:
    """Somebody may delete it between its opening and its locking, and make another one."""
    real = os.fstat
    disk.create("1").close()

    def replaced(handle: int) -> os.stat_result:
        (tmp_path / "1").unlink(missing_ok=True)
        return real(handle)

    before = open_files()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fstat", replaced)
        assert disk.take("1") is None
    assert open_files() == before


def test_a_new_file_that_another_process_took_is_left_to_it(disk: OsDisk, tmp_path: Path) -> None:
    import fcntl

    real = fcntl.flock
    rival = []

    def too_late(handle: int, operation: int) -> None:
        if not rival:
            rival.append(os.open(tmp_path / "1", os.O_RDWR))
            real(rival[0], fcntl.LOCK_EX)
        real(handle, operation)

    before = open_files()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", too_late)
        with pytest.raises(OSError, match="temporarily") as raised:
            disk.create("1")
        assert raised.value.errno == errno.EAGAIN
    assert disk.names() == ["1"]
    os.close(rival[0])
    assert open_files() == before


def test_a_file_system_without_locks_leaks_nothing(disk: OsDisk) -> None:
    import fcntl

    def no_locks(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    before = open_files()
    disk.create("old").close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", no_locks)
        for attempt in (disk.create, disk.take):
            with pytest.raises(OSError) as raised:
                attempt("new" if attempt == disk.create else "old")
            assert raised.value.errno == errno.ENOLCK
    assert disk.names() == ["old"]
    assert open_files() == before


def test_a_partial_write_is_continued_or_cut_off(disk: OsDisk) -> None:
    file = disk.create("1")
    file.append(b"whole;")
    real = os.write
    room = [4, 3]

    def nearly_full(handle: int, data: memoryview) -> int:
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data[: room.pop(0)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", nearly_full)
        with pytest.raises(OSError) as raised:
            file.append(b"does not fit;")
        assert raised.value.errno == errno.ENOSPC
        room[:] = [2, 2, 2]
        file.append(b"short;")
    assert file.read() == b"whole;short;"
    file.append(b"more")
    assert file.read() == b"whole;short;more"
    file.close()


LIMITED = """
import resource, sys
from pathlib import Path
from frontdesk.webhooks.disk import OsDisk

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
file = OsDisk(Path(sys.argv[1])).create("1")
written = 0
for n in range(8):
    try:
        file.append(b"%d" % n * 300)
        written += 1
    except OSError as error:
        print(error.errno)
print(written)
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
def test_a_write_past_the_limit_of_the_system_is_cut_off(disk: OsDisk, tmp_path: Path) -> None:
    done = forked.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=True
    )
    *errors, written = done.stdout.split()
    assert errors == [str(errno.EFBIG)] * 5
    assert written == "3"
    assert (tmp_path / "1").read_bytes() == b"0" * 300 + b"1" * 300 + b"2" * 300


def test_syncing_reaches_the_disk_and_the_directory(
    disk: OsDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)

    async def main() -> None:
        before = open_files()
        file = disk.create("1")
        file.append(b"abc")
        await file.sync()
        assert synced == [False, True]
        await file.sync()
        assert synced == [False, True, False]
        file.close()
        # Others of this process may be closed meanwhile, by the garbage collector.
        assert open_files() <= before

    asyncio.run(main())


FORKED = """
import os, sys
from pathlib import Path
from frontdesk.webhooks.disk import OsDisk

file = OsDisk(Path(sys.argv[1])).create("1")
file.append(b"parent's")
if os.fork() == 0:
    sys.stdin.read()  # lives on until the test ends
    os._exit(0)
print("forked", flush=True)
os.kill(os.getpid(), 9)
"""


@needs_fork
def test_a_forked_child_holds_no_lock(disk: OsDisk, tmp_path: Path) -> None:
    process = forked.Popen(
        [sys.executable, "-W", "ignore", "-c", FORKED, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "forked\n"
    process.wait()
    taken = None
    try:
        # The child closes the file in its first steps, which may be behind the parent's last.
        for _ in range(1000):
            taken = disk.take("1")
            if taken is not None:
                break
            os.sched_yield()
        assert taken is not None
        assert taken.read() == b"parent's"
        taken.close()
    finally:
        process.stdin.close()
        process.stdout.close()


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_parent_keeps_its_lock_over_a_fork(disk: OsDisk) -> None:
    file = disk.create("1")
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    assert disk.take("1") is None
    file.append(b"still open")
    assert file.read() == b"still open"
    file.close()
