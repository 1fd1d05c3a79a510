"""Pushes about the session of an agent, and about statuses."""

from typing import ClassVar

from frontdesk.models.base import Model
from frontdesk.pushes.base import Push, PushSpec

__all__ = ["AgentDisconnected", "Region", "RoutingStatusSet"]


class RoutingStatusSet(Push, kw_only=True):
    """The routing status of an agent or bot changed.

    ``status`` is ``accepting_chats``, ``not_accepting_chats`` or ``offline``; the docs of the
    webhook write them with spaces.
    """

    spec: ClassVar[PushSpec] = PushSpec("routing_status_set", "status", "agents", webhook=True)
    agent_id: str
    status: str


class Region(Model, kw_only=True):
    """The data centre to connect to, ``dal`` or ``fra``."""

    region: str | None = None


class AgentDisconnected(Push, kw_only=True):
    """The server is about to close this connection; ``data`` tells the region to go to."""

    spec: ClassVar[PushSpec] = PushSpec("agent_disconnected", "status", "session")
    reason: str
    data: Region | None = None
