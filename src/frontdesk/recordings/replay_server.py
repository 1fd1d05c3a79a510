"""A server on this machine that replays a recording: calls, pushes and webhooks."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import UNSET

from frontdesk.codec.plain import is_object
from frontdesk.core.http_messages import Reply, Request
from frontdesk.errors import TransportError
from frontdesk.hosts import is_loopback
from frontdesk.recordings.corpus import Corpus, read_corpus
from frontdesk.recordings.entries import CloseEntry, PushEntry, WebhookEntry
from frontdesk.recordings.recorder import PATH, RTM_PATH, parsed
from frontdesk.recordings.replay import Happening, RecordedExchange, Replay, UnrecordedCall
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.agent_rtm import AgentRTM
from frontdesk.rendered.async_agent import AsyncAgentClient
from frontdesk.transport.loopback import LoopbackServer, ServedRequest, ServedSocket

if TYPE_CHECKING:
    from frontdesk.transport.guarded import GuardedTransport

__all__ = ["ReplayServer"]

TOKEN: Final = "Bearer dal:any-token-is-good-here"  # noqa: S105 - a recording has no tokens
ORGANIZATION: Final = "00000000-0000-0000-0000-000000000000"
WEBHOOK_TIMEOUT: Final = 10.0
NOT_RECORDED: Final = "not_recorded"
"""The type of the error of a call that is not in the recording."""
_encode: Final = msgspec.json.Encoder().encode


class ReplayServer(LoopbackServer):
    """Serves a recording on this machine, over HTTP and RTM; closed in the end.

    Each call gets the response that was recorded for it; what is not recorded gets an error of the
    type ``not_recorded``, which says what is. Pushes and webhooks come at the places where they
    came, before or after a response. Any token is good.

    Args:
        recording: The recording, or its file.
        webhooks: Where recorded webhooks are sent, an address on this machine; nowhere by default.
        secret: What webhooks have as ``secret_key``, which a recording never holds.
        repeat: Give the last response again when all were given.
        host: The address to listen at, one of this machine.
        port: The port; 0 picks a free one.

    Raises:
        RecordingError: The file is no recording of this version.
        InvalidArgument: The host is not one of this machine alone.
        ServerError: The port cannot be listened at.
    """

    def __init__(
        self,
        recording: Corpus | str | os.PathLike[str],
        *,
        webhooks: str | None = None,
        secret: str = "",
        repeat: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        corpus = recording if isinstance(recording, Corpus) else read_corpus(recording)
        self.replay: Replay = Replay(corpus, repeat=repeat)
        super().__init__(_Replaying(self.replay, webhooks, secret), host=host, port=port)

    @property
    def left(self) -> list[RecordedExchange]:
        """The recorded calls that nobody has made yet."""
        return self.replay.left

    def client(self, **options: Any) -> AgentClient:
        """Return a client of this server; the options are those of ``AgentClient``."""
        return AgentClient(TOKEN, **self._connection(options))

    def async_client(self, **options: Any) -> AsyncAgentClient:
        """Return an async client of this server; otherwise as ``client``."""
        return AsyncAgentClient(TOKEN, **self._connection(options))

    def rtm_client(self, **options: Any) -> AgentRTM:
        """Return an RTM client of this server, for a ``with`` block."""
        options = {"organization_id": ORGANIZATION, **options}
        return AgentRTM(TOKEN, **self._connection(options))

    def _connection(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"base_url": self.url, "proxy": "", **options}


class _Replaying:
    def __init__(self, replay: Replay, webhooks: str | None, secret: str) -> None:
        self._replay = replay
        self._webhooks = webhooks
        self._secret = secret
        self._live: dict[int, ServedSocket] = {}
        """By the number of the connection in the recording."""
        self._waiting: dict[int, list[Happening]] = {}
        self._sender: GuardedTransport | None = None
        self._sending: set[asyncio.Task[None]] = set()

    async def respond(self, request: ServedRequest) -> Reply:
        parts = urlsplit(request.target)
        match = PATH.fullmatch(parts.path)
        api, name = match.group(2, 3) if match is not None else ("", parts.path)
        try:
            exchange = self._replay.exchange(name, _body(request, parts.query), api=api)
        except UnrecordedCall as error:
            return _refusal(error)
        await self._happen(exchange.before)
        response = exchange.response
        # What happens after a response must not come before it.
        self._later(exchange.after)
        if response.status is None:
            return Reply(0, {}, b"")
        body = b"" if response.body is UNSET else _encode(response.body)
        headers = {"content-type": "application/json", **response.headers}
        return Reply(response.status, headers, body)

    async def connect(
        self, request: ServedRequest, accept: Callable[[], Awaitable[ServedSocket]]
    ) -> Reply | None:
        match = RTM_PATH.fullmatch(urlsplit(request.target).path)
        try:
            connection = self._replay.connect(match[2] if match is not None else "")
        except UnrecordedCall as error:
            return _refusal(error)
        number = connection.opening.connection
        socket = await accept()
        self._live[number] = socket
        await self._happen((*connection.after, *self._waiting.pop(number, ())))
        try:
            while (data := await socket.receive()) is not None:
                await self._frame(socket, number, data)
        finally:
            self._live.pop(number, None)
            await socket.close()
        return None

    async def close(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._sender is not None:
            await self._sender.close()

    async def _frame(self, socket: ServedSocket, number: int, data: bytes) -> None:
        frame = parsed(data)
        if not is_object(frame):
            frame = {}
        name = str(frame.get("action"))
        envelope: dict[str, Any] = {
            "request_id": frame.get("request_id"),
            "action": name,
            "type": "response",
        }
        try:
            exchange = self._replay.exchange(
                name, frame.get("payload", UNSET), via="rtm", connection=number
            )
        except UnrecordedCall as error:
            if name == "ping":
                # When a client pings depends on the time alone.
                await socket.send(_encode(envelope | {"success": True, "payload": {}}))
                return
            refusal = {"error": {"type": NOT_RECORDED, "message": str(error)}}
            await socket.send(_encode(envelope | {"success": False, "payload": refusal}))
            return
        await self._happen(exchange.before)
        response = exchange.response
        payload: Any = {} if response.body is UNSET else response.body
        success = response.success is not False
        await socket.send(_encode(envelope | {"success": success, "payload": payload}))
        await self._happen(exchange.after)

    def _later(self, happenings: Iterable[Happening]) -> None:
        happenings = tuple(happenings)
        if happenings:
            task = asyncio.create_task(self._happen(happenings))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _happen(self, happenings: Iterable[Happening]) -> None:
        for happening in happenings:
            match happening:
                case WebhookEntry():
                    await self._send_webhook(happening)
                case PushEntry(connection=number) | CloseEntry(connection=number):
                    socket = self._live.get(number)
                    if isinstance(happening, CloseEntry):
                        if socket is not None and happening.by == "server":
                            await socket.close(happening.code or 1000)
                    elif socket is None:
                        self._waiting.setdefault(number, []).append(happening)
                    else:
                        await socket.send(_encode(happening.body))

    async def _send_webhook(self, webhook: WebhookEntry) -> None:
        if self._webhooks is None or not is_object(webhook.body):
            return
        if self._sender is None:
            from frontdesk.transport.guarded import GuardedTransport

            self._sender = GuardedTransport(_only_this_machine)
        body = _encode({**webhook.body, "secret_key": self._secret})
        headers = {"Content-Type": "application/json"}
        try:
            await self._sender.send(Request(self._webhooks, headers, body, WEBHOOK_TIMEOUT))
        except TransportError:
            """The application is not there for it, as it may be when the service sends one."""


def _only_this_machine(host: str, address: str, port: int) -> bool:
    return port > 0 and bool(host) and is_loopback(address)


def _body(request: ServedRequest, query: str) -> Any:
    if request.headers.get("Content-Type", "").startswith("multipart/"):
        return {"file_bytes": len(request.body)}
    if not request.body:
        # A method that is sent with GET has its fields in the query.
        return dict(parse_qsl(query)) if request.verb == "GET" else UNSET
    value = parsed(request.body)
    return {"body_bytes": len(request.body)} if value is None else value


def _refusal(error: UnrecordedCall) -> Reply:
    content = {"error": {"type": NOT_RECORDED, "message": str(error)}}
    headers = {"content-type": "application/json"}
    return Reply(HTTPStatus.NOT_FOUND, headers, _encode(content))
