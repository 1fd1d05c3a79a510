"""Multicast: messages to agents and customers that stand in no chat."""

from collections.abc import Sequence

from msgspec import UNSET

from frontdesk.actions import Multicast
from frontdesk.errors import ValidationError
from frontdesk.models import MulticastRecipientsAgents
from frontdesk.pushes import IncomingMulticast
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented, seen
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import customer_views
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.world import World

__all__ = ["multicast"]


@handles(
    Multicast,
    rules=(
        documented(
            "Agents by id or group, or all, get `incoming_multicast`; the docs no longer have "
            "customers as recipients."
        ),
        seen(
            "Customers who are named by id get it, too: the docs had them until January 2026.",
            "earlier docs",
        ),
        assumed(
            "Recipients that are not there are ignored; `validation` is the error when "
            "only customers are named."
        ),
    ),
)
def multicast(world: World, requester: Requester, action: Multicast) -> None:
    """Push a message to agents, and to customers besides."""
    agents, customers = action.recipients.agents, action.recipients.customers
    if agents is UNSET:
        raise ValidationError("`recipients.agents` is required")
    _push_to_agents(world, requester, action, agents)
    if customers is not UNSET:
        _push_to_customers(world, requester, action, customers.ids)


def _push_to_customers(
    world: World, requester: Requester, action: Multicast, customer_ids: Sequence[str]
) -> None:
    world.push_to_customers(
        IncomingMulticast(
            author_id=customer_views.shown_id(world, requester.id),
            content=action.content,
            type=None if action.type is UNSET else action.type,
        ),
        tuple(dict.fromkeys(customer_ids)),
        actor=requester,
    )


def _push_to_agents(
    world: World, requester: Requester, action: Multicast, agents: MulticastRecipientsAgents
) -> None:
    groups: set[int] = set()
    for position, group in enumerate(() if agents.groups is UNSET else agents.groups):
        if not str(group).isdecimal():
            raise ValidationError(f"`recipients.agents.groups[{position}]` must be a group id")
        groups.add(int(group))
    all_agents = world.store.company.agents
    agent_ids = dict.fromkeys(() if agents.ids is UNSET else agents.ids)
    for agent in all_agents.values():
        if agents.all is True or 0 in groups or groups & set(agent.groups):
            agent_ids[agent.id] = None
    world.push(
        IncomingMulticast(
            author_id=requester.id,
            content=action.content,
            type=None if action.type is UNSET else action.type,
        ),
        Recipients(agent_ids=tuple(agent_id for agent_id in agent_ids if agent_id in all_agents)),
        actor=requester,
    )
