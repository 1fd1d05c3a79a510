"""How a handler says which method it answers, and how sure it is of its behaviour."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from msgspec import Struct

from frontdesk.actions import Action
from frontdesk.sandbox.store.records import TimerRow

if TYPE_CHECKING:
    from frontdesk.sandbox.world.actor import Requester
    from frontdesk.sandbox.world.world import World

__all__ = ["HANDLERS", "TIMERS", "Handler", "Timer", "handles", "on_timer"]

R = TypeVar("R")
A = TypeVar("A", bound=Action[Any])
Fidelity = Literal["documented", "assumed", "not emulated"]


class Handler(Struct, frozen=True, kw_only=True):
    """What answers one method; the fidelity table of the docs is made of these.

    ``fidelity``: ``documented`` when every rule it follows is in LiveChat's docs, ``assumed`` when
    some are not (``note`` says which), ``not emulated`` when it answers without doing the work.
    ``scopes_needed`` false: the method's scopes widen what it does and are not required.
    """

    function: Callable[[Any, Any, Any], Any]
    fidelity: Fidelity
    note: str
    scopes_needed: bool = True


HANDLERS: dict[type[Action[Any]], Handler] = {}
"""What answers each method."""

Timer = Callable[["World", TimerRow], None]
TIMERS: dict[str, Timer] = {}
"""What is done when a timer of a kind is due."""


def on_timer(kind: str) -> Callable[[Timer], Timer]:
    """Make a function what is done when a timer of the kind is due."""

    def register(function: Timer) -> Timer:
        TIMERS[kind] = function
        return function

    return register


def handles(
    action: type[Action[R]],
    *,
    fidelity: Fidelity = "documented",
    note: str = "",
    scopes_needed: bool = True,
) -> Callable[[Callable[["World", "Requester", A], R]], Callable[["World", "Requester", A], R]]:
    """Make a function the handler of a method.

    Args:
        action: the declaration that it answers.
        fidelity: how well founded its behaviour is, see ``Handler``.
        note: for users: which parts are assumed and what was assumed.
        scopes_needed: false when the method's scopes are not required but widen what it does.
    """
    if fidelity != "documented" and not note:
        raise ValueError(f"{action.__name__}: say what is {fidelity}")

    def register(
        function: Callable[["World", "Requester", A], R],
    ) -> Callable[["World", "Requester", A], R]:
        HANDLERS[action] = Handler(
            function=function, fidelity=fidelity, note=note, scopes_needed=scopes_needed
        )
        return function

    return register
