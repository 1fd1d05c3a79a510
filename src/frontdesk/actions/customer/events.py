"""Events of customers: send, delete, upload a file, press a button, show what is being typed."""

from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.actions.agent import events as agent_events
from frontdesk.actions.customer.shared import check_event, for_customers
from frontdesk.models import NewEvent, SentEvent
from frontdesk.spec.actions import Action, Spec
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe

__all__ = [
    "DeleteEvent",
    "MarkEventsAsSeen",
    "SendEvent",
    "SendRichMessagePostback",
    "SendSneakPeek",
    "UploadFile",
]


class SendEvent(Action[SentEvent], frozen=True, kw_only=True):
    """Send an event to the active thread of a chat; all users of the chat see it.

    Marks everything as seen by the customer.
    """

    spec: ClassVar[Spec] = for_customers(
        agent_events.SendEvent.spec,
        errors=("ChatInactive", "CustomerBanned", "ChatAnonymized", "NotFound"),
    )
    chat_id: Annotated[Id, Meta(description="The chat to write to.")]
    event: Annotated[
        From[NewEvent, NewEvent | Dict],
        Meta(
            description="The event, without `visibility` and `author_id`; the text of a message "
            "holds at most 16 KB of UTF-8, a rich message 10 elements of 13 buttons."
        ),
    ]
    attach_to_last_thread: Annotated[
        Maybe[bool],
        Meta(
            description="True adds the event to the last thread of a chat that is not active; "
            "without it that is an error. Does not matter in active chats. Defaults to false."
        ),
    ] = NOT_SENT

    def _rules(self) -> None:
        check_event(self.event)


class DeleteEvent(Action[None], frozen=True, kw_only=True):
    """Delete an event; customers do not see it any more.

    Agents see that there was one, or, from administrators on, the event with `deleted` true.
    """

    spec: ClassVar[Spec] = Spec(
        name="delete_event",
        api="customer",
        errors=("NotFound", "AuthorizationError"),
        group="events",
        push=("event_deleted",),
        webhook=("event_deleted",),
        since=(3, 6),
    )
    chat_id: Annotated[Id, Meta(description="The chat.")]
    thread_id: Annotated[Id, Meta(description="The thread.")]
    event_id: Annotated[Id, Meta(description="The event to delete.")]


class UploadFile(agent_events.UploadFile, frozen=True, kw_only=True):
    """Upload a file, to be sent with `send_event` and a `File`.

    The URL expires after 24 hours unless it is used in an event.
    """

    spec: ClassVar[Spec] = for_customers(agent_events.UploadFile.spec)


class SendRichMessagePostback(agent_events.SendRichMessagePostback, frozen=True, kw_only=True):
    """Press the button of a rich message. Others hear of it while the thread is active."""

    spec: ClassVar[Spec] = for_customers(agent_events.SendRichMessagePostback.spec)


class SendSneakPeek(Action[None], frozen=True, kw_only=True):
    """Show agents what the customer is typing; nothing of it is stored."""

    spec: ClassVar[Spec] = Spec(
        name="send_sneak_peek",
        api="customer",
        errors=("ChatInactive", "NotFound"),
        group="events",
        repeatable=True,
    )
    chat_id: Annotated[Id, Meta(description="The chat, which must be active.")]
    sneak_peek_text: Annotated[str, Meta(description="The text so far.")]


class MarkEventsAsSeen(agent_events.MarkEventsAsSeen, frozen=True, kw_only=True):
    """Mark the events of a chat up to a time as seen by the customer."""

    spec: ClassVar[Spec] = for_customers(agent_events.MarkEventsAsSeen.spec)
