"""What a method's handler is: a function, and the rules that it follows.

::

    @handles(SendTypingIndicator, rules=(documented("…"), assumed("…")))
    def send_typing_indicator(world, requester, action) -> None:
        chat = access.chat(world, requester, action.chat_id, "rw")   # or MissingAccess, NotFound
        ...                                                          # validate, then change

The table of an API, ``HANDLERS`` of its package, names each of them: what it does not name is not
there.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from frontdesk.actions import Action
from frontdesk.errors import AuthorizationError
from frontdesk.sandbox.apis.rules import Rule
from frontdesk.sandbox.world import Requester, World
from frontdesk.sandbox.world.actor import Actor
from frontdesk.spec.actions import ExtraScopes

__all__ = ["MethodHandler", "handles", "require_extra"]


class MethodHandler(Struct, frozen=True, kw_only=True):
    """What carries out one method; the fidelity table of the docs is made of these.

    ``rules`` says what it does and what each rule rests on. ``scopes_needed`` false: the method's
    scopes widen what it does and are not required.
    """

    action: type[Action[Any]]
    function: Callable[[World, Any, Any], Any]
    rules: tuple[Rule, ...]
    scopes_needed: bool = True

    def check_scopes(self, requester: Actor) -> None:
        """Raise ``AuthorizationError`` when the token of the requester lacks a scope.

        The tokens of customers have none.
        """
        spec = self.action.spec
        if (
            self.scopes_needed
            and isinstance(requester, Requester)
            and not requester.allows(spec.scopes)
        ):
            raise AuthorizationError(
                f"`{spec.name}` needs the scope {spec.scopes}, which the token lacks"
            )

    def perform(self, world: World, requester: Actor, action: Any) -> Any:
        """Do what is due by now, then what the action asks, as one unit of work.

        Raises the ``APIError`` that the caller is to get; then nothing of it happened.
        """
        world.run_due_timers()
        return world.unit(self.function, world, requester, action)


def require_extra(
    requester: Requester, action: type[Action[Any]], extra: ExtraScopes, field: str
) -> None:
    """Check that the token has the scopes that a method asks for in some case.

    Args:
        requester: Whose token it is.
        action: The declaration of the method.
        extra: Which scopes, one of ``extra_scopes`` of the declaration.
        field: The field of the request that makes the case.

    Raises:
        AuthorizationError: One of the scopes is missing.
    """
    if not requester.scopes.issuperset(extra.names):
        raise AuthorizationError(
            f"`{field}`: `{action.spec.name}` needs the scope {' and '.join(extra.names)} for "
            f"this case ({extra.when}), which the token lacks"
        )


def handles(
    action: type[Action[Any]],
    *,
    rules: tuple[Rule, ...],
    scopes_needed: bool = True,
) -> Callable[[Callable[[World, Any, Any], Any]], MethodHandler]:
    """Make a function the handler of a method; it gets the world, who calls, and the action.

    Args:
        action: The declaration of the method.
        rules: What it does, for users, and what each rule rests on, see ``rules``.
        scopes_needed: False when the method's scopes are not required but widen what it does.

    Raises:
        ValueError: No rule is given.
    """
    if not rules:
        raise ValueError(f"{action.__name__}: say what it does, and what that rests on")

    def make(function: Callable[[World, Any, Any], Any]) -> MethodHandler:
        return MethodHandler(
            action=action, function=function, rules=rules, scopes_needed=scopes_needed
        )

    return make
