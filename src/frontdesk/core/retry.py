"""When to try again, and how many requests a client has sent and may send."""

import random
from collections import Counter
from typing import Annotated, Protocol
from weakref import WeakSet

from msgspec import Meta, Struct

from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.core.limiter import Limiter
from frontdesk.errors import (
    APIError,
    BudgetExceeded,
    FrontdeskError,
    InvalidArgument,
    NotTheAPI,
    TransportError,
)
from frontdesk.spec.checks import Checked

__all__ = ["Meter", "MeterReading", "Retry", "as_meter", "as_retry", "check_pauses"]

NOT_DONE = frozenset({"service_unavailable", "too_many_requests"})
"""The server said that it did not process the request: a retry is safe for every method."""

UNKNOWN_OUTCOME = frozenset({"internal", "request_timeout"})
"""The server may have done the work: only methods that bear a retry are tried again."""

SPREAD = 0.25
"""Up to how much longer than the server asks a call waits, as a part of it."""

GATEWAY_STATUSES = frozenset({502, 503, 504})


class Pauses(Protocol):
    """A policy with pauses that grow."""

    @property
    def first_pause(self) -> float:
        """Where the pauses begin."""
        ...

    @property
    def longest_pause(self) -> float:
        """Where the growth ends."""
        ...


def check_pauses(policy: Pauses) -> None:
    """Refuse a first pause above the longest one, unless it is the default, which is cut.

    Raises:
        InvalidArgument: The first pause is longer.
    """
    first, longest = policy.first_pause, policy.longest_pause
    if first > longest and first != type(policy)().first_pause:
        raise InvalidArgument("first_pause", f"must not be above `longest_pause` ({longest:g} s)")


class Retry(Checked, frozen=True, kw_only=True):
    """When and how often to try a call again.

    A call is retried when that cannot do any harm: the request did not reach the server, the
    server said that it did not process it (``too_many_requests``, ``service_unavailable``), or
    the method bears a retry (``spec.repeatable``) after an unknown outcome (time-out, lost
    connection, ``internal``, ``request_timeout``). What would fail in the same way again, such as a
    certificate that is not trusted or a host name that does not exist, is not retried.
    """

    attempts: Annotated[int, Meta(ge=1, le=20)] = 3
    """How many requests a call may cost, the first one included. One to the data centre that the
    server names, and one with a new token, are allowed beyond that."""
    first_pause: Annotated[float, Meta(ge=0)] = 0.5
    """Seconds to wait before the second request at the most; doubled for each further one."""
    longest_pause: Annotated[float, Meta(ge=0)] = 30.0
    """Seconds to wait between two requests at the most; when the server asks for a longer pause
    (``Retry-After``), the call raises at once."""

    def _rules(self) -> None:
        check_pauses(self)

    def allows(
        self,
        error: FrontdeskError,
        *,
        attempt: int,
        repeatable: bool,
        retry_after: float | None = None,
    ) -> bool:
        """Return whether to try again after the given attempt (the first is 1) failed.

        Requests to another region and with a new token are no attempts of their own.
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
        """Return the seconds to wait after the given attempt.

        It is from half to all of the doubled pause, at random, and at least ``retry_after`` and up
        to a quarter more, at random, so that clients that were refused together do not come back
        together.
        """
        ceiling = min(self.longest_pause, self.first_pause * float(2 ** (attempt - 1)))
        pause = ceiling * (0.5 + rng.random() / 2)
        if retry_after is None:
            return pause
        asked = min(retry_after * (1 + SPREAD * rng.random()), self.longest_pause)
        return max(pause, retry_after, asked)


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
    """What a client has sent so far, and how the rate limit held it up."""

    requests: int
    """Requests sent, failed ones and retries included."""
    by_action: dict[str, int]
    """The same by method, such as ``list_archives``."""
    throttled: int = 0
    """Requests that the server refused for their rate (``too_many_requests``)."""
    waited: float = 0.0
    """Seconds that calls waited because of the rate limit: for the limiter, and before a retry of
    what was refused for its rate. Calls that wait at the same time add up."""
    rate: float | None = None
    """Requests per second that the limiter allows now; ``None`` while it sets no limit."""


class Meter:
    """Counts the requests that a client sends, failed ones and retries too, as they are billed.

    A request counts when it may have reached the server: not while it waits for the limiter or for
    a free connection, but also when it breaks off in the middle of its body.
    ``limit`` is the budget in requests; ``None`` is no limit.
    """

    def __init__(self, limit: int | None = None) -> None:
        if limit is not None and (type(limit) is not int or limit < 0):
            raise InvalidArgument("budget", "must be a number of requests, 0 or more")
        self.limit = limit
        self._counts: Counter[str] = Counter()
        self._total = 0
        self._throttled = 0
        self._waited = 0.0
        self._limiters: WeakSet[Limiter] = WeakSet()
        self._lock = ForkSafeLock()

    def count(self, action: str) -> None:
        """Count one request that is about to be sent, or raise ``BudgetExceeded``."""
        with self._lock.plain:
            if self.limit is not None and self._total >= self.limit:
                raise BudgetExceeded(self.limit)
            self._total += 1
            counts = self._counts
            counts[action] = counts.get(action, 0) + 1

    def take_back(self, action: str) -> None:
        """Count one request less: it certainly did not reach the server."""
        with self._lock:
            self._total -= 1
            self._counts[action] -= 1

    def throttle(self) -> None:
        """Count one request that the server refused for its rate."""
        with self._lock:
            self._throttled += 1

    def wait(self, seconds: float) -> None:
        """Add seconds that a call waited because of the rate limit."""
        with self._lock:
            self._waited += seconds

    def watch(self, limiter: Limiter | None) -> None:
        """Show the rate of a limiter in the readings; of several, the lowest."""
        if limiter is not None:
            with self._lock:
                self._limiters.add(limiter)

    @property
    def spent(self) -> bool:
        """Whether the budget allows no further request."""
        return self.limit is not None and self._total >= self.limit

    @property
    def requests(self) -> int:
        """Requests sent so far."""
        return self._total

    def reading(self) -> MeterReading:
        """Return the counts so far, and the rate that the limiter allows now."""
        with self._lock:
            rates = [limiter.rate for limiter in self._limiters]
            return MeterReading(
                self._total,
                dict(+self._counts),
                self._throttled,
                self._waited,
                min((rate for rate in rates if rate is not None), default=None),
            )

    def __repr__(self) -> str:
        return f"Meter(requests={self._total}, limit={self.limit})"


def as_meter(budget: int | Meter | None) -> Meter:
    """Make a meter of a number of requests or ``None``; a ready one is shared."""
    return budget if isinstance(budget, Meter) else Meter(budget)
