"""Pushes of messages outside any chat."""

from typing import Any, ClassVar

from frontdesk.pushes.base import Push, PushSpec

__all__ = ["IncomingMulticast"]


class IncomingMulticast(Push, kw_only=True):
    """A multicast; without ``author_id`` the system sent it."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_multicast", "other", "multicast")
    author_id: str | None = None
    content: Any = None
    type: str | None = None
