"""The handlers of a bot, in the order of their declaration, and which one is for a happening."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

from msgspec import Struct

from frontdesk.bots.handlers.matching import ANYTHING, Condition
from frontdesk.bots.handlers.signatures import Plan
from frontdesk.bots.work.happenings import Happening
from frontdesk.errors import InvalidArgument

__all__ = ["CallNext", "ErrorRoute", "Middleware", "Route", "RouteTable", "Schedule", "check_order"]

CallNext: TypeAlias = Callable[[], Awaitable[None]]
Middleware: TypeAlias = Callable[[Any, CallNext], Awaitable[None]]

ACCEPTED: Final[dict[str, frozenset[str]]] = {
    "message": frozenset({"message"}),
    "postback": frozenset({"postback"}),
    "form": frozenset({"form"}),
    "event": frozenset(),
    "chat_started": frozenset({"chat_started"}),
    "other": frozenset(),
}
"""Kind of a happening -> kinds of handlers that are for it."""
PRESSED_MESSAGE: Final = frozenset({"message", "postback"})


class Route(Struct, frozen=True):
    """A handler and what it is for.

    Args:
        kind: ``message``, ``postback``, ``form``, ``chat_started``, ``on``, ``fallback``, ``step``.
        plan: How to call it.
        condition: Which of them.
        payloads: The classes of payloads, of ``on``.
        middlewares: Those around it, outermost first.
    """

    kind: str
    plan: Plan
    condition: Condition
    payloads: tuple[type[Any], ...] = ()
    middlewares: tuple[Middleware, ...] = ()

    @property
    def declaration(self) -> str:
        """What it is declared with, for messages."""
        return f"@{self.kind}"


class ErrorRoute(Struct, frozen=True):
    """A handler of errors, and which ones it is for."""

    kinds: tuple[type[BaseException], ...]
    plan: Plan


class Schedule(Struct, frozen=True):
    """A handler that is called at fixed intervals, by one process of all."""

    plan: Plan
    seconds: float


class Choice(NamedTuple):
    """A handler to call, and the match of its pattern."""

    route: Route
    match: "re.Match[str] | None" = None


class RouteTable:
    """All handlers of a bot, with those of its routers; raises ``InvalidArgument`` for a mistake.

    Args:
        routes: The handlers, in order.
        steps: What ``ask`` can name.
        errors: The handlers of errors, in order.
        schedules: What is called at intervals.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        steps: Iterable[Route],
        errors: Iterable[ErrorRoute],
        schedules: Iterable[Schedule],
    ) -> None:
        self.routes: tuple[Route, ...] = tuple(routes)
        self.errors: tuple[ErrorRoute, ...] = tuple(errors)
        self.schedules: tuple[Schedule, ...] = tuple(schedules)
        self._steps = self._named(steps)
        self._fallbacks = tuple(route for route in self.routes if route.kind == "fallback")
        self._candidates: dict[tuple[str, bool, type[Any] | None], tuple[Choice, ...]] = {}

    def _named(self, steps: Iterable[Route]) -> dict[str, Route]:
        named: dict[str, Route] = {}
        callable_as_steps = (
            route for route in self.routes if route.kind in ("message", "fallback")
        )
        for route in (*steps, *callable_as_steps):
            other = named.setdefault(route.plan.name, route)
            if other.plan.function is not route.plan.function and "step" in (
                other.kind,
                route.kind,
            ):
                raise InvalidArgument(
                    route.plan.name,
                    "is the name of two handlers, and the state of a chat would not tell which; "
                    "rename one",
                )
        return named

    def step(self, name: str) -> Route | None:
        """Return what the customer's next message goes to, by its name."""
        return self._steps.get(name)

    def name_of(self, function: Any) -> str | None:
        """Return the name of a handler that ``ask`` can name; ``None`` if it cannot."""
        for name, route in self._steps.items():
            if route.plan.function is function:
                return name
        return None

    def choose(self, happening: Happening, context: Any) -> Choice | None:
        """Return the first handler that is for a happening."""
        for choice in self._candidates_of(happening):
            route = choice.route
            if route.condition is ANYTHING:
                return choice
            text = happening.pressed if route.kind == "postback" else happening.text
            match = route.condition.accepts(text, context)
            if match:
                return Choice(route, match) if isinstance(match, re.Match) else choice
        return None

    def _candidates_of(self, happening: Happening) -> tuple[Choice, ...]:
        # An event that came with its chat was not sent as a payload of its own.
        payload: type[Any] | None = None
        if not happening.came_with_chat:
            payload = happening.payload.__class__
        key = (happening.kind, bool(happening.pressed), payload)
        candidates = self._candidates.get(key)
        if candidates is None:
            candidates = self._candidates[key] = tuple(
                Choice(route) for route in self._routes_for(happening, payload)
            )
        return candidates

    def _routes_for(self, happening: Happening, payload: type[Any] | None) -> Iterator[Route]:
        """Go through the handlers that a happening can be for, whatever their conditions."""
        kinds = ACCEPTED[happening.kind]
        if happening.kind == "message" and happening.pressed:
            kinds = PRESSED_MESSAGE
        for route in self.routes:
            is_declared = payload is not None and payload in route.payloads
            if route.kind in kinds or (route.kind == "on" and is_declared):
                yield route
        if happening.kind not in ("other", "chat_started"):
            yield from self._fallbacks

    def error_route(self, error: Exception) -> ErrorRoute | None:
        """Return the first handler for an error."""
        for route in self.errors:
            if isinstance(error, route.kinds):
                return route
        return None


def check_order(routes: list[Route], added: Route) -> None:
    """Refuse a handler that is never called, since an earlier one takes all that it is for.

    Raises:
        InvalidArgument: It is; the message names the earlier one.
    """
    for route in routes:
        if route.kind == added.kind and _covers(route, added):
            raise InvalidArgument(
                added.plan.name,
                f"can never be called: `{route.plan.name}`, declared before it, takes everything "
                "that it is for; declare it first, or narrow the other",
            )


def _covers(route: Route, added: Route) -> bool:
    if route.kind == "on":
        return set(added.payloads) <= set(route.payloads)
    return route.condition.covers(added.condition)
