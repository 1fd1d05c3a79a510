"""What a journal does when its disk is full, fails or has damaged files."""

import asyncio
import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from frontdesk.errors import InvalidArgument
from frontdesk.webhooks import IncomingEvent, Journal, Receiver, Webhook
from frontdesk.webhooks.disk import LogFile
from frontdesk.webhooks.records import accepted_record

from ._bodies import SECRET, message
from ._faulty_disk import FaultyDisk, crash, error, open_files
from ._journals import accept, leave, pending, take_up

NO_ROOM = "No space left"


def test_a_full_disk_refuses_webhooks_and_stops_no_chat(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        disk = FaultyDisk(folder)
        receiver = Receiver(SECRET, journal=Journal(folder, disk=disk))
        texts: list[str] = []

        @receiver.on(IncomingEvent)
        async def note(webhook: Webhook[IncomingEvent]) -> None:
            texts.append(webhook.payload.event.text)

        for n in range(40):
            await receiver.handle(message(n, text=str(n)))
        disk.failing["append"] = error()
        for _ in range(3):
            response = await receiver.handle(message(40, text="40"))
            assert response.status == 503
            assert NO_ROOM in response.text
        while len(texts) < 40:
            await asyncio.sleep(0)
        del disk.failing["append"]
        # What was refused was not remembered, so that LiveChat's next attempt is accepted.
        assert (await receiver.handle(message(40, text="40"))).status == 200
        assert (await receiver.handle(message(40, text="40"))).status == 200
        assert await receiver.close(5) == 0
        assert texts == [str(n) for n in range(41)]
        assert receiver.counts.refused == 3
        assert list(folder.iterdir()) == []

    asyncio.run(test())
    assert caplog.text.count("handled again") == 1


def test_what_was_done_while_the_disk_was_full_is_written_later(folder: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(folder)
        journal = Journal(folder, disk=disk)
        tickets = [journal.add(b"%d" % n) for n in range(200)]
        disk.failing["append"] = error()
        for ticket in tickets[:150]:
            journal.done(ticket)
        # It is not tried each time, so that a long outage costs little.
        assert disk.attempts["append"] < 210
        del disk.failing["append"]
        journal.done(journal.add(b"one more"))
        crash(journal)
        assert pending(folder) == [b"%d" % n for n in range(150, 200)]

    asyncio.run(test())


def test_an_outage_is_logged_once_and_the_next_one_again(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk = FaultyDisk(folder)
    journal = Journal(folder, disk=disk)
    for _ in range(2):
        tickets = [journal.add(b"x") for _ in range(5)]
        disk.failing["append"] = error()
        for ticket in tickets:
            journal.done(ticket)
        disk.failing.clear()
        journal.done(journal.add(b"x"))
    journal.close()
    assert caplog.text.count(NO_ROOM) == 2
    assert {record.name for record in caplog.records} == {"frontdesk.webhooks"}
    assert list(folder.iterdir()) == []


def test_a_full_disk_does_not_hinder_taking_over(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing has to be written for it, so nothing is leaked and nothing handled twice."""
    leave(folder, b"1", b"2", b"3", done=(0,))
    disk = FaultyDisk(folder)
    disk.failing = {"append": error(), "create": error()}
    before = open_files()
    journal = Journal(folder, disk=disk)
    entries = journal.open()
    assert [entry.content for entry in entries if entry.ticket] == [b"2", b"3"]
    for _ in range(3):
        with pytest.raises(OSError, match=NO_ROOM):
            journal.add(b"4")
        assert journal.open() == []
    for entry in entries:
        if entry.ticket:
            journal.done(entry.ticket)
    assert list(folder.iterdir()) == []
    journal.close()
    assert open_files() == before
    assert len(caplog.records) == 1
    assert pending(folder) == []


@pytest.mark.parametrize("operation", ["take", "read"])
def test_a_file_that_cannot_be_taken_over_is_logged_and_stays(
    folder: Path, operation: str, caplog: pytest.LogCaptureFixture
) -> None:
    leave(folder, b"1", b"2")
    disk = FaultyDisk(folder)
    disk.failing[operation] = error(errno.EACCES)
    before = open_files()
    journal = Journal(folder, disk=disk)
    assert journal.open() == []
    assert open_files() == before
    (record,) = caplog.records
    assert "Permission denied" in record.getMessage()
    assert "Traceback" not in caplog.text
    assert pending(folder) == [b"1", b"2"]


def test_the_other_files_are_taken_over_all_the_same(folder: Path) -> None:
    class OneIsDenied(FaultyDisk):
        def take(self, name: str, /) -> LogFile | None:
            if name == denied:
                raise error(errno.EACCES)
            return super().take(name)

    denied = leave(folder, b"1")
    first = Journal(folder)
    first.add(b"2")
    crash(first)
    journal = Journal(folder, disk=OneIsDenied(folder))
    assert [entry.content for entry in journal.open()] == [b"2"]
    journal.close()


def test_a_look_at_what_waits_takes_nothing_over(folder: Path) -> None:
    leave(folder, b"1")
    held = Journal(folder)
    assert len(held.open()) == 1
    held.done(held.add(b"2"))
    held.add(b"3")
    other = Journal(folder)
    assert sorted(other.peek()) == [b"1", b"3"]
    with next(folder.glob("*.journal")).open("ab") as file:
        file.write(accepted_record(9, 1.0, b"4")[:-1])  # as while somebody writes it
    assert sorted(other.peek()) == [b"1", b"3"]
    held.close()


def test_a_file_that_cannot_be_read_is_no_queue_without_items(folder: Path) -> None:
    leave(folder, b"1")
    disk = FaultyDisk(folder)
    disk.failing["peek"] = error(errno.EACCES)
    with pytest.raises(InvalidArgument, match="Permission denied"):
        list(Journal(folder, disk=disk).peek())


ANOTHER_USER = """
import os, sys
from frontdesk.webhooks import Journal
os.setuid(65534)
journal = Journal(sys.argv[1])
files = len(os.listdir('/proc/self/fd'))
for _ in range(3):
    assert journal.open() == []
assert len(os.listdir('/proc/self/fd')) == files
journal.done(journal.add(b'mine'))
journal.close()
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
def test_the_files_of_another_user_are_left_alone() -> None:
    # pytest takes the permissions of its own directory away whenever it starts somewhere.
    with tempfile.TemporaryDirectory() as root:
        Path(root).chmod(0o755)
        folder = Path(root, "journal")
        name = leave(folder, b"1")
        folder.chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-c", ANOTHER_USER, str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("cannot be taken over: Permission denied") == 3
        assert [path.name for path in folder.iterdir()] == [name]


def test_a_file_that_cannot_be_deleted_is_not_handled_again(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    leave(folder, b"1", b"2")
    disk = FaultyDisk(folder)
    disk.failing["remove"] = error(errno.EACCES)
    before = open_files()
    journal = Journal(folder, disk=disk)
    for entry in journal.open():
        assert entry.ticket is not None
        journal.done(entry.ticket)
    journal.close()
    assert len(caplog.records) == 1
    assert open_files() == before
    assert pending(folder) == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("at", [2, 20, 40])
def test_a_damaged_record_costs_itself_alone(
    folder: Path, at: int, caplog: pytest.LogCaptureFixture
) -> None:
    """``at`` is in the mark, in the head or in the content."""

    async def test() -> None:
        bodies = [message(n, chat=f"C{n}", text=str(n)) for n in range(10)]
        await accept(folder, *bodies)
        (path,) = folder.iterdir()
        data = bytearray(path.read_bytes())
        record = len(data) // 10
        data[record * 3 + at] ^= 0x41
        path.write_bytes(data)
        handled = await take_up(folder)
        assert sorted(handled) == sorted(str(n) for n in range(10) if n != 3)
        (kept,) = folder.iterdir()
        assert kept.name == path.name + ".damaged"
        assert kept.read_bytes()[: len(data)] == data
        assert await take_up(folder) == []

    asyncio.run(test())
    (record,) = [one for one in caplog.records if "damaged in" in one.getMessage()]
    assert "damaged in 1 place" in record.getMessage()
    assert ".damaged" in record.getMessage()


def test_a_damaged_file_is_handled_once_though_the_process_is_killed_again(folder: Path) -> None:
    name = leave(folder, b"1" * 50, b"2" * 50, b"3" * 50)
    data = bytearray((folder / name).read_bytes())
    data[120] ^= 1
    (folder / name).write_bytes(data)
    journal = Journal(folder)
    first, second = journal.open()
    assert first.ticket is not None
    journal.done(first.ticket)
    crash(journal)
    assert pending(folder) == [second.content]


def test_a_file_goes_when_everything_in_it_is_done(folder: Path) -> None:
    journal = Journal(folder, limit=1000)
    tickets = [journal.add(b"x" * 400) for _ in range(9)]
    assert len(list(folder.iterdir())) == 3
    for ticket in tickets[:3]:
        journal.done(ticket)
    assert len(list(folder.iterdir())) == 2
    for ticket in tickets[3:]:
        journal.done(ticket)
    assert len(list(folder.iterdir())) == 1
    journal.close()
    assert list(folder.iterdir()) == []


def test_without_room_for_another_file_the_present_one_grows(folder: Path) -> None:
    disk = FaultyDisk(folder)
    journal = Journal(folder, limit=1000, disk=disk)
    journal.add(b"x" * 2000)
    disk.failing["create"] = error(errno.EMFILE)
    journal.add(b"y")
    assert len(list(folder.iterdir())) == 1
    del disk.failing["create"]
    journal.add(b"z")
    assert len(list(folder.iterdir())) == 2
    crash(journal)
    assert pending(folder) == [b"x" * 2000, b"y", b"z"]


def test_a_webhook_is_acknowledged_when_the_disk_has_it(folder: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(folder)
        receiver = Receiver(SECRET, journal=Journal(folder, sync=True, disk=disk))
        receiver.on()(lambda webhook: None)
        calls = [asyncio.create_task(receiver.handle(message(n))) for n in range(20)]
        responses = await asyncio.gather(*calls)
        assert {response.status for response in responses} == {200}
        # One `fsync` is for all that came while the one before was under way.
        assert 1 <= len(disk.synced) <= 3
        await receiver.close()

    asyncio.run(test())


def test_each_batch_waits_for_the_disk_anew(folder: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(folder)
        journal = Journal(folder, sync=True, disk=disk)
        for n in range(3):
            await asyncio.wait_for(journal.synced(journal.add(b"%d" % n)), 10)
            assert len(disk.synced) == n + 1
        crash(journal)

    asyncio.run(test())


def test_another_file_is_begun_when_one_has_its_size(folder: Path) -> None:
    size = len(accepted_record(0, 0.0, b"content"))
    for limit, files in ((2 * size, 2), (2 * size + 1, 1)):
        journal = Journal(folder / str(limit), limit=limit)
        for _ in range(3):
            journal.add(b"content")
        assert len(list((folder / str(limit)).iterdir())) == files
        crash(journal)


def test_nothing_is_synced_unless_that_is_asked_for(folder: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(folder)
        receiver = Receiver(SECRET, journal=Journal(folder, disk=disk))
        receiver.on()(lambda webhook: None)
        assert (await receiver.handle(message())).status == 200
        await receiver.close()
        assert disk.synced == []

    asyncio.run(test())


def test_a_disk_that_cannot_sync_asks_for_another_attempt(folder: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(folder)
        receiver = Receiver(SECRET, journal=Journal(folder, sync=True, disk=disk))
        got: list[object] = []
        receiver.on()(got.append)
        disk.failing["sync"] = error(errno.EIO)
        calls = [receiver.handle(message(n)) for n in range(3)]
        assert {response.status for response in await asyncio.gather(*calls)} == {503}
        disk.failing.clear()
        calls = [receiver.handle(message(n)) for n in range(3)]
        assert {response.status for response in await asyncio.gather(*calls)} == {200}
        await receiver.close()
        # The second attempts were repeats: what had been written once was handled once.
        assert len(got) == 3

    asyncio.run(test())


def test_closing_while_the_disk_is_at_work_lets_nobody_hang(folder: Path) -> None:
    async def test() -> None:
        journal = Journal(folder, sync=True)
        first = asyncio.create_task(journal.synced(journal.add(b"1")))
        await asyncio.sleep(0)
        second = asyncio.create_task(journal.synced(journal.add(b"2")))
        journal.close()
        async with asyncio.timeout(10):
            results = await asyncio.gather(first, second, return_exceptions=True)
        assert [type(result) for result in results] == [OSError, OSError]
        assert pending(folder) == [b"1", b"2"]

    asyncio.run(test())
