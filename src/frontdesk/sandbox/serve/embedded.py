"""Transports that call the sandbox in this process, without a socket and without an event loop."""

import asyncio
import time
from typing import TYPE_CHECKING

from frontdesk.errors import ConnectionClosed, RequestTimeout
from frontdesk.sandbox.calls.responses import Answer
from frontdesk.transport import Reply, Request

if TYPE_CHECKING:
    from frontdesk.sandbox.backend import Backend

__all__ = ["AsyncDirectTransport", "DirectTransport"]


class DirectTransport:
    """Fulfils ``frontdesk.transport.Transport``; faults become the errors that a socket would give.

    Args:
        backend: the sandbox to call.
        base_url: what the URLs of requests begin with.
    """

    def __init__(self, backend: "Backend", base_url: str) -> None:
        self._backend = backend
        self._prefix = len(base_url)

    def send(self, request: Request) -> Reply:
        """Answer one request."""
        answer = _answer(self._backend, request, self._prefix)
        if answer.fault is not None and (pause := _pause(answer, request.timeout)):
            time.sleep(pause)
        return _reply(answer)

    def close(self) -> None:
        """Do nothing: there are no connections."""


class AsyncDirectTransport:
    """Fulfils ``frontdesk.transport.AsyncTransport``; otherwise as ``DirectTransport``."""

    def __init__(self, backend: "Backend", base_url: str) -> None:
        self._backend = backend
        self._prefix = len(base_url)

    async def send(self, request: Request) -> Reply:
        """Answer one request."""
        answer = _answer(self._backend, request, self._prefix)
        if answer.fault is not None and (pause := _pause(answer, request.timeout)):
            await asyncio.sleep(pause)
        return _reply(answer)

    async def close(self) -> None:
        """Do nothing: there are no connections."""


def _answer(backend: "Backend", request: Request, prefix: int) -> Answer:
    body = request.body
    if not isinstance(body, bytes):
        body = b"".join(body.chunks())
    headers = {name.lower(): value for name, value in request.headers.items()}
    return backend.answer("POST", request.url[prefix:], headers, body)


def _pause(answer: Answer, timeout: float) -> float:
    """Seconds until the answer; raises what a client would see instead of it."""
    assert answer.fault is not None
    match answer.fault.kind:
        case "reset_before" | "reset_after":
            raise ConnectionClosed("the sandbox reset the connection, as its faults ask for")
        case "truncated_body":
            raise ConnectionClosed("the sandbox cut the answer short, as its faults ask for")
        case "latency" | "slow_body":
            if answer.fault.seconds >= timeout:
                raise RequestTimeout(f"no answer within {timeout:g} s; the work was done")
            return answer.fault.seconds
        case _:
            return 0


def _reply(answer: Answer) -> Reply:
    headers = {
        "content-type": answer.content_type,
        "x-debug-id": answer.debug_id,
        **{name.lower(): value for name, value in answer.headers},
    }
    return Reply(answer.status, headers, answer.body)
