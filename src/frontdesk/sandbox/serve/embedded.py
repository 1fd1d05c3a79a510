"""Transports that call the sandbox in this process, without a socket and without an event loop."""

import asyncio
import time

from frontdesk.core.http_messages import ReplyHeaders
from frontdesk.errors import ConnectionClosed, RequestTimeout
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.responses import HTTPResponse
from frontdesk.transport import Reply, Request

__all__ = ["AsyncDirectTransport", "DirectTransport"]


class DirectTransport:
    """Fulfils ``frontdesk.transport.Transport``; faults become the errors that a socket would give.

    Args:
        backend: the sandbox to call.
        base_url: what the URLs of requests begin with.
    """

    def __init__(self, backend: Backend, base_url: str) -> None:
        self._backend = backend
        self._prefix = len(base_url)

    def send(self, request: Request) -> Reply:
        """Have one request carried out."""
        response = _respond(self._backend, request, self._prefix)
        if response.fault is not None and (pause := _pause(response, request.timeout)):
            time.sleep(pause)
        return _reply(response)

    def close(self) -> None:
        """Do nothing: there are no connections."""


class AsyncDirectTransport:
    """Fulfils ``frontdesk.transport.AsyncTransport``; otherwise as ``DirectTransport``."""

    def __init__(self, backend: Backend, base_url: str) -> None:
        self._backend = backend
        self._prefix = len(base_url)

    async def send(self, request: Request) -> Reply:
        """Have one request carried out."""
        response = _respond(self._backend, request, self._prefix)
        if response.fault is not None and (pause := _pause(response, request.timeout)):
            await asyncio.sleep(pause)
        return _reply(response)

    async def close(self) -> None:
        """Do nothing: there are no connections."""


def _respond(backend: Backend, request: Request, prefix: int) -> HTTPResponse:
    body = request.body
    if not isinstance(body, bytes):
        body = b"".join(body.chunks())
    headers = {name.lower(): value for name, value in request.headers.items()}
    return backend.respond(request.verb, request.url[prefix:], headers, body)


def _pause(response: HTTPResponse, timeout: float) -> float:
    """Seconds until the response; raises what a client would get instead of it."""
    assert response.fault is not None
    match response.fault.kind:
        case "reset_before" | "reset_after":
            raise ConnectionClosed("the sandbox reset the connection, as its faults ask for")
        case "truncated_body":
            raise ConnectionClosed("the sandbox cut the response short, as its faults ask for")
        case "latency" | "slow_body":
            if response.fault.seconds >= timeout:
                raise RequestTimeout(f"no response within {timeout:g} s; the work was done")
            return response.fault.seconds
        case _:
            return 0


def _reply(response: HTTPResponse) -> Reply:
    headers = ReplyHeaders.of(
        (
            ("content-type", response.content_type),
            ("x-debug-id", response.debug_id),
            *response.headers,
        )
    )
    return Reply(response.status, headers, response.body)
