"""Summaries and transcripts of threads."""

from frontdesk.actions import GetThreadTranscript, RequestThreadSummary
from frontdesk.errors import MissingAccess
from frontdesk.models import ThreadTranscript
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import PYTHON_SDK, assumed, documented, seen
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import summaries, transcripts, views
from frontdesk.sandbox.world.world import World

__all__ = ["get_thread_transcript", "request_thread_summary"]


@handles(
    RequestThreadSummary,
    rules=(
        documented(
            "The summary comes later: as `thread_summary_set` and in `thread.summary` "
            "once for an inactive thread, as a `system` event in an active one; a failure"
            " is `incoming_error`."
        ),
        assumed(
            "It takes 2 seconds of the sandbox's clock; its text counts and quotes "
            "messages, without any language model."
        ),
        assumed(
            "A thread without messages fails; the event of an active thread is for agents only."
        ),
    ),
)
def request_thread_summary(
    world: World, requester: Requester, action: RequestThreadSummary
) -> None:
    """Have a thread summarised in a while."""
    chat = access.any_chat(world, action.chat_id)
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    summaries.request(world, thread, requested_by=requester.id)


@handles(
    GetThreadTranscript,
    rules=(
        seen(
            "The method is there since 3.6, over Web and RTM; the docs do not have it.",
            PYTHON_SDK,
        ),
        assumed(
            "The response has the field `transcript`: what a customer saw, a line for each event."
        ),
        assumed(
            "A scope to read chats is needed; a thread that the plan hides is `missing_access`."
        ),
    ),
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
