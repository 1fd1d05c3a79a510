"""RTM calls a second beside the official SDK: the same network, the same number in flight.

The official SDK looks for a response right after sending, and then every 0.2 s: without a delay the
response is often there at the first look, over a network never. All of its figures are by the clock
and beside frontdesk's over the same delay, against a fixed server and against the sandbox.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from livechat.agent import AgentRTM as OfficialRTM
from loguru import logger

from benchmarks._measure import Samples, table
from benchmarks._processes import DELAYS, network, rtm_server, sandbox
from frontdesk import AgentRTM, AsyncAgentRTM
from frontdesk.models import Message

TEXT = "Hello there, how can I help you today?"
TOKEN = "Bearer dal:sandbox-owner"
OFFICIAL = "lc-sdk-python, sync, polls"
IN_FLIGHT = 10
ROUNDS = 3

Rate = Callable[[int, int], float]
"""Calls a second for a number of calls and how many of them are in flight."""


def run() -> str:
    logger.disable("livechat")
    with rtm_server() as port:
        fixed = _rows(port, chat_id="PJ0MRSHTDG")
    with sandbox() as (port, _):
        real = _rows(port, chat_id=None)
    head = (
        "added to a round trip",
        "",
        "one at a time",
        f"{IN_FLIGHT} in flight",
        "of the official",
    )
    return "\n".join(
        (
            table("RTM `send_event` a second, a fixed server", [head, *fixed]),
            table("RTM `send_event` a second, the sandbox", [head, *real]),
        )
    )


def _rows(port: int, chat_id: str | None) -> list[tuple[str, ...]]:
    rows = []
    for milliseconds in DELAYS:
        with network(port, milliseconds) as delayed:
            rates = _rates(delayed, milliseconds, chat_id)
        peer_one, peer_many = rates[OFFICIAL]
        rows += [
            (
                f"{milliseconds} ms",
                name,
                f"{one.median:,.1f}/s",
                f"{many.median:,.1f}/s",
                f"{one.beside(peer_one).median:,.1f}x / {many.beside(peer_many).median:,.1f}x",
            )
            for name, (one, many) in rates.items()
        ]
    return rows


def _rates(port: int, milliseconds: int, chat_id: str | None) -> dict[str, tuple[Samples, Samples]]:
    ours = 2000 if not milliseconds else 1000 // milliseconds
    ways: dict[str, tuple[int, Rate]] = {
        OFFICIAL: (5, partial(_official, port, chat_id)),
        "AgentRTM, sync": (ours, partial(_sync, port, chat_id)),
        "AsyncAgentRTM, async": (ours, partial(_async, port, chat_id)),
    }
    rates = {name: (Samples(), Samples()) for name in ways}
    for _ in range(ROUNDS):
        for name, (count, rate) in ways.items():
            one, many = rates[name]
            one.append(rate(count, 1))
            many.append(rate(count * IN_FLIGHT, IN_FLIGHT))
    return rates


def _official(port: int, chat_id: str | None, count: int, in_flight: int) -> float:
    rtm = OfficialRTM.get_client(base_url=f"127.0.0.1:{port}")
    # The SDK always speaks TLS; only its scheme is changed, so that all do the same work.
    rtm.ws.url = rtm.ws.url.replace("wss://", "ws://")
    rtm.open_connection()
    assert rtm.login(token=TOKEN).success
    chat = chat_id or rtm.start_chat(continuous=True).payload["chat_id"]
    event = {"type": "message", "text": TEXT}

    def call() -> None:
        assert rtm.send_event(chat_id=chat, event=event).success

    try:
        return _threaded(call, count, in_flight)
    finally:
        rtm.close_connection()


def _sync(port: int, chat_id: str | None, count: int, in_flight: int) -> float:
    base_url = f"http://127.0.0.1:{port}"
    with AgentRTM(TOKEN, organization_id="", base_url=base_url) as rtm:
        chat = chat_id or rtm.start_chat(continuous=True).chat_id
        return _threaded(
            lambda: rtm.send_event(chat_id=chat, event=Message(text=TEXT)), count, in_flight
        )


def _threaded(call: Callable[[], object], count: int, in_flight: int) -> float:
    with ThreadPoolExecutor(in_flight) as pool:
        list(pool.map(lambda _: call(), range(in_flight)))
        began = time.perf_counter()
        if in_flight == 1:
            for _ in range(count):
                call()
        else:
            list(pool.map(lambda _: call(), range(count)))
        return count / (time.perf_counter() - began)


def _async(port: int, chat_id: str | None, count: int, in_flight: int) -> float:
    async def measure() -> float:
        base_url = f"http://127.0.0.1:{port}"
        async with AsyncAgentRTM(TOKEN, organization_id="", base_url=base_url) as rtm:
            chat = chat_id or (await rtm.start_chat(continuous=True)).chat_id

            async def worker(calls: int) -> None:
                for _ in range(calls):
                    await rtm.send_event(chat_id=chat, event=Message(text=TEXT))

            await worker(1)
            began = time.perf_counter()
            await asyncio.gather(*(worker(count // in_flight) for _ in range(in_flight)))
            return count / (time.perf_counter() - began)

    return asyncio.run(measure())


if __name__ == "__main__":
    print(run())
