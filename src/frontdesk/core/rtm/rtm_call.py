"""One call over RTM, from the time it is made until its response comes or it is given up."""

from collections.abc import Hashable
from typing import Any

from msgspec import Struct, field

from frontdesk.actions import Action, Spec
from frontdesk.codec.damage import DamageReports
from frontdesk.core.limiter import Limiter
from frontdesk.core.observation import (
    UNWATCHED,
    CallEnd,
    CallStart,
    CallWatch,
    Observer,
    watch_call,
)
from frontdesk.core.retry import Meter, Retry
from frontdesk.errors import FrontdeskError

__all__ = ["RTMCall"]


class RTMCall(Struct, eq=False):
    """A call that waits for its place, for its response, or for a retry.

    ``finish`` is called exactly once, when ``response`` or ``error`` is set; drivers override it.
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
    """The response is of no use on another connection than the present one."""
    attempts: int = 0
    number: int = 0
    """Of its latest request, counting all requests of the session in the order of sending."""
    size: int = 0
    """Of the response, in bytes."""
    done: bool = False
    response: Any = None
    error: FrontdeskError | None = None
    failure: FrontdeskError | None = None
    """Of the attempt before, while it waits for a retry."""
    sent_at: float = 0.0
    """When its latest request was sent."""
    limiter: Limiter | None = None
    """Learns the rate that the server allows."""
    paced: bool = False
    """Whether its requests wait for the limiter's turn."""
    reports: DamageReports = field(default_factory=DamageReports)
    """Takes what was repaired in the response."""

    observer: Observer | None = None
    """Who hears of the call while it goes on."""
    address: str = ""
    """Base URL of the service, for the observer."""
    is_own: bool = False
    """Whether the session makes it by itself."""
    watch: CallWatch = UNWATCHED

    def begin(self) -> None:
        """Tell the observer that the session has taken the call."""
        if self.observer is not None:
            name, api = self.spec.name, self.spec.api
            start = CallStart(name, "rtm", self.address, api=api, is_own=self.is_own)
            self.watch = watch_call(self.observer, start)

    def end(self, now: float, *, abandoned: bool = False) -> None:
        """Tell the observer that the call is over."""
        if self.watch is not UNWATCHED:
            seconds, sent = now - self.started, self.attempts
            self.watch.ended(CallEnd(seconds, 0, sent, sent, self.size, self.error, abandoned))

    def finish(self) -> None:
        """Let whoever made the call know that it is over."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec.name}, {self.attempts} attempts>"
