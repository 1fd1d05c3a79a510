"""A small HTTP server on a thread, whose responses a test writes down; real sockets, real TLS."""

import asyncio
import json
import ssl
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from .server_loop import ServerLoop, settle, stop_accepting

T = TypeVar("T")

PATIENCE = 10.0
TLS_HANDSHAKE = b"\x16"


@dataclass
class Got:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    connection: int

    @property
    def name(self) -> str:
        return self.target.rpartition("/")[2]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Responder = Callable[["Connection", Got], Awaitable[bool]]
"""Sends a response; false ends the connection."""


@dataclass
class Connection:
    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def abort(self) -> None:
        self.writer.transport.abort()


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode("latin-1")


def reply(
    body: Any = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    keep: bool = True,
) -> Responder:
    """A response: JSON of anything but bytes, which go as they are."""
    data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    sent = {"Content-Type": "application/json", "Content-Length": str(len(data))}
    sent.update(headers or {})

    async def send(connection: Connection, got: Got) -> bool:
        connection.send(head(status, sent) + data)
        return keep

    return send


def error(
    type: str,
    message: str = "",
    *,
    status: int = 400,
    data: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Responder:
    envelope = {"type": type, "message": message} | ({} if data is None else {"data": data})
    return reply({"error": envelope}, status, headers)


def page(items: str, found: str, rows: list[Any], following: str | None = None) -> Responder:
    body = {items: rows, found: 1000} | ({"next_page_id": following} if following else {})
    return reply(body)


def html(text: str, status: int = 200) -> Responder:
    return reply(text.encode(), status, {"Content-Type": "text/html"})


def chosen(choose: Callable[[Got], Responder]) -> Responder:
    """The response that a function picks for the request."""

    async def send(connection: Connection, got: Got) -> bool:
        return await choose(got)(connection, got)

    return send


def raw(data: bytes) -> Responder:
    """These very bytes, and the end of the connection."""

    async def send(connection: Connection, got: Got) -> bool:
        connection.send(data)
        return False

    return send


def reset(after: bytes = b"") -> Responder:
    """A connection reset by the server after it has read the request and sent some bytes."""

    async def send(connection: Connection, got: Got) -> bool:
        if after:
            connection.send(after)
            await connection.writer.drain()
        connection.abort()
        return False

    return send


def silence() -> Responder:
    """No response, until the client gives up."""

    async def send(connection: Connection, got: Got) -> bool:
        await connection.reader.read()
        return False

    return send


def drip(pieces: int, every: float) -> Responder:
    """A body that comes a byte at a time."""

    async def send(connection: Connection, got: Got) -> bool:
        connection.send(head(200, {"Content-Length": str(pieces)}))
        for _ in range(pieces):
            if connection.writer.is_closing() or connection.reader.at_eof():
                break
            connection.send(b" ")
            await asyncio.sleep(every)
        return False

    return send


class Loopback:
    """The server. What is not in the script gets ``default``."""

    def __init__(self, ssl_context: ssl.SSLContext | None = None) -> None:
        self.requests: list[Got] = []
        self.default: Responder = reply()
        self.script: deque[Responder] = deque()
        self.opened = 0
        self.open = 0
        self.aborts_next = 0
        """How many connections to reset before anything is read."""
        self._ssl_context = ssl_context
        self._changed = threading.Condition()
        self._loop = ServerLoop()
        self._tasks: set[asyncio.Task[None]] = set()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(PATIENCE)

    def respond(self, *responses: Responder) -> Self:
        """Respond to the next requests like this."""
        self.script.extend(responses)
        return self

    @property
    def url(self) -> str:
        scheme = "https" if self._ssl_context else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def site(self) -> str:
        """The server as browsers see it: another site than a sandbox at 127.0.0.1."""
        return self.url.replace("127.0.0.1", "localhost")

    @property
    def last(self) -> Got:
        return self.requests[-1]

    @property
    def names(self) -> list[str]:
        return [got.name for got in self.requests]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the server counts has come true."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE)

    def end_connections(self) -> None:
        """Close all connections from the server's side."""
        self._loop.call_soon_threadsafe(self._cancel_tasks)
        self.wait_until(lambda: self.open == 0)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _cancel_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._ssl_context, backlog=512)
        )
        self.port: int = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        stop_accepting(server)
        self._loop.run_until_complete(self._end())
        server.close()
        self._loop.close()

    async def _end(self) -> None:
        """Leave no task behind, not even that of a connection that has only just arrived."""
        await settle()
        self._cancel_tasks()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _note(self, opened: int) -> None:
        with self._changed:
            self.open += opened
            self.opened += max(opened, 0)
            self._changed.notify_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._note(1)
        connection = Connection(self.opened, reader, writer)
        try:
            if self.aborts_next:
                self.aborts_next -= 1
                connection.abort()
                return
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await self._exchange(connection):
                    await writer.drain()
        finally:
            self._tasks.discard(task)
            with suppress(OSError):
                await writer.drain()
            writer.close()
            if self._ssl_context:
                # The other side's goodbye is not waited for.
                writer.transport.abort()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._note(-1)

    async def _exchange(self, connection: Connection) -> bool:
        first = await connection.reader.readexactly(1)
        if first == TLS_HANDSHAKE:
            connection.send(head(400, {"Connection": "close"}))
            return False
        rest = await connection.reader.readuntil(b"\r\n\r\n")
        lines = (first + rest).decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        pairs = (line.partition(":") for line in lines[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await connection.reader.readexactly(int(headers.get("content-length", 0)))
        got = Got(method, target, headers, body, connection.number)
        with self._changed:
            self.requests.append(got)
            respond = self.script.popleft() if self.script else self.default
            self._changed.notify_all()
        if method == "CONNECT":
            return await self._tunnel(connection, target)
        return await respond(connection, got)

    async def _tunnel(self, connection: Connection, target: str) -> bool:
        host, _, port = target.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        connection.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        both = [
            asyncio.ensure_future(_pipe(connection.reader, writer)),
            asyncio.ensure_future(_pipe(reader, connection.writer)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            # Before the wait, which the end of the server may cut short.
            writer.close()
            await asyncio.gather(*both, return_exceptions=True)
        return False


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
