"""The control ``/__sandbox__/tokens``: access tokens, made and ended over HTTP.

========================== ============================================================
``GET  tokens``            the fixed ones, by name
``POST tokens``            ``{agent_id, seconds?, scopes?}``: a new one
``POST tokens/customer``   ``{customer_id?, seconds?}``: one of a customer, or of a new one
``POST tokens/expire``     ``{token}``: its life ends now
``POST tokens/revoke``     ``{token}``: it is taken back
========================== ============================================================
"""

from typing import Annotated, Any, Final

from msgspec import Meta

from frontdesk.errors import NotFound
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.tokens import (
    SECONDS,
    customer_or_new,
    expire,
    issue,
    issue_to_customer,
    revoke,
)
from frontdesk.sandbox.world import World
from frontdesk.spec.checks import Checked, Id

__all__ = ["TokensControl"]


class NewToken(Checked, frozen=True, kw_only=True):
    """Whose token to make, how long it lives and what it grants."""

    agent_id: Id
    seconds: Annotated[float, Meta(gt=0)] = SECONDS
    scopes: tuple[Id, ...] | None = None


class NewCustomerToken(Checked, frozen=True, kw_only=True):
    """Whose token to make, a new customer's by default, and how long it lives."""

    customer_id: Id | None = None
    seconds: Annotated[float, Meta(gt=0)] = SECONDS


class EndedToken(Checked, frozen=True, kw_only=True):
    """The token to end."""

    token: Id
    """A token with its scheme, or the name of a fixed one."""


class TokensControl:
    """Makes and ends tokens; see the module.

    Args:
        backend: whose tokens they are.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def list(self, _: ControlRequest) -> Any:
        """The fixed tokens."""
        return {"tokens": self._backend.tokens()}

    def act(self, request: ControlRequest) -> Any:
        """Make a token, or end one."""
        if not request.parts:
            order = request.read(NewToken)
            token = self._backend.work(
                lambda world: issue(
                    world, order.agent_id, seconds=order.seconds, scopes=order.scopes
                )
            )
            return {"token": token}
        if request.parts[0] == "customer":
            return self._issue_to_customer(request.read(NewCustomerToken))
        work = _ACTS.get(request.parts[0])
        if work is None:
            acts = ", ".join(("customer", *_ACTS))
            raise NotFound(f"tokens cannot `{request.parts[0]}`; there are {acts}")
        named = request.read(EndedToken).token
        header = self._backend.tokens().get(named, named)
        return self._backend.work(lambda world: work(world, header))

    def _issue_to_customer(self, order: NewCustomerToken) -> Any:
        def work(world: World) -> dict[str, str]:
            customer_id = customer_or_new(world, order.customer_id)
            token = issue_to_customer(world, customer_id, seconds=order.seconds)
            return {"customer_id": customer_id, "token": token}

        return self._backend.work(work)


_ACTS: Final = {"expire": expire, "revoke": revoke}
