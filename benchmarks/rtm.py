"""RTM calls and pushes beside a bare websockets client and the official SDK, in one run."""

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import websockets.asyncio.client
import websockets.sync.client
from livechat.agent import AgentRTM as OfficialRTM
from loguru import logger

from benchmarks._measure import side_by_side, table
from frontdesk import AgentRTM, AsyncAgentRTM
from frontdesk.models import Message, MulticastRecipients, MulticastRecipientsAgents
from frontdesk.pushes import IncomingEvent

CHAT, TEXT = "PJ0MRSHTDG", "Hello there, how can I help you today?"
FRAME = (
    f'{{"request_id":"17","action":"send_event","payload":{{"chat_id":"{CHAT}",'
    f'"event":{{"type":"message","text":"{TEXT}"}}}}}}'
)
WHO = {"token": "dal:benchmark", "organization_id": "390e44e6"}
EVERYBODY = MulticastRecipients(agents=MulticastRecipientsAgents(all=True))
IN_FLIGHT = 10
SESSIONS = 1000


def run(calls: int = 400, rounds: int = 25, pushes: int = 200_000) -> str:
    with rtm_server() as port:
        parts = [
            _echo_async(port, calls, rounds),
            _echo_sync(port, calls, rounds),
            _official(port),
            _flood(port, pushes),
            _many(port),
        ]
    return "\n".join(parts)


@contextmanager
def rtm_server() -> Iterator[int]:
    """Start the fixed RTM server in a process of its own and yield its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._rtm_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def _echo_async(port: int, calls: int, rounds: int) -> str:
    with asyncio.Runner() as runner:

        async def connect():
            bare = await websockets.asyncio.client.connect(
                f"ws://127.0.0.1:{port}/", compression=None, ping_interval=None
            )
            ours = AsyncAgentRTM(base_url=f"http://127.0.0.1:{port}", **WHO)
            await ours.connect()
            return bare, ours

        bare, ours = runner.run(connect())

        async def bare_calls(count: int) -> None:
            for _ in range(count):
                await bare.send(FRAME)
                await bare.recv()

        async def our_calls(count: int) -> None:
            for _ in range(count):
                await ours.send_event(chat_id=CHAT, event=Message(text=TEXT))

        cpu = side_by_side(
            {
                "bare": lambda count: runner.run(bare_calls(count)),
                "frontdesk": lambda count: runner.run(our_calls(count)),
            },
            calls,
            rounds,
        )
        runner.run(ours.close())
        runner.run(bare.close())
    return _ratio("Round trip, asyncio", cpu)


def _echo_sync(port: int, calls: int, rounds: int) -> str:
    with (
        websockets.sync.client.connect(
            f"ws://127.0.0.1:{port}/", compression=None, ping_interval=None
        ) as bare,
        AgentRTM(base_url=f"http://127.0.0.1:{port}", **WHO) as ours,
    ):

        def bare_calls(count: int) -> None:
            for _ in range(count):
                bare.send(FRAME)
                bare.recv()

        def our_calls(count: int) -> None:
            for _ in range(count):
                ours.send_event(chat_id=CHAT, event=Message(text=TEXT))

        cpu = side_by_side({"bare": bare_calls, "frontdesk": our_calls}, calls, rounds)
    return _ratio("Round trip, threads", cpu)


def _ratio(title: str, cpu: dict[str, float]) -> str:
    ours, bare = cpu["frontdesk"], cpu["bare"]
    return table(
        title,
        [
            ("client", "CPU per call", "frontdesk is", "at most"),
            ("frontdesk", f"{ours:.0f} µs", "", ""),
            ("bare websockets, same bytes", f"{bare:.0f} µs", f"{ours / bare:.2f}x", "1.3x"),
        ],
    )


def _official(port: int) -> str:
    logger.disable("livechat")
    official = OfficialRTM.get_client(base_url=f"127.0.0.1:{port}")
    # The official SDK always speaks TLS; only its scheme is changed, so that all do the same work.
    official.ws.url = official.ws.url.replace("wss://", "ws://")
    official.open_connection()
    official.login(token="Bearer dal:benchmark")
    event = {"type": "message", "text": TEXT}

    def call(_: int = 0) -> None:
        assert official.send_event(chat_id=CHAT, event=event).success

    theirs = _rate(call, 10)
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        start = time.perf_counter()
        list(pool.map(call, range(50)))
        theirs_ten = 50 / (time.perf_counter() - start)
    official.close_connection()

    async def measure() -> tuple[float, float]:
        async with AsyncAgentRTM(base_url=f"http://127.0.0.1:{port}", **WHO) as rtm:

            async def one() -> None:
                await rtm.send_event(chat_id=CHAT, event=Message(text=TEXT))

            return await _async_rate(one, 5000, 1), await _async_rate(one, 20000, IN_FLIGHT)

    ours, ours_ten = asyncio.run(measure())
    with AgentRTM(base_url=f"http://127.0.0.1:{port}", **WHO) as rtm:
        sync = _rate(lambda: rtm.send_event(chat_id=CHAT, event=Message(text=TEXT)), 5000)
    return table(
        "Calls a second, against the same server",
        [
            ("client", "one at a time", "ten in flight", "times the official's one at a time"),
            ("lc-sdk-python", f"{theirs:.1f}", f"{theirs_ten:.1f}", ""),
            (
                "AsyncAgentRTM",
                f"{ours:,.0f}",
                f"{ours_ten:,.0f}",
                f"{ours / theirs:,.0f}x / {ours_ten / theirs:,.0f}x",
            ),
            ("AgentRTM", f"{sync:,.0f}", "", f"{sync / theirs:,.0f}x"),
        ],
    )


def _rate(call: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        call()
    return count / (time.perf_counter() - start)


async def _async_rate(one: Callable[[], Awaitable[None]], count: int, in_flight: int) -> float:
    async def worker() -> None:
        for _ in range(count // in_flight):
            await one()

    start = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return count / (time.perf_counter() - start)


def _flood(port: int, count: int) -> str:
    async def measure() -> tuple[float, float, int]:
        async with AsyncAgentRTM(base_url=f"http://127.0.0.1:{port}", timeout=600, **WHO) as rtm:
            subscription = rtm.pushes(IncomingEvent)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            cpu, start = time.process_time(), time.perf_counter()
            asked = asyncio.create_task(rtm.multicast(recipients=EVERYBODY, content=str(count)))
            received = 0
            async for push in subscription:
                assert isinstance(push, IncomingEvent), push
                received += 1
                if received == count:
                    break
            seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
            await asked
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            return count / seconds, cpu / count * 1e6, after - before

    rate, cpu, growth = asyncio.run(measure())
    return table(
        f"{count:,} typed pushes into one async session",
        [
            ("pushes a second", "CPU per push", "memory grew by", "at least"),
            (f"{rate:,.0f}", f"{cpu:.1f} µs", f"{growth / 1024:.1f} MB", "50,000/s"),
        ],
    )


def _many(port: int) -> str:
    async def measure() -> tuple[float, float, float]:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        sessions = [
            AsyncAgentRTM(base_url=f"http://127.0.0.1:{port}", open_timeout=60, **WHO)
            for _ in range(SESSIONS)
        ]
        for first in range(0, SESSIONS, 50):
            await asyncio.gather(*(rtm.connect() for rtm in sessions[first : first + 50]))
        connected = time.perf_counter() - start
        start = time.perf_counter()
        for _ in range(3):
            await asyncio.gather(
                *(rtm.send_event(chat_id=CHAT, event=Message(text=TEXT)) for rtm in sessions)
            )
        called = 3 * SESSIONS / (time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await asyncio.gather(*(rtm.close() for rtm in sessions))
        return connected, called, (after - before) / SESSIONS

    connected, called, memory = asyncio.run(measure())
    return table(
        f"{SESSIONS:,} async sessions in one process",
        [
            ("to connect all", "calls a second over all", "memory per session"),
            (f"{connected:.1f} s", f"{called:,.0f}", f"{memory:.0f} kB"),
        ],
    )


if __name__ == "__main__":
    print(run())
