"""WebSocket connections for asyncio and for threads; the only file that imports ``websockets``.

Both kinds hand each message to a ``Listener`` as soon as it is parsed, without a queue or a task
in between, and take messages to send without waiting: the session never has more than a few
requests on the wire.
"""

import logging
import os
import socket
import ssl
import struct
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from queue import SimpleQueue
from secrets import token_bytes
from typing import Any, Final
from urllib.parse import urlsplit

import websockets.asyncio.client
import websockets.sync.client
from websockets.exceptions import (
    InvalidHandshake,
    InvalidProxy,
    InvalidProxyStatus,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)
from websockets.frames import Frame, Opcode
from websockets.protocol import State

try:
    from websockets.speedups import apply_mask
except ImportError:  # it was installed without its part in C
    from websockets.utils import apply_mask

from frontdesk.concurrency.event_loops import running_loop
from frontdesk.core.http_messages import Reply
from frontdesk.core.responses import error_of
from frontdesk.errors import FrontdeskError, InvalidArgument, NotTheAPI
from frontdesk.redaction import likeness, redacted, without_secrets
from frontdesk.transport.address import Listener, ServerAddress
from frontdesk.transport.failures import LIBRARIES, Failures, causes
from frontdesk.transport.tls import default_ssl_context, proxy_for

__all__ = ["AsyncSocket", "SyncSocket"]

TEXT, BINARY, CONT = Opcode.TEXT, Opcode.BINARY, Opcode.CONT
PING, PONG = Opcode.PING, Opcode.PONG
OPEN = State.OPEN

WHOLE_TEXT: Final = 0x80 | TEXT
MASKED: Final = 0x80
TWO_BYTES: Final = 126
"""Sizes from here on take two bytes of their own; this number says so."""
EIGHT_BYTES: Final = 65_536
_short_head: Final = struct.Struct("!BB4s").pack
_medium_head: Final = struct.Struct("!BBH4s").pack
_long_head: Final = struct.Struct("!BBQ4s").pack

CLOCK_DOUBT: Final = timedelta(seconds=60)
"""How wrong the clock of this machine may be, when the server does not tell its own time."""
SEND_TIMEOUT: Final = 10
"""Seconds after which a server that takes no data is given up."""


class AsyncSocket(websockets.asyncio.client.ClientConnection):
    """A connection in an event loop."""

    def __init__(self, listener: Listener, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._inbox = _Inbox(listener)

    @classmethod
    async def open(
        cls, address: ServerAddress, region: str | None, listener: Listener
    ) -> "AsyncSocket":
        """Connect; raise ``ConnectError``, or the error of the server's response."""
        running_loop()
        create: Any = partial(cls, listener)
        try:
            connection = await websockets.asyncio.client.connect(
                **_options(address, region), create_connection=create
            )
        except BaseException as error:  # noqa: BLE001 - whatever it is, it must hold no secrets
            failure = _open_failure(error, address)
        else:
            assert isinstance(connection, AsyncSocket)
            return connection
        # Outside of the clause, or the library's exception would be the context of ours.
        raise failure

    @property
    def server_time(self) -> datetime:
        """The server's time when the connection was opened, or a little earlier."""
        return _time_of(self.response)

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self.protocol.state is OPEN

    def send_message(self, data: bytes) -> bool:
        """Send a text message; return whether it was, which it is not on an ending connection."""
        if self.protocol.state is not OPEN or self.transport.is_closing():
            return False
        self.transport.write(_text_frame(data))
        return True

    def send_ping(self) -> None:
        """Send a ping."""
        if self.protocol.state is OPEN:
            self.protocol.send_ping(b"")
            self.send_data()

    def abort(self) -> None:
        """End the connection at once."""
        self.transport.abort()

    def process_event(self, event: Any) -> None:
        """Hand a frame on without queueing it."""
        if self.response is None:
            _follow_no_redirect(event)
            super().process_event(event)
        else:
            self._inbox.take(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the end."""
        super().connection_lost(exc)
        self._inbox.listener.on_closed(_why(self.protocol, exc))


class SyncSocket(websockets.sync.client.ClientConnection):
    """A connection with a thread of its own, which reads and calls the listener.

    Sending never waits: what the system does not take at once is sent by a second thread.
    """

    def __init__(self, listener: Listener, sock: socket.socket, *args: Any, **options: Any) -> None:
        self._inbox = _Inbox(listener)
        self._outbox = _Outbox(sock)
        _limit_sending(sock)
        super().__init__(sock, *args, **options)

    @classmethod
    def open(cls, address: ServerAddress, region: str | None, listener: Listener) -> "SyncSocket":
        """Connect; raise ``ConnectError``, or the error of the server's response."""
        connect: Any = websockets.sync.client.connect
        create: Any = partial(cls, listener)
        try:
            connection = connect(**_options(address, region), create_connection=create)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it must hold no secrets
            failure = _open_failure(error, address)
        else:
            assert isinstance(connection, SyncSocket)
            return connection
        # Outside of the clause, or the library's exception would be the context of ours.
        raise failure

    @property
    def server_time(self) -> datetime:
        """The server's time when the connection was opened, or a little earlier."""
        return _time_of(self.response)

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self.protocol.state is OPEN

    def send_message(self, data: bytes) -> bool:
        """Send a text message; return whether it was, which it is not on an ending connection."""
        with self.protocol_mutex:
            if self.protocol.state is not OPEN:
                return False
            with suppress(OSError):  # the reading thread reports it
                self._outbox.send(_text_frame(data))
            return True

    def send_ping(self) -> None:
        """Send a ping."""
        with self.protocol_mutex:
            if self.protocol.state is OPEN:
                self.protocol.send_ping(b"")
                self._flush()

    def abort(self) -> None:
        """End the connection at once."""
        self.close_socket()

    def process_event(self, event: Any) -> None:
        """Hand a frame on without queueing it."""
        if self.response is None:
            _follow_no_redirect(event)
            super().process_event(event)
        else:
            self._inbox.take(event)

    def send_data(self) -> None:
        """Send what the protocol has to send, without waiting once the connection is open."""
        if self.response is None:
            super().send_data()
        else:
            for data in self.protocol.data_to_send():
                self._outbox.send(data)

    def recv_events(self) -> None:
        """Read until the end, and report it."""
        super().recv_events()
        self._inbox.listener.on_closed(_why(self.protocol, self._outbox.error))

    def close_socket(self) -> None:
        """End the connection at once, and the thread that sends."""
        self._outbox.stop()
        super().close_socket()

    def maybe_raise_legacy_warning(self) -> None:
        """The ``with`` block that the library asks for is the session's."""

    def _flush(self) -> None:
        try:
            self.send_data()
        except OSError:
            """The reading thread reports it."""


def _text_frame(data: bytes) -> bytes:
    """Build the frame of a whole text message, as a client has to: masked (RFC 6455, 5.2).

    The library's way takes three times as long, a tenth of a round trip over loopback.
    """
    mask, size = token_bytes(4), len(data)
    if size < TWO_BYTES:
        head = _short_head(WHOLE_TEXT, MASKED | size, mask)
    elif size < EIGHT_BYTES:
        head = _medium_head(WHOLE_TEXT, MASKED | TWO_BYTES, size, mask)
    else:
        head = _long_head(WHOLE_TEXT, MASKED | TWO_BYTES + 1, size, mask)
    return head + apply_mask(data, mask)


class _Outbox:
    """What is to be sent over a socket: at once if the system takes it, else by a thread.

    ``send`` has one caller at a time.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.error: OSError | None = None
        """Why nothing can be sent any more."""
        self._socket = sock
        # TLS knows no sending without waiting for one direction alone, and Windows has no flag.
        flag = None if isinstance(sock, ssl.SSLSocket) else getattr(socket, "MSG_DONTWAIT", None)
        self._no_wait: int | None = flag
        self._jobs: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._given = self._done = 0
        """How many jobs the thread was given, and has done; each has one writer."""

    def send(self, data: bytes) -> None:
        """Send data, or end the stream where it is empty; raises what went wrong before."""
        if self.error is not None:
            if data:
                raise self.error
            return
        if self._no_wait is not None and self._given == self._done:
            if not data:
                self._shut(socket.SHUT_WR)
                return
            try:
                sent = self._socket.send(data, self._no_wait)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                self._fail(error)
                raise
            if sent == len(data):
                return
            data = data[sent:]
        self._given += 1
        self._jobs.put(data)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="frontdesk-send", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Send nothing more."""
        self._shut(socket.SHUT_RDWR)  # closing alone would not wake a thread that sends
        self._jobs.put(None)

    def _work(self) -> None:
        while (data := self._jobs.get()) is not None:
            try:
                if data:
                    self._socket.sendall(data)
                else:
                    self._shut(socket.SHUT_WR)
            except OSError as error:
                self._fail(error)
                return
            self._done += 1

    def _fail(self, error: OSError) -> None:
        self.error = error
        self._shut(socket.SHUT_RDWR)  # wakes the reading thread, which then reports the end

    def _shut(self, how: int) -> None:
        with suppress(OSError):
            # Not the method of `SSLSocket`: it would let a thread that sends go on without TLS.
            socket.socket.shutdown(self._socket, how)


class _Inbox:
    """Puts frames together to messages."""

    __slots__ = ("_on_message", "_parts", "listener")

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self._on_message = listener.on_message
        self._parts: list[bytes] = []

    def take(self, frame: Frame) -> None:
        opcode = frame.opcode
        if opcode is TEXT and frame.fin:
            self._on_message(bytes(frame.data))
        elif opcode is TEXT or opcode is BINARY or opcode is CONT:
            self._parts.append(bytes(frame.data))
            if frame.fin:
                whole = b"".join(self._parts)
                self._parts.clear()
                self._on_message(whole)
        elif opcode is PONG or opcode is PING:
            self.listener.on_life()


class _Silent(logging.LoggerAdapter[logging.Logger]):
    """Keeps the library from logging frames, because the log-in's frame holds the token."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - logging's name
        return level > logging.DEBUG and super().isEnabledFor(level)

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        """Put an exception into the message, redacted: its own text may hold what was sent."""
        error = sys.exc_info()[1] if kwargs.pop("exc_info", None) else None
        return redacted(f"{msg}: {error!r}" if error is not None else str(msg)), kwargs


_silent: Final = _Silent(logging.getLogger("frontdesk.websocket"), {})


def _options(address: ServerAddress, region: str | None) -> dict[str, Any]:
    """Arguments that both kinds of connections understand."""
    headers = dict(address.headers)
    agent = headers.pop("User-Agent", None)
    headers.pop("Accept-Encoding", None)
    if region:
        headers["X-Region"] = region
    secure = address.base_url.startswith("https:")
    return {
        "uri": f"ws{address.base_url.removeprefix('http')}{address.path}",
        "additional_headers": headers,
        "user_agent_header": agent,
        "proxy": proxy_for(address.base_url, address.proxy),
        "ssl": (address.ssl_context or default_ssl_context()) if secure else None,
        "open_timeout": address.open_timeout,
        "close_timeout": address.close_timeout,
        "max_size": address.max_frame,
        "compression": None,
        "ping_interval": None,
        "logger": _silent,
    }


def _follow_no_redirect(response: Any) -> None:
    """Hide where a redirect leads: the log-in's token is meant for one server."""
    if "Location" in response.headers:
        del response.headers["Location"]


def _limit_sending(sock: socket.socket) -> None:
    """Let a blocked ``send`` fail in the end, where the system knows how."""
    option = getattr(socket, "SO_SNDTIMEO", None)
    if option is not None and os.name == "posix":
        sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", SEND_TIMEOUT, 0))


def _time_of(response: Any) -> datetime:
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (LookupError, TypeError, ValueError):
        return datetime.now(UTC) - CLOCK_DOUBT


def _why(protocol: Any, error: BaseException | None) -> str:
    if protocol.close_rcvd is not None:
        code, reason = protocol.close_rcvd.code, protocol.close_rcvd.reason
        return redacted(f"closed by the server: {code} {reason}".rstrip())
    if protocol.close_sent is not None and protocol.close_sent.reason:
        return f"closed here: {protocol.close_sent.reason}"
    return type(error).__name__ if error is not None else "lost"


def _open_failure(error: BaseException, address: ServerAddress) -> BaseException:
    """Return the error to raise, with nothing of the library's in its chain."""
    without_secrets(error, *LIBRARIES, __name__)
    if isinstance(error, FrontdeskError) or not isinstance(error, Exception):
        return error
    failure = _open_error(error, address)
    if failure.__cause__ is None:
        failure.__cause__ = likeness(error, *LIBRARIES)
    return failure


def _open_error(error: Exception, address: ServerAddress) -> FrontdeskError:
    host = urlsplit(address.base_url).netloc
    failures = Failures(address.base_url, proxy_for(address.base_url, address.proxy))
    match error:
        case InvalidStatus(response=response):
            headers = {name.lower(): value for name, value in response.headers.raw_items()}
            body = bytes(response.body or b"")
            refused = error_of(Reply(response.status_code, headers, body), "connect")
            return refused or _not_a_websocket(host)
        case InvalidProxyStatus(response=response):
            return failures.proxy_refused(response.status_code, response.reason_phrase)
        case ProxyError() | InvalidProxy():
            if any(isinstance(link, OSError) for link in causes(error)):
                return failures.unconnected(error, address.open_timeout)
            return failures.unreachable("the proxy did not understand")
        case OSError() | EOFError() | UnicodeError():
            return failures.unconnected(error, address.open_timeout)
        case InvalidHandshake():
            return _not_a_websocket(host)
        case InvalidURI():
            return InvalidArgument("base_url", "is not an address to connect to")
        case _:
            return failures.unreachable(repr(error))


def _not_a_websocket(host: str) -> NotTheAPI:
    return NotTheAPI(f"{host} does not respond as a WebSocket server; check `base_url`")
