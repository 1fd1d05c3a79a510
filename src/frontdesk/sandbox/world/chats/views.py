"""Records as the API shows them to one requester."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from frontdesk.models import (
    Access,
    Agent,
    Chat,
    ChatSummary,
    Customer,
    LastEvent,
    Queue,
    RestrictedEvent,
    Thread,
    ThreadSummary,
)
from frontdesk.models import Properties as PropertiesModel
from frontdesk.sandbox.store import from_micros
from frontdesk.sandbox.store.records import ChatRecord, ChatUser, LastThread, ThreadRecord
from frontdesk.sandbox.world import access, properties
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.world import World

__all__ = [
    "RESTRICTED",
    "restriction",
    "seconds_per_place",
    "show_chat",
    "show_chat_summary",
    "show_chat_to_all",
    "show_properties",
    "show_queue_place",
    "show_thread",
    "show_user",
    "show_users",
]

RESTRICTED = "You can't access this event: its thread belongs to other groups"

ANY_AGENT = Requester(id="")
"""Sees what every agent may see, and no more: of deleted events only that they were there."""

ABSENT: Any = UNSET
"""Leaves out a field that the model, made for clients, has always."""

MONTH = timedelta(days=30)

AVERAGE_CHAT_SECONDS = 300
"""How long a place is taken on average: what waiting times are estimated from."""


def show_user(world: World, chat: ChatRecord, user: ChatUser) -> Agent | Customer:
    """Return a user of a chat."""
    if user.type == "customer":
        return _customer(world, chat, user)
    agent = world.store.company.agents.get(user.id)
    return Agent(
        id=user.id,
        name=agent.name if agent else user.id,
        email=None if agent is None or agent.bot else agent.id,
        present=user.present,
        events_seen_up_to=user.seen_up_to,
        avatar=(agent.avatar or None) if agent else None,
        visibility=user.visibility,
    )


def _customer(world: World, chat: ChatRecord, user: ChatUser) -> Customer:
    record = world.store.customers.read(user.id)
    if record is None:
        return Customer(id=user.id, present=user.present)
    return replace(
        record.profile,
        present=user.present,
        events_seen_up_to=user.seen_up_to,
        online=record.online,
        group_ids=record.group_ids,
        agent_last_event_created_at=chat.agent_wrote_at,
        customer_last_event_created_at=chat.customer_wrote_at,
        state="chatting" if chat.active else "browsing" if record.online else None,
    )


def show_users(world: World, chat: ChatRecord) -> list[Any]:
    """Return the users of a chat, the customer first."""
    return [
        show_user(world, chat, user)
        for user in sorted(chat.users, key=lambda user: user.type != "customer")
    ]


def show_queue_place(world: World, last_num: int, group_ids: list[int]) -> Queue | None:
    """Return the place of a thread in the queue of its first group, if it waits."""
    row = world.store.queue.get(last_num, group_ids[0] if group_ids else 0)
    if row is None:
        return None
    position = world.store.queue.position(row)
    return Queue(
        position=position,
        wait_time=position * seconds_per_place(world, group_ids),
        queued_at=from_micros(row.queued_at),
    )


def seconds_per_place(world: World, group_ids: Iterable[int]) -> int:
    """Return how long it takes until a place in the groups gets free, on average."""
    serving = sum(
        1
        for agent in world.store.company.agents.values()
        if agent.status == "accepting_chats" and access.agent_shares(agent, group_ids)
    )
    return AVERAGE_CHAT_SECONDS // max(1, serving)


def show_thread(
    world: World,
    requester: Requester,
    thread: ThreadRecord,
    *,
    with_events: bool = True,
) -> Thread:
    """Return a thread with its events, as the JSON that the store keeps."""
    restricted = restriction(world, thread)
    shown_events: Any = ABSENT
    if with_events and restricted is None:
        shown_events = events.of_thread(world, requester, thread.num)
    return Thread(
        id=thread.id,
        active=thread.active,
        created_at=thread.created_at,
        user_ids=thread.user_ids,
        events=shown_events,
        restricted_access=restricted,
        properties=show_properties(world, requester, thread.properties, "thread"),
        access=Access(group_ids=thread.group_ids),
        tags=thread.tags or None,
        queue=show_queue_place(world, thread.num, thread.group_ids) if thread.queued_at else None,
        queues_duration=thread.queues_duration,
        summary=thread.summary,
        customer_visit=thread.customer_visit,
        previous_thread_id=thread.previous_id,
        next_thread_id=thread.next_id,
    )


def restriction(world: World, thread: ThreadRecord) -> str | None:
    """Return why the events of a thread may not be seen, such as the months that a plan has."""
    if thread.restricted_access is not None:
        return thread.restricted_access
    months = properties.license_value(world, "limits", "archives_retention.base", -1)
    if months < 0 or world.clock.now() - thread.created_at <= months * MONTH:
        return None
    plan = world.store.company.license.plan
    return f"You can't access threads older than {months} months on {plan} plan"


def show_properties(
    world: World, requester: Requester, values: PropertiesModel, location: Any
) -> PropertiesModel | None:
    """Return what the requester may read of the properties."""
    return properties.readable(world, values, location, "agent", requester.client_id)


def show_chat(
    world: World, requester: Requester, chat: ChatRecord, thread: ThreadRecord | None
) -> Chat:
    """Return a chat with one of its threads, or without any."""
    return Chat(
        id=chat.id,
        users=show_users(world, chat),
        thread=ABSENT if thread is None else show_thread(world, requester, thread),
        properties=show_properties(world, requester, chat.properties, "chat"),
        access=Access(group_ids=chat.group_ids),
        is_followed=requester.id in chat.followers,
    )


def show_chat_to_all(world: World, chat: ChatRecord, thread: ThreadRecord | None) -> Chat:
    """Return a chat as pushes and webhooks carry it: nothing in it depends on who gets it."""
    return Chat(
        id=chat.id,
        users=show_users(world, chat),
        thread=ABSENT if thread is None else show_thread(world, ANY_AGENT, thread),
        properties=show_properties(world, ANY_AGENT, chat.properties, "chat"),
        access=Access(group_ids=chat.group_ids),
    )


def show_chat_summary(world: World, requester: Requester, chat: ChatRecord) -> ChatSummary:
    """Return a chat without its threads, with its last event of each type."""
    last = chat.last_thread
    return ChatSummary(
        id=chat.id,
        users=show_users(world, chat),
        last_thread_summary=None if last is None else _show_thread_summary(world, requester, last),
        last_event_per_type=_last_events(world, requester, chat) or None,
        properties=show_properties(world, requester, chat.properties, "chat"),
        access=Access(group_ids=chat.group_ids),
        is_followed=requester.id in chat.followers,
    )


def _show_thread_summary(
    world: World, requester: Requester, last: LastThread
) -> ThreadSummary | None:
    thread = world.store.threads.read(last.id)
    if thread is None:
        return None
    return ThreadSummary(
        id=thread.id,
        created_at=thread.created_at,
        user_ids=thread.user_ids,
        properties=show_properties(world, requester, thread.properties, "thread"),
        active=thread.active,
        access=Access(group_ids=thread.group_ids),
        tags=thread.tags or None,
        queue=show_queue_place(world, thread.num, thread.group_ids) if thread.queued_at else None,
    )


def _last_events(world: World, requester: Requester, chat: ChatRecord) -> dict[str, LastEvent]:
    last_events: dict[str, LastEvent] = {}
    for kind, (num, n) in chat.last_events.items():
        thread = world.store.threads.read_at(num)
        row = world.store.events.get(num, n)
        if thread is None or row is None:
            continue
        restricted = restriction(world, thread)
        if restricted is not None:
            event: Any = RestrictedEvent(restricted_access=restricted)
        elif not access.may_see_thread(world, requester, chat, thread.group_ids):
            event = RestrictedEvent(restricted_access=RESTRICTED)
        else:
            event = events.as_seen_by(world, row, requester)
        last_events[kind] = LastEvent(
            thread_id=thread.id, thread_created_at=thread.created_at, event=event
        )
    return last_events
