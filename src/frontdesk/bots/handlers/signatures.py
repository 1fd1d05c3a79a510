"""What a handler takes: each parameter gets what its annotation names."""

import inspect
import re
from collections.abc import Callable
from functools import partial
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from frontdesk.errors import InvalidArgument
from frontdesk.spec.arguments import check_handler, is_async

__all__ = ["Offer", "Plan", "is_a", "plan_of"]

Getter = Callable[[Any], Any]
"""Takes the context of a call, and returns what a parameter gets."""


class Offer(Struct, frozen=True):
    """Something that handlers of a kind can take.

    Args:
        type: The class that a parameter is annotated with.
        get: Returns it.
        is_fetched: Whether ``get`` returns an awaitable, which asks the API.
    """

    type: type[Any]
    get: Getter
    is_fetched: bool = False


class Plan(Struct, frozen=True):
    """How to call a handler."""

    function: Callable[..., Any]
    name: str
    is_async: bool
    getters: tuple[tuple[str, Getter, bool], ...]
    """The name of each parameter, what it gets, and whether that is awaited."""
    positional: tuple[Getter, ...] | None
    """The same for the usual case, in which nothing is awaited and no parameter needs its name."""


NAMES: Final = {"str": "the text is `ctx.text`", "dict": "take the payload by its class"}


def plan_of(
    kind: str,
    function: Callable[..., Any],
    offers: "list[Offer]",
    state_type: type[Any] | None = None,
) -> Plan:
    """Read the parameters of a handler.

    Args:
        kind: What it is declared with, such as ``@bot.message``; messages name it.
        function: The handler.
        offers: What its parameters can be.
        state_type: The class of the bot's state, which its context has.

    Raises:
        InvalidArgument: It is no function, or a parameter has no annotation, or one for which
            there is nothing.
    """
    check_handler("handler", function)
    if isinstance(function, type):
        raise InvalidArgument(function.__qualname__, "is a class, and a handler is a function")
    name = getattr(function, "__qualname__", repr(function))
    runs_async = is_async(function)
    hints = _hints(function, name)
    getters: list[tuple[str, Getter, bool]] = []
    by_position = True
    for parameter in _parameters(function, name):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise InvalidArgument(
                name, f"takes `*{parameter.name}`, which would get nothing: name what it needs"
            )
        if parameter.name not in hints:
            if parameter.default is not parameter.empty:
                continue
            raise InvalidArgument(
                name,
                f"does not say what `{parameter.name}` is: annotate it, such as "
                f"`{parameter.name}: {'Context' if runs_async else 'SyncContext'}`",
            )
        offer = _offer(offers, hints[parameter.name])
        if offer is None:
            if parameter.default is not parameter.empty:
                by_position = False
                continue
            raise InvalidArgument(name, _refusal(kind, parameter.name, hints, offers))
        by_position = by_position and parameter.kind is not parameter.KEYWORD_ONLY
        getters.append((parameter.name, offer.get, offer.is_fetched))
    _check_context(name, hints, state_type, runs_async=runs_async)
    simple = by_position and not any(is_fetched for _, _, is_fetched in getters)
    return Plan(
        function,
        name,
        runs_async,
        tuple(getters),
        tuple(get for _, get, _ in getters) if simple else None,
    )


def is_a(annotation: Any, kind: type[Any]) -> bool:
    """Tell whether an annotation is a class, or that class with parameters."""
    return annotation is kind or get_origin(annotation) is kind


def _offer(offers: "list[Offer]", annotation: Any) -> Offer | None:
    for offer in offers:
        if is_a(annotation, offer.type):
            return offer
    members = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ()
    for offer in offers:
        # `MessageEvent | None`, or a union of everything that the handler is declared for.
        if any(is_a(member, offer.type) for member in members):
            return offer
    return None


def _refusal(kind: str, parameter: str, hints: dict[str, Any], offers: "list[Offer]") -> str:
    annotation = hints[parameter]
    shown = getattr(annotation, "__name__", None) or str(annotation)
    advice = f" ({NAMES[shown]})" if shown in NAMES else ""
    there = ", ".join(dict.fromkeys(offer.type.__name__ for offer in offers))
    return f"cannot get `{parameter}: {shown}`{advice}: {kind} has {there}"


def _check_context(
    name: str, hints: dict[str, Any], state_type: type[Any] | None, *, runs_async: bool
) -> None:
    right, wrong = ("Context", "SyncContext") if runs_async else ("SyncContext", "Context")
    for parameter, annotation in hints.items():
        kind = get_origin(annotation) or annotation
        if not getattr(kind, "__module__", "").startswith("frontdesk.bots"):
            continue
        if kind.__name__ == wrong:
            how = "is async" if runs_async else "is not async"
            raise InvalidArgument(name, f"{how}: `{parameter}` must be a {right}, not a {wrong}")
        for state in get_args(annotation) if kind.__name__ == right else ():
            if isinstance(state, type) and state not in (state_type, NoneType):
                kept = "no state" if state_type is None else f"a state of {state_type.__name__}"
                raise InvalidArgument(
                    name,
                    f"takes `{parameter}: {right}[{state.__name__}]`, where {kept} is kept: "
                    f"declare it with `state={state.__name__}`",
                )


def _hints(function: Callable[..., Any], name: str) -> dict[str, Any]:
    target: Any = function
    while isinstance(target, partial):
        target = target.func
    if not (inspect.isroutine(target) or inspect.isclass(target)):
        target = type(target).__call__
    try:
        hints = get_type_hints(target)
    except NameError as error:
        undefined = re.search(r"'(.+?)'", str(error))
        raise InvalidArgument(
            name,
            f"has an annotation that is not defined where it is declared: "
            f"`{undefined[1] if undefined else error}`",
        ) from None
    except TypeError as error:
        raise InvalidArgument(name, f"has an annotation that is none: {error}") from None
    hints.pop("return", None)
    return hints


def _parameters(function: Callable[..., Any], name: str) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise InvalidArgument(name, "has no signature that can be read") from None
