"""Tags of threads."""

from frontdesk.actions import TagThread, UntagThread
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import tags
from frontdesk.sandbox.world.world import World

__all__ = ["tag_thread", "untag_thread"]


@handles(
    TagThread,
    fidelity="assumed",
    note="Assumed: `not_found` for an unknown tag, `validation` for one that shares no group with "
    "the thread (a tag of group 0 fits every thread); tagging twice changes nothing.",
)
def tag_thread(world: World, requester: Requester, action: TagThread) -> None:
    """Tag a thread."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    tags.add(world, chat, thread, action.tag, requester)


@handles(
    UntagThread,
    fidelity="assumed",
    note="Assumed: taking away a tag that the thread does not have changes nothing.",
)
def untag_thread(world: World, requester: Requester, action: UntagThread) -> None:
    """Take a tag from a thread."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    tags.remove(world, chat, thread, action.tag, requester)
