"""Summaries and transcripts of threads."""

from frontdesk.actions import GetThreadTranscript, RequestThreadSummary
from frontdesk.errors import MissingAccess
from frontdesk.models import ThreadTranscript
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import summaries, transcripts, views
from frontdesk.sandbox.world.world import World

__all__ = ["get_thread_transcript", "request_thread_summary"]


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


@handles(
    GetThreadTranscript,
    fidelity="assumed",
    note="Not in the docs; LiveChat's SDK for Python calls it. Assumed: the response has the "
    "field `transcript`, with what a customer saw, a line for each event; a thread that the plan "
    "hides is `missing_access`.",
)
def get_thread_transcript(
    world: World, requester: Requester, action: GetThreadTranscript
) -> ThreadTranscript:
    """Return the transcript of a thread."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "ro")
    hidden = views.restriction(world, thread)
    if hidden is not None:
        raise MissingAccess(f"`thread_id`: {hidden}")
    return ThreadTranscript(transcript=transcripts.text(world, thread))
