"""Rate limits, off until somebody sets one.

LiveChat publishes neither numbers nor windows, only that single requests fail with
``too_many_requests`` and that it passes by itself.
"""

import re
from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from frontdesk.errors import InvalidArgument, TooManyRequests
from frontdesk.sandbox.calls.accounts.names import NAMES
from frontdesk.sandbox.calls.names import METHODS
from frontdesk.spec.checks import Checked
from frontdesk.suggestions import did_you_mean

__all__ = ["RateLimit", "RateLimits", "parse_rate"]

_MICROSECONDS = 1_000_000
_LONGEST = 366 * 86400
_UNITS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
_RATE = re.compile(
    r"(?:(?P<method>[a-z_.]+)=)?(?P<calls>[0-9]{1,9})(?:/(?P<count>[0-9]{0,9})(?P<unit>[a-z]+))?"
)


class RateLimit(Checked, frozen=True, kw_only=True):
    """At most ``calls`` calls in ``seconds`` (up to a year), for each token and method.

    ``method`` names the one it is for; defaults to each method that has no limit of its own.
    Those of the accounts server, such as ``accounts.customer_token``, have to be named, and count
    the requests of all callers together.
    """

    calls: Annotated[int, Meta(ge=1)]
    seconds: Annotated[float, Meta(gt=0, le=_LONGEST)] = 60.0
    method: str | None = None

    def _rules(self) -> None:
        methods = (*METHODS, *NAMES)
        if self.method is not None and self.method not in methods:
            hint = did_you_mean(self.method, methods)
            raise InvalidArgument(
                "method", f"must be the name of a method, not {self.method!r}{hint}"
            )


def parse_rate(text: str) -> RateLimit:
    """Read ``180/min``, ``5/10s`` or ``send_event=3/s``; without a unit, calls a minute.

    Raises ``InvalidArgument``.
    """
    match = _RATE.fullmatch(text.strip())
    unit = match["unit"] or "min" if match else ""
    if match is None or unit not in _UNITS:
        raise InvalidArgument(
            "rate limit", f"must look like 180/min, 5/10s or send_event=3/s, not {text!r}"
        )
    seconds = int(match["count"] or 1) * _UNITS[unit]
    if not seconds:
        raise InvalidArgument("rate limit", f"must cover some time, not {text!r}")
    try:
        return RateLimit(calls=int(match["calls"]), seconds=seconds, method=match["method"])
    except InvalidArgument as error:
        raise InvalidArgument(
            "rate limit", f"{text!r} cannot be used: `{error.field}` {error.rule}"
        ) from None


class RateLimits:
    """The rate limits that are set, and what was called in their present windows."""

    def __init__(self) -> None:
        self._limits: dict[str | None, RateLimit] = {}
        self._windows: dict[tuple[str, str], tuple[int, int]] = {}

    def set(self, limit: RateLimit) -> None:
        """Set the limit of a method, or the one for all others; a new one replaces the old."""
        self._limits[limit.method] = limit
        self._windows.clear()

    def clear(self) -> None:
        """Take back all limits."""
        self._limits.clear()
        self._windows.clear()

    def __iter__(self) -> Iterator[RateLimit]:
        return iter(list(self._limits.values()))

    def __bool__(self) -> bool:
        return bool(self._limits)

    def count_named(self, method: str, now: int) -> None:
        """Count a call that only limits concern that name it; raises ``TooManyRequests``."""
        if method in self._limits:
            self.count("", method, now)

    def count(self, token_id: str, method: str, now: int) -> None:
        """Count a call at a time in microseconds; raises ``TooManyRequests`` over the limit."""
        limit = self._limits.get(method) or self._limits.get(None)
        if limit is None:
            return
        key = token_id, method
        ends, calls = self._windows.get(key, (0, 0))
        if now >= ends:
            ends, calls = now + int(limit.seconds * _MICROSECONDS), 0
        if calls >= limit.calls:
            raise TooManyRequests("Too many requests")
        self._windows[key] = ends, calls + 1
