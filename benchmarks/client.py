"""``send_event`` beside the bare HTTP libraries and the official SDK, in one run.

CPU of a call over HTTP and over TLS, each peer in its usual form (what its guide shows) and in its
leanest, and calls a second over a network that adds the same delay for everybody.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import aiohttp
import urllib3
from livechat.agent import AgentWeb
from yarl import URL

from benchmarks._measure import Samples, Work, ratios, side_by_side, table
from benchmarks._processes import DELAYS, fixed_server, network
from frontdesk import AgentClient, AsyncAgentClient
from frontdesk.models import Message

CHAT, TEXT = "PJ0MRSHTDG", "Hello there, how can I help you today?"
TOKEN = "dal:benchmark"
IN_FLIGHT = 50
THREADS = 10
PATH = "/v3.6/agent/action/send_event"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
EVENT = {"type": "message", "text": TEXT}
BODY = json.dumps({"chat_id": CHAT, "event": EVENT}, separators=(",", ":")).encode()

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]


def run(calls: int = 1000) -> str:
    parts = []
    for tls in (False, True):
        with fixed_server(tls=tls) as (port, authority):
            context = ssl.create_default_context(cafile=authority) if tls else None
            parts += [_sync(port, context, calls), _async(port, context, calls)]
    with fixed_server() as (port, _):
        parts.append(_over_a_network(port))
    return "\n".join(parts)


def _sync(port: int, context: ssl.SSLContext | None, calls: int) -> str:
    scheme = "https" if context else "http"
    base_url = f"{scheme}://127.0.0.1:{port}"
    usual = urllib3.PoolManager(ssl_context=context)
    leanest = urllib3.PoolManager(ssl_context=context).connection_from_url(base_url)
    client = AgentClient(TOKEN, base_url=base_url, ssl_context=context, proxy="")

    def urlopen() -> object:
        return leanest.urlopen("POST", PATH, BODY, HEADERS, retries=False).data

    samples = side_by_side(
        {
            "AgentClient": _repeat(lambda: _ours(client)),
            "urllib3, a pool's `urlopen` without retries": _repeat(urlopen),
            "urllib3, `PoolManager.request`": _repeat(
                lambda: usual.request("POST", base_url + PATH, body=BODY, headers=HEADERS).data
            ),
            "lc-sdk-python, its logging off": _repeat(partial(_theirs, _official(port, context))),
        },
        calls,
    )
    client.close()
    targets = {"urllib3, a pool's `urlopen` without retries": "at most 1.1x"}
    return ratios(f"`send_event`, sync, {scheme.upper()}", samples, targets)


def _async(port: int, context: ssl.SSLContext | None, calls: int) -> str:
    scheme = "https" if context else "http"
    base_url = f"{scheme}://127.0.0.1:{port}"
    url = URL(base_url + PATH)

    def usual(count: int) -> None:
        async def work() -> None:
            connector = aiohttp.TCPConnector(ssl=context or True)
            async with aiohttp.ClientSession(connector=connector) as session:
                await _spread(lambda: _post(session, url), count, IN_FLIGHT)

        asyncio.run(work())

    def leanest(count: int) -> None:
        async def work() -> None:
            connector = aiohttp.TCPConnector(ssl=context or True, limit=0)
            async with aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
                auto_decompress=False,
            ) as session:
                await _spread(lambda: _post(session, url), count, IN_FLIGHT)

        asyncio.run(work())

    def ours(count: int) -> None:
        async def work() -> None:
            async with AsyncAgentClient(
                TOKEN, base_url=base_url, ssl_context=context, proxy=""
            ) as client:
                await _spread(lambda: _ours_async(client), count, IN_FLIGHT)

        asyncio.run(work())

    samples = side_by_side(
        {
            "AsyncAgentClient": ours,
            "aiohttp, `session.post`": usual,
            "aiohttp, no cookies and no default headers": leanest,
            "lc-sdk-python, which is sync": _repeat(partial(_theirs, _official(port, context))),
        },
        calls * 2,
    )
    targets = {"aiohttp, `session.post`": "at most 1.15x"}
    title = f"`send_event`, async, {IN_FLIGHT} in flight, {scheme.upper()}"
    return ratios(title, samples, targets)


def _over_a_network(port: int, rounds: int = 3) -> str:
    """Calls a second by the clock: the same delay for all, one at a time and several at once."""
    rows = [
        (
            "added to a round trip",
            "client",
            "one at a time",
            f"{THREADS} at once",
            "of the official",
        )
    ]
    for milliseconds in DELAYS:
        with network(port, milliseconds) as delayed:
            rows += _network_rows(delayed, milliseconds, rounds)
    return table("`send_event` a second over a network, HTTP", rows)


def _network_rows(port: int, milliseconds: int, rounds: int) -> list[tuple[str, ...]]:
    base_url = f"http://127.0.0.1:{port}"
    count = 1000 if not milliseconds else max(THREADS, 800 // milliseconds)
    client = AgentClient(TOKEN, base_url=base_url, proxy="")
    official = partial(_theirs, _official(port, None))

    async def ours_async(calls: int, in_flight: int) -> float:
        async with AsyncAgentClient(TOKEN, base_url=base_url, proxy="") as asynchronous:
            await _spread(lambda: _ours_async(asynchronous), in_flight, in_flight)
            began = time.perf_counter()
            await _spread(lambda: _ours_async(asynchronous), calls, in_flight)
            return calls / (time.perf_counter() - began)

    rates: dict[str, tuple[Samples, Samples]] = {}
    with ThreadPoolExecutor(THREADS) as pool:

        def threaded(call: Call, calls: int, in_flight: int) -> float:
            if in_flight == 1:
                began = time.perf_counter()
                for _ in range(calls):
                    call()
            else:
                list(pool.map(lambda _: call(), range(in_flight)))
                began = time.perf_counter()
                list(pool.map(lambda _: call(), range(calls)))
            return calls / (time.perf_counter() - began)

        ways: dict[str, Callable[[int, int], float]] = {
            "lc-sdk-python, sync": partial(threaded, official),
            "AgentClient, sync": partial(threaded, lambda: _ours(client)),
            "AsyncAgentClient, async": lambda calls, at_once: asyncio.run(
                ours_async(calls, at_once)
            ),
        }
        for way in ways.values():
            way(2, 1)
        for _ in range(rounds):
            for name, way in ways.items():
                one, many = rates.setdefault(name, (Samples(), Samples()))
                one.append(way(count, 1))
                many.append(way(count * THREADS if milliseconds else count, THREADS))
    client.close()
    peer_one, peer_many = rates["lc-sdk-python, sync"]
    return [
        (
            f"{milliseconds} ms",
            name,
            f"{one.median:,.0f}/s",
            f"{many.median:,.0f}/s",
            f"{one.beside(peer_one).median:.2f}x / {many.beside(peer_many).median:.2f}x",
        )
        for name, (one, many) in rates.items()
    ]


def _official(port: int, context: ssl.SSLContext | None) -> AgentWeb:
    official = AgentWeb.get_client(
        f"Bearer {TOKEN}",
        base_url=f"127.0.0.1:{port}",
        disable_logging=True,
        verify=context or True,
    )
    if context is None:
        # The official SDK always speaks TLS; only its scheme is changed, so that all do the same.
        official.api_url = official.api_url.replace("https://", "http://")
    return official


def _theirs(official: AgentWeb) -> object:
    return official.send_event(chat_id=CHAT, event=EVENT).json()["event_id"]


def _ours(client: AgentClient) -> object:
    return client.send_event(chat_id=CHAT, event=Message(text=TEXT)).event_id


async def _ours_async(client: AsyncAgentClient) -> object:
    return (await client.send_event(chat_id=CHAT, event=Message(text=TEXT))).event_id


async def _post(session: aiohttp.ClientSession, url: URL) -> object:
    async with session.post(url, data=BODY, headers=HEADERS) as response:
        return await response.read()


def _repeat(call: Call) -> Work:
    def work(count: int) -> None:
        for _ in range(count):
            assert call()

    return work


async def _spread(call: AsyncCall, count: int, in_flight: int) -> None:
    async def worker() -> None:
        for _ in range(max(1, count // in_flight)):
            assert await call()

    await asyncio.gather(*(worker() for _ in range(in_flight)))


if __name__ == "__main__":
    print(run())
