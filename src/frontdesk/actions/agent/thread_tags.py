"""Tags of threads."""

from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id

__all__ = ["TagThread", "UntagThread"]

WRITE = any_of("chats--all:rw", "chats--access:rw")


class TagThread(Action[None], frozen=True, kw_only=True):
    """Tag a thread; the tag and the thread must share a group."""

    spec: ClassVar[Spec] = Spec(
        name="tag_thread",
        errors=("NotFound", "MissingAccess"),
        group="thread_tags",
        scopes=WRITE,
        repeatable=True,
        push=("thread_tagged",),
        webhook=("thread_tagged",),
    )
    chat_id: Annotated[Id, Meta(description="The chat of the thread.")]
    thread_id: Annotated[Id, Meta(description="The thread to tag.")]
    tag: Annotated[Id, Meta(description="Name of the tag; case matters.")]


class UntagThread(Action[None], frozen=True, kw_only=True):
    """Take a tag from a thread."""

    spec: ClassVar[Spec] = Spec(
        name="untag_thread",
        errors=("NotFound", "MissingAccess"),
        group="thread_tags",
        scopes=WRITE,
        repeatable=True,
        push=("thread_untagged",),
        webhook=("thread_untagged",),
    )
    chat_id: Annotated[Id, Meta(description="The chat of the thread.")]
    thread_id: Annotated[Id, Meta(description="The thread to take the tag from.")]
    tag: Annotated[Id, Meta(description="Name of the tag; case matters.")]
