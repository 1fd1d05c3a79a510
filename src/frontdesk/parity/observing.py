"""What a story has seen of a service: each call with its response, and each push."""

import threading
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct

from frontdesk.codec.plain import is_object
from frontdesk.core.http_messages import Reply, Request
from frontdesk.recordings.recorder import PATH
from frontdesk.transport.base import Transport

__all__ = ["Exchange", "Observations", "ObservingTransport", "PushSeen"]


class Exchange(Struct, kw_only=True):
    """A call and its response; ``status`` is None over RTM, ``body`` is unset without any."""

    method: str
    via: Literal["web", "rtm"]
    success: bool
    status: int | None = None
    body: Any = UNSET


class PushSeen(Struct, kw_only=True):
    """A push."""

    action: str
    payload: Any


class Observations:
    """Collects what passes; fulfils ``transport.forwarding.Observer`` for RTM connections."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.pushes: list[PushSeen] = []
        self._requests: dict[str, str] = {}
        self._arrived = threading.Condition()

    def begin(self) -> None:
        """Begin with the next story."""
        self.exchanges, self.pushes = [], []

    def wait_for_pushes(self, count: int, timeout: float, chat_ids: set[Any]) -> None:
        """Wait until so many pushes about the chats have come, or the time is over."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self.pushes_about(chat_ids)) >= count, timeout)

    def wait_for_actions(self, actions: set[str], timeout: float) -> None:
        """Wait until each of the pushes has come once, or the time is over."""
        with self._arrived:
            self._arrived.wait_for(
                lambda: actions <= {push.action for push in self.pushes}, timeout
            )

    def pushes_about(self, chat_ids: set[Any]) -> list[PushSeen]:
        """Return the pushes about chats: an organization has other traffic too."""
        return [push for push in self.pushes if _chat_id(push.payload) in chat_ids]

    def web(self, method: str, reply: Reply) -> None:
        """See a response over HTTP."""
        success = reply.status < 300  # noqa: PLR2004 - HTTP's own limit of success
        body = _parsed(reply.body)
        self.exchanges.append(
            Exchange(method=method, via="web", success=success, status=reply.status, body=body)
        )

    def frame(self, connection: int | None, data: bytes, *, is_client: bool) -> None:
        """See a message on an RTM connection."""
        frame = _parsed(data)
        if connection is None or not is_object(frame):
            return
        request_id, action = str(frame.get("request_id")), str(frame.get("action"))
        if is_client:
            self._requests[request_id] = action
        elif frame.get("type") == "push":
            with self._arrived:
                self.pushes.append(PushSeen(action=action, payload=frame.get("payload")))
                self._arrived.notify_all()
        elif request_id in self._requests:
            exchange = Exchange(
                method=self._requests.pop(request_id),
                via="rtm",
                success=frame.get("success") is not False,
                body=frame.get("payload", UNSET),
            )
            if exchange.method not in ("login", "logout", "ping"):
                self.exchanges.append(exchange)

    def connected(self, url: str) -> int | None:
        """See a connection."""
        return 1

    def disconnected(
        self, connection: int | None, code: int | None = None, *, by_client: bool = True
    ) -> None:
        """See the end of a connection."""

    def request(self, verb: str, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """See a request over HTTP, of which RTM clients send none."""

    def response(
        self, number: int | None, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """See a response over HTTP."""

    def failed(self, number: int | None, error: BaseException) -> None:
        """See a request that failed."""

    def webhook(self, body: bytes, status: int | None) -> None:
        """See a webhook."""


class ObservingTransport:
    """Sends with another transport, and shows the responses to somebody."""

    def __init__(self, transport: Transport, observations: Observations) -> None:
        self._transport = transport
        self.observations = observations

    def send(self, request: Request) -> Reply:
        """Send one request and wait for the whole response."""
        reply = self._transport.send(request)
        match = PATH.search(request.url)
        self.observations.web(match[3] if match is not None else "", reply)
        return reply

    def close(self) -> None:
        """Close the connections of the other transport."""
        self._transport.close()


def _parsed(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data) if data.strip() else UNSET
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return UNSET


def _chat_id(payload: Any) -> str | None:
    if not is_object(payload):
        return None
    chat = payload.get("chat")
    value = chat.get("id") if is_object(chat) else payload.get("chat_id")
    return value if isinstance(value, str) else None
