"""Seen events, indicators, multicast, transfer candidates, thread summaries."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from frontdesk.models import AgentForTransfer, MulticastRecipients
from frontdesk.spec.actions import Action, Spec, any_of, no_scope
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe

__all__ = [
    "ListAgentsForTransfer",
    "MarkEventsAsSeen",
    "Multicast",
    "RequestThreadSummary",
    "SendThinkingIndicator",
    "SendTypingIndicator",
]

READ = any_of("chats--all:ro", "chats--access:ro")
WRITE = any_of("chats--all:rw", "chats--access:rw")
Visibility = Annotated[
    Maybe[Literal["all", "agents"]],
    Meta(description="Who sees it, `all` or `agents`; defaults to `all`."),
]


class MarkEventsAsSeen(Action[None], frozen=True, kw_only=True):
    """Mark the events of a chat up to a time as seen by the requester."""

    spec: ClassVar[Spec] = Spec(
        name="mark_events_as_seen",
        errors=("NotFound", "MissingAccess"),
        group="other",
        scopes=READ,
        repeatable=True,
        push=("events_marked_as_seen",),
        webhook=("events_marked_as_seen",),
    )
    chat_id: Annotated[Id, Meta(description="The chat.")]
    seen_up_to: Annotated[
        datetime, Meta(tz=True, description="The time, with a time zone; microseconds count.")
    ]


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


class Multicast(Action[None], frozen=True, kw_only=True):
    """Send a message to agents outside any chat; nothing is stored."""

    spec: ClassVar[Spec] = Spec(
        name="multicast",
        group="other",
        scopes=any_of("multicast:rw"),
        push=("incoming_multicast",),
    )
    recipients: Annotated[
        From[MulticastRecipients, MulticastRecipients | Dict],
        Meta(description="All agents, agents by id, or agents of groups."),
    ]
    content: Annotated[Any, Meta(description="Any value that fits into JSON.")]
    type: Annotated[Maybe[str], Meta(description="Type of the message, of your own.")] = NOT_SENT


class ListAgentsForTransfer(Action[list[AgentForTransfer]], frozen=True, kw_only=True):
    """List the agents that a chat can be transferred to, those with the fewest chats first."""

    spec: ClassVar[Spec] = Spec(
        name="list_agents_for_transfer",
        errors=("NotFound", "MissingAccess"),
        group="other",
        returns=list[AgentForTransfer],
        scopes=no_scope,
        repeatable=True,
    )
    chat_id: Annotated[Id, Meta(description="The chat.")]


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
