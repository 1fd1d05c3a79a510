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
from frontdesk.sandbox.store.records import ChatRecord, LastThread, Member, ThreadRecord
from frontdesk.sandbox.world import access, properties
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.world import World

__all__ = [
    "RESTRICTED",
    "chat",
    "chat_for_all",
    "chat_summary",
    "queue",
    "restriction",
    "seconds_per_place",
    "shown_properties",
    "thread",
    "user",
    "users",
]

RESTRICTED = "You can't access this event: its thread belongs to other groups"

ANY_AGENT = Requester(id="")
"""Sees what every agent may see, and no more: of deleted events only that they were there."""

ABSENT: Any = UNSET
"""Leaves out a field that the model, made for clients, has always."""

MONTH = timedelta(days=30)

AVERAGE_CHAT_SECONDS = 300
"""How long a place is taken on average: what waiting times are estimated from."""


def user(world: World, chat: ChatRecord, member: Member) -> Agent | Customer:
    """Return a user of a chat."""
    if member.type == "customer":
        return _customer(world, chat, member)
    agent = world.store.company.agents.get(member.id)
    return Agent(
        id=member.id,
        name=agent.name if agent else member.id,
        email=None if agent is None or agent.bot else agent.id,
        present=member.present,
        events_seen_up_to=member.seen_up_to,
        avatar=(agent.avatar or None) if agent else None,
        visibility=member.visibility,
    )


def _customer(world: World, chat: ChatRecord, member: Member) -> Customer:
    record = world.store.customers.read(member.id)
    if record is None:
        return Customer(id=member.id, present=member.present)
    return replace(
        record.profile,
        present=member.present,
        events_seen_up_to=member.seen_up_to,
        online=record.online,
        group_ids=record.group_ids,
        agent_last_event_created_at=chat.agent_wrote_at,
        customer_last_event_created_at=chat.customer_wrote_at,
        state="chatting" if chat.active else "browsing" if record.online else None,
    )


def users(world: World, chat: ChatRecord) -> list[Any]:
    """Return the users of a chat, the customer first."""
    return [
        user(world, chat, member)
        for member in sorted(chat.members, key=lambda member: member.type != "customer")
    ]


def queue(world: World, last_num: int, group_ids: list[int]) -> Queue | None:
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


def thread(
    world: World,
    requester: Requester,
    record: ThreadRecord,
    *,
    with_events: bool = True,
) -> Thread:
    """Return a thread with its events, as the JSON that the store keeps."""
    restricted = restriction(world, record)
    shown_events: Any = ABSENT
    if with_events and restricted is None:
        shown_events = events.of_thread(world, requester, record.num)
    return Thread(
        id=record.id,
        active=record.active,
        created_at=record.created_at,
        user_ids=record.user_ids,
        events=shown_events,
        restricted_access=restricted,
        properties=shown_properties(world, requester, record.properties, "thread"),
        access=Access(group_ids=record.group_ids),
        tags=record.tags or None,
        queue=queue(world, record.num, record.group_ids) if record.queued_at else None,
        queues_duration=record.queues_duration,
        summary=record.summary,
        customer_visit=record.customer_visit,
        previous_thread_id=record.previous_id,
        next_thread_id=record.next_id,
    )


def restriction(world: World, record: ThreadRecord) -> str | None:
    """Return why the events of a thread may not be seen, such as the months that a plan has."""
    if record.restricted_access is not None:
        return record.restricted_access
    months = properties.license_value(world, "limits", "archives_retention.base", -1)
    if months < 0 or world.clock.now() - record.created_at <= months * MONTH:
        return None
    plan = world.store.company.license.plan
    return f"You can't access threads older than {months} months on {plan} plan"


def shown_properties(
    world: World, requester: Requester, values: PropertiesModel, location: Any
) -> PropertiesModel | None:
    """Return what the requester may read of the properties."""
    return properties.readable(world, values, location, "agent", requester.client_id)


def chat(
    world: World, requester: Requester, record: ChatRecord, shown: ThreadRecord | None
) -> Chat:
    """Return a chat with one of its threads, or without any."""
    return Chat(
        id=record.id,
        users=users(world, record),
        thread=ABSENT if shown is None else thread(world, requester, shown),
        properties=shown_properties(world, requester, record.properties, "chat"),
        access=Access(group_ids=record.group_ids),
        is_followed=requester.id in record.followers,
    )


def chat_for_all(world: World, record: ChatRecord, shown: ThreadRecord | None) -> Chat:
    """Return a chat as pushes and webhooks carry it: nothing in it depends on who gets it."""
    return Chat(
        id=record.id,
        users=users(world, record),
        thread=ABSENT if shown is None else thread(world, ANY_AGENT, shown),
        properties=shown_properties(world, ANY_AGENT, record.properties, "chat"),
        access=Access(group_ids=record.group_ids),
    )


def chat_summary(world: World, requester: Requester, record: ChatRecord) -> ChatSummary:
    """Return a chat without its threads, with its last event of each type."""
    last = record.last_thread
    return ChatSummary(
        id=record.id,
        users=users(world, record),
        last_thread_summary=None if last is None else _summary(world, requester, last),
        last_event_per_type=_last_events(world, requester, record) or None,
        properties=shown_properties(world, requester, record.properties, "chat"),
        access=Access(group_ids=record.group_ids),
        is_followed=requester.id in record.followers,
    )


def _summary(world: World, requester: Requester, last: LastThread) -> ThreadSummary | None:
    record = world.store.threads.read(last.id)
    if record is None:
        return None
    return ThreadSummary(
        id=record.id,
        created_at=record.created_at,
        user_ids=record.user_ids,
        properties=shown_properties(world, requester, record.properties, "thread"),
        active=record.active,
        access=Access(group_ids=record.group_ids),
        tags=record.tags or None,
        queue=queue(world, record.num, record.group_ids) if record.queued_at else None,
    )


def _last_events(world: World, requester: Requester, record: ChatRecord) -> dict[str, LastEvent]:
    shown: dict[str, LastEvent] = {}
    for kind, (num, n) in record.last_events.items():
        in_thread = world.store.threads.read_at(num)
        row = world.store.events.get(num, n)
        if in_thread is None or row is None:
            continue
        restricted = restriction(world, in_thread)
        if restricted is not None:
            event: Any = RestrictedEvent(restricted_access=restricted)
        elif not access.may_see_thread(world, requester, record, in_thread.group_ids):
            event = RestrictedEvent(restricted_access=RESTRICTED)
        else:
            event = events.seen(row, requester)
        shown[kind] = LastEvent(
            thread_id=in_thread.id, thread_created_at=in_thread.created_at, event=event
        )
    return shown
