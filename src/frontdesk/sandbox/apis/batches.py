"""The batch methods: each does what its single method does, request by request.

Every request is a unit of work of its own, so one that fails leaves nothing behind and does not
fail the others.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, get_args, get_type_hints

from msgspec import Struct

from frontdesk.actions import CONFIGURATION_ACTIONS, Action
from frontdesk.errors import APIError
from frontdesk.models import BatchError, BatchItem
from frontdesk.sandbox.apis.handler import MethodHandler
from frontdesk.sandbox.apis.rules import Rule, assumed, documented
from frontdesk.sandbox.world import Requester, World
from frontdesk.sandbox.world.identity import renewed

__all__ = ["BatchHandler", "Requests", "batches_of", "single_of"]

RULES: Final[tuple[Rule, ...]] = (
    documented("The scopes and the rules of each request are those of the single method."),
    documented("A request that fails does not fail the others: its response is its `error`."),
    assumed(
        "The requests are done in their order, as many as there are, each with its own pushes and "
        "webhooks; the status is 200 even if all of them fail."
    ),
    assumed(
        "What a request changes about the caller counts for those after it: of a caller who has "
        "lost a role, a scope or the token by then, they fail with `authorization` or "
        "`authentication`."
    ),
)


class Requests(Struct, frozen=True):
    """The requests of a batch: each an action, or why it is none."""

    requests: Sequence[Action[Any] | APIError]


class Responses(Struct, frozen=True):
    """What became of each request, in their order."""

    responses: list[Any]


class BatchHandler(MethodHandler, frozen=True, kw_only=True):
    """What carries out a batch method."""

    single: MethodHandler

    def perform(self, world: World, requester: Any, action: Any) -> Responses:
        """Do what each of the requests asks."""
        company = world.store.company
        generation = company.generation
        responses: list[Any] = []
        for item in action.requests:
            changed = company.generation != generation
            responses.append(self._response(world, requester, item, renew=changed))
        return Responses(responses)

    def _response(
        self, world: World, requester: Requester, item: Action[Any] | APIError, *, renew: bool
    ) -> Any:
        if isinstance(item, APIError):
            return _failed(item)
        try:
            # An earlier request may have taken the caller's role, or deleted the caller.
            if renew and requester.token_id:
                requester = renewed(world, requester)
                self.single.check_scopes(requester)
            result = self.single.perform(world, requester, item)
        except APIError as error:
            return _failed(error)
        return BatchItem() if result is None else result


def batches_of(handlers: Iterable[MethodHandler]) -> tuple[BatchHandler, ...]:
    """Return the handlers of the batch methods whose single methods have one."""
    singles = {handler.action: handler for handler in handlers}
    return tuple(
        BatchHandler(action=batch, function=single.function, rules=RULES, single=single)
        for batch in CONFIGURATION_ACTIONS.values()
        if batch.spec.group == "batch" and (single := singles.get(single_of(batch)))
    )


def single_of(batch: type[Action[Any]]) -> type[Action[Any]]:
    """Return the declaration of the method of one request of a batch method."""
    (item,) = get_args(get_type_hints(batch)["requests"])
    single: type[Action[Any]] = item
    return single


def _failed(error: APIError) -> BatchItem:
    return BatchItem(
        error=BatchError(type=error.type, message=error.message, data=error.data or None)
    )
