"""HTTP on a connection of the server, within bounds: uvicorn has none for what clients send first.

- the head of a request: its bytes, and the time that it may take;
- the time that its body may take, whose bytes the application bounds;
- what a connection asks for at a time, and what it does not read of the responses.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from frontdesk.errors import ServiceTimeout
from frontdesk.sandbox.calls.responses import error_body
from frontdesk.sandbox.serve.abort import cut
from frontdesk.sandbox.serve.asgi import COMPLETE, CUT, UNSENT

__all__ = ["HTTPProtocol", "ServerConnection", "connections_of", "sweep"]

MAX_HEAD: Final = 64 * 1024
"""Bytes of the request line, the headers and the trailers of a request."""
HEADER_COST: Final = 32
"""What a header counts besides its bytes, so that there cannot be very many empty ones."""
HEAD_SECONDS: Final = 5
"""How long a request may take to send its head, from the first byte."""
BODY_SECONDS: Final = 20
"""How long a request may take to send its body, however short that is."""
BODY_RATE: Final = 2**16
"""Bytes of a body that lengthen its time by a second."""
MAX_PIPELINED: Final = 256
"""Requests that a connection may send ahead of their responses."""
UNREAD_SECONDS: Final = 30
"""How long a client may read nothing of what waits for it."""
MAX_STALLED: Final = 64 * 2**20
"""Bytes that may wait for clients that read nothing, all together."""


class ServerConnection(Protocol):
    """A connection of the server, whatever it speaks."""

    def unsent(self) -> int:
        """How many bytes wait for the client to read."""
        ...

    def check(self, now: float) -> None:
        """End the connection if the client takes too long, at a time of the event loop."""
        ...

    def abort(self) -> None:
        """End the connection at once."""
        ...


class _HeadTooLong(Exception):
    """A request has more bytes in its head than it may."""


class HTTPProtocol(HttpToolsProtocol):
    """A connection that speaks HTTP, or is about to.

    It offers the ASGI extensions that cut it, that tell how much waits for all clients, and whether
    the request has come as a whole.
    """

    _active: RequestResponseCycle | None = None
    _in_body = False
    _body_bytes = 0
    _body_seconds = 0.0
    _body_checked = 0.0
    _accepts = True

    _head_bytes = 0
    _head_since: float | None = None
    _idle_since: float | None = None
    _unread_since: float | None = None
    _in_head = False
    _quiet_bytes = 0
    _heard = False
    _too_long = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._idle_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Have nothing written any more."""
        self._silence()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Respond to what has been asked for, though the client sends nothing more.

        Returns whether the connection goes on; TLS has no such state.
        """
        active = self._active
        if active is None or active.response_complete or self._is_reading(active):
            return False
        if self.scheme == "https":
            return False
        self._accept_no_more()
        return True

    def data_received(self, data: bytes) -> None:
        """Read bytes."""
        if not self._accepts:
            return
        self._idle_since = None
        self._heard = False
        super().data_received(data)
        # The parser gathers a header until it is whole, and says nothing meanwhile.
        self._quiet_bytes = 0 if self._heard else self._quiet_bytes + len(data)
        if self._quiet_bytes > MAX_HEAD and not self.transport.is_closing():
            self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        self._head_since = self.loop.time()
        scope: Any = self.scope
        scope["extensions"] = {CUT: self._cut, UNSENT: self._all_unsent, COMPLETE: False}

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is counted and dropped."""
        self._count(len(name) + len(value) + HEADER_COST)
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to respond, as soon as the requests before it have their responses."""
        self._in_head = False
        self._head_since = None
        if len(self.pipeline) >= MAX_PIPELINED:
            self._accept_no_more()
        if not self._accepts:
            return
        self._in_body = True
        self._body_bytes = 0
        self._body_seconds = 0.0
        self._body_checked = self.loop.time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._heard = True
        if self._accepts:
            self._body_bytes += len(body)
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        if self._accepts:
            self._in_body = False
            scope: Any = self.scope
            scope["extensions"][COMPLETE] = True
            super().on_message_complete()

    def pause_writing(self) -> None:
        """Take note that the client does not read."""
        super().pause_writing()
        self._unread_since = self.loop.time()

    def resume_writing(self) -> None:
        """Take note that the client reads."""
        super().resume_writing()
        self._unread_since = None

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, or too long a head."""
        if not self._accepts:
            return
        active = self._active
        if active is not None and not active.response_complete and not self._is_reading(active):
            # It would be taken for the response to a request before.
            self._accept_no_more()
        elif self._too_long:
            self._refuse(b"431 Request Header Fields Too Large")
        else:
            super().send_400_response(msg)

    def unsent(self) -> int:
        """How many bytes wait for the client to read."""
        return self.transport.get_write_buffer_size()

    def check(self, now: float) -> None:
        """End the connection if the client takes too long."""
        if self._head_since is not None and now - self._head_since > HEAD_SECONDS:
            # Without a word, as other servers do: whoever is that slow does not wait for one.
            self.abort()
        elif self._in_body and self._is_slow(now):
            self._end_slow_body()
        elif self._idle_since is not None and now - self._idle_since > self.timeout_keep_alive:
            self.transport.close()
        elif self._unread_since is not None and now - self._unread_since > UNREAD_SECONDS:
            self.abort()

    def abort(self) -> None:
        """End the connection at once."""
        self._silence()
        self.transport.abort()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._active = cycle
        super()._start_asgi_task(cycle, app)

    def _silence(self) -> None:
        """Have no response written any more; uvicorn takes care of the latest request alone."""
        for cycle in (self._active, self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()

    def _is_reading(self, cycle: RequestResponseCycle) -> bool:
        return self._in_body and cycle is self.cycle

    def _accept_no_more(self) -> None:
        """Respond to the requests that have come as a whole, and then end the connection."""
        last = self.cycle
        if self._in_body and self.pipeline:
            self.pipeline.popleft()
            last = (
                self.pipeline[0][0] if self.pipeline else cast("RequestResponseCycle", self._active)
            )
        last.keep_alive = False
        self._accepts = False
        self._in_body = False
        self._head_since = None

    def _is_slow(self, now: float) -> bool:
        """Whether the body of the request that is read takes too long."""
        passed = now - self._body_checked
        self._body_checked = now
        # Nobody reads it while an earlier request of the connection has its turn.
        if not self.flow.read_paused and not self.pipeline:
            self._body_seconds += passed
        return self._body_seconds > BODY_SECONDS + self._body_bytes / BODY_RATE

    def _end_slow_body(self) -> None:
        if self.cycle.response_started:
            self.abort()
            return
        error = ServiceTimeout(f"the body must come within {BODY_SECONDS} s, long ones in more")
        self._refuse(b"408 Request Timeout", error_body(error))

    def _count(self, size: int) -> None:
        self._heard = True
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD:
            self._too_long = True
            # The parser hands it on as an error of its own, which ends the connection.
            raise _HeadTooLong

    def _refuse(self, status: bytes, body: bytes = b"") -> None:
        self._silence()
        kind = b"content-type: application/json\r\n" if body else b""
        self.transport.write(
            b"HTTP/1.1 %s\r\n%scontent-length: %d\r\nconnection: close\r\n\r\n%s"
            % (status, kind, len(body), body)
        )
        self.transport.close()

    def _cut(self, reset: bool) -> None:
        cut(self.transport, reset=reset)

    def _all_unsent(self) -> int:
        return sum(connection.unsent() for connection in connections_of(self.server_state))


def connections_of(server_state: ServerState) -> list[ServerConnection]:
    """All connections of the server: they are of the two protocols that it was given."""
    return list(cast("Iterable[ServerConnection]", server_state.connections))


def sweep(
    connections: Iterable[ServerConnection], now: float, before: dict[ServerConnection, int]
) -> dict[ServerConnection, int]:
    """End the connections whose clients take too long, or let too much wait.

    Args:
        connections: all connections of the server.
        now: the time of the event loop.
        before: what the last sweep returned.

    Returns how many bytes wait for each client that reads slowly or not at all.
    """
    unsent: dict[ServerConnection, int] = {}
    for connection in list(connections):
        connection.check(now)
        size = connection.unsent()
        if size:
            unsent[connection] = size
    stalled = [slow for slow, size in unsent.items() if before.get(slow, 0) == size]
    total = sum(unsent[slow] for slow in stalled)
    for connection in sorted(stalled, key=unsent.__getitem__, reverse=True):
        if total <= MAX_STALLED:
            break
        total -= unsent[connection]
        connection.abort()
    return unsent
