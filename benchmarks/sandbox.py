"""The sandbox: ``send_event`` behind a socket and embedded."""

import http.client
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks._measure import table
from frontdesk.models import ChatsFilters, InitialChat, InitialThread, Message
from frontdesk.sandbox import Sandbox

CONNECTIONS = 16
CALLS = 30_000
EMBEDDED_CALLS = 10_000
CHATS = 10_000
TOKEN = "Bearer dal:sandbox-owner"


def run() -> str:
    rows = [("send_event", "calls/s", "p50 ms", "p99 ms", "sandbox CPU µs a call")]
    with tempfile.TemporaryDirectory() as folder:
        for name, options in (("memory", []), ("file", ["--db", str(Path(folder) / "desk.db")])):
            rate, median, high, cpu = served(options)
            case = f"{CONNECTIONS} connections, database in {name}"
            rows.append((case, f"{rate:,.0f}", f"{median:.2f}", f"{high:.2f}", f"{cpu:.0f}"))
    rows.append(("embedded, client included", "", "", "", f"{embedded():.0f}"))
    more = [
        ("what", "CPU", "at most"),
        ("a fresh demo world, as each test gets", f"{fresh_world():.1f} ms", "30 ms"),
        (f"24 h of moved clock with {CHATS:,} chats", f"{a_day():.1f} s", "seconds"),
    ]
    return table("The sandbox", rows) + "\n" + table("The sandbox's worlds", more)


def fresh_world() -> float:
    """The CPU in ms of one more world; the first one of a process makes the company."""
    Sandbox().close()
    started = time.process_time()
    for _ in range(20):
        Sandbox().close()
    return (time.process_time() - started) / 20 * 1e3


def a_day() -> float:
    """The CPU in seconds of a day in which that many open chats turn idle and are archived."""
    with Sandbox("empty") as sandbox:
        client = sandbox.client()
        for _ in range(CHATS):
            chat = InitialChat(thread=InitialThread(events=[Message(text="hello")]))
            client.start_chat(chat=chat)
        started = time.process_time()
        sandbox.advance(24 * 3600)
        took = time.process_time() - started
        assert not list(client.iter_chats(filters=ChatsFilters(active=True)))
        return took


def embedded() -> float:
    with Sandbox("empty") as sandbox:
        client = sandbox.client()
        chat_id = client.start_chat(continuous=True).chat_id
        message = Message(text="hello world")
        for _ in range(500):
            client.send_event(chat_id=chat_id, event=message)
        started = time.process_time()
        for _ in range(EMBEDDED_CALLS):
            client.send_event(chat_id=chat_id, event=message)
        return (time.process_time() - started) / EMBEDDED_CALLS * 1e6


def served(options: list[str]) -> tuple[float, float, float, float]:
    """Calls a second, median and 99th percentile in ms, and the server's CPU in µs a call."""
    process = subprocess.Popen(
        [sys.executable, "-m", "frontdesk", "sandbox", "--port", "0", "--seed", "empty", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = next(line for line in process.stdout if line.startswith("ready ")).split()[1]
        load(url, CALLS // 10)
        before = cpu_seconds(process.pid)
        seconds, waits = load(url, CALLS)
        cpu = cpu_seconds(process.pid) - before
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()
    waits.sort()
    return (
        CALLS / seconds,
        waits[CALLS // 2] * 1e3,
        waits[CALLS * 99 // 100] * 1e3,
        cpu / CALLS * 1e6,
    )


def load(url: str, calls: int) -> tuple[float, list[float]]:
    """Keep one call under way on each connection; the seconds it took, and each wait."""
    address = urlsplit(url)
    selector = selectors.DefaultSelector()
    started: dict[int, float] = {}
    waits: list[float] = []
    connections = [
        socket.create_connection((address.hostname, address.port)) for _ in range(CONNECTIONS)
    ]
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = event(new_chat(address.netloc))
        selector.register(connection, selectors.EVENT_READ, request)
    begun = time.perf_counter()
    for key in selector.get_map().values():
        started[key.fd] = time.perf_counter()
        key.fileobj.sendall(key.data)
    sent = len(connections)
    while len(waits) < calls:
        for key, _ in selector.select():
            response = key.fileobj.recv(65536)
            while not response.endswith(b"}"):
                response += key.fileobj.recv(65536)
            now = time.perf_counter()
            waits.append(now - started[key.fd])
            assert b'"event_id"' in response, response
            if sent < calls:
                started[key.fd] = now
                key.fileobj.sendall(key.data)
                sent += 1
    seconds = time.perf_counter() - begun
    for connection in connections:
        connection.close()
    selector.close()
    return seconds, waits


def new_chat(netloc: str) -> str:
    connection = http.client.HTTPConnection(netloc)
    headers = {"Authorization": TOKEN, "Content-Type": "application/json"}
    connection.request("POST", "/v3.6/agent/action/start_chat", '{"continuous":true}', headers)
    content = json.loads(connection.getresponse().read())
    connection.close()
    return str(content["chat_id"])


def event(chat_id: str) -> bytes:
    body = json.dumps({"chat_id": chat_id, "event": {"type": "message", "text": "hello world"}})
    return (
        "POST /v3.6/agent/action/send_event HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {TOKEN}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
