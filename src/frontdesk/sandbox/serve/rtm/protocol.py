"""WebSocket on a transport of the server; ASGI would hide pings and cannot break connections."""

import asyncio
import logging
from email.utils import format_datetime, formatdate
from typing import Any, Final, cast

from msgspec.structs import replace
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from frontdesk.errors import APIError
from frontdesk.sandbox.calls.responses import error_body, status_of
from frontdesk.sandbox.serve.abort import cut
from frontdesk.sandbox.serve.callers import Caller, CallerRules
from frontdesk.sandbox.serve.rtm.connection import Connection
from frontdesk.sandbox.serve.rtm.endpoint import Endpoint

__all__ = ["RTMProtocol"]

MAX_FRAME: Final = 2**20
"""Bytes of the longest message to accept; a longer one ends the connection with code 1009."""
MAX_FRAGMENTS: Final = 10_000
"""Parts of a message; empty ones do not count."""
MAX_UNSENT: Final = 16 * 2**20
"""Bytes that may wait for a client that does not read; then its connection is cut."""
CLOSE_SECONDS: Final = 5
"""How long a client may take to say goodbye."""
GOING_AWAY: Final = 1001
_LOG: Final = logging.getLogger("frontdesk.sandbox.websocket")


class RTMProtocol(asyncio.Protocol):
    """One connection, from the request that opens it; fulfils ``connection.ConnectionSocket``.

    Args:
        endpoint: what serves it.
        callers: which callers it serves.
        server_state: whose ``connections`` the server closes when it stops.
    """

    def __init__(
        self, endpoint: Endpoint, callers: CallerRules, *, server_state: Any, **_: Any
    ) -> None:
        self._endpoint = endpoint
        self._callers = callers
        self._all: set[Any] = server_state.connections
        self._ws = ServerProtocol(max_size=MAX_FRAME, logger=_LOG)
        self._parts: list[bytes] = []
        self._connection: Connection | None = None
        self._muted = False
        self._closing = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._all.add(self)

    def data_received(self, data: bytes) -> None:
        """Read bytes."""
        if self._muted:
            return
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Request):
                self._opening(event)
            elif isinstance(event, Frame):
                self._frame(event)
        self._flush()

    def eof_received(self) -> bool:
        """Take note that the client sends no more."""
        if not self._muted:
            self._ws.receive_eof()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end."""
        self._all.discard(self)
        if self._connection is not None:
            self._endpoint.closed(self._connection)

    def shutdown(self) -> None:
        """End the connection because the server stops."""
        if self._connection is None or self._muted or self._connection.frozen:
            self._transport.abort()
            return
        self._endpoint.leave(self._connection)
        self._transport.close()

    def _opening(self, request: Request) -> None:
        try:
            self._check_caller(request)
            headers = {name.title(): value for name, value in request.headers.raw_items()}
            client = self._transport.get_extra_info("peername")
            handshake = replace(
                self._endpoint.admit(request.path, headers), ip=client[0] if client else ""
            )
        except APIError as error:
            self._ws.send_response(_refusal(error))
            self._flush()
            return
        response = self._ws.accept(request)
        if "Date" in response.headers:
            # Clients compare it with the times of events, which the sandbox's clock gives.
            del response.headers["Date"]
            response.headers["Date"] = format_datetime(self._endpoint.now(), usegmt=True)
        self._ws.send_response(response)
        self._flush()
        if self._ws.state is State.OPEN:
            self._connection = self._endpoint.open(handshake, self)

    def _check_caller(self, request: Request) -> None:
        """Raise ``AuthorizationError`` for a web page that nobody allowed."""
        client = self._transport.get_extra_info("peername")
        server = self._transport.get_extra_info("sockname")
        self._callers.check(
            Caller(
                headers={name.lower(): value for name, value in request.headers.raw_items()},
                hosts=request.headers.get_all("Host"),
                origins=request.headers.get_all("Origin"),
                address=client[0] if client else "",
                local=server[0] if server else "",
            )
        )

    def _frame(self, frame: Frame) -> None:
        connection = self._connection
        if connection is None:
            return
        match frame.opcode:
            case Opcode.TEXT | Opcode.BINARY | Opcode.CONT:
                if frame.data:
                    self._parts.append(bytes(frame.data))
                if len(self._parts) > MAX_FRAGMENTS:
                    self._transport.abort()
                elif frame.fin:
                    message = b"".join(self._parts)
                    self._parts.clear()
                    self._endpoint.receive(connection, message)
            case Opcode.PING | Opcode.PONG:
                self._endpoint.heard(connection)
            case _:
                """The library responds to the goodbye."""

    def _flush(self) -> None:
        for data in self._ws.data_to_send():
            if self._muted or (self._connection is not None and self._connection.frozen):
                continue
            if data:
                self._write(data)
            else:
                self._transport.close()
        if self._ws.close_expected() and not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)

    def write(self, data: bytes) -> None:
        """Send finished frames, if the connection is open."""
        if self._ws.state is not State.OPEN or self._muted:
            return
        self._write(data)

    def _write(self, data: bytes) -> None:
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            _LOG.warning("cut a connection whose client reads nothing")
            self._transport.abort()

    def ping(self) -> None:
        """Send a ping, unless nothing can be sent."""
        if self._ws.state is State.OPEN and not self._muted:
            self._ws.send_ping(b"")
            self._flush()

    def unsent(self) -> int:
        """How many bytes wait for the client to read."""
        return self._transport.get_write_buffer_size()

    def check(self, now: float) -> None:
        """Do nothing: the endpoint looks after the time of its connections."""

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye."""
        if self._ws.state is State.OPEN and not self._muted:
            self._ws.send_close(code, reason)
            self._flush()

    def cut(self, *, reset: bool) -> None:
        """End the connection without a word."""
        cut(self._transport, reset=reset)

    def read(self, *, on: bool) -> None:
        """Stop reading, or go on."""
        if self._transport.is_closing():
            return
        if on:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def mute(self) -> None:
        """Read and write nothing any more, without ending the connection."""
        self._muted = True


def _refusal(error: APIError) -> Response:
    """The response to a request that opens nothing; LiveChat documents none."""
    body = error_body(error)
    headers = Headers(
        [
            ("Date", formatdate(usegmt=True)),
            ("Connection", "close"),
            ("Content-Length", str(len(body))),
            ("Content-Type", "application/json"),
        ]
    )
    return Response(status_of(error), "Refused", headers, body)
