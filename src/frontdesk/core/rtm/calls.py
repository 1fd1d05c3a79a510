"""One call over RTM, from the moment it is made until it is answered or given up."""

from collections.abc import Hashable
from typing import Any, Final

import msgspec

from frontdesk.actions import Action, Spec
from frontdesk.core.policy import Meter, Retry
from frontdesk.errors import FrontdeskError

__all__ = ["RTMCall"]

_encode: Final = msgspec.json.Encoder().encode


class RTMCall:
    """A call that waits for its place, for its answer, or for another try.

    ``finish`` is called exactly once, when ``answer`` or ``error`` is set; drivers override it.
    """

    __slots__ = (
        "action",
        "answer",
        "attempts",
        "deadline",
        "done",
        "error",
        "lane",
        "meter",
        "payload",
        "retry",
        "same_connection",
        "size",
        "started",
        "timeout",
    )

    def __init__(
        self,
        action: Action[Any],
        *,
        now: float,
        timeout: float,
        retry: Retry,
        meter: Meter,
        lane: Hashable = None,
        same_connection: bool = False,
    ) -> None:
        """Make a call; it fails ``timeout`` seconds after ``now`` at the latest.

        ``same_connection``: the answer is of no use on another connection than the present one.
        """
        self.action = action
        self.payload = _encode(action)
        self.timeout = timeout
        self.started = now
        self.deadline = now + timeout
        self.retry = retry
        self.meter = meter
        self.lane = lane
        self.same_connection = same_connection
        self.attempts = 0
        self.size = 0
        self.done = False
        self.answer: Any = None
        self.error: FrontdeskError | None = None

    @property
    def spec(self) -> Spec:
        """What the docs say of the method."""
        return self.action.spec

    def finish(self) -> None:
        """Tell whoever made the call that it is over."""
