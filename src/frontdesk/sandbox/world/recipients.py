"""Who gets a push.

Agents in a chat and its followers get all pushes about it. Others with access to the chat get only
the key changes: that a chat arrives, is transferred, or is closed.
"""

from typing import Final

from msgspec import Struct

from frontdesk.sandbox.store.records import ChatRecord

__all__ = ["EVERYBODY", "Recipients", "agents_watching", "agents_with_access"]


class Recipients(Struct, frozen=True, kw_only=True, gc=False):
    """Who gets a push. A connection gets it when any of the conditions names it.

    ``agent_ids``: connections of these agents. ``group_ids``: connections of every agent with
    access to one of these groups (0: everybody). ``connection_id``: this connection alone.
    ``everyone``: all connections. ``customer_id``: connections that watch this customer, see
    ``sessions.watches``; ``chatting`` is whether the customer had an active chat when it happened,
    which may be closed by the time the push is delivered. The scope family of the push narrows all
    of them further.
    """

    agent_ids: tuple[str, ...] = ()
    group_ids: tuple[int, ...] = ()
    connection_id: str | None = None
    everyone: bool = False
    customer_id: str | None = None
    chatting: bool = False


EVERYBODY: Final = Recipients(everyone=True)
"""All connections, as far as the scope family of the push lets them."""


def _watching(chat: ChatRecord) -> list[str]:
    watching = [user.id for user in chat.users if user.present and user.type == "agent"]
    if chat.followers:
        watching += [agent for agent in chat.followers if agent not in watching]
    return watching


def agents_watching(chat: ChatRecord) -> Recipients:
    """Return the agents in the chat, and its followers."""
    return Recipients(agent_ids=tuple(_watching(chat)))


def agents_with_access(chat: ChatRecord, *also: str) -> Recipients:
    """Return everybody with access to the chat, and the agents named."""
    return Recipients(agent_ids=(*_watching(chat), *also), group_ids=tuple(chat.group_ids))
