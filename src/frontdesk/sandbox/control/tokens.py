"""The control ``/__sandbox__/tokens``: access tokens, made and ended over HTTP.

========================== ============================================================
``GET  tokens``            the fixed ones, by name
``POST tokens``            ``{agent_id, seconds?, scopes?}``: a new one
``POST tokens/expire``     ``{token}``: its life ends now
``POST tokens/revoke``     ``{token}``: it is taken back
========================== ============================================================
"""

from typing import Annotated, Any, Final

from msgspec import Meta

from frontdesk.errors import NotFound
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.tokens import SECONDS, expire, issue, revoke
from frontdesk.spec.checks import Checked, Id

__all__ = ["TokensControl"]


class NewToken(Checked, frozen=True, kw_only=True):
    """Whose token to make, how long it lives and what it grants."""

    agent_id: Id
    seconds: Annotated[float, Meta(gt=0)] = SECONDS
    scopes: tuple[Id, ...] | None = None


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
        work = _ACTS.get(request.parts[0])
        if work is None:
            raise NotFound(f"tokens cannot `{request.parts[0]}`; there are {', '.join(_ACTS)}")
        named = request.read(EndedToken).token
        header = self._backend.tokens().get(named, named)
        return self._backend.work(lambda world: work(world, header))


_ACTS: Final = {"expire": expire, "revoke": revoke}
