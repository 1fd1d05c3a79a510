"""The control of recorded calls."""

from typing import Any

from msgspec import UNSET, UnsetType

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.recording import RecordedCall
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.spec.checks import Checked, Id

__all__ = ["CallsQuery", "RecordedCallsControl"]


class CallsQuery(Checked, frozen=True, kw_only=True):
    """The method whose calls are listed; defaults to all."""

    action: Id | UnsetType = UNSET


class RecordedCallsControl:
    """Shows and forgets the calls that were recorded.

    Args:
        backend: what is controlled.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def list(self, request: ControlRequest) -> Any:
        """The latest calls, or those of ``?action=``."""
        query: CallsQuery = request.query
        with self._backend.lock:
            if query.action is not UNSET:
                self._backend.recorder.check_name(query.action)
            calls = self._backend.recorder.calls(query.action or None)
            total = self._backend.recorder.total
        return {"total": total, "calls": [_shown(call) for call in calls]}

    def clear(self, _: ControlRequest) -> None:
        """Forget the calls."""
        with self._backend.lock:
            self._backend.recorder.clear()


def _shown(call: RecordedCall) -> dict[str, Any]:
    return {
        "number": call.number,
        "action": call.action,
        "version": call.version,
        "transport": call.transport,
        "at": call.at,
        "requester_id": call.requester_id,
        "status": call.status,
        "error": call.error,
        "fault": call.fault,
        "request": call.request,
        "response": call.response,
    }
