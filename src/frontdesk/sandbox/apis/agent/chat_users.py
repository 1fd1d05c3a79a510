"""Chat users: add, remove."""

from frontdesk.actions import AddUserToChat, RemoveUserFromChat
from frontdesk.errors import NotFound, ValidationError
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import SYSTEM_MESSAGES, assumed, documented
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.ban_list import refuse_banned
from frontdesk.sandbox.world.chats import chat_users, starting, system_messages
from frontdesk.sandbox.world.people import customers, names
from frontdesk.sandbox.world.routing import assignment, queueing
from frontdesk.sandbox.world.world import World

__all__ = ["add_user_to_chat", "remove_user_from_chat"]


@handles(
    AddUserToChat,
    rules=(
        documented(
            "The chat must be active, and the requester in it unless "
            "`ignore_requester_presence` is true; an agent needs access to the chat."
        ),
        assumed("`authorization` is the error for a requester who is not in the chat."),
        assumed("`chat_inactive` is the error without an active thread."),
        documented(
            "The system message is `agent_joined`, `agent_added` or `customer_added`, and"
            " none for the first agent.",
            SYSTEM_MESSAGES,
        ),
        documented("A chat has one customer at most, who is visible to all."),
        assumed(
            "`validation` is the error for a user who is in the chat already, for a "
            "second customer, for a customer who has an active chat (the message names "
            "it), and for an agent without access."
        ),
        assumed("Several agents may be added, as if support had enabled it."),
        assumed("An agent whom the customer can see takes an unassigned chat."),
    ),
)
def add_user_to_chat(world: World, requester: Requester, action: AddUserToChat) -> None:
    """Add an agent or the customer to an active chat."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    access.active_thread(chat)
    chat_users.require_present(
        chat, requester, ignore_presence=action.ignore_requester_presence is True
    )
    if chat.present_user(action.user_id) is not None:
        raise ValidationError(f"`user_id`: `{action.user_id}` is a user of the chat already")
    if action.user_type == "customer":
        _add_customer(world, requester, chat, action.user_id)
    else:
        _add_agent(world, requester, chat, action)


def _add_customer(world: World, requester: Requester, chat: ChatRecord, customer_id: str) -> None:
    record = customers.find(world, customer_id, "user_id")
    refuse_banned(world, record)
    if chat.customer_id not in (None, customer_id):
        raise ValidationError("`user_id`: the chat has a customer already")
    starting.refuse_second_chat(world, customer_id, "user_id")
    arrival = chat_users.NewChatUser(
        user_id=customer_id, type="customer", reason="manual", actor=requester
    )
    chat_users.add(world, chat, arrival)
    system_messages.write(
        world,
        chat,
        "customer_added",
        actor=requester,
        initiator=names.name_of(world, requester.id),
        customer=names.name_of(world, customer_id),
    )


def _add_agent(world: World, requester: Requester, chat: ChatRecord, action: AddUserToChat) -> None:
    agent = world.store.company.agents.get(action.user_id)
    if agent is None:
        raise NotFound(f"`user_id`: there is no agent `{action.user_id}`")
    access.require_working(agent, "user_id")
    himself = agent.id == requester.id
    if not access.agent_shares(agent, chat.group_ids) and not (
        himself and access.level(requester, "rw") == "all"
    ):
        raise ValidationError(f"`user_id`: the agent `{agent.id}` has no access to the chat")
    is_first = not chat.present_agents()
    if action.visibility == "all" and not chat_users.visible_agents(chat):
        assignment.assign(world, chat, agent.id, actor=requester, reason="manual")
    else:
        arrival = chat_users.NewChatUser(
            user_id=agent.id, reason="manual", visibility=action.visibility, actor=requester
        )
        chat_users.add(world, chat, arrival)
    if is_first:
        return
    if himself:
        kind, variables = "agent_joined", {"agent": agent.name}
    else:
        initiator = names.name_of(world, requester.id)
        kind, variables = "agent_added", {"initiator": initiator, "agent": agent.name}
    system_messages.write(
        world, chat, kind, visibility=action.visibility, actor=requester, **variables
    )


@handles(
    RemoveUserFromChat,
    rules=(
        documented(
            "Customers cannot be removed; the requester must be in the chat unless "
            "`ignore_requester_presence` is true; the chat need not be active."
        ),
        assumed("`authorization` is the error for a requester who is not in the chat."),
        documented(
            "The system message is `agent_left` or `agent_removed`.",
            SYSTEM_MESSAGES,
        ),
        assumed("`not_found` is the error for an agent who is not in the chat."),
        assumed(
            "An active chat without agents is unassigned until somebody takes it; the "
            "router does not give it away."
        ),
        assumed("There is no system message in an inactive chat."),
    ),
)
def remove_user_from_chat(world: World, requester: Requester, action: RemoveUserFromChat) -> None:
    """Remove an agent from a chat."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    chat_users.require_present(
        chat, requester, ignore_presence=action.ignore_requester_presence is True
    )
    user = chat.present_user(action.user_id)
    if user is None or user.type != "agent":
        raise NotFound(f"`user_id`: the agent `{action.user_id}` is not a user of the chat")
    chat_users.remove(world, chat, user, reason="manual", actor=requester)
    if chat.active:
        name = names.name_of(world, user.id)
        if user.id == requester.id:
            kind, variables = "agent_left", {"agent": name}
        else:
            initiator = names.name_of(world, requester.id)
            kind, variables = "agent_removed", {"initiator": initiator, "agent": name}
        system_messages.write(
            world, chat, kind, visibility=user.visibility, actor=requester, **variables
        )
        if chat.customer_id is not None and not chat_users.visible_agents(chat):
            system_messages.write(world, chat, "routing.unassigned_other", visibility="agents")
            queueing.mark_unassigned(world, chat)
    assignment.serve(world)
