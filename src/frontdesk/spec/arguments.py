"""Checks of arguments that are no fields of a structure: numbers of seconds, counts, functions."""

from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any, TypeGuard

from frontdesk.errors import InvalidArgument

__all__ = [
    "check_count",
    "check_flag",
    "check_function",
    "check_handler",
    "check_text",
    "check_wait",
    "is_async",
    "refuse_awaitable",
]


def check_wait(name: str, seconds: object) -> None:
    """Refuse what is no time to wait: a number of seconds, None for no limit.

    What is not above 0 does not wait. Raises ``InvalidArgument``.
    """
    if seconds is not None and not (_is_number(seconds) and seconds == seconds):  # noqa: PLR0124 - NaN
        raise InvalidArgument(name, f"must be a number of seconds or None, not {seconds!r}")


def check_text(name: str, text: str) -> None:
    """Refuse a text that no encoding can send: a lone surrogate is half of a character.

    The text may be a secret, so that no error shows it. Raises ``InvalidArgument``.
    """
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidArgument(name, "must not hold lone surrogates, which are halves of characters")


def check_count(name: str, count: object) -> None:
    """Refuse what is no whole number of at least 1. Raises ``InvalidArgument``."""
    if type(count) is not int:  # a bool is an int, but no count
        raise InvalidArgument(name, f"must be a whole number, not {count!r}")
    if count < 1:
        raise InvalidArgument(name, "must be 1 or more")


def check_flag(name: str, flag: object) -> None:
    """Refuse what is neither true nor false. Raises ``InvalidArgument``."""
    if not isinstance(flag, bool):
        raise InvalidArgument(name, f"must be true or false, not {flag!r}")


def check_function(name: str, function: object, *, instead: str = "") -> None:
    """Refuse what cannot be called, and what only makes a coroutine or a generator.

    ``instead`` says what an async function is for. Raises ``InvalidArgument``.
    """
    check_handler(name, function)
    if is_async(function):
        raise InvalidArgument(name, f"must not be an async function{instead}")


def is_async(function: object) -> bool:
    """Tell whether calling this makes a coroutine, also of an object with an async ``__call__``."""
    return iscoroutinefunction(function) or iscoroutinefunction(
        getattr(type(function), "__call__", None)  # noqa: B004 - a method, not whether it is callable
    )


def check_handler(name: str, function: object) -> None:
    """Refuse what cannot be called, and generators, whose body nobody would run.

    Raises ``InvalidArgument``.
    """
    if not callable(function):
        raise InvalidArgument(name, f"must be a function, not {function!r}")
    if isgeneratorfunction(function) or isasyncgenfunction(function):
        raise InvalidArgument(name, "must not be a generator: nothing would run its body")


def refuse_awaitable(name: str, result: object, instead: str) -> None:
    """Refuse what a sync function returned if it is still to be awaited; nobody would.

    Raises ``InvalidArgument``.
    """
    if not hasattr(result, "__await__"):
        return
    close = getattr(result, "close", None)
    if close is not None:
        close()
    raise InvalidArgument(name, f"must not be an async function{instead}")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
