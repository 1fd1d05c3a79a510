"""Indicators: typing, thinking."""

from msgspec import UNSET, UnsetType

from frontdesk.actions import SendThinkingIndicator, SendTypingIndicator
from frontdesk.errors import ValidationError
from frontdesk.models import TypingIndicator
from frontdesk.pushes import IncomingThinkingIndicator, IncomingTypingIndicator
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import PUSHES, assumed, documented
from frontdesk.sandbox.store.records import ChatUser
from frontdesk.sandbox.world import access, recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import chat_users
from frontdesk.sandbox.world.world import World

__all__ = ["send_thinking_indicator", "send_typing_indicator"]


def _shown_to(user: ChatUser, asked: str | UnsetType) -> str:
    """Who sees an indicator; somebody who is there for agents only shows none to all."""
    visibility = "all" if asked is UNSET else asked
    if user.visibility == "agents" and visibility == "all":
        raise ValidationError(
            "`visibility` must be `agents`: the requester is in the chat for agents only"
        )
    return visibility


@handles(
    SendThinkingIndicator,
    rules=(
        documented("The push is `incoming_thinking_indicator`."),
        assumed("`authorization` is the error for a requester who is not in the chat."),
        assumed("`chat_inactive` is the error without an active thread."),
    ),
)
def send_thinking_indicator(
    world: World, requester: Requester, action: SendThinkingIndicator
) -> None:
    """Push that the requester prepares a response."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = access.active_thread(chat)
    visibility = _shown_to(chat_users.require_present(chat, requester), action.visibility)
    world.push(
        IncomingThinkingIndicator(
            chat_id=chat.id,
            thread_id=last.id,
            author_id=requester.id,
            sent_at=world.clock.now(),
            title=None if action.title is UNSET else action.title,
            description=None if action.description is UNSET else action.description,
            custom_id=None if action.custom_id is UNSET else action.custom_id,
        ),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        to_customer=visibility == "all",
        actor=requester,
    )


@handles(
    SendTypingIndicator,
    rules=(
        documented(
            "Agents get `incoming_typing_indicator`.",
            PUSHES,
        ),
        assumed("They do although the page of the method says that there is no push."),
        assumed("`authorization` is the error for a requester who is not in the chat."),
        assumed("`chat_inactive` is the error without an active thread."),
    ),
)
def send_typing_indicator(world: World, requester: Requester, action: SendTypingIndicator) -> None:
    """Push that the requester types or has stopped."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = access.active_thread(chat)
    visibility = _shown_to(chat_users.require_present(chat, requester), action.visibility)
    world.push(
        IncomingTypingIndicator(
            chat_id=chat.id,
            thread_id=last.id,
            typing_indicator=TypingIndicator(
                author_id=requester.id,
                is_typing=action.is_typing,
                visibility=visibility,
                timestamp=world.clock.peek() // 1_000_000,
            ),
        ),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        to_customer=visibility == "all",
        actor=requester,
    )
