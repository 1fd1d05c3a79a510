"""What a customer does in a chat, whether the API asks for it or a control of the sandbox.

Each function gets the ``CustomerActor`` who acts, and the chat, which is the customer's. A banned
customer can do none of it.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from frontdesk.errors import AuthorizationError, ChatInactive
from frontdesk.models import (
    Event,
    FilledFormEvent,
    InitialChat,
    NewEvent,
    RichMessageButton,
    RichMessagePostback,
    SneakPeek,
)
from frontdesk.pushes import IncomingSneakPeek
from frontdesk.sandbox.store.records import (
    ChatRecord,
    CustomerRecord,
    ThreadRecord,
    WelcomeRecord,
)
from frontdesk.sandbox.world import access, properties, recipients
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.chats import (
    chat_users,
    closing,
    customer_views,
    events,
    postbacks,
    starting,
    threads,
)
from frontdesk.sandbox.world.people import customers, greetings, names, welcome_messages
from frontdesk.sandbox.world.routing import assignment
from frontdesk.sandbox.world.world import World

__all__ = [
    "Beginning",
    "begin",
    "close",
    "delete_event",
    "mark_seen",
    "press",
    "refuse_stranger",
    "send_event",
    "sneak_peek",
]


def refuse_stranger(world: World, actor: CustomerActor) -> None:
    """Refuse whoever is no customer, or banned.

    Raises:
        NotFound: There is no such customer.
        CustomerBanned: The customer is banned.
    """
    # Only looked at: a record that is got is compared when the unit ends, at each event.
    record = world.store.customers.read(actor.id)
    if record is None:
        raise customers.not_found(actor.id, "customer_id")
    refuse_banned(world, record)


class Beginning(Struct, frozen=True, kw_only=True):
    """What a customer begins a thread with.

    Args:
        chat: The events and properties, and the groups that are asked for.
        active: False for a thread that is closed from its beginning, which needs nobody.
        continuous: True needs nobody to be there; ``None`` leaves the mode of the chat as it is.
        group_ids: The groups without ``chat.access``; defaults to the one that the page has logged
            in with, or to those that the rules of auto access name for the page.
        welcome_message_id: The welcome message that the chat is to begin with.
        field: What the groups are called in messages.
    """

    chat: InitialChat | UnsetType = UNSET
    active: bool = True
    continuous: bool | None = None
    group_ids: Sequence[int] | None = None
    welcome_message_id: str | None = None
    field: str = "chat.access.group_ids"


def begin(
    world: World, actor: CustomerActor, chat: ChatRecord | None, beginning: Beginning
) -> tuple[ChatRecord, list[str]]:
    """Begin a thread, in a new chat without one; the router finds somebody for it.

    Returns:
        The chat, and the ids of the events that the thread begins with.

    Raises:
        CustomerBanned: The customer is banned.
        NotFound: The customer has no such welcome message.
        GroupsOffline: Nobody of the groups accepts chats.
        GroupUnavailable: Nobody has a place, and the queue is closed or full.
        ValidationError: A chat is active already (the message names it), or something that the
            thread begins with does not fit.
        AuthorizationError: A property may not be written by customers.
    """
    refuse_stranger(world, actor)
    record = customers.find(world, actor.id)
    groups = beginning.group_ids
    request = starting.StartRequest(
        chat=beginning.chat,
        active=beginning.active,
        continuous=beginning.continuous,
        customer_id=actor.id,
        group_ids=_groups(world, actor, record) if groups is None else groups,
        welcome=_welcome(record, beginning),
    )
    start = starting.check_start(world, actor, request)
    continuous = beginning.continuous
    if continuous is None:
        continuous = chat is not None and chat.continuous
    if start.active and not continuous:
        starting.require_online_group(world, start.group_ids, field=beginning.field)
    is_new = chat is None
    if chat is None:
        chat = starting.new_chat(world, start)
    event_ids = starting.start_thread(world, chat, start, is_new=is_new)
    _note_origin(world, chat, record)
    greetings.note_chat(world, record, threads.last(world, chat))
    if start.active:
        assignment.place(world, chat)
    starting.push_incoming(world, chat, start)
    return chat, event_ids


def _welcome(record: CustomerRecord, beginning: Beginning) -> WelcomeRecord | None:
    """Return the welcome message that a chat begins with, which no other one will."""
    if beginning.welcome_message_id is None:
        return None
    welcome = welcome_messages.find(record, beginning.welcome_message_id)
    record.welcome = None
    return welcome


def _groups(world: World, actor: CustomerActor, record: CustomerRecord) -> list[int]:
    """Return the groups of the customer's next chat, as far as they are still there."""
    groups = world.store.company.groups
    session = world.customer_sessions.get(actor.connection_id or "")
    if session is not None and session.group_id is not None and session.group_id in groups:
        return [session.group_id]
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


def send_event(
    world: World,
    actor: CustomerActor,
    chat: ChatRecord,
    new: NewEvent,
    *,
    attach_to_last_thread: bool = False,
) -> Event:
    """Send an event into the active thread, or into the last one of a chat that is not active.

    What is filled in after the chat is the survey after it, unless the form says otherwise; name
    and e-mail address of a form before the chat become those of the customer.

    Raises:
        CustomerBanned: The customer is banned.
        ChatInactive: No thread is active, and it is not to be attached to the last one.
        ValidationError: See ``events.send``.
        AuthorizationError: A property may not be written by customers.
    """
    refuse_stranger(world, actor)
    last = chat.last_thread
    if last is None or not (last.active or attach_to_last_thread):
        raise ChatInactive(f"the chat `{chat.id}` has no active thread")
    form_type = None if last.active else "postchat"
    event: Event = events.send(world, chat, actor, new, form_type=form_type)
    if isinstance(event, FilledFormEvent) and event.form_type == "prechat":
        customers.introduce(world, customers.find(world, actor.id), [event], actor)
    return event


def delete_event(
    world: World, actor: CustomerActor, chat: ChatRecord, thread: ThreadRecord, event_id: str
) -> None:
    """Delete an event that the customer has sent.

    Raises:
        CustomerBanned: The customer is banned.
        NotFound: The customer sees no such event.
        AuthorizationError: Somebody else has sent it.
    """
    refuse_stranger(world, actor)
    row = customer_views.find_event(world, thread, event_id)
    if row.author_id != actor.id:
        raise AuthorizationError("`event_id`: customers can delete what they sent, nothing else")
    events.delete(world, chat, thread, event_id, actor=actor)


def press(
    world: World,
    actor: CustomerActor,
    chat: ChatRecord,
    thread: ThreadRecord,
    event_id: str,
    postback: RichMessagePostback,
) -> RichMessageButton:
    """Press a button of a rich message, and return it.

    Raises:
        CustomerBanned: The customer is banned.
        NotFound: The customer sees no such event, or it has no such button.
        ValidationError: The event is no rich message.
    """
    refuse_stranger(world, actor)
    customer_views.find_event(world, thread, event_id)
    return postbacks.press(world, chat, thread, event_id, postback, actor)


def sneak_peek(world: World, actor: CustomerActor, chat: ChatRecord, text: str) -> None:
    """Type without sending: agents see the text.

    Raises:
        CustomerBanned: The customer is banned.
        ChatInactive: No thread is active.
    """
    refuse_stranger(world, actor)
    last = access.active_thread(chat)
    world.push(
        IncomingSneakPeek(
            chat_id=chat.id,
            thread_id=last.id,
            sneak_peek=SneakPeek(
                author_id=actor.id, text=text, timestamp=world.clock.peek() // 1_000_000
            ),
        ),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        actor=actor,
    )


def mark_seen(
    world: World, actor: CustomerActor, chat: ChatRecord, seen_up_to: datetime | None = None
) -> None:
    """See what was written up to a time, which defaults to now.

    Raises:
        CustomerBanned: The customer is banned.
    """
    refuse_stranger(world, actor)
    user = chat.user(actor.id)
    assert user is not None
    chat_users.mark_seen(world, chat, user, seen_up_to or world.clock.now(), actor)


def close(world: World, actor: CustomerActor, chat: ChatRecord) -> None:
    """Close the active thread.

    Raises:
        CustomerBanned: The customer is banned.
        ChatInactive: No thread is active.
    """
    refuse_stranger(world, actor)
    access.active_thread(chat)
    customer = names.name_of(world, actor.id)
    closing.close(world, chat, "manual_archived_customer", actor=actor, customer=customer)
