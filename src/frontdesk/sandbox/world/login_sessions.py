"""What the world keeps of an RTM connection that is logged in."""

from msgspec import Struct

from frontdesk.sandbox.world.actor import CustomerActor, Requester

__all__ = ["CustomerSession", "CustomerWatch", "LoginSession"]


class CustomerWatch(Struct, frozen=True):
    """Customers that a connection asked for; an empty ``group_ids`` means every group."""

    id: str
    group_ids: tuple[int, ...] = ()
    limit: int | None = None


class LoginSession(Struct, kw_only=True):
    """An RTM connection that is logged in.

    ``pushes`` are the push names that the log-in asks for, by version; ``None`` for all of the
    connection's version.
    """

    connection_id: str
    requester: Requester
    away: bool = False
    monitoring_level: str = "my"
    pushes: dict[str, list[str]] | None = None
    subscriptions: dict[str, CustomerWatch] = {}


class CustomerSession(Struct, kw_only=True):
    """An RTM connection of a customer that is logged in; each page of a browser has its own.

    ``pushes`` are as in ``LoginSession``. ``side_storage`` is what the client keeps for the server,
    ``None`` if it does not say that it does.
    ``ends`` is why the server is to end the connection, ``None`` as long as it may stay.
    """

    connection_id: str
    customer: CustomerActor
    group_id: int | None = None
    pushes: dict[str, list[str]] | None = None
    side_storage: dict[str, str] | None = None
    ends: str | None = None
