"""Who acts: an agent or bot behind a token, or a customer on the website."""

from typing import Literal, TypeAlias

from msgspec import Struct

from frontdesk.actions import Scopes
from frontdesk.spec.actions import Version

__all__ = [
    "Actor",
    "AuthorType",
    "CustomerActor",
    "Level",
    "Requester",
    "Role",
    "requester_id",
]

Role = Literal["owner", "viceowner", "administrator", "normal"]
Level = Literal["all", "access", "my"]
AuthorType = Literal["agent", "customer"]

CUSTOMER_CLIENT_ID = "c5e4f61e1a6c3b1521b541bc5c5a2ac5"
"""The application that customers chat with."""


class Requester(Struct, frozen=True, kw_only=True):
    """The agent or bot behind a call.

    ``scopes`` holds every scope the token grants, contained ones included. ``client_id`` is the
    application's, ``connection_id`` the RTM connection's when the call came over one and
    ``request_id`` what the client calls that call. ``expires`` is when the token does, in
    microseconds since 1970. ``version`` is the one of the API that the call is made in.
    ``personal`` is true behind a personal access token, which is of no application.
    ``organization_id`` is empty for the license's own organization.
    """

    id: str
    account_id: str = ""
    bot: bool = False
    role: Role = "normal"
    scopes: frozenset[str] = frozenset()
    client_id: str = ""
    region: str = "dal"
    connection_id: str | None = None
    request_id: str | None = None
    token_id: str = ""
    expires: int | None = None
    version: Version = (3, 6)
    personal: bool = False
    organization_id: str = ""

    def __repr__(self) -> str:
        return f"Requester(id={self.id!r}, role={self.role!r}, client_id={self.client_id!r})"

    @property
    def author_type(self) -> AuthorType:
        """What the actor is as the author of an event; bots are agents."""
        return "agent"

    @property
    def sees_deleted(self) -> bool:
        """Whether deleted events are shown in full; normal agents and bots see their trace only."""
        return self.role != "normal"

    def allows(self, scopes: Scopes) -> bool:
        """Return whether the token grants the scopes that a method asks."""
        if not scopes.names:
            return True
        if scopes.every:
            return self.scopes.issuperset(scopes.names)
        return not self.scopes.isdisjoint(scopes.names)


class CustomerActor(Struct, frozen=True):
    """A customer who acts: on the website, by a control of the sandbox, or behind a call.

    ``connection_id`` to ``organization_id`` are set behind a call, and mean what they mean for a
    ``Requester``. ``ip`` and ``user_agent`` are those of the browser behind a connection.
    """

    id: str
    client_id: str = CUSTOMER_CLIENT_ID
    region: str = "dal"
    connection_id: str | None = None
    request_id: str | None = None
    token_id: str = ""
    expires: int | None = None
    version: Version = (3, 6)
    organization_id: str = ""
    ip: str = ""
    user_agent: str = ""

    def __repr__(self) -> str:
        return f"CustomerActor(id={self.id!r}, client_id={self.client_id!r})"

    @property
    def author_type(self) -> AuthorType:
        """What the actor is as the author of an event."""
        return "customer"


Actor: TypeAlias = Requester | CustomerActor
"""Whoever acts. What the router and timers do has no actor: ``None``."""


def requester_id(actor: Actor | None) -> str | None:
    """Return the id of an agent or bot; ``None`` for customers, the router and timers."""
    return actor.id if isinstance(actor, Requester) else None
