"""Who sees a chat, and where it was transferred from or to."""

from typing import Any

from msgspec import NODEFAULT

from frontdesk.models.base import Model

__all__ = ["Access", "TransferTarget"]


class Access(Model, kw_only=True):
    """The groups that see a chat or a thread; 0 stands for all agents.

    Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#access
    """

    group_ids: list[int]

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take no group at all: nobody is let in by a malformed list."""
        return [] if name == "group_ids" else NODEFAULT


class TransferTarget(Model, kw_only=True):
    """Groups and agents of a transfer."""

    group_ids: list[int] | None = None
    agent_ids: list[str] | None = None
