"""What the sandbox does when a method is called: a handler per method, a folder per API."""

from typing import Any, Final, TypeVar, cast

from frontdesk.actions import Action
from frontdesk.sandbox.apis import agent, configuration, customer
from frontdesk.sandbox.apis.handler import MethodHandler
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.actor import Actor

__all__ = ["HANDLERS", "call"]

R = TypeVar("R")

HANDLERS: Final[dict[type[Action[Any]], MethodHandler]] = {
    handler.action: handler
    for handler in (*agent.HANDLERS, *configuration.HANDLERS, *customer.HANDLERS)
}
"""Each method that the sandbox has, with its handler."""


def call(world: World, requester: Actor, action: Action[R]) -> R:
    """Call a method in a world, without a transport and what belongs to it.

    Raises the ``APIError`` that the caller would get; then nothing of the call happened.
    """
    handler = HANDLERS[type(action)]
    handler.check_scopes(requester)
    return cast("R", handler.perform(world, requester, action))
