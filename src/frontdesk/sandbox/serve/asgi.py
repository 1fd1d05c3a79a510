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
from urllib.parse import parse_qs, quote

from frontdesk.errors import APIError, EntityTooLarge, InternalError, ServiceUnavailable, StoreError
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.accounts.names import is_accounts, is_page, path_at_host
from frontdesk.sandbox.calls.recording import KEPT_BYTES
from frontdesk.sandbox.calls.responses import HTTPResponse, error_response
from frontdesk.sandbox.calls.web.customer_calls import is_customers
from frontdesk.sandbox.calls.web.uploads import MAX_BODY, too_large
from frontdesk.sandbox.control.dispatch import MAX_SNAPSHOT, PREFIX, Control, most_bytes
from frontdesk.sandbox.control.home import HOME
from frontdesk.sandbox.control.rtm import SandboxRTM
from frontdesk.sandbox.serve.bodies import BodyBudget, Gone, Receive, RequestBody, discard
from frontdesk.sandbox.serve.callers import Caller, CallerRules
from frontdesk.sandbox.serve.cors import allow, preflight
from frontdesk.sandbox.serve.event_stream import EventStreams, Place
from frontdesk.sandbox.serve.rtm.endpoint import Endpoint

__all__ = ["COMPLETE", "CUT", "UNSENT", "App", "Background"]

Message: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Background: TypeAlias = Callable[[], Coroutine[Any, Any, None]]

CUT: Final = "frontdesk.cut"
"""Name of the ASGI extension that ends a connection: called with true, it resets it."""
UNSENT: Final = "frontdesk.unsent"
"""Name of the ASGI extension that tells how many bytes wait for all clients to read."""
COMPLETE: Final = "frontdesk.complete"
"""Name of the ASGI extension that says whether all of the request has come."""
MAX_UNSENT: Final = 256 * 2**20
"""Bytes that may wait before long responses are refused."""
MAX_ACCOUNTS: Final = 64 * 1024
"""Bytes of the longest body that the accounts server takes."""
EVENTS: Final = f"{PREFIX}/events"
"""Where what happens is streamed."""
UPLOAD: Final = "/upload_file"
"""What the path of the method ends with whose body is a file."""
LONG: Final = 256 * 1024
"""Bytes of a response that counts as long; shorter ones are bounded by their connections."""
TICK: Final = 0.25
"""Seconds between looks at the sandbox's timers while nobody calls."""
SHORT_SECONDS: Final = 1
"""How long a short body is waited for that is only to be recorded."""
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
        callers: which callers it serves; defaults to those of this machine.

    ``rtm`` serves RTM connections, which come from the server itself: ASGI does not report pings.
    ``background`` are functions whose coroutines run as long as the application does.
    """

    def __init__(self, backend: Backend, callers: CallerRules | None = None) -> None:
        self.backend = backend
        self.callers: CallerRules = callers or CallerRules()
        self.rtm: Endpoint = Endpoint(backend, self.next_commit)
        self.background: list[Background] = [self._tick, self.rtm.run]
        rtm = SandboxRTM(self.rtm, backend)
        self.control: Control = Control(backend, rtm)
        self.files_follow_host: bool = False
        """Files have the address that each caller uses, where the sandbox has several."""
        self._bodies = BodyBudget()
        # One of the longest, or some: snapshots are for those whom the controls are for.
        self._snapshots = BodyBudget(MAX_SNAPSHOT)
        self._stopping = asyncio.Event()
        self._events = EventStreams(backend, self._stopping)
        self._uncommitted: list[tuple[asyncio.Future[None], int]] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Respond to one request, or serve one connection."""
        match scope["type"]:
            case "http":
                with suppress(Gone):
                    await self._http(_at_host(scope), receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": "not served"})
            case "lifespan":
                await self._lifespan(receive, send)
            case other:
                raise ValueError(f"this application does not serve {other}")

    def stop(self) -> None:
        """Hold up no call any more, because the server stops; called in its loop."""
        self._stopping.set()
        self.rtm.hurry()

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
        # The page at `/` shows the tokens, so it is for those whom the controls are for.
        is_home = scope["path"] == HOME and scope["method"] in ("GET", "HEAD")
        controls = is_home or scope["path"].startswith(PREFIX)
        try:
            origin = self._check_caller(scope, headers, controls=controls)
        except APIError as error:
            response = self.backend.failure(scope["path"], error)
            await self._refuse(scope, receive, send, headers, response)
            return
        if scope["path"] == EVENTS and scope["method"] == "GET":
            await self._events.serve(_place(scope, headers), receive, send)
            return
        limit = most_bytes(scope["path"]) if controls else _longest(scope["path"])
        budget = self._snapshots if limit == MAX_SNAPSHOT else self._bodies
        with RequestBody(receive, _announced(headers), limit, budget) as body:
            try:
                if controls:
                    response = self._control(scope, headers, await body.read())
                elif origin is not None and scope["method"] == "OPTIONS":
                    await body.read()
                    response = preflight(headers, scope["path"])
                else:
                    response = await self._respond(scope, headers, body)
            except APIError as error:
                response = self.backend.failure(scope["path"], _documented(scope["path"], error))
            whole = body.complete
        if len(response.body) > LONG and _unsent(scope) > MAX_UNSENT:
            response = error_response(
                ServiceUnavailable("too many responses wait for their clients to read them")
            )
        self._complete(scope, response, headers, origin)
        if not whole:
            response.headers = (*response.headers, ("Connection", "close"))
        if response.fault is not None:
            await self._send_badly(scope, receive, send, response)
        elif whole:
            await _send(send, response)
        else:
            await _send_early(receive, send, response)

    def _check_caller(
        self, scope: Message, headers: dict[str, str], *, controls: bool
    ) -> str | None:
        """The origin of the page that calls, if one does; raises ``AuthorizationError``."""
        pairs: list[tuple[bytes, bytes]] = scope["headers"]
        pages = controls or is_page(scope["path"])
        if not pages and len(pairs) == len(headers) and self.callers.knows(headers):
            return None
        server = scope.get("server")
        caller = Caller(
            headers=headers,
            hosts=[value.decode("latin-1") for name, value in pairs if name == b"host"],
            origins=[value.decode("latin-1") for name, value in pairs if name == b"origin"],
            address=_address(scope),
            local=server[0] if server else "",
        )
        if controls:
            self.callers.check_control(caller)
            return None
        reads = scope["method"] in ("GET", "HEAD")
        if is_page(scope["path"]):
            self.callers.check_page(caller, reads=reads)
            return None
        return self.callers.check(caller, reads=reads)

    def _complete(
        self,
        scope: Message,
        response: HTTPResponse,
        headers: dict[str, str],
        origin: str | None,
    ) -> None:
        if not response.debug_id:
            response.debug_id = self.backend.web.debug_id(headers)
        if origin is not None and response.for_pages:
            response.headers = (*response.headers, *allow(scope["path"], origin))

    async def _refuse(
        self,
        scope: Message,
        receive: Receive,
        send: Send,
        headers: dict[str, str],
        response: HTTPResponse,
    ) -> None:
        """Respond to a request at once, and then drop what is still sent of it."""
        self._complete(scope, response, headers, None)
        response.headers = (*response.headers, ("Connection", "close"))
        await _send_early(receive, send, response)

    async def _respond(
        self, scope: Message, headers: dict[str, str], body: RequestBody
    ) -> HTTPResponse:
        """Respond to a call, at once if it is refused whatever its body says."""
        extensions: dict[str, Any] = scope.get("extensions") or {}
        if not extensions.get(COMPLETE):
            response = await self._refusal(scope, headers, body)
            if response is not None:
                return response
        return await self._call(scope, headers, await body.read())

    async def _refusal(
        self, scope: Message, headers: dict[str, str], body: RequestBody
    ) -> HTTPResponse | None:
        request, address = (scope["method"], _target(scope), headers), _address(scope)
        with self.backend.lock:
            if self.backend.reads_body(*request, address=address):
                return None
        # Most clients send the head of a request by itself, and calls are recorded with bodies.
        short = body.announced is not None and body.announced <= KEPT_BYTES
        if short and await body.comes_within(SHORT_SECONDS):
            return None
        with self.backend.lock:
            if self.backend.reads_body(*request, address=address):
                return None
            response, durable = self._handle(scope, headers, b"")
        return await self._once(durable, scope["path"], response)

    async def _call(self, scope: Message, headers: dict[str, str], body: bytes) -> HTTPResponse:
        with self.backend.lock:
            response, durable = self._handle(scope, headers, body)
        return await self._once(durable, scope["path"], response)

    async def _once(
        self, durable: asyncio.Future[None], path: str, response: HTTPResponse
    ) -> HTTPResponse:
        """Return a response when its work is durable, or the error if it cannot be."""
        try:
            await durable
        except StoreError as error:
            return self.backend.failure(path, InternalError(str(error)))
        except Exception:  # noqa: BLE001 - logged where it happened
            return self.backend.failure(path, InternalError("Internal server error"))
        return response

    def _handle(
        self, scope: Message, headers: dict[str, str], body: bytes
    ) -> tuple[HTTPResponse, asyncio.Future[None]]:
        """Respond to a call; the lock is held. The future is done when its work is durable."""
        if self.files_follow_host:
            self.backend.serve_at(f"{scope['scheme']}://{headers['host']}")
        response = self.backend.handle(
            scope["method"], _target(scope), headers, body, address=_address(scope)
        )
        return response, self.next_commit()

    def _control(self, scope: Message, headers: dict[str, str], body: bytes) -> HTTPResponse:
        if scope["path"] == HOME:
            return self.control.home(f"{scope['scheme']}://{headers['host']}")
        query = scope["query_string"].decode("latin-1")
        # Decoded, the path does not tell a `/` within a name from one between two.
        raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        return self.control.handle(scope["method"], raw.decode("latin-1"), query, body)

    async def _send_badly(
        self, scope: Message, receive: Receive, send: Send, response: HTTPResponse
    ) -> None:
        """Send a response with the fault it has met."""
        fault = response.fault
        assert fault is not None
        match fault.kind:
            case "latency":
                await self._pause(fault.seconds, receive)
                await _send(send, response)
            case "slow_body":
                await send(_start(response))
                step = max(1, len(response.body) // DRIPS)
                drips = [response.body[at : at + step] for at in range(0, len(response.body), step)]
                for drip in drips:
                    await self._pause(fault.seconds / len(drips), receive)
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

    async def _pause(self, seconds: float, receive: Receive) -> None:
        """Let time pass, unless the server stops or the client goes away."""
        ends = (
            asyncio.ensure_future(self._stopping.wait()),
            asyncio.ensure_future(_until_gone(receive)),
        )
        try:
            await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        running = [asyncio.create_task(work()) for work in self.background]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._events.close()
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


def _at_host(scope: Message) -> Message:
    """A request with the path that its own stands for at the host name that the caller uses."""
    path: str = scope["path"]
    for name, value in scope["headers"]:
        if name == b"host":
            path = path_at_host(value.decode("latin-1"), path)
            break
    return scope if path == scope["path"] else {**scope, "path": path}


def _documented(path: str, error: APIError) -> APIError:
    """The error of a request; files that are too large have one of their own."""
    is_file = isinstance(error, EntityTooLarge) and path.endswith(UPLOAD)
    return too_large() if is_file else error


def _longest(path: str) -> int:
    """The longest body of a request that is for no control, in bytes."""
    return MAX_ACCOUNTS if is_accounts(path) else MAX_BODY


def _announced(headers: dict[str, str]) -> int | None:
    """How long a body is said to be, None if that is not known."""
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None


async def _send_early(receive: Receive, send: Send, response: HTTPResponse) -> None:
    """Send a response before all of its request has come, and drop the rest of that."""
    await send(_start(response))
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    await discard(receive)
    await send({"type": "http.response.body"})


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


async def _cut(scope: Message, receive: Receive, *, reset: bool) -> None:
    extensions: dict[str, Any] = scope.get("extensions") or {}
    cut = extensions.get(CUT)
    if cut is None:
        raise ConnectionError("this server cannot cut connections")
    cut(reset)
    with suppress(Exception):
        await _until_gone(receive)


def _target(scope: Message) -> str:
    """The path of a request, with its query where that means something."""
    path: str = scope["path"]
    if scope["query_string"] and (is_accounts(path) or is_customers(path)):
        return f"{path}?{scope['query_string'].decode('latin-1')}"
    return path


def _address(scope: Message) -> str:
    """Where a request comes from."""
    client = scope.get("client")
    return client[0] if client else ""


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _place(scope: Message, headers: dict[str, str]) -> Place:
    """How far a reader of the stream of events has read."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    return Place.of(query.get("after", [""])[0] or headers.get("last-event-id", ""))


def _unsent(scope: Message) -> int:
    extensions: dict[str, Any] = scope.get("extensions") or {}
    unsent = extensions.get(UNSENT)
    return 0 if unsent is None else unsent()
