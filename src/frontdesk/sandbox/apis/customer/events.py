"""Events of customers: send, delete, files, buttons, sneak peeks, seen."""

from datetime import UTC
from typing import Any

from frontdesk.actions import customer as actions
from frontdesk.models import SentEvent, UploadedFile
from frontdesk.sandbox.apis.agent.files import Upload
from frontdesk.sandbox.apis.customer.chats import BANNED, OWN_CHATS
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import (
    CUSTOMER_SDK,
    CUSTOMER_STRUCTURES,
    assumed,
    documented,
    seen,
)
from frontdesk.sandbox.world import World, access
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.chats import uploaded_files
from frontdesk.sandbox.world.people import customer_chats

__all__ = [
    "delete_event",
    "mark_events_as_seen",
    "send_event",
    "send_rich_message_postback",
    "send_sneak_peek",
    "upload_file",
]

_VISIBLE_EVENTS = assumed(
    "An event that the customer does not see (deleted, for agents only, restricted) is `not_found`."
)


@handles(
    actions.SendEvent,
    rules=(
        documented(
            "The chat must be active (`chat_inactive`), unless `attach_to_last_thread` is true; "
            "everything counts as seen by the customer."
        ),
        assumed("The event is for all; `visibility` and `author_id` cannot be sent."),
        assumed(
            "A form before the chat gives name and e-mail address; what is filled in after a chat "
            "is its survey, unless `lc2.form_type` says otherwise."
        ),
        assumed(
            "A `file` takes the URLs that `upload_file` gave to the same customer, and any other "
            "on LiveChat's CDN."
        ),
        documented(
            "In a `filled_form` a text answers `name`, `email`, `question`, `subject` and "
            "`textarea`, an option `radio`, `select` and `group_chooser` (with its `group_id`), "
            "and a list of options, `answers`, a `checkbox`.",
            CUSTOMER_STRUCTURES,
        ),
        seen("Fields that nobody answered have no answer.", CUSTOMER_SDK),
        assumed(
            "Forms are compared with nothing: `form_id`, and the ids and labels of fields and "
            "options, are taken as they come, and so is what answers an `email`."
        ),
        assumed("`recipients`, an old name that samples still have, is ignored."),
        OWN_CHATS,
        BANNED,
    ),
)
def send_event(world: World, customer: CustomerActor, action: actions.SendEvent) -> SentEvent:
    """Add an event to the active thread, or to the last one."""
    chat = access.own_chat(world, customer, action.chat_id)
    attach = action.attach_to_last_thread is True
    event = customer_chats.send_event(
        world, customer, chat, action.event, attach_to_last_thread=attach
    )
    return SentEvent(event_id=event.id)


@handles(
    actions.DeleteEvent,
    rules=(
        documented("Customers do not see the event any more; agents see that there was one."),
        assumed(
            "Customers delete what they sent, in any thread; `authorization` is the error for "
            "events of others, and for system messages."
        ),
        _VISIBLE_EVENTS,
        OWN_CHATS,
        BANNED,
    ),
)
def delete_event(world: World, customer: CustomerActor, action: actions.DeleteEvent) -> None:
    """Delete an event that the customer has sent."""
    chat = access.own_chat(world, customer, action.chat_id)
    thread = access.thread_of(world, chat, action.thread_id)
    customer_chats.delete_event(world, customer, chat, thread, action.event_id)


@handles(
    actions.UploadFile,
    rules=(
        documented(
            "10 MB at most (`entity_too_large`), no executables; the URL expires after 24 hours "
            "unless an event uses it."
        ),
        assumed("`validation` is the error for executables and for empty files."),
        BANNED,
    ),
)
def upload_file(
    world: World, customer: CustomerActor, action: actions.UploadFile | Upload
) -> UploadedFile:
    """Keep a file of the customer; over HTTP it comes in a form, with a name."""
    customer_chats.refuse_stranger(world, customer)
    upload = Upload("", "", action.file) if isinstance(action, actions.UploadFile) else action
    file = uploaded_files.upload(
        world,
        name=upload.name,
        content=upload.content,
        content_type=upload.content_type,
        uploaded_by=customer.id,
    )
    return UploadedFile(url=file.url)


@handles(
    actions.SendRichMessagePostback,
    rules=(
        documented(
            "The push comes in an active thread only; `user_ids` of a button are those who pressed "
            "it and did not take it back."
        ),
        assumed(
            "`validation` is the error for an event that is no rich message, `not_found` for a "
            "button that is not there."
        ),
        assumed("No message is sent for the button: that is up to the client."),
        _VISIBLE_EVENTS,
        OWN_CHATS,
        BANNED,
    ),
)
def send_rich_message_postback(
    world: World, customer: CustomerActor, action: actions.SendRichMessagePostback
) -> None:
    """Press a button of a rich message."""
    chat = access.own_chat(world, customer, action.chat_id)
    thread = access.thread_of(world, chat, action.thread_id)
    # Type checkers see what an inherited field takes, not what it holds.
    postback: Any = action.postback
    customer_chats.press(world, customer, chat, thread, action.event_id, postback)


@handles(
    actions.SendSneakPeek,
    rules=(
        documented("Agents in the chat get `incoming_sneak_peek`; nothing is stored."),
        assumed("`chat_inactive` is the error without an active thread."),
        assumed("The customer's other connections get nothing."),
        OWN_CHATS,
        BANNED,
    ),
)
def send_sneak_peek(world: World, customer: CustomerActor, action: actions.SendSneakPeek) -> None:
    """Show agents what the customer is typing."""
    chat = access.own_chat(world, customer, action.chat_id)
    customer_chats.sneak_peek(world, customer, chat, action.sneak_peek_text)


@handles(
    actions.MarkEventsAsSeen,
    rules=(
        documented("`events_marked_as_seen` names the customer in `user_id`."),
        assumed("An earlier time than the one that is set changes nothing, but is pushed."),
        assumed("`validation` is the error for a time without a time zone, and for no time."),
        assumed(
            "A time in the future is taken as it is: what is written until then counts as seen."
        ),
        OWN_CHATS,
        BANNED,
    ),
)
def mark_events_as_seen(
    world: World, customer: CustomerActor, action: actions.MarkEventsAsSeen
) -> None:
    """Move up to where the customer has seen the chat."""
    chat = access.own_chat(world, customer, action.chat_id)
    customer_chats.mark_seen(world, customer, chat, action.seen_up_to.astimezone(UTC))
