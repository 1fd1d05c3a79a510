"""AI summaries of threads."""

from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id

__all__ = ["RequestThreadSummary"]

WRITE = any_of("chats--all:rw", "chats--access:rw")


class RequestThreadSummary(Action[None], frozen=True, kw_only=True):
    """Ask for an AI summary of a thread; it arrives later as a push and as an event or field.

    An inactive thread is summarised once at the most.
    """

    spec: ClassVar[Spec] = Spec(
        name="request_thread_summary",
        errors=("NotFound", "MissingAccess"),
        group="other",
        scopes=WRITE,
        push=("thread_summary_set",),
        webhook=("thread_summary_set",),
        since=(3, 6),
    )
    chat_id: Annotated[Id, Meta(description="The chat of the thread.")]
    thread_id: Annotated[Id, Meta(description="The thread to summarise.")]
