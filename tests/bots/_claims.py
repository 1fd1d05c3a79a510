"""Claims that a test settles by hand, and an identity that asks a sandbox."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from frontdesk.bots import Bot, MemoryStateStore, StateStore
from frontdesk.bots.items import new_item
from frontdesk.bots.testing import SandboxBot
from frontdesk.bots.work.worker import BotCounts, Worker, WorkerSettings
from frontdesk.codec.decoding import encode
from frontdesk.sandbox import Sandbox
from frontdesk.webhooks import HandlerRetry, parse


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(main())


class HandClaim:
    """A claim that notes how it was settled."""

    def __init__(
        self,
        webhook: Any,
        *,
        id: str | None = None,
        attempt: int = 1,
        stream: str = "s",
        sequence: int = 0,
        digest: str = "",
    ) -> None:
        self.item = new_item(webhook, id=id, digest=digest)
        self.attempt = attempt
        self.stream = stream
        self.sequence = sequence
        self.is_redelivered = attempt > 1
        self.lease: float | None = 5.0
        self.is_fresh = True
        self.settled: list[tuple[str, Any]] = []

    async def ack(self) -> None:
        self.settled.append(("ack", None))

    async def nak(self, delay: float) -> None:
        self.settled.append(("nak", delay))

    async def term(self, reason: str) -> None:
        self.settled.append(("term", reason))

    async def heartbeat(self) -> None: ...


class Story:
    """A sandbox's webhooks, in order, and a worker to give them to."""

    def __init__(self, bot: Bot, store: StateStore | None = None, **settings: Any) -> None:
        self.sandbox = Sandbox("quiet")
        self.customer = self.sandbox.customer("Ann")
        self.store = MemoryStateStore() if store is None else store
        self._effects: list[Any] = []
        self._sequence = 0
        self.sandbox.backend.world.subscribe(self._effects.extend)
        options: dict[str, Any] = {
            "state_type": bot.declared.state_type,
            "retry": HandlerRetry(),
            "patience": 300.0,
            "joins": True,
            "threads": 2,
            "is_durable": True,
            "is_shared": False,
        } | settings
        self.counts = BotCounts()
        self.worker = Worker(
            bot.declared.table(),
            self.store,
            SandboxBot(self.sandbox),
            WorkerSettings(**options),
            self.counts,
        )

    def webhooks(self) -> list[Any]:
        """What happened since the last look."""
        effects, self._effects[:] = self._effects[:], []
        return [
            parse(
                encode(
                    {
                        "webhook_id": "",
                        "action": effect.webhook,
                        "organization_id": self.sandbox.organization_id,
                        "payload": msgspec.Raw(effect.json),
                    }
                )
            )
            for effect in effects
            if effect.webhook is not None
        ]

    def claims(self, **options: Any) -> list[HandClaim]:
        """The same as claims, with growing positions."""
        claims = []
        for webhook in self.webhooks():
            self._sequence += 1
            claims.append(HandClaim(webhook, sequence=self._sequence, **options))
        return claims

    async def work(self, claims: list[HandClaim]) -> list[tuple[str, Any]]:
        """Give claims to the worker; returns how they were settled."""
        for claim in claims:
            await self.worker(claim)
        return [entry for claim in claims for entry in claim.settled]

    async def handle(self) -> None:
        """Handle all that happened, and all that follows from it."""
        while claims := self.claims():
            await self.work(claims)

    def texts(self) -> list[str]:
        """The texts of the bot in the chat."""
        return [
            event.text
            for event in self.customer.transcript()
            if getattr(event, "author_id", "") == self.sandbox.bot_id
        ]

    def requests(self) -> list[str]:
        """The methods that the bot has called so far."""
        bot_id = self.sandbox.bot_id
        return [call.action for call in self.sandbox.calls() if call.requester_id == bot_id]
