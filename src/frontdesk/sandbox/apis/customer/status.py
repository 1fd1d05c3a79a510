"""Statuses of groups, for customers."""

from msgspec import UNSET

from frontdesk.actions.customer import ListGroupStatuses
from frontdesk.errors import ValidationError
from frontdesk.models.customer_chat.widget import GroupStatuses
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.routing import availability
from frontdesk.sandbox.world.world import World

__all__ = ["list_group_statuses"]


@handles(
    ListGroupStatuses,
    rules=(
        documented("`all` or `group_ids` is needed; a group that is not there is left out."),
        assumed("`all` true counts more than `group_ids`."),
        assumed(
            "A group is `online` if somebody of it has a place for a chat, `online_for_queue` if a "
            "chat would wait, and `offline` if nobody accepts chats or no chat may wait."
        ),
    ),
)
def list_group_statuses(world: World, _: CustomerActor, action: ListGroupStatuses) -> GroupStatuses:
    """List the statuses of groups."""
    if action.all is True:
        statuses = availability.of_all(world)
    elif action.group_ids is UNSET:
        raise ValidationError("`all` must be true, or `group_ids` be given")
    else:
        groups = world.store.company.groups
        statuses = {
            group_id: availability.of_group(world, group_id)
            for group_id in dict.fromkeys(action.group_ids)
            if group_id in groups
        }
    return GroupStatuses(
        groups_status={str(group_id): status for group_id, status in statuses.items()}
    )
