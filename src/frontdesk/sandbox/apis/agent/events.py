"""Events: send, preview, postback, seen."""

from datetime import UTC

from msgspec import UNSET

from frontdesk.actions import (
    MarkEventsAsSeen,
    SendEvent,
    SendEventPreview,
    SendRichMessagePostback,
)
from frontdesk.errors import ChatInactive, ValidationError
from frontdesk.models import SentEvent
from frontdesk.models.customer_chat.greetings import EventPreview
from frontdesk.pushes.customer_chat import IncomingEventPreview
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import DEFAULT_PROPERTIES, assumed, documented, seen
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import chat_users, customer_views, events, postbacks
from frontdesk.sandbox.world.world import World

__all__ = [
    "mark_events_as_seen",
    "send_event",
    "send_event_preview",
    "send_rich_message_postback",
]


@handles(
    SendEvent,
    rules=(
        documented(
            "The requester must be in the chat, which must be active (`chat_inactive`); "
            "everything counts as seen by the requester."
        ),
        assumed("`authorization` is the error for a requester who is not in the chat."),
        documented("Who is in the chat for agents only sends to agents only."),
        assumed("`validation` is the error for another visibility."),
        documented(
            "The text of a message has 16 KB at most, a rich message 10 elements of 13 buttons."
        ),
        documented("The author is the requester; `author_id` is no field of the request."),
        assumed("One that is sent is ignored."),
        seen(
            "An event of more than 25 keys at its top is `validation`, with the HTTP status 422.",
            "issues of an SDK",
        ),
        documented(
            "Events have `properties.source.client_id`.",
            DEFAULT_PROPERTIES,
        ),
        seen(
            "`attach_to_last_thread`, which older clients send, writes into the last "
            "thread of an inactive chat.",
            "earlier docs",
        ),
        assumed("A `file` takes the URLs of `upload_file` and any other on LiveChat's CDN."),
    ),
)
def send_event(world: World, requester: Requester, action: SendEvent) -> SentEvent:
    """Add an event to the active thread."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = chat.last_thread
    if last is None or not (last.active or action.attach_to_last_thread is True):
        raise ChatInactive(f"the chat `{chat.id}` has no active thread")
    chat_users.require_present(chat, requester)
    return SentEvent(event_id=events.send(world, chat, requester, action.event).id)


@handles(
    SendEventPreview,
    rules=(
        documented(
            "A message that is visible to all; nothing is kept, and only the customer's "
            "side gets it."
        ),
        assumed("`authorization` is the error for a requester who is not in the chat."),
        assumed("`chat_inactive` is the error without an active thread."),
    ),
)
def send_event_preview(world: World, requester: Requester, action: SendEventPreview) -> None:
    """Show the customer a message that is still being written."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = access.active_thread(chat)
    user = chat_users.require_present(chat, requester)
    if user.visibility == "agents":
        raise ValidationError(
            "`event.visibility`: the requester is in the chat for agents only, and previews are "
            "for customers"
        )
    if chat.customer_id is None:
        return
    preview = EventPreview(
        created_at=world.clock.now(),
        type="message",
        text=action.event.text,
        author_id=customer_views.shown_id(world, requester.id),
        custom_id=None if action.event.custom_id is UNSET else action.event.custom_id,
    )
    world.push_to_customers(
        IncomingEventPreview(chat_id=chat.id, thread_id=last.id, event=preview),
        (chat.customer_id,),
        chat_id=chat.id,
        actor=requester,
    )


@handles(
    SendRichMessagePostback,
    rules=(
        documented(
            "The push comes in an active thread only; `user_ids` of a button are those "
            "who pressed it and did not take it back."
        ),
        assumed(
            "`validation` is the error for an event that is no rich message, `not_found` "
            "for a button that is not there."
        ),
        assumed("The requester need not be in the chat."),
    ),
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
    rules=(
        documented("A scope to read is enough."),
        assumed("`authorization` is the error for a requester who is not in the chat."),
        assumed("An earlier time than the one that is set changes nothing, but is pushed."),
        assumed(
            "A time in the future is taken as it is: what is written until then counts as seen."
        ),
    ),
)
def mark_events_as_seen(world: World, requester: Requester, action: MarkEventsAsSeen) -> None:
    """Move up to where the requester has seen the chat."""
    chat = access.chat(world, requester, action.chat_id, "ro")
    user = chat_users.require_present(chat, requester)
    seen_up_to = action.seen_up_to.astimezone(UTC)
    chat_users.mark_seen(world, chat, user, seen_up_to, requester)
