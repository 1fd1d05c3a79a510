"""One call over RTM, from the time it is made until its response comes or it is given up."""

from collections.abc import Hashable
from typing import Any

from msgspec import Struct, field

from frontdesk._damage import DamageReports
from frontdesk.actions import Action, Spec
from frontdesk.core.policy import Meter, Retry
from frontdesk.errors import FrontdeskError

__all__ = ["RTMCall"]


class RTMCall(Struct, eq=False):
    """A call that waits for its place, for its answer, or for another try.

    ``finish`` is called exactly once, when ``answer`` or ``error`` is set; drivers override it.
    """

    action: Action[Any]
    spec: Spec
    payload: bytes
    """The arguments as JSON."""
    started: float
    timeout: float
    deadline: float
    """When it fails at the latest; ``timeout`` after ``started`` at first."""
    retry: Retry
    meter: Meter
    lane: Hashable = None
    same_connection: bool = False
    """The answer is of no use on another connection than the present one."""
    attempts: int = 0
    number: int = 0
    """Of its latest request, counting all requests of the session in the order of sending."""
    size: int = 0
    """Of the answer, in bytes."""
    done: bool = False
    answer: Any = None
    error: FrontdeskError | None = None
    reports: DamageReports = field(default_factory=DamageReports)
    """Who is told of what was repaired in the response."""

    def finish(self) -> None:
        """Tell whoever made the call that it is over."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec.name}, {self.attempts} attempts>"
