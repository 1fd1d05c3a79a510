"""Pushes about what somebody is typing or preparing; nothing of it is stored."""

from datetime import datetime
from typing import ClassVar

from frontdesk.models import SneakPeek, TypingIndicator
from frontdesk.models.base import in_utc
from frontdesk.pushes.base import Push, PushSpec

__all__ = ["IncomingSneakPeek", "IncomingThinkingIndicator", "IncomingTypingIndicator"]


class IncomingTypingIndicator(Push, kw_only=True):
    """An agent or bot types, or stopped typing."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_typing_indicator", "other", "chats")
    chat_id: str
    thread_id: str
    typing_indicator: TypingIndicator


class IncomingThinkingIndicator(Push, kw_only=True):
    """An agent or bot prepares a response."""

    spec: ClassVar[PushSpec] = PushSpec(
        "incoming_thinking_indicator", "other", "chats", since=(3, 6)
    )
    chat_id: str
    thread_id: str
    author_id: str
    sent_at: datetime
    title: str | None = None
    description: str | None = None
    custom_id: str | None = None

    def __post_init__(self) -> None:
        self.sent_at = in_utc(self.sent_at)


class IncomingSneakPeek(Push, kw_only=True):
    """What a customer is typing, before it is sent."""

    spec: ClassVar[PushSpec] = PushSpec("incoming_sneak_peek", "other", "chats")
    chat_id: str
    thread_id: str
    sneak_peek: SneakPeek
