"""Whether the groups are there for customers, as the Customer Chat API says it.

Agents have routing statuses. Customers see what these mean for a chat that they would start now:
``online``, ``online_for_queue`` if it would wait, or ``offline``.

Source: https://platform.text.com/docs/messaging/customer-chat-api#list-group-statuses
"""

from collections.abc import Iterable
from functools import partial
from typing import Final, Literal, TypeAlias

from frontdesk.pushes import GroupsStatusUpdated, GroupStatus
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.routing import assignment, queueing
from frontdesk.sandbox.world.staff import statuses
from frontdesk.sandbox.world.world import World

__all__ = ["Availability", "of_all", "of_group", "online_ids", "push_changes"]

Availability: TypeAlias = Literal["online", "online_for_queue", "offline"]

_WITHOUT_EFFECT: Final = frozenset(
    (
        "customer_page_updated",
        "customer_statistics_updated",
        "customer_updated",
        "event_updated",
        "events_marked_as_seen",
        "incoming_customer",
        "incoming_event",
        "incoming_event_preview",
        "incoming_sneak_peek",
        "incoming_thinking_indicator",
        "incoming_typing_indicator",
        "customer_left",
    )
)
"""Frequent pushes of what never changes who is there: after them nobody has to look."""


def of_group(world: World, group_id: int) -> Availability:
    """Return whether a chat that a customer starts in a group now would find somebody.

    A group where everybody is busy and nobody may wait is ``offline``, as far as customers care.
    """
    if statuses.group_status(world, group_id) != "accepting_chats":
        return "offline"
    by_hand = assignment.picks_by_hand(world, (group_id,))
    if not by_hand and assignment.pick(world, (group_id,)) is not None:
        return "online"
    return "online_for_queue" if queueing.allows(world, (group_id,)) else "offline"


def of_all(world: World) -> dict[int, Availability]:
    """Return the status of each group, by id."""
    return {group_id: of_group(world, group_id) for group_id in sorted(world.store.company.groups)}


def online_ids(world: World) -> list[int]:
    """Return the groups in which customers may start a chat, one that waits too."""
    return [group_id for group_id, status in of_all(world).items() if status != "offline"]


def push_changes(world: World, effects: Iterable[Effect]) -> None:
    """Push ``groups_status_updated`` to customers after what may have changed a status.

    It is called before each commit, with what the units since the last one caused. As long as no
    customer is connected there is nothing to compare with, and nothing to do.
    """
    if not world.customer_sessions:
        world.group_statuses = None
        return
    before = world.group_statuses
    if before is not None and all(effect.push in _WITHOUT_EFFECT for effect in effects):
        return
    now = of_all(world)
    if before == now:
        return
    world.group_statuses = now
    world.undo_with(partial(setattr, world, "group_statuses", before))
    changed = [
        GroupStatus(id=group_id, status=status)
        for group_id, status in now.items()
        if before is not None and before.get(group_id) != status
    ]
    if changed:
        world.push_to_customers(GroupsStatusUpdated(groups=changed), None)
