"""A bot on many processes over NATS: messages a second, each with its state written.

``python -m benchmarks.bots_nats work SETTINGS`` is one of the workers.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks._nats_server import nats_server
from benchmarks.bots import Nobody, messages
from frontdesk.bots import Bot, Context
from frontdesk.bots.engines.nats import NatsEngine
from frontdesk.bots.items import new_item
from frontdesk.bots.states.nats import NatsStateStore
from frontdesk.webhooks import parse

WORKERS = 4
PUBLISHERS = 100
PARTITIONS = 64
FIRST, LAST = 0.9, 0.4
"""It is timed from where so much is left until so much is, while each partition has something."""
POLL = 0.5


class Count(msgspec.Struct):
    messages: int = 0


def counting_bot(store: NatsStateStore) -> Bot:
    bot = Bot(state=Count, store=store, identities=Nobody())

    @bot.message
    async def count(ctx: Context[Count]) -> None:
        ctx.state.messages += 1

    return bot


async def work(settings: dict[str, Any]) -> None:
    bot = counting_bot(NatsStateStore(settings["servers"]))
    working = asyncio.ensure_future(bot.worker(NatsEngine(**settings)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    await asyncio.wait([working])


@contextmanager
def worker(settings: dict[str, Any]) -> Iterator[int]:
    """Run a worker; yields its process id."""
    command = [sys.executable, "-m", "benchmarks.bots_nats", "work", json.dumps(settings)]
    running = subprocess.Popen(command)
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait()


async def publish(engine: NatsEngine) -> float:
    """Publish all messages; returns how many a second."""
    items = [new_item(parse(body)) for body in messages(0)]
    since = time.perf_counter()

    async def publish_some(first: int) -> None:
        for item in items[first::PUBLISHERS]:
            await engine.publish(item)

    await asyncio.gather(*(publish_some(first) for first in range(PUBLISHERS)))
    return len(items) / (time.perf_counter() - since)


def cpu(pids: list[int]) -> float:
    """Return the seconds of CPU that processes have had."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Rate(msgspec.Struct):
    """What handling took."""

    published: float
    """Messages a second."""
    handled: float = 0.0
    workers: float = 0.0
    """Microseconds of CPU for each message."""
    server: float = 0.0


async def time_it(engine: NatsEngine, rate: Rate, workers: list[int], server: int) -> None:
    """Wait until most of what waits is done, and note how long that took."""
    total = first = last = (await engine.status()).waiting
    began, used, served = 0.0, 0.0, 0.0
    while last > LAST * total:
        await asyncio.sleep(POLL)
        last = (await engine.status()).waiting
        if not began and last < FIRST * total:
            first, began, used, served = last, time.perf_counter(), cpu(workers), cpu([server])
    count = first - last
    rate.handled = count / (time.perf_counter() - began)
    rate.workers = (cpu(workers) - used) / count * 1e6
    rate.server = (cpu([server]) - served) / count * 1e6


def measure(sync: str | None) -> Rate:
    with tempfile.TemporaryDirectory() as folder, nats_server(Path(folder), sync) as (url, server):
        settings = {"servers": url, "partitions": PARTITIONS}
        engine = NatsEngine(**settings)

        async def go() -> Rate:
            await engine.start()
            rate = Rate(await publish(engine))
            with ExitStack() as stack:
                workers = [stack.enter_context(worker(settings)) for _ in range(WORKERS)]
                await time_it(engine, rate, workers, server)
            await engine.close()
            return rate

        return asyncio.run(go())


def run() -> str:
    lines = [
        f"## A bot over NATS: {WORKERS} workers, {PARTITIONS} partitions, state in NATS",
        "",
        "| Wait for the disk | published/s | handled/s | target | CPU of workers | of the server |",
        "| -- | -- | -- | -- | -- | -- |",
    ]
    for sync, name, target in (("always", "always", "1,000"), (None, "in its own way", "3,000")):
        rate = measure(sync)
        lines.append(
            f"| {name} | {rate.published:,.0f} | {rate.handled:,.0f} | at least {target} "
            f"| {rate.workers:.0f} µs | {rate.server:.0f} µs |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        asyncio.run(work(json.loads(sys.argv[2])))
    else:
        print(run())
