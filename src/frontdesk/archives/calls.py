"""The calls of a reading: counted, at the pace of the limiter, and their errors as values."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import Struct

from frontdesk.actions import Action, ListArchives
from frontdesk.archives.chats import ArchivesRawPage
from frontdesk.clients.async_web import AsyncDriver
from frontdesk.clients.base import paced_copy, reports_of
from frontdesk.clients.sync_web import SyncDriver
from frontdesk.codec.damage import DamageReports
from frontdesk.core.call_cycle import Call
from frontdesk.errors import FrontdeskError

__all__ = ["AsyncCaller", "Caller", "Response"]


class Response(Struct):
    """What came of a call: a result, or the error it ended with."""

    at: datetime
    """When it came."""
    requests: int
    """Requests that it cost, retries included."""
    result: Any = None
    error: FrontdeskError | None = None


def _result_type(action: Action[Any]) -> type[Any] | None:
    """Return what the result of a call is decoded into, unless it is what the call declares."""
    return ArchivesRawPage if isinstance(action, ListArchives) else None


class Caller:
    """Makes the calls of a sync client that waits for the limiter, and counts their requests."""

    def __init__(self, client: SyncDriver, clock: Callable[[], datetime]) -> None:
        self.reports: DamageReports = reports_of(client)
        self._client = paced_copy(client, self._count)
        self._clock = clock
        self._requests = 0

    def _count(self, call: Call) -> None:
        self._requests += call.attempts

    def __call__(self, action: Action[Any]) -> Response:
        """Make a call."""
        self._requests = 0
        result, error = None, None
        try:
            result = self._client(action, returns=_result_type(action))
        except FrontdeskError as failure:
            error = failure
        return Response(self._clock(), self._requests, result, error)


class AsyncCaller:
    """Makes the calls of an async client that waits for the limiter, and counts their requests."""

    def __init__(self, client: AsyncDriver, clock: Callable[[], datetime]) -> None:
        self.reports: DamageReports = reports_of(client)
        self._client = paced_copy(client, self._count)
        self._clock = clock
        self._requests = 0

    def _count(self, call: Call) -> None:
        self._requests += call.attempts

    async def __call__(self, action: Action[Any]) -> Response:
        """Make a call."""
        self._requests = 0
        result, error = None, None
        try:
            result = await self._client(action, returns=_result_type(action))
        except FrontdeskError as failure:
            error = failure
        return Response(self._clock(), self._requests, result, error)
