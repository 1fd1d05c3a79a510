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

from .. import forked
from ._bodies import SECRET, body, message, sample, tag
from ._faulty_disk import FaultyDisk, crash, error, open_files
from ._journals import accept, leave, pending, take_up


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
            response = await receiver.handle(message(2))
            assert response.status == 503
            assert "Permission denied" in response.text
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
    process = forked.Popen(
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
