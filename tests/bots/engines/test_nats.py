"""The engine over NATS: what is particular to it, on real servers."""

import asyncio
import contextlib
import gc
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.bots.engines.base import Claim
from frontdesk.bots.engines.nats import NatsEngine
from frontdesk.bots.engines.nats_claims import NatsClaim, read_delivery
from frontdesk.bots.engines.nats_layout import QueueLayout
from frontdesk.errors import (
    ForeignQueue,
    InvalidArgument,
    ItemTooLarge,
    QueueFull,
    QueueUnavailable,
)
from frontdesk.transport.nats import NatsConnection, nats_settings

from ...nats_server import PASSWORD, NatsServer
from ._queues import PATIENCE, Gate, NatsQueue, Once, Worker, item, run
from .test_engines import of_chat

LOST = 10.0
"""Less than what requests that were lost take to be found out, and leases to end (30 s)."""


@pytest.fixture
def nats(nats_url: str) -> NatsQueue:
    return NatsQueue(nats_url)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    """A server that the test may kill."""
    server = NatsServer(tmp_path / "nats").start()
    yield server
    with contextlib.suppress(ProcessLookupError, AssertionError):
        server.resume()
    server.kill()


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[NatsConnection]:
    connection = NatsConnection(nats_settings(url, None, "the test"), "test")
    await connection.connect()
    yield connection
    await connection.close()


async def call(url: str, method: str, request: dict[str, Any]) -> None:
    async with connected(url) as connection:
        await connection.call(method, request)


async def settings_of(url: str, stream: str) -> dict[str, Any]:
    import msgspec

    async with connected(url) as connection:
        data = await connection.call(f"STREAM.INFO.{stream}")
    return dict(msgspec.json.decode(data)["config"])


def test_the_settings_are_those_that_keep_order_and_ids(nats: NatsQueue, nats_url: str) -> None:
    async def test() -> None:
        engine = nats.engine(partitions=3)
        await engine.start()
        settings = await settings_of(nats_url, f"frontdesk-{nats.name}")
        assert settings["retention"] == "limits"
        assert settings["discard"] == "new"
        assert settings["storage"] == "file"
        assert settings["max_age"] == 7 * 86_400 * 10**9
        assert settings["duplicate_window"] == 120 * 10**9
        assert settings["metadata"]["frontdesk-partitions"] == "3"
        await engine.close()

    run(test)


@pytest.mark.parametrize(
    ("option", "value"),
    [("max_age", 3600.0), ("max_bytes", 10**6), ("duplicate_window", 60.0), ("ack_wait", 2.0)],
)
def test_other_settings_are_refused_by_name(nats: NatsQueue, option: str, value: Any) -> None:
    async def test() -> None:
        first = nats.engine()
        await first.start()
        await first.close()
        with pytest.raises(ForeignQueue, match=f"{option}=.*change it on the server"):
            await nats.engine(**{option: value}).start()
        await first.start()
        await first.close()

    run(test)


def test_the_number_of_partitions_is_fixed(nats: NatsQueue) -> None:
    async def test() -> None:
        first = nats.engine(partitions=4)
        await first.start()
        await first.close()
        with pytest.raises(ForeignQueue, match=r"has 4 partitions.*partitions=4"):
            await nats.engine(partitions=5).start()

    run(test)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("retention", "workqueue"), ("discard", "old"), ("max_msgs_per_subject", 1)],
)
def test_a_stream_that_breaks_the_order_is_refused(
    nats: NatsQueue, nats_url: str, setting: str, value: Any
) -> None:
    async def test() -> None:
        layout = nats.engine()._layout
        made = {**layout.stream_settings(), "metadata": layout.metadata(), setting: value}
        await call(nats_url, f"STREAM.CREATE.{layout.stream}", {"name": layout.stream, **made})
        with pytest.raises(ForeignQueue, match=setting):
            await nats.engine().start()

    run(test)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("max_ack_pending", 1000), ("ack_policy", "none"), ("max_deliver", 5),
     ("backoff", [10**9, 2 * 10**9]), ("filter_subject", "frontdesk.{name}.items.2"),
     ("headers_only", True)],
)  # fmt: skip
def test_a_consumer_that_breaks_the_order_is_refused(
    nats: NatsQueue, nats_url: str, setting: str, value: Any
) -> None:
    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        await engine.close()
        layout = engine._layout
        made = {**layout.consumer_settings(1), "name": "p1", setting: value}
        if isinstance(value, str):
            made[setting] = value.format(name=nats.name)
        if setting == "backoff":
            made["max_deliver"] = 5
        if setting == "ack_policy":
            made["ack_wait"] = made["max_ack_pending"] = 0
        stream = layout.stream
        async with connected(nats_url) as connection:
            await connection.call(f"CONSUMER.DELETE.{stream}.p1")
            await connection.call(
                f"CONSUMER.DURABLE.CREATE.{stream}.p1", {"stream_name": stream, "config": made}
            )
        with pytest.raises(ForeignQueue, match=f"the consumer p1 of the stream {stream} has"):
            await nats.engine().start()

    run(test)


def test_a_stream_of_somebody_else_is_refused(nats: NatsQueue, nats_url: str) -> None:
    async def test() -> None:
        stream = f"frontdesk-{nats.name}"
        await call(nats_url, f"STREAM.CREATE.{stream}", {"name": stream, "subjects": [nats.name]})
        with pytest.raises(ForeignQueue, match="is not the queue of a bot"):
            await nats.engine().start()

    run(test)


def test_subjects_of_somebody_else_are_refused(nats: NatsQueue, nats_url: str) -> None:
    async def test() -> None:
        subjects = [f"frontdesk.{nats.name}.>"]
        await call(
            nats_url, f"STREAM.CREATE.{nats.name}", {"name": nats.name, "subjects": subjects}
        )
        with pytest.raises(ForeignQueue, match="another stream has the subjects"):
            await nats.engine().start()

    run(test)


def test_a_queue_of_a_later_version_is_refused(nats: NatsQueue, nats_url: str) -> None:
    async def test() -> None:
        layout = nats.engine()._layout
        metadata = {**layout.metadata(), "frontdesk-queue": "7"}
        made = {"name": layout.stream, **layout.stream_settings(), "metadata": metadata}
        await call(nats_url, f"STREAM.CREATE.{layout.stream}", made)
        with pytest.raises(ForeignQueue, match="another version"):
            await nats.engine().start()

    run(test)


def test_many_processes_may_make_one_queue_at_once(nats: NatsQueue) -> None:
    async def test() -> None:
        engines = [nats.engine(partitions=16) for _ in range(5)]
        await asyncio.gather(*(engine.start() for engine in engines))
        await asyncio.gather(*(engine.close() for engine in engines))

    run(test)


def test_an_item_that_is_published_again_is_stored_once(nats: NatsQueue) -> None:
    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        sent = item("A1")
        for _ in range(3):
            await engine.publish(sent)
        await engine.publish(item("A1"))
        worker = Worker(engine)
        await worker.has(2)
        await worker.settled()
        await worker.end()
        assert worker.log == ["A1", "A1"]

    run(test)


def test_an_id_is_remembered_after_its_item_is_done_and_the_server_restarted(
    server: NatsServer,
) -> None:
    async def test() -> None:
        queue = NatsQueue(server.url)
        engine = queue.engine()
        await engine.start()
        worker = Worker(engine)
        sent = item("A1")
        await engine.publish(sent)
        await worker.has(1)
        await worker.settled()
        await worker.end()
        server.kill()
        server.start()
        engine = queue.engine()
        await engine.start()
        worker = Worker(engine)
        await engine.publish(sent)
        await engine.publish(item("A2"))
        await worker.has(1)
        await worker.settled()
        await worker.end()
        # The server may have forgotten the acknowledgement, but not that it has the item.
        assert worker.log in (["A2"], ["A1", "A2"])
        assert [claim.sequence for claim in worker.claims] == [1, 2][-len(worker.log) :]

    run(test)


def test_an_item_that_is_too_large_is_refused_before_it_is_sent(nats: NatsQueue) -> None:
    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        with pytest.raises(ItemTooLarge, match="1044480 in an item"):
            await engine.publish(item("A" * 1_048_000, chat="A"))
        worker = Worker(engine)
        largest = item("A" * 1_040_000, chat="A")
        await engine.publish(largest)
        await worker.has(1)
        assert worker.claims[0].item == largest
        await worker.end()

    run(test)


def test_the_largest_item_can_be_given_up(nats: NatsQueue) -> None:
    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        from frontdesk.bots.items import write_item

        spare = 1_048_576 - 4096 - len(write_item(item("", chat="A")))
        text = "A" * (spare - 100)
        worker = Worker(engine, **{text: lambda claim: claim.term("ö" * 5000)})
        await engine.publish(item(text, chat="A"))
        await worker.has(1)
        await worker.settled()
        (letter,) = [letter async for letter in engine.dead_letters()]
        assert letter.item is not None
        assert letter.reason == "ö" * 500
        await worker.end()

    run(test)


def test_a_full_queue_refuses_and_goes_on_when_there_is_room(nats: NatsQueue) -> None:
    async def test() -> None:
        engine = nats.engine(max_bytes=20_000)
        await engine.start()
        stored = 0
        with pytest.raises(QueueFull, match="no room"):
            for number in range(1000):
                await engine.publish(item(f"A{number}"))
                stored += 1
        assert 0 < stored < 100
        # All of it is still there, for nothing that waits is dropped for something newer.
        worker = Worker(engine)
        await worker.has(stored)
        await worker.settled()
        assert worker.log == [f"A{number}" for number in range(stored)]
        await worker.end()

    run(test)


@pytest.mark.parametrize("crowded", [2.0, 0.0], ids=["all at once", "by partition"])
def test_what_is_done_makes_room_once_its_id_is_not_compared_any_more(
    nats: NatsQueue, monkeypatch: pytest.MonkeyPatch, crowded: float
) -> None:
    from frontdesk.bots.engines import nats_cleaning

    monkeypatch.setattr(nats_cleaning, "EVERY", 0.1)
    monkeypatch.setattr(nats_cleaning, "CROWDED", crowded)

    async def test() -> None:
        engine = nats.engine(duplicate_window=1.0)
        await engine.start()
        gate = Gate()
        worker = Worker(engine, B1=gate)
        for text in ("A1", "A2", "B1", "B2", "A3"):
            await engine.publish(item(text))
        await worker.has(4)
        # A3 came after B1: it stays where all is removed up to the first that is not done.
        left = b'"messages":3' if crowded else b'"messages":2'
        async with asyncio.timeout(PATIENCE):
            while left not in bytes(
                await engine._there().call(f"STREAM.INFO.{engine._layout.stream}")
            ):
                await asyncio.sleep(0.05)
        gate.open.set()
        await worker.has(5)
        async with asyncio.timeout(PATIENCE):
            while b'"messages":0' not in bytes(
                await engine._there().call(f"STREAM.INFO.{engine._layout.stream}")
            ):
                await asyncio.sleep(0.05)
        await engine.publish(item("B3"))
        await worker.has(6)
        await worker.settled()
        await worker.end()
        assert of_chat(worker.log, "B") == ["B1", "B2", "B3"]

    run(test)


def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    async def test() -> None:
        engine = NatsEngine("nats://bot:a-pass-of-nats@127.0.0.1:9")
        started = time.monotonic()
        with pytest.raises(QueueUnavailable) as caught:
            await engine.start()
        assert time.monotonic() - started < 2 * LOST
        assert "a-pass-of-nats" not in repr(caught.value) + repr(engine)
        assert await engine.close() == 0

    run(test)


def test_a_wrong_password_is_told_without_it(nats_url: str) -> None:
    async def test() -> None:
        url = nats_url.replace(PASSWORD, "wrong-pass-77")
        started = time.monotonic()
        with pytest.raises(QueueUnavailable, match=r"(?i)authorization") as caught:
            await NatsEngine(url).start()
        assert time.monotonic() - started < LOST
        text = "".join(map(repr, (caught.value, caught.value.__cause__)))
        assert "wrong-pass-77" not in text

    run(test)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"servers": "http://x"}, "servers"),
        ({"servers": "nats://:pass-of-nats@"}, "servers"),
        ({"servers": []}, "servers"),
        ({"servers": 7}, "servers"),
        ({"servers": ["nats://a", 7]}, "servers"),
        ({"name": ""}, "name"),
        ({"name": "a.b"}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": 7}, "name"),
        ({"partitions": 0}, "partitions"),
        ({"partitions": 5000}, "partitions"),
        ({"partitions": True}, "partitions"),
        ({"ack_wait": 0}, "ack_wait"),
        ({"ack_wait": float("nan")}, "ack_wait"),
        ({"ack_wait": "5"}, "ack_wait"),
        ({"max_age": float("inf")}, "max_age"),
        ({"max_bytes": 0}, "max_bytes"),
        ({"replicas": 0}, "replicas"),
        ({"max_age": 60.0, "duplicate_window": 61.0}, "duplicate_window"),
        ({"publish_timeout": "1"}, "publish_timeout"),
        ({"connection": {"pending_size": 7}}, "connection.pending_size"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        NatsEngine(**arguments)
    assert caught.value.field == field
    assert "pass-of-nats" not in str(caught.value)


def test_what_cannot_be_read_becomes_a_dead_letter(nats: NatsQueue, nats_url: str) -> None:
    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        partition = engine._layout.partition_of(item("A1").key)
        async with connected(nats_url) as connection:
            await connection.request(engine._layout.subject(partition), b"no item")
        await engine.publish(item("A1"))
        worker = Worker(engine)
        await worker.has(1)
        await worker.settled()
        (letter,) = [letter async for letter in engine.dead_letters()]
        assert letter.item is None
        assert "no item" in letter.reason
        with pytest.raises(InvalidArgument, match="cannot be read"):
            await engine.replay(letter.id)
        await worker.end()

    run(test)


def test_the_status_tells_where_items_wait(nats: NatsQueue) -> None:
    async def test() -> None:
        engine = nats.engine(partitions=4)
        await engine.start()
        before = time.time()
        for text in ("A1", "A2", "A3"):
            await engine.publish(item(text))
        gate = Gate()
        worker = Worker(engine, A1=gate)
        await gate.held.wait()
        status = await engine.status()
        assert status.waiting == 3
        assert len(status.partitions) == 4
        part = status.partitions[engine._layout.partition_of(item("A1").key)]
        assert (part.waiting, part.in_progress) == (2, 1)
        assert part.oldest_at is not None
        assert abs(part.oldest_at - before) < 10
        assert 0 < status.stored_bytes < status.limit_bytes
        gate.open.set()
        await worker.has(3)
        await worker.settled()
        await worker.end()

    run(test)


def test_workers_share_the_items(nats: NatsQueue) -> None:
    async def test() -> None:
        engines = [nats.engine() for _ in range(3)]
        for engine in engines:
            await engine.start()

        class Slow(Worker):
            async def work(self, claim: Claim) -> None:
                await asyncio.sleep(0.002)
                await super().work(claim)

        workers = [Slow(engine) for engine in engines]
        texts = [f"{chat}{number}" for number in range(30) for chat in "ABCDEFGH"]
        for text in texts:
            await engines[0].publish(item(text))
        await workers[0].settled()
        for worker in workers:
            await worker.end()
        logs = [worker.log for worker in workers]
        assert sorted(text for log in logs for text in log) == sorted(texts)
        assert all(len(log) >= 30 for log in logs)

    run(test)


def test_long_work_keeps_its_item(nats: NatsQueue) -> None:
    async def test() -> None:
        engines = [nats.engine(), nats.engine()]
        for engine in engines:
            await engine.start()

        async def slow(claim: Claim) -> None:
            await asyncio.sleep(2.5)
            assert claim.is_fresh
            await claim.ack()

        workers = [Worker(engine, A1=slow) for engine in engines]
        await engines[0].publish(item("A1"))
        await engines[0].publish(item("A2"))
        await workers[0].settled()
        for worker in workers:
            await worker.end()
        assert sorted(workers[0].log + workers[1].log) == ["A1", "A2"]

    run(test)


def test_long_work_keeps_its_item_while_the_engine_closes(nats: NatsQueue) -> None:
    async def test() -> None:
        first, second = nats.engine(), nats.engine()
        await first.start()
        await second.start()
        gate = Gate()
        worker = Worker(first, A1=gate)
        await first.publish(item("A1"))
        await gate.held.wait()
        closing = asyncio.ensure_future(first.close(10))
        other = Worker(second)
        await asyncio.sleep(2)
        gate.open.set()
        assert await closing == 0
        await worker.task
        await second.publish(item("A2"))
        await other.has(1)
        await other.end()
        assert (worker.log, other.log) == (["A1"], ["A2"])

    run(test)


def test_work_that_blocks_the_loop_does_not_settle_what_others_have(nats: NatsQueue) -> None:
    async def test() -> None:
        engine = nats.engine()
        await engine.start()

        async def block(claim: Claim) -> None:
            time.sleep(1.5)
            assert not claim.is_fresh
            await claim.ack()
            await claim.term("late")
            await claim.nak(0)

        worker = Worker(engine, A1=Once(block))
        await engine.publish(item("A1"))
        await engine.publish(item("A2"))
        await worker.has(3)
        await worker.settled()
        assert (await engine.status()).dead_letters == 0
        await worker.end()
        assert worker.log == ["A1", "A1", "A2"]
        assert worker.claims[1].attempt >= 2

    run(test)


def test_a_closing_engine_gives_back_at_once(nats: NatsQueue) -> None:
    async def test() -> None:
        first, second = nats.engine(ack_wait=30.0), nats.engine(ack_wait=30.0)
        await first.start()
        await second.start()
        gate = Gate()
        worker = Worker(first, A1=gate)
        await first.publish(item("A1"))
        await gate.held.wait()
        other = Worker(second)
        started = time.monotonic()
        assert await first.close(0) == 1
        await worker.task
        await other.has(1)
        assert time.monotonic() - started < LOST
        assert other.claims[0].attempt >= 2
        await other.end()

    run(test)


def test_an_idle_engine_closes_at_once(nats: NatsQueue) -> None:
    async def test() -> None:
        engine = nats.engine(partitions=64, ack_wait=30.0)
        await engine.start()
        worker = Worker(engine)
        await engine.publish(item("A1"))
        await worker.has(1)
        await worker.settled()
        started = time.monotonic()
        assert await engine.close() == 0
        await worker.task
        assert time.monotonic() - started < LOST

    run(test)


def test_who_closes_before_it_began_to_consume_is_done(nats: NatsQueue) -> None:
    async def test() -> None:
        for turns in range(1, 12):
            engine = nats.engine()
            await engine.start()
            consuming = asyncio.ensure_future(engine.consume(lambda claim: claim.ack()))
            for _ in range(turns):
                await asyncio.sleep(0)
            await engine.close()
            await consuming

    run(test)


def test_a_server_that_was_killed_is_gone_on_with(server: NatsServer) -> None:
    async def test() -> None:
        queue = NatsQueue(server.url)
        engine = queue.engine(publish_timeout=15.0)
        await engine.start()
        worker = Worker(engine)
        for number in range(20):
            await engine.publish(item(f"A{number}"))
        await worker.has(20)
        server.kill()
        publishing = asyncio.ensure_future(engine.publish(item("A20")))
        await asyncio.sleep(0.3)
        assert not publishing.done()
        server.start()
        back = time.monotonic()
        await publishing
        await worker.has(21)
        assert time.monotonic() - back < LOST
        await worker.settled()
        await worker.end()
        assert list(dict.fromkeys(worker.log)) == [f"A{number}" for number in range(21)]

    run(test)


def test_an_idle_worker_asks_again_when_the_server_is_back(server: NatsServer) -> None:
    async def test() -> None:
        queue = NatsQueue(server.url)
        engine, publisher = queue.engine(), queue.engine(publish_timeout=15.0)
        await engine.start()
        await publisher.start()
        worker = Worker(engine)
        await asyncio.sleep(0.1)
        for end, text in [(server.kill, "A1"), (server.stop, "A2")]:
            end()
            server.start()
            await publisher.publish(item(text))
            back = time.monotonic()
            while text not in worker.log:
                await worker.has(len(worker.log) + 1)
            assert time.monotonic() - back < LOST
        await worker.settled()
        await publisher.close()
        await worker.end()
        assert list(dict.fromkeys(worker.log)) == ["A1", "A2"]

    run(test)


def test_a_killed_server_may_give_an_item_out_again_and_that_is_told(server: NatsServer) -> None:
    async def test() -> None:
        queue = NatsQueue(server.url)
        engine = queue.engine()
        await engine.start()
        gate = Gate()
        worker = Worker(engine, A1=gate)
        await engine.publish(item("A1"))
        await gate.held.wait()
        server.kill()
        server.start()
        async with asyncio.timeout(PATIENCE):
            while worker.claims[0].is_fresh:
                await asyncio.sleep(0.02)
        # It has no say any more, since the server may have forgotten who has the item.
        gate.open.set()
        await worker.has(2)
        assert worker.claims[1].is_redelivered
        await worker.settled()
        async with asyncio.timeout(PATIENCE):
            while engine._worker._proven_after == float("inf"):
                await asyncio.sleep(0.02)
        await engine.publish(item("A2"))
        await worker.has(3)
        assert not worker.claims[2].is_redelivered
        await worker.end()

    run(test)


def test_publishing_gives_up_in_time(server: NatsServer) -> None:
    async def test() -> None:
        engine = NatsQueue(server.url).engine(publish_timeout=0.5)
        await engine.start()
        server.kill()
        started = time.monotonic()
        with pytest.raises(QueueUnavailable):
            await engine.publish(item("A1"))
        assert time.monotonic() - started < LOST
        with pytest.raises(QueueUnavailable):
            await engine.status()
        with pytest.raises(QueueUnavailable):
            [letter async for letter in engine.dead_letters()]
        await engine.close()

    run(test)


def test_a_server_that_hangs_does_not_hang_the_publisher(server: NatsServer) -> None:
    async def test() -> None:
        engine = NatsQueue(server.url).engine(publish_timeout=0.5)
        await engine.start()
        server.pause()
        started = time.monotonic()
        with pytest.raises(QueueUnavailable):
            await engine.publish(item("A1"))
        assert time.monotonic() - started < LOST
        server.resume()
        worker = Worker(engine)
        await engine.publish(item("A2"))
        await worker.has(2)
        await worker.end()

    run(test)


def test_a_consumer_that_is_removed_ends_the_worker(nats: NatsQueue, nats_url: str) -> None:
    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        worker = Worker(engine)
        await engine.publish(item("A1"))
        await worker.has(1)
        await call(nats_url, f"CONSUMER.DELETE.{engine._layout.stream}.p3", {})
        with pytest.raises(QueueUnavailable, match="consumer p3"):
            await worker.task
        await engine.close()
        await engine.start()
        worker = Worker(engine)
        await engine.publish(item("A2"))
        await worker.has(1)
        await worker.end()

    run(test)


# The library leaves a socket to the garbage collector for each log-in that is not accepted.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_log_in_that_is_refused_later_ends_the_worker(server: NatsServer) -> None:
    async def test() -> None:
        engine = NatsQueue(server.url).engine()
        await engine.start()
        worker = Worker(engine)
        await asyncio.sleep(0.1)
        server._config.write_text(server._config.read_text().replace(PASSWORD, "another"))
        server.reload()
        with pytest.raises(QueueUnavailable, match="does not come back"):
            async with asyncio.timeout(PATIENCE):
                await worker.task
        with pytest.raises(QueueUnavailable):
            await engine.publish(item("A1"))
        await engine.close()

    run(test)
    gc.collect()


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("$JS.ACK.s.p1.2.7.9.1795724799121302178.3", ("p1", 2, 7)),
        ("$JS.ACK.hub.Ac0unt.s.p1.2.7.9.1795724799121302178.3.r", ("p1", 2, 7)),
        ("$JS.ACK.hub.Ac0unt.s.p1.2.7.9.1795724799121302178.3", ("p1", 2, 7)),
        ("$JS.ACK.s.p1", None),
        ("$JS.ACK.s.p1.x.7.9.1.3", None),
        ("_INBOX.x", None),
        ("", None),
    ],
)
def test_where_an_item_is_acknowledged_says_what_it_is(reply: str, expected: Any) -> None:
    assert read_delivery(reply) == expected


def test_partitions_are_the_same_in_every_version() -> None:
    layout = NatsEngine(partitions=64)._layout
    assert [layout.partition_of(key) for key in ("a/chat/1", "a/chat/2", "ö", "")] == [
        60, 6, 11, 0,
    ]  # fmt: skip
    assert isinstance(layout, QueueLayout)


class Child:
    """A worker in a process of its own, which notes on a pipe what it gets."""

    def __init__(self, queue: NatsQueue, hold: float = 0.0) -> None:
        self._reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self._reader)
                asyncio.run(self._work(queue, writer, hold))
            finally:
                os._exit(0)
        os.close(writer)
        os.set_blocking(self._reader, False)
        self.log = ""

    @staticmethod
    async def _work(queue: NatsQueue, writer: int, hold: float) -> None:
        async def work(claim: NatsClaim) -> None:
            text = claim.item.webhook.payload.event.text
            os.write(writer, f"{text}:{claim.attempt} ".encode())
            await asyncio.sleep(hold)
            os.write(writer, f"{'fresh' if claim.is_fresh else 'late'}:{text} ".encode())
            await claim.ack()

        engine = queue.engine()
        await engine.start()
        loop = asyncio.get_running_loop()
        closing: list[Any] = []
        loop.add_signal_handler(
            signal.SIGTERM, lambda: closing.append(loop.create_task(engine.close(5)))
        )
        await engine.consume(work)  # type: ignore[arg-type]
        await closing[0]

    async def says(self, *texts: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not all(text in self.log for text in texts):
                with contextlib.suppress(BlockingIOError):
                    self.log += os.read(self._reader, 65536).decode()
                await asyncio.sleep(0.01)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def ended(self) -> float:
        """Wait for its end; returns the seconds that took."""
        started = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
                await asyncio.sleep(0.01)
        os.close(self._reader)
        return time.monotonic() - started


@pytest.fixture
def child(nats: NatsQueue) -> Iterator[Callable[..., Child]]:
    children: list[Child] = []

    def start(**options: Any) -> Child:
        children.append(Child(nats, **options))
        return children[-1]

    yield start
    for each in children:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(each.pid, signal.SIGKILL)
            os.waitpid(each.pid, 0)


def test_others_take_over_from_a_killed_process(nats: NatsQueue, child: Any) -> None:
    victim = child(hold=60.0)

    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        for text in ("A1", "A2", "B1"):
            await engine.publish(item(text))
        await victim.says("A1:1", "B1:1")
        victim.send(signal.SIGKILL)
        worker = Worker(engine)
        await worker.has(3)
        await worker.settled()
        await worker.end()
        assert of_chat(worker.log, "A") == ["A1", "A2"]
        assert worker.claims[0].attempt >= 2
        await victim.ended()

    run(test)


def test_a_paused_process_settles_nothing_when_it_wakes(nats: NatsQueue, child: Any) -> None:
    sleeper = child(hold=0.3)

    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        await engine.publish(item("A1"))
        await engine.publish(item("A2"))
        await sleeper.says("A1:1")
        sleeper.send(signal.SIGSTOP)
        worker = Worker(engine, A2=(gate := Gate()))
        await worker.has(2)
        sleeper.send(signal.SIGCONT)
        await sleeper.says("late:A1")
        # A late acknowledgement of A1 would have released A2, which this process holds.
        await engine.publish(item("A3"))
        await asyncio.sleep(0.3)
        assert worker.log == ["A1", "A2"]
        assert "A3" not in sleeper.log
        gate.open.set()
        await worker.settled()
        await worker.end()
        sleeper.send(signal.SIGTERM)
        await sleeper.ended()

    run(test)


def test_what_came_during_a_pause_is_left_to_others(nats: NatsQueue, child: Any) -> None:
    sleeper = child()

    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        await engine.publish(item("A1"))
        await sleeper.says("fresh:A1")
        sleeper.send(signal.SIGSTOP)
        # The server gives it to the one that asked, which does not read it before it wakes.
        await engine.publish(item("A2"))
        worker = Worker(engine)
        await worker.has(1)
        assert worker.log == ["A2"]
        assert worker.claims[0].attempt >= 2
        sleeper.send(signal.SIGCONT)
        await engine.publish(item("A3"))
        await worker.settled()
        assert "A2" not in sleeper.log
        await worker.end()
        sleeper.send(signal.SIGTERM)
        await sleeper.ended()

    run(test)


def test_an_idle_process_ends_within_a_second(nats: NatsQueue, child: Any) -> None:
    idle = child()

    async def test() -> None:
        engine = nats.engine()
        await engine.start()
        await engine.publish(item("A1"))
        await idle.says("fresh:A1")
        idle.send(signal.SIGTERM)
        assert await idle.ended() < LOST
        await engine.close()

    run(test)
