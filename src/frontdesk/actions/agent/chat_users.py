"""Chat users: add, remove."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from frontdesk.errors import InvalidArgument
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Maybe

__all__ = ["AddUserToChat", "RemoveUserFromChat"]

WRITE = any_of("chats--all:rw", "chats--access:rw")


class AddUserToChat(Action[None], frozen=True, kw_only=True):
    """Add an agent or the customer to an active chat; a chat has at most one customer."""

    spec: ClassVar[Spec] = Spec(
        name="add_user_to_chat",
        errors=("ChatInactive", "UsersLimitReached", "NotFound", "MissingAccess"),
        group="chat_users",
        scopes=WRITE,
        push=("user_added_to_chat",),
        webhook=("user_added_to_chat",),
    )
    chat_id: Annotated[Id, Meta(description="The chat to add to.")]
    user_id: Annotated[Id, Meta(description="The user to add.")]
    user_type: Annotated[Literal["agent", "customer"], Meta(description="Type of the user.")]
    visibility: Annotated[
        Literal["all", "agents"],
        Meta(description="Who sees the user; a customer can only be added with `all`."),
    ]
    ignore_requester_presence: Annotated[
        Maybe[bool],
        Meta(description="True allows it to a requester who is not a user of the chat."),
    ] = NOT_SENT

    def _rules(self) -> None:
        if self.user_type == "customer" and self.visibility != "all":
            raise InvalidArgument("visibility", "must be `all` for a customer")


class RemoveUserFromChat(Action[None], frozen=True, kw_only=True):
    """Remove an agent from a chat; the customer cannot be removed."""

    spec: ClassVar[Spec] = Spec(
        name="remove_user_from_chat",
        errors=("NotFound", "MissingAccess"),
        group="chat_users",
        scopes=WRITE,
        push=("user_removed_from_chat",),
        webhook=("user_removed_from_chat",),
    )
    chat_id: Annotated[Id, Meta(description="The chat to remove from.")]
    user_id: Annotated[Id, Meta(description="The agent to remove.")]
    user_type: Annotated[Literal["agent"], Meta(description="Type of the user: `agent`.")]
    ignore_requester_presence: Annotated[
        Maybe[bool],
        Meta(description="True allows it to a requester who is not a user of the chat."),
    ] = NOT_SENT
