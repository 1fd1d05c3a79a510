"""Chat access: transfer, and who could take a chat."""

from frontdesk.actions import ListAgentsForTransfer, TransferChat
from frontdesk.models import AgentForTransfer
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import members
from frontdesk.sandbox.world.routing import transfers
from frontdesk.sandbox.world.world import World

__all__ = ["list_agents_for_transfer", "transfer_chat"]


@handles(
    TransferChat,
    fidelity="assumed",
    note="Assumed: `agent_offline` when nobody can take the chat and it may not wait, `validation` "
    "for an agent without access to it. An agent who is not accepting chats, or has no place left, "
    "can still be named as target. Of several targets the one with the fewest chats gets it. "
    "Agents who lose the chat leave it (push `user_removed_from_chat`); the new one gets "
    "`incoming_chat` with `transferred_from`. A chat that waits goes to whoever of its groups has "
    "room next, be it the agent who had it, but not to a bot that gave it away while others accept "
    "chats. A transfer to where the chat is already changes nothing.",
)
def transfer_chat(world: World, requester: Requester, action: TransferChat) -> None:
    """Transfer an active chat."""
    chat = access.chat(world, requester, action.id, "rw", "id")
    access.active_thread(chat)
    members.require(chat, requester, ignore_presence=action.ignore_requester_presence is True)
    transfers.transfer(
        world,
        requester,
        chat,
        action.target,
        may_queue=action.ignore_agents_availability is True,
    )


@handles(
    ListAgentsForTransfer,
    fidelity="assumed",
    note="Assumed: agents with access to the chat who are not in it, bots included; the requester "
    "needs access to the chat.",
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
        and chat.present(agent.id) is None
    ]
    return sorted(candidates, key=lambda agent: (agent.total_active_chats, agent.agent_id))
