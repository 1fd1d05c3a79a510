"""A bot in one process, beside the bare handler of a receiver: CPU for each message."""

import asyncio
import gc
import json
import time
from collections.abc import Callable

from benchmarks._measure import Samples, ratios
from benchmarks.webhooks import SECRET, incoming_event
from frontdesk.bots import Bot, Context, Identity, LocalEngine
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.async_agent import AsyncAgentClient
from frontdesk.webhooks import IncomingEvent, Receiver, Webhook

MESSAGES = 20_000
CHATS = 1000
ROUNDS = 9
BURST = 32
"""Messages that arrive before the handlers get their turn."""
BARE = "a receiver with a bare handler"
BOT = "a bot with one handler, state in memory"


class Nobody:
    """Acts as a bot that asks nothing of the API."""

    def __init__(self) -> None:
        address = "http://127.0.0.1:9"
        self._identity = Identity(
            "5c9871d5372c824cbf22d860a707a578",
            AsyncAgentClient("Bearer dal:none", base_url=address),
            AgentClient("Bearer dal:none", base_url=address),
        )

    async def of(self, organization_id: str) -> Identity:
        """Return the bot."""
        del organization_id
        return self._identity

    async def close(self) -> None:
        """Close nothing: nothing was opened."""


def messages(first: int) -> list[bytes]:
    bodies = []
    for number in range(first, first + MESSAGES):
        webhook = json.loads(incoming_event(number))
        webhook["payload"]["chat_id"] = f"Q{number % CHATS:08}"
        # A button is not what customers usually press; the bot would have to remember it.
        del webhook["payload"]["event"]["postback"]
        bodies.append(json.dumps(webhook, separators=(",", ":")).encode())
    return bodies


def _bare(seen: list[str]) -> Receiver:
    receiver = Receiver(SECRET, capacity=10 * MESSAGES)

    @receiver.on(IncomingEvent)
    async def handle(webhook: Webhook[IncomingEvent]) -> None:
        seen.append(webhook.payload.event.id)

    return receiver


def _bot(seen: list[str]) -> Receiver:
    bot = Bot(identities=Nobody)

    @bot.message
    async def handle(ctx: Context) -> None:
        seen.append(ctx.event.id)

    return bot.receiver(SECRET, engine=LocalEngine(capacity=10 * MESSAGES))


async def _microseconds(receiver: Receiver, seen: list[str], bodies: list[bytes]) -> float:
    """Return the CPU that the process needs to receive and handle a message."""
    await receiver.start()
    gc.collect()
    before = time.process_time()
    for body in bodies:
        await receiver.handle(body)
        if receiver.counts.accepted % BURST == 0:
            await asyncio.sleep(0)
    await receiver.close()
    seconds = time.process_time() - before
    assert len(seen) == len(bodies), "a message was not handled"
    return 1e6 * seconds / len(bodies)


async def _measure() -> dict[str, Samples]:
    makers: dict[str, Callable[[list[str]], Receiver]] = {BOT: _bot, BARE: _bare}
    samples = {name: Samples() for name in makers}
    for number in range(ROUNDS):
        bodies = messages(number * MESSAGES)
        for name, make in makers.items():
            seen: list[str] = []
            samples[name].append(await _microseconds(make(seen), seen, bodies))
    return samples


def in_process() -> str:
    """Receive messages of 1,000 chats, parse, deduplicate, order, and handle them."""
    samples = asyncio.run(_measure())
    title = "A bot in one process, without HTTP"
    rate = 1e6 / samples[BOT].median
    return (
        ratios(title, samples, {BARE: "at most 1.3x"}, unit="CPU a message", places=1)
        + f"\nMessages a second on one core: {rate:,.0f} (target: at least 15,000)\n"
    )


def run() -> str:
    """All tables."""
    return in_process()
