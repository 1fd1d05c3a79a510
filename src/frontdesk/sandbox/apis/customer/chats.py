"""Chats of a customer: list, read, start, resume, deactivate."""

from functools import partial
from typing import Any, Final

from msgspec import UNSET, UnsetType

from frontdesk.actions import customer as actions
from frontdesk.errors import ChatAlreadyActive, GroupUnavailable, LimitReached, ValidationError
from frontdesk.models import Chat, InitialChat, ResumedChat, StartedChat, ThreadsPage
from frontdesk.models.customer_chat.chats import CustomerChatsPage
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.paging import (
    add_page_ids,
    limit_of,
    page_of_events,
    place_of,
    resumed,
    sort_order_of,
)
from frontdesk.sandbox.apis.rules import assumed, documented, seen
from frontdesk.sandbox.store.paging import page
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world import World, access
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.chats import customer_views, threads
from frontdesk.sandbox.world.chats.customer_views import CustomerViewer
from frontdesk.sandbox.world.people import customer_chats
from frontdesk.sandbox.world.people.customer_chats import Beginning

__all__ = [
    "deactivate_chat",
    "get_chat",
    "list_chats",
    "list_threads",
    "resume_chat",
    "start_chat",
]

CUSTOMER_SDK: Final = "source of LiveChat's customer-sdk"

OWN_CHATS: Final = assumed(
    "Customers reach their own chats; any other id is `not_found`, whether there is such a chat or "
    "not."
)
VISIBLE: Final = assumed(
    "Left out are events and users for agents only, deleted events, the e-mail addresses of agents "
    "(their ids are 32 hex digits here), tags, summaries, visits, and properties that customers "
    "may not read."
)
BANNED: Final = assumed(
    "`customer_banned` is the error for every method while the customer, or the address, is banned."
)


@handles(
    actions.ListChats,
    rules=(
        documented("Chats are listed by the creation of their last threads, newest first."),
        assumed("`last_event_per_type` has the last events that the customer sees."),
        assumed("The pages of a walk keep the order that it began with."),
        VISIBLE,
    ),
)
def list_chats(
    world: World, customer: CustomerActor, action: actions.ListChats
) -> CustomerChatsPage:
    """List summaries of the customer's chats."""
    asked, cursor = resumed(world, action)
    rows = world.store.list_chats(None if cursor is None else cursor.began_at)
    rows.of_customer(customer.id)
    row_page = page(rows, place_of(cursor), sort_order_of(asked), limit_of(asked))
    chats = world.store.chats.read_many([num for _, num in row_page.keys])
    response = CustomerChatsPage(
        chats_summary=[
            customer_views.show_chat_summary(CustomerViewer(world, chat, customer.client_id))
            for chat in chats
        ],
        total_chats=rows.count(),
    )
    add_page_ids(world, asked, row_page, response, cursor)
    return response


@handles(
    actions.ListThreads,
    rules=(
        documented(
            "`min_events_count` (1 to 100) lists as many of the latest threads as it takes to "
            "reach that total of events, and excludes `limit`."
        ),
        assumed("Only events that the customer sees are counted."),
        assumed("A thread that a plan restricts has no events."),
        OWN_CHATS,
        VISIBLE,
    ),
)
def list_threads(world: World, customer: CustomerActor, action: actions.ListThreads) -> ThreadsPage:
    """List the threads of a chat of the customer, with their events."""
    asked, cursor = resumed(world, action)
    if asked.chat_id != action.chat_id:
        raise ValidationError("`page_id` belongs to another `chat_id`")
    chat = access.own_chat(world, customer, asked.chat_id)
    viewer = CustomerViewer(world, chat, customer.client_id)
    rows = world.store.list_threads(chat.num)
    if asked.min_events_count is UNSET:
        row_page = page(rows, place_of(cursor), sort_order_of(asked), limit_of(asked))
        numbers = row_page.keys
    else:
        count = partial(_count_events, viewer)
        row_page = page_of_events(rows, place_of(cursor), asked.min_events_count, count)
        numbers = row_page.keys[::-1] if asked.sort_order == "asc" else row_page.keys
    response = ThreadsPage(
        threads=[
            customer_views.show_thread(viewer, thread)
            for thread in world.store.threads.read_many(numbers)
        ],
        found_threads=rows.count(),
    )
    add_page_ids(world, asked, row_page, response, cursor)
    return response


def _count_events(viewer: CustomerViewer, num: int) -> int:
    thread = viewer.world.store.threads.read_at(num)
    return 0 if thread is None else customer_views.count_events(viewer, thread)


@handles(
    actions.GetChat,
    rules=(
        documented("The thread is the last one unless another is named."),
        OWN_CHATS,
        VISIBLE,
    ),
)
def get_chat(world: World, customer: CustomerActor, action: actions.GetChat) -> Chat:
    """Read a chat of the customer with one thread."""
    chat = access.own_chat(world, customer, action.chat_id)
    # Type checkers see what an inherited field takes, not what it holds; so below.
    thread_id: Any = action.thread_id
    if thread_id is not UNSET:
        thread = access.thread_of(world, chat, thread_id)
    elif chat.last_thread is not None:
        thread = threads.last(world, chat)
    else:
        thread = None
    return customer_views.show_chat(CustomerViewer(world, chat, customer.client_id), thread)


_BEGINNING: Final = (
    documented("A group must be online unless `continuous` is true: `groups_offline`."),
    documented("Everything counts as seen by the customer."),
    seen(
        "`chat_already_active` is the error while the customer has an active chat.",
        CUSTOMER_SDK,
    ),
    assumed(
        "Without `chat.access` the chat is for the group that the connection has logged in with, "
        "or for those of the rules of auto access that fit the page; for all agents without both."
    ),
    assumed("An inactive thread needs no group, and nobody gets it."),
    assumed(
        "`limit_reached` is the error when nobody has a place and the queue is closed or full."
    ),
    assumed("`chat.users` may name the customer alone; `validation` is the error for others."),
    assumed(
        "A thread that begins while a greeting is shown comes from it, unless `lc2.greeting_id` or "
        "`lc2.greeting_unique_id` name another; it counts as seen."
    ),
    seen(
        "`welcome_message_id` keeps the welcome message in the chat, as its first event.",
        CUSTOMER_SDK,
    ),
    assumed(
        "It is a message of the agent who was predicted, with `lc2.welcome_message` and "
        "`chats.welcome_message_source`, and not among `event_ids`; `not_found` is the error for "
        "another than the last one, and for one that a chat has already."
    ),
    BANNED,
)


@handles(
    actions.StartChat,
    rules=(
        *_BEGINNING,
        assumed("Another chat may be started once the one before is not active."),
    ),
)
def start_chat(world: World, customer: CustomerActor, action: actions.StartChat) -> StartedChat:
    """Start a chat of the customer."""
    asked: Any = action.chat
    chat, event_ids = _begin(
        world,
        customer,
        None,
        Beginning(
            chat=asked,
            active=action.active is not False,
            continuous=action.continuous is True,
            welcome_message_id=_sent(action.welcome_message_id),
        ),
    )
    assert chat.last_thread is not None
    return StartedChat(chat_id=chat.id, thread_id=chat.last_thread.id, event_ids=event_ids or None)


@handles(
    actions.ResumeChat,
    rules=(
        *_BEGINNING,
        documented("The mode stays as it was unless `continuous` is sent."),
        assumed("Who was in the chat before is not in it any more."),
        OWN_CHATS,
    ),
)
def resume_chat(world: World, customer: CustomerActor, action: actions.ResumeChat) -> ResumedChat:
    """Begin another thread in a chat of the customer."""
    asked: Any = action.chat
    chat = access.own_chat(world, customer, asked.id, "chat.id")
    if chat.active:
        raise _already_active(chat.id)
    chat, event_ids = _begin(
        world,
        customer,
        chat,
        Beginning(
            chat=asked,
            active=action.active is not False,
            continuous=None if action.continuous is UNSET else action.continuous,
            welcome_message_id=_sent(action.welcome_message_id),
        ),
    )
    assert chat.last_thread is not None
    return ResumedChat(thread_id=chat.last_thread.id, event_ids=event_ids or None)


def _sent(value: str | UnsetType) -> str | None:
    return None if value is UNSET else value


def _begin(
    world: World, customer: CustomerActor, chat: ChatRecord | None, beginning: Beginning
) -> tuple[ChatRecord, list[str]]:
    customer_chats.refuse_stranger(world, customer)
    _check_users(customer, beginning.chat)
    active = world.store.chats.active_of_customer(customer.id)
    if active and beginning.active:
        raise _already_active(active[0])
    try:
        return customer_chats.begin(world, customer, chat, beginning)
    except GroupUnavailable as error:
        # On this side that type is the response about who would get a chat.
        raise LimitReached(error.message) from None


def _already_active(chat_id: str) -> ChatAlreadyActive:
    return ChatAlreadyActive(f"the customer has an active chat already: `{chat_id}`")


def _check_users(customer: CustomerActor, chat: InitialChat | UnsetType) -> None:
    users = () if chat is UNSET or chat.users is UNSET else chat.users
    if any(user.id != customer.id for user in users):
        raise ValidationError("`chat.users` may hold the customer only")


@handles(
    actions.DeactivateChat,
    rules=(
        documented("The pushes are `incoming_event` and `chat_deactivated`."),
        assumed("The event is the system message `manual_archived_customer`."),
        assumed("`chat_inactive` is the error without an active thread."),
        OWN_CHATS,
        BANNED,
    ),
)
def deactivate_chat(world: World, customer: CustomerActor, action: actions.DeactivateChat) -> None:
    """Close the active thread of a chat of the customer."""
    chat = access.own_chat(world, customer, action.id, "id")
    customer_chats.close(world, customer, chat)
