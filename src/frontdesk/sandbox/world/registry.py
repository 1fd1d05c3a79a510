"""How a handler says which method it handles, and how sure it is of its behaviour."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from msgspec import Struct

from frontdesk.actions import Action

__all__ = ["HANDLERS", "MethodHandler", "handles"]

W = TypeVar("W")
Q = TypeVar("Q")
A = TypeVar("A", bound=Action[Any])
R = TypeVar("R")
Fidelity = Literal["documented", "assumed", "not emulated"]


class MethodHandler(Struct, frozen=True, kw_only=True):
    """What handles one method; the fidelity table of the docs is made of these.

    ``fidelity``: ``documented`` when every rule it follows is in LiveChat's docs, ``assumed`` when
    some are not (``note`` says which), ``not emulated`` when it responds without doing the work.
    ``scopes_needed`` false: the method's scopes widen what it does and are not required.
    """

    function: Callable[[Any, Any, Any], Any]
    fidelity: Fidelity
    note: str
    scopes_needed: bool = True


HANDLERS: dict[type[Action[Any]], MethodHandler] = {}
"""What handles each method."""


def handles(
    action: type[Action[R]],
    *,
    fidelity: Fidelity = "documented",
    note: str = "",
    scopes_needed: bool = True,
) -> Callable[[Callable[[W, Q, A], R]], Callable[[W, Q, A], R]]:
    """Make a function the handler of a method: it gets the world, the requester and the action.

    Args:
        action: The declaration that it handles.
        fidelity: How well founded its behaviour is, see ``MethodHandler``.
        note: For users: which parts are assumed, and what was assumed.
        scopes_needed: False when the method's scopes are not required but widen what it does.

    Raises:
        ValueError: The behaviour is not documented, and no note says what is.
    """
    if fidelity != "documented" and not note:
        raise ValueError(f"{action.__name__}: say what is {fidelity}")

    def register(function: Callable[[W, Q, A], R]) -> Callable[[W, Q, A], R]:
        HANDLERS[action] = MethodHandler(
            function=function, fidelity=fidelity, note=note, scopes_needed=scopes_needed
        )
        return function

    return register
