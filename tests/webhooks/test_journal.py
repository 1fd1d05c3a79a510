"""Accepted webhooks survive the process that accepted them."""

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.errors import InvalidArgument
from frontdesk.webhooks import IncomingEvent, Journal, Receiver, UnknownWebhook, Webhook

from ._bodies import SECRET, body, message, sample, tag


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "journal"
    assert list((tmp_path / "journal").glob("*.new")) == []


def crash(journal: Journal) -> None:
    """End a journal as a killed process does: the system closes the file and frees the lock."""
    os.close(journal._file)
    journal._file = -1


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
    receiver._journal = None
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
        assert max(sizes) < 30_000
        crash(journal)
        receiver._journal = None
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


def test_a_full_disk_asks_for_a_repeat(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, journal=folder)
        handled: list[object] = []
        receiver.on()(handled.append)
        await receiver.start()
        with monkeypatch.context() as patch:
            patch.setattr("frontdesk.webhooks._journal.os.write", lambda file, data: 3)
            assert (await receiver.handle(message())).status == 503
        assert (await receiver.handle(message())).status == 200
        await receiver.close()
        assert len(handled) == 1

    asyncio.run(test())


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


def test_a_full_disk_refuses_webhooks_and_stops_no_chat(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        receiver = Receiver(SECRET, journal=folder)
        texts: list[str] = []

        @receiver.on(IncomingEvent)
        async def note(webhook: Webhook[IncomingEvent]) -> None:
            texts.append(webhook.payload.event.text)

        await receiver.handle(message("A", text="first"))
        await receiver.handle(message("A", text="second"))
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", lambda _file, data: len(data) - 1)
            answer = await receiver.handle(message("A", text="third"))
            assert answer.status == 503
            assert "No space left" in answer.text
            while len(texts) < 2:
                await asyncio.sleep(0)
            assert await receiver.close(5) == 0
        assert texts == ["first", "second"]

    asyncio.run(test())
    assert sum("handled again" in record.getMessage() for record in caplog.records) == 2
