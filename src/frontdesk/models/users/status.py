"""Routing statuses of agents."""

from typing import TypeAlias

from msgspec import field

from frontdesk.models.base import Model

__all__ = ["AgentForTransfer", "AgentStatus", "AgentsForTransfer"]


class AgentStatus(Model, kw_only=True):
    """An agent or bot and its routing status.

    ``status`` is ``accepting_chats``, ``not_accepting_chats`` or ``offline``.
    """

    agent_id: str
    status: str


class AgentForTransfer(Model, kw_only=True):
    """An agent that a chat can be transferred to, and how many chats with customers it has.

    Over RTM the count comes as ``active_chats``; ``total_active_chats`` holds it in both cases.
    """

    agent_id: str
    total_active_chats: int = field(default_factory=int)
    active_chats: int | None = None

    def __post_init__(self) -> None:
        if self.active_chats is not None:
            self.total_active_chats = self.active_chats


AgentsForTransfer: TypeAlias = list[AgentForTransfer]
"""The agents that a chat can be transferred to, those with the fewest chats first."""
