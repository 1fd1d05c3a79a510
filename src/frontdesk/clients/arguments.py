"""Says what may be meant by an argument that a method of a client does not have."""

from collections.abc import Callable, Mapping
from functools import wraps
from types import FunctionType
from typing import Any, Final

from frontdesk.errors import UnexpectedArgument
from frontdesk.suggestions import did_you_mean

__all__ = ["explain_arguments"]

COROUTINE: Final = 0x80
"""The flag of the code of an ``async def``, as in ``inspect``, whose import takes long."""


def explain_arguments(cls: type) -> None:
    """Let the methods of a class that take arguments by name raise ``UnexpectedArgument``.

    Python's own error suggests a name from 3.13 on only, and names the class that a method is
    inherited from.
    """
    for name, method in list(vars(cls).items()):
        if not isinstance(method, FunctionType) or not method.__code__.co_kwonlyargcount:
            continue
        if name == "__init__":
            setattr(cls, name, _explained_init(method))
        elif not name.startswith("_"):
            is_async = method.__code__.co_flags & COROUTINE
            setattr(cls, name, _explained_async(method) if is_async else _explained(method))


def _explained(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def explained(self: object, *values: Any, **named: Any) -> Any:
        try:
            return method(self, *values, **named)
        except TypeError as error:
            problem = _problem(self, method, error, len(values), named)
            if problem is None:
                raise
        raise problem

    return explained


def _explained_async(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    async def explained(self: object, *values: Any, **named: Any) -> Any:
        try:
            return await method(self, *values, **named)
        except TypeError as error:
            problem = _problem(self, method, error, len(values), named)
            if problem is None:
                raise
        raise problem

    return explained


def _explained_init(method: Callable[..., None]) -> Callable[..., None]:
    @wraps(method)
    def explained(self: object, *values: Any, **named: Any) -> None:
        try:
            method(self, *values, **named)
        except TypeError as error:
            problem = _problem(self, method, error, len(values), named)
            if problem is None:
                raise
        else:
            return
        finally:
            # A traceback would show the token.
            del values, named
        raise problem

    return explained


def _problem(
    client: object,
    method: Callable[..., Any],
    error: TypeError,
    positional: int,
    named: Mapping[str, Any],
) -> UnexpectedArgument | None:
    """Say what is wrong with the arguments; ``None`` if the error is one of the method itself."""
    assert error.__traceback__ is not None
    if error.__traceback__.tb_next is not None:
        return None
    from inspect import Parameter, signature

    parameters = list(signature(method).parameters.values())[1:]
    owner = type(client).__name__
    name = owner if method.__name__ == "__init__" else f"{owner}.{method.__name__}"
    names = [parameter.name for parameter in parameters]
    for argument in named:
        if argument not in names:
            hint = did_you_mean(argument, names) or f"; it takes {_listed(names)}"
            return UnexpectedArgument(argument, f"is not an argument of `{name}`{hint}")
    unnamed = [each.name for each in parameters if each.kind is not Parameter.KEYWORD_ONLY]
    if positional > len(unnamed):
        rule = f"takes only {_listed(unnamed)} without a name" if unnamed else "takes no value"
        return UnexpectedArgument(
            "", f"`{name}` {rule}{'' if unnamed else ' without its name'}; it has {_listed(names)}"
        )
    for argument in unnamed[:positional]:
        if argument in named:
            return UnexpectedArgument(argument, "is given twice, with its name and without")
    for parameter in parameters[positional:]:
        if parameter.default is Parameter.empty and parameter.name not in named:
            return UnexpectedArgument(parameter.name, f"is required by `{name}`")
    return None


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
