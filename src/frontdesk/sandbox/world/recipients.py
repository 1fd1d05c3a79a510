"""Who gets the pushes about a chat.

Agents in the chat and followers get all of them. Others with access to the chat get only the key
changes: that a chat arrives, is transferred, or is closed.
"""

from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world.effects import Receivers

__all__ = ["members", "members_and_groups"]


def _watching(chat: ChatRecord) -> list[str]:
    watching = [member.id for member in chat.members if member.present and member.type == "agent"]
    if chat.followers:
        watching += [agent for agent in chat.followers if agent not in watching]
    return watching


def members(chat: ChatRecord) -> Receivers:
    """The agents in the chat, and its followers."""
    return Receivers(agent_ids=tuple(_watching(chat)))


def members_and_groups(chat: ChatRecord, *also: str) -> Receivers:
    """Everybody with access to the chat, and the agents named."""
    return Receivers(agent_ids=(*_watching(chat), *also), group_ids=tuple(chat.group_ids))
