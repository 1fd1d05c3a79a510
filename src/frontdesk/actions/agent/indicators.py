"""Indicators: typing, and preparing a response."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Maybe

__all__ = ["SendThinkingIndicator", "SendTypingIndicator"]

WRITE = any_of("chats--all:rw", "chats--access:rw")
Visibility = Annotated[
    Maybe[Literal["all", "agents"]],
    Meta(description="Who sees it, `all` or `agents`; defaults to `all`."),
]


class SendTypingIndicator(Action[None], frozen=True, kw_only=True):
    """Show that the requester is typing, or has stopped; nothing is stored."""

    spec: ClassVar[Spec] = Spec(
        name="send_typing_indicator",
        errors=("ChatInactive", "NotFound", "MissingAccess"),
        group="other",
        scopes=WRITE,
        repeatable=True,
        push=("incoming_typing_indicator",),
    )
    chat_id: Annotated[Id, Meta(description="The chat.")]
    is_typing: Annotated[bool, Meta(description="True: typing; false: stopped.")]
    visibility: Visibility = NOT_SENT


class SendThinkingIndicator(Action[None], frozen=True, kw_only=True):
    """Show that a response is being prepared; nothing is stored."""

    spec: ClassVar[Spec] = Spec(
        name="send_thinking_indicator",
        errors=("ChatInactive", "NotFound", "MissingAccess"),
        group="other",
        scopes=WRITE,
        repeatable=True,
        push=("incoming_thinking_indicator",),
        since=(3, 6),
    )
    chat_id: Annotated[Id, Meta(description="The chat.")]
    title: Annotated[Maybe[str], Meta(description="Title to show.")] = NOT_SENT
    description: Annotated[Maybe[str], Meta(description="Description to show.")] = NOT_SENT
    visibility: Visibility = NOT_SENT
    custom_id: Annotated[Maybe[str], Meta(description="Id of your own, echoed in the push.")] = (
        NOT_SENT
    )
