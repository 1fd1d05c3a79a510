"""A storm over a queue: workers and the server are killed and paused, and nothing is lost.

Real processes and a real server. Each message of a chat has the next number; the handler notes each
of its calls in a file, which stands for a reply, and counts in the chat's state.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from frontdesk.bots.engines.nats import NatsEngine
from frontdesk.bots.items import new_item
from frontdesk.bots.states.nats import NatsStateStore
from frontdesk.bots.states.record import read_record
from frontdesk.bots.states.sqlite import SQLiteStateStore
from frontdesk.errors import QueueUnavailable
from frontdesk.webhooks import parse

from .. import forked
from ..nats_server import NatsServer
from ..webhooks._bodies import message
from ._storm_worker import Counted

WORKER = Path(__file__).with_name("_storm_worker.py")


class Storm:
    """A queue with workers, and what happens to them.

    Args:
        folder: Where everything is stored.
        store: ``nats`` or ``sqlite``.
        chats: How many chats there are.
        messages: How many messages each of them has.
        workers: How many processes work.
        ack_wait: Seconds of silence after which a worker's items are given to others.
    """

    def __init__(
        self, folder: Path, *, store: str, chats: int, messages: int, workers: int,
        ack_wait: float, partitions: int,
    ) -> None:  # fmt: skip
        self.server = NatsServer(folder / "nats").start()
        self.engine_settings = {
            "servers": self.server.url, "name": "storm", "partitions": partitions,
            "ack_wait": ack_wait, "max_bytes": 10**9, "publish_timeout": 60.0,
        }  # fmt: skip
        self.store_settings = (
            {"kind": "nats", "servers": self.server.url, "name": "storm"}
            if store == "nats"
            else {"kind": "sqlite", "path": str(folder / "states.sqlite")}
        )
        self.log = folder / "handled"
        self.log.touch()
        self.chats, self.messages, self.ack_wait = chats, messages, ack_wait
        self.published_at: dict[tuple[str, int], float] = {}
        self.outages: list[tuple[float, float]] = []
        self._errors = (folder / "workers").open("ab")
        self._workers = [self._worker() for _ in range(workers)]

    def _worker(self) -> "subprocess.Popen[bytes]":
        settings = {"engine": self.engine_settings, "store": self.store_settings}
        return forked.Popen(
            [sys.executable, str(WORKER), json.dumps(settings), str(self.log)],
            stderr=self._errors,
        )

    @property
    def handled(self) -> int:
        """About how many messages were handled."""
        return self.log.stat().st_size // 40

    async def publish(self, publishers: int, pause: float) -> None:
        """Publish all messages, those of a chat one after another."""
        engine = NatsEngine(**self.engine_settings)
        await engine.start()

        async def publish_some(first: int) -> None:
            for number in range(1, self.messages + 1):
                for chat in range(first, self.chats, publishers):
                    name = f"CHAT{chat:05d}"
                    webhook = parse(message(number, chat=name, text=str(number)))
                    webhook.secret_key = ""
                    item = new_item(webhook)
                    while True:
                        try:
                            await engine.publish(item)
                        except QueueUnavailable:
                            continue  # under its id: it may have been stored
                        break
                    self.published_at[name, number] = time.time()
                    await asyncio.sleep(pause)

        await asyncio.gather(*(publish_some(first) for first in range(publishers)))
        await engine.close()

    async def disturb(self, events: list[str], seed: int) -> None:
        """Let each event happen at a random place of the work."""
        chance = random.Random(seed)
        total = self.chats * self.messages
        # One after another: two at once might hit the same item twice.
        share = 0.85 / len(events)
        places = [0.05 + share * (n + chance.random()) for n in range(len(events))]
        chance.shuffle(events)
        for place, event in zip(places, events, strict=True):
            while self.handled < place * total:
                self._check_workers()
                await asyncio.sleep(0.02)
            await getattr(self, event)(chance)

    async def kill_worker(self, chance: random.Random) -> None:
        number = chance.randrange(len(self._workers))
        self._workers[number].kill()
        self._workers[number].wait()
        self._workers[number] = self._worker()

    async def kill_server(self, chance: random.Random) -> None:
        since = time.time()
        self.server.kill()
        await asyncio.sleep(0.2)
        self.server.start()
        self.outages.append((since, time.time()))

    async def pause_worker(self, chance: random.Random) -> None:
        worker = self._workers[chance.randrange(len(self._workers))]
        worker.send_signal(signal.SIGSTOP)
        await asyncio.sleep(2 * self.ack_wait)
        worker.send_signal(signal.SIGCONT)

    def _check_workers(self) -> None:
        for number, worker in enumerate(self._workers):
            # One that finds no server when it starts ends; whoever runs it starts it again.
            if worker.poll() is not None:
                self._workers[number] = self._worker()

    async def finish(self) -> float:
        """Wait until everything is done; returns the seconds in which an idle worker ends."""
        engine = NatsEngine(**self.engine_settings)
        await engine.start()
        while (await engine.status()).waiting:
            self._check_workers()
            await asyncio.sleep(0.1)
        assert (await engine.status()).dead_letters == 0
        await engine.close()
        times = []
        for worker in self._workers:
            since = time.monotonic()
            worker.terminate()
            worker.wait(30)
            times.append(time.monotonic() - since)
        return max(times)

    async def states(self) -> dict[str, Counted]:
        """The states of all chats."""
        import msgspec

        settings = dict(self.store_settings)
        kind = settings.pop("kind")
        store: Any = NatsStateStore(**settings) if kind == "nats" else SQLiteStateStore(**settings)
        await store.start()
        states = {}
        for chat in range(self.chats):
            name = f"CHAT{chat:05d}"
            key = new_item(parse(message(1, chat=name))).key
            stored = await store.load(key)
            assert stored is not None, name
            record = read_record(stored.data, key)
            states[name] = msgspec.json.decode(record.state, type=Counted)
        await store.close()
        return states

    def close(self) -> None:
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait()
        self.server.kill()
        self._errors.close()


class Report:
    """What the file of the handler's calls says."""

    def __init__(self, storm: Storm) -> None:
        calls: Counter[tuple[str, int]] = Counter()
        first_at: dict[tuple[str, int], float] = {}
        self.unforeseen = 0
        """Calls again for an item of which nobody could know that it had come before."""
        self.jumps = 0
        """Calls with a state that is not the one the message before it left."""
        for line in storm.log.read_text().splitlines():
            chat, number, last, known, at = line.split()
            call = chat, int(number)
            self.jumps += int(last) != int(number) - 1
            self.unforeseen += calls[call] > 0 and known == "0"
            calls[call] += 1
            first_at.setdefault(call, float(at))
        self.calls = len(calls)
        self.again = sum(calls.values()) - len(calls)
        """How many replies were sent twice, if the handler does not look for the first one."""
        self.longest_wait = max(at - _could_begin(storm, call, at) for call, at in first_at.items())


def _could_begin(storm: Storm, call: tuple[str, int], handled_at: float) -> float:
    """Return from when on a message could be handled: while the server is away, nobody can."""
    published_at = storm.published_at[call]
    return max(
        [published_at]
        + [back for gone, back in storm.outages if published_at < back and handled_at > gone]
    )


async def weather(storm: Storm, events: list[str], *, seed: int, pause: float) -> Report:
    """Go through a storm, and check what must hold; returns what is told."""
    publishing = asyncio.ensure_future(storm.publish(20, pause))
    disturbing = asyncio.ensure_future(storm.disturb(events, seed))
    started = time.monotonic()
    await asyncio.gather(publishing, disturbing)
    ended_in = await storm.finish()
    seconds = time.monotonic() - started
    states = await storm.states()
    report = Report(storm)
    total = storm.chats * storm.messages
    sys.stderr.write(
        f"\n{total} messages in {seconds:.0f} s; {report.again} calls again, {report.unforeseen} "
        f"of them unforeseen; longest wait {report.longest_wait:.2f} s; SIGTERM {ended_in:.2f} s\n"
    )
    # Nothing is lost, the order is kept, and no state was changed twice.
    assert report.calls == total
    assert report.jumps == 0
    assert {(s.last, s.changes) for s in states.values()} == {(storm.messages, storm.messages)}
    return report


def test_nothing_is_lost_in_a_short_storm(tmp_path: Path) -> None:
    async def test() -> None:
        storm = Storm(
            tmp_path, store="nats", chats=40, messages=30, workers=2, ack_wait=1.0, partitions=8
        )
        try:
            events = ["kill_worker", "kill_worker", "kill_server", "pause_worker"]
            report = await weather(storm, events, seed=os.getpid(), pause=0.005)
        finally:
            storm.close()
        assert report.again < 200

    asyncio.run(test())


@pytest.mark.soak
@pytest.mark.parametrize("store", ["nats", "sqlite"])
def test_nothing_is_lost_in_a_storm(tmp_path: Path, store: str) -> None:
    async def test() -> None:
        storm = Storm(
            tmp_path, store=store, chats=500, messages=int(os.environ.get("STORM", "200")),
            workers=4, ack_wait=5.0, partitions=64,
        )  # fmt: skip
        try:
            events = ["kill_worker"] * 10 + ["kill_server"] * 2 + ["pause_worker"] * 2
            pause = float(os.environ.get("STORM_PAUSE", "0.03"))
            report = await weather(storm, events, seed=time.time_ns(), pause=pause)
        finally:
            storm.close()
        assert report.longest_wait < 5.0 + 1.0 + 1.0  # the last second is the machine's

    asyncio.run(test())
