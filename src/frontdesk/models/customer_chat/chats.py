"""Chats as their customer lists them.

Source: https://platform.text.com/docs/messaging/customer-chat-api/data-structures#chat-summary
"""

from datetime import datetime
from typing import Any, ClassVar

from msgspec import NODEFAULT, field

from frontdesk.models.base import Model, Properties, Result, in_utc
from frontdesk.models.brief import brief, shortened
from frontdesk.models.chats.access import Access
from frontdesk.models.chats.thread import LastEvent, ThreadSummary
from frontdesk.models.users.user import User

__all__ = ["CustomerChatSummary", "CustomerChatsPage"]


class CustomerChatSummary(Model, kw_only=True):
    """A chat of the customer without its threads: its users and the last event of each type.

    ``last_thread_id`` is missing in a chat without threads. 3.7 has ``last_thread_info`` instead,
    with the events in it; the names of 3.6 are filled from there.
    """

    id: str
    users: list[User]
    active: bool | None = None
    last_thread_id: str | None = None
    last_thread_created_at: datetime | None = None
    last_thread_info: ThreadSummary | None = None
    last_event_per_type: dict[str, LastEvent] | None = None
    properties: Properties | None = None
    access: Access | None = None

    def __post_init__(self) -> None:
        self.last_thread_created_at = in_utc(self.last_thread_created_at)
        info = self.last_thread_info
        if info is not None and self.last_thread_id is None:
            self.last_thread_id = info.id
            self.last_thread_created_at = info.created_at
            self.last_event_per_type = self.last_event_per_type or info.last_event_per_type


def _no_chats() -> list[CustomerChatSummary]:
    """An empty list that is encoded nevertheless, unlike the default ``list``."""
    return []


class CustomerChatsPage(Result, kw_only=True):
    """A page of the customer's chats. ``total_chats`` is an estimate of all; 0 if there is none.

    3.7 calls ``chats_summary`` ``chats_info``; the name of 3.6 is filled from it.
    """

    never_guessed: ClassVar[frozenset[str]] = frozenset({"chats_summary", "chats_info"})
    chats_summary: list[CustomerChatSummary] = field(default_factory=_no_chats)
    chats_info: list[CustomerChatSummary] | None = None
    total_chats: int
    next_page_id: str | None = None
    previous_page_id: str | None = None

    def __post_init__(self) -> None:
        if self.chats_info is not None:
            self.chats_summary = self.chats_info

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take 0 for the count. A page without chats is only of use if another one follows."""
        if name == "total_chats":
            return 0
        return [] if fields.get("next_page_id") else NODEFAULT

    def __repr__(self) -> str:
        chats = self.chats_summary
        more = ", more pages follow" if self.next_page_id else ""
        first = f", first: {brief(chats[0])}" if chats else ""
        return shortened(
            f"{type(self).__name__}({len(chats)} of {self.total_chats} chats{more}{first})"
        )
