"""What the methods return.

Source: https://platform.text.com/docs/messaging/agent-chat-api#methods
"""

from typing import Any, ClassVar

from msgspec import NODEFAULT, field

from frontdesk.models.base import Model, Result
from frontdesk.models.brief import brief, shortened
from frontdesk.models.chats.chat import Chat, ChatSummary
from frontdesk.models.chats.thread import Thread
from frontdesk.models.configuration.greetings import Greeting
from frontdesk.models.configuration.license import License
from frontdesk.models.configuration.results import CannedResponse
from frontdesk.models.users.user import Customer, MyProfile

__all__ = [
    "ArchivesPage",
    "CannedResponsesPage",
    "ChatsPage",
    "CreatedCustomer",
    "CustomersPage",
    "CustomersSubscription",
    "ErrorBody",
    "ErrorResponse",
    "GreetingsPage",
    "LoginResponse",
    "ResumedChat",
    "SentEvent",
    "StartedChat",
    "ThreadTranscript",
    "ThreadsPage",
    "UploadedFile",
]


def _no_chats() -> list[ChatSummary]:
    """An empty list that is encoded nevertheless, unlike the default ``list``."""
    return []


def _page(page: Result, name: str, items: list[Any], total: int | None) -> str:
    """Return the representation of a page: its counts and its first item."""
    of_all = "" if total is None else f" of {total}"
    first = f", first: {brief(items[0])}" if items else ""
    more = ", more pages follow" if getattr(page, "next_page_id", None) else ""
    return shortened(f"{type(page).__name__}({len(items)}{of_all} {name}{more}{first})")


class _Page(Result, kw_only=True):
    """What the pages share: one that is damaged is of use if it leads to the next one."""

    never_guessed: ClassVar[frozenset[str]] = frozenset({"chats_summary", "chats_info"})

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take 0 for a count. A page without items is only of use if another one follows."""
        if name.startswith(("found_", "total_")):
            return 0
        return [] if fields.get("next_page_id") else NODEFAULT


class SentEvent(Result, kw_only=True):
    """The event was sent."""

    event_id: str


class StartedChat(Result, kw_only=True):
    """The chat was started; ``event_ids`` are those of the events sent along."""

    chat_id: str
    thread_id: str
    event_ids: list[str] | None = None


class ResumedChat(Result, kw_only=True):
    """The chat has a new thread; ``event_ids`` are those of the events sent along."""

    thread_id: str
    event_ids: list[str] | None = None


class ChatsPage(_Page, kw_only=True):
    """A page of chats. ``found_chats`` is an estimate of all; 0 if there is none to be read.

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

    def __repr__(self) -> str:
        return _page(self, "chats", self.chats_summary, self.found_chats)


class GreetingsPage(_Page, kw_only=True):
    """A page of greetings. ``found_greetings`` counts those of all pages."""

    greetings: list[Greeting]
    found_greetings: int
    next_page_id: str | None = None

    def __repr__(self) -> str:
        return _page(self, "greetings", self.greetings, self.found_greetings)


class CannedResponsesPage(_Page, kw_only=True):
    """A page of canned responses. ``found_canned_responses`` counts those of all pages."""

    canned_responses: list[CannedResponse]
    found_canned_responses: int
    next_page_id: str | None = None

    def __repr__(self) -> str:
        return _page(self, "responses", self.canned_responses, self.found_canned_responses)


class ThreadsPage(_Page, kw_only=True):
    """A page of threads. ``found_threads`` is an estimate of all."""

    threads: list[Thread]
    found_threads: int | None = None
    next_page_id: str | None = None
    previous_page_id: str | None = None

    def __repr__(self) -> str:
        return _page(self, "threads", self.threads, self.found_threads)


class ArchivesPage(_Page, kw_only=True):
    """A page of archived threads, each as a chat with it.

    ``found_chats`` is an estimate; 0 if there is none to be read.
    """

    chats: list[Chat]
    found_chats: int
    next_page_id: str | None = None
    previous_page_id: str | None = None

    def __repr__(self) -> str:
        return _page(self, "chats", self.chats, self.found_chats)


class CustomersPage(_Page, kw_only=True):
    """A page of customers (versions 3.2 to 3.5). ``total_customers`` is an estimate."""

    customers: list[Customer]
    total_customers: int
    next_page_id: str | None = None
    previous_page_id: str | None = None

    def __repr__(self) -> str:
        return _page(self, "customers", self.customers, self.total_customers)


class UploadedFile(Result, kw_only=True):
    """The file was uploaded; ``url`` expires after 24 hours unless it is used in an event."""

    url: str


class CreatedCustomer(Result, kw_only=True):
    """The customer was created (versions 3.0 to 3.5)."""

    customer_id: str


class CustomersSubscription(Result, kw_only=True):
    """The connection gets the pushes of these customers."""

    subscription_id: str
    customers: list[Customer]


class LoginResponse(Result, kw_only=True):
    """The connection is logged in; 3.7 calls ``chats_summary`` ``chats_info``."""

    license: License
    my_profile: MyProfile
    chats_summary: list[ChatSummary] = field(default_factory=_no_chats)
    chats_info: list[ChatSummary] | None = None

    def __post_init__(self) -> None:
        if self.chats_info is not None:
            self.chats_summary = self.chats_info

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take an empty license or profile: the session stands, whatever is said of it."""
        if name == "license":
            return License(id="", organization_id="")
        return MyProfile(id="", name="", email="") if name == "my_profile" else NODEFAULT


class ThreadTranscript(Result, kw_only=True):
    """The transcript of a thread, as plain text.

    LiveChat does not publish the shape of this response: an object, a JSON text and plain text are
    all read.
    """

    transcript: str


class ErrorBody(Model, kw_only=True):
    """What went wrong."""

    type: str
    message: str = field(default_factory=str)
    data: Any = None


class ErrorResponse(Model, kw_only=True):
    """The response of a method that failed."""

    error: ErrorBody
