"""The control ``/__sandbox__/tokens``: access tokens, made and ended over HTTP.

========================== ============================================================
``GET  tokens``            the fixed ones, by name
``POST tokens``            ``{agent_id, seconds?, scopes?}``: a new one
``POST tokens/expire``     ``{token}``: its life ends now
``POST tokens/revoke``     ``{token}``: it is taken back
========================== ============================================================
"""

from typing import TYPE_CHECKING, Annotated, Any, Final

from msgspec import Meta

from frontdesk._checked import Checked, Id
from frontdesk.errors import NotFound
from frontdesk.sandbox.tokens import SECONDS, expire, issue, revoke

if TYPE_CHECKING:
    from frontdesk.sandbox.backend import Backend
    from frontdesk.sandbox.control.router import ControlCall

__all__ = ["TokensApi"]


class _Issue(Checked, frozen=True, kw_only=True):
    agent_id: Id
    seconds: Annotated[float, Meta(gt=0)] = SECONDS
    scopes: tuple[Id, ...] | None = None


class _Token(Checked, frozen=True, kw_only=True):
    token: Id
    """A token with its scheme, or the name of a fixed one."""


class TokensApi:
    """Answers the control; see the module.

    Args:
        backend: whose tokens they are.
    """

    def __init__(self, backend: "Backend") -> None:
        self._backend = backend

    def list(self, _: "ControlCall") -> Any:
        """The fixed tokens."""
        return {"tokens": self._backend.tokens()}

    def act(self, call: "ControlCall") -> Any:
        """Make a token, or end one."""
        if not call.parts:
            wanted = call.read(_Issue)
            token = self._backend.work(
                lambda world: issue(
                    world, wanted.agent_id, seconds=wanted.seconds, scopes=wanted.scopes
                )
            )
            return {"token": token}
        work = _ACTS.get(call.parts[0])
        if work is None:
            raise NotFound(f"tokens cannot `{call.parts[0]}`; there are {', '.join(_ACTS)}")
        named = call.read(_Token).token
        header = self._backend.tokens().get(named, named)
        return self._backend.work(lambda world: work(world, header))


_ACTS: Final = {"expire": expire, "revoke": revoke}
