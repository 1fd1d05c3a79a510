"""The queue: chats that wait for an agent, and where they stand."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from frontdesk.pushes import QueuePosition, QueuePositionsUpdated, QueueState
from frontdesk.pushes.customer_chat import QueuePositionUpdated
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.records import ChatRecord, QueueRow
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.chats import threads, views
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.world import World

__all__ = ["add", "allowed", "allows", "group_value", "mark_unassigned", "rank_again", "remove"]


def group_value(world: World, group_ids: Iterable[int], name: str, default: Any) -> Any:
    """Return a group property of the namespace ``chats``, of the first group that has it."""
    for group_id in group_ids:
        group = world.store.company.groups.get(group_id)
        value = group.properties.get("chats", {}).get(name) if group else None
        if value is not None:
            return value
    return default


def allowed(world: World, chat: ChatRecord) -> bool:
    """Return whether the chat may wait: queues are on for its group, and the queue is not full."""
    return allows(world, chat.group_ids, continuous=chat.continuous)


def allows(world: World, group_ids: Iterable[int], *, continuous: bool = False) -> bool:
    """Return whether a chat of the groups may wait; see ``allowed``."""
    enabled = group_value(world, group_ids, "queue.enabled.override", -1)
    if enabled == -1:
        enabled = properties.license_value(world, "chats", "queue.enabled", default=True)
    limit = (
        properties.license_value(world, "limits", "queue_continuous.base", 150)
        if continuous
        else properties.license_value(world, "chats", "queue.limit", 100)
    )
    return bool(enabled) and world.store.queue.count() < limit


def add(world: World, chat: ChatRecord) -> None:
    """Put the chat into the queue of its groups."""
    last = chat.last_thread
    assert last is not None
    mark_unassigned(world, chat)
    now = world.clock.now()
    thread = threads.last(world, chat)
    thread.queued_at = now
    last.queued = True
    world.store.queue.add(
        [
            QueueRow(
                thread=last.num,
                group_id=group_id,
                chat=chat.num,
                rank=_rank(world, group_id),
                queued_at=to_micros(now),
            )
            for group_id in dict.fromkeys(chat.group_ids)
        ]
    )
    push_positions(world, chat.group_ids, last.id)


def _rank(world: World, group_id: int) -> int:
    return int(group_value(world, (group_id,), "queue.routing_priority", 1))


def rank_again(world: World, group_id: int) -> None:
    """Give the chats that wait for a group the group's present priority."""
    world.store.queue.rank(group_id, _rank(world, group_id))
    push_positions(world, (group_id,))


def mark_unassigned(world: World, chat: ChatRecord) -> None:
    """Note that the chat belongs to nobody."""
    threads.set_thread_routing(world, chat, unassigned=True, pinned=True)
    threads.set_chat_routing(world, chat, unassigned=True, pinned=True)


def remove(world: World, chat: ChatRecord) -> None:
    """Take the chat from the queue, if it waits."""
    last = chat.last_thread
    if last is None or not last.queued:
        return
    last.queued = False
    world.store.queue.remove(last.num)
    before = world.queue_places.pop(last.id, None)
    if before is not None:
        world.undo_with(partial(_restore, world.queue_places, last.id, before))
    thread = threads.last(world, chat)
    if thread.queued_at is not None:
        waited = int((world.clock.now() - thread.queued_at).total_seconds())
        thread.queues_duration = (thread.queues_duration or 0) + waited
        thread.queued_at = None
    push_positions(world, chat.group_ids)


def push_positions(world: World, group_ids: Iterable[int], new_thread: str = "") -> None:
    """Push where each waiting chat of the groups stands: to agents, and to customers their own.

    The customer of ``new_thread`` gets to know with the chat itself.
    """
    if not world.listened:
        return
    for group_id in dict.fromkeys(group_ids):
        places = world.store.queue.places(group_id)
        if places:
            each = views.seconds_per_place(world, (group_id,))
            positions = [
                QueuePosition(
                    chat_id=chat_id,
                    thread_id=thread_id,
                    queue=QueueState(position=position, wait_time=position * each),
                )
                for position, (chat_id, thread_id) in enumerate(places, start=1)
            ]
            world.push(
                QueuePositionsUpdated(positions=positions),
                Recipients(group_ids=(group_id,)),
                to_customer=True,
            )
            if world.customer_sessions:
                _push_to_customers(world, group_id, positions, new_thread)


def _push_to_customers(
    world: World, group_id: int, positions: Iterable[QueuePosition], new_thread: str
) -> None:
    """Push to customers who are connected the places of their own chats that have changed.

    A chat that waits for several groups stands where it does for the first of them.
    """
    connected = {session.customer.id for session in world.customer_sessions.values()}
    for place in positions:
        chat = world.store.chats.get(place.chat_id)
        if chat is None or chat.customer_id not in connected or chat.group_ids[0] != group_id:
            continue
        known = world.queue_places.get(place.thread_id)
        if known == place.queue:
            continue
        world.queue_places[place.thread_id] = place.queue
        world.undo_with(partial(_restore, world.queue_places, place.thread_id, known))
        if place.thread_id != new_thread:
            world.push_to_customers(
                QueuePositionUpdated(
                    chat_id=place.chat_id, thread_id=place.thread_id, queue=place.queue
                ),
                (chat.customer_id,),
                chat_id=place.chat_id,
            )


def _restore(places: dict[str, QueueState], thread_id: str, before: QueueState | None) -> None:
    if before is None:
        places.pop(thread_id, None)
    else:
        places[thread_id] = before
