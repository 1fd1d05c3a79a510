"""What a method's handler is: a function, and how well founded its behaviour is.

::

    @handles(SendTypingIndicator, fidelity="assumed", note="…")
    def send_typing_indicator(world, requester, action) -> None:
        chat = access.chat(world, requester, action.chat_id, "rw")   # or MissingAccess, NotFound
        ...                                                          # validate, then change

The table of an API, ``HANDLERS`` of its package, names each of them: what it does not name is not
there.
"""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from frontdesk.actions import Action
from frontdesk.errors import AuthorizationError
from frontdesk.sandbox.world import Requester, World

__all__ = ["Fidelity", "MethodHandler", "handles"]

Fidelity = Literal["documented", "assumed", "not emulated"]


class MethodHandler(Struct, frozen=True, kw_only=True):
    """What carries out one method; the fidelity table of the docs is made of these.

    ``fidelity``: ``documented`` when every rule it follows is in LiveChat's docs, ``assumed`` when
    some are not (``note`` says which), ``not emulated`` when it responds without doing the work.
    ``scopes_needed`` false: the method's scopes widen what it does and are not required.
    """

    action: type[Action[Any]]
    function: Callable[[World, Requester, Any], Any]
    fidelity: Fidelity
    note: str
    scopes_needed: bool = True

    def check_scopes(self, requester: Requester) -> None:
        """Raise ``AuthorizationError`` when the token of the requester lacks a scope."""
        spec = self.action.spec
        if self.scopes_needed and not requester.allows(spec.scopes):
            raise AuthorizationError(
                f"`{spec.name}` needs the scope {spec.scopes}, which the token lacks"
            )

    def perform(self, world: World, requester: Requester, action: Any) -> Any:
        """Do what is due by now, then what the action asks, as one unit of work.

        Raises the ``APIError`` that the caller is to get; then nothing of it happened.
        """
        world.run_due_timers()
        return world.unit(self.function, world, requester, action)


def handles(
    action: type[Action[Any]],
    *,
    fidelity: Fidelity = "documented",
    note: str = "",
    scopes_needed: bool = True,
) -> Callable[[Callable[[World, Requester, Any], Any]], MethodHandler]:
    """Make a function the handler of a method.

    Args:
        action: the declaration of the method.
        fidelity: how well founded its behaviour is, see ``MethodHandler``.
        note: for users: which parts are assumed and what was assumed.
        scopes_needed: false when the method's scopes are not required but widen what it does.

    Raises ``ValueError`` when something is assumed and no note says what.
    """
    if fidelity != "documented" and not note:
        raise ValueError(f"{action.__name__}: say what is {fidelity}")

    def make(function: Callable[[World, Requester, Any], Any]) -> MethodHandler:
        return MethodHandler(
            action=action,
            function=function,
            fidelity=fidelity,
            note=note,
            scopes_needed=scopes_needed,
        )

    return make
