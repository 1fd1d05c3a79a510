"""What users are doing now; nothing of it is stored."""

from frontdesk.models.base import Model

__all__ = ["SneakPeek", "TypingIndicator"]


class TypingIndicator(Model, kw_only=True):
    """An agent or bot types or has stopped typing. ``timestamp`` is in unix seconds.

    ``recipients`` is what customers may get in the place of ``visibility``.
    """

    author_id: str
    is_typing: bool
    visibility: str | None = None
    recipients: str | None = None
    timestamp: int | None = None


class SneakPeek(Model, kw_only=True):
    """What a customer has typed and not sent yet. ``timestamp`` is in unix seconds."""

    author_id: str
    text: str
    timestamp: int | None = None
