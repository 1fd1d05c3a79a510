"""What every engine promises, over each of them."""

import asyncio
from typing import Any

import pytest

from frontdesk.bots.engines.base import Claim
from frontdesk.errors import InvalidArgument, QueueUnavailable

from ._queues import Gate, Once, Worker, item, run


def of_chat(log: list[str], chat: str) -> list[str]:
    return [text for text in log if text.startswith(chat)]


def test_items_come_in_the_order_of_their_chats(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        texts = [f"{chat}{number}" for number in range(20) for chat in "ABCDE"]
        worker = Worker(engine)
        for text in texts:
            await engine.publish(item(text))
        await worker.has(100)
        assert await worker.end() == 0
        assert sorted(worker.log) == sorted(texts)
        for chat in "ABCDE":
            assert of_chat(worker.log, chat) == of_chat(texts, chat)
            positions = [claim.sequence for claim in worker.claims if claim.item.key.endswith(chat)]
            assert positions == sorted(set(positions))

    run(test)


def test_an_item_arrives_as_it_was_published(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        worker = Worker(engine)
        sent = item("A1", id="its-id")
        await engine.publish(sent)
        await worker.has(1)
        await worker.end()
        claim = worker.claims[0]
        assert claim.item == sent
        assert (claim.attempt, claim.is_redelivered) == (1, False)

    run(test)


def test_items_wait_for_somebody_who_consumes(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        for text in ("A1", "A2", "B1"):
            await engine.publish(item(text))
        assert (await engine.status()).waiting == 3
        worker = Worker(engine)
        await worker.has(3)
        await worker.settled()
        await worker.end()
        assert of_chat(worker.log, "A") == ["A1", "A2"]

    run(test)


def test_no_item_of_a_chat_comes_before_the_one_before_it_is_settled(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        gate = Gate()
        worker = Worker(engine, A1=gate)
        for text in ("A1", "A2", "B1", "C1"):
            await engine.publish(item(text))
        await gate.held.wait()
        await worker.has(3)
        assert sorted(worker.log) == ["A1", "B1", "C1"]
        gate.open.set()
        await worker.has(4)
        assert await worker.end() == 0
        assert worker.log[-1] == "A2"

    run(test)


def test_a_nak_gives_the_item_again_and_its_chat_waits(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        clock = asyncio.get_running_loop().time
        times: list[float] = []

        async def later(claim: Claim) -> None:
            times.append(clock())
            await claim.nak(0.2)

        worker = Worker(engine, A1=Once(later))
        for text in ("A1", "A2", "B1"):
            await engine.publish(item(text))
        await worker.has(4)
        times.append(clock())
        assert await worker.end() == 0
        assert of_chat(worker.log, "A") == ["A1", "A1", "A2"]
        first, again = (claim for claim in worker.claims if claim.item == worker.claims[0].item)
        assert times[1] - times[0] >= 0.19
        assert (again.attempt, again.is_redelivered) == (2, True)
        assert again.item.id == first.item.id
        assert again.sequence == first.sequence

    run(test)


def test_a_nak_of_no_delay_gives_the_item_again_at_once(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        worker = Worker(engine, A1=Once(lambda claim: claim.nak(0), times=5))
        await engine.publish(item("A1"))
        await engine.publish(item("A2"))
        await worker.has(7)
        await worker.end()
        assert worker.log == ["A1"] * 6 + ["A2"]

    run(test)


def test_what_is_given_up_is_a_dead_letter_before_its_chat_goes_on(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        letters_at_next: list[int] = []

        async def look(claim: Claim) -> None:
            letters_at_next.append(len([letter async for letter in engine.dead_letters()]))
            await claim.ack()

        worker = Worker(engine, A1=lambda claim: claim.term("no\nuse"), A2=look)
        sent = item("A1")
        await engine.publish(sent)
        await engine.publish(item("A2"))
        await worker.has(2)
        await worker.settled()
        (letter,) = [letter async for letter in engine.dead_letters()]
        assert letters_at_next == [1]
        assert letter.item == sent
        assert letter.reason == "no use"
        assert letter.attempts == 1
        assert letter.failed_at >= sent.accepted_at
        assert (await engine.status()).dead_letters == 1
        await worker.end()

    run(test)


def test_a_dead_letter_can_be_replayed_once(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        worker = Worker(engine, A1=Once(lambda claim: claim.term("poison")))
        sent = item("A1")
        await engine.publish(sent)
        await worker.has(1)
        await worker.settled()
        (letter,) = [letter async for letter in engine.dead_letters()]
        await engine.replay(letter.id)
        await worker.has(2)
        again = worker.claims[1].item
        assert again.id != sent.id
        assert (again.key, again.webhook) == (sent.key, sent.webhook)
        assert [letter async for letter in engine.dead_letters()] == []
        with pytest.raises(InvalidArgument, match="no dead letter"):
            await engine.replay(letter.id)
        await worker.end()

    run(test)


@pytest.mark.parametrize("letter_id", ["", "no-such", "../../x", "*", "7\n8", "ö", "1" * 300])
def test_what_is_no_dead_letter_is_refused(queue: Any, letter_id: str) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        with pytest.raises(InvalidArgument, match="dead_letter_id"):
            await engine.replay(letter_id)
        await engine.close()

    run(test)


def test_a_reason_shows_no_secret(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        worker = Worker(engine, A1=lambda claim: claim.term("Bearer fra:a-token-of-somebody"))
        await engine.publish(item("A1"))
        await worker.has(1)
        await worker.settled()
        (letter,) = [letter async for letter in engine.dead_letters()]
        assert "a-token-of-somebody" not in repr(letter)
        await worker.end()

    run(test)


def test_a_settled_claim_has_no_say_any_more(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()

        async def settle_often(claim: Claim) -> None:
            assert claim.is_fresh
            await claim.ack()
            assert not claim.is_fresh
            await claim.nak(0)
            await claim.term("no")
            await claim.ack()
            await claim.heartbeat()

        worker = Worker(engine, A1=settle_often)
        await engine.publish(item("A1"))
        await engine.publish(item("A2"))
        await worker.has(2)
        await worker.settled()
        assert [letter async for letter in engine.dead_letters()] == []
        await worker.end()
        assert worker.log == ["A1", "A2"]

    run(test)


def test_work_that_fails_or_settles_nothing_gets_its_item_again(
    queue: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()

        async def fail(claim: Claim) -> None:
            raise LookupError("a bug")

        async def forget(claim: Claim) -> None:
            pass

        worker = Worker(engine, A1=Once(fail), B1=Once(forget))
        for text in ("A1", "A2", "B1", "B2"):
            await engine.publish(item(text))
        await worker.has(6)
        await worker.end()
        assert of_chat(worker.log, "A") == ["A1", "A1", "A2"]
        assert of_chat(worker.log, "B") == ["B1", "B1", "B2"]

    run(test)
    assert "LookupError: a bug" in caplog.text
    assert "was not settled" in caplog.text


def test_close_waits_for_what_is_under_way(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        gate = Gate()
        worker = Worker(engine, A1=gate)
        await engine.publish(item("A1"))
        await gate.held.wait()
        closing = asyncio.ensure_future(engine.close(10))
        await asyncio.sleep(0)
        with pytest.raises(QueueUnavailable):
            await engine.publish(item("A2"))
        assert not closing.done()
        gate.open.set()
        assert await closing == 0
        await worker.task

    run(test)


def test_close_gives_up_in_time_and_says_how_much(
    queue: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        gates = [Gate(), Gate()]
        worker = Worker(engine, A1=gates[0], B1=gates[1])
        await engine.publish(item("A1"))
        await engine.publish(item("B1"))
        for gate in gates:
            await gate.held.wait()
        assert await engine.close(0.05) == 2
        await worker.task

    run(test)


def test_an_engine_that_is_not_started_takes_nothing(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        with pytest.raises(QueueUnavailable):
            await engine.publish(item("A1"))
        with pytest.raises(QueueUnavailable):
            await engine.consume(lambda claim: claim.ack())
        assert await engine.close() == 0
        await engine.start()
        await engine.start()
        await engine.close()
        assert await engine.close() == 0
        with pytest.raises(QueueUnavailable):
            await engine.publish(item("A1"))

    run(test)


def test_a_closed_engine_can_be_started_again(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        for text in ("A1", "A2"):
            await engine.start()
            worker = Worker(engine)
            await engine.publish(item(text))
            await worker.has(1)
            await worker.end()
            assert worker.log == [text]

    run(test)


def test_there_is_one_consumer_at_a_time(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        worker = Worker(engine)
        await asyncio.sleep(0)
        with pytest.raises(InvalidArgument, match="consumed"):
            await engine.consume(lambda claim: claim.ack())
        await worker.end()

    run(test)


def test_a_cancelled_consumer_gives_back_what_is_not_settled(queue: Any) -> None:
    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        gate = Gate()
        first = Worker(engine, A2=gate)
        for text in ("A1", "A2", "A3"):
            await engine.publish(item(text))
        await gate.held.wait()
        first.task.cancel()
        await asyncio.wait([first.task])
        second = Worker(engine)
        await second.has(2)
        await second.settled()
        await second.end()
        assert first.log == ["A1", "A2"]
        assert second.log == ["A2", "A3"]
        assert second.claims[0].is_redelivered

    run(test)


def test_a_killed_process_loses_nothing(queue: Any) -> None:
    if not queue.is_durable:
        pytest.skip("what is in memory ends with its process")

    async def test() -> None:
        engine = queue.engine()
        await engine.start()
        sent = {text: item(text) for text in ("A1", "A2", "A3", "B1")}
        gate = Gate()
        worker = Worker(engine, A2=gate)
        for each in sent.values():
            await engine.publish(each)
        await gate.held.wait()
        await worker.has(3)
        queue.kill(engine)
        worker.task.cancel()
        await asyncio.wait([worker.task])

        other = queue.engine()
        await other.start()
        heir = Worker(other)
        await heir.has(2)
        await heir.settled()
        await heir.end()
        assert of_chat(heir.log, "A") == ["A2", "A3"]
        assert heir.claims[0].is_redelivered
        for claim in heir.claims:
            assert claim.item == sent[claim.item.webhook.payload.event.text]

    run(test)


def test_an_item_that_kills_its_process_is_counted(queue: Any) -> None:
    if not queue.is_durable:
        pytest.skip("what is in memory ends with its process")

    async def test() -> None:
        attempts: list[int] = []
        for life in range(4):
            engine = queue.engine()
            await engine.start()
            if life == 0:
                await engine.publish(item("A1"))
                await engine.publish(item("A2"))
            gate = Gate()
            worker = Worker(engine, A1=gate)
            await gate.held.wait()
            attempts.append(worker.claims[0].attempt)
            assert worker.claims[0].is_redelivered == (life > 0)
            queue.kill(engine)
            worker.task.cancel()
            await asyncio.wait([worker.task])
        assert attempts[-1] >= 3
        assert attempts == sorted(attempts)
        engine = queue.engine()
        await engine.start()
        worker = Worker(engine, A1=lambda claim: claim.term("it kills"))
        await worker.has(2)
        await worker.settled()
        await worker.end()
        assert worker.log == ["A1", "A2"]

    run(test)
