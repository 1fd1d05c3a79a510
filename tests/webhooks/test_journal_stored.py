"""What other versions and other systems depend on: stored bytes, keys of a store, locks."""

import asyncio
import errno
import os
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest

from frontdesk.webhooks import Journal, Receiver
from frontdesk.webhooks.disk import OsDisk
from frontdesk.webhooks.records import accepted_record, done_records, scan

from ._bodies import SECRET, message
from ._faulty_disk import FaultyDisk, crash, error
from ._journals import leave, pending
from .test_receiver import receiver_that_notes, run

ACCEPTED = "ff464a3141070000000000000000000000004a934007000000afac1b565042b3807b2261223a317d"
DONE = "ff464a31440700000000000000000000000000000000000000000000003672fdfa"


def test_journals_can_be_read_after_an_upgrade() -> None:
    """A process of the new version takes over what one of the old version left."""
    assert accepted_record(7, 1234.5, b'{"a":1}').hex() == ACCEPTED
    assert done_records([7]).hex() == DONE
    (record,) = scan(bytes.fromhex(ACCEPTED + DONE)).records
    assert record == (7, 1234.5, b'{"a":1}', True)


def test_processes_of_two_versions_share_a_store() -> None:
    swaps: list[tuple[str, str, int]] = []

    class Store:
        def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
            swaps.append((key.hex(), value.hex(), seconds))
            return None

    async def test() -> None:
        receiver = Receiver(SECRET, seen=Store(), window=60)
        for payload in (
            b'"thread_tagged","payload":{"chat_id":"C","thread_id":"T","tag":"vip"}}',
            b'"event_deleted","payload":{"chat_id":"C","thread_id":"T","event_id":"E"}}',
        ):
            head = b'{"secret_key":"open-sesame","webhook_id":"w","organization_id":"o","action":'
            assert (await receiver.handle(head + payload)).status == 200
        assert receiver.counts.accepted == 2
        await receiver.close()

    run(test)
    assert swaps == [
        ("73c80bb30a4cde92fea75861197181da29", "079091e2470086fe18b76f2d30d2f636", 60),
        ("623344c665d69b73d5c35b9d16063f974f", b"1".hex(), 60),
        ("628a577664cee3017a2a71387da810431c", b"1".hex(), 60),
    ]


def test_a_torn_file_is_logged(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    name = leave(folder, b"whole", b"torn")
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    assert pending(folder) == [b"whole"]
    assert caplog.messages == [f"the journal's file {name} ends with a webhook never accepted"]
    assert caplog.records[0].levelname == "WARNING"


def test_a_damaged_file_is_logged_with_its_new_name(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = leave(folder, b"1", b"2", b"3")
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    assert pending(folder) == [b"1", b"3"]
    (logged,) = caplog.messages
    assert logged == (
        f"the journal's file {name} is damaged in 1 place(s): what is there is lost, the rest "
        f"is handled, the file is kept as {name}.damaged"
    )


@pytest.mark.parametrize("text", ["Permission denied", None])
def test_a_disk_that_fails_is_named(
    folder: Path, text: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    disk = FaultyDisk(folder)
    journal = Journal(folder, disk=disk)
    ticket = journal.add(b"1")
    disk.failing["append"] = error(errno.EACCES) if text else OSError("odd")
    journal.done(ticket)
    (logged,) = caplog.messages
    assert logged == (
        f"the journal cannot be written: {text or 'odd'}; what is handled now is handled again "
        "if the process is killed before it can be written"
    )
    disk.failing = {"take": error(errno.EACCES)}
    journal.close()
    caplog.clear()
    name = leave(folder, b"2")
    assert Journal(folder, disk=disk).open() == []
    assert caplog.messages == [f"the journal's file {name} cannot be taken over: Permission denied"]


def test_a_full_disk_costs_an_attempt_now_and_then(folder: Path) -> None:
    disk = FaultyDisk(folder)
    journal = Journal(folder, disk=disk)
    tickets = [journal.add(b"x") for _ in range(200)]
    disk.failing["append"] = error()
    tried = []
    for number, ticket in enumerate(tickets, 1):
        before = disk.attempts["append"]
        journal.done(ticket)
        if disk.attempts["append"] > before:
            tried.append(number)
    assert tried == [1, 64, 128, 192, 200]
    disk.failing.clear()
    journal.close()


def test_files_have_names_of_their_process(folder: Path) -> None:
    first, second = Journal(folder), Journal(folder)
    first.add(b"1")
    second.add(b"2")
    names = [path.name for path in folder.iterdir()]
    assert len(set(names)) == 2
    for name in names:
        pid, _, rest = name.partition("-")
        assert int(pid) == os.getpid()
        assert len(rest.removesuffix(".journal")) == 8
        assert rest.endswith(".journal")
    first.close()
    second.close()


def test_a_machine_without_a_clock_keeps_the_order(folder: Path) -> None:
    """It begins in 1970 whenever it is switched on."""
    journals = [Journal(folder) for _ in range(2)]
    for journal, time in zip(journals, (0.75, 0.25), strict=True):
        journal._clock = lambda time=time: time  # type: ignore[misc]
        journal.add(b"%f" % time)
    for journal in journals:
        crash(journal)
    assert pending(folder) == [b"0.250000", b"0.750000"]


def test_what_came_at_the_same_time_keeps_the_order_of_the_files(folder: Path) -> None:
    for name, contents in (("1", (b"b", b"same")), ("2", (b"a", b"same"))):
        journal = Journal(folder)
        journal._new_name = lambda name=name: name  # type: ignore[misc]
        journal._clock = lambda: 5.0
        for content in contents:
            journal.add(content)
        crash(journal)
    assert pending(folder) == [b"b", b"same", b"a", b"same"]


def test_a_file_that_somebody_deleted_is_gone(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(folder)
    ticket = journal.add(b"1")
    (path,) = folder.iterdir()
    path.unlink()
    journal.done(ticket)
    journal.close()
    assert caplog.messages == []


def test_a_receiver_starts_once(folder: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(folder)
        receiver, _ = receiver_that_notes(journal=Journal(folder, disk=disk))
        for n in range(3):
            assert (await receiver.handle(message(n))).status == 200
        await receiver.start()
        assert disk.attempts["names"] == 1
        await receiver.close()

    run(test)


def test_other_files_of_the_directory_are_left_alone(folder: Path) -> None:
    leave(folder, b"1")
    (folder / "notes.txt").write_text("mine")
    assert pending(folder) == [b"1"]
    assert (folder / "notes.txt").read_text() == "mine"


def test_the_size_of_a_file_is_that_of_its_records(folder: Path) -> None:
    size = len(accepted_record(0, 0.0, b"x" * 100))
    journal = Journal(folder, limit=2 * size)
    for expected in (1, 1, 2, 2, 3):
        journal.add(b"x" * 100)
        assert len(list(folder.iterdir())) == expected
    crash(journal)
    assert pending(folder) == [b"x" * 100] * 5


def test_what_is_remembered_of_before_a_kill_ends_with_the_window(tmp_path: Path) -> None:
    async def test() -> None:
        from frontdesk.webhooks.deduplication import digest_of

        old = Journal(tmp_path)
        times = iter([700.0, 700.5])
        old._clock = lambda: next(times)
        bodies = [message(n, text=str(n)) for n in range(2)]
        tickets = [old.add(digest_of(data) + data) for data in bodies]
        old.done(tickets[0])
        old.done(tickets[1])
        # Something is left to do, so that the file stays.
        old._clock = lambda: 701.0
        old.add(digest_of(message(9)) + message(9, text="9"))
        crash(old)
        receiver, texts = receiver_that_notes(journal=tmp_path, window=300)
        receiver._clock = lambda: 1000.0
        await receiver.start()
        for data in bodies:
            assert (await receiver.handle(data)).status == 200
        await receiver.close()
        # The first was accepted 300 seconds ago, and is forgotten.
        assert texts == ["9", "0"]
        assert receiver.counts.repeated == 1

    run(test)


def test_a_journal_with_nonsense_loses_that_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        old = Journal(tmp_path)
        old.add(b"0" * 16 + b"no json")
        old.add(b"0" * 16 + message(1, text="1"))
        crash(old)
        receiver, texts = receiver_that_notes(journal=tmp_path)
        await receiver.start()
        await receiver.close()
        assert texts == ["1"]
        assert list(tmp_path.iterdir()) == []

    run(test)
    assert caplog.messages == ["the journal is damaged; one webhook in it is lost"]


class Windows:
    """Stands for the functions that lock files there; the rest is this system's."""

    LK_NBLCK = 2

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.locks: list[tuple[int, int, int]] = []
        self.is_locked = False
        monkeypatch.setattr(sys, "platform", "win32")
        module = types.ModuleType("msvcrt")
        module.locking = self.locking  # type: ignore[attr-defined]
        module.LK_NBLCK = self.LK_NBLCK  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "msvcrt", module)

    def locking(self, handle: int, mode: int, size: int, /) -> None:
        if self.is_locked:
            raise PermissionError(errno.EACCES, "locked")
        self.locks.append((os.lseek(handle, 0, os.SEEK_CUR), mode, size))


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    return Windows(monkeypatch)


def test_windows_locks_a_byte_behind_everything(windows: Windows, tmp_path: Path) -> None:
    disk = OsDisk(tmp_path)
    file = disk.create("1")
    file.append(b"abc")
    assert windows.locks == [(1 << 40, windows.LK_NBLCK, 1)]
    assert file.read() == b"abc"
    windows.is_locked = True
    assert disk.take("1") is None
    file.close()


def test_windows_closes_files_before_it_deletes_or_renames_them(
    windows: Windows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = OsDisk(tmp_path)
    closed: list[int] = []
    real = os.close
    monkeypatch.setattr(os, "close", lambda handle: (closed.append(handle), real(handle)))
    for operation, name in (("unlink", ""), ("rename", "2")):
        file: Any = disk.create("1")
        handle = file._handle
        function = getattr(Path, operation)

        def checked(
            self: Path, *a: Any, handle: int = handle, function: Any = function, **k: Any
        ) -> Any:
            assert handle in closed
            return function(self, *a, **k)

        closed.clear()
        with monkeypatch.context() as patch:
            patch.setattr(Path, operation, checked)
            if name:
                file.set_aside(name)
            else:
                file.remove()
        assert closed == [handle]
    assert disk.names() == ["2"]


def test_windows_cannot_sync_a_directory(
    windows: Windows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)

    async def main() -> None:
        file = OsDisk(tmp_path).create("1")
        await file.sync()
        file.close()

    asyncio.run(main())
    assert len(synced) == 1


def test_the_disk_is_synced_by_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[threading.Thread] = set()
    all_are_waiting = threading.Event()

    def fsync(handle: int) -> None:
        threads.add(threading.current_thread())
        all_are_waiting.wait(20)

    monkeypatch.setattr(os, "fsync", fsync)

    async def main() -> None:
        disk = OsDisk(tmp_path)
        files = [disk.create(str(n)) for n in range(8)]
        waiting = [asyncio.create_task(file.sync()) for file in files]
        await asyncio.sleep(0)
        all_are_waiting.set()
        await asyncio.gather(*waiting)
        for file in files:
            file.close()

    asyncio.run(main())
    assert [thread.name for thread in threads] == ["frontdesk-journal"]


def test_a_directory_without_write_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def access(path: Any, mode: int) -> bool:
        asked.append(mode)
        return False

    monkeypatch.setattr(os, "access", access)
    with pytest.raises(PermissionError) as caught:
        OsDisk(tmp_path).prepare()
    assert caught.value.errno == errno.EACCES
    assert caught.value.strerror == "Permission denied"
    assert asked == [os.W_OK | os.X_OK]
