"""What the methods answer.

Source: https://platform.text.com/docs/messaging/agent-chat-api#methods
"""

from typing import Any

from msgspec import field

from frontdesk.models._base import Model
from frontdesk.models.chat import Chat, ChatSummary
from frontdesk.models.license import License
from frontdesk.models.thread import Thread
from frontdesk.models.user import Customer, MyProfile

__all__ = [
    "ArchivesPage",
    "ChatsPage",
    "CreatedCustomer",
    "CustomersPage",
    "CustomersSubscription",
    "ErrorAnswer",
    "ErrorBody",
    "LoginResponse",
    "ResumedChat",
    "SentEvent",
    "StartedChat",
    "ThreadsPage",
    "UploadedFile",
]


def _no_chats() -> list[ChatSummary]:
    """An empty list that is encoded nevertheless, unlike the default ``list``."""
    return []


class SentEvent(Model, kw_only=True):
    """The event was sent."""

    event_id: str


class StartedChat(Model, kw_only=True):
    """The chat was started; ``event_ids`` are those of the events sent along."""

    chat_id: str
    thread_id: str
    event_ids: list[str] | None = None


class ResumedChat(Model, kw_only=True):
    """The chat has a new thread; ``event_ids`` are those of the events sent along."""

    thread_id: str
    event_ids: list[str] | None = None


class ChatsPage(Model, kw_only=True):
    """A page of chats. ``found_chats`` is an estimate of all.

    3.7 calls ``chats_summary`` ``chats_info``; the name of 3.6 is filled from it.
    """

    chats_summary: list[ChatSummary] = field(default_factory=_no_chats)
    chats_info: list[ChatSummary] | None = None
    found_chats: int
    next_page_id: str | None = None
    previous_page_id: str | None = None

    def __post_init__(self) -> None:
        if self.chats_info is not None:
            self.chats_summary = self.chats_info


class ThreadsPage(Model, kw_only=True):
    """A page of threads. ``found_threads`` is an estimate of all."""

    threads: list[Thread]
    found_threads: int | None = None
    next_page_id: str | None = None
    previous_page_id: str | None = None


class ArchivesPage(Model, kw_only=True):
    """A page of archived threads, each as a chat with it. ``found_chats`` is an estimate."""

    chats: list[Chat]
    found_chats: int
    next_page_id: str | None = None
    previous_page_id: str | None = None


class CustomersPage(Model, kw_only=True):
    """A page of customers (versions 3.2 to 3.5). ``total_customers`` is an estimate."""

    customers: list[Customer]
    total_customers: int
    next_page_id: str | None = None
    previous_page_id: str | None = None


class UploadedFile(Model, kw_only=True):
    """The file was uploaded; ``url`` expires after 24 hours unless it is used in an event."""

    url: str


class CreatedCustomer(Model, kw_only=True):
    """The customer was created (versions 3.0 to 3.5)."""

    customer_id: str


class CustomersSubscription(Model, kw_only=True):
    """The connection gets the pushes of these customers."""

    subscription_id: str
    customers: list[Customer]


class LoginResponse(Model, kw_only=True):
    """The connection is logged in; 3.7 calls ``chats_summary`` ``chats_info``."""

    license: License
    my_profile: MyProfile
    chats_summary: list[ChatSummary] = field(default_factory=_no_chats)
    chats_info: list[ChatSummary] | None = None

    def __post_init__(self) -> None:
        if self.chats_info is not None:
            self.chats_summary = self.chats_info


class ErrorBody(Model, kw_only=True):
    """What went wrong."""

    type: str
    message: str = field(default_factory=str)
    data: Any = None


class ErrorAnswer(Model, kw_only=True):
    """The answer of a method that failed."""

    error: ErrorBody
