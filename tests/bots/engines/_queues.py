"""Queues of every kind, as a test sees them: engines that share one, and items to put in."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from frontdesk.bots.engines.base import Claim
from frontdesk.bots.engines.local import LocalEngine
from frontdesk.bots.engines.nats import NatsEngine
from frontdesk.bots.items import QueueItem, new_item
from frontdesk.webhooks import Journal, parse

from ...webhooks._bodies import message
from ...webhooks._faulty_disk import crash

PATIENCE = 20.0


_engines: list[Any] = []


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        try:
            async with asyncio.timeout(3 * PATIENCE):
                await test()
        finally:
            # A test that fails leaves engines that work.
            for engine in _engines:
                await engine.close(0)
            _engines.clear()

    asyncio.run(main())


def item(text: str = "hello", *, chat: str | None = None, id: str | None = None) -> QueueItem:
    """A customer's message; ``A1`` is of chat A unless another is given."""
    made = new_item(parse(message(text[:20], chat=chat or text[:1], text=text)), id=id)
    made.webhook.secret_key = ""
    return made


def text_of(claim: Claim) -> str:
    return claim.item.webhook.payload.event.text


class Worker:
    """Consumes an engine and notes what it gets; what a text is to end in is set before."""

    def __init__(self, engine: Any, **options: Any) -> None:
        self.engine = engine
        self.log: list[str] = []
        self.claims: list[Claim] = []
        self.outcomes: dict[str, Any] = options
        self.arrived = asyncio.Event()
        self.task = asyncio.ensure_future(engine.consume(self.work))

    async def work(self, claim: Claim) -> None:
        text = text_of(claim)
        self.log.append(text)
        self.claims.append(claim)
        self.arrived.set()
        outcome = self.outcomes.get(text)
        if callable(outcome):
            await outcome(claim)
        else:
            await claim.ack()

    async def has(self, count: int) -> None:
        """Wait until so many items came."""
        async with asyncio.timeout(PATIENCE):
            while len(self.log) < count:
                self.arrived.clear()
                await self.arrived.wait()

    async def settled(self) -> None:
        """Wait until nothing waits in the queue."""
        async with asyncio.timeout(PATIENCE):
            while (await self.engine.status()).waiting:
                await asyncio.sleep(0.01)

    async def end(self) -> int:
        left = await self.engine.close(PATIENCE)
        await self.task
        return int(left)


class LocalQueue:
    """The queue of a process, in its memory alone or in a journal too."""

    is_durable = False

    def __init__(self, folder: Path, *, is_durable: bool) -> None:
        self.is_durable = is_durable
        self._folder = folder
        self._engines: list[tuple[LocalEngine, Journal | None]] = []

    def engine(self, **options: Any) -> LocalEngine:
        journal = Journal(self._folder / "journal") if self.is_durable else None
        letters = self._folder / "dead" if self.is_durable else None
        engine = LocalEngine(**{"journal": journal, "dead_letters": letters, **options})
        self._engines.append((engine, journal))
        return engine

    def kill(self, engine: LocalEngine) -> None:
        """End an engine as ``kill -9`` ends its process."""
        for made, journal in self._engines:
            if made is engine and journal is not None:
                crash(journal)


class NatsQueue:
    """A queue on a NATS server, of a name of its own."""

    is_durable = True

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = f"t{secrets.token_hex(6)}"

    def engine(self, **options: Any) -> NatsEngine:
        defaults: dict[str, Any] = {
            "name": self.name,
            "partitions": 8,
            "ack_wait": 1.0,
            "max_bytes": 64 * 1024**2,
        }
        engine = NatsEngine(self._url, **{**defaults, **options})
        _engines.append(engine)
        return engine

    def kill(self, engine: NatsEngine) -> None:
        """End an engine as ``kill -9`` ends its process: its connection is just gone."""
        worker, connection = engine._worker, engine._connection
        assert worker is not None
        assert connection is not None
        for task in [*worker._tasks, *worker._helpers]:
            task.cancel()
        # Nothing that it still tries to send reaches the server.
        client, connection._client = connection._client, None
        self._ended = asyncio.ensure_future(client.close())


class Gate:
    """Work that holds an item until it is opened."""

    def __init__(self) -> None:
        self.held = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self, claim: Claim) -> None:
        self.held.set()
        await self.open.wait()
        await claim.ack()


class Once:
    """Settles an item in one way the first time, and acknowledges it after that."""

    def __init__(self, first: Callable[[Claim], Awaitable[None]], times: int = 1) -> None:
        self._first = first
        self._left = times

    async def __call__(self, claim: Claim) -> None:
        if self._left:
            self._left -= 1
            await self._first(claim)
        else:
            await claim.ack()
