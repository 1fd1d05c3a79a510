"""Chat access: transfer."""

from frontdesk.actions import TransferChat
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import members
from frontdesk.sandbox.world.registry import handles
from frontdesk.sandbox.world.routing import transfers
from frontdesk.sandbox.world.world import World

__all__ = ["transfer_chat"]


@handles(
    TransferChat,
    fidelity="assumed",
    note="Assumed: `agent_offline` when nobody can take the chat and it may not wait, `validation` "
    "for an agent without access to it. An agent who is not accepting chats, or has no place left, "
    "can still be named as target. Of several targets the one with the fewest chats gets it. "
    "Agents who lose the chat leave it (push `user_removed_from_chat`); the new one gets "
    "`incoming_chat` with `transferred_from`. A chat that waits goes to whoever of its groups has "
    "room next, be it the agent who had it.",
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
