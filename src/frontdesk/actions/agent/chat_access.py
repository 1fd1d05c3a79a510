"""Access to chats: transfer a chat, list the agents who can take it."""

from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.models import AgentForTransfer, Target
from frontdesk.spec.actions import Action, Spec, any_of, no_scope
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = ["ListAgentsForTransfer", "TransferChat"]


class TransferChat(Action[None], frozen=True, kw_only=True):
    """Transfer an active chat to groups or agents, or within its group.

    With `chats--access:rw`, the requester and the chat must share a group.
    """

    spec: ClassVar[Spec] = Spec(
        name="transfer_chat",
        errors=("ChatInactive", "AgentOffline", "NotFound", "MissingAccess"),
        group="chat_access",
        scopes=any_of("chats--all:rw", "chats--access:rw"),
        push=("chat_transferred",),
        webhook=("chat_transferred",),
    )
    id: Annotated[Id, Meta(description="The chat to transfer.")]
    target: Annotated[
        MaybeFrom[Target, Target | Dict],
        Meta(description="Groups or agents; defaults to another agent of the current group."),
    ] = NOT_SENT
    ignore_agents_availability: Annotated[
        Maybe[bool],
        Meta(
            description="True: the chat may end up queued; false: the call fails when "
            "nobody can take the chat at once."
        ),
    ] = NOT_SENT
    ignore_requester_presence: Annotated[
        Maybe[bool],
        Meta(description="True allows it to a requester who is not a user of the chat."),
    ] = NOT_SENT


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
