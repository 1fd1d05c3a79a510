"""RTM round trips beside a bare websockets client, and pushes, on loopback."""

import asyncio
import resource
import time

import websockets.asyncio.client
import websockets.sync.client

from benchmarks._measure import Samples, ratios, side_by_side, table
from benchmarks._processes import rtm_server
from frontdesk import AgentRTM, AsyncAgentRTM
from frontdesk.actions import SendEvent
from frontdesk.models import Message, MulticastRecipients, MulticastRecipientsAgents
from frontdesk.pushes import IncomingEvent

CHAT, TEXT = "PJ0MRSHTDG", "Hello there, how can I help you today?"
FRAME = (
    f'{{"request_id":"17","action":"send_event","payload":{{"chat_id":"{CHAT}",'
    f'"event":{{"type":"message","text":"{TEXT}"}}}}}}'
)
WHO = {"token": "dal:benchmark", "organization_id": "390e44e6"}
EVERYBODY = MulticastRecipients(agents=MulticastRecipientsAgents(all=True))
BARE = "bare websockets, the same bytes"
BUILT = "the action built and checked before"
ACTION = SendEvent(chat_id=CHAT, event=Message(text=TEXT))
SESSIONS = 1000


def run(calls: int = 400, rounds: int = 25, pushes: int = 200_000) -> str:
    with rtm_server() as port:
        parts = [
            _echo_async(port, calls, rounds),
            _echo_sync(port, calls, rounds),
            _flood(port, pushes),
            _many(port),
        ]
    return "\n".join(parts)


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

        async def our_built_calls(count: int) -> None:
            for _ in range(count):
                await ours(ACTION)

        samples = side_by_side(
            {
                "AsyncAgentRTM": lambda count: runner.run(our_calls(count)),
                BUILT: lambda count: runner.run(our_built_calls(count)),
                BARE: lambda count: runner.run(bare_calls(count)),
            },
            calls,
            rounds,
        )
        runner.run(ours.close())
        runner.run(bare.close())
    return _beside_bare("Round trip, async, loopback", samples, "at most 1.15x")


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

        def our_built_calls(count: int) -> None:
            for _ in range(count):
                ours(ACTION)

        samples = side_by_side(
            {"AgentRTM": our_calls, BUILT: our_built_calls, BARE: bare_calls}, calls, rounds
        )
    return _beside_bare("Round trip, sync, loopback", samples, "at most 1.3x")


def _beside_bare(title: str, samples: dict[str, Samples], target: str) -> str:
    bare = {BARE: samples.pop(BARE)}
    return "\n".join(
        ratios(title, {name: figures, **bare}, {BARE: target}) for name, figures in samples.items()
    )


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
            (f"{rate:,.0f}", f"{cpu:.1f} µs", f"{growth / 1024:.1f} MB", "90,000/s"),
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
