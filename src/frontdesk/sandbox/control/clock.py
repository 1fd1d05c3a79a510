"""The control of the clock."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from frontdesk.errors import InvalidArgument
from frontdesk.sandbox.backend import LONGEST_MOVE, Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.spec.checks import Checked

__all__ = ["ClockControl"]


class ClockMove(Checked, frozen=True, kw_only=True):
    """Where to move the clock: forward by seconds, or to a time."""

    advance: Annotated[float, Meta(ge=0, le=LONGEST_MOVE)] | UnsetType = UNSET
    to: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET

    def _rules(self) -> None:
        if (self.advance is UNSET) == (self.to is UNSET):
            raise InvalidArgument("", "give `advance` in seconds, or `to`, a time")


class ClockControl:
    """Shows and moves the clock.

    Args:
        backend: what is controlled.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def show(self, _: ControlRequest) -> Any:
        """The time."""
        return {"now": self._backend.now()}

    def move(self, request: ControlRequest) -> Any:
        """Move the clock forward, and do what is due by then."""
        move = request.read(ClockMove)
        if move.to is not UNSET:
            return {"now": self._backend.advance_to(move.to)}
        assert move.advance is not UNSET
        return {"now": self._backend.advance(move.advance)}
