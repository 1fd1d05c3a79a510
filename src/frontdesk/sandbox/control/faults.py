"""The control of faults."""

from typing import Any

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.faults import Fault
from frontdesk.sandbox.control.request import ControlRequest

__all__ = ["FaultsControl"]


class FaultsControl:
    """Shows, adds and takes back faults.

    Args:
        backend: what is controlled.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def list(self, _: ControlRequest) -> Any:
        """The faults that are set."""
        return {"faults": list(self._backend.faults)}

    def add(self, request: ControlRequest) -> None:
        """Set a further fault."""
        fault = request.read(Fault)
        with self._backend.lock:
            self._backend.faults.add(fault)

    def clear(self, _: ControlRequest) -> None:
        """Take back all faults."""
        with self._backend.lock:
            self._backend.faults.clear()
