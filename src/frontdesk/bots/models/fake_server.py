"""The HTTP of a fake model: one application for the interfaces of two providers."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

import msgspec

from frontdesk.bots.models import fake_anthropic, fake_openai
from frontdesk.bots.models.scripts import Script, ScriptEnded
from frontdesk.codec.plain import is_object
from frontdesk.errors import InvalidArgument

__all__ = ["ASGIApp", "FakeModelServer"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

PROTOCOLS: Final = {"/chat/completions": fake_openai, "/messages": fake_anthropic}
MAX_BODY: Final = 8 * 2**20
JSON: Final = b"application/json"
EVENTS: Final = b"text/event-stream"


class FakeModelServer:
    """An ASGI application that responds with what a script says."""

    def __init__(self, script: Script) -> None:
        self._script = script

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        path = scope["path"]
        protocol = next((each for end, each in PROTOCOLS.items() if path.endswith(end)), None)
        body = await _body(receive)
        if protocol is None or scope["method"] != "POST":
            await _respond(send, 404, {"error": {"message": f"there is no {path}"}})
            return
        if not _has_key(scope, protocol.KEY_HEADER):
            await _respond(send, 401, protocol.error("authentication_error", "no API key"))
            return
        try:
            request = protocol.read_request(_object(body))
        except (AttributeError, KeyError, TypeError):
            text = "`body` is not laid out as the provider's interface says"
            await _respond(send, 400, protocol.error("invalid_request_error", text))
            return
        except InvalidArgument as error:
            await _respond(send, 400, protocol.error("invalid_request_error", str(error)))
            return
        try:
            reply = self._script.next_reply(request)
        except ScriptEnded as error:
            # A status on which no client tries again.
            await _respond(send, 400, protocol.error("invalid_request_error", str(error)))
            return
        if request.is_stream:
            await _send_events(send, protocol.events(request, reply))
        elif reply.error is not None:
            await _respond(send, 500, protocol.error("api_error", _text(reply.error)))
        else:
            await _respond(send, 200, protocol.response(request, reply))


def _text(error: Exception) -> str:
    return str(error) or type(error).__name__


def _has_key(scope: Scope, name: bytes) -> bool:
    headers = dict(scope["headers"])
    return bool(headers.get(name, headers.get(b"authorization", b"")))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        data = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        data = None
    if not is_object(data):
        raise InvalidArgument("body", "must be a JSON object")
    return data


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        part = message.get("body", b"")
        size += len(part)
        if size <= MAX_BODY:
            parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts) if size <= MAX_BODY else b""


async def _respond(send: Send, status: int, data: Mapping[str, Any]) -> None:
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", JSON)]}
    )
    await send({"type": "http.response.body", "body": msgspec.json.encode(data)})


async def _send_events(send: Send, events: Iterator[bytes]) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", EVENTS)]}
    )
    for event in events:
        await send({"type": "http.response.body", "body": event, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
