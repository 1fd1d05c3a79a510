"""Summaries of threads."""

from frontdesk.actions import RequestThreadSummary
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import summaries
from frontdesk.sandbox.world.world import World

__all__ = ["request_thread_summary"]


@handles(
    RequestThreadSummary,
    fidelity="assumed",
    note=f"Assumed: a summary takes {summaries.SECONDS} seconds of the sandbox's clock; its text "
    "counts and quotes messages, without any language model; a thread without messages fails "
    "(push `incoming_error`); asking again for a summarised inactive thread does nothing; the "
    "event of an active thread is for agents only.",
)
def request_thread_summary(
    world: World, requester: Requester, action: RequestThreadSummary
) -> None:
    """Have a thread summarised in a while."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    summaries.ask(world, thread, requested_by=requester.id)
