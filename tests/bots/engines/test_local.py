"""The engine within one process: what is particular to it."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from frontdesk.bots.engines.base import Claim
from frontdesk.bots.engines.dead_letters import DirectoryDeadLetters, MemoryDeadLetters
from frontdesk.bots.engines.local import LocalEngine
from frontdesk.errors import ForeignQueue, InvalidArgument, QueueError, QueueFull, QueueUnavailable
from frontdesk.webhooks import Journal, Receiver

from ...webhooks._bodies import SECRET, message
from ...webhooks._faulty_disk import FaultyDisk, crash, error
from ._queues import Gate, Once, Worker, item, run


def suspends(coroutine: Any) -> bool:
    """Whether a coroutine awaits anything that is not there yet."""
    try:
        coroutine.send(None)
    except StopIteration:
        return False
    coroutine.close()
    return True


@pytest.mark.parametrize("journal", [False, True], ids=["memory", "journal"])
def test_nothing_is_awaited_before_an_item_is_accepted(journal: bool, tmp_path: Path) -> None:
    async def test() -> None:
        engine = LocalEngine(journal=tmp_path if journal else None)
        await engine.start()
        worker = Worker(engine)
        await asyncio.sleep(0)
        assert not suspends(engine.publish(item("A1")))
        await worker.has(1)
        await worker.end()

    run(test)


def test_what_has_no_room_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        engine = LocalEngine(capacity=2)
        await engine.start()
        for text in ("A1", "A2"):
            await engine.publish(item(text))
        with pytest.raises(QueueFull, match="2 items"):
            await engine.publish(item("A3"))
        gate = Gate()
        worker = Worker(engine, A1=gate)
        await gate.held.wait()
        with pytest.raises(QueueFull):
            await engine.publish(item("B1"))
        gate.open.set()
        await worker.has(2)
        await worker.settled()
        await engine.publish(item("B1"))
        await worker.has(3)
        await worker.end()

    run(test)


def test_as_many_work_at_once_as_are_allowed() -> None:
    async def test() -> None:
        engine = LocalEngine(concurrency=3)
        await engine.start()
        gates = {f"{chat}1": Gate() for chat in "ABCDE"}
        worker = Worker(engine, **gates)
        for text in gates:
            await engine.publish(item(text))
        await worker.has(3)
        await asyncio.sleep(0)
        assert len(worker.log) == 3
        for gate in gates.values():
            gate.open.set()
        await worker.has(5)
        await worker.end()

    run(test)


def test_a_close_without_consumer_says_what_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        engine = LocalEngine()
        await engine.start()
        await engine.publish(item("A1"))
        assert await engine.close() == 1

    run(test)
    assert "1 accepted items were not settled and are lost" in caplog.text


def test_what_is_closed_unsettled_waits_in_the_journal(tmp_path: Path) -> None:
    async def test() -> None:
        engine = LocalEngine(journal=tmp_path)
        await engine.start()
        gate = Gate()
        worker = Worker(engine, A1=gate)
        for text in ("A1", "A2"):
            await engine.publish(item(text))
        await gate.held.wait()
        assert await engine.close(0) == 2
        await worker.task
        await engine.start()
        again = Worker(engine)
        await again.has(2)
        assert await again.end() == 0
        assert again.log == ["A1", "A2"]
        assert list(tmp_path.iterdir()) == []

    run(test)


def test_a_stuck_handler_does_not_keep_close_for_ever() -> None:
    async def test() -> None:
        engine = LocalEngine(stall_timeout=0.05)
        await engine.start()
        gate = Gate()
        worker = Worker(engine, A1=gate)
        await engine.publish(item("A1"))
        await gate.held.wait()
        assert await engine.close() == 1
        await worker.task

    run(test)


def test_the_work_itself_may_close_the_engine() -> None:
    async def test() -> None:
        engine = LocalEngine()
        await engine.start()
        left: list[int] = []

        async def close(claim: Claim) -> None:
            left.append(await engine.close())
            await claim.ack()

        worker = Worker(engine, A1=close)
        await engine.publish(item("A1"))
        await engine.publish(item("A2"))
        await worker.task
        assert left == [2]
        assert worker.log == ["A1", "A2"]

    run(test)


def test_work_that_outlives_its_end_writes_nothing(tmp_path: Path) -> None:
    async def test() -> None:
        engine = LocalEngine(journal=tmp_path)
        await engine.start()
        late: list[Claim] = []

        async def keep(claim: Claim) -> None:
            late.append(claim)
            await asyncio.Event().wait()

        worker = Worker(engine, A1=keep)
        await engine.publish(item("A1"))
        await worker.has(1)
        assert await engine.close(0) == 1
        await worker.task
        await late[0].ack()
        await engine.start()
        again = Worker(engine)
        await again.has(1)
        await late[0].ack()
        await again.end()
        assert again.log == ["A1"]

    run(test)


def test_the_journal_of_a_receiver_is_refused_and_left_alone(tmp_path: Path) -> None:
    async def test() -> None:
        journal = Journal(tmp_path)
        receiver = Receiver(SECRET, journal=journal)
        release = asyncio.Event()

        @receiver.on()
        async def hold(webhook: object) -> None:
            await release.wait()

        await receiver.handle(message(1))
        crash(journal)
        await receiver.close(0)
        engine = LocalEngine(journal=tmp_path)
        with pytest.raises(ForeignQueue, match="directory of its own"):
            await engine.start()
        heir = Receiver(SECRET, journal=tmp_path)
        handled: list[object] = []
        heir.on()(handled.append)
        await heir.start()
        await heir.close()
        assert len(handled) == 1

    run(test)


def test_a_disk_that_fails_accepts_nothing(tmp_path: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(tmp_path)
        engine = LocalEngine(journal=Journal(tmp_path, disk=disk))
        await engine.start()
        worker = Worker(engine)
        disk.failing["append"] = error()
        with pytest.raises(QueueUnavailable, match="journal cannot be written"):
            await engine.publish(item("A1"))
        disk.failing.clear()
        await engine.publish(item("A2"))
        await worker.has(1)
        await worker.end()
        assert worker.log == ["A2"]

    run(test)


def test_a_journal_that_waits_for_the_disk_makes_publish_wait(tmp_path: Path) -> None:
    async def test() -> None:
        disk = FaultyDisk(tmp_path)
        engine = LocalEngine(journal=Journal(tmp_path, disk=disk, sync=True))
        await engine.start()
        worker = Worker(engine)
        await engine.publish(item("A1"))
        assert len(disk.synced) == 1
        disk.failing["sync"] = error()
        with pytest.raises(QueueUnavailable):
            await engine.publish(item("A2"))
        disk.failing.clear()
        await worker.end()

    run(test)


def test_a_process_that_was_killed_between_two_records_gives_an_item_once(tmp_path: Path) -> None:
    async def test() -> None:
        first = Journal(tmp_path)
        engine = LocalEngine(journal=first)
        await engine.start()
        for text in ("A1", "A2", "A3"):
            await engine.publish(item(text))
        crash(first)
        # The second process writes the new record of A1 and is killed before the old one is done.
        second = Journal(tmp_path)
        engine = LocalEngine(journal=second)
        await engine.start()

        def die(ticket: object) -> None:
            crash(second)
            raise KeyboardInterrupt

        second.done = die  # type: ignore[method-assign]
        worker = Worker(engine)
        await asyncio.wait([worker.task], timeout=0.1)
        worker.task.cancel()
        await asyncio.wait([worker.task])
        third = LocalEngine(journal=tmp_path)
        await third.start()
        heir = Worker(third)
        await heir.has(3)
        await heir.settled()
        await heir.end()
        assert heir.log == ["A1", "A2", "A3"]
        assert heir.claims[0].attempt == 2
        assert list(tmp_path.iterdir()) == []

    run(test)


def test_the_latest_dead_letters_are_kept_in_memory(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        engine = LocalEngine(dead_letters=MemoryDeadLetters(limit=2))
        await engine.start()
        worker = Worker(engine, **{f"A{n}": lambda claim: claim.term("no") for n in range(3)})
        for n in range(3):
            await engine.publish(item(f"A{n}", id=f"id-{n}"))
        await worker.has(3)
        await worker.settled()
        assert [letter.id async for letter in engine.dead_letters()] == ["id-1", "id-2"]
        await worker.end()

    run(test)
    assert "that of item id-0 is dropped" in caplog.text


def test_dead_letters_in_a_directory_survive_the_process(tmp_path: Path) -> None:
    async def test() -> None:
        engine = LocalEngine(dead_letters=tmp_path / "dead")
        await engine.start()
        worker = Worker(engine, A1=lambda claim: claim.term("no"))
        sent = item("A1")
        await engine.publish(sent)
        await worker.has(1)
        await worker.end()
        (file,) = (tmp_path / "dead").iterdir()
        assert file.stat().st_mode & 0o077 == 0
        other = LocalEngine(dead_letters=tmp_path / "dead")
        await other.start()
        (letter,) = [letter async for letter in other.dead_letters()]
        assert (letter.item, letter.reason) == (sent, "no")
        file.write_bytes(file.read_bytes()[:50])
        (letter,) = [letter async for letter in other.dead_letters()]
        assert letter.item is None
        with pytest.raises(InvalidArgument, match="cannot be read"):
            await other.replay(letter.id)
        assert file.exists()
        await other.close()

    run(test)


class FullDisk(DirectoryDeadLetters):
    full = True

    async def add(self, *arguments: Any) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        await super().add(*arguments)


def test_what_cannot_be_made_a_dead_letter_is_not_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        letters = FullDisk(tmp_path)
        engine = LocalEngine(dead_letters=letters)
        await engine.start()

        async def give_up(claim: Claim) -> None:
            letters.full = claim.attempt < 2
            await claim.term("no")

        worker = Worker(engine, A1=give_up)
        await engine.publish(item("A1"))
        await engine.publish(item("A2"))
        await worker.has(3)
        await worker.settled()
        assert worker.log == ["A1", "A1", "A2"]
        assert [letter.attempts async for letter in engine.dead_letters()] == [2]
        await worker.end()

    run(test)
    assert "No space left on device" in caplog.text


def test_a_directory_of_dead_letters_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    async def test() -> None:
        engine = LocalEngine(dead_letters=tmp_path / "file" / "dead")
        with pytest.raises(QueueError, match="dead letters"):
            await engine.start()

    run(test)
    with pytest.raises(InvalidArgument, match="dead_letters"):
        LocalEngine(dead_letters=tmp_path / "file")


def test_a_dead_letter_stays_while_there_is_no_room(tmp_path: Path) -> None:
    async def test() -> None:
        engine = LocalEngine(capacity=1)
        await engine.start()
        gate = Gate()
        worker = Worker(engine, A1=Once(lambda claim: claim.term("no")), B1=gate)
        await engine.publish(item("A1", id="dead"))
        await worker.has(1)
        await worker.settled()
        await engine.publish(item("B1"))
        await gate.held.wait()
        with pytest.raises(QueueFull):
            await engine.replay("dead")
        assert (await engine.status()).dead_letters == 1
        gate.open.set()
        await worker.settled()
        await engine.replay("dead")
        await worker.has(3)
        await worker.end()

    run(test)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("concurrency", 0),
        ("concurrency", True),
        ("capacity", 0),
        ("capacity", 1.5),
        ("stall_timeout", "1"),
        ("journal", 7),
        ("journal", ""),
        ("dead_letters", 7),
        ("dead_letters", ""),
        ("dead_letters", "a\0b"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidArgument):
        LocalEngine(**{name: value})


@pytest.mark.parametrize("raised", [SystemExit(3), asyncio.CancelledError(), GeneratorExit()])
def test_nothing_that_the_work_raises_wedges_a_chat(
    raised: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "frontdesk.bots")

    async def test() -> None:
        engine = LocalEngine()
        await engine.start()

        async def fail(claim: Claim) -> None:
            raise raised

        worker = Worker(engine, A1=Once(fail))
        await engine.publish(item("A1"))
        await engine.publish(item("A2"))
        await worker.has(3)
        await worker.end()
        assert worker.log == ["A1", "A1", "A2"]

    run(test)
