"""What customers do in chats: the other side of the conversation.

Each function is one thing that a customer does in the chat window. They are called through
``World.unit``, and a banned customer can do none of them.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from frontdesk.errors import ChatInactive, ValidationError
from frontdesk.models import (
    Event,
    FilledForm,
    FilledFormEvent,
    InitialChat,
    InitialThread,
    Message,
    NewEvent,
    Postback,
    RichMessagePostback,
    SneakPeek,
)
from frontdesk.pushes import (
    EventsMarkedAsSeen,
    IncomingSneakPeek,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
)
from frontdesk.sandbox.store.records import ChatRecord, CustomerRecord, ThreadRecord
from frontdesk.sandbox.world import properties, recipients
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.chats import (
    closing,
    events,
    postbacks,
    starting,
    system_messages,
    threads,
)
from frontdesk.sandbox.world.people import customers, greetings, names
from frontdesk.sandbox.world.routing import assignment
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

_SCORES = {1: "good", 0: "bad"}


def _customer(world: World, customer_id: str) -> CustomerRecord:
    record = customers.find(world, customer_id, "customer_id")
    refuse_banned(world, record)
    return record


def last_chat(world: World, customer_id: str) -> ChatRecord | None:
    """Return the chat that the customer has, or last had."""
    chat_id = world.store.chats.current_of_customer(customer_id)
    return world.store.chats.get(chat_id) if chat_id else None


def _active(world: World, customer_id: str) -> ChatRecord:
    _customer(world, customer_id)
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
    record = _customer(world, customer_id)
    chat = last_chat(world, customer_id)
    request = starting.StartRequest(
        chat=initial,
        continuous=continuous,
        customer_id=customer_id,
        group_ids=_groups(world, record) if group_ids is None else group_ids,
    )
    start = starting.check_start(world, CustomerActor(customer_id), request)
    if not (continuous or (continuous is None and chat is not None and chat.continuous)):
        starting.require_online_group(world, start.group_ids, field="group_ids")
    is_new = chat is None
    if chat is None:
        chat = starting.new_chat(world, start)
    starting.start_thread(world, chat, start, is_new=is_new)
    _note_origin(world, chat, record)
    greetings.note_chat(world, record, threads.last(world, chat))
    assignment.place(world, chat)
    starting.push_incoming(world, chat, start)
    return chat


def _groups(world: World, record: CustomerRecord) -> list[int]:
    """Return the groups of the customer's next chat, as far as they are still there."""
    groups = world.store.company.groups
    return [group_id for group_id in record.auto_access or () if group_id in groups] or [0]


def _note_origin(world: World, chat: ChatRecord, record: CustomerRecord) -> None:
    visit = record.profile.visit
    if visit is None:
        return
    thread = threads.last(world, chat)
    origin = {"referrer": visit.referrer} if visit.referrer else {}
    if visit.last_pages and visit.last_pages[-1].url:
        origin["start_url"] = visit.last_pages[-1].url
    if origin:
        properties.merge(thread.properties, {"routing": origin})


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
    actor = CustomerActor(customer_id)
    event: Event = events.send(world, chat, actor, new)
    if isinstance(event, FilledFormEvent) and event.form_type == "prechat":
        customers.introduce(world, customers.find(world, customer_id), [event], actor)
    return event


def sneak_peek(world: World, customer_id: str, text: str) -> None:
    """Type without sending: agents see the text."""
    chat = _active(world, customer_id)
    assert chat.last_thread is not None
    world.push(
        IncomingSneakPeek(
            chat_id=chat.id,
            thread_id=chat.last_thread.id,
            sneak_peek=SneakPeek(
                author_id=customer_id, text=text, timestamp=world.clock.peek() // 1_000_000
            ),
        ),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        actor=CustomerActor(customer_id),
    )


def mark_seen(world: World, customer_id: str) -> None:
    """See everything that was written."""
    _customer(world, customer_id)
    chat = last_chat(world, customer_id)
    user = chat.user(customer_id) if chat else None
    if chat is None or user is None:
        raise ChatInactive(f"the customer `{customer_id}` has no chat")
    now = world.clock.now()
    user.seen_up_to = now
    world.push(
        EventsMarkedAsSeen(user_id=customer_id, chat_id=chat.id, seen_up_to=now),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        actor=CustomerActor(customer_id),
    )


def rate(world: World, customer_id: str, score: int | None, comment: str | None = None) -> None:
    """Rate the chat with 1 (good) or 0 (bad), comment on it, or both.

    A new score is a new rating: the comment on the one before goes. Also works after the chat has
    ended, then without a system message.
    """
    _customer(world, customer_id)
    rating: dict[str, Any] = {}
    if score is not None:
        rating["score"] = score
    if comment is not None:
        rating["comment"] = comment
    if not rating:
        raise ValidationError("give a `score`, a `comment`, or both")
    actor = CustomerActor(customer_id)
    properties.check_update(
        world,
        {"rating": rating},
        location="thread",
        actor=actor,
    )
    chat = _rated_chat(world, customer_id)
    thread = threads.last(world, chat)
    if score is not None and comment is None:
        _drop_comment(world, chat, thread, actor)
    properties.merge(thread.properties, {"rating": rating})
    # The chat has the rating of the thread that was rated last, and nothing of one before.
    properties.remove(chat.properties, {"rating": ["score", "comment"]})
    properties.merge(chat.properties, {"rating": thread.properties["rating"]})
    world.push(
        ThreadPropertiesUpdated(
            chat_id=chat.id, thread_id=thread.id, properties={"rating": rating}
        ),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        actor=CustomerActor(customer_id),
    )
    customer = names.name_of(world, customer_id)
    if chat.active and score is not None:
        system_messages.write(
            world, chat, "rating.chat_rated", customer=customer, score=_SCORES[score]
        )
    if chat.active and comment is not None:
        system_messages.write(
            world, chat, "rating.chat_commented", customer=customer, comment=comment
        )


def _drop_comment(
    world: World, chat: ChatRecord, thread: ThreadRecord, actor: CustomerActor
) -> None:
    if "comment" not in thread.properties.get("rating", {}):
        return
    properties.remove(thread.properties, {"rating": ["comment"]})
    world.push(
        ThreadPropertiesDeleted(
            chat_id=chat.id, thread_id=thread.id, properties={"rating": ["comment"]}
        ),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        actor=actor,
    )


def cancel_rating(world: World, customer_id: str) -> None:
    """Take the rating back.

    Raises:
        ValidationError: There is none.
    """
    _customer(world, customer_id)
    chat = _rated_chat(world, customer_id)
    thread = threads.last(world, chat)
    names_set = list(thread.properties.get("rating", {}))
    if not names_set:
        raise ValidationError("the chat is not rated")
    properties.remove(thread.properties, {"rating": names_set})
    properties.remove(chat.properties, {"rating": names_set})
    world.push(
        ThreadPropertiesDeleted(
            chat_id=chat.id, thread_id=thread.id, properties={"rating": names_set}
        ),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        actor=CustomerActor(customer_id),
    )
    if chat.active:
        system_messages.write(
            world,
            chat,
            "rating.chat_rating_canceled",
            customer=names.name_of(world, customer_id),
        )


def _rated_chat(world: World, customer_id: str) -> ChatRecord:
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
    button = postbacks.press(world, chat, thread, event_id, postback, CustomerActor(customer_id))
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
    properties.merge(thread.properties, {"routing": {"transcript_email": email}})
    customer = names.name_of(world, customer_id)
    system_messages.write(world, chat, "transcript_requested", customer=customer, email=email)


def fill_survey(world: World, customer_id: str, form: FilledForm) -> Event:
    """Fill in the survey after a chat; it goes to the thread that has ended.

    Raises:
        ChatInactive: There is no chat.
        ValidationError: The chat is active still; or see ``events.send``.
    """
    _customer(world, customer_id)
    chat = _rated_chat(world, customer_id)
    if chat.active:
        raise ValidationError("the survey comes after the chat, which is active still")
    actor = CustomerActor(customer_id)
    event: Event = events.send(world, chat, actor, form, form_type="postchat")
    return event


def close_chat(world: World, customer_id: str) -> None:
    """End the active chat."""
    chat = _active(world, customer_id)
    customer = names.name_of(world, customer_id)
    closing.close(
        world,
        chat,
        "manual_archived_customer",
        actor=CustomerActor(customer_id),
        customer=customer,
    )


def transcript(world: World, customer_id: str) -> list[Event]:
    """Return what the customer sees of the last thread."""
    chat = last_chat(world, customer_id)
    if chat is None or chat.last_thread is None:
        return []
    return events.visible_to_customer(world, chat.last_thread.num)
