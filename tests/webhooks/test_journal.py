"""Accepted webhooks survive the process that accepted them."""

import asyncio
import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from frontdesk.errors import InvalidArgument
from frontdesk.webhooks import IncomingEvent, Journal, Receiver, UnknownWebhook, Webhook
from frontdesk.webhooks._disk import LogFile

from ._bodies import SECRET, body, message, sample, tag
from ._faulty_disk import FaultyDisk, crash, error, open_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


async def accept(folder: Path, *bodies: bytes, handle: int = 0) -> None:
    """Accept webhooks, handle the first few of them, and be killed."""
    journal = Journal(folder)
    receiver = Receiver(SECRET, journal=journal, concurrency=1)
    handled = 0
    release = asyncio.Event()

    @receiver.on()
    async def work(webhook: object) -> None:
        nonlocal handled
        if handled == handle:
            await release.wait()
        handled += 1

    await receiver.start()
    for data in bodies:
        assert (await receiver.handle(data)).status == 200
    while handled < handle:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    crash(journal)
    await receiver.close(0)


async def take_up(folder: Path, *more: bytes, limit: int = 0) -> list[str]:
    """Start again, accept more, and tell what was handled."""
    journal = Journal(folder, limit=limit) if limit else folder
    receiver = Receiver(SECRET, journal=journal)
    handled: list[str] = []

    @receiver.on()
    async def note(webhook: Webhook[Any] | UnknownWebhook) -> None:
        payload = webhook.payload
        is_event = isinstance(payload, IncomingEvent)
        handled.append(payload.event.text if is_event else webhook.action)

    await receiver.start()
    for data in more:
        assert (await receiver.handle(data)).status == 200
    assert await receiver.close(5) == 0
    return handled


def test_what_was_accepted_is_handled_after_a_kill(folder: Path) -> None:
    async def test() -> None:
        await accept(folder, *(message(n, text=str(n)) for n in range(5)), handle=2)
        assert await take_up(folder) == ["2", "3", "4"]
        assert await take_up(folder) == []
        assert list(folder.iterdir()) == []

    asyncio.run(test())


def test_repeats_are_recognised_after_a_kill(folder: Path) -> None:
    async def test() -> None:
        bodies = [message(n, text=str(n)) for n in range(4)]
        await accept(folder, *bodies, tag(), handle=2)
        handled = await take_up(folder, *bodies, message(9, text="new"), tag())
        assert handled == ["2", "3", "thread_tagged", "new"]

    asyncio.run(test())


def test_two_kills_in_a_row(folder: Path) -> None:
    async def test() -> None:
        await accept(folder, message(1, text="1"), message(2, text="2"))
        await accept(folder, message(3, text="3"))
        await accept(folder)
        assert sorted(await take_up(folder)) == ["1", "2", "3"]

    asyncio.run(test())


def test_a_record_that_was_cut_off_is_ignored(folder: Path) -> None:
    async def test() -> None:
        await accept(folder, message(1, text="whole"), message(2, text="cut off"))
        (path,) = folder.iterdir()
        path.write_bytes(path.read_bytes()[:-30])
        assert await take_up(folder) == ["whole"]

    asyncio.run(test())


def test_the_file_does_not_grow_for_ever(folder: Path) -> None:
    async def test() -> None:
        journal = Journal(folder, limit=20_000)
        receiver = Receiver(SECRET, journal=journal)
        sizes: list[int] = []
        stuck = asyncio.Event()

        @receiver.on()
        async def work(webhook: Webhook[Any]) -> None:
            if webhook.payload.event.text == "stuck":
                await stuck.wait()

        await receiver.handle(message(0, chat="STUCK", text="stuck"))
        for n in range(1, 300):
            await receiver.handle(message(n, text=str(n)))
            await asyncio.sleep(0)
            sizes.append(sum(path.stat().st_size for path in folder.iterdir()))
        assert max(sizes) < 50_000
        crash(journal)
        await receiver.close(0)
        assert await take_up(folder) == ["stuck"]

    asyncio.run(test())


def test_processes_that_run_keep_their_files(folder: Path) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, journal=folder, concurrency=1)
        release = asyncio.Event()
        done: list[str] = []

        @receiver.on(IncomingEvent)
        async def wait(webhook: Webhook[IncomingEvent]) -> None:
            await release.wait()
            done.append(webhook.payload.event.text)

        await receiver.handle(message(1, text="mine"))
        assert await take_up(folder) == []
        release.set()
        await receiver.close()
        assert done == ["mine"]

    asyncio.run(test())


def test_unknown_webhooks_are_kept_whole(folder: Path) -> None:
    async def test() -> None:
        raw = {**sample("thread_tagged"), "action": "thread_pinned", "extra": {"kept": [1, None]}}
        await accept(folder, body(raw))
        receiver = Receiver(SECRET, journal=folder)
        got: list[Any] = []
        receiver.on(UnknownWebhook)(lambda webhook: got.append(webhook.raw))
        await receiver.start()
        await receiver.close()
        del raw["secret_key"]
        assert got == [raw]

    asyncio.run(test())


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_the_secret_is_not_written_and_others_cannot_read(folder: Path) -> None:
    async def test() -> None:
        await accept(folder, message(), body({**sample("thread_tagged"), "action": "new"}))
        (path,) = folder.iterdir()
        assert SECRET.encode() not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    asyncio.run(test())


def test_closing_in_limited_time_keeps_the_rest_for_the_next_start(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, journal=folder, concurrency=1)

        @receiver.on(IncomingEvent)
        async def hang(webhook: object) -> None:
            await asyncio.Event().wait()

        await receiver.handle(message(1, text="1"))
        await receiver.handle(message(2, text="2"))
        assert await receiver.close(0.01) == 2
        assert await take_up(folder) == ["1", "2"]

    asyncio.run(test())
    assert "wait in the journal" in caplog.text


def test_a_journal_needs_a_directory(tmp_path: Path) -> None:
    async def test() -> None:
        occupied = tmp_path / "file"
        occupied.write_text("not a directory")
        with pytest.raises(InvalidArgument, match="journal"):
            Receiver(SECRET, journal=occupied)
        gone = Receiver(SECRET, journal=tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        with pytest.raises(InvalidArgument, match="journal"):
            await gone.start()

    asyncio.run(test())


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
            answer = await receiver.handle(message(40, text="40"))
            assert answer.status == 503
            assert NO_ROOM in answer.text
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
    assert list(folder.iterdir()) == []


def pending(folder: Path) -> list[bytes]:
    """What a new process finds to do; it is killed as well."""
    journal = Journal(folder)
    entries = journal.open()
    crash(journal)
    return [entry.content for entry in entries if entry.ticket is not None]


def leave(folder: Path, *contents: bytes, done: tuple[int, ...] = ()) -> str:
    """Leave a file as a killed process does, with some of its webhooks done; returns its name."""
    journal = Journal(folder)
    tickets = [journal.add(content) for content in contents]
    for n in done:
        journal.done(tickets[n])
    (name,) = journal._segments
    crash(journal)
    return name


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


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
def test_the_files_of_another_user_are_left_alone(folder: Path) -> None:
    name = leave(folder, b"1")
    folder.chmod(0o777)
    for parent in folder.parents:
        if parent.owner() == "root" and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom frontdesk.webhooks import Journal\n"
        "os.setuid(65534)\njournal = Journal(sys.argv[1])\n"
        "files = len(os.listdir('/proc/self/fd'))\n"
        "for _ in range(3):\n    assert journal.open() == []\n"
        "assert len(os.listdir('/proc/self/fd')) == files\n"
        "journal.done(journal.add(b'mine'))\njournal.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=False
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


def test_what_close_leaves_is_taken_up_by_the_next_start(folder: Path) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, journal=folder)
        stuck = asyncio.Event()
        done: list[str] = []

        @receiver.on(IncomingEvent)
        async def wait(webhook: Webhook[IncomingEvent]) -> None:
            await stuck.wait()
            done.append(webhook.payload.event.text)

        for n in range(3):
            await receiver.handle(message(n, text=str(n)))
        before = open_files()
        assert await receiver.close(0.01) == 3
        assert (await receiver.handle(message(9))).status == 503
        stuck.set()
        await asyncio.gather(receiver.start(), receiver.start())
        await receiver.start()
        assert open_files() <= before
        assert (await receiver.handle(message(3, text="3"))).status == 200
        assert await receiver.close() == 0
        assert done == ["0", "1", "2", "3"]
        assert list(folder.iterdir()) == []
        assert await take_up(folder) == []

    asyncio.run(test())


def test_starting_many_times_at_once_opens_one_file(folder: Path) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, journal=folder)
        release = asyncio.Event()

        @receiver.on()
        async def work(webhook: object) -> None:
            await release.wait()

        await asyncio.gather(*(receiver.handle(message(n)) for n in range(3)))
        await receiver.start()
        assert len(list(folder.iterdir())) == 1
        release.set()
        assert await receiver.close() == 0
        assert list(folder.iterdir()) == []

    asyncio.run(test())


def test_a_start_that_fails_can_be_tried_again(folder: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(folder)
        leave(folder, b"0" * 16 + message(1, text="kept"))
        receiver = Receiver(SECRET, journal=Journal(folder, disk=disk))
        got: list[object] = []
        receiver.on()(got.append)
        disk.failing["names"] = error(errno.EACCES)
        for _ in range(3):
            with pytest.raises(InvalidArgument, match="Permission denied"):
                await receiver.start()
            answer = await receiver.handle(message(2))
            assert answer.status == 503
            assert "Permission denied" in answer.text
        disk.failing.clear()
        assert (await receiver.handle(message(2))).status == 200
        await receiver.close()
        assert len(got) == 2

    asyncio.run(test())


class SharedStore:
    """A store of seen webhooks that outlives the process, as Redis does."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}

    async def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
        await asyncio.sleep(0)
        before = self.values.get(key)
        self.values[key] = value
        return before


@pytest.mark.parametrize("shared", [True, False])
def test_the_journal_never_takes_its_own_webhooks_for_repeats(folder: Path, shared: bool) -> None:
    async def test() -> None:
        store = SharedStore() if shared else None
        bodies = [
            *(message(n, text=str(n)) for n in range(3)),
            tag("thread_tagged"),
            tag("thread_untagged"),
            tag("thread_tagged"),
        ]

        async def live(*, killed: bool) -> list[str]:
            journal = Journal(folder)
            receiver = Receiver(SECRET, journal=journal, seen=store)
            release = asyncio.Event()
            handled: list[str] = []

            @receiver.on()
            async def note(webhook: Webhook[Any] | UnknownWebhook) -> None:
                await release.wait()
                payload = webhook.payload
                is_event = isinstance(payload, IncomingEvent)
                handled.append(payload.event.text if is_event else webhook.action)

            await receiver.start()
            for data in bodies if killed else bodies[:3]:
                assert (await receiver.handle(data)).status == 200
            if killed:
                crash(journal)
                await receiver.close(0)
            else:
                release.set()
                await receiver.close()
                assert receiver.counts.repeated == 3
            return handled

        assert await live(killed=True) == []
        # The control: the same webhooks without a kill.
        control = ["0", "1", "2", "thread_tagged", "thread_untagged", "thread_tagged"]
        assert await live(killed=False) == control

    asyncio.run(test())


def test_order_holds_though_the_clock_was_set_back(folder: Path) -> None:
    times = iter([500.0, 100.0, 300.0, 600.0])
    journal = Journal(folder)
    journal._clock = lambda: next(times)
    for n in range(4):
        journal.add(b"%d" % n)
    crash(journal)
    assert pending(folder) == [b"0", b"1", b"2", b"3"]


def test_the_files_of_several_processes_are_taken_over_in_one_order(folder: Path) -> None:
    clock = iter(range(100))
    journals = [Journal(folder) for _ in range(3)]
    for n in range(12):
        journal = journals[n % 3]
        journal._clock = lambda: float(next(clock))
        journal.add(b"%d" % n)
    for journal in journals:
        crash(journal)
    assert pending(folder) == [b"%d" % n for n in range(12)]


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
        answers = await asyncio.gather(*calls)
        assert {answer.status for answer in answers} == {200}
        # One `fsync` is for all that came while the one before was under way.
        assert 1 <= len(disk.synced) <= 3
        await receiver.close()

    asyncio.run(test())


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
        assert {answer.status for answer in await asyncio.gather(*calls)} == {503}
        disk.failing.clear()
        calls = [receiver.handle(message(n)) for n in range(3)]
        assert {answer.status for answer in await asyncio.gather(*calls)} == {200}
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


def test_a_child_leaves_the_journal_to_its_parent(folder: Path) -> None:
    program = """
import os, sys
from frontdesk.webhooks import Journal
journal = Journal(sys.argv[1])
journal.add(b"parent's")
if os.fork() == 0:
    journal.abandon()
    journal.add(b"child's")
    os.write(1, b"ready\\n")
    sys.stdin.read()
    os._exit(0)
sys.stdin.read(1)
os.kill(os.getpid(), 9)
""".replace("\\\\", "\\")
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        process.kill()
        process.wait()
        assert pending(folder) == [b"parent's"]
    finally:
        process.stdin.close()
        process.stdout.close()
