"""What was declared on a router, with that of the routers that it includes."""

from collections.abc import Iterator
from typing import Any

import msgspec

from frontdesk.bots.handlers.routes import (
    ErrorRoute,
    Middleware,
    Route,
    RouteTable,
    Schedule,
    check_order,
)
from frontdesk.errors import InvalidArgument

__all__ = ["Declarations"]


class Declarations:
    """The handlers of a router, and the routers among them, in order.

    Args:
        state_type: The class of the state that handlers here may take.
    """

    def __init__(self, state_type: type[Any] | None) -> None:
        self.state_type: type[Any] | None = state_type
        self.steps: list[Route] = []
        self.errors: list[ErrorRoute] = []
        self.schedules: list[Schedule] = []
        self.middlewares: list[Middleware] = []
        self.parents: list[Declarations] = []
        self.entries: list[Route | Declarations] = []

    def add(self, route: Route) -> None:
        """Add a handler.

        Raises:
            InvalidArgument: It would never be called, here or in a router that includes this one.
        """
        self.entries.append(route)
        try:
            for declarations in self.outward():
                declarations.check()
        except InvalidArgument:
            self.entries.pop()
            raise

    def include(self, other: "Declarations") -> None:
        """Add the handlers of another router, as if they were declared here and now.

        Raises:
            InvalidArgument: It includes this one, keeps another state, or brings a handler that is
                never called.
        """
        if self in other.inward():
            raise InvalidArgument("router", "must not be included in itself")
        if other in self.entries:
            raise InvalidArgument("router", "is included already")
        if other.state_type is not None and other.state_type is not self.state_type:
            name = other.state_type.__name__
            raise InvalidArgument(
                "router", f"keeps a state of {name}; declare this one with `state={name}`"
            )
        self.entries.append(other)
        try:
            for declarations in self.outward():
                declarations.check()
        except InvalidArgument:
            self.entries.pop()
            raise
        other.parents.append(self)

    def inward(self) -> "Iterator[Declarations]":
        """Go through this and all that it includes."""
        yield self
        for entry in self.entries:
            if isinstance(entry, Declarations):
                yield from entry.inward()

    def outward(self) -> "Iterator[Declarations]":
        """Go through this and all that include it."""
        yield self
        for parent in self.parents:
            yield from parent.outward()

    def check(self) -> None:
        """Refuse handlers that are never called; raises ``InvalidArgument``."""
        checked: list[Route] = []
        for route in self.routes():
            check_order(checked, route)
            checked.append(route)

    def routes(self, outer: tuple[Middleware, ...] = ()) -> Iterator[Route]:
        """Go through the handlers, in order, with the middlewares around them."""
        middlewares = (*outer, *self.middlewares)
        for entry in self.entries:
            if isinstance(entry, Declarations):
                yield from entry.routes(middlewares)
            else:
                yield msgspec.structs.replace(entry, middlewares=middlewares)

    def table(self) -> RouteTable:
        """Return all of it, as a bot that runs needs it.

        Raises:
            InvalidArgument: Two handlers that ``ask`` can name have the same name.
        """
        return RouteTable(
            self.routes(),
            self._all_steps(),
            (route for declarations in self.inward() for route in declarations.errors),
            (schedule for declarations in self.inward() for schedule in declarations.schedules),
        )

    def _all_steps(self, outer: tuple[Middleware, ...] = ()) -> Iterator[Route]:
        middlewares = (*outer, *self.middlewares)
        for step in self.steps:
            yield msgspec.structs.replace(step, middlewares=middlewares)
        for entry in self.entries:
            if isinstance(entry, Declarations):
                yield from entry._all_steps(middlewares)  # noqa: SLF001 - another of its kind
