"""Events: send, preview, upload a file, press the button of a rich message, mark as seen."""

from datetime import datetime
from typing import Annotated, ClassVar, Final

from msgspec import UNSET, Meta

from frontdesk.errors import InvalidArgument
from frontdesk.models import Message, NewEvent, RichMessagePostback, SentEvent, UploadedFile
from frontdesk.spec.actions import Action, Spec, any_of, no_scope
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe

__all__ = [
    "MarkEventsAsSeen",
    "SendEvent",
    "SendEventPreview",
    "SendRichMessagePostback",
    "UploadFile",
]

READ = any_of("chats--all:ro", "chats--access:ro")
WRITE = any_of("chats--all:rw", "chats--access:rw")


class SendEvent(Action[SentEvent], frozen=True, kw_only=True):
    """Send an event to the active thread of a chat.

    The requester must be a user of the chat. A user present with visibility `agents` cannot send
    an event with visibility `all`. Marks everything as seen by the requester.
    """

    spec: ClassVar[Spec] = Spec(
        name="send_event",
        errors=("ChatInactive", "NotFound", "MissingAccess"),
        group="events",
        returns=SentEvent,
        scopes=WRITE,
        push=("incoming_event",),
        webhook=("incoming_event",),
    )
    chat_id: Annotated[Id, Meta(description="The chat to write to.")]
    event: Annotated[
        From[NewEvent, NewEvent | Dict],
        Meta(
            description="The event; the text of a message holds at most 16 KB of UTF-8, a rich "
            "message 10 elements of 13 buttons."
        ),
    ]
    attach_to_last_thread: Annotated[
        Maybe[bool],
        Meta(
            description="Before 3.4: true adds the event to the last thread of an inactive chat.",
            extra={"until": (3, 3)},
        ),
    ] = NOT_SENT


class SendEventPreview(Action[None], frozen=True, kw_only=True):
    """Show the customer a message that is still being written; nothing is stored.

    Send the final text with `send_event` and the same `custom_id`.
    """

    spec: ClassVar[Spec] = Spec(
        name="send_event_preview",
        errors=("ChatInactive", "NotFound", "MissingAccess"),
        group="events",
        scopes=WRITE,
        since=(3, 6),
    )
    chat_id: Annotated[Id, Meta(description="The chat to write to.")]
    event: Annotated[
        From[Message, Message | Dict], Meta(description="The message so far; visible to `all`.")
    ]

    def _rules(self) -> None:
        if self.event.visibility not in (UNSET, "all"):
            raise InvalidArgument("event.visibility", "must be `all` for a preview")


MAX_FILE_BYTES: Final = 10 * 2**20
"""Bytes of the largest file: the documented 10 MB, read as mebibytes."""


class UploadFile(Action[UploadedFile], frozen=True, kw_only=True):
    """Upload a file, to be sent with `send_event` and a `File`.

    The URL expires after 24 hours unless it is used in an event.
    """

    spec: ClassVar[Spec] = Spec(
        name="upload_file",
        errors=("EntityTooLarge",),
        group="events",
        returns=UploadedFile,
        scopes=no_scope,
        repeatable=True,
        transports=("web",),
    )
    file: Annotated[bytes, Meta(description="The content, at most 10 MB; executables are refused.")]

    def __repr__(self) -> str:
        return "UploadFile(file=…)"


class SendRichMessagePostback(Action[None], frozen=True, kw_only=True):
    """Press the button of a rich message."""

    spec: ClassVar[Spec] = Spec(
        name="send_rich_message_postback",
        errors=("NotFound", "MissingAccess"),
        group="events",
        scopes=WRITE,
        push=("incoming_rich_message_postback",),
        webhook=("incoming_rich_message_postback",),
    )
    chat_id: Annotated[Id, Meta(description="The chat of the rich message.")]
    thread_id: Annotated[Id, Meta(description="The thread of the rich message.")]
    event_id: Annotated[Id, Meta(description="The rich message event.")]
    postback: Annotated[
        From[RichMessagePostback, RichMessagePostback | Dict],
        Meta(description="The postback id of the button and whether it is toggled."),
    ]

    def _rules(self) -> None:
        self.postback.validate()


class MarkEventsAsSeen(Action[None], frozen=True, kw_only=True):
    """Mark the events of a chat up to a time as seen by the requester."""

    spec: ClassVar[Spec] = Spec(
        name="mark_events_as_seen",
        errors=("NotFound", "MissingAccess"),
        group="other",
        scopes=READ,
        repeatable=True,
        push=("events_marked_as_seen",),
        webhook=("events_marked_as_seen",),
    )
    chat_id: Annotated[Id, Meta(description="The chat.")]
    seen_up_to: Annotated[
        datetime, Meta(tz=True, description="The time, with a time zone; microseconds count.")
    ]
