"""Transcripts of threads."""

from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.models import ThreadTranscript
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id

__all__ = ["GetThreadTranscript"]


class GetThreadTranscript(Action[ThreadTranscript], frozen=True, kw_only=True):
    """Get the transcript of a thread as plain text.

    LiveChat's docs do not have it; its SDK for Python calls it since 0.4.2.
    """

    spec: ClassVar[Spec] = Spec(
        name="get_thread_transcript",
        errors=("NotFound", "MissingAccess"),
        group="other",
        returns=ThreadTranscript,
        scopes=any_of("chats--all:ro", "chats--access:ro"),
        repeatable=True,
        since=(3, 6),
        documented=False,
        text="transcript",
    )
    chat_id: Annotated[Id, Meta(description="The chat of the thread.")]
    thread_id: Annotated[Id, Meta(description="The thread.")]
