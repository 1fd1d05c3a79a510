"""Tags of threads."""

from frontdesk.actions import TagThread, UntagThread
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import assumed, documented
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import tags
from frontdesk.sandbox.world.world import World

__all__ = ["tag_thread", "untag_thread"]


@handles(
    TagThread,
    rules=(
        documented("Case matters; tag and thread share a group."),
        assumed(
            "`not_found` is the error for a tag that is not there, `validation` for one "
            "that shares no group; a tag of group 0 fits every thread."
        ),
        assumed("Tagging twice changes nothing."),
    ),
)
def tag_thread(world: World, requester: Requester, action: TagThread) -> None:
    """Tag a thread."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    tags.add(world, chat, thread, action.tag, requester)


@handles(
    UntagThread,
    rules=(assumed("Taking away a tag that the thread does not have changes nothing."),),
)
def untag_thread(world: World, requester: Requester, action: UntagThread) -> None:
    """Take a tag from a thread."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    tags.remove(world, chat, thread, action.tag, requester)
