"""Events: send, preview, postback, seen."""

from datetime import UTC, datetime

from msgspec import UNSET

from frontdesk.actions import (
    MarkEventsAsSeen,
    SendEvent,
    SendEventPreview,
    SendRichMessagePostback,
)
from frontdesk.errors import ChatInactive, ValidationError
from frontdesk.models import SentEvent
from frontdesk.pushes import EventsMarkedAsSeen
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.world import access, recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import events, members, postbacks
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.world import World

__all__ = [
    "mark_events_as_seen",
    "send_event",
    "send_event_preview",
    "send_rich_message_postback",
]


@handles(
    SendEvent,
    fidelity="assumed",
    note="Assumed: `authorization` for a requester outside the chat, `validation` for visibility "
    "`all` from a user who is there for agents only. `attach_to_last_thread`, which older clients "
    "still send and the docs dropped, writes into the last thread of an inactive chat. A `file` "
    "takes the URLs of `upload_file` and any other on LiveChat's CDN.",
)
def send_event(world: World, requester: Requester, action: SendEvent) -> SentEvent:
    """Add an event to the active thread."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = chat.thread
    if last is None or not (last.active or action.attach_to_last_thread is True):
        raise ChatInactive(f"the chat `{chat.id}` has no active thread")
    members.require(chat, requester)
    return SentEvent(event_id=events.send(world, chat, requester, action.event).id)


@handles(
    SendEventPreview,
    fidelity="assumed",
    note="Assumed: `chat_inactive` without an active thread, `authorization` for a requester "
    "outside the chat. Only the customer's side gets it.",
)
def send_event_preview(world: World, requester: Requester, action: SendEventPreview) -> None:
    """Show the customer a message that is still being written."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = access.active_thread(chat)
    member = members.require(chat, requester)
    if member.visibility == "agents":
        raise ValidationError(
            "`event.visibility`: the requester is in the chat for agents only, and previews are "
            "for customers"
        )
    event = {
        "created_at": world.clock.now(),
        "type": "message",
        "text": action.event.text,
        "author_id": requester.id,
        "custom_id": None if action.event.custom_id is UNSET else action.event.custom_id,
    }
    world.emit(
        Effect(
            payload={"chat_id": chat.id, "thread_id": last.id, "event": event},
            to_customer=True,
            chat_id=chat.id,
            actor=requester,
            author_type="agent",
        )
    )


@handles(
    SendRichMessagePostback,
    fidelity="assumed",
    note="Assumed: `validation` for an event that is no rich message, `not_found` for an unknown "
    "button. The requester need not be in the chat.",
)
def send_rich_message_postback(
    world: World, requester: Requester, action: SendRichMessagePostback
) -> None:
    """Press a button of a rich message."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    postbacks.press(
        world,
        chat,
        thread,
        action.event_id,
        action.postback,
        requester,
    )


@handles(
    MarkEventsAsSeen,
    fidelity="assumed",
    note="Assumed: `authorization` for a requester outside the chat; an earlier time than the "
    "one that is set already changes nothing but is pushed.",
)
def mark_events_as_seen(world: World, requester: Requester, action: MarkEventsAsSeen) -> None:
    """Move up to where the requester has seen the chat."""
    chat = access.chat(world, requester, action.chat_id, "ro")
    member = members.require(chat, requester)
    seen_up_to = _in_utc("seen_up_to", action.seen_up_to)
    if member.seen_up_to is None or seen_up_to > member.seen_up_to:
        member.seen_up_to = seen_up_to
    world.push(
        EventsMarkedAsSeen(user_id=requester.id, chat_id=chat.id, seen_up_to=seen_up_to),
        recipients.members(chat),
        chat_id=chat.id,
        to_customer=True,
        actor=requester,
    )


def _in_utc(field: str, timestamp: datetime) -> datetime:
    try:
        return timestamp.astimezone(UTC)
    except OverflowError:
        raise ValidationError(f"`{field}` must be in the years 1 to 9999 of UTC") from None
