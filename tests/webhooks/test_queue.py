"""A receiver that puts webhooks into a queue in place of handling them."""

import asyncio
from typing import Any

import pytest

from frontdesk.errors import InvalidArgument, ItemTooLarge, QueueFull, QueueUnavailable
from frontdesk.webhooks import IncomingEvent, MemorySeen, Receiver

from ._bodies import SECRET, message, tag


class Queue:
    """Keeps what it gets; fails, or waits, when it is told to."""

    def __init__(self, *, is_shared: bool = False) -> None:
        self.is_shared = is_shared
        self.stored: list[tuple[str, str]] = []
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.events: list[str] = []

    async def start(self) -> None:
        self.events.append("start")

    async def publish(self, webhook: Any, digest: str) -> None:
        assert webhook.secret_key == ""
        if not self.gate.is_set():
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.stored.append((webhook.action, digest))

    async def close(self, timeout: float | None = None) -> int:
        self.events.append("close")
        return 0


def run(test: Any) -> None:
    async def main() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(main())


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_webhook_is_acknowledged_once_it_is_stored(is_shared):
    async def test() -> None:
        queue = Queue(is_shared=is_shared)
        receiver = Receiver(SECRET, queue=queue)
        queue.gate.clear()
        request = asyncio.create_task(receiver.handle(message("a")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not request.done()
        queue.gate.set()
        assert (await request).status == 200
        assert await receiver.close() == 0
        assert queue.events == ["start", "close"]
        assert [action for action, _ in queue.stored] == ["incoming_event"]

    run(test)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (QueueUnavailable("no server"), 503),
        (QueueFull("no room"), 503),
        (ItemTooLarge("2 MiB"), 413),
    ],
)
@pytest.mark.parametrize("is_shared", [False, True])
def test_a_webhook_that_is_not_stored_is_refused_and_may_come_again(error, status, is_shared):
    async def test() -> None:
        queue = Queue(is_shared=is_shared)
        receiver = Receiver(SECRET, queue=queue)
        queue.error = error
        for body in (message("a"), tag(name="vip")):
            assert (await receiver.handle(body)).status == status
        queue.error = None
        for body in (message("a"), tag(name="vip")):
            assert (await receiver.handle(body)).status == 200
        assert len(queue.stored) == 2
        await receiver.close()

    run(test)


def test_repeated_deliveries_are_dropped_unless_others_receive_too():
    async def test() -> None:
        own, shared = Queue(), Queue(is_shared=True)
        for queue in (own, shared):
            receiver = Receiver(SECRET, queue=queue)
            for _ in range(3):
                assert (await receiver.handle(message("a"))).status == 200
            await receiver.close()
        assert len(own.stored) == 1
        assert len(shared.stored) == 3
        assert len({digest for _, digest in shared.stored}) == 1

    run(test)


@pytest.mark.parametrize("fails", [False, True])
def test_a_repeat_that_arrives_meanwhile_has_the_same_outcome(fails):
    async def test() -> None:
        queue = Queue()
        receiver = Receiver(SECRET, queue=queue)
        await receiver.start()
        queue.gate.clear()
        requests = [asyncio.create_task(receiver.handle(message("a"))) for _ in range(3)]
        for _ in range(3):
            await asyncio.sleep(0)
        assert not any(request.done() for request in requests)
        queue.error = QueueUnavailable("no server") if fails else None
        queue.gate.set()
        statuses = [(await request).status for request in requests]
        assert statuses == [503 if fails else 200] * 3
        assert len(queue.stored) == (0 if fails else 1)
        await receiver.close()

    run(test)


def test_a_request_that_is_cancelled_loses_nothing():
    async def test() -> None:
        queue = Queue(is_shared=True)
        receiver = Receiver(SECRET, queue=queue)
        await receiver.start()
        queue.gate.clear()
        request = asyncio.create_task(receiver.handle(message("a")))
        await asyncio.sleep(0)
        request.cancel()
        queue.gate.set()
        await asyncio.gather(request, return_exceptions=True)
        while not queue.stored:
            await asyncio.sleep(0)
        await receiver.close()

    run(test)


def test_what_does_not_go_with_a_queue(tmp_path):
    for name, value in (("seen", MemorySeen()), ("journal", tmp_path)):
        options: dict[str, Any] = {name: value}
        with pytest.raises(InvalidArgument, match="the queue's own business"):
            Receiver(SECRET, queue=Queue(), **options)
    with pytest.raises(InvalidArgument, match="calls nobody"):
        Receiver(SECRET, queue=Queue()).on(IncomingEvent)


def test_a_queue_that_cannot_start_is_said():
    class Broken(Queue):
        async def start(self) -> None:
            raise QueueUnavailable("no server at 127.0.0.1")

    async def test() -> None:
        receiver = Receiver(SECRET, queue=Broken())
        response = await receiver.handle(message("a"))
        assert response.status == 503
        assert b"no server at 127.0.0.1" in response.body

    run(test)
