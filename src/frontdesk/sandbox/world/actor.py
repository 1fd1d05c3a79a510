"""Who calls: the agent or bot behind a token, and what the token allows."""

from functools import cache
from typing import Literal

from msgspec import Struct

from frontdesk.actions import Scopes

__all__ = ["Level", "Requester", "Role", "Session", "Subscription", "covers"]

Role = Literal["owner", "viceowner", "administrator", "normal"]
Level = Literal["all", "access", "my"]

_CONTAINED = {"all": ("all", "access", "my"), "access": ("access", "my"), "my": ("my",)}


@cache
def covers(granted: str) -> frozenset[str]:
    """The scopes that a scope contains, itself included.

    ``rw`` contains ``ro``, ``--all`` contains ``--access`` contains ``--my``.
    Source: https://platform.text.com/docs/authorization/scopes
    """
    name, _, right = granted.rpartition(":")
    rights = ("rw", "ro") if right == "rw" else (right,)
    resource, dashes, level = name.partition("--")
    levels = _CONTAINED.get(level, (level,)) if dashes else ("",)
    return frozenset(
        f"{resource}--{lower}:{one}" if dashes else f"{resource}:{one}"
        for lower in levels
        for one in rights
    )


class Requester(Struct, frozen=True, kw_only=True):
    """The agent or bot behind a call.

    ``scopes`` holds every scope the token grants, contained ones included. ``client_id`` is the
    application's, ``connection_id`` the RTM connection's when the call came over one and
    ``request_id`` what the client calls that call, ``expires`` the token's last moment in
    microseconds since 1970.
    """

    id: str
    bot: bool = False
    role: Role = "normal"
    scopes: frozenset[str] = frozenset()
    client_id: str = ""
    region: str = "dal"
    connection_id: str | None = None
    request_id: str | None = None
    token_id: str = ""
    expires: int | None = None

    def __repr__(self) -> str:
        return f"Requester(id={self.id!r}, role={self.role!r}, client_id={self.client_id!r})"

    @property
    def sees_deleted(self) -> bool:
        """Whether deleted events are shown in full; normal agents and bots see their trace only."""
        return self.role != "normal"

    def allows(self, wanted: Scopes) -> bool:
        """Whether the token grants the scopes that a method asks."""
        if not wanted.names:
            return True
        if wanted.every:
            return self.scopes.issuperset(wanted.names)
        return not self.scopes.isdisjoint(wanted.names)


class Subscription(Struct, frozen=True):
    """Customers that a connection asked for; an empty ``group_ids`` means every group."""

    id: str
    group_ids: tuple[int, ...] = ()
    limit: int | None = None


class Session(Struct, kw_only=True):
    """An RTM connection that is logged in.

    ``pushes`` are the push names wanted by version, None for all of the connection's version.
    """

    connection_id: str
    requester: Requester
    away: bool = False
    monitoring_level: str = "my"
    pushes: dict[str, list[str]] | None = None
    subscriptions: dict[str, Subscription] = {}
