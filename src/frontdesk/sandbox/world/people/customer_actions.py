"""What customers do in chats: the other side of the conversation, for the controls.

Each function is one thing that a customer does in the chat window, in the chat that the customer
has: see ``customer_chats``, which the Customer Chat API calls too. They are called through
``World.unit``, and a banned customer can do none of them.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from frontdesk.errors import ChatInactive, ValidationError
from frontdesk.models import (
    Event,
    FilledForm,
    InitialChat,
    InitialThread,
    Message,
    NewEvent,
    Postback,
    RichMessagePostback,
)
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.chats import events, threads
from frontdesk.sandbox.world.people import customer_chats
from frontdesk.sandbox.world.people.customer_chats import Beginning, refuse_stranger
from frontdesk.sandbox.world.properties import changes
from frontdesk.sandbox.world.world import World

__all__ = [
    "cancel_rating",
    "close_chat",
    "fill_survey",
    "last_chat",
    "mark_seen",
    "open_chat",
    "press",
    "rate",
    "request_transcript",
    "say",
    "send_event",
    "sneak_peek",
    "transcript",
]


def last_chat(world: World, customer_id: str) -> ChatRecord | None:
    """Return the chat that the customer has, or last had."""
    chat_id = world.store.chats.current_of_customer(customer_id)
    return world.store.chats.get(chat_id) if chat_id else None


def _active(world: World, customer_id: str) -> ChatRecord:
    refuse_stranger(world, CustomerActor(customer_id))
    chat = last_chat(world, customer_id)
    if chat is None or not chat.active:
        raise ChatInactive(f"the customer `{customer_id}` has no active chat")
    return chat


def open_chat(
    world: World,
    customer_id: str,
    initial: InitialChat | UnsetType = UNSET,
    *,
    group_ids: Sequence[int] | None = None,
    continuous: bool | None = None,
) -> ChatRecord:
    """Start a chat, or resume the one from before; the router finds somebody for it.

    Args:
        world: Where it happens.
        customer_id: Who starts the chat.
        initial: What it begins with: events such as a message or a filled form, and properties.
        group_ids: The groups that the website asks; defaults to those that the rules of auto access
            name for the page the customer is on.
        continuous: True needs nobody to be there; defaults to what the mode was before.

    Raises:
        GroupsOffline: Nobody of the groups accepts chats.
        GroupUnavailable: Nobody has a place, and the queue is closed or full.
        ValidationError: A chat is active already (the message names it), or something in
            ``initial`` does not fit.
    """
    beginning = Beginning(
        chat=initial, continuous=continuous, group_ids=group_ids, field="group_ids"
    )
    actor = CustomerActor(customer_id)
    chat, _ = customer_chats.begin(world, actor, last_chat(world, customer_id), beginning)
    return chat


def say(
    world: World, customer_id: str, text: str, *, group_ids: Sequence[int] | None = None
) -> Event:
    """Write a message, starting or resuming the chat when none is active; see ``open_chat``."""
    message = Message(text=text)
    chat = last_chat(world, customer_id)
    if chat is not None and chat.active:
        return send_event(world, customer_id, message)
    initial = InitialChat(thread=InitialThread(events=[message]))
    chat = open_chat(world, customer_id, initial, group_ids=group_ids)
    assert chat.last_thread is not None
    first = world.store.events.get(chat.last_thread.num, 1)
    assert first is not None
    return events.decode(first)  # type: ignore[no-any-return]


def send_event(world: World, customer_id: str, new: NewEvent) -> Event:
    """Send any event into the active chat.

    Raises:
        ChatInactive: There is none.
        ValidationError: See ``events.send``.
    """
    chat = _active(world, customer_id)
    return customer_chats.send_event(world, CustomerActor(customer_id), chat, new)


def sneak_peek(world: World, customer_id: str, text: str) -> None:
    """Type without sending: agents see the text."""
    chat = _active(world, customer_id)
    customer_chats.sneak_peek(world, CustomerActor(customer_id), chat, text)


def mark_seen(world: World, customer_id: str) -> None:
    """See everything that was written."""
    customer_chats.mark_seen(world, CustomerActor(customer_id), _any(world, customer_id))


def rate(world: World, customer_id: str, score: int | None, comment: str | None = None) -> None:
    """Rate the chat with 1 (good) or 0 (bad), comment on it, or both.

    A new score is a new rating: the comment on the one before goes. Also works after the chat has
    ended, then without a system message.
    """
    rating: dict[str, Any] = {}
    if score is not None:
        rating["score"] = score
    if comment is not None:
        rating["comment"] = comment
    if not rating:
        raise ValidationError("give a `score`, a `comment`, or both")
    chat = _any(world, customer_id)
    thread = threads.last(world, chat)
    changes.update_thread(world, CustomerActor(customer_id), chat, thread, {"rating": rating})


def cancel_rating(world: World, customer_id: str) -> None:
    """Take the rating back.

    Raises:
        ValidationError: There is none.
    """
    chat = _any(world, customer_id)
    thread = threads.last(world, chat)
    names_set = list(thread.properties.get("rating", {}))
    if not names_set:
        raise ValidationError("the chat is not rated")
    actor = CustomerActor(customer_id)
    changes.delete_of_thread(world, actor, chat, thread, {"rating": names_set})


def _any(world: World, customer_id: str) -> ChatRecord:
    """Return the customer's last chat, active or not."""
    refuse_stranger(world, CustomerActor(customer_id))
    chat = last_chat(world, customer_id)
    if chat is None or chat.last_thread is None:
        raise ChatInactive(f"the customer `{customer_id}` has no chat")
    return chat


def press(world: World, customer_id: str, event_id: str, postback: RichMessagePostback) -> None:
    """Press a button of a rich message in the active chat.

    A button of type ``message`` also sends its value as a message.
    """
    chat = _active(world, customer_id)
    thread = threads.last(world, chat)
    actor = CustomerActor(customer_id)
    button = customer_chats.press(world, actor, chat, thread, event_id, postback)
    if button.type == "message" and postback.toggled:
        pressed = Postback(
            id=postback.id,
            thread_id=thread.id,
            event_id=event_id,
            type=button.type,
            value=button.value,
        )
        send_event(world, customer_id, Message(text=button.value or button.text, postback=pressed))


def request_transcript(world: World, customer_id: str, email: str) -> None:
    """Have the transcript sent by e-mail when the chat ends (a system message stands for it)."""
    chat = _active(world, customer_id)
    thread = threads.last(world, chat)
    values = {"routing": {"transcript_email": email}}
    changes.update_thread(world, CustomerActor(customer_id), chat, thread, values)


def fill_survey(world: World, customer_id: str, form: FilledForm) -> Event:
    """Fill in the survey after a chat; it goes to the thread that has ended.

    Raises:
        ChatInactive: There is no chat.
        ValidationError: The chat is active still; or see ``events.send``.
    """
    chat = _any(world, customer_id)
    if chat.active:
        raise ValidationError("the survey comes after the chat, which is active still")
    actor = CustomerActor(customer_id)
    return customer_chats.send_event(world, actor, chat, form, attach_to_last_thread=True)


def close_chat(world: World, customer_id: str) -> None:
    """End the active chat."""
    chat = _active(world, customer_id)
    customer_chats.close(world, CustomerActor(customer_id), chat)


def transcript(world: World, customer_id: str) -> list[Event]:
    """Return what the customer sees of the last thread."""
    chat = last_chat(world, customer_id)
    if chat is None or chat.last_thread is None:
        return []
    return events.visible_to_customer(world, chat.last_thread.num)
