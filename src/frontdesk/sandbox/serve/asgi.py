"""The ASGI application: thin, since ``Backend.handle`` responds without waiting.

Responses leave after their work is durable. All requests of a turn of the event loop share one
commit::

    turn 1   request ─▶ handle ─┐
             request ─▶ handle ─┤
    turn 2                      └─▶ one commit ─▶ the responses leave
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

from frontdesk.errors import InternalError, StoreError
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.responses import HTTPResponse, error_response
from frontdesk.sandbox.calls.uploads import MAX_BODY, too_large
from frontdesk.sandbox.control.router import PREFIX, Control, ControlCaller
from frontdesk.sandbox.control.rtm import SandboxRTM
from frontdesk.sandbox.serve.rtm.endpoint import Endpoint

__all__ = ["CUT", "App", "Background"]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Background: TypeAlias = Callable[[], Coroutine[Any, Any, None]]

CUT: Final = "frontdesk.cut"
"""Name of the ASGI extension that ends a connection: called with true, it resets it."""
TICK: Final = 0.25
"""Seconds between looks at the sandbox's timers while nobody calls."""
MAX_SNAPSHOT: Final = 4 * 1024**3
MAX_DISCARDED: Final = 64 * 1024 * 1024
"""Bytes to read and drop of a request that is too long, so that its sender hears the response."""
DRIPS: Final = 20
_UNDONE: Final = (
    "the sandbox could not write its database; nothing of this call was kept, and calls work "
    "again as soon as it can"
)
_LOG: Final = logging.getLogger("frontdesk.sandbox")


class App:
    """The sandbox as an ASGI application.

    Args:
        backend: what responds.
        open_control: let callers from other machines use ``/__sandbox__``.

    ``rtm`` serves RTM connections, which come from the server itself: ASGI does not report pings.
    ``background`` are functions whose coroutines run as long as the application does.
    """

    def __init__(self, backend: Backend, *, open_control: bool = False) -> None:
        self.backend = backend
        self.rtm: Endpoint = Endpoint(backend, self.next_commit)
        self.background: list[Background] = [self._tick, self.rtm.run]
        rtm = SandboxRTM(self.rtm, backend)
        self.control: Control = Control(backend, rtm, open_to_all=open_control)
        self._uncommitted: list[tuple[asyncio.Future[None], int]] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Respond to one request, or serve one connection."""
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": "not served"})
            case "lifespan":
                await self._lifespan(receive, send)
            case other:
                raise ValueError(f"this application does not serve {other}")

    def next_commit(self) -> asyncio.Future[None]:
        """A future that is done when everything done so far is durable.

        The caller holds the world's lock since it did what is to be durable: whoever fails to
        commit meanwhile, in whatever thread, fails for this one too.
        """
        loop = asyncio.get_running_loop()
        if not self._uncommitted:
            loop.call_soon(self._commit)
        waiting: asyncio.Future[None] = loop.create_future()
        self._uncommitted.append((waiting, self.backend.world.rollbacks))
        return waiting

    def _commit(self) -> None:
        waiting, self._uncommitted = self._uncommitted, []
        failure: Exception | None = None
        world = self.backend.world
        with self.backend.lock:
            try:
                world.commit()
            except StoreError as error:
                failure = error
            except Exception as error:  # noqa: BLE001 - raised where somebody waits
                _LOG.exception("the work of some calls could not be kept")
                failure = error
        for future, rollbacks in waiting:
            if future.cancelled():
                continue
            if failure is None and rollbacks == world.rollbacks:
                future.set_result(None)
            else:
                future.set_exception(failure or StoreError(_UNDONE))

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        controls = scope["path"].startswith(PREFIX)
        body = await _read(receive, MAX_SNAPSHOT if controls else MAX_BODY)
        if body is None:
            response = error_response(too_large())
        elif controls:
            response = self._control(scope, headers, body)
        else:
            response = await self._call(scope, headers, body)
        if not response.debug_id:
            response.debug_id = self.backend.web.debug_id(headers)
        if response.fault is None:
            await _send(send, response)
        else:
            await _send_badly(scope, receive, send, response)

    async def _call(self, scope: Message, headers: dict[str, str], body: bytes) -> HTTPResponse:
        with self.backend.lock:
            response = self.backend.handle(scope["method"], scope["path"], headers, body)
            durable = self.next_commit()
        try:
            await durable
        except StoreError as error:
            return error_response(InternalError(str(error)))
        except Exception:  # noqa: BLE001 - logged where it happened
            return error_response(InternalError("Internal server error"))
        return response

    def _control(self, scope: Message, headers: dict[str, str], body: bytes) -> HTTPResponse:
        client = scope.get("client")
        caller = ControlCaller(client[0] if client else "", headers.get("origin"))
        query = scope["query_string"].decode("latin-1")
        return self.control.handle(scope["method"], scope["path"], query, body, caller)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        running = [asyncio.create_task(work()) for work in self.background]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        with self.backend.lock, suppress(StoreError):
            self.backend.world.commit()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                self.backend.tick()
            except StoreError:
                """The store has logged it; what is due is tried again."""
            except Exception:  # noqa: BLE001 - the next timers must run nevertheless
                _LOG.exception("a timer failed; this is a defect of the sandbox")


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The body of a request, None when it is too long."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body if len(body) <= limit else None
    chunks = [body]
    size = len(body)
    while message.get("more_body", False):
        message = await receive()
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > limit + MAX_DISCARDED:
            break
    return b"".join(chunks) if size <= limit else None


async def _send(send: Send, response: HTTPResponse) -> None:
    await send(_start(response))
    await send({"type": "http.response.body", "body": response.body})


def _start(response: HTTPResponse) -> Message:
    headers = [
        (b"content-type", response.content_type.encode("latin-1", "replace")),
        (b"content-length", b"%d" % len(response.body)),
        (b"x-debug-id", response.debug_id.encode("ascii")),
    ]
    if response.headers:
        headers += [
            (name.encode("ascii"), value.encode("latin-1")) for name, value in response.headers
        ]
    return {"type": "http.response.start", "status": response.status, "headers": headers}


async def _send_badly(scope: Message, receive: Receive, send: Send, response: HTTPResponse) -> None:
    """Send a response with the fault it has met."""
    fault = response.fault
    assert fault is not None
    match fault.kind:
        case "latency":
            await asyncio.sleep(fault.seconds)
            await _send(send, response)
        case "slow_body":
            await send(_start(response))
            step = max(1, len(response.body) // DRIPS)
            drips = [response.body[at : at + step] for at in range(0, len(response.body), step)]
            for drip in drips:
                await asyncio.sleep(fault.seconds / len(drips))
                await send({"type": "http.response.body", "body": drip, "more_body": True})
            await send({"type": "http.response.body"})
        case "truncated_body":
            await send(_start(response))
            half = response.body[: len(response.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            await _cut(scope, receive, reset=False)
        case "reset_before" | "reset_after":
            await _cut(scope, receive, reset=True)
        case _:
            await _send(send, response)


async def _cut(scope: Message, receive: Receive, *, reset: bool) -> None:
    extensions: dict[str, Any] = scope.get("extensions") or {}
    cut = extensions.get(CUT)
    if cut is None:
        raise ConnectionError("this server cannot cut connections")
    cut(reset)
    with suppress(Exception):
        while (await receive())["type"] != "http.disconnect":
            pass
