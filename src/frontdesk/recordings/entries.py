"""The lines of a recording.

A recording is a text file in UTF-8, one JSON object a line. The first line is the header; each line
after it is something that went over the wire, in the order in which it did. ``kind`` says what.
"""

from typing import Any, Final, Literal, TypeAlias

from msgspec import UNSET, Struct

__all__ = [
    "FORMAT",
    "CloseEntry",
    "EndEntry",
    "Entry",
    "Header",
    "OpenEntry",
    "PushEntry",
    "RequestEntry",
    "ResponseEntry",
    "WebhookEntry",
]

FORMAT: Final = 1
"""The version of the format; a reader refuses any other."""


class Header(Struct, frozen=True, kw_only=True):
    """The first line: the version of the format, and what was recorded when."""

    frontdesk_recording: int
    recorded_at: str
    """The day, in UTC."""
    service: Literal["livechat", "sandbox", "other"] = "other"
    made_with: str = ""
    """The version of frontdesk."""


class _Entry(Struct, kw_only=True, tag_field="kind", omit_defaults=True):
    at: float = 0.0
    """Seconds since the recording began."""


class RequestEntry(_Entry, kw_only=True, tag="request"):
    """A call: over HTTP, or on an RTM connection."""

    number: int
    """What its response refers to."""
    api: str
    """``agent``, ``configuration`` or ``customer``; empty for a path that is none of them."""
    method: str
    version: str
    via: Literal["web", "rtm"] = "web"
    connection: int | None = None
    """The number of the RTM connection."""
    verb: str = "POST"
    caller: str | None = None
    """A pseudonym of the token."""
    query: dict[str, Any] = {}
    body: Any = UNSET
    """The payload; of a file, its size alone."""


class ResponseEntry(_Entry, kw_only=True, tag="response"):
    """What came back, or the name of the error of which nothing came back."""

    to: int
    status: int | None = None
    """The HTTP status; None over RTM."""
    success: bool | None = None
    """Over RTM, whether the call succeeded."""
    headers: dict[str, str] = {}
    body: Any = UNSET
    failure: str | None = None


class OpenEntry(_Entry, kw_only=True, tag="open"):
    """An RTM connection was made."""

    connection: int
    api: str
    version: str
    query: dict[str, Any] = {}


class PushEntry(_Entry, kw_only=True, tag="push"):
    """A push of the server, the whole frame."""

    connection: int
    action: str
    body: Any = UNSET


class CloseEntry(_Entry, kw_only=True, tag="close"):
    """An RTM connection ended."""

    connection: int
    code: int | None = None
    by: Literal["client", "server"] = "client"
    """Who ended it."""


class WebhookEntry(_Entry, kw_only=True, tag="webhook"):
    """A webhook, and the status of the application's response."""

    action: str
    body: Any = UNSET
    status: int | None = None


class EndEntry(_Entry, kw_only=True, tag="end"):
    """The last line of a recording that was ended in good order."""

    entries: int
    """How many lines are between the header and this one."""


Entry: TypeAlias = (
    RequestEntry | ResponseEntry | OpenEntry | PushEntry | CloseEntry | WebhookEntry | EndEntry
)
