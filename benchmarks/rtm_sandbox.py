"""RTM calls to the sandbox: frontdesk's clients beside the official SDK, in one run."""

import asyncio
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from livechat.agent import AgentRTM as OfficialRTM
from loguru import logger

from benchmarks._measure import table
from benchmarks.sandbox import cpu_seconds
from frontdesk import AgentRTM, AsyncAgentRTM
from frontdesk.models import Message
from frontdesk.sandbox.seeds.company import ORGANIZATION_ID

TOKEN = "Bearer dal:sandbox-owner"
TEXT = "Hello there, how can I help you today?"
CALLS = 20_000
LATE = 0.005
OFFICIAL_CALLS = 20
IN_FLIGHT = 10


def run() -> str:
    """Everybody's calls a second.

    The official SDK looks for an answer right after sending, and then every 0.2 s: on loopback the
    answer is often there at the first look, over a network never.
    """
    with sandbox() as (url, pid):
        lucky, lucky_ten = official(url, 0)
        polling, polling_ten = official(url, LATE)
        sync = sync_calls(url)
        before = cpu_seconds(pid)
        one, ten = asyncio.run(async_calls(url))
        cpu = (cpu_seconds(pid) - before) / (CALLS + CALLS // 4) * 1e6
    rows = [
        ("send_event", "one at a time", "ten in flight", "times the official one, polling"),
        ("lc-sdk-python", f"{lucky:.1f}/s", f"{lucky_ten:.1f}/s", ""),
        ("lc-sdk-python, polling", f"{polling:.1f}/s", f"{polling_ten:.1f}/s", ""),
        ("AgentRTM", f"{sync:,.0f}/s", "", f"{sync / polling:,.0f}x"),
        (
            "AsyncAgentRTM",
            f"{one:,.0f}/s",
            f"{ten:,.0f}/s",
            f"{one / polling:,.0f}x / {ten / polling:,.0f}x",
        ),
    ]
    return table(f"RTM against the sandbox ({cpu:.0f} µs of its CPU a call)", rows)


def delay(url: str, seconds: float) -> None:
    """Have everything reach today's connections so many seconds late."""
    body = json.dumps({"seconds": seconds}).encode()
    with urllib.request.urlopen(f"{url}/__sandbox__/rtm/delay", body, timeout=10) as answer:
        assert answer.status == 200


@contextmanager
def sandbox() -> Iterator[tuple[str, int]]:
    """A sandbox in a process of its own; its address and process id."""
    command = [sys.executable, "-m", "frontdesk", "sandbox", "--port", "0", "--seed", "empty"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("ready "))
        yield ready.split()[1], process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def official(url: str, late: float) -> tuple[float, float]:
    """Calls a second of LiveChat's SDK, one at a time and from ten threads."""
    logger.disable("livechat")
    rtm = OfficialRTM.get_client(base_url=url.removeprefix("http://"))
    # The SDK always speaks TLS; only its scheme is changed, so that all do the same work.
    rtm.ws.url = rtm.ws.url.replace("wss://", "ws://")
    rtm.open_connection()
    assert rtm.login(token=TOKEN).success
    delay(url, late)
    chat_id = rtm.start_chat(continuous=True).payload["chat_id"]

    def call(_: int = 0) -> None:
        assert rtm.send_event(chat_id=chat_id, event={"type": "message", "text": TEXT}).success

    one = rate(call, OFFICIAL_CALLS)
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        began = time.perf_counter()
        list(pool.map(call, range(OFFICIAL_CALLS * 5)))
        ten = OFFICIAL_CALLS * 5 / (time.perf_counter() - began)
    rtm.close_connection()
    return one, ten


def sync_calls(url: str) -> float:
    with AgentRTM(TOKEN, organization_id=ORGANIZATION_ID, base_url=url) as rtm:
        chat_id = rtm.start_chat(continuous=True).chat_id
        return rate(lambda: rtm.send_event(chat_id=chat_id, event=Message(text=TEXT)), CALLS // 4)


def rate(call: Callable[[], object], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        call()
    return count / (time.perf_counter() - began)


async def async_calls(url: str) -> tuple[float, float]:
    async with AsyncAgentRTM(TOKEN, organization_id=ORGANIZATION_ID, base_url=url) as rtm:
        chat_id = (await rtm.start_chat(continuous=True)).chat_id

        async def call() -> None:
            await rtm.send_event(chat_id=chat_id, event=Message(text=TEXT))

        return await together(call, CALLS // 4, 1), await together(call, CALLS, IN_FLIGHT)


async def together(call: Callable[[], Awaitable[None]], count: int, in_flight: int) -> float:
    async def worker() -> None:
        for _ in range(count // in_flight):
            await call()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    print(run())
