"""What a call causes for others: pushes and webhooks, before anybody delivers them."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

__all__ = ["Happening", "Receivers"]


class Receivers(Struct, frozen=True, kw_only=True, gc=False):
    """Who gets a push. A connection gets it when any of the conditions names it.

    ``agent_ids``: connections of these agents. ``group_ids``: connections of every agent with
    access to one of these groups (0: everybody). ``connection_id``: this connection alone.
    ``everyone``: all connections. ``customer_id``: connections that watch this customer, see
    ``sessions.watches``. The scope family of the push narrows all of them further.
    """

    agent_ids: tuple[str, ...] = ()
    group_ids: tuple[int, ...] = ()
    connection_id: str | None = None
    everyone: bool = False
    customer_id: str | None = None


class Happening(Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened, as the API tells it.

    ``push`` and ``webhook`` are its names on either channel, None where it has none;
    ``to_customer`` tells that the customer of the chat learns of it too. ``payload`` is what the
    API sends, for ``frontdesk.encode``. ``chat_id`` lets webhooks add chat properties and present
    users; ``author_type`` and ``requester_…`` serve their filters. ``request_id`` is what the
    requester called the request; it goes on the copy of a push for ``requester_connection_id``.
    ``requester_id`` is None when the router, a timer or a customer caused it.
    """

    at: datetime
    payload: Any
    push: str | None = None
    webhook: str | None = None
    to_customer: bool = False
    receivers: Receivers = Receivers()
    chat_id: str | None = None
    author_type: Literal["agent", "customer"] | None = None
    requester_id: str | None = None
    requester_client_id: str | None = None
    requester_connection_id: str | None = None
    request_id: str | None = None
