"""Both ends of many chats at once: 1,000 customers and 50 agents in one sandbox.

Every event is sent at its time, whatever became of those before, half of them by customers and half
by agents. Its time runs from then to the push that the other end gets. The load comes from a
process of its own, which reads frames with next to no work, so that the sandbox is what is
measured; its CPU is that of the server's process.
"""

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from benchmarks._chatting_server import agent_id
from benchmarks._measure import table

AGENTS: Final = 50
CUSTOMERS: Final = 1000
RATES: Final = (1000, 2000, 3000)
"""Events a second, in turn."""
SECONDS: Final = 10
_TEXT: Final = 0x81
QUIET: Final = 1.0
"""Seconds without a push after which all have come."""


def run() -> str:
    with _sandbox() as server:
        rows = asyncio.run(_measure(server))
    head = ("events sent", "arrived", "p50", "p99", "slowest", "CPU of the sandbox", "per event")
    return table(
        f"{CUSTOMERS:,} customers and {AGENTS} agents in one sandbox; from sending to the push "
        "at the other end",
        [head, *rows],
    )


class _Server:
    """The process of the sandbox."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._process = process
        port, self.organization_id = process.stdout.readline().split()
        self.port = int(port)
        self.tokens: dict[str, list[str]] = json.loads(process.stdout.readline())

    def cpu_seconds(self) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextmanager
def _sandbox() -> Iterator[_Server]:
    command = [sys.executable, "-m", "benchmarks._chatting_server", str(AGENTS), str(CUSTOMERS)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield _Server(process)
    finally:
        process.communicate()


class _Line(asyncio.Protocol):
    """A connection of one user, which sends requests and hands each frame to ``on_frame``."""

    def __init__(self) -> None:
        self.on_frame: Any = lambda _: None
        self._buffer = b""
        self._open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data
        if not self._open.done():
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            assert b" 101 " in head, head
            self._open.set_result(None)
        at = 0
        while len(data) - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if len(data) < start + size:
                break
            assert data[at] == _TEXT, "the sandbox ended the connection"
            self.on_frame(data[start : start + size])
            at = start + size
        self._buffer = data[at:]

    async def open(self, path: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await self._open

    def send(self, text: bytes) -> None:
        """Send a text, masked with zeros: to mask it well is no work for the sandbox."""
        if len(text) < 126:
            head = bytes((0x81, 0x80 | len(text)))
        else:
            head = bytes((0x81, 0x80 | 126)) + len(text).to_bytes(2)
        self._transport.write(head + b"\0\0\0\0" + text)

    async def call(self, action: str, **payload: Any) -> Any:
        response: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def take(frame: bytes) -> None:
            content = json.loads(frame)
            if content.get("request_id") == action and content["type"] == "response":
                response.set_result(content)

        self.on_frame = take
        request = {"action": action, "request_id": action, "payload": payload}
        self.send(json.dumps(request).encode())
        content = await response
        assert content["success"], content
        return content["payload"]


async def _line(server: _Server, api: str, token: str) -> _Line:
    _, line = await asyncio.get_running_loop().create_connection(_Line, "127.0.0.1", server.port)
    await line.open(f"/v3.6/{api}/rtm/ws?organization_id={server.organization_id}")
    await line.call("login", token=token)
    return line


async def _measure(server: _Server) -> list[tuple[str, ...]]:
    lines: list[_Line] = []
    pings = asyncio.create_task(_ping(lines))
    try:
        load = await _chats(server, lines)
        return [await load.run(server, rate) for rate in RATES]
    finally:
        pings.cancel()


async def _chats(server: _Server, lines: list[_Line]) -> "_Load":
    for api in ("agent", "customer"):
        for token in server.tokens[f"{api}s"]:
            line = await _line(server, api, token)
            lines.append(line)
    agents, customers = lines[:AGENTS], lines[AGENTS:]
    chats = [(await customer.call("start_chat"))["chat_id"] for customer in customers]
    by_id = {agent_id(number): agent for number, agent in enumerate(agents)}
    owners: dict[str, _Line] = {}
    page: dict[str, Any] = {"limit": 100}
    while page:
        listed = await agents[0].call("list_chats", **page)
        for chat in listed["chats_summary"]:
            owners[chat["id"]] = next(
                by_id[user["id"]] for user in chat["users"] if user["id"] in by_id
            )
        next_page = listed.get("next_page_id")
        page = {"page_id": next_page} if next_page else {}
    assert len(owners) == CUSTOMERS, f"{len(owners)} chats have an agent"
    return _Load([(chat, customers[at], owners[chat]) for at, chat in enumerate(chats)])


async def _ping(lines: list[_Line]) -> None:
    while True:
        for line in list(lines):
            line.send(b'{"action":"ping"}')
        await asyncio.sleep(10)


class _Load:
    """Events of both ends of all chats in turn, and when they came to the other end."""

    def __init__(self, chats: list[tuple[str, _Line, _Line]]) -> None:
        self._chats = chats
        self._due: dict[bytes, float] = {}
        self._times: list[float] = []
        self._last = 0.0
        for _, customer, agent in chats:
            customer.on_frame = self._by_agent
            agent.on_frame = self._by_customer

    def _by_agent(self, frame: bytes) -> None:
        self._take(frame, b"from-agent-")

    def _by_customer(self, frame: bytes) -> None:
        self._take(frame, b"from-customer-")

    def _take(self, frame: bytes, mark: bytes) -> None:
        at = frame.find(mark)
        if at < 0:
            return
        now = time.perf_counter()
        due = self._due.pop(frame[at : frame.index(b'"', at)], None)
        if due is not None:
            self._times.append(now - due)
            self._last = now

    async def run(self, server: _Server, rate: int) -> tuple[str, ...]:
        self._due.clear()
        self._times.clear()
        count = rate * SECONDS
        used = server.cpu_seconds()
        begin = time.perf_counter()
        for number in range(count):
            due = begin + number / rate
            wait = due - time.perf_counter()
            if wait > 0.001:
                await asyncio.sleep(wait)
            self._send(number, due)
            if number % 20 == 0:
                await asyncio.sleep(0)
        # Nobody tells when the last push has come: one that is lost never does.
        while self._due and time.perf_counter() - max(self._last, begin) < QUIET:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        used = server.cpu_seconds() - used
        return self._row(rate, count, used)

    def _send(self, number: int, due: float) -> None:
        chat_id, customer, agent = self._chats[number // 2 % len(self._chats)]
        sender, name = (agent, "agent") if number % 2 else (customer, "customer")
        text = f"from-{name}-{number}"
        self._due[text.encode()] = due
        sender.send(
            b'{"action":"send_event","request_id":"%d","payload":{"chat_id":"%s",'
            b'"event":{"type":"message","text":"%s"}}}' % (number, chat_id.encode(), text.encode())
        )

    def _row(self, rate: int, count: int, used: float) -> tuple[str, ...]:
        times = sorted(self._times)
        percentiles = (times[len(times) // 2], times[len(times) * 99 // 100], times[-1])
        return (
            f"{rate:,}/s",
            f"{len(times):,} of {count:,}",
            *(f"{seconds * 1000:.1f} ms" for seconds in percentiles),
            f"{used / SECONDS:.0%} of a core",
            f"{used / count * 1e6:.0f} µs",
        )


if __name__ == "__main__":
    print(run())
