"""What becomes of everything that belonged to a group when it is deleted."""

from collections.abc import Sequence

from frontdesk.models import Access
from frontdesk.pushes import ChatAccessUpdated, GroupDeleted
from frontdesk.sandbox.store.records import ChatRecord, GroupRecord
from frontdesk.sandbox.world import access, recipients
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.recipients import EVERYBODY, Recipients
from frontdesk.sandbox.world.routing import auto_access, queueing, reassignment
from frontdesk.sandbox.world.staff import groups
from frontdesk.sandbox.world.world import World

__all__ = ["delete"]


def delete(world: World, group: GroupRecord, *, actor: Actor | None = None) -> None:
    """Delete a group other than the one of everybody.

    Chats, threads and customers of no other group come to the group of everybody; who of them
    waits is routed anew, while running chats stay with their agents. Agents, bots and tags just
    lose the group; an access rule without another one is deleted, with a push of its own. The
    properties, translations and canned responses of the group go with it.
    """
    waiting = _take_from_chats(world, group.id, actor)
    _take_from_threads(world, group.id)
    _take_from_customers(world, group.id)
    _take_from_agents(world, group.id)
    _take_from_tags(world, group.id)
    auto_access.forget_group(world, group.id, actor)
    world.store.canned_responses.remove_group(group.id)
    groups.retire(world, group)
    world.push(GroupDeleted(id=group.id), EVERYBODY, actor=actor)
    for chat in waiting:
        if chat.active:
            reassignment.reroute(world, chat)


def _others(group_ids: Sequence[int], group_id: int) -> list[int]:
    return [other for other in group_ids if other != group_id] or [groups.EVERYBODYS]


def _take_from_chats(world: World, group_id: int, actor: Actor | None) -> list[ChatRecord]:
    """Take the group from its chats; return those that waited, which are in no queue now."""
    members = tuple(
        agent.id
        for agent in world.store.company.agents.values()
        if access.agent_shares(agent, (group_id,))
    )
    queue = [chat_id for chat_id, _ in world.store.queue.places(group_id)]
    waiting = [chat for chat_id in queue if (chat := world.store.chats.get(chat_id)) is not None]
    for chat in waiting:
        queueing.remove(world, chat)
    for chat_id in world.store.chats.of_group(group_id):
        chat = world.store.chats.get(chat_id)
        assert chat is not None
        chat.group_ids = _others(chat.group_ids, group_id)
        now_reached = recipients.agents_with_access(chat)
        world.push(
            ChatAccessUpdated(id=chat.id, access=Access(group_ids=chat.group_ids)),
            # The members are named, for they are not in the group any more when it is delivered.
            Recipients(
                agent_ids=tuple(dict.fromkeys((*now_reached.agent_ids, *members))),
                group_ids=now_reached.group_ids,
            ),
            chat_id=chat.id,
            actor=actor,
        )
    return waiting


def _take_from_threads(world: World, group_id: int) -> None:
    for thread_id in world.store.threads.of_group(group_id):
        thread = world.store.threads.get(thread_id)
        assert thread is not None
        thread.group_ids = _others(thread.group_ids, group_id)


def _take_from_customers(world: World, group_id: int) -> None:
    for customer_id in world.store.customers.of_group(group_id):
        customer = world.store.customers.get(customer_id)
        assert customer is not None
        group_ids = _others(customer.group_ids, group_id)
        if customer.online:
            customers.transfer(world, customer, group_ids)
        else:
            # Of somebody who is not there, agents have no list to take the customer from.
            customer.group_ids = group_ids
        if customer.auto_access is not None:
            customer.auto_access = _others(customer.auto_access, group_id)
        if customer.rule_groups is not None:
            customer.rule_groups = _others(customer.rule_groups, group_id)
        if customer.chosen_group == group_id:
            customer.chosen_group = None


def _take_from_agents(world: World, group_id: int) -> None:
    company = world.store.company
    for agent in list(company.agents.values()):
        if agent.groups.pop(group_id, None) is not None:
            company.save_agent(agent)


def _take_from_tags(world: World, group_id: int) -> None:
    """Take the group from tags; one without a group fits no thread until it gets another."""
    company = world.store.company
    for tag in list(company.tags.values()):
        if group_id in tag.group_ids:
            tag.group_ids = [other for other in tag.group_ids if other != group_id]
            company.save_tag(tag)
