"""The control of rate limits."""

from typing import Any

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.rate_limits import RateLimit
from frontdesk.sandbox.control.request import ControlRequest

__all__ = ["RateLimitsControl"]


class RateLimitsControl:
    """Shows, sets and takes back rate limits.

    Args:
        backend: what is controlled.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def list(self, _: ControlRequest) -> Any:
        """The rate limits that are set."""
        return {"limits": list(self._backend.limits)}

    def set(self, request: ControlRequest) -> None:
        """Set the limit of a method, or of all others."""
        limit = request.read(RateLimit)
        with self._backend.lock:
            self._backend.limits.set(limit)

    def clear(self, _: ControlRequest) -> None:
        """Take back all rate limits."""
        with self._backend.lock:
            self._backend.limits.clear()
