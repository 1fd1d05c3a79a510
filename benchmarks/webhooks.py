"""Parsing webhooks beside the official parser, and receiving them while handlers are slow."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import quantiles

import msgspec
import uvloop
from livechat.webhooks.parser import parse_webhook

from benchmarks._measure import ratios, side_by_side, table
from benchmarks._webhook_server import KINDS
from frontdesk.webhooks import parse

SECRET = "bench-secret"
CONNECTIONS = 32
WEBHOOKS = 20_000
ROUNDS = 3
OFFICIAL = "`lc-sdk-python`: `json.loads` and `parse_webhook`, dicts"
AT = "2026-03-02T09:15:27.104233Z"


def incoming_event(n: int = 0) -> bytes:
    """An ``incoming_event`` with all that LiveChat's own sample has; ``n`` makes it another."""
    event = {
        "id": f"ZX98CV76BN_{n:08}",
        "custom_id": "31-0C-1C-07-DB-16",
        "type": "message",
        "author_id": "3d6f0a52-8c1e-4b7d-9f4a-5a3f1c2b7e90",
        "created_at": AT,
        "text": "hello there",
        "postback": {
            "id": "action_call",
            "thread_id": "ZX98CV76BN",
            "event_id": "75a90b82-e6a4-4ded-b3eb-cb531741ee0d",
            "type": "phone",
            "value": "790034890",
        },
        "visibility": "all",
        "properties": {"property_namespace": {"property_name": "property_value"}},
    }
    webhook = {
        "webhook_id": "e174956c92b5064eacdbd99895aeee42",
        "secret_key": SECRET,
        "action": "incoming_event",
        "organization_id": "5e2f9d3c-7f0b-4a7e-9c51-2f1f6a0d8b11",
        "payload": {"chat_id": f"Q{n:08}", "thread_id": "ZX98CV76BN", "event": event},
        "additional_data": {
            "chat_properties": {"0805e283233042b37f460ed8fbf22160": {"string_property": "value"}},
            "chat_presence_user_ids": ["3d6f0a52-8c1e-4b7d-9f4a-5a3f1c2b7e90", "maria@shop.test"],
        },
    }
    return json.dumps(webhook, separators=(",", ":")).encode()


def parsing() -> str:
    body = incoming_event()
    skip = msgspec.json.Decoder(msgspec.Raw).decode

    def repeatedly(work: Callable[[], object]) -> Callable[[int], None]:
        def run(calls: int) -> None:
            for _ in range(calls):
                work()

        return run

    measured = side_by_side(
        {
            "`frontdesk.webhooks.parse`, typed": repeatedly(lambda: parse(body)),
            OFFICIAL: repeatedly(lambda: parse_webhook(json.loads(body))),
            "bare `json.loads`": repeatedly(lambda: json.loads(body)),
            "the bytes only looked at (msgspec, nothing made)": repeatedly(lambda: skip(body)),
        },
        calls=20_000,
    )
    title = f"Parsing an `incoming_event` of {len(body)} bytes"
    return ratios(title, measured, {OFFICIAL: "at most 0.1x"}, unit="CPU", places=2)


class Sender(asyncio.Protocol):
    """Sends one webhook after the other, and notes how long each response takes."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        request = self.run.next_request()
        if request is None:
            self.transport.close()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.buffer.endswith(b"\r\n\r\nok\n"):
            self.run.seconds.append(time.perf_counter() - self.sent_at)
            self.run.accepted += self.buffer.startswith(b"HTTP/1.1 200")
            self.buffer = b""
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        self.run.open -= 1
        if not self.run.open:
            self.run.done.set()


class Run:
    """One run of the load."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.left = iter(range(WEBHOOKS))
        self.seconds: list[float] = []
        self.accepted = 0
        self.open = CONNECTIONS
        self.done = asyncio.Event()
        head, _, tail = incoming_event().partition(b"ZX98CV76BN_00000000")
        self.head, self.tail = head.replace(b"Q00000000", b"Q%08d"), tail
        size = len(incoming_event())
        self.prefix = (
            b"POST /webhooks HTTP/1.1\r\nhost: bot.test\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n" % size
        )

    def next_request(self) -> bytes | None:
        n = next(self.left, None)
        if n is None:
            return None
        return self.prefix + (self.head % n) + b"ZX98CV76BN_%08d" % n + self.tail

    async def __call__(self) -> float:
        loop = asyncio.get_running_loop()
        start = time.perf_counter()
        for _ in range(CONNECTIONS):
            await loop.create_connection(lambda: Sender(self), "127.0.0.1", self.port)
        await self.done.wait()
        return time.perf_counter() - start


@dataclass
class Result:
    """One run: webhooks a second by the clock, CPU us a webhook, and milliseconds of waiting."""

    rate: float
    cpu: float
    median: float
    p99: float


def receive_once(kind: str) -> Result:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._webhook_server", SECRET, kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())

    async def load() -> tuple[Run, float]:
        run = Run(port)
        return run, await run()

    run, seconds = uvloop.run(load())
    done = json.loads(process.communicate()[0])
    assert run.accepted == WEBHOOKS, run.accepted
    if kind != "bare":
        assert done["accepted"] == done["handled"] == WEBHOOKS, done
    cuts = quantiles([one * 1000 for one in run.seconds], n=100)
    return Result(WEBHOOKS / seconds, done["cpu"] / WEBHOOKS * 1e6, cuts[49], cuts[98])


def receiving() -> str:
    """Each kind in turn, several times over, so that all have the same machine; the best counts."""
    results: dict[str, list[Result]] = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for kind in KINDS:
            results[kind].append(receive_once(kind))
    names = {
        "bare": "uvicorn alone: the body read, 200 sent, nothing kept",
        "receiver": "the receiver",
        "journal": "with a journal (survives `kill -9`)",
        "journal, synced": "with a journal, `sync=True` (survives a crash of the machine)",
        "sqlite": "a journal in SQLite instead (WAL, `synchronous=normal`)",
        "sqlite, synced": "a journal in SQLite instead (WAL, `synchronous=full`)",
    }
    rows = [("", "acknowledged/s", "CPU us each", "median ms", "p99 ms")]
    for kind, runs in results.items():
        best = max(runs, key=lambda one: one.rate)
        p99 = min(one.p99 for one in runs)
        rows.append(
            (
                names[kind],
                f"{best.rate:,.0f}",
                f"{best.cpu:.0f}",
                f"{best.median:.1f}",
                f"{p99:.1f}",
            )
        )
    title = f"Receiving over {CONNECTIONS} connections (uvicorn) while each handler takes 200 ms"
    return table(title, rows)


def run() -> str:
    return f"{parsing()}\n{receiving()}"


if __name__ == "__main__":
    print(run())
