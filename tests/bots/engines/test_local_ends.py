"""The engine within one process, when work on an item ends in the middle."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from frontdesk.bots.engines.base import Claim
from frontdesk.bots.engines.dead_letters import DirectoryDeadLetters, MemoryDeadLetters
from frontdesk.bots.engines.kept_items import KeptItems
from frontdesk.bots.engines.local import LocalEngine
from frontdesk.errors import QueueError
from frontdesk.webhooks import Journal

from ._queues import Gate, Worker, item, run


class SlowLetters(MemoryDeadLetters):
    """Dead letters that are written once ``may_write`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.may_write = asyncio.Event()

    async def add(self, *arguments: Any) -> None:
        self.begun.set()
        await self.may_write.wait()
        await super().add(*arguments)


@pytest.mark.parametrize("journal", [False, True], ids=["memory", "journal"])
def test_a_consumer_that_ends_while_a_dead_letter_is_written_neither_loses_nor_doubles_it(
    journal: bool, tmp_path: Path
) -> None:
    async def test() -> None:
        letters = SlowLetters()
        engine = LocalEngine(journal=tmp_path if journal else None, dead_letters=letters)
        await engine.start()
        worker = Worker(engine, A1=lambda claim: claim.term("no"))
        await engine.publish(item("A1"))
        await letters.begun.wait()
        worker.task.cancel()
        await asyncio.sleep(0)
        letters.may_write.set()
        await asyncio.gather(worker.task, return_exceptions=True)
        assert (await engine.status()).dead_letters == 1
        assert (await engine.status()).waiting == 0
        assert await engine.close() == 0
        await engine.start()
        assert (await engine.status()).waiting == 0
        await engine.close()

    run(test)


def test_a_close_waits_for_the_dead_letter_that_is_being_written(tmp_path: Path) -> None:
    async def test() -> None:
        letters = SlowLetters()
        engine = LocalEngine(journal=tmp_path, dead_letters=letters)
        await engine.start()
        worker = Worker(engine, A1=lambda claim: claim.term("no"))
        await engine.publish(item("A1"))
        await letters.begun.wait()
        closing = asyncio.ensure_future(engine.close(0))
        await asyncio.sleep(0)
        letters.may_write.set()
        assert await closing == 0
        await worker.task
        await engine.start()
        assert (await engine.status()).waiting == 0
        await engine.close()

    run(test)


async def killed_after_a_dead_letter(folder: Path, *ids: str) -> LocalEngine:
    """The engine after a process was killed before its journal said that A1 is a dead letter."""
    engine = LocalEngine(journal=folder / "journal", dead_letters=folder / "dead")
    await engine.start()
    for id in ids:
        await engine.publish(item(id))
    shutil.copytree(folder / "journal", folder / "killed")
    worker = Worker(engine, A1=lambda claim: claim.term("no"))
    await worker.has(len(ids))
    await worker.end()
    return LocalEngine(journal=folder / "killed", dead_letters=folder / "dead")


def test_what_is_a_dead_letter_already_is_not_worked_on_after_a_kill(tmp_path: Path) -> None:
    async def test() -> None:
        other = await killed_after_a_dead_letter(tmp_path, "A1", "A2")
        await other.start()
        again = Worker(other)
        await again.has(1)
        await again.end()
        assert again.log == ["A2"]
        assert (await other.status()).dead_letters == 1
        # It is out of the journal as well.
        await other.start()
        assert (await other.status()).waiting == 0
        await other.close()

    run(test)


def test_an_engine_that_is_not_started_tells_what_others_have(tmp_path: Path) -> None:
    async def test() -> None:
        journal, dead = tmp_path / "journal", tmp_path / "dead"
        running = LocalEngine(journal=journal, dead_letters=dead)
        await running.start()
        looking = LocalEngine(journal=journal, dead_letters=dead)
        assert (await looking.status()).waiting == 0
        gate = Gate()
        await running.publish(item("A1"))
        await running.publish(item("A2"))
        worker = Worker(running, A1=gate)
        await gate.held.wait()
        assert (await looking.status()).waiting == 2
        # It has taken nothing over: a process that starts now takes over nothing either.
        other = LocalEngine(journal=journal, dead_letters=dead)
        await other.start()
        assert (await other.status()).waiting == 0
        await other.close()
        gate.open.set()
        await worker.has(2)
        await worker.end()
        assert worker.log == ["A1", "A2"]
        assert (await looking.status()).waiting == 0

    run(test)


def test_what_is_a_dead_letter_already_does_not_wait(tmp_path: Path) -> None:
    async def test() -> None:
        killed = await killed_after_a_dead_letter(tmp_path, "A1", "B1")
        status = await killed.status()
        assert (status.waiting, status.dead_letters) == (1, 1)

    run(test)


class UnreadableLetters(DirectoryDeadLetters):
    """Dead letters that cannot be read at first."""

    readable = False

    async def ids(self) -> list[str]:
        if not self.readable:
            raise QueueError("the dead letters cannot be read")
        return await super().ids()


def test_dead_letters_that_cannot_be_read_leave_the_journal_for_the_next_start(
    tmp_path: Path,
) -> None:
    async def test() -> None:
        first = LocalEngine(journal=tmp_path / "journal")
        await first.start()
        await first.publish(item("A1"))
        await first.close()
        letters = UnreadableLetters(tmp_path / "dead")
        engine = LocalEngine(journal=tmp_path / "journal", dead_letters=letters)
        with pytest.raises(QueueError, match="cannot be read"):
            await engine.start()
        letters.readable = True
        await engine.start()
        assert (await engine.status()).waiting == 1
        await engine.close()

    run(test)


def test_work_that_outlives_a_close_is_not_fresh_any_more() -> None:
    async def test() -> None:
        engine = LocalEngine()
        await engine.start()
        late: list[Claim] = []

        async def keep(claim: Claim) -> None:
            late.append(claim)
            await asyncio.Event().wait()

        worker = Worker(engine, A1=keep)
        await engine.publish(item("A1"))
        await worker.has(1)
        assert late[0].is_fresh
        assert await engine.close(0) == 1
        await worker.task
        assert not late[0].is_fresh

    run(test)


@pytest.mark.parametrize("fails", [False, True], ids=["the disk works", "the disk fails"])
def test_an_older_record_stays_until_the_disk_has_the_newer_one(
    fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a crash of the machine could keep the end of one and not the other."""
    happened: list[object] = []
    done = Journal.done

    async def synced(self: Journal, ticket: object) -> None:
        happened.append("synced")
        if fails:
            raise OSError("the disk fails")

    def note(self: Journal, ticket: Any) -> None:
        happened.append(ticket)
        done(self, ticket)

    async def test() -> None:
        first = KeptItems(tmp_path)
        first.add(item("A1"))
        first.close()
        again = KeptItems(tmp_path)
        (kept,) = again.open()
        old = kept.ticket
        monkeypatch.setattr(Journal, "synced", synced)
        monkeypatch.setattr(Journal, "done", note)
        await again.begin(kept)
        assert happened == (["synced"] if fails else ["synced", old])
        again.done(kept)
        assert happened == ["synced", old, kept.ticket]
        again.close()
        assert KeptItems(tmp_path).open() == []

    run(test)
