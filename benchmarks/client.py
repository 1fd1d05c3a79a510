"""CPU per ``send_event`` beside the bare HTTP libraries and the official SDK, in one run."""

import asyncio
import json

import aiohttp
import urllib3
from livechat.agent import AgentWeb
from yarl import URL

from benchmarks._measure import fixed_server, side_by_side, table
from frontdesk import AgentClient, AsyncAgentClient
from frontdesk.models import Message

CHAT, TEXT = "PJ0MRSHTDG", "Hello there, how can I help you today?"
TOKEN = "dal:benchmark"
CONCURRENCY = 50
BODY = json.dumps(
    {"chat_id": CHAT, "event": {"type": "message", "text": TEXT}}, separators=(",", ":")
).encode()


def run(calls: int = 2000) -> str:
    with fixed_server() as base_url:
        return _sync(base_url, calls) + "\n" + _async(base_url, calls)


def _sync(base_url: str, calls: int) -> str:
    url = f"{base_url}/v3.6/agent/action/send_event"
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    pool = urllib3.PoolManager()
    client = AgentClient(TOKEN, base_url=base_url)
    official = AgentWeb.get_client(f"Bearer {TOKEN}", base_url=base_url, disable_logging=True)
    # The official SDK always speaks TLS; only its scheme is changed, so that all do the same work.
    official.api_url = official.api_url.replace("https://http://", "http://")
    event = {"type": "message", "text": TEXT}

    def bare(count: int) -> None:
        for _ in range(count):
            assert pool.request("POST", url, body=BODY, headers=headers).data

    def ours(count: int) -> None:
        for _ in range(count):
            assert client.send_event(chat_id=CHAT, event=Message(text=TEXT)).event_id

    def theirs(count: int) -> None:
        for _ in range(count):
            assert official.send_event(chat_id=CHAT, event=event).json()["event_id"]

    result = side_by_side({"urllib3": bare, "frontdesk": ours, "official": theirs}, calls)
    client.close()
    return _report("Sync, one call after the other", result, "urllib3", 1.25, 0.75)


def _async(base_url: str, calls: int) -> str:
    url = URL(f"{base_url}/v3.6/agent/action/send_event")
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    official = AgentWeb.get_client(f"Bearer {TOKEN}", base_url=base_url, disable_logging=True)
    official.api_url = official.api_url.replace("https://http://", "http://")
    event = {"type": "message", "text": TEXT}

    def theirs(count: int) -> None:
        for _ in range(count):
            assert official.send_event(chat_id=CHAT, event=event).json()["event_id"]

    def bare(count: int) -> None:
        async def work() -> None:
            async with aiohttp.ClientSession() as session:

                async def one() -> None:
                    async with session.post(url, data=BODY, headers=headers) as answer:
                        assert await answer.read()

                await _spread(one, count)

        asyncio.run(work())

    def ours(count: int) -> None:
        async def work() -> None:
            async with AsyncAgentClient(TOKEN, base_url=base_url) as client:

                async def one() -> None:
                    answer = await client.send_event(chat_id=CHAT, event=Message(text=TEXT))
                    assert answer.event_id

                await _spread(one, count)

        asyncio.run(work())

    result = side_by_side({"aiohttp": bare, "frontdesk": ours, "official": theirs}, calls)
    return _report(f"Async, {CONCURRENCY} at a time", result, "aiohttp", 1.25, 0.45)


async def _spread(one, count: int) -> None:
    async def worker() -> None:
        for _ in range(count // CONCURRENCY):
            await one()

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))


def _report(
    title: str, cpu: dict[str, float], bare: str, to_bare: float, to_official: float
) -> str:
    ours = cpu["frontdesk"]
    rows = [("client", "CPU per call", "frontdesk is", "at most")]
    rows.append(("frontdesk", f"{ours:.0f} µs", "", ""))
    rows.append((f"bare {bare}", f"{cpu[bare]:.0f} µs", f"{ours / cpu[bare]:.2f}x", f"{to_bare}x"))
    peer = cpu["official"]
    rows.append(
        ("lc-sdk-python (sync)", f"{peer:.0f} µs", f"{ours / peer:.2f}x", f"{to_official}x")
    )
    return table(f"`send_event`: {title}", rows)


if __name__ == "__main__":
    print(run())
