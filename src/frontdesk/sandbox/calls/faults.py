"""Faults on demand: what goes wrong, for which calls, and how often.

The draws come from random numbers of their own: the same seed and the same calls give the same
faults, and setting a fault changes no id of the world.
"""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta

from frontdesk.errors import (
    APIError,
    AuthenticationError,
    InternalError,
    InvalidArgument,
    MisdirectedRequest,
    ServiceUnavailable,
    TooManyRequests,
)
from frontdesk.sandbox.calls.accounts.names import NAMES
from frontdesk.sandbox.calls.names import METHODS
from frontdesk.sandbox.world.identity import EXPIRED
from frontdesk.spec.checks import Checked

__all__ = ["BEFORE_THE_WORK", "Fault", "FaultKind", "Faults", "error_of"]

FaultKind = Literal[
    "latency",
    "too_many_requests",
    "internal",
    "service_unavailable",
    "reset_before",
    "reset_after",
    "truncated_body",
    "slow_body",
    "wrong_region",
    "expired_token",
]

BEFORE_THE_WORK = frozenset[str](
    (
        "too_many_requests",
        "internal",
        "service_unavailable",
        "reset_before",
        "wrong_region",
        "expired_token",
    )
)
"""The faults that happen instead of the work; with all others the work is done."""

_OTHER_REGION: Final = {"dal": "fra", "fra": "dal"}
TIMED = frozenset[str](("latency", "slow_body"))
OF_THE_API = frozenset[str](("wrong_region", "expired_token"))


class Fault(Checked, frozen=True, kw_only=True):
    """Something that goes wrong.

    ``kind``: ``latency`` delays the response and ``slow_body`` drips it over ``seconds``;
    ``too_many_requests``, ``internal`` and ``service_unavailable`` fail the call before the work;
    ``wrong_region`` and ``expired_token`` refuse the caller; ``reset_before`` and ``reset_after``
    cut the connection before or after the work is done; ``truncated_body`` sends half a response.
    ``methods`` are the wire names it concerns (empty: all; those of customers are written as in
    ``customer.send_event``), ``rate`` the share of their calls (0 to 1), ``times`` after how many
    hits it ends (defaults to never; with 0 it never begins).

    Log-ins meet the faults that name them: ``accounts.authorize``, ``accounts.token``,
    ``accounts.revoke``, ``accounts.info``; for customers ``accounts.customer_token``,
    ``accounts.customer_revoke``, ``accounts.customer_info``, ``accounts.identity_transfer``.
    """

    kind: FaultKind
    methods: tuple[str, ...] = ()
    rate: Annotated[float, Meta(ge=0, le=1)] = 1.0
    times: Annotated[int, Meta(ge=0)] | None = None
    seconds: Annotated[float, Meta(ge=0, le=3600)] = 0.0

    def _rules(self) -> None:
        for name in self.methods:
            if name not in (*METHODS, *NAMES):
                raise InvalidArgument("methods", f"must hold names of methods, not {name!r}")
            if name in NAMES and self.kind in OF_THE_API:
                raise InvalidArgument("methods", f"must not hold {name!r} for `{self.kind}`")
        if self.kind in TIMED and not self.seconds:
            raise InvalidArgument("seconds", f"is required for `{self.kind}`")


class _Set:
    """A fault and how often it may still strike."""

    __slots__ = ("fault", "left")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times


class Faults:
    """The faults that are set; each call meets the first that strikes.

    Args:
        seed: where the draws of ``rate`` start.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._rng = Random(seed)  # noqa: S311 - protects nothing
        self._set: list[_Set] = []

    def add(self, fault: Fault) -> None:
        """Set a further fault."""
        if fault.times != 0:
            self._set.append(_Set(fault))

    def clear(self, kinds: Iterable[str] = ()) -> None:
        """Take back the faults of some kinds, or all; the draws start anew with the last."""
        cleared_kinds = set(kinds) or set(get_args(FaultKind))
        self._set = [item for item in self._set if item.fault.kind not in cleared_kinds]
        if not self._set:
            self._rng = Random(self._seed)  # noqa: S311

    def begin(self, seed: int) -> None:
        """Take back all faults; the draws of later ones start at another seed."""
        self._seed = seed
        self.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter([item.fault for item in self._set])

    def __bool__(self) -> bool:
        return bool(self._set)

    def strike_named(self, method: str) -> Fault | None:
        """The fault that a call meets which only faults concern that name it."""
        return self.strike(method, named=True)

    def strike(self, method: str, *, named: bool = False) -> Fault | None:
        """The fault that a call of a method meets, if any."""
        for item in self._set:
            fault = item.fault
            if (fault.methods or named) and method not in fault.methods:
                continue
            if fault.rate < 1 and self._rng.random() >= fault.rate:
                continue
            if item.left is not None:
                item.left -= 1
                if not item.left:
                    self._set.remove(item)
            return fault
        return None


def error_of(fault: Fault, home_region: str) -> APIError:
    """The error that a call fails with because of a fault that strikes before the work.

    Args:
        fault: the fault.
        home_region: where the license lives; ``wrong_region`` points to the other one.
    """
    match fault.kind:
        case "too_many_requests":
            return TooManyRequests("Too many requests")
        case "service_unavailable":
            return ServiceUnavailable("Service unavailable")
        case "wrong_region":
            other = _OTHER_REGION.get(home_region, "dal")
            return MisdirectedRequest("Wrong region", data={"region": other})
        case "expired_token":
            return AuthenticationError(EXPIRED)
        case _:
            return InternalError("Internal server error")
