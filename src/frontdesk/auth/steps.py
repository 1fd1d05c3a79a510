"""Calls of the accounts server as conversations, and those who carry them out.

A conversation is a generator. It yields what to do next (a ``Request`` to send, a ``Sleep``, a
``StoreWork`` that may keep the caller waiting), and is sent what came of it, or thrown what failed.
"""

import asyncio
import random
import time
from collections.abc import Callable, Generator
from typing import Any, Final, TypeAlias, TypeVar

from msgspec import Struct

from frontdesk.concurrency.stepwise import drive, drive_async
from frontdesk.concurrency.threads import start_in_thread
from frontdesk.core.http_messages import Reply, Request
from frontdesk.core.retry import Retry
from frontdesk.errors import FrontdeskError, NotTheAPI, TemporarilyUnavailable, TransportError
from frontdesk.transport.base import AsyncTransport, Transport

__all__ = [
    "SERVER_ERROR",
    "Pause",
    "Steps",
    "StoreWork",
    "carry_out",
    "carry_out_async",
    "sent",
    "to_its_end",
]

R = TypeVar("R")

GATEWAY_STATUSES: Final = frozenset({502, 503, 504})
SERVER_ERROR: Final = "server_error"


class Pause(Struct, frozen=True, gc=False):
    """Wait that many seconds."""

    seconds: float


class StoreWork(Struct, frozen=True):
    """Call a function that may wait for a disk, a lock or another machine."""

    call: Callable[[], Any]

    def __repr__(self) -> str:
        return "StoreWork()"


Steps: TypeAlias = Generator[Request | Pause | StoreWork, Any, R]


def sent(
    request: Request,
    error_of: Callable[[Reply], FrontdeskError | None],
    retry: Retry,
    *,
    repeatable: bool,
    until: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    rng: random.Random | None = None,
) -> Steps[Reply]:
    """Send a request, again where that is safe, and return the last response.

    Args:
        request: what to send.
        error_of: tells the error of a response.
        retry: how often, and after which pauses.
        repeatable: whether it does no harm to send the request twice.
        until: the time of ``clock`` at which the last request has to be over.
        clock: seconds that never go back.
        rng: spreads the pauses.

    Raises:
        TransportError: There is no response.
    """
    attempt = 0
    while True:
        attempt += 1
        asked: float | None = None
        reply: Reply | None = None
        failure: FrontdeskError | None
        try:
            reply = yield request
            assert reply is not None
            failure = error_of(reply)
        except TransportError as error:
            error.attempts = attempt
            failure = error
        if isinstance(failure, TemporarilyUnavailable):
            asked = failure.retry_after
        pause = retry.pause(attempt, rng or random.SystemRandom(), asked)
        in_time = until is None or clock() + pause + request.timeout <= until
        if failure is None or not (
            in_time
            and attempt < retry.attempts
            and (asked or 0) <= retry.longest_pause
            and _is_safe(failure, repeatable=repeatable)
        ):
            break
        yield Pause(pause)
    if reply is None:
        assert failure is not None
        raise failure
    return reply


def _is_safe(failure: FrontdeskError, *, repeatable: bool) -> bool:
    """Tell whether another request may help and cannot do harm."""
    match failure:
        case TransportError():
            return failure.retryable and (repeatable or not failure.maybe_sent)
        case TemporarilyUnavailable():
            return repeatable or failure.error != SERVER_ERROR
        case NotTheAPI():
            return repeatable and failure.status in GATEWAY_STATUSES
        case _:
            return False


def carry_out(steps: Steps[R], transport: Transport) -> R:
    """Do what a conversation asks for, in this thread."""

    def do(step: Any) -> Any:
        match step:
            case Request():
                return transport.send(step)
            case Pause():
                return time.sleep(step.seconds)
            case _:
                return step.call()

    return drive(steps, do)


async def carry_out_async(steps: Steps[R], transport: AsyncTransport) -> R:
    """Do what a conversation asks for, in this task; work on the store in threads."""

    async def do(step: Any) -> Any:
        match step:
            case Request():
                return await transport.send(step)
            case Pause():
                return await asyncio.sleep(step.seconds)
            case _:
                return await to_its_end(step.call)

    return await drive_async(steps, do)


async def to_its_end(call: Callable[[], Any]) -> Any:
    """Call a function in a thread, and wait for its end even when this task is cancelled.

    A lease that was taken after the caller had gone would never be given back, and a token that was
    not stored is lost. A loop that ends waits for its tasks, and so for this.
    """
    work = asyncio.wrap_future(start_in_thread(call, "frontdesk-tokens"))
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError as error:
            cancelled = error
        except BaseException:  # noqa: BLE001 - raised below
            break
    if cancelled is not None:
        work.exception()  # seen, or the loop would complain that nobody did
        raise cancelled
    return work.result()
