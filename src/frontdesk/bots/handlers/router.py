"""``Router``: where handlers are declared."""

import re
from collections.abc import Callable
from inspect import iscoroutinefunction, signature
from typing import Any, Final, TypeVar, overload

import msgspec
from msgspec import Struct

from frontdesk.bots.context import Context, SyncContext
from frontdesk.bots.handlers.declarations import Declarations
from frontdesk.bots.handlers.matching import ANYTHING, Condition, Matches, Pressed, condition_of
from frontdesk.bots.handlers.offers import offers_for
from frontdesk.bots.handlers.routes import ErrorRoute, Middleware, Route, Schedule
from frontdesk.bots.handlers.signatures import Offer, Plan, plan_of
from frontdesk.bots.work.schedule import Tick
from frontdesk.errors import InvalidArgument
from frontdesk.pushes import PUSHES
from frontdesk.spec.arguments import check_handler
from frontdesk.webhooks.parsing import UnknownWebhook
from frontdesk.webhooks.payloads import PAYLOADS

__all__ = ["Router"]

H = TypeVar("H", bound=Callable[..., Any])
Declare = Callable[[H], H]

SHORTEST_INTERVAL: Final = 1.0
KNOWN: Final = frozenset({*PAYLOADS.values(), *PUSHES.values(), UnknownWebhook})


class Router:
    """Handlers that belong together; a ``Bot`` is one, and includes others.

    A handler is a function, async or not, whose parameters get what their annotations name: a
    ``Context`` (``SyncContext`` in a function that is not async), the payload, the event, the
    ``Webhook``, the bot's state, and so on. Of all handlers that are for something, the one that
    was declared first is called, and no other.

    Args:
        state: The class of the state that the bot keeps for each chat, if handlers here take it.

    Raises:
        InvalidArgument: The class of the state is none.
    """

    def __init__(self, *, state: type[Any] | None = None) -> None:
        self.declared: Declarations = Declarations(_checked_state(state))
        """What was declared here, and what is included."""

    @overload
    def message(self, function: H, /) -> H: ...
    @overload
    def message(
        self,
        *,
        contains: str | None = None,
        matches: "str | re.Pattern[str] | None" = None,
        when: Callable[[Context[Any]], object] | None = None,
    ) -> Callable[[H], H]: ...
    def message(
        self,
        function: Any = None,
        *,
        contains: str | None = None,
        matches: "str | re.Pattern[str] | None" = None,
        when: Callable[[Context[Any]], object] | None = None,
    ) -> Any:
        """Have a function called with customers' messages: ``@bot.message``, for all of them.

        Args:
            function: The handler, where there are no parentheses.
            contains: Only messages that contain this text, whatever the case of the letters.
            matches: Only messages in which this regular expression is found; the handler gets the
                match as ``re.Match``.
            when: Only messages for which this function of the context returns true.

        Raises:
            InvalidArgument: The handler takes something that there is not, or is never called, or
                more than one condition is given.
        """
        return self._declared(function, "message", condition_of(contains, matches, when))

    @overload
    def chat_started(self, function: H, /) -> H: ...
    @overload
    def chat_started(self) -> Callable[[H], H]: ...
    def chat_started(self, function: Any = None) -> Any:
        """Have a function called when a chat starts, or when its customer comes back to it.

        What the customer began with is handled after that, as messages. Once for each thread.
        """
        return self._declared(function, "chat_started", ANYTHING)

    @overload
    def postback(self, function: H, /) -> H: ...
    @overload
    def postback(self, *ids: str) -> Callable[[H], H]: ...
    def postback(self, *arguments: Any) -> Any:
        """Have a function called when a button of a rich message is pressed.

        Args:
            arguments: The ``postback_id`` of each button; without any, all of them.
        """
        if len(arguments) == 1 and callable(arguments[0]):
            return self._declared(arguments[0], "postback", ANYTHING)
        if not all(isinstance(id, str) and id for id in arguments):
            raise InvalidArgument("ids", "must be ids of buttons, which are texts")
        condition = Pressed(frozenset(arguments)) if arguments else ANYTHING
        return self._declared(None, "postback", condition)

    @overload
    def form(self, function: H, /) -> H: ...
    @overload
    def form(self, *, when: Callable[[Context[Any]], object] | None = None) -> Callable[[H], H]: ...
    def form(
        self, function: Any = None, *, when: Callable[[Context[Any]], object] | None = None
    ) -> Any:
        """Have a function called when a customer fills in a form.

        Args:
            function: The handler, where there are no parentheses.
            when: Only forms for which this function of the context returns true.
        """
        return self._declared(function, "form", condition_of(None, None, when))

    @overload
    def fallback(self, function: H, /) -> H: ...
    @overload
    def fallback(self) -> Callable[[H], H]: ...
    def fallback(self, function: Any = None) -> Any:
        """Have a function called with what customers do that no other handler is for.

        These are messages, pressed buttons, forms and files.
        """
        return self._declared(function, "fallback", ANYTHING)

    def on(self, *payloads: type[Any]) -> Callable[[H], H]:
        """Have a function called with webhooks or pushes that have one of these payloads.

        Also in chats that the bot is not in. What the bot itself wrote is left out.

        Args:
            payloads: Classes of ``frontdesk.pushes`` or ``frontdesk.webhooks``, such as
                ``ChatTransferred``.
        """
        unknown = [payload for payload in payloads if payload not in KNOWN]
        if unknown or not payloads:
            what = repr(unknown[0]) if unknown else "nothing"
            raise InvalidArgument("payloads", f"must be payloads of webhooks or pushes, not {what}")
        declare: Callable[[H], H] = self._declared(None, "on", ANYTHING, payloads)
        return declare

    def step(self, function: H, /) -> H:
        """Let a function be what ``ask`` names as ``then``: it gets the customer's next message."""
        self.declared.steps.append(Route("step", self._plan("step", function), ANYTHING))
        return function

    @overload
    def error(self, function: H, /) -> H: ...
    @overload
    def error(self, *kinds: type[BaseException]) -> Callable[[H], H]: ...
    def error(self, *arguments: Any) -> Any:
        """Have a function called when a handler has failed for good, before its dead letter.

        It gets the error by its class, and a context to apologize with. Its own errors are logged.

        Args:
            arguments: The classes of errors that it is for; without any, all of them.
        """
        is_kind = [isinstance(kind, type) and issubclass(kind, Exception) for kind in arguments]
        if len(arguments) == 1 and not isinstance(arguments[0], type):
            return self._declare_error(arguments[0], (Exception,))
        if not all(is_kind):
            raise InvalidArgument("kinds", "must be classes of errors")
        kinds = arguments or (Exception,)

        def declare(function: H) -> H:
            self._declare_error(function, kinds)
            return function

        return declare

    def every(
        self, *, seconds: float = 0, minutes: float = 0, hours: float = 0
    ) -> Callable[[H], H]:
        """Have a function called at fixed intervals, once in all processes with one state store.

        The times are whole multiples of the interval since 1970. A time at which no process ran,
        or the handler still ran, is left out.

        Args:
            seconds: These are added up, and must make at least a second.
            minutes: See ``seconds``.
            hours: See ``seconds``.
        """
        try:
            interval = float(seconds + 60 * minutes + 3600 * hours)
        except TypeError:
            raise InvalidArgument("seconds", "must be a number") from None
        if not SHORTEST_INTERVAL <= interval < float("inf"):
            raise InvalidArgument("seconds", "must make at least 1 second, with minutes and hours")

        def declare(function: H) -> H:
            plan = plan_of("@every", function, [Offer(Tick, _itself)])
            self.declared.schedules.append(Schedule(plan, interval))
            return function

        return declare

    def middleware(self, function: Middleware, /) -> Middleware:
        """Have an async function called around each handler of this router.

        It takes the context and a function that calls the handler, which it awaits:
        ``async def timed(ctx, call_next)``. Those declared first are outermost.
        """
        check_handler("middleware", function)
        if not iscoroutinefunction(function):
            raise InvalidArgument("middleware", "must be an async function")
        try:
            signature(function).bind(None, None)
        except TypeError:
            raise InvalidArgument(
                "middleware", "must take two arguments: the context, and `call_next`"
            ) from None
        self.declared.middlewares.append(function)
        return function

    def include(self, router: "Router") -> None:
        """Take over the handlers of a router, as if they were declared here and now.

        Raises:
            InvalidArgument: It is no router, includes this one, keeps another state, or brings a
                handler that is never called.
        """
        if not isinstance(router, Router):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("router", f"must be a Router, not {router!r}")
        self.declared.include(router.declared)

    def _declared(
        self,
        function: Any,
        kind: str,
        condition: Condition,
        payloads: tuple[type[Any], ...] = (),
    ) -> Any:
        def declare(function: H) -> H:
            plan = self._plan(kind, function, payloads, condition)
            self.declared.add(Route(kind, plan, condition, payloads))
            return function

        return declare if function is None else declare(function)

    def _declare_error(self, function: Any, kinds: tuple[type[Exception], ...]) -> Any:
        offers = [Offer(kind, _error_of) for kind in (*kinds, Exception)]
        state_type = self.declared.state_type
        offers = [*offers_for("error", (), state_type), *offers]
        plan = plan_of("@error", function, offers, state_type)
        for route in self.declared.errors:
            if all(issubclass(kind, route.kinds) for kind in kinds):
                raise InvalidArgument(
                    plan.name,
                    f"can never be called: `{route.plan.name}`, declared before it, takes every "
                    "error that it is for",
                )
        self.declared.errors.append(ErrorRoute(kinds, plan))
        return function

    def _plan(
        self,
        kind: str,
        function: Any,
        payloads: tuple[type[Any], ...] = (),
        condition: Condition = ANYTHING,
    ) -> Plan:
        state_type = self.declared.state_type
        has_match = isinstance(condition, Matches)
        offers = offers_for(kind, payloads, state_type, has_match=has_match)
        return plan_of(f"@{kind}", function, offers, state_type)


def _itself(tick: Any) -> Any:
    return tick


def _error_of(context: Context[Any] | SyncContext[Any]) -> Any:
    return context.error


def _checked_state(state: type[Any] | None) -> type[Any] | None:
    if state is None:
        return None
    if not (isinstance(state, type) and issubclass(state, Struct)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("state", "must be a class derived from msgspec.Struct")
    required = [field.name for field in msgspec.structs.fields(state) if field.required]
    if required:
        raise InvalidArgument(
            "state", f"must have a default for `{required[0]}`: a new chat begins with the defaults"
        )
    try:
        msgspec.json.Decoder(state)
    except TypeError as error:
        raise InvalidArgument("state", f"cannot be stored as JSON: {error}") from None
    return state
