"""Chat access: transfer, and who could take a chat."""

from frontdesk.actions import ListAgentsForTransfer, TransferChat
from frontdesk.models import AgentForTransfer
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import chat_users
from frontdesk.sandbox.world.routing import transfers
from frontdesk.sandbox.world.world import World

__all__ = ["list_agents_for_transfer", "transfer_chat"]


@handles(
    TransferChat,
    rules=(
        documented(
            "The chat must be active, and the requester in it unless "
            "`ignore_requester_presence` is true."
        ),
        assumed("`authorization` is the error for a requester who is not in the chat."),
        assumed("`chat_inactive` is the error without an active thread."),
        documented(
            "Without a target the chat goes to another agent of its groups; with "
            "`ignore_agents_availability` it may wait."
        ),
        documented(
            "The system message is `chat_transferred`, and the push says where the chat is now."
        ),
        documented("An agent who is named must have access to the chat."),
        assumed(
            "The error for one who has not is `validation`, and `agent_offline` if nobody"
            " can take the chat, which may not wait."
        ),
        assumed(
            "A transfer to where the chat is already changes nothing: to the agent who "
            "has it, to its own groups, into the queue it is in."
        ),
        assumed(
            "A chat that a bot gives away does not come back to it while others of the "
            "groups accept chats; it waits for them, or the call fails."
        ),
        assumed(
            "An agent who accepts no chats, or has no place left, can be named as target;"
            " of several the one with the fewest chats gets it."
        ),
        assumed(
            "Agents who lose the chat leave it (`user_removed_from_chat`); the new one "
            "gets `incoming_chat` with `transferred_from`."
        ),
        assumed(
            "A chat that waits goes to whoever of its groups has room next, be it the "
            "agent who had it."
        ),
    ),
)
def transfer_chat(world: World, requester: Requester, action: TransferChat) -> None:
    """Transfer an active chat."""
    chat = access.chat(world, requester, action.id, "rw", "id")
    access.active_thread(chat)
    chat_users.require_present(
        chat, requester, ignore_presence=action.ignore_requester_presence is True
    )
    transfers.transfer(
        world,
        requester,
        chat,
        action.target,
        may_queue=action.ignore_agents_availability is True,
    )


@handles(
    ListAgentsForTransfer,
    rules=(
        documented(
            "Those with the fewest chats come first, and only chats with customers count;"
            " who is offline is not listed."
        ),
        assumed(
            "Bots are listed, and who is in the chat is not; the requester needs access "
            "to the chat."
        ),
    ),
)
def list_agents_for_transfer(
    world: World, requester: Requester, action: ListAgentsForTransfer
) -> list[AgentForTransfer]:
    """List who could take a chat, those with the fewest chats first."""
    chat = access.chat(world, requester, action.chat_id, "ro")
    loads = world.store.chats.loads()
    candidates = [
        AgentForTransfer(agent_id=agent.id, total_active_chats=loads.get(agent.id, 0))
        for agent in world.store.company.agents.values()
        if agent.status != "offline"
        and access.agent_shares(agent, chat.group_ids)
        and chat.present_user(agent.id) is None
    ]
    return sorted(candidates, key=lambda agent: (agent.total_active_chats, agent.agent_id))
