"""Customers: read, update, ban, subscribe, follow."""

from typing import Any

from msgspec import UNSET

from frontdesk.actions import (
    BanCustomer,
    CreateCustomer,
    FollowCustomer,
    GetCustomer,
    SubscribeCustomers,
    UnfollowCustomer,
    UnsubscribeCustomers,
    UpdateCustomer,
)
from frontdesk.errors import ValidationError
from frontdesk.models import (
    CreatedCustomer,
    Customer,
    CustomersSubscription,
)
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import SYSTEM_MESSAGES, assumed, documented, seen
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.ban_list import MAX_BAN_DAYS
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.people import bans, customers
from frontdesk.sandbox.world.recipients import Recipients
from frontdesk.sandbox.world.staff import sessions
from frontdesk.sandbox.world.world import World

__all__ = [
    "ban_customer",
    "create_customer",
    "follow_customer",
    "get_customer",
    "subscribe_customers",
    "unfollow_customer",
    "unsubscribe_customers",
    "update_customer",
]


CHANGEABLE = (
    "name",
    "email",
    "avatar",
    "phone_number",
    "session_fields",
    "omnichannel",
    "address",
)


@handles(
    GetCustomer,
    rules=(
        documented("Fields are there only if they are set; `chat_ids` only here."),
        assumed("What was emptied counts as not set."),
        assumed("`not_found` is the error for a customer who is not there."),
    ),
)
def get_customer(world: World, requester: Requester, action: GetCustomer) -> Customer:
    """Read a customer."""
    record = customers.find(world, action.id)
    return customers.shown(world, requester, record, in_full=True)


@handles(
    UpdateCustomer,
    rules=(
        documented(
            "`id` is a UUID of version 4, and one more field is needed; `phone_number` is E.164."
        ),
        assumed("An empty text or list removes what was set; an empty `phone_number` is taken."),
        documented(
            "A new name or e-mail address writes `customer_updated` into the active chat,"
            " which names an agent and no integration.",
            SYSTEM_MESSAGES,
        ),
        assumed("A bot counts as an integration."),
        assumed("New session fields replace the old ones."),
        assumed("The `omnichannel` of the response has the keys of the Customer structure."),
        assumed("`not_found` is the error for a customer who is not there."),
    ),
)
def update_customer(world: World, requester: Requester, action: UpdateCustomer) -> None:
    """Change a customer."""
    record = customers.find(world, action.id)
    changes: dict[str, Any] = {
        name: value for name in CHANGEABLE if (value := getattr(action, name)) is not UNSET
    }
    for position, item in enumerate(changes.get("session_fields", ())):
        if len(item) != 1:
            raise ValidationError(f"`session_fields[{position}]` must hold one key and its value")
    if action.omnichannel is not UNSET:
        changes["omnichannel"] = customers.with_identities(record, action.omnichannel)
    if "email" in changes:
        changes["email_verified"] = False if changes["email"] else None
    customers.update(world, record, changes, requester)


@handles(
    BanCustomer,
    rules=(
        documented(
            "Visits end at once, new ones are refused for the time of the ban, and the "
            "active chat is archived (`customer_banned`)."
        ),
        assumed("`limit_reached` is the error beyond what `limits.banned` says."),
        assumed("The customer leaves the site (`customer_left`); a second ban replaces the first."),
        assumed(
            "`list_customer_bans` has it, with the thread that is closed and the address of the "
            "visit, from which others may come."
        ),
    ),
)
def ban_customer(world: World, requester: Requester, action: BanCustomer) -> None:
    """Ban a customer: visits end, and active chats are archived."""
    record = customers.find(world, action.id)
    days = action.ban.days
    if days > MAX_BAN_DAYS:
        raise ValidationError(f"`ban.days` must be at most {MAX_BAN_DAYS}")
    bans.ban(world, record, days, requester)


@handles(
    CreateCustomer,
    rules=(
        documented("Up to 3.5; the response is the `customer_id`."),
        assumed("The customer belongs to group 0."),
    ),
)
def create_customer(world: World, requester: Requester, action: CreateCustomer) -> CreatedCustomer:
    """Create a customer, who is not on the website."""
    record = customers.create(
        world,
        customers.CustomerDetails(
            name=None if action.name is UNSET else action.name,
            email=None if action.email is UNSET else action.email,
            avatar=None if action.avatar is UNSET else action.avatar,
            session_fields=None if action.session_fields is UNSET else action.session_fields,
        ),
        requester,
    )
    return CreatedCustomer(customer_id=record.id)


@handles(
    FollowCustomer,
    rules=(
        seen(
            "Not in the docs any more; as they described it until January 2026.",
            "earlier docs",
        ),
        assumed("It is there in all versions."),
    ),
)
def follow_customer(world: World, requester: Requester, action: FollowCustomer) -> None:
    """Have the requester get all pushes of a customer."""
    record = customers.find(world, action.id)
    agent = world.store.company.agents[requester.id]
    if record.id in agent.followed_customers:
        return
    chatting = any(
        chat.present_user(requester.id) for chat in customers.active_chats(world, record.id)
    )
    agent.followed_customers.append(record.id)
    world.store.company.save_agent(agent)
    if not chatting and world.listened:
        world.emit(
            Effect(
                payload=customers.shown(world, requester, record),
                # By its wire name: what is sent is the customer itself, not a structure around it.
                push="incoming_customer",
                recipients=Recipients(agent_ids=(requester.id,)),
                actor=requester,
            )
        )


@handles(
    UnfollowCustomer,
    rules=(
        seen(
            "Not in the docs any more; as they described it until January 2026.",
            "earlier docs",
        ),
        assumed("The push `customer_unfollowed` has the field `id`."),
    ),
)
def unfollow_customer(world: World, requester: Requester, action: UnfollowCustomer) -> None:
    """Stop following a customer."""
    record = customers.find(world, action.id)
    agent = world.store.company.agents[requester.id]
    if record.id not in agent.followed_customers:
        return
    agent.followed_customers.remove(record.id)
    world.store.company.save_agent(agent)
    world.emit(
        Effect(
            payload={"id": record.id},
            # By its wire name: the docs no longer have this push, so there is no class for it.
            push="customer_unfollowed",
            recipients=Recipients(agent_ids=(requester.id,)),
            actor=requester,
        )
    )


@handles(
    SubscribeCustomers,
    rules=(
        documented(
            "Beyond `limit`, `subscribed_customers_totals_updated` comes from time to time."
        ),
        assumed(
            "Customers on the website in groups of the agent match; the totals come every"
            " 10 seconds."
        ),
    ),
)
def subscribe_customers(
    world: World, requester: Requester, action: SubscribeCustomers
) -> CustomersSubscription:
    """Have this connection get the pushes of customers."""
    subscription, matching = sessions.subscribe(
        world,
        requester,
        () if action.group_ids is UNSET else tuple(action.group_ids),
        None if action.limit is UNSET else action.limit,
    )
    return CustomersSubscription(subscription_id=subscription.id, customers=matching)


@handles(
    UnsubscribeCustomers,
    rules=(assumed("`not_found` is the error for a subscription that is not there."),),
)
def unsubscribe_customers(world: World, requester: Requester, action: UnsubscribeCustomers) -> None:
    """End a subscription."""
    sessions.unsubscribe(world, requester, action.subscription_id)
