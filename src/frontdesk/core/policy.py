"""When to try again, and how many requests a client may send."""

import random
from collections import Counter
from typing import Annotated

from msgspec import Meta, Struct

from frontdesk._checked import Checked
from frontdesk._forks import ForkSafeLock
from frontdesk.errors import (
    APIError,
    BudgetExceeded,
    FrontdeskError,
    InvalidArgument,
    NotTheAPI,
    TransportError,
)

__all__ = ["Meter", "MeterReading", "Retry", "as_meter", "as_retry"]

NOT_DONE = frozenset({"service_unavailable", "too_many_requests"})
"""The server said that it did not process the request: a repeat is safe for every method."""

UNKNOWN_OUTCOME = frozenset({"internal", "request_timeout"})
"""The server may have done the work: only methods that bear a repeat are tried again."""

GATEWAY_STATUSES = frozenset({502, 503, 504})


class Retry(Checked, frozen=True, kw_only=True):
    """When and how often to try a call again.

    A call is repeated when that cannot do any harm: the request did not reach the server, the
    server said that it did not process it (``too_many_requests``, ``service_unavailable``), or
    the method may be repeated (``spec.repeatable``) after an unknown outcome (time-out, lost
    connection, ``internal``, ``request_timeout``).
    """

    attempts: Annotated[int, Meta(ge=1, le=20)] = 3
    """How many requests a call may cost, the first one included. One to the data centre that the
    server names, and one with a new token, are allowed beyond that."""
    first_pause: Annotated[float, Meta(ge=0)] = 0.5
    """Seconds to wait before the second request at the most; doubled for each further one."""
    longest_pause: Annotated[float, Meta(ge=0)] = 30.0
    """Seconds to wait between two requests at the most; when the server asks for a longer pause
    (``Retry-After``), the call is given up at once."""

    def allows(
        self,
        error: FrontdeskError,
        *,
        attempt: int,
        repeatable: bool,
        retry_after: float | None = None,
    ) -> bool:
        """Tell whether to try again after the given attempt (the first is 1) failed.

        ``retry_after`` is the pause in seconds that the server asks for.
        """
        if attempt >= self.attempts or (retry_after or 0) > self.longest_pause:
            return False
        match error:
            case TransportError():
                return error.retryable and (repeatable or not error.maybe_sent)
            case NotTheAPI():
                return repeatable and error.status in GATEWAY_STATUSES
            case APIError():
                return error.type in NOT_DONE or (repeatable and error.type in UNKNOWN_OUTCOME)
            case _:
                return False

    def pause(self, attempt: int, rng: random.Random, retry_after: float | None = None) -> float:
        """Seconds to wait after the given attempt.

        What the server asks for, else from half to all of the doubled pause, at random.
        """
        if retry_after is not None:
            return retry_after
        ceiling = min(self.longest_pause, self.first_pause * float(2 ** (attempt - 1)))
        return ceiling * (0.5 + rng.random() / 2)


def as_retry(value: object) -> Retry:
    """Make a policy of a ``Retry``, a number of attempts, or ``None`` for a single one."""
    match value:
        case Retry():
            return value
        case None | False:
            return Retry(attempts=1)
        case True:
            return Retry()
        case int():
            return Retry(attempts=value)
        case _:
            raise InvalidArgument("retry", "must be a Retry, a number of attempts, or False")


class MeterReading(Struct, frozen=True):
    """What a client has sent so far."""

    requests: int
    by_action: dict[str, int]


class Meter:
    """Counts the requests that a client sends, failed and repeated ones too, as they are billed.

    ``limit`` is the budget in requests; ``None`` is no limit.
    """

    def __init__(self, limit: int | None = None) -> None:
        if limit is not None and (type(limit) is not int or limit < 0):
            raise InvalidArgument("budget", "must be a number of requests, 0 or more")
        self.limit = limit
        self._counts: Counter[str] = Counter()
        self._total = 0
        self._lock = ForkSafeLock()

    def count(self, action: str) -> None:
        """Count one request that is about to be sent, or raise ``BudgetExceeded``."""
        with self._lock:
            if self.limit is not None and self._total >= self.limit:
                raise BudgetExceeded(self.limit)
            self._total += 1
            self._counts[action] += 1

    def take_back(self, action: str) -> None:
        """Count one request less: it certainly did not reach the server."""
        with self._lock:
            self._total -= 1
            self._counts[action] -= 1

    @property
    def spent(self) -> bool:
        """Whether the budget allows no further request."""
        return self.limit is not None and self._total >= self.limit

    @property
    def requests(self) -> int:
        """Requests sent so far."""
        return self._total

    def reading(self) -> MeterReading:
        """Return the requests sent so far, in all and by action."""
        with self._lock:
            return MeterReading(self._total, dict(+self._counts))

    def __repr__(self) -> str:
        return f"Meter(requests={self._total}, limit={self.limit})"


def as_meter(budget: int | Meter | None) -> Meter:
    """Make a meter of a number of requests or ``None``; a ready one is shared."""
    return budget if isinstance(budget, Meter) else Meter(budget)
